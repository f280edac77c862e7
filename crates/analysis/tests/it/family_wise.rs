//! Checks the error rates of statements about many policies at once: coverage of paired differences
//! from sections, and false alarms among policies that do not differ.
//!
//! 1,000 studies each, fixed seeds, two-sided, level 5 %. An exact procedure stays within [2.8,
//! 7.4] % of false alarms with probability 0.998 (binomial: 3.2 standard errors below, 3.5 above);
//! an interval of nominal 95 % within [92.7, 97.3] %. Three slow tests have 400 studies, and the
//! interval [91.4, 98.6] %, which is as many standard errors wide; with `CORRIDOR_LONG` they have
//! 1,000 too.

use corridor_analysis::compare::{
    Arm, FamilySpec, Influence, Member, Normals, PairedDifference, adjust, compare_family,
};
use corridor_analysis::control::Control;
use corridor_analysis::counts::Counts;
use corridor_analysis::facts::CellFacts;
use corridor_analysis::moments::Moments;
use corridor_analysis::paired::PairMoments;
use corridor_analysis::select::{
    Bootstrap, Resamples, model_confidence_set, superior_predictive_ability,
};
use corridor_analysis::statistic::mean;
use corridor_core::cancel::Cancel;
use corridor_core::level::Level;
use corridor_core::numerics::exp;
use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_tables::metric::MetricId;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Exp1, StandardNormal};
use rayon::prelude::*;

use crate::world::{MONTHS, World, YEARS, analyse_states, empty, push};

const STUDIES: u64 = 1000;
const POLICIES: usize = 20;
const PATHS: usize = 600;
const FALSE_ALARMS: std::ops::RangeInclusive<f64> = 0.028..=0.074;
const COVERAGE: std::ops::RangeInclusive<f64> = 0.927..=0.973;

/// Number of studies of a test whose studies take long, and the shares of coverage that it accepts.
fn long_studies() -> (u64, std::ops::RangeInclusive<f64>) {
    let is_long = std::env::var_os("CORRIDOR_LONG").is_some();
    if is_long { (STUDIES, COVERAGE) } else { (400, 0.914..=0.986) }
}

/// False alarms of a study of policies that do not differ from their baseline.
#[derive(Clone, Copy, Default)]
struct Alarms {
    max_t: f64,
    step_down: f64,
    holm: f64,
    spa: f64,
    best_is_kept: f64,
}

impl std::ops::Add for Alarms {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            max_t: self.max_t + other.max_t,
            step_down: self.step_down + other.step_down,
            holm: self.holm + other.holm,
            spa: self.spa + other.spa,
            best_is_kept: self.best_is_kept + other.best_is_kept,
        }
    }
}

/// Draws the baseline and twenty policies: each has a shock shared by all, half of them another
/// shared shock, and each a skewed shock of its own.
fn null_policies(seed: u64) -> Vec<Vec<f64>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut policies: Vec<Vec<f64>> = vec![Vec::new(); POLICIES + 1];
    for _ in 0..PATHS {
        let (shared, half): (f64, f64) = (rng.sample(StandardNormal), rng.sample(StandardNormal));
        for (place, policy) in policies.iter_mut().enumerate() {
            let own: f64 = rng.sample(Exp1);
            policy.push(shared + 0.3 * (own - 1.0) + if place % 2 == 0 { 0.3 * half } else { 0.0 });
        }
    }
    policies
}

fn member(policy: &[f64], baseline: &[f64]) -> Member {
    let level = Level::best();
    let [a, b] = [policy, baseline].map(|values| (Moments::of(values, level), Counts::of(values)));
    let estimates = [mean(&a.0, &a.1), mean(&b.0, &b.1)];
    let pair = PairMoments::of(policy, baseline, false, level);
    let arm = |(moments, counts), estimate| Arm { moments, counts, estimate };
    let difference = PairedDifference::of(
        MetricId::LOG_GROWTH.metric(),
        &CellFacts::plain(10.0),
        &pair,
        arm((&a.0, &a.1), &estimates[0]),
        arm((&b.0, &b.1), &estimates[1]),
    );
    Member {
        difference,
        influence: Influence::of_values(policy).minus(&Influence::of_values(baseline)),
    }
}

