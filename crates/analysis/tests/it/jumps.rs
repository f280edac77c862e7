//! Checks intervals of quantiles, and of their differences, where values are whole numbers or stand
//! in lumps: one lump for each number of trades.
//!
//! Runs have fixed seeds. All quantiles of a run hang together, so the error of a coverage is that
//! of the mean over runs of the share that each run misses. A coverage is refused where it lies
//! more than `z` of these errors from what is claimed; with `alpha` = 0.001 in each of the six
//! tests of a kind, `z` = 3.3. `CORRIDOR_LONG=1` has ten times the runs.

use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::{CellId, OutcomeCell, PathColumn, PolicyId, ScenarioId};
use corridor_tables::metric::MetricId;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, Poisson, StandardNormal};
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Discrete, Normal};

use crate::world::{MONTHS, World};

const PATHS: usize = 4096;
const Z: f64 = 3.3;
/// Share of paths on which the policy trades once more than the baseline.
const ONCE_MORE: f64 = 0.3;
/// Trades of the baseline on average.
const TRADES: f64 = 4.0;
const PERCENTS: [u8; 9] = [1, 5, 10, 25, 50, 75, 90, 95, 99];

/// Kinds of intervals, in the order of [`Tallies`].
const KINDS: [&str; 4] =
    ["precise differences", "differences in jumps", "precise levels", "levels in jumps"];

/// Columns whose laws are known, each with the width of its lumps: none, or 0 for whole numbers.
const KNOWN: [(PathColumn, Law); 6] = [
    (PathColumn::RebalanceEvents, Law::Trades),
    (PathColumn::MonthsUnderWaterUnit, Law::Months),
    (PathColumn::TurnoverOneWayAnnual, Law::Lumps(0.05)),
    (PathColumn::CostBpsAnnual, Law::Lumps(0.2)),
    (PathColumn::GrowthWeightMeanFrac, Law::Weights),
    (PathColumn::VolUnitAnnual, Law::Smooth),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Law {
    /// Number of trades.
    Trades,
    /// A rounded normal number.
    Months,
    /// About one for each trade, with this standard deviation.
    Lumps(f64),
    /// A weight that many paths hold at the edge of its band.
    Weights,
    /// An exponential of a normal number.
    Smooth,
}

/// Highest weight.
const EDGE: f64 = 0.612_37;

/// Numbers behind one path under one policy.
struct Drawn {
    trades: f64,
    normal: f64,
}

impl Law {
    fn value(self, drawn: &Drawn) -> f64 {
        match self {
            Self::Trades => drawn.trades,
            Self::Months => (60.0 + 12.0 * drawn.normal).clamp(0.0, 120.0).round(),
            Self::Lumps(width) => drawn.trades + width * drawn.trades.sqrt() * drawn.normal,
            Self::Weights => (0.6 + 0.01 * drawn.normal).min(EDGE),
            Self::Smooth => 0.1 * exp(0.1 * drawn.normal),
        }
    }

    /// Probability of a value of at most `x`; `once_more` is the share of paths with one more trade
    /// than the baseline, whose paths have a higher normal number, too.
    fn at_most(self, x: f64, once_more: f64) -> f64 {
        let (normal, shift) = (Normal::standard(), once_more);
        let trades = |k: u64| {
            let poisson = statrs::distribution::Poisson::new(TRADES).expect("valid");
            let before = if k > 0 { poisson.pmf(k - 1) } else { 0.0 };
            (1.0 - once_more) * poisson.pmf(k) + once_more * before
        };
        let of_lump = |k: u64, width: f64| {
            let (k, sd) = (k as f64, width * (k as f64).sqrt());
            if sd > 0.0 { normal.cdf((x - k) / sd - shift) } else { f64::from(u8::from(x >= k)) }
        };
        match self {
            Self::Trades => (0..60).map(|k| trades(k) * of_lump(k, 0.0)).sum(),
            Self::Lumps(width) => (0..60).map(|k| trades(k) * of_lump(k, width)).sum(),
            Self::Months => normal.cdf((x.floor() + 0.5 - 60.0) / 12.0 - shift),
            Self::Weights if x >= EDGE => 1.0,
            Self::Weights => normal.cdf((x - 0.6) / 0.01 - shift),
            Self::Smooth => normal.cdf(ln(x / 0.1) / 0.1 - shift),
        }
    }

    /// The quantile: the least value that is not exceeded with probability `p`.
    fn quantile(self, p: f64, once_more: f64) -> f64 {
        let (mut low, mut high) = (-1.0, 130.0);
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if self.at_most(middle, once_more) >= p {
                high = middle;
            } else {
                low = middle;
            }
        }
        if matches!(self, Self::Trades | Self::Months) { high.round() } else { high }
    }
}

