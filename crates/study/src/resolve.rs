//! Writes a study out, with every default, alias, catalogue entry and sweep of policies, as a study
//! that has the same meaning.

use std::collections::BTreeMap;

use corridor_core::outcome::PolicyId;

use crate::check::{CheckedScenario, PolicyCorner, Study};
use crate::file::account::FlowTable;
use crate::file::policy::PolicyTable;
use crate::file::shape::{ReviewValue, ReviewWord};
use crate::file::trigger::{CombineWord, OutsideTable, TriggerValue};
use crate::grid::Grid;
use crate::plan::PathRows;
use crate::series;
use crate::sweep::OwnedSegment;
use crate::value::Value;

/// The parts of a resolved study.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub document: Value,
    /// Every policy with its defaults.
    pub tables: Vec<PolicyTable>,
    /// Every policy with its defaults, as a value.
    pub policies: Vec<Value>,
    /// Every signal, as a value.
    pub signals: Vec<Value>,
}

/// Tables that paths and outcomes depend on. `simulation_id` is a hash of them.
const SIMULATED: [&str; 8] =
    ["time", "market", "account", "costs", "signal", "model", "policy", "run"];

impl Resolved {
    /// The whole study as TOML.
    pub fn toml(&self) -> String {
        self.document.document()
    }

    /// The tables that paths and outcomes depend on, as TOML.
    pub fn simulated(&self) -> String {
        let mut part = Value::Table(Vec::new());
        for key in SIMULATED {
            if let Some(table) = self.document.get(key) {
                part.set(key, if key == "policy" { without_sweeps(table) } else { table.clone() });
            }
        }
        part.document()
    }
}

/// Policies without their keys `swept` and `twin`, which change no path and no outcome.
fn without_sweeps(policies: &Value) -> Value {
    match policies {
        Value::Array(policies) => {
            Value::Array(policies.iter().map(|policy| policy.without(&["swept", "twin"])).collect())
        }
        other @ (Value::Boolean(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Table(_)) => other.clone(),
    }
}

/// Writes a study out; `None` if a table cannot be TOML, which does not happen to a checked study.
pub(crate) fn resolve(study: &Study, grid: &Grid) -> Option<Resolved> {
    let first = study.scenarios.first()?;
    let swept = Swept { study, grid };
    let tables: Vec<PolicyTable> = study
        .policies
        .iter()
        .map(|policy| policy_table(&policy.corner, study, first, &swept))
        .collect();
    let policies: Vec<Value> = tables.iter().map(Value::of).collect::<Option<_>>()?;
    let signals: Vec<Value> = study
        .signals
        .iter()
        .map(|signal| Value::of(signal.table.as_ref()?))
        .collect::<Option<_>>()?;
    let mut document = Value::Table(vec![("corridor".to_owned(), Value::Integer(1))]);
    document.set("study", Value::of(&study.study)?);
    document.set("time", time(first, &swept)?);
    document.set("market", market(first, &swept)?);
    document.set("account", account(first, &swept)?);
    document.set("costs", Value::of(&first.tables.costs)?);
    let named: Vec<(String, Value)> = study
        .read_signals()
        .into_iter()
        .map(|place| (study.signals[place].name.clone(), signals[place].clone()))
        .collect();
    if !named.is_empty() {
        document.set("signal", Value::Table(named));
    }
    if let Some(models) = grid.root.get("model") {
        document.set("model", Value::written(models, grid));
    }
    document.set("policy", Value::Array(policies.clone()));
    document.set("comparison", comparison(study)?);
    document.set("run", run(study));
    document.set("output", output(study)?);
    for &number in &study.scenario_sweeps {
        let sweep = &grid.sweeps[number];
        let values = sweep.alternatives.iter().map(|node| Value::written(node, grid)).collect();
        let mut table = vec![("sweep".to_owned(), Value::Array(values))];
        for (key, text) in [("axis", &sweep.axis), ("label", &sweep.label)] {
            table.extend(text.iter().map(|text| (key.to_owned(), Value::Text(text.clone()))));
        }
        document.put(&sweep.path, Value::Table(table));
    }
    document.order_sweeps(&grid.root);
    Some(Resolved { document, tables, policies, signals })
}

/// Keys that scenarios differ in. A default that depends on them is not written out.
struct Swept<'a> {
    study: &'a Study,
    grid: &'a Grid,
}

impl Swept<'_> {
    /// Whether a sweep of scenarios is at `keys`, below or above them.
    fn any(&self, keys: &[&str]) -> bool {
        let touches = |path: &[OwnedSegment]| {
            path.iter()
                .zip(keys)
                .all(|(step, key)| matches!(step, OwnedSegment::Key(name) if name == key))
        };
        self.study.scenario_sweeps.iter().any(|&number| touches(&self.grid.sweeps[number].path))
    }
}

fn time(first: &CheckedScenario, swept: &Swept<'_>) -> Option<Value> {
    let mut table = first.tables.time.clone();
    if !swept.any(&["time"]) {
        let years = first.clock.horizons.iter().map(|at| first.clock.grid.years(at.step));
        table.report_horizons_years = Some(years.collect());
        // a horizon that was written with few digits is not below its own report horizon
        table.horizon_years =
            table.horizon_years.max(first.clock.grid.years(first.clock.grid.steps));
    }
    Value::of(&table)
}

