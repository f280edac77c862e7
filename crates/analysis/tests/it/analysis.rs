//! Analyses small synthetic studies end to end and compares the tables with numbers computed
//! directly from the paths.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use corridor_analysis::analyse::{Analysis, KeptStates, KeptTables, analyse};
use corridor_analysis::error::AnalysisError;
use corridor_analysis::fold::FoldError;
use corridor_analysis::input::AnalysisInput;
use corridor_analysis::quantile::of_sorted;
use corridor_analysis::reduce::{
    ALL_PAIRS_MAX_POLICIES, FollowedCell, Horizon, Pairs, ReduceSpec, reduce,
};
use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::Level;
use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::{PathColumn, PolicyId, ScenarioId};
use corridor_tables::metric::{FollowedColumn, MetricId, REGISTRY, Source};
use corridor_tables::{ColumnValues, CompareRow, SummaryRow};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::world::{MONTHS, World, YEARS, analyse_states, empty, push};

fn summary<'a>(analysis: &'a Analysis, policy: i32, metric: &str, stat: &str) -> &'a SummaryRow {
    let metric = MetricId::of_name(metric).expect("registered").number();
    let found = analysis
        .summary
        .iter()
        .find(|row| (row.policy_id, row.metric_id, &*row.stat) == (policy, metric, stat));
    found.unwrap_or_else(|| panic!("no {stat} of metric {metric} of policy {policy}"))
}

fn compared<'a>(analysis: &'a Analysis, policy: i32, metric: &str) -> &'a CompareRow {
    let metric = MetricId::of_name(metric).expect("registered").number();
    compared_in(analysis, policy, metric, "mean")
}

fn compared_in<'a>(analysis: &'a Analysis, policy: i32, metric: i32, stat: &str) -> &'a CompareRow {
    let found = analysis
        .compare
        .iter()
        .find(|row| (row.policy_id, row.metric_id, &*row.stat) == (policy, metric, stat));
    found.unwrap_or_else(|| {
        panic!("no comparison of policy {policy} in the {stat} of metric {metric}")
    })
}

fn assert_close(value: Option<f64>, expected: f64, relative: f64) {
    let value = value.expect("a value");
    assert!(
        (value - expected).abs() <= relative * expected.abs().max(1e-300),
        "{value} is not {expected}"
    );
}

