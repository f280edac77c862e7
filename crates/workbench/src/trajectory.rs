//! Follows the first paths of a run step by step, one batch of rows at a time.

use std::ops::Range;

use corridor_simulation::plan::Instance;
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_with_signals};
use corridor_simulation::trace::{Cause, ReasonKind, StepTrace, Subject};
use corridor_study::plan::{MarketGroup, RunPlan};
use corridor_tables::column::column_name;
use corridor_tables::{ColumnValues, Table, TrajectoryRow, WideColumn};
use rayon::prelude::*;

/// Approximate number of rows of a batch.
const BATCH_ROWS: u64 = 1 << 16;

/// Returns the number of batches that [`batches`] makes.
pub(crate) fn batches_of(plan: &RunPlan) -> u64 {
    let of_group = |group: &MarketGroup| {
        group.simulation.instances.len() as u64 * plan.trajectories.div_ceil(paths_of_batch(group))
    };
    plan.groups.iter().map(of_group).sum()
}

/// Number of paths of a batch, whole blocks of them.
fn paths_of_batch(group: &MarketGroup) -> u64 {
    (BATCH_ROWS / (u64::from(group.simulation.grid.steps) + 1))
        .max(1)
        .next_multiple_of(MarketPath::BLOCK)
}

/// Follows the first [`RunPlan::trajectories`] paths under every scenario and policy. Returns
/// batches of `fact_trajectory`, sorted by scenario, policy, path and step.
pub fn batches(plan: &RunPlan) -> impl Iterator<Item = Table<TrajectoryRow>> {
    let columns = columns(plan);
    let mut work: Vec<(usize, &MarketGroup, &Instance)> = plan
        .groups
        .iter()
        .enumerate()
        .flat_map(|(place, group)| {
            group.simulation.instances.iter().map(move |instance| (place, group, instance))
        })
        .collect();
    work.sort_by_key(|(_, _, instance)| (instance.scenario_id, instance.policy_id));
    let batches = work.into_iter().flat_map(move |(place, group, instance)| {
        let per_batch = paths_of_batch(group);
        let firsts = (0..plan.trajectories).step_by(per_batch as usize);
        firsts
            .map(move |first| first..(first + per_batch).min(plan.trajectories))
            .map(move |range| (place, group, instance, range))
    });
    // Policies of one market follow each other, mostly on the same paths.
    let mut seen: Option<(usize, Range<u64>, Vec<SeenBlock>)> = None;
    batches.map(move |(place, group, instance, range)| {
        let (_, _, blocks) = match seen.take().filter(|(of, on, _)| (*of, on) == (place, &range)) {
            Some(known) => seen.insert(known),
            None => seen.insert((place, range.clone(), see(group, range))),
        };
        let follow = |block: &SeenBlock| Lines::follow(group, instance, &columns, block);
        let followed: Vec<Lines> = blocks.par_iter().map(follow).collect();
        table(&columns, followed)
    })
}

/// Paths of one block of a market with the signals observed on them.
struct SeenBlock {
    markets: Vec<MarketPath>,
    /// Observed values by `[path][step][signal]`.
    signals: Vec<Vec<Vec<f64>>>,
}

/// Reads a range of paths that begins with a block, and observes the signals.
fn see(group: &MarketGroup, range: Range<u64>) -> Vec<SeenBlock> {
    let blocks = range.start / MarketPath::BLOCK..range.end.div_ceil(MarketPath::BLOCK);
    let see = |block: u64| {
        let (simulation, source) = (&group.simulation, group.market.source16());
        let mut markets = MarketPath::block_of_source(source, block, simulation.grid.steps);
        markets.truncate((range.end - block * MarketPath::BLOCK) as usize);
        SeenBlock { signals: observed_signals(simulation, &markets), markets }
    };
    blocks.into_par_iter().map(see).collect()
}

/// Steps of some paths under one policy.
#[derive(Default)]
struct Lines {
    rows: Vec<TrajectoryRow>,
    /// Values of the columns that depend on the study, `[column][row]`.
    further: Vec<Vec<Option<f64>>>,
}

