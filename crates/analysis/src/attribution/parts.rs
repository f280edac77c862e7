//! Builds the rows of `fact_attribution`: the parts of a policy's difference in mean log growth.

use corridor_core::outcome::PolicyId;
use corridor_tables::{AttributionRow, RegimeRow, SignalRow};

use super::counterpart::{ComparedPolicies, Counterpart};
use super::market::{BPS, FollowedMarket};
use super::regimes::regime_rows;
use super::signals::signal_rows;
use super::totals::RegimeTotals;
use crate::by_path::mean;
use crate::estimate::Estimate;

/// The tables of all followed markets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttributionTables {
    /// Rows of `fact_regime`, sorted by scenario, policy and regime.
    pub regimes: Vec<RegimeRow>,
    /// Rows of `fact_attribution`, sorted by scenario and policy; the parts of a policy in the
    /// order of the identity.
    pub attribution: Vec<AttributionRow>,
    /// Rows of `fact_signal`, sorted by scenario and signal.
    pub signals: Vec<SignalRow>,
}

/// Builds `fact_regime`, `fact_attribution` and `fact_signal` of all followed markets.
#[must_use]
pub fn attribution_tables(
    study: &ComparedPolicies<'_>,
    markets: &[FollowedMarket<'_>],
) -> AttributionTables {
    let mut tables = AttributionTables::default();
    for market in markets {
        for place in 0..market.policies.len() {
            tables.regimes.extend(regime_rows(market, study, place));
            tables.attribution.extend(attribution_rows(market, study, place));
        }
        tables.signals.extend(signal_rows(market, study.replicate_paths));
    }
    tables.regimes.sort_by_key(|row| (row.scenario_id, row.policy_id, row.regime_id));
    // A stable sort keeps the parts of a policy in their order.
    tables.attribution.sort_by_key(|row| (row.scenario_id, row.policy_id));
    tables.signals.sort_by(|a, b| (a.scenario_id, &a.signal).cmp(&(b.scenario_id, &b.signal)));
    tables
}

/// Builds the rows of the policy with index `place` in a market, in the order `total`, `exposure`,
/// `timing` of each regime, `cost`, `oracle_gap`, `placebo_gap`, `rebalancing_premium`; parts that
/// need a policy that the study lacks are left out.
#[must_use]
pub fn attribution_rows(
    market: &FollowedMarket<'_>,
    study: &ComparedPolicies<'_>,
    place: usize,
) -> Vec<AttributionRow> {
    let view = View { market, study, place };
    let mut parts = view.identity();
    let mut gap = |name, against, value| {
        parts.push(Part { name, regime: None, against: Some(against), value });
    };
    if let Some((oracle, there)) = view.counterpart(Counterpart::Oracle) {
        gap("oracle_gap", oracle, view.net(there, place));
    }
    if let Some((placebo, there)) = view.counterpart(Counterpart::Placebo) {
        gap("placebo_gap", placebo, view.net(place, there));
    }
    if let Some(value) = view.premium() {
        parts.push(Part { name: "rebalancing_premium", regime: None, against: None, value });
    }
    parts.iter().filter_map(|part| view.row(part)).collect()
}

/// One part of the difference of a policy.
struct Part {
    name: &'static str,
    regime: Option<usize>,
    /// Id of the policy that the part is taken against.
    against: Option<PolicyId>,
    /// Size of the part, in basis points a year.
    value: Estimate,
}

/// One policy of a market.
struct View<'a> {
    market: &'a FollowedMarket<'a>,
    study: &'a ComparedPolicies<'a>,
    place: usize,
}