fn plain_mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn plain_sd(values: &[f64]) -> f64 {
    let mean = plain_mean(values);
    (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

#[test]
fn statistics_equal_their_definitions_to_1e_12() {
    let world = World::normal(1, 20_011, &[0.05, 0.0502], 0.2);
    let analysis = world.analyse(9000, true);
    for column in PathColumn::ALL.into_iter().filter(|column| *column != PathColumn::RuinMonth) {
        for policy in 0..2 {
            let values = world.values(policy, column);
            let mut sorted = values.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            let row = |stat: &str| summary(&analysis, policy as i32, column.name(), stat);
            assert_close(row("mean").value, plain_mean(values), 1e-12);
            let sd = if sorted[0] == sorted[sorted.len() - 1] { 0.0 } else { plain_sd(values) };
            assert!((row("sd").value.expect("a value") - sd).abs() <= 1e-12 * sd);
            for percent in [1, 5, 10, 25, 50, 75, 90, 95, 99] {
                let exact = of_sorted(&sorted, f64::from(percent) / 100.0).expect("not empty");
                assert_close(row(&format!("p{percent:02}")).value, exact, 1e-15);
            }
        }
    }
    let growth = world.values(0, PathColumn::LogGrowthUnitAnnual);
    for gamma in [2, 3, 5] {
        let power = 1.0 - f64::from(gamma);
        let utilities: Vec<f64> = growth.iter().map(|g| exp(power * g * YEARS)).collect();
        let expected = 1e4 * ln(plain_mean(&utilities)) / (power * YEARS);
        assert_close(
            summary(&analysis, 0, &format!("ce_growth_gamma_{gamma}"), "mean").value,
            expected,
            1e-12,
        );
    }
    let below = growth.iter().filter(|g| **g < 0.0).count() as f64 / growth.len() as f64;
    assert_eq!(summary(&analysis, 0, "log_growth_unit_annual", "prob_below").value, Some(below));
}

/// The scenario of `World` has 2 % inflation, 1 % from cash, and a goal of 1.5 million in money of
/// the start.
#[test]
fn derived_metrics_equal_their_definitions_with_and_without_rows() {
    let world = World::normal(21, 20_011, &[0.05, 0.0502], 0.2);
    let analysis = world.analyse(9000, true);
    let (prices, goal) = (1.02_f64.powi(10), 1.5e6 * 1.02_f64.powi(10));
    let of = |column, value: &dyn Fn(f64) -> f64| -> Vec<f64> {
        world.values(1, column).iter().map(|&x| value(x)).collect()
    };
    let vols = world.values(1, PathColumn::VolUnitAnnual);
    let growth = world.values(1, PathColumn::LogGrowthUnitAnnual);
    let derived: [(&str, Vec<f64>); 5] = [
        ("cagr_unit_annual", of(PathColumn::LogGrowthUnitAnnual, &f64::exp_m1)),
        (
            "sharpe_ratio",
            growth.iter().zip(vols).map(|(g, v)| (g - 0.01_f64.ln_1p()) / v).collect(),
        ),
        ("terminal_wealth_real", of(PathColumn::TerminalWealthNominal, &|w| w / prices)),
        ("funded_ratio", of(PathColumn::TerminalWealthNominal, &|w| w / goal)),
        ("shortfall_frac", of(PathColumn::TerminalWealthNominal, &|w| (1.0 - w / goal).max(0.0))),
    ];
    for (name, values) in derived {
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let row = |stat: &str| summary(&analysis, 1, name, stat);
        assert_close(row("mean").value, plain_mean(&values), 1e-12);
        assert_close(row("sd").value, plain_sd(&values), 1e-12);
        for percent in [1, 5, 50, 95, 99] {
            let exact = of_sorted(&sorted, f64::from(percent) / 100.0).expect("not empty");
            assert!(
                (row(&format!("p{percent:02}")).value.expect("a value") - exact).abs() <= 1e-13,
                "{name} p{percent}"
            );
        }
        assert_eq!(row("p50").method, "rows_order_statistics", "{name}");
    }
    let reached =
        world.values(1, PathColumn::TerminalWealthNominal).iter().filter(|w| **w >= goal).count()
            as f64
            / 20_011.0;
    assert!(reached > 0.1 && reached < 0.9);
    assert_eq!(summary(&analysis, 1, "goal_reached", "mean").value, Some(reached));
}

#[test]
fn certainty_equivalent_wealth_is_the_growth_rate_s_wealth_where_nothing_flows() {
    let world = World::normal(22, 10_000, &[0.05, 0.051], 0.1);
    let analysis = world.analyse(4000, false);
    for gamma in [2, 3, 5] {
        let (growth, wealth) =
            (format!("ce_growth_gamma_{gamma}"), format!("ce_wealth_gamma_{gamma}_nominal"));
        let rate = summary(&analysis, 1, &growth, "mean");
        let row = summary(&analysis, 1, &wealth, "mean");
        let grown = 1e6 * exp(rate.value.expect("a value") * 1e-4 * YEARS);
        assert_close(row.value, grown, 1e-11);
        // d wealth = wealth x years x d rate
        assert_close(
            row.std_error,
            grown * YEARS * 1e-4 * rate.std_error.expect("an error"),
            1e-10,
        );
        let (rate, row) = (compared(&analysis, 1, &growth), compared(&analysis, 1, &wealth));
        assert_close(row.diff, rate.effect_currency.expect("an effect"), 1e-9);
        assert_eq!(row.effect_currency, row.diff);
        let w: Vec<Vec<f64>> = [1, 0]
            .map(|policy| world.values(policy, PathColumn::TerminalWealthNominal).to_vec())
            .to_vec();
        let power = 1.0 - f64::from(gamma);
        let u = w
            .iter()
            .map(|w| w.iter().map(|w| exp(power * ln(w / 1e6))).collect::<Vec<f64>>())
            .collect::<Vec<_>>();
        let slope = |u: &[f64]| 1e6 * exp(ln(plain_mean(u)) / power) / power / plain_mean(u);
        let influence: Vec<f64> =
            u[0].iter().zip(&u[1]).map(|(a, b)| slope(&u[0]) * a - slope(&u[1]) * b).collect();
        assert_close(row.std_error, plain_sd(&influence) / 100.0, 1e-6);
    }
}

/// A difference of probabilities has an error even if no path differs, by each of its methods.
#[test]
fn a_probability_that_no_path_tells_apart_keeps_an_error() {
    for world in
        [World::normal(24, 2000, &[0.3, 0.3], 0.1), World::antithetic(24, 2000, &[0.3, 0.3], 0.1)]
    {
        let analysis = world.analyse(2000, false);
        let growth = MetricId::LOG_GROWTH.number();
        for row in
            [compared(&analysis, 1, "ruined"), compared_in(&analysis, 1, growth, "prob_below")]
        {
            assert_eq!(row.diff, Some(0.0));
            assert!(row.std_error > Some(1e-4) && row.ci_high > Some(1e-4), "{row:?}");
            assert_eq!(row.precision, "indicative", "{row:?}");
        }
    }
}

/// A mean that leaves paths out says so: it describes the others only.
#[test]
fn a_mean_of_some_paths_is_indicative() {
    for (without, expected) in [(10, "precise"), (60, "indicative")] {
        let mut world = World::normal(25, 2000, &[0.05, 0.051], 0.1);
        for cell in &mut world.cells {
            cell.columns[PathColumn::VolUnitAnnual as usize][..without].fill(0.0);
        }
        let analysis = world.analyse(2000, false);
        let row = summary(&analysis, 1, "sharpe_ratio", "mean");
        assert_eq!((row.n_paths, &*row.precision), (2000 - without as i64, expected));
        assert_eq!(row.reason.as_deref(), (expected != "precise").then_some("partial"));
    }
}

/// A metric about a goal has no rows in a study without a goal.
#[test]
fn without_a_goal_nothing_is_said_of_one() {
    let world = World::normal(23, 500, &[0.05, 0.051], 0.1);
    let mut input = world.input("ce_growth_gamma_3");
    input.scenarios[0].goal = None;
    let spec = ReduceSpec::new(&input.horizons, &input.scenarios, &[PolicyId(0); 2]);
    let states = world.parts(500).iter().map(|part| reduce(part, &spec)).collect::<Vec<_>>();
    let analysis = analyse_states(&input, &states, Some(&world)).expect("a whole run");
    for name in ["funded_ratio", "shortfall_frac", "goal_reached"] {
        let id = MetricId::of_name(name).expect("registered").number();
        assert!(
            analysis.summary.iter().all(|row| row.metric_id != id)
                && analysis.compare.iter().all(|row| row.metric_id != id),
            "{name}"
        );
    }
}

#[test]
fn the_tail_mean_equals_the_mean_of_the_worst_paths_on_the_metric_s_bad_side() {
    let world = World::normal(2, 20_000, &[0.05], 1.0);
    let analysis = world.analyse(20_000, true);
    for (column, is_low) in
        [(PathColumn::TerminalWealthNominal, true), (PathColumn::MaxDrawdownUnitFrac, false)]
    {
        let mut sorted = world.values(0, column).to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let worst = if is_low { &sorted[..1000] } else { &sorted[19_000..] };
        let row = summary(&analysis, 0, column.name(), "cvar_05");
        // The definition takes the quantile between two paths; the plain mean of 1,000 does not.
        assert_close(row.value, plain_mean(worst), 1e-5);
        assert_eq!(row.method, "rows_influence");
    }
    assert!(
        analysis
            .summary
            .iter()
            .all(|row| row.stat != "cvar_05" || row.metric_id != MetricId::GROWTH_WEIGHT.number())
    );
}

#[test]
fn differences_equal_their_definitions_and_keep_their_digits() {
    // Differences are 1e-6 of the values: the correlation is 1 - 1e-12.
    let world = World::normal(3, 10_000, &[0.05, 0.0500001], 1e-6);
    let analysis = world.analyse(4000, true);
    let (a, b) = (
        world.values(1, PathColumn::TerminalWealthNominal),
        world.values(0, PathColumn::TerminalWealthNominal),
    );
    let steps: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let row = compared(&analysis, 1, "terminal_wealth_nominal");
    assert_close(row.diff, plain_mean(&steps), 1e-10);
    assert_close(row.std_error, plain_sd(&steps) / 100.0, 1e-10);
    assert_eq!(row.effect_currency, row.diff);
    let utility =
        |column: &[f64]| -> Vec<f64> { column.iter().map(|g| exp(-2.0 * g * YEARS)).collect() };
    let u: Vec<Vec<f64>> = [1, 0]
        .map(|policy| utility(world.values(policy, PathColumn::LogGrowthUnitAnnual)))
        .to_vec();
    let (mean_a, mean_b) = (plain_mean(&u[0]), plain_mean(&u[1]));
    let influence: Vec<f64> =
        u[0].iter().zip(&u[1]).map(|(x, y)| x / mean_a - y / mean_b).collect();
    let row = compared(&analysis, 1, "ce_growth_gamma_3");
    assert_close(row.diff, -500.0 * ln(mean_a / mean_b), 1e-8);
    assert_close(row.std_error, 500.0 * plain_sd(&influence) / 100.0, 1e-6);
    let better = steps.iter().filter(|d| **d > 0.0).count() as f64 / 10_000.0;
    assert_close(row.share_better, better, 1e-12);
    assert!(row.correlation.is_some_and(|r| r > 0.999_999));
}

#[test]
fn threads_and_instruction_sets_move_no_bit_and_parts_none_but_the_last() {
    let world = World::normal(4, 30_000, &[0.05, 0.051, 0.049], 0.3);
    let whole = world.analyse(30_000, true);
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        assert_eq!(pool.install(|| world.analyse(30_000, true)), whole, "{threads} threads");
    }
    // Parts of whole batches hold the same batches, so no bit changes.
    assert_eq!(world.analyse(8192, true), whole);
    // Other parts make other batches: sums change in their last bits, counts and order statistics
    // do not change.
    let (mut long, mut other_long) = (KeptTables::default(), KeptTables::default());
    assert_eq!(world.analyse_into(30_000, true, &mut long), whole, "long tables add to the others");
    let other = world.analyse_into(7001, true, &mut other_long);
    assert_eq!(other_long, long);
    for (a, b) in other.summary.iter().zip(&whole.summary) {
        assert_eq!(a.value.is_some(), b.value.is_some());
        let (x, y) = (a.value.unwrap_or(0.0), b.value.unwrap_or(0.0));
        assert!((x - y).abs() <= 1e-12 * y.abs().max(1e-9), "{a:?} {b:?}");
    }
    let spec = ReduceSpec::new(&[Horizon { months: MONTHS, years: YEARS }], &[], &[PolicyId(0); 3]);
    let part = &world.parts(30_000)[0];
    for level in Level::available() {
        assert_eq!(reduce(part, &spec.clone().at_level(level)), reduce(part, &spec), "{level:?}");
    }
}

#[test]
fn without_rows_quantiles_come_from_counts_within_a_bucket_and_say_so() {
    let world = World::normal(5, 30_000, &[0.05], 1.0);
    let long = |with_rows| {
        let mut long = KeptTables::default();
        world.analyse_into(30_000, with_rows, &mut long);
        long
    };
    let (rows, counts) = (long(true), long(false));
    for (exact, counted) in rows.quantiles.iter().zip(&counts.quantiles) {
        let (Some(x), Some(y)) = (exact.value, counted.value) else {
            assert_eq!((exact.value, counted.value), (None, None));
            continue;
        };
        assert!((x - y).abs() <= x.abs() / 128.0, "{exact:?} {counted:?}");
        // Counts of whole numbers are exact, so their rows are not read.
        let metric = MetricId::of_number(exact.metric_id).expect("registered").metric();
        let is_whole = metric.spacing.is_whole();
        let of_rows = if is_whole { "counts_order_statistics" } else { "rows_order_statistics" };
        assert!(!is_whole || x == y, "{exact:?} {counted:?}");
        assert_eq!((&*exact.method, &*counted.method), (of_rows, "counts_order_statistics"));
        if let (Some(low), Some(exact_low)) = (counted.ci_low, exact.ci_low) {
            assert!(low <= exact_low, "{counted:?} {exact:?}");
        }
    }
    let [x, y] = [true, false]
        .map(|with_rows| world.analyse(30_000, with_rows))
        .map(|analysis| summary(&analysis, 0, "terminal_wealth_nominal", "cvar_05").clone());
    assert!(
        (x.value.expect("a value") / y.value.expect("a value") - 1.0).abs() < 1e-3,
        "{x:?} {y:?}"
    );
    assert_eq!(y.method, "counts_influence");
}

#[test]
fn ruin_leaves_no_certainty_equivalent_keeps_zeros_of_wealth_and_dates_the_ruined_only() {
    let mut world = World::normal(6, 1000, &[0.05, 0.06], 0.5);
    for path in 0..50 {
        for (column, value) in
            [(PathColumn::TerminalWealthNominal, 0.0), (PathColumn::RuinMonth, 24.0 + path as f64)]
        {
            world.cells[1].columns[column as usize][path] = value;
        }
    }
    let analysis = world.analyse(1000, true);
    let row = summary(&analysis, 1, "ce_growth_gamma_3", "mean");
    assert_eq!((row.value, row.reason.as_deref()), (None, Some("ruin")));
    assert_eq!(summary(&analysis, 1, "terminal_wealth_nominal", "p01").value, Some(0.0));
    let ruined = summary(&analysis, 1, "ruined", "mean");
    assert_eq!((ruined.value, &*ruined.method), (Some(0.05), "sums_wilson"));
    let date = summary(&analysis, 1, "ruin_month", "p50");
    assert_eq!((date.value, date.n_paths), (Some(48.5), 50));
    let none = summary(&analysis, 0, "ruin_month", "mean");
    assert_eq!((none.value, none.reason.as_deref()), (None, Some("no_values")));
    let row = compared(&analysis, 1, "ce_growth_gamma_3");
    assert_eq!(
        (row.diff, row.verdict.as_deref(), row.reason.as_deref()),
        (None, None, Some("ruin"))
    );
    let row = compared(&analysis, 1, "ruined");
    assert_eq!((row.diff, row.share_better), (Some(0.05), Some(0.475)));
    assert!(row.p_value.is_some_and(|p| p < 1e-12));
    assert!(
        analysis
            .compare
            .iter()
            .all(|row| row.metric_id
                != MetricId::of_column(PathColumn::RuinMonth).expect("").number())
    );
}

#[test]
fn verdicts_follow_the_simultaneous_interval_and_the_margin() {
    // The margin is 5 bp a year, and errors are below 1 bp.
    let world = World::normal(7, 20_000, &[0.05, 0.0515, 0.0485, 0.0501, 0.05], 0.05);
    let analysis = world.analyse(20_000, true);
    let verdicts =
        [1, 2, 3].map(|policy| compared(&analysis, policy, "ce_growth_gamma_3").verdict.clone());
    assert_eq!(verdicts, [Some("better".into()), Some("worse".into()), Some("equivalent".into())]);
    for row in &analysis.compare {
        let (Some(low), Some(low_all)) = (row.ci_low, row.ci_low_simultaneous) else {
            assert_eq!(row.reason.as_deref(), Some("discrete"), "no interval in {row:?}");
            continue;
        };
        assert!(low_all <= low, "{row:?}");
        assert!(row.p_adjusted >= row.p_value, "{row:?}");
    }
    let row = compared(&analysis, 1, "vol_unit_annual");
    assert_eq!((row.verdict.as_deref(), row.reason.as_deref()), (None, Some("no_margin")));
    // A probability and a drawdown have a margin of one point where the study declares none.
    for metric in ["ruined", "max_drawdown_unit_frac"] {
        let row = compared(&analysis, 1, metric);
        assert_eq!(row.verdict.as_deref(), Some("equivalent"), "{row:?}");
    }
    let few = World::normal(7, 400, &[0.05, 0.0509], 0.2).analyse(400, true);
    let row = compared(&few, 1, "ce_growth_gamma_3");
    assert_eq!(row.verdict.as_deref(), Some("not resolved"));
    assert!(row.n_paths_needed.is_some_and(|n| n > 400), "{row:?}");
}

#[test]
fn a_policy_equal_on_every_path_is_equivalent_with_certainty() {
    let mut world = World::normal(8, 5000, &[0.05, 0.05], 0.0);
    world.cells[1].columns = world.cells[0].columns.clone();
    let analysis = world.analyse(5000, true);
    let row = compared(&analysis, 1, "ce_growth_gamma_3");
    assert_eq!((row.diff, row.std_error, row.p_value), (Some(0.0), Some(0.0), Some(1.0)));
    assert_eq!((row.verdict.as_deref(), row.share_better), (Some("equivalent"), Some(0.5)));
}

#[test]
fn a_heavy_tail_is_flagged_and_resolves_nothing() {
    // U^-4 is lognormal with sigma 4: its mean depends on a few paths.
    let mut world = World::normal(9, 5000, &[0.05, 0.08], 0.0);
    for cell in &mut world.cells {
        for growth in &mut cell.columns[PathColumn::LogGrowthUnitAnnual as usize] {
            *growth *= 5.0;
        }
    }
    let analysis = world.analyse(5000, true);
    let row = summary(&analysis, 0, "ce_growth_gamma_5", "mean");
    assert_eq!(row.precision, "insufficient");
    assert!(matches!(row.reason.as_deref(), Some("skew" | "heavy_tail")), "{row:?}");
    let row = compared(&analysis, 1, "ce_growth_gamma_5");
    assert_eq!(row.verdict.as_deref(), Some("not resolved"));
    assert_eq!(summary(&analysis, 0, "max_drawdown_unit_frac", "mean").precision, "precise");
    // Two policies that never differ are equivalent, however heavy their tails.
    world.cells[1].columns = world.cells[0].columns.clone();
    let row = compared(&world.analyse(5000, true), 1, "ce_growth_gamma_5").clone();
    assert_eq!((row.verdict.as_deref(), &*row.precision), (Some("equivalent"), "precise"));
}

#[test]
fn without_randomness_errors_are_zero_and_quantiles_are_the_value() {
    let mut world = World {
        cells: vec![empty(ScenarioId(0), PolicyId(0)), empty(ScenarioId(0), PolicyId(1))],
        replicate_paths: 1,
    };
    for _ in 0..200 {
        push(&mut world.cells[0], 0.05, 0.0);
        push(&mut world.cells[1], 0.06, 0.0);
    }
    let analysis = world.analyse(200, true);
    for row in analysis
        .summary
        .iter()
        .filter(|row| row.stat == "mean" && row.n_paths > 0 && row.method != "sums_wilson")
    {
        assert_eq!(row.std_error, Some(0.0), "{row:?}");
        assert_eq!((row.ci_low, row.ci_high), (row.value, row.value));
    }
    let row = compared(&analysis, 1, "ce_growth_gamma_3");
    assert_eq!((row.verdict.as_deref(), row.p_value), (Some("better"), Some(0.0)));
    assert_close(row.diff, 100.0, 1e-12);
    assert_close(row.effect_currency, 1e6 * (exp(0.6) - exp(0.5)), 1e-12);
}

#[test]
fn wide_tables_have_a_labelled_row_per_cell_and_per_comparison() {
    let analysis = World::normal(10, 500, &[0.05, 0.051, 0.052], 0.3).analyse(500, false);
    for (table, rows) in [(&analysis.bi_summary, 3), (&analysis.bi_compare, 2)] {
        let mut names: Vec<&str> =
            table.columns.iter().map(|column| column.name.as_str()).collect();
        assert!(table.columns.iter().all(|column| column.values.len() == rows));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.columns.len(), "names are unique");
    }
    let names = |name: &str| {
        analysis.bi_summary.columns.iter().find(|column| column.name == name).map(|c| &c.values)
    };
    let labels = ["policy-0", "policy-1", "policy-2"].map(|name| Some(name.to_owned())).to_vec();
    assert_eq!(names("policy"), Some(&ColumnValues::Text(labels)));
    assert!(REGISTRY.iter().all(|metric| names(metric.name).is_some()));
    assert!(names("terminal_wealth_nominal_p50").is_some());
}

