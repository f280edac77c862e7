//! Lays out the numbers behind the charts, with short keys and few digits, so that the page stays
//! small.

mod digits;
mod over_time;

use std::collections::{BTreeMap, BTreeSet};

use corridor_tables::commands::Commands;
use corridor_tables::label::{BreakEvenLevel, Precision, Stat};
use corridor_tables::{
    BreakEvenRow, CompareRow, DimMetricRow, DimScenarioRow, ExceedanceRow, RegimeRow,
    RobustnessRow, SummaryRow, TestRow,
};
use serde_json::{Value, json};

use self::digits::{digits, four, six};
use self::over_time::{fans, worst};
use crate::glossary::{Term, terms};
use crate::tables::{COMPARE_ROWS, Tables, WITH_SPREAD, is_of_the_field};
use crate::text::break_even::short as near_value;
use crate::wording::{MEAN, scenario_name};

/// Quantiles on the page, in percent.
const PERCENTS: [u8; 5] = [5, 25, 50, 75, 95];

/// Scenario, policy, horizon and metric.
type Cell = (i32, i32, i32, i32);

/// Makes the JSON document that the script of the page reads.
pub(crate) fn data(tables: &Tables, commands: &Commands) -> Value {
    let fans = fans(&tables.fan);
    json!({
        "replay": commands.replay,
        "glossary": glossary(),
        "scenarios": scenarios(tables),
        "policies": policies(tables),
        "metrics": metrics(tables),
        "horizons": horizons(tables),
        "compare": by_column(compare(tables)),
        "summary": by_column(summary(tables)),
        "spreads": by_column(spreads(tables)),
        "axes": axes(tables),
        "break_even": break_evens(tables),
        "exceedance": by_column(exceedance(tables)),
        "fan_percents": fans.percents,
        "fans": fans.fans,
        "regimes": by_column(regimes(tables)),
        "worst": worst(&tables.worst),
        "tests": by_column(tests(tables)),
        "robust": by_column(robust(tables)),
    })
}

/// The words that the page explains.
fn glossary() -> Vec<Value> {
    let one = |term: &Term| {
        let names: Vec<&str> = term.names().collect();
        json!({ "names": names, "meaning": term.meaning, "example": term.example })
    };
    terms().map(one).collect()
}

fn scenarios(tables: &Tables) -> Vec<Value> {
    tables
        .scenarios
        .iter()
        .map(|row| {
            json!({
                "id": row.scenario_id,
                "name": scenario_name(row),
                "key": row.scenario,
                "inflation": row.inflation_annual.unwrap_or(0.0),
                "goal": row.goal_amount,
                "goal_indexed": row.goal_indexed.unwrap_or(false),
                "flows": flows(row),
            })
        })
        .collect()
}

/// The cash flows of an account, as its description has them; empty without any.
fn flows(row: &DimScenarioRow) -> String {
    let is_flow = |part: &&str| part.starts_with("pays in") || part.starts_with("withdraws");
    let parts = row.account_description.as_deref().unwrap_or_default().split("; ");
    parts.filter(is_flow).collect::<Vec<_>>().join("; ")
}

fn policies(tables: &Tables) -> Vec<Value> {
    tables
        .policies
        .iter()
        .map(|row| {
            json!({
                "id": row.policy_id,
                "name": row.policy,
                "baseline": row.is_baseline,
                "looks_ahead": row.look_ahead,
                "about": row.asked_about,
            })
        })
        .collect()
}

fn horizons(tables: &Tables) -> Vec<Value> {
    tables
        .horizons
        .iter()
        .map(|row| json!({ "months": row.horizon_months, "label": row.horizon }))
        .collect()
}

/// Comparisons of means, those of the primary metric first: the most that fit are kept.
fn compare(tables: &Tables) -> Vec<Value> {
    let one = |row: &CompareRow| {
        json!({
            "s": row.scenario_id,
            "p": row.policy_id,
            "h": row.horizon_months,
            "m": row.metric_id,
            "d": digits(row.diff),
            "se": digits(row.std_error),
            "lo": digits(row.ci_low),
            "hi": digits(row.ci_high),
            "slo": digits(row.ci_low_simultaneous),
            "shi": digits(row.ci_high_simultaneous),
            "v": row.verdict,
            "pr": doubt(&row.precision),
        })
    };
    let means = || tables.compare.iter().filter(|row| row.stat == MEAN);
    let (primary, other) = primary_first(tables, means, |row| row.metric_id);
    primary.chain(other).take(COMPARE_ROWS).map(one).collect()
}

/// Means of all metrics, the primary one first: the most that fit are kept.
fn summary(tables: &Tables) -> Vec<Value> {
    let one = |row: &SummaryRow| {
        json!({
            "s": row.scenario_id,
            "p": row.policy_id,
            "h": row.horizon_months,
            "m": row.metric_id,
            "v": digits(row.value),
            "se": digits(row.std_error),
            "pr": doubt(&row.precision),
        })
    };
    let means = || tables.summary.iter().filter(|row| row.stat == MEAN);
    let (primary, other) = primary_first(tables, means, |row| row.metric_id);
    primary.chain(other).take(2 * COMPARE_ROWS).map(one).collect()
}

