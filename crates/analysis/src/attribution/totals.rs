//! Sums what a policy held, paid and earned in one regime of one path.

use corridor_core::numerics::ln;

/// Totals of one policy on one path over the steps in one regime.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RegimeTotals {
    /// Steps in the regime while the account was alive.
    pub steps: f64,
    /// Sum over these steps of the weight of the growth assets held.
    pub growth_weight: f64,
    /// Sum of one-way turnover, each trade a fraction of the wealth before it.
    pub turnover: f64,
    /// Sum of costs and fees, each a fraction of the wealth before it.
    pub cost: f64,
    /// Log growth of the unit value, after costs.
    pub log_growth: f64,
}

/// A step of one policy on one path, while the account is alive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegimeStep {
    /// Weight of the growth assets held over the step.
    pub growth_weight: f64,
    /// Whether the account is empty after the step.
    pub is_emptied: bool,
    /// One-way turnover, a fraction of the wealth before the trade.
    pub turnover: f64,
    /// Costs and fees, each as a fraction of the wealth that it was paid from.
    pub cost: f64,
    /// Unit value at the start of the step.
    pub unit_before: f64,
    /// Unit value at its end.
    pub unit: f64,
}

impl RegimeTotals {
    /// Adds a step in this regime. A step that empties the account counts as time only.
    pub fn add(&mut self, step: RegimeStep) {
        self.steps += 1.0;
        self.growth_weight += step.growth_weight;
        if !step.is_emptied {
            self.turnover += step.turnover;
            self.cost += step.cost;
            self.log_growth += ln(step.unit / step.unit_before);
        }
    }

    /// Returns the log growth before costs.
    #[must_use]
    pub fn gross(&self) -> f64 {
        self.log_growth + self.cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_adds_its_rates_and_ruin_adds_time_only() {
        let step = RegimeStep {
            growth_weight: 0.6,
            is_emptied: false,
            turnover: 0.2,
            cost: 0.01,
            unit_before: 1.0,
            unit: 1.1,
        };
        let mut totals = RegimeTotals::default();
        totals.add(step);
        assert_eq!((totals.turnover, totals.cost), (0.2, 0.01));
        assert!((totals.log_growth - ln(1.1)).abs() < 1e-15);
        assert_eq!(totals.gross(), totals.log_growth + 0.01);
        totals.add(RegimeStep { is_emptied: true, ..step });
        assert_eq!((totals.steps, totals.growth_weight, totals.cost), (2.0, 1.2, 0.01));
    }
}