#[test]
fn histograms_share_their_edges_and_count_every_path() {
    let mut long = KeptTables::default();
    World::normal(11, 3000, &[0.05, 0.09], 0.3).analyse_into(3000, false, &mut long);
    for metric in MetricId::all().filter(|id| id.metric().source.has_distribution()) {
        let of = |policy: i32| -> Vec<_> {
            long.histogram
                .iter()
                .filter(|row| (row.policy_id, row.metric_id) == (policy, metric.number()))
                .collect()
        };
        let (a, b) = (of(0), of(1));
        assert!(
            a.iter()
                .zip(&b)
                .all(|(a, b)| (a.bucket_low, a.bucket_high) == (b.bucket_low, b.bucket_high))
        );
        assert!(a.len() == b.len() && a.len() <= 64);
        let is_followed = matches!(metric.metric().source, Source::Followed(_));
        let expected = if metric.metric().name == "ruin_month" || is_followed { 0 } else { 3000 };
        assert_eq!(
            b.iter().map(|row| row.count).sum::<i64>(),
            expected,
            "{}",
            metric.metric().name
        );
    }
}

#[test]
fn states_and_rows_that_do_not_belong_together_are_refused() {
    let world = World::normal(13, 9000, &[0.05, 0.06], 0.5);
    let input = world.input("ce_growth_gamma_3");
    let run = |states: Vec<_>, rows: Option<&World>| analyse_states(&input, &states, rows);
    let mut states = world.states(4096);
    states.swap(0, 1);
    let order = FoldError::PartOutOfOrder { expected: 0, found: 1 };
    assert_eq!(run(states, None), Err(AnalysisError::Fold(order)));
    assert_eq!(run(Vec::new(), None), Err(AnalysisError::Empty));
    let other = World::normal(14, 9000, &[0.05, 0.06], 0.5);
    let found = run(world.states(4096), Some(&other));
    assert!(matches!(found, Err(AnalysisError::RowsDisagree { .. })), "{:?}", found.map(|_| ()));
    let mut states = world.states(4096);
    states[0].crosses.clear();
    states[1].crosses.clear();
    states[2].crosses.clear();
    states.iter_mut().for_each(|state| state.sections.clear());
    assert_eq!(
        run(states, None),
        Err(AnalysisError::PairNotKept { policy: PolicyId(1), with: PolicyId(0) })
    );
}