impl Lines {
    /// Follows the paths of one block.
    fn follow(
        group: &MarketGroup,
        instance: &Instance,
        columns: &[Column],
        block: &SeenBlock,
    ) -> Self {
        let rows = block.markets.len() * (group.simulation.grid.steps as usize + 1);
        let places: Vec<Option<usize>> = columns.iter().map(|column| column.place(group)).collect();
        let mut lines = Self {
            rows: Vec::with_capacity(rows),
            further: columns.iter().map(|_| Vec::with_capacity(rows)).collect(),
        };
        for (market, signals) in block.markets.iter().zip(&block.signals) {
            simulate_with_signals(&group.simulation, instance, market, signals, |trace| {
                lines.rows.push(row(group, instance, market.path, trace));
                for ((values, column), place) in lines.further.iter_mut().zip(columns).zip(&places)
                {
                    values.push(place.and_then(|place| column.quantity.of(trace, place)));
                }
            });
        }
        lines
    }
}

fn row(group: &MarketGroup, instance: &Instance, path: u64, trace: &StepTrace) -> TrajectoryRow {
    TrajectoryRow {
        scenario_id: instance.scenario_id.number(),
        policy_id: instance.policy_id.number(),
        path_id: path as i64,
        step: trace.t as i32,
        time_months: group.simulation.grid.months(trace.t),
        regime_id: trace
            .regime
            .filter(|_| !group.market.regimes().is_empty())
            .map(u32::cast_signed),
        wealth_nominal: trace.wealth,
        unit_value: trace.unit,
        cash_flow_nominal: trace.flow,
        cost_nominal: trace.cost,
        turnover_one_way_frac: trace.turnover,
        weight_deviation_max_frac: deviation(&trace.weights_before, &trace.target),
        ..caused(group, trace.cause.as_ref())
    }
}

/// Returns the largest distance of a weight from its target; `None` after ruin, without weights.
fn deviation(weights: &[f64], target: &[f64]) -> Option<f64> {
    weights.iter().zip(target).map(|(weight, target)| (weight - target).abs()).reduce(f64::max)
}

/// Returns a row in which only the columns of the cause are filled.
fn caused(group: &MarketGroup, cause: Option<&Cause>) -> TrajectoryRow {
    let first = cause.and_then(|cause| cause.reasons.first());
    let read = first.filter(|reason| reason.kind != ReasonKind::Calendar);
    TrajectoryRow {
        trade_cause: cause.map(cause_words),
        trade_decided_step: cause.map(|cause| cause.decided_at as i32),
        cause_subject: first.and_then(|reason| subject(group, reason.subject)).map(str::to_owned),
        cause_value: read.map(|reason| reason.value),
        cause_limit: read.map(|reason| reason.limit),
        cause_signal: first
            .and_then(|reason| group.signal_names.get(reason.scaled_by.first()?.0))
            .cloned(),
        cause_signal_value: first.and_then(|reason| Some(reason.scaled_by.first()?.1)),
        ..TrajectoryRow::default()
    }
}

/// Returns the value of `trade_cause`: a word for each reason, joined by `+`.
#[must_use]
pub fn cause_words(cause: &Cause) -> String {
    let words: Vec<&str> = cause.reasons.iter().map(|reason| reason.kind.word()).collect();
    words.join("+")
}

/// Returns the name of the asset or signal that a condition is about; `None` for the portfolio.
#[must_use]
pub fn subject(group: &MarketGroup, subject: Subject) -> Option<&str> {
    match subject {
        Subject::Portfolio => None,
        Subject::Asset(asset) => group.assets.get(asset).map(String::as_str),
        Subject::Signal(signal) => group.signal_names.get(signal).map(String::as_str),
    }
}

/// A column that depends on the study: a quantity of one asset or signal.
struct Column {
    name: String,
    unit: &'static str,
    about: String,
    quantity: Quantity,
    /// Name of the asset or signal.
    of: String,
}