fn study(seed: u64, normals: &Normals, resamples: &Resamples) -> Alarms {
    let policies = null_policies(seed);
    let members: Vec<Member> =
        policies[1..].iter().map(|policy| member(policy, &policies[0])).collect();
    let spec = FamilySpec {
        margin: None,
        higher_is_better: Some(true),
        further: 0,
        normals,
        cancel: Cancel::NEVER,
    };
    let compared = compare_family(&members, spec).expect("nobody cancels");
    let p_values: Vec<f64> =
        members.iter().map(|member| member.difference.p_value.expect("a p-value")).collect();
    let any = |found: &mut dyn Iterator<Item = bool>| {
        f64::from(u8::from(found.fold(false, |any, alarm| any | alarm)))
    };
    let advantages: Vec<Vec<f64>> = policies[1..]
        .iter()
        .map(|policy| policy.iter().zip(&policies[0]).map(|(a, b)| a - b).collect())
        .collect();
    let field = |rows: &[Vec<f64>]| {
        Bootstrap::of_sections(rows, resamples, Cancel::NEVER).expect("nobody cancels")
    };
    let kept = model_confidence_set(&field(&policies), Cancel::NEVER)
        .expect("nobody cancels")
        .into_iter()
        .find(|one| one.policy == 7)
        .expect("every policy has a place");
    Alarms {
        max_t: any(&mut compared
            .iter()
            .map(|one| one.simultaneous.is_some_and(|(low, high)| low > 0.0 || high < 0.0))),
        step_down: any(&mut compared.iter().map(|one| one.p_adjusted.is_some_and(|p| p <= 0.05))),
        holm: any(&mut adjust(&p_values, 0.0).into_iter().map(|p| p <= 0.05)),
        spa: f64::from(u8::from(
            superior_predictive_ability(&field(&advantages), 0.05, Cancel::NEVER)
                .expect("nobody cancels")
                .p_value
                <= 0.05,
        )),
        best_is_kept: f64::from(u8::from(kept.p_value > 0.1)),
    }
}

#[test]
#[ignore = "statistical suite: `just statistical`"]
fn false_alarms_among_twenty_policies_that_do_not_differ() {
    let (normals, resamples) = (Normals::new(POLICIES), Resamples::draw(PATHS, 500));
    // The studies are summed in order, whatever the number of threads.
    let found: Vec<Alarms> = (0..STUDIES)
        .into_par_iter()
        .map(|seed| study(0x5eed_0000 + seed, &normals, &resamples))
        .collect();
    let sum = found.into_iter().fold(Alarms::default(), |sum, one| sum + one);
    let share = |count: f64| count / STUDIES as f64;
    assert!(FALSE_ALARMS.contains(&share(sum.max_t)), "max-t: {}", share(sum.max_t));
    assert!(FALSE_ALARMS.contains(&share(sum.step_down)), "step-down: {}", share(sum.step_down));
    assert!(share(sum.holm) <= 0.074, "Holm: {}", share(sum.holm));
    assert!(share(sum.spa) <= 0.074, "SPA: {}", share(sum.spa));
    assert!(
        share(sum.best_is_kept) >= 0.88,
        "the confidence set keeps the best in {}",
        share(sum.best_is_kept)
    );
}

/// Negative control: without any adjustment half of the studies have a false alarm.
#[test]
fn unadjusted_p_values_raise_false_alarms_in_most_studies() {
    let alarms = (0..40).filter(|seed| {
        let policies = null_policies(0xbad + seed);
        policies[1..].iter().any(|policy| {
            member(policy, &policies[0]).difference.p_value.is_some_and(|p| p <= 0.05)
        })
    });
    assert!(alarms.count() >= 12);
}

#[test]
#[ignore = "statistical suite: `just statistical`"]
fn coverage_of_paired_differences_made_from_sections() {
    let (studies, coverage) = long_studies();
    // The policy grows 10 bp faster at every quantile; spread and shape are equal.
    let (gain, metric) = (0.001, MetricId::LOG_GROWTH.number());
    let truths = [
        ("sd", 0.0),
        ("cvar_05", gain),
        ("p05", gain),
        ("p25", gain),
        ("p50", gain),
        ("p75", gain),
        ("p95", gain),
    ];
    let covered = |seed: u64| -> Vec<Option<bool>> {
        let world = World::normal(0xc0_0000 + seed, 8192, &[0.05, 0.05 + gain], 0.4);
        let analysis = world.analyse(8192, true);
        let holds = |&(stat, truth): &(&str, f64)| {
            let row = analysis
                .compare
                .iter()
                .find(|row| row.metric_id == metric && row.stat == stat)
                .expect("compared");
            assert_eq!(row.method, "paired_sections");
            (row.precision == "precise")
                .then_some(row.ci_low <= Some(truth) && row.ci_high >= Some(truth))
        };
        truths.iter().map(holds).collect()
    };
    let found: Vec<Vec<Option<bool>>> = (0..studies).into_par_iter().map(covered).collect();
    for (place, (stat, _)) in truths.iter().enumerate() {
        let judged: Vec<bool> = found.iter().filter_map(|study| study[place]).collect();
        assert!(
            judged.len() as u64 > studies / 2,
            "{stat} is called precise {} times only",
            judged.len()
        );
        let share = judged.iter().filter(|covers| **covers).count() as f64 / judged.len() as f64;
        assert!(coverage.contains(&share), "the paired interval of {stat} covers in {share}");
    }
}

