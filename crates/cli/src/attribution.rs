//! Turns what was followed by regime into the rows of `fact_regime`, `fact_attribution` and
//! `fact_signal`.

use corridor_analysis::by_path::{Fraction, mean, ratio};
use corridor_analysis::estimate::Estimate;
use corridor_study::plan::RunPlan;
use corridor_tables::{AttributionRow, DimPolicyRow, RegimeRow, SignalRow};

use crate::by_regime::{Followed, Spell};
use crate::source::regimes;

const BPS: f64 = 1e4;

/// All three tables.
#[derive(Debug, Default)]
pub struct Rows {
    /// `fact_regime`.
    pub regimes: Vec<RegimeRow>,
    /// `fact_attribution`.
    pub attribution: Vec<AttributionRow>,
    /// `fact_signal`.
    pub signals: Vec<SignalRow>,
}

/// The rows of everything that was followed, by scenario and policy.
#[must_use]
pub fn rows(plan: &RunPlan, followed: &[Followed<'_>]) -> Rows {
    let mut rows = Rows::default();
    for market in followed {
        let view = View { plan, market };
        for (place, instance) in market.group.simulation.instances.iter().enumerate() {
            view.by_regime(place, &mut rows.regimes);
            view.parts(place, &plan.policies[instance.policy_id as usize], &mut rows.attribution);
        }
        view.signals(&mut rows.signals);
    }
    rows.regimes.sort_by_key(|row| (row.scenario_id, row.policy_id, row.regime_id));
    // parts stay in their order
    rows.attribution.sort_by_key(|row| (row.scenario_id, row.policy_id));
    rows.signals.sort_by(|a, b| (a.scenario_id, &a.signal).cmp(&(b.scenario_id, &b.signal)));
    rows
}

fn over(numerator: f64, denominator: f64) -> Fraction {
    Fraction { numerator, denominator }
}

struct View<'a> {
    plan: &'a RunPlan,
    market: &'a Followed<'a>,
}