#[test]
fn very_many_policies_keep_declared_pairs_only() {
    let policies = ALL_PAIRS_MAX_POLICIES + 2;
    let world = World::normal(15, 200, &vec![0.05; policies], 0.5);
    let mut baselines = vec![PolicyId(1); policies];
    baselines[5] = PolicyId(7);
    let spec = ReduceSpec::new(
        &[Horizon { months: MONTHS, years: YEARS }],
        &world.input("ruined").scenarios,
        &baselines,
    );
    let Pairs::Only(pairs) = spec.pairs() else { panic!("all pairs kept") };
    assert_eq!(pairs.len(), policies - 1);
    let keeps = |a, b| pairs.contains(&(PolicyId(a), PolicyId(b)));
    assert!(keeps(0, 1) && keeps(5, 7) && !keeps(1, 5));
    let state = reduce(&world.parts(200)[0], &spec);
    let metrics =
        REGISTRY.iter().filter(|metric| !matches!(metric.source, Source::Followed(_))).count() - 1;
    assert_eq!(state.crosses.len(), pairs.len() * metrics);
    assert_eq!(ReduceSpec::new(&[], &[], &[PolicyId(0); 2]).pairs(), &Pairs::All);
}

/// Any two policies can be compared, even if the sums over their pairs were not kept.
#[test]
fn sections_stand_in_for_pairs_that_were_not_kept() {
    let world = World::normal(17, 40_000, &[0.05, 0.051, 0.052], 0.1);
    let with_pairs = world.analyse(8192, false);
    let mut states = world.states(8192);
    states.iter_mut().for_each(|state| state.crosses.clear());
    let input = world.input("ce_growth_gamma_3");
    let without = analyse_states(&input, &states, None).expect("a whole run");
    for metric in ["ce_growth_gamma_3", "terminal_wealth_nominal", "log_growth_unit_annual"] {
        let (a, b) = (compared(&with_pairs, 1, metric), compared(&without, 1, metric));
        assert_eq!(b.method, "paired_sections");
        assert_close(b.diff, a.diff.expect("a difference"), 1e-9);
        // With 625 sections an error is known to 3 %.
        assert_close(b.std_error, a.std_error.expect("an error"), 0.1);
        assert_eq!(a.verdict, b.verdict);
    }
}