/// Quantity that a column reads from a step.
#[derive(Clone, Copy)]
enum Quantity {
    Weight,
    Trade,
    Band,
    Signal,
}

impl Quantity {
    /// Reads the asset or signal at index `i`; `None` where it has no value.
    fn of(self, trace: &StepTrace, i: usize) -> Option<f64> {
        match self {
            Self::Weight => trace.weights.get(i).copied(),
            Self::Trade => Some(trace.weights.get(i)? - trace.weights_before.get(i)?),
            Self::Band => trace.widths.get(i).copied().filter(|width| width.is_finite()),
            Self::Signal => trace.signals.get(i).copied(),
        }
    }
}

impl Column {
    fn new(quantity: Quantity, of: &str) -> Self {
        let (name, unit, about) = match quantity {
            Quantity::Weight => (
                format!("weight_{of}_frac"),
                "fraction",
                format!("Weight of {of} at the end of the step; null once ruined."),
            ),
            Quantity::Trade => (
                format!("trade_{of}_frac"),
                "fraction",
                format!("By how much trading changed the weight of {of}."),
            ),
            Quantity::Band => (
                format!("band_{of}_frac"),
                "fraction",
                format!("Half-width of the band of {of}; null where it has none."),
            ),
            Quantity::Signal => (
                format!("signal_{of}"),
                "of the signal",
                format!("Signal {of}, from data up to the step."),
            ),
        };
        Self { name: column_name(&name), unit, about, quantity, of: of.to_owned() }
    }

    /// Returns the index of the asset or signal in a market; `None` in markets without it.
    fn place(&self, group: &MarketGroup) -> Option<usize> {
        let names = match self.quantity {
            Quantity::Weight | Quantity::Trade | Quantity::Band => &group.assets,
            Quantity::Signal => &group.signal_names,
        };
        names.iter().position(|name| *name == self.of)
    }
}

/// Returns the columns of the assets and signals of all markets.
fn columns(plan: &RunPlan) -> Vec<Column> {
    let (mut assets, mut signals) = (Vec::new(), Vec::new());
    for group in &plan.groups {
        add_new(&mut assets, &group.assets);
        add_new(&mut signals, &group.signal_names);
    }
    let of_asset = [Quantity::Weight, Quantity::Trade, Quantity::Band];
    let mut columns: Vec<Column> = assets
        .iter()
        .flat_map(|asset| of_asset.map(|quantity| Column::new(quantity, asset)))
        .chain(signals.iter().map(|signal| Column::new(Quantity::Signal, signal)))
        .collect();
    distinct(&mut columns);
    columns
}

/// Joins the lines of consecutive blocks.
fn table(columns: &[Column], followed: Vec<Lines>) -> Table<TrajectoryRow> {
    let (mut rows, mut further) = (Vec::new(), vec![Vec::new(); columns.len()]);
    for mut lines in followed {
        rows.append(&mut lines.rows);
        further.iter_mut().zip(&mut lines.further).for_each(|(all, more)| all.append(more));
    }
    let extra = columns
        .iter()
        .zip(further)
        .map(|(column, values)| WideColumn {
            name: column.name.clone(),
            unit: column.unit.to_owned(),
            about: column.about.clone(),
            values: ColumnValues::Double(values),
        })
        .collect();
    Table { rows, extra }
}

/// Adds a number to column names that occur twice, as names do that differ in capitals or
/// punctuation only.
fn distinct(columns: &mut [Column]) {
    for place in 1..columns.len() {
        let (earlier, rest) = columns.split_at_mut(place);
        let name = rest[0].name.clone();
        let mut number = 2;
        while earlier.iter().any(|column| column.name == rest[0].name) {
            rest[0].name = format!("{name}_{number}");
            number += 1;
        }
    }
}

fn add_new<'a>(known: &mut Vec<&'a str>, names: &'a [String]) {
    for name in names {
        if !known.contains(&name.as_str()) {
            known.push(name);
        }
    }
}
