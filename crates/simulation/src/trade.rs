//! Executes a trade to the desired weights and pays for it.

use corridor_core::numerics::reciprocal_near;

use crate::cost::{CostConvention, CostModel};
use crate::policy::band::NEGLIGIBLE;

/// Result of a trade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Executed {
    /// Wealth after the trade and its cost, in currency.
    pub wealth: f64,
    /// Value traded, buys and sells, in currency.
    pub traded: f64,
}

/// Largest number of passes of Newton's method. It is monotone and changes a sign at each pass, so
/// it ends long before.
pub(crate) const PASSES: usize = 2 * corridor_core::lanes::ASSETS_MAX;

/// Trades `holdings`, worth `wealth` together, to the weights `desired`; `None`, and no trade,
/// where the cost would leave nothing.
///
/// `multiplier` scales the proportional costs.
pub fn execute(
    costs: &CostModel,
    multiplier: f64,
    desired: &[f64],
    wealth: f64,
    holdings: &mut [f64],
) -> Option<Executed> {
    let after = match costs.convention {
        CostConvention::Exact => solve_exact(costs, multiplier, desired, wealth, holdings)?,
        CostConvention::Pre => {
            let mut cost = 0.0;
            for i in 0..desired.len() {
                cost += costs.one_way[i] * multiplier * (desired[i] * wealth - holdings[i]).abs();
            }
            wealth - cost - fees(costs, desired, wealth, holdings)
        }
    };
    if after <= 0.0 {
        return None;
    }
    let sized_on = match costs.convention {
        CostConvention::Exact => after,
        CostConvention::Pre => wealth,
    };
    let mut traded = 0.0;
    for i in 0..desired.len() {
        traded += (desired[i] * sized_on - holdings[i]).abs();
        holdings[i] = desired[i] * after;
    }
    Some(Executed { wealth: after, traded })
}

/// Solves `V+ = V - F legs - sum_i c_i |g_i V+ - h_i|` for the wealth `V+` after the trade, by
/// Newton's method on the signs of the trades, from `V+ = V`.
///
/// With the signs fixed the equation is linear. The function is convex and piecewise linear, so the
/// iteration is monotone, and it has converged when no sign and no leg changes.
fn solve_exact(
    costs: &CostModel,
    multiplier: f64,
    desired: &[f64],
    wealth: f64,
    holdings: &[f64],
) -> Option<f64> {
    if wealth <= fees(costs, desired, wealth, holdings) {
        return None;
    }
    let mut x = wealth;
    for _ in 0..PASSES {
        let (mut numerator, mut denominator) = (wealth - fees(costs, desired, x, holdings), 1.0);
        for i in 0..desired.len() {
            let signed = (costs.one_way[i] * multiplier).copysign(desired[i] * x - holdings[i]);
            numerator += signed * holdings[i];
            denominator += signed * desired[i];
        }
        let next = numerator * reciprocal_near(denominator, 1.0);
        let same = (0..desired.len()).all(|i| same_sign(desired[i], x, next, holdings[i]))
            && fees(costs, desired, x, holdings) == fees(costs, desired, next, holdings);
        x = next;
        if same {
            break;
        }
    }
    Some(x)
}

/// Tells whether an asset is bought at both sizes of the portfolio, or sold at both.
#[inline(always)]
fn same_sign(desired: f64, before: f64, after: f64, holding: f64) -> bool {
    (desired * before - holding).is_sign_negative()
        == (desired * after - holding).is_sign_negative()
}

/// Returns the fixed fees of a trade: one for each asset that is traded.
fn fees(costs: &CostModel, desired: &[f64], wealth: f64, holdings: &[f64]) -> f64 {
    if costs.fixed_fee == 0.0 {
        return 0.0;
    }
    let legs = (0..desired.len())
        .filter(|&i| (desired[i] * wealth - holdings[i]).abs() > NEGLIGIBLE * wealth)
        .count();
    costs.fixed_fee * legs as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn costs(one_way: Vec<f64>, fixed_fee: f64, convention: CostConvention) -> CostModel {
        CostModel {
            one_way,
            fixed_fee,
            spread_multiplier: Vec::new(),
            convention,
            charge_flows: true,
            charge_initial_purchase: false,
        }
    }

    proptest! {
        /// The self-financing identity holds to rounding, whatever the costs, and the weights are
        /// the desired ones exactly.
        #[test]
        fn exact_trades_pay_for_themselves(
            h in prop::collection::vec(0.0..1e6f64, 4),
            g in prop::collection::vec(0.01..1.0f64, 4),
            c in prop::collection::vec(0.0..0.3f64, 4),
            fee in prop_oneof![Just(0.0), 0.1..100.0f64],
        ) {
            let total: f64 = g.iter().sum();
            let g: Vec<f64> = g.iter().map(|x| x / total).collect();
            let wealth: f64 = h.iter().sum();
            let model = costs(c.clone(), fee, CostConvention::Exact);
            let mut after = h.clone();
            let Some(done) = execute(&model, 1.5, &g, wealth, &mut after) else {
                prop_assert!(wealth < 1e3, "a trade of {wealth} was refused");
                return Ok(());
            };
            let trades: Vec<f64> = (0..4).map(|i| after[i] - h[i]).collect();
            let legs = trades.iter().filter(|t| **t != 0.0).count() as f64;
            let paid: f64 = (0..4).map(|i| 1.5 * c[i] * trades[i].abs()).sum::<f64>() + fee * legs;
            prop_assert!(
                (wealth - paid - done.wealth).abs() <= 1e-14 * wealth + 1e-9 * fee,
                "{} {}",
                wealth - paid,
                done.wealth,
            );
            prop_assert!((0..4).all(|i| after[i] == g[i] * done.wealth));
        }

        #[test]
        fn cost_is_monotone_in_the_rate(
            w in 0.1..0.9f64,
            low in 0.0..0.01f64,
            more in 0.0..0.01f64,
        ) {
            let pay = |c: f64, convention| {
                let mut h = [w * 1e5, (1.0 - w) * 1e5];
                execute(
                    &costs(vec![c; 2], 0.0, convention),
                    1.0,
                    &[0.5, 0.5],
                    1e5,
                    &mut h,
                ).map(|e| e.wealth)
            };
            for convention in [CostConvention::Exact, CostConvention::Pre] {
                prop_assert!(pay(low + more, convention) <= pay(low, convention));
            }
        }
    }

    #[test]
    fn a_trade_that_fees_would_eat_is_skipped() {
        let mut h = [60.0, 40.0];
        assert_eq!(
            execute(
                &costs(vec![0.0; 2], 50.0, CostConvention::Exact),
                1.0,
                &[0.5, 0.5],
                100.0,
                &mut h
            ),
            None
        );
        assert_eq!(h, [60.0, 40.0]);
        let done = execute(
            &costs(vec![0.0; 2], 49.0, CostConvention::Pre),
            1.0,
            &[0.5, 0.5],
            100.0,
            &mut h,
        )
        .expect("2 left");
        assert_eq!(done.wealth, 2.0);
    }
}