/// Monthly metrics are in the tables beside the other metrics, with the number of followed paths.
#[test]
fn followed_paths_have_their_own_number_and_are_paired_where_that_says_something() {
    let world = World::normal(22, 5000, &[0.05, 0.051], 0.3);
    let mut input = world.input("ce_growth_gamma_3");
    let noise = |place: usize, of: u64| (place as u64 * 7919 % of) as f64 / of as f64;
    let cell = |policy: usize| {
        let column =
            |column: FollowedColumn| match (column.is_relative(), policy, column.is_event()) {
                (true, 0, _) => vec![f64::NAN; 700],
                (_, _, true) => (0..700).map(|place| f64::from(u8::from(place % 7 == 0))).collect(),
                _ => (0..700)
                    .map(|place| {
                        noise(place, 701) * 0.1 + policy as f64 * (0.01 + 0.05 * noise(place, 389))
                    })
                    .collect(),
            };
        FollowedCell {
            id: world.cells[policy].id,
            columns: FollowedColumn::ALL.map(column).map(Arc::from),
        }
    };
    input.followed = vec![cell(0), cell(1)];
    let analysis = analyse_states(&input, &world.states(4096), Some(&world)).expect("a whole run");
    let row = summary(&analysis, 1, "underperformed_3y", "mean");
    assert_eq!((row.value, row.n_paths, &*row.method), (Some(1.0 / 7.0), 700, "sums_wilson"));
    let row = summary(&analysis, 0, "tracking_error_annual", "mean");
    assert_eq!((row.value, row.reason.as_deref()), (None, Some("no_values")));
    let column =
        |policy: usize| input.followed[policy].columns[FollowedColumn::UlcerIndex as usize].clone();
    let steps: Vec<f64> = column(1).iter().zip(&*column(0)).map(|(a, b)| a - b).collect();
    let row = compared(&analysis, 1, "ulcer_index_unit_frac");
    assert_close(row.diff, plain_mean(&steps), 1e-12);
    assert_close(row.std_error, plain_sd(&steps) / 700_f64.sqrt(), 1e-12);
    assert_eq!(row.n_paths, 700);
    let relative = MetricId::of_name("tracking_error_annual").expect("registered").number();
    assert!(
        analysis.compare.iter().all(|row| row.metric_id != relative),
        "a tracking error is a difference already"
    );
    for sections_at_once in [0, 10_000] {
        let few = AnalysisInput { sections_at_once, ..input.clone() };
        let found = analyse_states(&few, &world.states(4096), Some(&world));
        assert_eq!(found.as_ref(), Ok(&analysis), "metrics do not depend on each other");
    }
    let mut without = world.input("ce_growth_gamma_3");
    without.followed.clear();
    let analysis =
        analyse_states(&without, &world.states(4096), Some(&world)).expect("a whole run");
    assert!(analysis.summary.iter().all(|row| row.metric_id != relative));
}