impl View<'_> {
    fn years(&self) -> f64 {
        let grid = self.market.group.simulation.grid;
        grid.years(grid.steps)
    }

    fn ids(&self, place: usize) -> (i32, i32) {
        let instance = &self.market.group.simulation.instances[place];
        (instance.scenario_id as i32, instance.policy_id as i32)
    }

    /// The place of another policy under the same scenario.
    fn place_of(&self, place: usize, policy: u32) -> Option<usize> {
        let instances = &self.market.group.simulation.instances;
        instances.iter().position(|other| {
            other.scenario_id == instances[place].scenario_id && other.policy_id == policy
        })
    }

    /// One number of each path, in basis points a year: the sum of `number` over the regimes that
    /// count.
    fn each_path<'s>(
        &'s self,
        number: impl Fn(&[Vec<Spell>], usize) -> f64 + Clone + 's,
        only: Option<usize>,
    ) -> Estimate {
        let (years, count) = (self.years(), regimes(&self.market.group.market).len());
        let of_path = move |path: &Vec<Vec<Spell>>| {
            let sum: f64 = (0..count)
                .filter(|regime| only.is_none_or(|only| only == *regime))
                .map(|regime| number(path, regime))
                .sum();
            BPS * sum / years
        };
        mean(self.plan.replicate_paths, self.market.spells.iter().map(of_path))
    }

    fn by_regime(&self, place: usize, rows: &mut Vec<RegimeRow>) {
        let (scenario_id, policy_id) = self.ids(place);
        let per_year = f64::from(self.market.group.simulation.grid.per_year());
        let baseline = self
            .plan
            .comparison
            .compare_with
            .get(policy_id as usize)
            .copied()
            .filter(|id| *id as i32 != policy_id);
        let other = baseline.and_then(|baseline| self.place_of(place, baseline));
        for regime in 0..regimes(&self.market.group.market).len() {
            let spells = || self.market.spells.iter().map(move |path| path[place][regime]);
            let rate = |number: fn(&Spell) -> f64| {
                ratio(
                    self.plan.replicate_paths,
                    spells().map(|spell| over(per_year * number(&spell), spell.steps)),
                )
            };
            let weight = ratio(
                self.plan.replicate_paths,
                spells().map(|spell| over(spell.growth_weight, spell.steps)),
            );
            let (turnover, cost) = (rate(|spell| spell.turnover), rate(|spell| BPS * spell.cost));
            let time = ratio(
                self.plan.replicate_paths,
                self.market.spells.iter().map(|path| {
                    over(
                        path[place][regime].steps,
                        path[place].iter().map(|spell| spell.steps).sum(),
                    )
                }),
            );
            let contribution =
                self.each_path(move |path, r| path[place][r].log_growth, Some(regime));
            let diff = other.map(|other| {
                self.each_path(
                    move |path, r| path[place][r].log_growth - path[other][r].log_growth,
                    Some(regime),
                )
            });
            rows.push(RegimeRow {
                scenario_id,
                policy_id,
                regime_id: regime as i32,
                time_frac: time.value.unwrap_or(0.0),
                growth_weight_frac: weight.value,
                growth_weight_std_error: weight.std_error,
                turnover_one_way_annual: turnover.value,
                turnover_std_error: turnover.std_error,
                cost_bps_annual: cost.value,
                cost_std_error: cost.std_error,
                contribution_bps_annual: contribution.value.unwrap_or(0.0),
                contribution_std_error: contribution.std_error,
                baseline_policy_id: baseline.filter(|_| other.is_some()).map(|id| id as i32),
                contribution_diff_bps_annual: diff.and_then(|diff| diff.value),
                contribution_diff_std_error: diff.and_then(|diff| diff.std_error),
                n_paths: self.market.spells.len() as i64,
            });
        }
    }

    fn parts(&self, place: usize, policy: &DimPolicyRow, rows: &mut Vec<AttributionRow>) {
        let mut add = |part: &str, regime: Option<usize>, against: Option<u32>, found: Estimate| {
            let Some(value) = found.value else { return };
            let (scenario_id, policy_id) = self.ids(place);
            rows.push(AttributionRow {
                scenario_id,
                policy_id,
                part: part.to_owned(),
                regime_id: regime.map(|regime| regime as i32),
                against_policy_id: against.map(|id| id as i32),
                value_bps_annual: value,
                std_error: found.std_error,
                ci_low: found.ci_low,
                ci_high: found.ci_high,
                n_paths: self.market.spells.len() as i64,
            });
        };
        let net = |a: usize, b: usize| {
            self.each_path(move |path, r| path[a][r].log_growth - path[b][r].log_growth, None)
        };
        if let Some((twin, own_twin)) = self.exposure_twin(place, policy) {
            let given = self
                .plan
                .comparison
                .compare_with
                .get(policy.policy_id as usize)
                .copied()
                .unwrap_or(self.plan.comparison.baseline);
            let baseline = if given as i32 == policy.policy_id { twin } else { given };
            if let Some(base) = self.place_of(place, baseline) {
                add("total", None, Some(baseline), net(place, base));
                add("exposure", None, Some(baseline), net(own_twin, base));
                for regime in 0..regimes(&self.market.group.market).len() {
                    let gross = move |spell: &Spell| spell.log_growth + spell.cost;
                    add(
                        "timing",
                        Some(regime),
                        Some(twin),
                        self.each_path(
                            move |path, r| gross(&path[place][r]) - gross(&path[own_twin][r]),
                            Some(regime),
                        ),
                    );
                }
                add(
                    "cost",
                    None,
                    Some(twin),
                    self.each_path(
                        move |path, r| path[own_twin][r].cost - path[place][r].cost,
                        None,
                    ),
                );
            }
        }
        if let Some((oracle, there)) = self.observed_as(place, policy, "oracle") {
            add("oracle_gap", None, Some(oracle), net(there, place));
        }
        if let Some((placebo, there)) = self.observed_as(place, policy, "placebo") {
            add("placebo_gap", None, Some(placebo), net(place, there));
        }
        if let Some(premium) = self.premium(place) {
            add("rebalancing_premium", None, None, premium);
        }
    }

    /// The twin of the same exposure, and its place.
    fn exposure_twin(&self, place: usize, policy: &DimPolicyRow) -> Option<(u32, usize)> {
        let is_twin = |row: &&DimPolicyRow| {
            row.twin_of.as_deref() == Some(&policy.policy)
                && row.twin_same.as_deref() == Some("exposure")
        };
        let twin = self.plan.policies.iter().find(is_twin)?.policy_id as u32;
        Some((twin, self.place_of(place, twin)?))
    }

    /// The policy that is the same but for how its first signal is seen: as it is here, as `seen`
    /// there.
    fn observed_as(&self, place: usize, policy: &DimPolicyRow, seen: &str) -> Option<(u32, usize)> {
        let plain = policy.signal_observe.as_deref() == Some("as_is")
            && policy.signal_lag == Some(0.0)
            && policy.signal_noise == Some(0.0);
        let axes = |id: i32| self.plan.policy_axis.iter().filter(move |axis| axis.policy_id == id);
        let same = |other: &DimPolicyRow| {
            let others: Vec<_> = axes(other.policy_id).collect();
            let own: Vec<_> = axes(policy.policy_id).collect();
            let stem = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
            others.len() == own.len()
                && !own.is_empty()
                && stem(&other.policy) == stem(&policy.policy)
                && own.iter().zip(&others).all(|(a, b)| {
                    a.key == b.key && (a.value_text == b.value_text || a.key.ends_with("observe"))
                })
        };
        let found = |row: &&DimPolicyRow| {
            row.policy_id != policy.policy_id
                && row.signal_observe.as_deref() == Some(seen)
                && row.signal_accuracy.unwrap_or(1.0) == 1.0
                && row.signal_lag == Some(0.0)
                && row.signal_noise == Some(0.0)
                && same(row)
        };
        let other = self.plan.policies.iter().find(|row| plain && found(row))?.policy_id as u32;
        Some((other, self.place_of(place, other)?))
    }

    /// Log growth less that of the assets weighted by the target, which nobody can hold (MODEL.md
    /// 4.6); `None` where a path was ruined, as the assets went on.
    fn premium(&self, place: usize) -> Option<Estimate> {
        let steps = f64::from(self.market.group.simulation.grid.steps);
        let lived = |path: &Vec<Vec<Spell>>| {
            path[place].iter().map(|spell| spell.steps).sum::<f64>() >= steps
        };
        if !self.market.spells.iter().all(lived) {
            return None;
        }
        let target = &self.market.group.simulation.instances[place].policy.target;
        let years = self.years();
        let paths = self.market.spells.iter().zip(&self.market.asset_growth);
        Some(mean(
            self.plan.replicate_paths,
            paths.map(|(spells, growth)| {
                let own: f64 = spells[place].iter().map(|spell| spell.log_growth).sum();
                let weighted: f64 =
                    target.iter().zip(growth).map(|(weight, growth)| weight * growth).sum();
                BPS * (own - weighted) / years
            }),
        ))
    }

    fn signals(&self, rows: &mut Vec<SignalRow>) {
        let group = self.market.group;
        let months = 12.0 / f64::from(group.simulation.grid.per_year());
        for (place, teller) in self.market.tellers.iter().enumerate() {
            let told = || self.market.told.iter().map(move |path| path[place]);
            let (hit, false_alarm) = (
                ratio(
                    self.plan.replicate_paths,
                    told().map(|told| over(told.inside[1], told.inside[0])),
                ),
                ratio(
                    self.plan.replicate_paths,
                    told().map(|told| over(told.outside[1], told.outside[0])),
                ),
            );
            let delay = ratio(
                self.plan.replicate_paths,
                told().map(|told| over(months * told.stays[2], told.stays[1])),
            );
            let missed = ratio(
                self.plan.replicate_paths,
                told().map(|told| over(told.stays[0] - told.stays[1], told.stays[0])),
            );
            let names: Vec<&str> = teller
                .members
                .iter()
                .filter_map(|&regime| regimes(&group.market).get(regime as usize))
                .map(String::as_str)
                .collect();
            for &scenario_id in &group.scenario_ids {
                rows.push(SignalRow {
                    scenario_id: scenario_id as i32,
                    signal: group.signal_names[teller.signal].clone(),
                    regimes: names.join("+"),
                    hit_rate: hit.value,
                    hit_std_error: hit.std_error,
                    false_alarm_rate: false_alarm.value,
                    false_alarm_std_error: false_alarm.std_error,
                    delay_months: delay.value,
                    delay_std_error: delay.std_error,
                    missed_frac: missed.value,
                    n_paths: self.market.told.len() as i64,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use corridor_study::{Overrides, compile};

    use super::*;
    use crate::by_regime::follow;

    /// Two regimes, an oracle of accuracy 0.8, a filter and a placebo, and a twin.
    const STUDY: &str = r#"
corridor = 1
[study]
name = "parts"
[time]
horizon_years = 10
step = "month"
[market]
preset = "crash-correlation"
[account]
initial = 1000
target = { us = 0.3, intl = 0.3, bond = 0.4 }
growth_assets = ["us", "intl"]
[costs]
one_way_bps = 20
[signal.crash]
regime_probability = { regime = "crash" }
observe = { sweep = ["as_is", "oracle", "placebo"] }
[signal.said]
regime_probability = { regime = "crash" }
observe = { accuracy = 0.8 }
[[policy]]
name = "annual"
use = "calendar_12"
[[policy]]
name = "switch"
review = "month"
trigger = "always"
target_scale = { scale = [{ signal = "crash", step = { at = [0.5], factors = [1.0, 0.5] } }] }
[[policy]]
name = "told"
review = "month"
trigger = "always"
target_scale = { scale = [{ signal = "said", step = { at = [0.5], factors = [1.0, 0.5] } }] }
[[policy]]
name = "mix"
target = { us = 0.27, intl = 0.27, bond = 0.46 }
review = "month"
trigger = "always"
twin = { of = "switch[observe=as_is]", same = "exposure", settled = true }
[comparison]
baseline = "annual"
[run]
paths = 2000
seed = 5
[output]
regime_paths = 2000
"#;

    fn rows_of_study() -> (RunPlan, Rows) {
        let plan = compile("parts.toml", STUDY, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"));
        let rows = rows(&plan, &follow(&plan));
        (plan, rows)
    }

    #[test]
    fn parts_add_up_and_gaps_have_their_sign() {
        let (plan, rows) = rows_of_study();
        let id = |name: &str| {
            plan.policies.iter().position(|policy| policy.policy == name).map(|id| id as i32)
        };
        let of = |policy: &str, part: &str| -> Vec<&AttributionRow> {
            rows.attribution
                .iter()
                .filter(|row| Some(row.policy_id) == id(policy) && row.part == part)
                .collect()
        };
        let sum = |parts: &[&str]| -> f64 {
            parts
                .iter()
                .flat_map(|part| of("switch[observe=as_is]", part))
                .map(|row| row.value_bps_annual)
                .sum()
        };
        assert!(
            (sum(&["exposure", "timing", "cost"]) - sum(&["total"])).abs() < 1e-9
                && sum(&["total"]) != 0.0
        );
        assert_eq!(of("switch[observe=as_is]", "timing").len(), 2);
        assert!(sum(&["cost"]) < 0.0, "a switch trades more than a mix");
        for gap in ["oracle_gap", "placebo_gap"] {
            let gap = of("switch[observe=as_is]", gap)[0];
            assert!(gap.value_bps_annual > 2.0 * gap.std_error.unwrap_or(f64::INFINITY), "{gap:?}");
        }
        assert!(
            of("switch[observe=placebo]", "placebo_gap").is_empty()
                && of("told", "oracle_gap").is_empty()
        );
        assert_eq!(of("annual", "rebalancing_premium").len(), 1);
    }

    #[test]
    fn contributions_add_up_to_growth_and_time_to_one() {
        let (plan, rows) = rows_of_study();
        for policy in 0..plan.policies.len() as i32 {
            let own: Vec<&RegimeRow> =
                rows.regimes.iter().filter(|row| row.policy_id == policy).collect();
            assert_eq!(own.len(), 2);
            assert!((own.iter().map(|row| row.time_frac).sum::<f64>() - 1.0).abs() < 1e-12);
            let gap = own.iter().filter_map(|row| row.contribution_diff_bps_annual).sum::<f64>();
            let total = |policy: i32| {
                rows.regimes
                    .iter()
                    .filter(|row| row.policy_id == policy)
                    .map(|row| row.contribution_bps_annual)
                    .sum::<f64>()
            };
            assert!((total(policy) - total(0) - gap).abs() < 1e-9, "policy {policy}");
        }
        let weight = |policy: i32, regime: usize| {
            rows.regimes[(policy * 2) as usize + regime].growth_weight_frac.unwrap_or(0.0)
        };
        assert!(
            (weight(2, 0) - 0.6).abs() < 0.02 && (weight(2, 1) - 0.3).abs() < 0.02,
            "the oracle holds half of its stocks in a crash"
        );
    }

    /// Seed 5, 2,000 paths, |z| <= 4 on each: an oracle of accuracy q among two regimes hits with q
    /// and errs with 1 - q, and a placebo hits as often as it errs.
    #[test]
    fn hit_rates_of_known_signals_are_known() {
        let (_, rows) = rows_of_study();
        let of = |name: &str| {
            rows.signals.iter().find(|row| row.signal == name).unwrap_or_else(|| panic!("{name}"))
        };
        let near = |value: Option<f64>, error: Option<f64>, expected: f64| {
            (value.unwrap_or(9.0) - expected).abs() <= 4.0 * error.unwrap_or(0.0)
        };
        let said = of("said");
        assert!(
            near(said.hit_rate, said.hit_std_error, 0.8)
                && near(said.false_alarm_rate, said.false_alarm_std_error, 0.2),
            "{said:?}"
        );
        let oracle = of("crash[observe=oracle]");
        assert_eq!(
            (oracle.hit_rate, oracle.false_alarm_rate, oracle.delay_months, oracle.missed_frac),
            (Some(1.0), Some(0.0), Some(0.0), Some(0.0))
        );
        let placebo = of("crash[observe=placebo]");
        let error = placebo
            .hit_std_error
            .unwrap_or(0.0)
            .hypot(placebo.false_alarm_std_error.unwrap_or(0.0));
        assert!(
            near(placebo.hit_rate, Some(error), placebo.false_alarm_rate.unwrap_or(9.0)),
            "{placebo:?}"
        );
        let filter = of("crash[observe=as_is]");
        assert!(
            filter.hit_rate > placebo.hit_rate
                && filter.hit_rate < Some(1.0)
                && filter.delay_months > Some(0.0),
            "{filter:?}"
        );
    }
}