fn cell(policy: u32, drawn: &[Drawn]) -> OutcomeCell {
    let id =
        CellId { scenario_id: ScenarioId(0), policy_id: PolicyId(policy), horizon_months: MONTHS };
    let mut cell = OutcomeCell::with_capacity(id, drawn.len());
    for column in PathColumn::ALL {
        let law = KNOWN.iter().find(|(known, _)| *known == column).map(|(_, law)| *law);
        let value = |drawn: &Drawn| match law {
            Some(law) => law.value(drawn),
            None if column == PathColumn::RuinMonth => f64::NAN,
            None => 0.5,
        };
        cell.columns[column as usize] = drawn.iter().map(value).collect();
    }
    cell
}

/// Draws a baseline, and a policy that sometimes trades once more.
fn world(seed: u64, paths: usize) -> World {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let poisson = Poisson::new(TRADES).expect("valid");
    let (mut baseline, mut policy) = (Vec::new(), Vec::new());
    for _ in 0..paths {
        let (trades, normal): (f64, f64) = (poisson.sample(&mut rng), rng.sample(StandardNormal));
        let own: f64 = rng.sample(StandardNormal);
        let more = f64::from(u8::from(rng.random::<f64>() < ONCE_MORE));
        let other = ONCE_MORE + 0.95 * normal + (1.0_f64 - 0.95 * 0.95).sqrt() * own;
        baseline.push(Drawn { trades, normal });
        policy.push(Drawn { trades: trades + more, normal: other });
    }
    World { cells: vec![cell(0, &baseline), cell(1, &policy)], replicate_paths: 1 }
}

/// Intervals of one kind in one run: how many there are, and how many cover.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    found: u32,
    covers: u32,
}

impl Tally {
    fn add(&mut self, truth: f64, low: f64, high: f64) {
        let slack = 1e-9 * (1.0 + truth.abs());
        self.found += 1;
        self.covers += u32::from(low - slack <= truth && truth <= high + slack);
    }
}

/// Tallies of a run by law and kind.
type Tallies = [[Tally; 4]; KNOWN.len()];

fn run(seed: u64, with_rows: bool) -> Tallies {
    let analysis = world(seed, PATHS).analyse(PATHS, with_rows);
    let mut tallies = Tallies::default();
    for ((column, law), tallies) in KNOWN.into_iter().zip(&mut tallies) {
        let metric = MetricId::of_column(column).expect("registered").number();
        for percent in PERCENTS {
            let (p, stat) = (f64::from(percent) / 100.0, format!("p{percent:02}"));
            let truth = |policy: i32| law.quantile(p, ONCE_MORE * f64::from(policy));
            let row = analysis
                .compare
                .iter()
                .find(|row| row.metric_id == metric && row.stat == stat)
                .expect("compared");
            let kind = usize::from(row.reason.as_deref() == Some("discrete"));
            if row.precision == "precise" || kind == 1 {
                assert_eq!(row.std_error.is_none(), kind == 1, "{row:?}");
                let (low, high) = row.ci_low.zip(row.ci_high).expect("an interval");
                tallies[kind].add(truth(1) - truth(0), low, high);
            }
            for row in
                analysis.summary.iter().filter(|row| row.metric_id == metric && row.stat == stat)
            {
                let kind = usize::from(row.reason.as_deref() == Some("discrete"));
                if row.precision == "precise" || kind == 1 {
                    let (low, high) = row.ci_low.zip(row.ci_high).expect("an interval");
                    tallies[2 + kind].add(truth(row.policy_id), low, high);
                }
            }
        }
    }
    tallies
}

/// Coverage over runs and its standard error.
fn coverage(tallies: &[Tally]) -> (u32, f64, f64) {
    let found: u32 = tallies.iter().map(|tally| tally.found).sum();
    let covers: u32 = tallies.iter().map(|tally| tally.covers).sum();
    let (runs, mean) = (tallies.len() as f64, f64::from(covers) / f64::from(found.max(1)));
    // The ratio of two sums, linearised.
    let squares: f64 = tallies
        .iter()
        .map(|tally| (f64::from(tally.covers) - mean * f64::from(tally.found)).powi(2))
        .sum();
    (found, mean, (squares * runs / (runs - 1.0)).sqrt() / f64::from(found.max(1)))
}

