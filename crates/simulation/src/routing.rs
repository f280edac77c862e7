//! Routes a flow to the assets that are furthest from their targets.
//!
//! Shortfalls and excesses are measured at the wealth after the flow, before its cost. The largest
//! is served first, until the money spent or raised there is all of it; then the next.

use corridor_core::lanes::ASSETS_MAX;

use crate::book::{bought, sold};
use crate::cost::CostConvention;

/// What flows pay for: one-way rates of each asset, and how they are applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fees<'a> {
    pub rates: &'a [f64],
    pub multiplier: f64,
    pub convention: CostConvention,
}

impl Fees<'_> {
    fn rate(&self, i: usize) -> f64 {
        self.rates[i] * self.multiplier
    }
}

/// Buys for `amount` what is most below its target; returns the value bought.
pub(crate) fn buy_most_below(
    amount: f64,
    target: &[f64],
    holdings: &mut [f64],
    wealth: f64,
    fees: &Fees<'_>,
) -> f64 {
    let mut shortfall = [0.0; ASSETS_MAX];
    for i in 0..holdings.len() {
        shortfall[i] = target[i] * (wealth + amount) - holdings[i];
    }
    let (mut left, mut invested) = (amount, 0.0);
    for turn in 0..holdings.len() {
        let i = largest(&shortfall[..holdings.len()]);
        // Shortfalls add up to the amount or more; what rounding leaves over goes to the last.
        let spent = if shortfall[i] < left && turn + 1 < holdings.len() {
            positive(shortfall[i])
        } else {
            left
        };
        let value = bought(fees.convention, spent, fees.rate(i));
        holdings[i] += value;
        invested += value;
        left -= spent;
        shortfall[i] = f64::NEG_INFINITY;
    }
    invested
}

/// Raises `amount` by selling what is most above its target, then, where costs leave some to be
/// raised, what is nearest to that; returns the value sold. The holdings can pay it.
pub(crate) fn sell_most_above(
    amount: f64,
    target: &[f64],
    holdings: &mut [f64],
    wealth: f64,
    fees: &Fees<'_>,
) -> f64 {
    let (mut left, mut drawn) = (amount, 0.0);
    for down_to_target in [true, false] {
        let mut excess = [0.0; ASSETS_MAX];
        for i in 0..holdings.len() {
            excess[i] = holdings[i] - target[i] * (wealth - amount);
        }
        for _ in 0..holdings.len() {
            let i = largest(&excess[..holdings.len()]);
            let all = raised(fees.convention, holdings[i], fees.rate(i));
            let most = if down_to_target && excess[i] < all { positive(excess[i]) } else { all };
            let raised = if most < left { most } else { left };
            let value = sold(fees.convention, raised, fees.rate(i));
            let value = if value < holdings[i] { value } else { holdings[i] };
            holdings[i] -= value;
            drawn += value;
            left -= raised;
            excess[i] = f64::NEG_INFINITY;
        }
    }
    drawn
}

/// The wealth of holdings that were moved one by one.
pub(crate) fn total(holdings: &[f64]) -> f64 {
    holdings.iter().fold(0.0, |sum, holding| sum + holding)
}

/// What selling `value` raises: the inverse of [`sold`].
fn raised(convention: CostConvention, value: f64, rate: f64) -> f64 {
    match convention {
        CostConvention::Exact => value * (1.0 - rate),
        CostConvention::Pre => value / (1.0 + rate),
    }
}

fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

/// The first of the largest.
fn largest(values: &[f64]) -> usize {
    let mut place = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[place] {
            place = i;
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Fees<'static> =
        Fees { rates: &[0.0; 3], multiplier: 1.0, convention: CostConvention::Exact };

    #[test]
    fn money_goes_to_what_is_most_below_its_target_first() {
        let mut holdings = [50.0, 20.0, 30.0];
        let target = [0.5, 0.3, 0.2];
        assert_eq!(buy_most_below(5.0, &target, &mut holdings, 100.0, &FREE), 5.0);
        assert_eq!(holdings, [50.0, 25.0, 30.0]);
        let mut holdings = [50.0, 20.0, 30.0];
        buy_most_below(50.0, &target, &mut holdings, 100.0, &FREE);
        assert_eq!(holdings, [75.0, 45.0, 30.0]);
    }

    #[test]
    fn money_is_taken_from_what_is_most_above_its_target_first() {
        let target = [0.5, 0.3, 0.2];
        let mut holdings = [50.0, 20.0, 30.0];
        assert_eq!(sell_most_above(5.0, &target, &mut holdings, 100.0, &FREE), 5.0);
        assert_eq!(holdings, [50.0, 20.0, 25.0]);
    }

    #[test]
    fn costs_are_raised_as_well_and_no_holding_is_oversold() {
        let fees =
            Fees { rates: &[0.01, 0.01, 0.01], multiplier: 2.0, convention: CostConvention::Exact };
        let mut holdings = [70.0, 30.0, 0.0];
        let drawn = sell_most_above(69.0, &[0.0, 1.0, 0.0], &mut holdings, 100.0, &fees);
        assert!((drawn * 0.98 - 69.0).abs() < 1e-12, "{drawn}");
        assert!(
            holdings.iter().all(|holding| *holding >= 0.0)
                && (holdings.iter().sum::<f64>() - (100.0 - drawn)).abs() < 1e-12
        );
        assert_eq!(holdings[0], 0.0);
    }
}