/// Seeds from 0xa0_0000. Paths come in antithetic pairs: treated as independent, the errors of
/// means would be 1.5 times too large, and those of the spread too small.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn coverage_where_paths_come_in_antithetic_pairs() {
    let (studies, coverage) = long_studies();
    let (low, gain, sd) = (0.01, 0.001, 0.02);
    let growth = MetricId::LOG_GROWTH.number();
    let ce = MetricId::of_name("ce_growth_gamma_3").expect("registered").number();
    let at = |z: f64| low + sd * z;
    // E[X | X < q_05] = mean - sd phi(z) / 0.05, P(X < 0) = Phi(-1/2), CE = mean - (gamma - 1)
    // years var / 2
    let values = [
        (growth, "mean", low),
        (growth, "sd", sd),
        (growth, "p05", at(-1.644_853_627)),
        (growth, "p50", low),
        (growth, "p90", at(1.281_551_566)),
        (growth, "cvar_05", at(-2.062_712_8)),
        (growth, "prob_below", 0.308_537_539),
        (ce, "mean", 1e4 * (low - 10.0 * sd * sd)),
    ];
    let differences = [
        (growth, "mean", gain),
        (growth, "sd", 0.0),
        (growth, "p05", gain),
        (growth, "cvar_05", gain),
        (ce, "mean", 1e4 * gain),
    ];
    let covered = |seed: u64| -> Vec<Option<bool>> {
        let analysis =
            World::antithetic(0xa0_0000 + seed, 8192, &[low, low + gain], 0.4).analyse(8192, true);
        let value = |&(metric, stat, truth): &(i32, &str, f64)| {
            let row = analysis
                .summary
                .iter()
                .find(|row| (row.policy_id, row.metric_id, &*row.stat) == (0, metric, stat))
                .expect("estimated");
            assert_eq!(row.method, "antithetic_sections");
            (row.precision == "precise")
                .then_some(row.ci_low <= Some(truth) && row.ci_high >= Some(truth))
        };
        let difference = |&(metric, stat, truth): &(i32, &str, f64)| {
            let row = analysis
                .compare
                .iter()
                .find(|row| row.metric_id == metric && row.stat == stat)
                .expect("compared");
            assert_eq!(row.method, "paired_sections");
            (row.precision == "precise")
                .then_some(row.ci_low <= Some(truth) && row.ci_high >= Some(truth))
        };
        values.iter().map(value).chain(differences.iter().map(difference)).collect()
    };
    let found: Vec<Vec<Option<bool>>> = (0..studies).into_par_iter().map(covered).collect();
    for (place, (metric, stat, _)) in values.iter().chain(&differences).enumerate() {
        let judged: Vec<bool> = found.iter().filter_map(|study| study[place]).collect();
        assert!(
            judged.len() as u64 > studies / 2,
            "{stat} of {metric} is called precise {} times only",
            judged.len()
        );
        let share = judged.iter().filter(|covers| **covers).count() as f64 / judged.len() as f64;
        assert!(
            coverage.contains(&share),
            "place {place}: the interval of {stat} of metric {metric} covers in {share}"
        );
    }
}

/// Draws two policies and a control: their log growth is that of the control plus 0.2 % a year of
/// their own noise, and the second one grows 10 bp faster.
fn heavy_tailed(seed: u64, paths: usize) -> (World, Vec<Control>) {
    const MEAN: f64 = 0.05;
    const SD: f64 = 0.045;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World {
        cells: vec![empty(ScenarioId(0), PolicyId(0)), empty(ScenarioId(0), PolicyId(1))],
        replicate_paths: 1,
    };
    let section = paths.div_ceil(1024).next_power_of_two();
    let mut sums = [3, 5].map(|gamma: u8| (gamma, vec![0.0; paths.div_ceil(section)]));
    for path in 0..paths {
        let z: f64 = rng.sample(StandardNormal);
        for (policy, gain) in [(0, 0.0), (1, 0.001)] {
            let own: f64 = rng.sample(StandardNormal);
            push(&mut world.cells[policy], MEAN + gain + SD * z + 0.002 * own, own);
        }
        for (gamma, sums) in &mut sums {
            // The mean of exp(a z) is exp(a^2 / 2).
            let a = (1.0 - f64::from(*gamma)) * YEARS * SD;
            sums[path / section] += exp(a * z - 0.5 * a * a);
        }
    }
    let control = |(gamma, sections)| Control {
        scenario_id: ScenarioId(0),
        horizon_months: MONTHS,
        policies: vec![PolicyId(0), PolicyId(1)],
        gamma,
        sections,
    };
    (world, sums.into_iter().map(control).collect())
}