/// Seeds from 0x2000.
#[expect(clippy::print_stdout, reason = "`--nocapture` shows the coverages")]
fn check(runs: u64, with_rows: bool) {
    let runs = if std::env::var_os("CORRIDOR_LONG").is_some() { 10 * runs } else { runs };
    let found: Vec<Tallies> =
        (0..runs).into_par_iter().map(|seed| run(0x2000 + seed, with_rows)).collect();
    let of_law = |place: usize| -> [(u32, f64, f64); 4] {
        std::array::from_fn(|kind| {
            let tallies: Vec<Tally> = found.iter().map(|run| run[place][kind]).collect();
            let (n, mean, error) = coverage(&tallies);
            let (column, what) = (KNOWN[place].0.name(), KINDS[kind]);
            println!("{column}: {n} {what} cover {mean:.4} +- {error:.4}");
            (n, mean, error)
        })
    };
    let by_law: Vec<_> = (0..KNOWN.len()).map(of_law).collect();
    for ((_, law), kinds) in KNOWN.into_iter().zip(by_law) {
        let [precise, jumps, precise_levels, _] = kinds;
        if matches!(law, Law::Trades | Law::Months) {
            assert_eq!((precise.0, precise_levels.0), (0, 0), "{law:?} is never precise");
        }
        if law == Law::Smooth {
            assert!(f64::from(jumps.0) < 0.05 * f64::from(precise.0), "{law:?} has no jumps");
        }
        for ((n, mean, error), what) in kinds.into_iter().zip(KINDS) {
            let enough = f64::from(n) > 0.05 * (runs * 9) as f64;
            assert!(!enough || mean + Z * error > 0.95, "{law:?}, {what}: {mean} +- {error}");
        }
    }
}

#[test]
fn intervals_of_quantiles_cover_where_values_are_whole_or_in_lumps() {
    check(32, true);
}

#[test]
fn intervals_of_quantiles_from_counts_cover_too() {
    check(32, false);
}

#[test]
#[ignore = "statistical suite"]
fn intervals_of_quantiles_cover_in_many_runs() {
    check(400, true);
    check(400, false);
}

/// Seed 0x3000. With 65,536 paths the standard errors are smaller than the buckets.
#[test]
fn counts_tell_what_rows_tell_within_the_error_that_they_state() {
    let world = world(0x3000, 1 << 16);
    let (rows, counts) = (world.analyse(1 << 14, true), world.analyse(1 << 14, false));
    let name = |metric: i32| MetricId::of_number(metric).expect("registered").metric().name;
    let mut precise = 0;
    for (rows, counts) in rows.summary.iter().zip(&counts.summary) {
        assert_eq!((rows.metric_id, &rows.stat), (counts.metric_id, &counts.stat));
        let label = format!("{} {} of {}", name(rows.metric_id), rows.stat, rows.policy_id);
        let (Some(exact), Some(value)) = (rows.value, counts.value) else { continue };
        if !rows.stat.starts_with('p') || rows.stat.starts_with("prob") {
            continue;
        }
        let spacing = MetricId::of_number(rows.metric_id).expect("registered").metric().spacing;
        if spacing.is_whole() {
            assert_eq!(exact, value, "{label}");
        }
        if let (Some(error), "precise") = (counts.std_error, &*counts.precision) {
            precise += 1;
            assert!((value - exact).abs() <= error, "{label}: {value}, exactly {exact} +- {error}");
        }
        let ends = counts.ci_low.zip(counts.ci_high).zip(rows.ci_low.zip(rows.ci_high));
        let ((low, high), (exact_low, exact_high)) = ends.expect("intervals");
        let slack = 1e-12 * exact.abs();
        assert!(low <= exact_low + slack && exact_high <= high + slack, "{label}");
    }
    for (rows, counts) in rows.compare.iter().zip(&counts.compare) {
        if let (Some(error), "precise", "paired_sections") =
            (counts.std_error, &*counts.precision, &*counts.method)
            && let (Some(exact), Some(value)) = (rows.diff, counts.diff)
        {
            precise += 1;
            let label = format!("difference of {} {}", name(rows.metric_id), rows.stat);
            assert!((value - exact).abs() <= error, "{label}: {value}, exactly {exact} +- {error}");
        }
    }
    assert!(precise > 60, "{precise} are precise");
}