/// A bootstrap of the paths checks the errors of differences of spreads, tails and quantiles.
#[test]
fn paired_errors_of_spread_tail_and_quantiles_agree_with_the_bootstrap_of_paths() {
    let world = World::normal(18, 4000, &[0.05, 0.0505], 0.3);
    let analysis = world.analyse(4096, true);
    let growth: Vec<&[f64]> =
        (0..2).map(|cell| world.values(cell, PathColumn::LogGrowthUnitAnnual)).collect();
    let tail = |sorted: &[f64]| {
        let q = of_sorted(sorted, 0.05).expect("not empty");
        q - sorted.iter().map(|x| (q - x).max(0.0)).sum::<f64>() / (0.05 * sorted.len() as f64)
    };
    type Statistic<'a> = (&'a str, &'a dyn Fn(&[f64]) -> f64);
    let quantile = |p: f64| move |sorted: &[f64]| of_sorted(sorted, p).expect("not empty");
    let (p05, p50, p90) = (quantile(0.05), quantile(0.5), quantile(0.9));
    let below = |sorted: &[f64]| sorted.partition_point(|x| *x < 0.0) as f64 / sorted.len() as f64;
    let statistics: [Statistic<'_>; 6] = [
        ("sd", &plain_sd),
        ("cvar_05", &tail),
        ("p05", &p05),
        ("p50", &p50),
        ("p90", &p90),
        ("prob_below", &below),
    ];
    let mut rng = ChaCha8Rng::seed_from_u64(19);
    let mut differences: Vec<Vec<f64>> = vec![Vec::new(); statistics.len()];
    for _ in 0..400 {
        let places: Vec<usize> = (0..4000).map(|_| rng.random_range(0..4000)).collect();
        let mut samples = growth
            .iter()
            .map(|values| places.iter().map(|&i| values[i]).collect::<Vec<f64>>())
            .collect::<Vec<_>>();
        samples.iter_mut().for_each(|sample| sample.sort_unstable_by(f64::total_cmp));
        for ((_, of), found) in statistics.iter().zip(&mut differences) {
            found.push(of(&samples[1]) - of(&samples[0]));
        }
    }
    let metric = MetricId::LOG_GROWTH.number();
    for ((name, _), found) in statistics.iter().zip(&differences) {
        let row = compared_in(&analysis, 1, metric, name);
        let (error, bootstrap) = (row.std_error.expect("an error"), plain_sd(found));
        // An error is known to 3.5 % from 400 resamples and to 3 % from sections; a density to 10
        // %.
        assert!((error / bootstrap - 1.0).abs() < 0.25, "{name}: {error} is not {bootstrap}");
        assert!(row.diff.expect("a difference").abs() < 5.0 * error, "{name}: {row:?}");
    }
}