/// The market with a preset written out, unless parts of it are swept.
fn market(first: &CheckedScenario, swept: &Swept<'_>) -> Option<Value> {
    let mut table = first.tables.market.clone();
    if !swept.any(&["market"]) {
        table = first.market.written_out.clone();
        table.label = Some(first.market.label.clone());
    }
    Value::of(&table)
}

fn account(first: &CheckedScenario, swept: &Swept<'_>) -> Option<Value> {
    let mut table = first.tables.account.clone();
    if !swept.any(&["market"]) && !swept.any(&["account", "growth_assets"]) {
        let names =
            first.account.growth_assets.iter().map(|&place| first.market.assets[place].clone());
        table.growth_assets = Some(names.collect());
    }
    if !swept.any(&["time"]) && !swept.any(&["account", "flow"]) {
        for flow in &mut table.flow {
            let FlowTable { contribution, withdrawal } = flow;
            for flow in contribution.iter_mut().chain(withdrawal.iter_mut()) {
                flow.to_year.get_or_insert(first.tables.time.horizon_years);
            }
        }
    }
    Value::of(&table)
}

/// A policy with its defaults written out.
fn policy_table(
    corner: &PolicyCorner,
    study: &Study,
    first: &CheckedScenario,
    swept: &Swept<'_>,
) -> PolicyTable {
    let mut table: PolicyTable = corner.table.clone();
    table.name.clone_from(&corner.name);
    table.entry.clone_from(&corner.catalogue);
    table.swept = series::swept(corner, swept.grid);
    table.review.get_or_insert(ReviewValue::Word(ReviewWord::Step));
    table.trade.get_or_insert_default();
    table.trade_assets.get_or_insert_default();
    table.cash_flows.get_or_insert_default();
    table.cooldown_months.get_or_insert(0.0);
    table.min_trade_frac.get_or_insert(0.0);
    table.max_turnover_frac.get_or_insert(f64::INFINITY);
    table.execution_lag_steps.get_or_insert(0);
    if !swept.any(&["account", "target"]) && !swept.any(&["market"]) {
        let weights: BTreeMap<String, f64> =
            first.market.assets.iter().cloned().zip(first.account.target.iter().copied()).collect();
        table.target.get_or_insert(weights);
    }
    table.trigger.iter_mut().flat_map(TriggerValue::bands).for_each(band);
    rename_signals(&mut table, corner, study);
    table
}

/// Renames the signals of a policy to those of the study written out.
fn rename_signals(table: &mut PolicyTable, corner: &PolicyCorner, study: &Study) {
    for signal in table.signals() {
        if let Some(read) = corner.signals.iter().find(|read| read.written == *signal) {
            signal.clone_from(&study.signals[read.index].name);
        }
    }
}

fn band(outside: &mut OutsideTable) {
    if outside.absolute.is_some() && outside.relative.is_some() {
        outside.combine.get_or_insert(CombineWord::Tighter);
    }
    if !outside.scale.is_empty() {
        outside.min_width.get_or_insert(0.0);
        outside.max_width.get_or_insert(f64::INFINITY);
    }
}

fn comparison(study: &Study) -> Option<Value> {
    let mut table = study.comparison_table.clone();
    table.primary_metric = Some(study.comparison.primary_metric.clone());
    table.margin.clone_from(&study.comparison.margins);
    table.control_variate = Some(study.comparison.control_variate);
    let name =
        |id: PolicyId| study.policies.get(id.index()).map(|policy| policy.corner.name.clone());
    let own = study
        .comparison
        .compare_with
        .iter()
        .enumerate()
        .filter(|(_, with)| **with != study.comparison.baseline);
    table.compare_with = own
        .filter_map(|(place, with)| Some((name(PolicyId(place as u32))?, name(*with)?)))
        .collect();
    table.about = study.comparison.about.iter().filter_map(|&id| name(id)).collect();
    Value::of(&table)
}

fn run(study: &Study) -> Value {
    let mut table = vec![
        ("paths".to_owned(), Value::Integer(i128::from(study.run.paths))),
        ("seed".to_owned(), Value::Integer(i128::from(study.run.seed))),
        ("paths_per_part".to_owned(), Value::Integer(i128::from(study.cut.paths_per_part))),
        ("antithetic".to_owned(), Value::Boolean(study.run.antithetic)),
        ("skip_invalid".to_owned(), Value::Boolean(study.run.skip_invalid)),
    ];
    if let Some(until) = &study.until {
        let until = vec![
            ("metric".to_owned(), Value::Text(until.metric.clone())),
            ("half_width".to_owned(), Value::Float(until.half_width)),
        ];
        table.push(("until".to_owned(), Value::Table(until)));
    }
    Value::Table(table)
}

fn output(study: &Study) -> Option<Value> {
    let mut table = study.output.clone();
    table.path_rows = Some(match study.cut.path_rows {
        PathRows::All => crate::file::PathRowsWord::All,
        PathRows::Sample => crate::file::PathRowsWord::Sample,
        PathRows::None => crate::file::PathRowsWord::None,
    });
    Value::of(&table)
}
