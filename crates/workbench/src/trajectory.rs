//! Follows the first paths of a run step by step, one batch of rows at a time.

use corridor_simulation::plan::Instance;
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_with_signals};
use corridor_simulation::trace::{Cause, ReasonKind, StepTrace, Subject};
use corridor_study::plan::{MarketGroup, RunPlan};
use corridor_tables::column::column_name;
use corridor_tables::{ColumnValues, Table, TrajectoryRow, WideColumn};
use rayon::prelude::*;

/// Approximate number of rows of a batch.
const BATCH_ROWS: u64 = 1 << 16;

/// Follows the first [`RunPlan::trajectories`] paths under every scenario and policy. Returns
/// batches of `fact_trajectory`, sorted by scenario, policy, path and step.
pub fn batches(plan: &RunPlan) -> impl Iterator<Item = Table<TrajectoryRow>> {
    let columns = Columns::of(plan);
    let mut work: Vec<(&MarketGroup, &Instance)> = plan
        .groups
        .iter()
        .flat_map(|group| group.simulation.instances.iter().map(move |instance| (group, instance)))
        .collect();
    work.sort_by_key(|(_, instance)| (instance.scenario_id, instance.policy_id));
    let batches = work.into_iter().flat_map(move |(group, instance)| {
        let per_batch = (BATCH_ROWS / (u64::from(group.simulation.grid.steps) + 1))
            .max(1)
            .next_multiple_of(MarketPath::BLOCK);
        let firsts = (0..plan.trajectories).step_by(per_batch as usize);
        firsts
            .map(move |first| (group, instance, first..(first + per_batch).min(plan.trajectories)))
    });
    batches.map(move |(group, instance, range)| {
        let blocks = range.start / MarketPath::BLOCK..range.end.div_ceil(MarketPath::BLOCK);
        let followed: Vec<Vec<Line>> =
            blocks.into_par_iter().map(|block| follow(group, instance, block, range.end)).collect();
        columns.table(group, followed.into_iter().flatten().collect())
    })
}

/// One step of one path: the fixed columns, and the trace that the further columns come from.
struct Line {
    row: TrajectoryRow,
    trace: StepTrace,
}

/// Follows the paths of one block of the market that come before path `end`.
fn follow(group: &MarketGroup, instance: &Instance, block: u64, end: u64) -> Vec<Line> {
    let simulation = &group.simulation;
    let mut markets =
        MarketPath::block_of_source(group.market.source16(), block, simulation.grid.steps);
    markets.truncate((end - block * MarketPath::BLOCK) as usize);
    let signals = observed_signals(simulation, &markets);
    let mut lines = Vec::with_capacity(markets.len() * (simulation.grid.steps as usize + 1));
    for (market, signals) in markets.iter().zip(&signals) {
        simulate_with_signals(simulation, instance, market, signals, |trace| {
            lines.push(line(group, instance, market.path, trace))
        });
    }
    lines
}

fn line(group: &MarketGroup, instance: &Instance, path: u64, trace: &StepTrace) -> Line {
    let row = TrajectoryRow {
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
        // the cost includes the fees of the step, so this is too low by their share of wealth: a
        // basis point or two
        turnover_one_way_frac: if trace.traded > 0.0 {
            0.5 * trace.traded / (trace.wealth + trace.cost)
        } else {
            0.0
        },
        weight_deviation_max_frac: deviation(&trace.weights_before, &trace.target),
        ..caused(group, trace.cause.as_ref())
    };
    Line { row, trace: trace.clone() }
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

/// Assets and signals of all markets, which have further columns; a column is null in markets
/// without the asset or signal.
struct Columns {
    assets: Vec<String>,
    signals: Vec<String>,
}

impl Columns {
    fn of(plan: &RunPlan) -> Self {
        let mut columns = Self { assets: Vec::new(), signals: Vec::new() };
        for group in &plan.groups {
            add_new(&mut columns.assets, &group.assets);
            add_new(&mut columns.signals, &group.signal_names);
        }
        columns
    }

    fn table(&self, group: &MarketGroup, lines: Vec<Line>) -> Table<TrajectoryRow> {
        let mut extra: Vec<WideColumn> = Vec::new();
        for asset in &self.assets {
            let place = group.assets.iter().position(|name| name == asset);
            let mut add =
                |name: String, about: String, value: &dyn Fn(&StepTrace, usize) -> Option<f64>| {
                    let values = lines.iter().map(|line| value(&line.trace, place?)).collect();
                    extra.push(column(name, "fraction", about, values));
                };
            let weight = |trace: &StepTrace, i: usize| trace.weights.get(i).copied();
            let trade = |trace: &StepTrace, i: usize| {
                Some(trace.weights.get(i)? - trace.weights_before.get(i)?)
            };
            let band = |trace: &StepTrace, i: usize| {
                trace.widths.get(i).copied().filter(|width| width.is_finite())
            };
            add(
                format!("weight_{asset}_frac"),
                format!("Weight of {asset} at the end of the step; null once ruined."),
                &weight,
            );
            add(
                format!("trade_{asset}_frac"),
                format!("By how much trading changed the weight of {asset}."),
                &trade,
            );
            add(
                format!("band_{asset}_frac"),
                format!("Half-width of the band of {asset}; null where it has none."),
                &band,
            );
        }
        for signal in &self.signals {
            let place = group.signal_names.iter().position(|name| name == signal);
            let values = lines.iter().map(|line| line.trace.signals.get(place?).copied()).collect();
            extra.push(column(
                format!("signal_{signal}"),
                "of the signal",
                format!("Signal {signal}, from data up to the step."),
                values,
            ));
        }
        distinct(&mut extra);
        Table { rows: lines.into_iter().map(|line| line.row).collect(), extra }
    }
}

fn column(name: String, unit: &str, about: String, values: Vec<Option<f64>>) -> WideColumn {
    WideColumn {
        name: column_name(&name),
        unit: unit.to_owned(),
        about,
        values: ColumnValues::Double(values),
    }
}

/// Adds a number to column names that occur twice, as names do that differ in capitals or
/// punctuation only.
fn distinct(columns: &mut [WideColumn]) {
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

fn add_new(known: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
}