/// Simultaneous intervals are wider than pointwise ones, and narrower than Bonferroni's if
/// differences are correlated.
#[test]
fn the_joint_law_lies_between_each_by_itself_and_bonferroni() {
    let mut world = World::normal(20, 50_000, &[0.05; 9], 0.2);
    // Eight policies share most of their difference from the baseline.
    let shared = world.cells[1].clone();
    for cell in &mut world.cells[2..] {
        for column in PathColumn::ALL {
            let mixed = |(own, other): (&f64, &f64)| 0.03 * own + 0.97 * other;
            cell.columns[column as usize] =
                cell.column(column).iter().zip(shared.column(column)).map(mixed).collect();
        }
    }
    let analysis = world.analyse(8192, true);
    let row = compared(&analysis, 3, "log_growth_unit_annual");
    let half = |low: Option<f64>, high: Option<f64>| {
        0.5 * (high.expect("an interval") - low.expect("an interval"))
    };
    let ratio =
        half(row.ci_low_simultaneous, row.ci_high_simultaneous) / half(row.ci_low, row.ci_high);
    // Bonferroni's factor for 8 policies is 2.734 / 1.960 = 1.395.
    assert!((1.0..1.1).contains(&ratio), "{ratio}");
    assert_eq!(row.p_adjust_method.as_deref(), Some("step_down_max_t"));
    let independent = World::normal(21, 50_000, &[0.05; 9], 1.0);
    let mut input = independent.input("ce_growth_gamma_3");
    let run = |input: &AnalysisInput| {
        let analysis = analyse_states(input, &independent.states(8192), None).expect("a whole run");
        let row = compared(&analysis, 3, "log_growth_unit_annual").clone();
        half(row.ci_low_simultaneous, row.ci_high_simultaneous) / half(row.ci_low, row.ci_high)
    };
    // Differences from one baseline have correlation 1/2: Dunnett's two-sided value for 8 is 2.67.
    assert!((run(&input) - 2.67 / 1.96).abs() < 0.02, "{}", run(&input));
    // Policies tried elsewhere count too: the factor is at most Bonferroni's for 20.
    input.comparison.further = 12;
    assert!((2.9 / 1.96..3.025 / 1.96).contains(&run(&input)), "{}", run(&input));
}

