//! Builds the rows of `fact_regime`: what each policy held, paid and earned in each true regime.

use corridor_core::outcome::PolicyId;
use corridor_tables::RegimeRow;

use super::counterpart::ComparedPolicies;
use super::market::{BPS, FollowedMarket};
use super::totals::RegimeTotals;
use crate::by_path::{Fraction, ratio};
use crate::estimate::Estimate;

/// Builds the rows of the policy with index `place` in a market, one for each regime in order.
///
/// Rates are per year spent in the regime: ratios of sums over paths. Contributions are per year of
/// the whole path.
#[must_use]
pub fn regime_rows(
    market: &FollowedMarket<'_>,
    study: &ComparedPolicies<'_>,
    place: usize,
) -> Vec<RegimeRow> {
    let policy = market.policies[place];
    let baseline = study.baseline_of(policy.policy_id);
    let other = baseline.and_then(|baseline| market.place_of(place, baseline));
    let row = |regime: usize| {
        let rates = Rates::of(market, study.replicate_paths, place, regime);
        let contribution = market
            .annual_bps(study.replicate_paths, Some(regime), |path, r| path[place][r].log_growth);
        let difference = other.map(|other| {
            market.annual_bps(study.replicate_paths, Some(regime), |path, r| {
                path[place][r].log_growth - path[other][r].log_growth
            })
        });
        RegimeRow {
            scenario_id: policy.scenario_id.number(),
            policy_id: policy.policy_id.number(),
            regime_id: regime as i32,
            time_frac: rates.time.value.unwrap_or(0.0),
            growth_weight_frac: rates.weight.value,
            growth_weight_std_error: rates.weight.std_error,
            turnover_one_way_annual: rates.turnover.value,
            turnover_std_error: rates.turnover.std_error,
            cost_bps_annual: rates.cost.value,
            cost_std_error: rates.cost.std_error,
            contribution_bps_annual: contribution.value.unwrap_or(0.0),
            contribution_std_error: contribution.std_error,
            baseline_policy_id: baseline.filter(|_| other.is_some()).map(PolicyId::number),
            contribution_diff_bps_annual: difference.and_then(|diff| diff.value),
            contribution_diff_std_error: difference.and_then(|diff| diff.std_error),
            n_paths: market.totals.len() as i64,
        }
    };
    (0..market.regimes).map(row).collect()
}

/// Ratios of sums over paths, of one policy in one regime.
struct Rates {
    /// Share of the time alive.
    time: Estimate,
    /// Mean weight of the growth assets.
    weight: Estimate,
    /// One-way turnover a year.
    turnover: Estimate,
    /// Basis points a year.
    cost: Estimate,
}

impl Rates {
    fn of(market: &FollowedMarket<'_>, replicates: usize, place: usize, regime: usize) -> Self {
        let per_year = f64::from(market.grid.per_year());
        let per_step = |number: &dyn Fn(&RegimeTotals) -> f64| {
            let fractions = market.totals.iter().map(|path| {
                let totals = &path[place][regime];
                Fraction { numerator: number(totals), denominator: totals.steps }
            });
            ratio(replicates, fractions)
        };
        let time = market.totals.iter().map(|path| Fraction {
            numerator: path[place][regime].steps,
            denominator: path[place].iter().map(|totals| totals.steps).sum(),
        });
        Self {
            weight: per_step(&|totals| totals.growth_weight),
            turnover: per_step(&|totals| per_year * totals.turnover),
            cost: per_step(&|totals| per_year * (BPS * totals.cost)),
            time: ratio(replicates, time),
        }
    }
}
