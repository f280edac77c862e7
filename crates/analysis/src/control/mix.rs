//! Lists the controls that the policies of a market need, and evaluates them on a path.

use std::collections::BTreeMap;

use corridor_core::numerics::exp;
use corridor_core::outcome::{PolicyId, ScenarioId};

/// Relative risk aversions of the certainty equivalents.
pub const GAMMAS: [u8; 3] = [2, 3, 5];

/// A policy that is kept near a target mix of the market's assets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holder<'a> {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: ScenarioId,
    /// Policy, as in `dim_policy`.
    pub policy_id: PolicyId,
    /// Target weight of each asset.
    pub target: &'a [f64],
}

/// A target mix at one horizon, for one risk aversion.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// `(1 - gamma) w_i` for each asset `i`.
    pub exponents: Vec<f64>,
    /// Relative risk aversion.
    pub gamma: u8,
    /// Index of the horizon among those given to [`mixes`].
    pub horizon: usize,
    /// Years to the horizon.
    pub years: f64,
    /// Logarithm of the known mean of `exp(sum_i exponents_i ln S_i)`.
    pub log_mean: f64,
    /// Policies that hold the mix, by scenario.
    pub holders: BTreeMap<ScenarioId, Vec<PolicyId>>,
}

/// A control of some policies: its values over its known mean, summed over the sections of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: ScenarioId,
    /// Report horizon in months, as in `dim_horizon`.
    pub horizon_months: u32,
    /// Policies that hold the mix.
    pub policies: Vec<PolicyId>,
    /// Relative risk aversion.
    pub gamma: u8,
    /// Sum of the control over its mean, for each section; close to the paths of the section.
    pub sections: Vec<f64>,
}

/// Lists the different target mixes of a market's policies, for every risk aversion and horizon.
///
/// `horizon_years` are the horizons in years. `log_moment` returns, for exponents `a`, the
/// logarithm of `E[exp(sum_i a_i ln S_i)]` at each of these horizons, or `None` where the market
/// does not know it: there the mix has no control.
#[must_use]
pub fn mixes<'a>(
    holders: impl IntoIterator<Item = Holder<'a>>,
    horizon_years: &[f64],
    log_moment: impl Fn(&[f64]) -> Option<Vec<f64>>,
) -> Vec<Mix> {
    let mut mixes = Vec::new();
    for (target, holders) in by_target(holders) {
        for gamma in GAMMAS {
            let exponents: Vec<f64> =
                target.iter().map(|weight| (1.0 - f64::from(gamma)) * weight).collect();
            let Some(log_means) = log_moment(&exponents) else { continue };
            for (horizon, (log_mean, &years)) in
                log_means.into_iter().zip(horizon_years).enumerate()
            {
                mixes.push(Mix {
                    exponents: exponents.clone(),
                    gamma,
                    horizon,
                    years,
                    log_mean,
                    holders: holders.clone(),
                });
            }
        }
    }
    mixes
}

/// Policies that hold a mix, by scenario.
type Holders = BTreeMap<ScenarioId, Vec<PolicyId>>;

/// Groups policies by their target, in the order in which targets first appear.
fn by_target<'a>(holders: impl IntoIterator<Item = Holder<'a>>) -> Vec<(&'a [f64], Holders)> {
    let mut targets: Vec<(&[f64], Holders)> = Vec::new();
    for Holder { scenario_id, policy_id, target } in holders {
        let place = targets.iter().position(|(known, _)| *known == target).unwrap_or_else(|| {
            targets.push((target, BTreeMap::new()));
            targets.len() - 1
        });
        targets[place].1.entry(scenario_id).or_default().push(policy_id);
    }
    targets
}

/// Returns the value of a mix's control over its mean on one path: `exp(years sum_i a_i g_i -
/// log_mean)`, where `a` are the exponents and `g_i` is the log growth a year of asset `i`.
#[must_use]
pub fn control_value(mix: &Mix, log_growth_annual: impl IntoIterator<Item = f64>) -> f64 {
    let log_power: f64 =
        mix.exponents.iter().zip(log_growth_annual).map(|(a, growth)| a * growth).sum();
    exp(log_power * mix.years - mix.log_mean)
}

impl Mix {
    /// Returns one control per scenario that has policies with this mix. `sections` are the sums of
    /// [`control_value`] over the paths of each section.
    #[must_use]
    pub fn controls(&self, horizon_months: u32, sections: &[f64]) -> Vec<Control> {
        self.holders
            .iter()
            .map(|(&scenario_id, policies)| Control {
                scenario_id,
                horizon_months,
                policies: policies.clone(),
                gamma: self.gamma,
                sections: sections.to_vec(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use corridor_tables::metric::{MetricId, Source};

    use super::*;

    #[test]
    fn every_certainty_equivalent_has_its_risk_aversion_among_the_controls() {
        for metric in MetricId::all() {
            if let Source::CertaintyEquivalent { gamma, .. } = metric.metric().source {
                assert!(GAMMAS.contains(&gamma), "gamma {gamma}");
            }
        }
    }

    /// One lognormal asset with log growth of mean 0.05 and variance 0.04 a year, and cash.
    #[test]
    fn equal_targets_share_a_mix_and_the_value_is_one_at_the_mean() {
        let (stocks, half) = ([1.0, 0.0], [0.5, 0.5]);
        let holder = |scenario_id, policy_id, target| Holder { scenario_id, policy_id, target };
        let holders = [
            holder(ScenarioId(0), PolicyId(0), &stocks[..]),
            holder(ScenarioId(0), PolicyId(1), &half[..]),
            holder(ScenarioId(0), PolicyId(2), &stocks[..]),
            holder(ScenarioId(1), PolicyId(0), &stocks[..]),
        ];
        let years = [1.0, 10.0];
        let log_moment = |a: &[f64]| {
            Some(years.map(|years| years * (0.05 * a[0] + 0.02 * a[0] * a[0])).to_vec())
        };
        let found = mixes(holders, &years, log_moment);
        assert_eq!(found.len(), 2 * GAMMAS.len() * years.len());
        let mix = &found[1];
        assert_eq!((mix.gamma, mix.horizon, mix.years), (2, 1, 10.0));
        assert_eq!(mix.exponents, [-1.0, -0.0]);
        let policies = |ids: &[u32]| ids.iter().copied().map(PolicyId).collect::<Vec<_>>();
        let held = [(ScenarioId(0), policies(&[0, 2])), (ScenarioId(1), policies(&[0]))];
        assert_eq!(mix.holders, BTreeMap::from(held));
        // exp(-10 g) = exp(log_mean) at g = 0.03
        assert!((control_value(mix, [0.03, 0.0]) - 1.0).abs() < 1e-12);
        assert!(control_value(mix, [0.02, 0.0]) > 1.0);
        let controls = mix.controls(120, &[10.5, 9.5]);
        assert_eq!(controls.len(), 2);
        assert_eq!(
            controls[0],
            Control {
                scenario_id: ScenarioId(0),
                horizon_months: 120,
                policies: policies(&[0, 2]),
                gamma: 2,
                sections: vec![10.5, 9.5],
            }
        );
        assert!(mixes(holders, &years, |_| None).is_empty());
    }
}