/// Splits rows into those of the primary metric and the others.
fn primary_first<'a, R: 'a, I: Iterator<Item = &'a R>>(
    tables: &Tables,
    rows: impl Fn() -> I,
    metric: fn(&R) -> i32,
) -> (impl Iterator<Item = &'a R>, impl Iterator<Item = &'a R>) {
    let primary = tables.run.primary_metric_id;
    (
        rows().filter(move |row| metric(row) == primary),
        rows().filter(move |row| metric(row) != primary),
    )
}

/// Turns rows of equal keys into one list per key, which halves their length.
fn by_column(rows: Vec<Value>) -> Value {
    let mut columns: Vec<(String, Vec<Value>)> = Vec::new();
    let count = rows.len();
    for row in rows {
        let Value::Object(row) = row else { continue };
        for (place, (key, value)) in row.into_iter().enumerate() {
            match columns.get_mut(place) {
                Some((_, column)) => column.push(value),
                None => {
                    let mut column = Vec::with_capacity(count);
                    column.push(value);
                    columns.push((key, column));
                }
            }
        }
    }
    columns.into_iter().map(|(key, column)| (key, Value::Array(column))).collect()
}

/// Returns the precision of a number unless it is precise.
fn doubt(precision: &str) -> Option<&str> {
    Some(precision).filter(|word| *word != Precision::Precise.name())
}

/// Metrics that have values, and the primary one.
fn metrics(tables: &Tables) -> Vec<Value> {
    let known: BTreeSet<i32> =
        tables.summary.iter().filter(|row| row.value.is_some()).map(|row| row.metric_id).collect();
    let metric = |row: &DimMetricRow| {
        json!({
            "id": row.metric_id,
            "name": row.metric,
            "display": row.display_name,
            "unit": row.unit,
            "format": row.number_format,
            "higher": row.higher_is_better,
            "margin": row.margin,
            "margin_frac": row.margin_of_baseline_frac,
            "primary": row.is_primary,
        })
    };
    tables
        .metrics
        .iter()
        .filter(|row| row.is_primary || known.contains(&row.metric_id))
        .map(metric)
        .collect()
}

/// Quantiles of wealth, falls, trades and turnover.
fn spreads(tables: &Tables) -> Vec<Value> {
    let wanted: BTreeSet<i32> = tables
        .metrics
        .iter()
        .filter(|row| WITH_SPREAD.contains(&row.metric.as_str()))
        .map(|row| row.metric_id)
        .collect();
    let names = PERCENTS.map(|percent| Stat::Quantile(percent).name());
    let mut found: BTreeMap<Cell, [Option<f64>; PERCENTS.len()]> = BTreeMap::new();
    for row in tables.summary.iter().filter(|row| wanted.contains(&row.metric_id)) {
        let Some(place) = names.iter().position(|name| *name == row.stat) else { continue };
        let cell = (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id);
        found.entry(cell).or_default()[place] = digits(row.value);
    }
    let one = |((s, p, h, m), values): (Cell, [Option<f64>; PERCENTS.len()])| {
        let mut row = json!({ "s": s, "p": p, "h": h, "m": m });
        for (name, value) in names.iter().zip(values) {
            row[name.as_ref()] = json!(value);
        }
        row
    };
    found.into_iter().map(one).collect()
}

/// Probabilities of lasting beyond a year, and of falls beyond a fraction.
fn exceedance(tables: &Tables) -> Vec<Value> {
    let one = |row: &ExceedanceRow| {
        json!({
            "s": row.scenario_id,
            "p": row.policy_id,
            "h": row.horizon_months,
            "m": row.metric_id,
            "x": row.level,
            "v": row.prob.map(four),
            "lo": row.ci_low.map(four),
            "hi": row.ci_high.map(four),
        })
    };
    tables.exceedance.iter().take(2 * COMPARE_ROWS).map(one).collect()
}

/// Axes that were swept over more than one value.
fn axes(tables: &Tables) -> Vec<Value> {
    #[derive(Default)]
    struct Axis {
        label: Option<String>,
        values: BTreeMap<i32, Value>,
        distinct: BTreeSet<String>,
    }
    let mut axes: BTreeMap<(&'static str, String), Axis> = BTreeMap::new();
    let mut add = |of: &'static str, name: &str, label: &Option<String>, id: i32, value: Swept| {
        let axis = axes.entry((of, name.to_owned())).or_default();
        axis.label.clone_from(label);
        axis.values
            .insert(id, value.number.map_or_else(|| json!(value.text), |number| json!(number)));
        axis.distinct.insert(value.text.to_owned());
    };
    for row in &tables.policy_axis {
        let value = Swept { number: row.value_number, text: &row.value_text };
        add("policy", short(&row.axis, &row.key), &row.label, row.policy_id, value);
    }
    for row in &tables.scenario_axis {
        let value = Swept { number: row.value_number, text: &row.value_text };
        add("scenario", short(&row.axis, &row.key), &row.label, row.scenario_id, value);
    }
    let swept = axes.into_iter().filter(|(_, axis)| axis.distinct.len() > 1);
    let one = |((of, name), axis): ((&str, String), Axis)| {
        let label = axis.label.unwrap_or_else(|| name.clone());
        json!({ "name": name, "label": label, "of": of, "values": axis.values })
    };
    swept.map(one).collect()
}