/// A sample too small to have a path in the tail is not called precise, however small its error.
#[test]
fn with_a_control_no_small_run_is_precise() {
    let (world, controls) = heavy_tailed(0xb1_0000, 2048);
    let input =
        corridor_analysis::input::AnalysisInput { controls, ..world.input("ce_growth_gamma_3") };
    let analysis = analyse_states(&input, &world.states(2048), None).expect("a whole run");
    let rows: Vec<_> =
        analysis.summary.iter().filter(|row| row.method == "control_variate").collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.precision != "precise"), "{rows:?}");
}

/// Seeds from 0xb0_0000. With heavy tails, the plain certainty equivalent for a risk aversion of 5
/// is never called precise.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn coverage_of_certainty_equivalents_with_a_control_taken_out() {
    let (studies, coverage) = long_studies();
    let truth =
        |gamma: f64| 1e4 * (0.05 - 0.5 * (gamma - 1.0) * YEARS * (0.045 * 0.045 + 0.002 * 0.002));
    let wanted = [("ce_growth_gamma_3", 3.0), ("ce_growth_gamma_5", 5.0)];
    let covered = |seed: u64| -> Vec<Option<bool>> {
        let (world, controls) = heavy_tailed(0xb0_0000 + seed, 8192);
        let states = world.states(8192);
        let input = world.input("ce_growth_gamma_3");
        let plain =
            (seed < 20).then(|| analyse_states(&input, &states, None).expect("a whole run"));
        let controlled = analyse_states(
            &corridor_analysis::input::AnalysisInput { controls, ..input },
            &states,
            None,
        )
        .expect("a whole run");
        let mut found = Vec::new();
        for (name, gamma) in wanted {
            let metric = MetricId::of_name(name).expect("registered").number();
            let of = |rows: &[corridor_tables::SummaryRow]| {
                let mut rows = rows.iter().filter(|row| {
                    (row.policy_id, row.metric_id, &*row.stat) == (0, metric, "mean")
                });
                rows.next().expect("estimated").clone()
            };
            let after = of(&controlled.summary);
            assert_eq!(after.method, "control_variate");
            if let Some(before) = plain.as_ref().map(|plain| of(&plain.summary)) {
                assert!(
                    after.std_error.expect("an error") < 0.35 * before.std_error.expect("an error"),
                    "{name}: the control takes little out"
                );
            }
            found.push((after.precision == "precise").then_some(
                after.ci_low <= Some(truth(gamma)) && after.ci_high >= Some(truth(gamma)),
            ));
            let row = controlled
                .compare
                .iter()
                .find(|row| (row.metric_id, &*row.stat) == (metric, "mean"))
                .expect("compared");
            assert_eq!(row.method, "paired_control_variate");
            found.push(
                (row.precision == "precise")
                    .then_some(row.ci_low <= Some(10.0) && row.ci_high >= Some(10.0)),
            );
        }
        found
    };
    let found: Vec<Vec<Option<bool>>> = (0..studies).into_par_iter().map(covered).collect();
    for (place, what) in
        ["gamma 3", "gamma 3, paired", "gamma 5", "gamma 5, paired"].into_iter().enumerate()
    {
        let judged: Vec<bool> = found.iter().filter_map(|study| study[place]).collect();
        // A quarter of the sum is in 1 % of the paths: the control shrinks the error, not the tail.
        if what.starts_with("gamma 5") {
            assert!(
                judged.len() as u64 <= studies / 20,
                "{what} is called precise {} times",
                judged.len()
            );
            continue;
        }
        assert!(
            judged.len() as u64 > studies / 2,
            "{what} is called precise {} times only",
            judged.len()
        );
        let share = judged.iter().filter(|covers| **covers).count() as f64 / judged.len() as f64;
        assert!(coverage.contains(&share), "{what}: the interval covers in {share}");
    }
}
