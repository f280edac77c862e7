//! Sums what a policy held, paid and earned in one regime of one path.

use corridor_core::numerics::ln;

/// Totals of one policy on one path over the steps in one regime.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RegimeTotals {
    /// Steps in the regime while the account was alive.
    pub steps: f64,
    /// Sum over these steps of the weight of the growth assets held.
    pub growth_weight: f64,
    /// Sum of one-way turnover, as a fraction of wealth.
    pub turnover: f64,
    /// Sum of costs and fees, as a fraction of wealth.
    pub cost: f64,
    /// Log growth of the unit value, after costs.
    pub log_growth: f64,
}

/// A step of one policy on one path, while the account is alive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegimeStep {
    /// Weight of the growth assets held over the step.
    pub growth_weight: f64,
    /// Balance after the step's trades and costs, in currency.
    pub wealth: f64,
    /// Costs and fees of the step, in currency.
    pub cost: f64,
    /// Sum of the absolute trades of the step, in currency.
    pub traded: f64,
    /// Unit value at the start of the step.
    pub unit_before: f64,
    /// Unit value at its end.
    pub unit: f64,
}

impl RegimeTotals {
    /// Adds a step in this regime. A step that empties the account counts as time only.
    pub fn add(&mut self, step: RegimeStep) {
        let before = step.wealth + step.cost;
        self.steps += 1.0;
        self.growth_weight += step.growth_weight;
        if before > 0.0 && step.wealth > 0.0 {
            self.turnover += 0.5 * step.traded / before;
            self.cost += step.cost / before;
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
    fn a_step_adds_rates_of_wealth_before_costs_and_ruin_adds_time_only() {
        let step = RegimeStep {
            growth_weight: 0.6,
            wealth: 99.0,
            cost: 1.0,
            traded: 40.0,
            unit_before: 1.0,
            unit: 1.1,
        };
        let mut totals = RegimeTotals::default();
        totals.add(step);
        assert_eq!((totals.turnover, totals.cost), (0.2, 0.01));
        assert!((totals.log_growth - ln(1.1)).abs() < 1e-15);
        assert_eq!(totals.gross(), totals.log_growth + 0.01);
        totals.add(RegimeStep { wealth: 0.0, ..step });
        assert_eq!((totals.steps, totals.growth_weight, totals.cost), (2.0, 1.2, 0.01));
    }
}