/// A policy that sees the future, or is compared with one that does, has no verdict and does not
/// count among the policies that are judged.
#[test]
fn a_policy_that_looks_ahead_is_shown_and_not_judged() {
    let world = World::normal(8, 5000, &[0.05, 0.06, 0.055, 0.051], 0.3);
    let states = world.states(5000);
    let mut input = world.input("ce_growth_gamma_3");
    input.comparison.compare_with = vec![PolicyId(0), PolicyId(0), PolicyId(0), PolicyId(1)];
    input.look_ahead = [PolicyId(1)].into();
    let labelled = analyse_states(&input, &states, Some(&world)).expect("a whole run");
    let row = |policy| compared(&labelled, policy, "ce_growth_gamma_3");
    for policy in [1, 3] {
        assert_eq!(
            (row(policy).verdict.as_deref(), row(policy).reason.as_deref()),
            (None, Some("look_ahead"))
        );
        assert!(row(policy).diff.is_some() && row(policy).ci_low_simultaneous.is_some());
    }
    // Policy 2 is alone in its family, so its simultaneous interval is the pointwise one.
    assert_eq!(row(2).verdict.as_deref(), Some("better"));
    assert_eq!(
        (row(2).ci_low_simultaneous, row(2).ci_high_simultaneous),
        (row(2).ci_low, row(2).ci_high)
    );
}

#[test]
fn each_policy_may_have_its_own_baseline() {
    let world = World::normal(16, 2000, &[0.05, 0.051, 0.052], 0.3);
    let mut input = world.input("ce_growth_gamma_3");
    input.comparison.compare_with = vec![PolicyId(0), PolicyId(0), PolicyId(1)];
    let states = world.states(2000);
    let analysis = analyse_states(&input, &states, None).expect("a whole run");
    let pairs: Vec<(i32, i32)> = analysis
        .compare
        .iter()
        .filter(|row| row.metric_id == 0 && row.stat == "mean")
        .map(|row| (row.policy_id, row.baseline_policy_id))
        .collect();
    assert_eq!(pairs, [(1, 0), (2, 1)]);
}

#[test]
fn a_cancelled_analysis_says_so_wherever_it_was_stopped() {
    let world = World::normal(31, 3000, &[0.05, 0.06, 0.07], 0.3);
    let input = world.input("ce_growth_gamma_3");
    let states = world.states(1024);
    let asked = AtomicU32::new(0);
    let analyse_until = |last: u32| {
        asked.store(0, Ordering::Relaxed);
        let is_requested = || asked.fetch_add(1, Ordering::Relaxed) >= last;
        analyse(
            &input,
            &KeptStates::new(&states),
            Some(&world),
            &mut (),
            Cancel::new(&is_requested),
        )
    };
    let whole = analyse_until(u32::MAX).expect("nobody cancels");
    assert_eq!(whole, world.analyse(1024, true), "to be asked changes nothing");
    let questions = asked.load(Ordering::Relaxed);
    assert!(questions > 1000, "asked {questions} times only");
    for last in [0, 2, 10, questions / 4, questions / 2, questions - 1] {
        let found = analyse_until(last);
        assert_eq!(found.err(), Some(AnalysisError::Cancelled(Cancelled)), "after {last}");
    }
}

/// However many metrics are in memory together, with rows and without, every table is the same.
#[test]
fn metrics_that_are_analysed_apart_have_the_same_tables() {
    let world = World::normal(33, 3000, &[0.05, 0.06, 0.052], 0.3);
    let states = world.states(1024);
    let run = |sections_at_once: usize, rows: Option<&World>| {
        let input = AnalysisInput { sections_at_once, ..world.input("ce_growth_gamma_3") };
        let mut long = KeptTables::default();
        let states = KeptStates::new(&states);
        let found = analyse(&input, &states, rows, &mut long, Cancel::NEVER);
        (found.expect("a whole run"), long)
    };
    for rows in [None, Some(&world)] {
        let together = run(usize::MAX, rows);
        for sections_at_once in [0, 7000, 30_000] {
            assert_eq!(run(sections_at_once, rows), together, "{sections_at_once}");
        }
    }
}

/// The weight of growth assets under rules that trade back at every step: the target, but for
/// rounding.
#[test]
fn a_metric_that_is_constant_but_for_rounding_has_no_error() {
    let mut world = World::normal(9, 5000, &[0.05, 0.05], 1.0);
    for (policy, cell) in world.cells.iter_mut().enumerate() {
        let weights = &mut cell.columns[PathColumn::GrowthWeightMeanFrac as usize];
        for (path, weight) in weights.iter_mut().enumerate() {
            *weight = 0.6 + ((path + policy) % 5) as f64 * 1e-16;
        }
    }
    let analysis = world.analyse(5000, true);
    let metric = MetricId::GROWTH_WEIGHT.number();
    for row in analysis.summary.iter().filter(|row| row.metric_id == metric) {
        assert_eq!(row.std_error, Some(0.0), "{row:?}");
        assert_eq!(row.ci_low, row.ci_high, "{row:?}");
    }
    for row in analysis.compare.iter().filter(|row| row.metric_id == metric) {
        assert_eq!((row.diff, row.std_error, row.p_value), (Some(0.0), Some(0.0), Some(1.0)));
    }
}