impl View<'_> {
    /// Estimates the total and the parts that add up to it; none for a policy without a twin.
    fn identity(&self) -> Vec<Part> {
        let Some((twin, own_twin)) = self.counterpart(Counterpart::ExposureTwin) else {
            return Vec::new();
        };
        let (place, policy) = (self.place, self.market.policies[self.place].policy_id);
        let given = self.study.compare_with.get(policy.index()).copied();
        let given = given.unwrap_or(self.study.baseline);
        let baseline = if given == policy { twin } else { given };
        let Some(base) = self.market.place_of(place, baseline) else { return Vec::new() };
        let part =
            |name, regime, against, value| Part { name, regime, against: Some(against), value };
        let timing = (0..self.market.regimes).map(|regime| {
            let value = self
                .bps(Some(regime), |path, r| path[place][r].gross() - path[own_twin][r].gross());
            part("timing", Some(regime), twin, value)
        });
        let cost = self.bps(None, |path, r| path[own_twin][r].cost - path[place][r].cost);
        [
            part("total", None, baseline, self.net(place, base)),
            part("exposure", None, baseline, self.net(own_twin, base)),
        ]
        .into_iter()
        .chain(timing)
        .chain([part("cost", None, twin, cost)])
        .collect()
    }

    /// Log growth of the policy with index `a` less that of `b`.
    fn net(&self, a: usize, b: usize) -> Estimate {
        self.bps(None, |path, r| path[a][r].log_growth - path[b][r].log_growth)
    }

    fn bps(
        &self,
        only: Option<usize>,
        number: impl Fn(&[Vec<RegimeTotals>], usize) -> f64,
    ) -> Estimate {
        self.market.annual_bps(self.study.replicate_paths, only, number)
    }

    /// Id and index of a counterpart under the scenario of the policy.
    fn counterpart(&self, kind: Counterpart) -> Option<(PolicyId, usize)> {
        let policy = self.market.policies[self.place].policy_id;
        let other = self.study.counterpart(policy, kind)?;
        Some((other, self.market.place_of(self.place, other)?))
    }

    /// Log growth less that of the assets weighted by the target, which nobody can hold (MODEL.md
    /// 4.6); `None` where a path was ruined, because the assets grew on.
    fn premium(&self) -> Option<Estimate> {
        let (market, place) = (self.market, self.place);
        let steps = f64::from(market.grid.steps);
        let lived = |path: &Vec<Vec<RegimeTotals>>| {
            path[place].iter().map(|totals| totals.steps).sum::<f64>() >= steps
        };
        if !market.totals.iter().all(lived) {
            return None;
        }
        let (target, years) = (market.policies[place].target, market.years());
        let paths = market.totals.iter().zip(&market.asset_growth);
        Some(mean(
            self.study.replicate_paths,
            paths.map(|(totals, growth)| {
                let own: f64 = totals[place].iter().map(|totals| totals.log_growth).sum();
                let weighted: f64 =
                    target.iter().zip(growth).map(|(weight, growth)| weight * growth).sum();
                BPS * (own - weighted) / years
            }),
        ))
    }

    /// Builds a row; `None` for a part without a value.
    fn row(&self, part: &Part) -> Option<AttributionRow> {
        let policy = self.market.policies[self.place];
        Some(AttributionRow {
            scenario_id: policy.scenario_id.number(),
            policy_id: policy.policy_id.number(),
            part: part.name.to_owned(),
            regime_id: part.regime.map(|regime| regime as i32),
            against_policy_id: part.against.map(|id| id.number()),
            value_bps_annual: part.value.value?,
            std_error: part.value.std_error,
            ci_low: part.value.ci_low,
            ci_high: part.value.ci_high,
            n_paths: self.market.totals.len() as i64,
        })
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::outcome::ScenarioId;
    use corridor_core::time::{Step, TimeGrid};
    use corridor_tables::DimPolicyRow;

    use super::super::detection::{DetectionCounts, FollowedSignal};
    use super::*;
    use crate::control::Holder;

    /// Policy 1 has twin 2; both are compared with policy 0. Two regimes, a year of months.
    fn tables() -> AttributionTables {
        let policy = |id: i32| DimPolicyRow {
            policy_id: id,
            policy: format!("p{id}"),
            ..DimPolicyRow::default()
        };
        let twin = DimPolicyRow {
            twin_of: Some("p1".to_owned()),
            twin_same: Some("exposure".to_owned()),
            ..policy(2)
        };
        let policies = [policy(0), policy(1), twin];
        let study = ComparedPolicies {
            policies: &policies,
            axes: &[],
            compare_with: &[PolicyId(0), PolicyId(0), PolicyId(0)],
            baseline: PolicyId(0),
            replicate_paths: 1,
        };
        let totals = |path: usize, policy: usize, regime: usize| {
            let seed = (path * 7 + policy * 3 + regime * 5) as f64;
            RegimeTotals {
                steps: if regime == 0 { 8.0 } else { 4.0 },
                growth_weight: 0.5 * if regime == 0 { 8.0 } else { 4.0 },
                turnover: 0.01 * seed,
                cost: 1e-4 * seed,
                log_growth: 0.001 * (seed * seed % 13.0) - 0.003,
            }
        };
        let target = [0.5, 0.5];
        let counts = DetectionCounts {
            steps_inside: 4.0,
            alarms_inside: 3.0,
            steps_outside: 8.0,
            alarms_outside: 2.0,
            stays: 1.0,
            stays_detected: 1.0,
            delay_steps: 1.0,
        };
        let market = FollowedMarket {
            grid: TimeGrid { step: Step::Month, steps: 12 },
            regimes: 2,
            scenario_ids: &[ScenarioId(0)],
            policies: (0..3)
                .map(|policy_id| Holder {
                    scenario_id: ScenarioId(0),
                    policy_id: PolicyId(policy_id),
                    target: &target,
                })
                .collect(),
            totals: (0..5)
                .map(|path| {
                    (0..3)
                        .map(|policy| (0..2).map(|regime| totals(path, policy, regime)).collect())
                        .collect()
                })
                .collect(),
            asset_growth: vec![vec![0.02, 0.01]; 5],
            signals: vec![FollowedSignal { name: "crash", regimes: vec!["calm", "crash"] }],
            detections: vec![vec![counts]; 5],
        };
        attribution_tables(&study, &[market])
    }

    #[test]
    fn exposure_timing_and_cost_add_up_to_the_total() {
        let tables = tables();
        let rows: Vec<_> = tables.attribution.iter().filter(|row| row.policy_id == 1).collect();
        let names: Vec<&str> = rows.iter().map(|row| row.part.as_str()).collect();
        assert_eq!(names, ["total", "exposure", "timing", "timing", "cost", "rebalancing_premium"]);
        let parts: f64 = rows[1..5].iter().map(|row| row.value_bps_annual).sum();
        assert!((parts - rows[0].value_bps_annual).abs() < 1e-9 && parts != 0.0);
        assert_eq!((rows[0].against_policy_id, rows[2].against_policy_id), (Some(0), Some(2)));
        assert!(rows.iter().all(|row| row.ci_low < Some(row.value_bps_annual)));
        let others = tables.attribution.iter().filter(|row| row.policy_id != 1);
        assert!(others.into_iter().all(|row| row.part == "rebalancing_premium"));
    }

    #[test]
    fn regimes_share_the_time_and_contributions_differ_from_the_baseline() {
        let tables = tables();
        assert_eq!(tables.regimes.len(), 6);
        for rows in tables.regimes.chunks(2) {
            assert!((rows[0].time_frac + rows[1].time_frac - 1.0).abs() < 1e-15);
            assert_eq!(rows[0].growth_weight_frac, Some(0.5));
        }
        let contribution = |place: usize| tables.regimes[place].contribution_bps_annual;
        let difference = tables.regimes[2].contribution_diff_bps_annual.expect("a baseline");
        assert!((contribution(2) - contribution(0) - difference).abs() < 1e-9);
        assert_eq!(tables.regimes[0].baseline_policy_id, None);
        let signal = &tables.signals[0];
        assert_eq!((signal.regimes.as_str(), signal.hit_rate), ("calm+crash", Some(0.75)));
        assert_eq!((signal.delay_months, signal.missed_frac), (Some(1.0), Some(0.0)));
    }
}