/// A swept value as a number, where it is one, and as text.
struct Swept<'a> {
    number: Option<f64>,
    text: &'a str,
}

/// Returns the name of an axis: its own where the study gives it one, else the end of its key.
fn short<'a>(axis: &'a str, key: &str) -> &'a str {
    let named = |part: &&str| part.parse::<u32>().is_err();
    if axis == key { axis.rsplit('.').find(named).unwrap_or(axis) } else { axis }
}

fn break_evens(tables: &Tables) -> Vec<Value> {
    tables.break_even.iter().filter_map(|row| break_even(row, tables)).collect()
}

/// The break-even point of a row, as a number and in a sentence; none where the level is not zero.
fn break_even(row: &BreakEvenRow, tables: &Tables) -> Option<Value> {
    let value = row.value.filter(|_| row.level == BreakEvenLevel::Zero.name())?;
    let near = |number: f64| near_value(number, row);
    let end = |end: Option<f64>| end.map_or_else(|| "beyond".to_owned(), near);
    let range = match (row.ci_low, row.ci_high) {
        (None, None) => String::new(),
        (low, high) => format!(" ({} to {})", end(low), end(high)),
    };
    let scenario = tables.scenarios.iter().find(|scenario| scenario.scenario == row.scenario);
    let series = Some(row.series.as_str()).filter(|series| !series.is_empty());
    let whose: Vec<&str> = series
        .into_iter()
        .chain(scenario.filter(|_| tables.scenarios.len() > 1).map(scenario_name))
        .collect();
    let text = format!(
        "{} breaks even at {} {}{range}.",
        whose.join(", "),
        row.axis_label.as_ref().unwrap_or(&row.axis),
        near(value),
    );
    Some(json!({
        "axis": row.axis,
        "m": row.metric_id,
        "scenario": row.scenario,
        "value": six(value),
        "near": near(value),
        "text": text,
    }))
}

/// Policies by true regime.
fn regimes(tables: &Tables) -> Vec<Value> {
    let name = |scenario: i32, regime: i32| {
        let found = tables
            .regimes
            .iter()
            .find(|row| (row.scenario_id, row.regime_id) == (scenario, regime));
        found.map_or_else(|| regime.to_string(), |row| row.regime.clone())
    };
    let one = |row: &RegimeRow| {
        json!({
            "s": row.scenario_id,
            "p": row.policy_id,
            "regime": name(row.scenario_id, row.regime_id),
            "time": six(row.time_frac),
            "exposure": digits(row.growth_weight_frac),
            "turnover": digits(row.turnover_one_way_annual),
            "cost": digits(row.cost_bps_annual),
            "diff": digits(row.contribution_diff_bps_annual),
            "diff_se": digits(row.contribution_diff_std_error),
        })
    };
    tables.by_regime.iter().map(one).collect()
}

/// Tests of the whole field, but for those of dominance.
fn tests(tables: &Tables) -> Vec<Value> {
    let shown = tables.tests.iter().filter(|row| is_of_the_field(row));
    let one = |row: &TestRow| {
        json!({
            "test": row.test,
            "s": row.scenario_id,
            "h": row.horizon_months,
            "m": row.metric_id,
            "p": row.policy_id,
            "b": row.benchmark_policy_id,
            "pv": row.p_value.map(six),
            "in": row.is_in_set,
            "tried": row.policies_tried,
            "chosen": digits(row.lead_chosen),
            "fresh": digits(row.lead_fresh),
            "fresh_se": digits(row.lead_fresh_std_error),
            "optimism": digits(row.optimism),
            "optimism_se": digits(row.optimism_std_error),
        })
    };
    shown.map(one).collect()
}

/// Policies across scenarios.
fn robust(tables: &Tables) -> Vec<Value> {
    let one = |row: &RobustnessRow| {
        json!({
            "p": row.policy_id,
            "h": row.horizon_months,
            "m": row.metric_id,
            "best": six(row.best),
            "worst": six(row.worst),
            "regret": digits(row.regret_max),
            "better": row.share_better,
            "dmin": digits(row.diff_min),
            "dmax": digits(row.diff_max),
            "sd": digits(row.diff_sd_scenarios),
            "se": digits(row.diff_std_error_max),
        })
    };
    tables.robustness.iter().map(one).collect()
}
