//! Routes a cash flow to the assets that are furthest from their targets.
//!
//! Shortfalls and excesses are measured at the wealth after the flow, before its cost. The largest
//! is closed first, then the next, until the whole amount is spent or raised.

use corridor_core::lanes::ASSETS_MAX;

use crate::cost::FlowCosts;

/// Spends `amount` on the assets that are most below their targets; returns the value bought.
pub(crate) fn buy_most_below(
    amount: f64,
    target: &[f64],
    holdings: &mut [f64],
    wealth: f64,
    costs: &FlowCosts<'_>,
) -> f64 {
    let mut shortfall = [0.0; ASSETS_MAX];
    for i in 0..holdings.len() {
        shortfall[i] = target[i] * (wealth + amount) - holdings[i];
    }
    let (mut left, mut invested) = (amount, 0.0);
    for turn in 0..holdings.len() {
        let i = largest(&shortfall[..holdings.len()]);
        // Shortfalls add up to the amount or more; a remainder of rounding goes to the last asset.
        let spent = if shortfall[i] < left && turn + 1 < holdings.len() {
            positive(shortfall[i])
        } else {
            left
        };
        let value = costs.convention.bought(spent, costs.rate(i));
        holdings[i] += value;
        invested += value;
        left -= spent;
        shortfall[i] = f64::NEG_INFINITY;
    }
    invested
}

/// Raises `amount` by selling the assets that are most above their targets, down to the targets;
/// returns the value sold.
///
/// Where costs leave some of the amount to be raised, it sells below the targets, again the assets
/// that are most above or least below them first. The holdings must be worth enough.
pub(crate) fn sell_most_above(
    amount: f64,
    target: &[f64],
    holdings: &mut [f64],
    wealth: f64,
    costs: &FlowCosts<'_>,
) -> f64 {
    let (mut left, mut drawn) = (amount, 0.0);
    for down_to_target in [true, false] {
        let mut excess = [0.0; ASSETS_MAX];
        for i in 0..holdings.len() {
            excess[i] = holdings[i] - target[i] * (wealth - amount);
        }
        for _ in 0..holdings.len() {
            let i = largest(&excess[..holdings.len()]);
            let all = costs.convention.raised(holdings[i], costs.rate(i));
            let most = if down_to_target && excess[i] < all { positive(excess[i]) } else { all };
            let raised = if most < left { most } else { left };
            let value = costs.convention.sold(raised, costs.rate(i));
            let value = if value < holdings[i] { value } else { holdings[i] };
            holdings[i] -= value;
            drawn += value;
            left -= raised;
            excess[i] = f64::NEG_INFINITY;
        }
    }
    drawn
}

/// Returns the total of holdings that were changed one by one.
pub(crate) fn total(holdings: &[f64]) -> f64 {
    holdings.iter().fold(0.0, |sum, holding| sum + holding)
}

fn positive(value: f64) -> f64 {
    if value > 0.0 { value } else { 0.0 }
}

/// Returns the index of the largest value; the first one if several are largest.
fn largest(values: &[f64]) -> usize {
    let mut largest = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[largest] {
            largest = i;
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::CostConvention;

    const FREE: FlowCosts<'static> =
        FlowCosts { one_way: &[0.0; 3], multiplier: 1.0, convention: CostConvention::Exact };

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
        let costs = FlowCosts {
            one_way: &[0.01, 0.01, 0.01],
            multiplier: 2.0,
            convention: CostConvention::Exact,
        };
        let mut holdings = [70.0, 30.0, 0.0];
        let drawn = sell_most_above(69.0, &[0.0, 1.0, 0.0], &mut holdings, 100.0, &costs);
        assert!((drawn * 0.98 - 69.0).abs() < 1e-12, "{drawn}");
        assert!(
            holdings.iter().all(|holding| *holding >= 0.0)
                && (holdings.iter().sum::<f64>() - (100.0 - drawn)).abs() < 1e-12
        );
        assert_eq!(holdings[0], 0.0);
    }
}
