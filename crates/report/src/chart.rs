//! Lays out the numbers that the charts are drawn from, short names and few digits, so that the
//! page stays small.

use std::collections::{BTreeMap, BTreeSet};

use corridor_tables::commands::Commands;
use corridor_tables::{BreakEvenRow, FanRow, HistogramRow, SummaryRow, WorstPathRow};
use serde::Serialize;
use serde_json::{Value, json};

use crate::tables::Tables;
use crate::wording::MEAN;

/// Metrics whose histograms are drawn.
const DRAWN: [&str; 2] = ["terminal_wealth_nominal", "max_drawdown_unit_frac"];

/// Numbers of all fans together; beyond it fewer points in time are shown, and then fewer policies.
const FAN_NUMBERS: usize = 120_000;
const FAN_POINTS_LEAST: usize = 13;

/// Numbers of all single paths together.
const WORST_NUMBERS: usize = 60_000;

/// Comparisons shown; the rest is in the files.
const COMPARE_ROWS: usize = 16_000;

/// Scenario, policy, horizon and metric.
type Cell = (i32, i32, i32, i32);

/// Everything the script reads.
pub(crate) fn data(tables: &Tables, commands: &Commands) -> Value {
    let mean = |row: &&SummaryRow| row.stat == MEAN;
    let compare: Vec<Value> = tables
        .compare
        .iter()
        .filter(|row| row.stat == MEAN)
        .take(COMPARE_ROWS)
        .map(|row| {
            json!({
                "s": row.scenario_id, "p": row.policy_id, "h": row.horizon_months,
                "m": row.metric_id,
                "d": digits(row.diff), "se": digits(row.std_error), "lo": digits(row.ci_low),
                "hi": digits(row.ci_high),
                "slo": digits(row.ci_low_simultaneous), "shi": digits(row.ci_high_simultaneous),
                "v": row.verdict, "pr": doubt(&row.precision),
            })
        })
        .collect();
    let summary: Vec<Value> = tables
        .summary
        .iter()
        .filter(mean)
        .take(2 * COMPARE_ROWS)
        .map(|row| {
            json!(
                {
                    "s": row.scenario_id,
                    "p": row.policy_id,
                    "h": row.horizon_months,
                    "m": row.metric_id,
                    "v": digits(row.value),
                    "se": digits(row.std_error),
                    "pr": doubt(&row.precision),
                }
            )
        })
        .collect();
    let fans = fans(&tables.fan);
    json!({
        "replay": commands.replay,
        "scenarios": tables.scenarios.iter().map(
            |row| json!({ "id": row.scenario_id, "name": row.scenario })
        ).collect::<Vec<_>>(),
        "policies": tables.policies.iter().map(
            |row| json!(
                {
                    "id": row.policy_id,
                    "name": row.policy,
                    "baseline": row.is_baseline,
                    "looks_ahead": row.look_ahead,
                    "about": row.asked_about,
                }
            )
        ).collect::<Vec<_>>(),
        "metrics": metrics(tables),
        "horizons": tables.horizons.iter().map(
            |row| json!({ "months": row.horizon_months, "label": row.horizon })
        ).collect::<Vec<_>>(),
        "compare": by_column(&compare),
        "summary": by_column(&summary),
        "spreads": by_column(&spreads(tables)),
        "axes": axes(tables),
        "break_even": tables.break_even.iter().filter_map(break_even).collect::<Vec<_>>(),
        "edges": edges(tables),
        "histograms": histograms(tables),
        "fan_percents": fans.1,
        "fans": fans.0,
        "regimes": by_column(&regimes(tables)),
        "worst": worst(&tables.worst),
        "tests": by_column(&tests(tables)),
        "robust": by_column(&robust(tables)),
    })
}

/// Rows with the same keys as one list per key, which stands once: half as long.
fn by_column(rows: &[Value]) -> Value {
    let Some(Value::Object(first)) = rows.first() else { return json!({}) };
    first
        .keys()
        .map(|key| (key.clone(), rows.iter().map(|row| row[key].clone()).collect::<Value>()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What is not precise.
fn doubt(precision: &str) -> Option<&str> {
    Some(precision).filter(|word| *word != "precise")
}

/// Six digits: more than any error leaves, less than a float has.
fn digits(value: Option<f64>) -> Option<f64> {
    value.map(six)
}

fn six(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// Four digits: more than a line on a screen shows.
fn four(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

fn metrics(tables: &Tables) -> Vec<Value> {
    let known: BTreeSet<i32> =
        tables.summary.iter().filter(|row| row.value.is_some()).map(|row| row.metric_id).collect();
    let metric = |row: &corridor_tables::DimMetricRow| {
        json!({
            "id": row.metric_id, "name": row.metric, "display": row.display_name, "unit": row.unit,
            "format": row.number_format,
            "higher": row.higher_is_better, "margin": row.margin, "primary": row.is_primary,
        })
    };
    tables
        .metrics
        .iter()
        .filter(|row| row.is_primary || known.contains(&row.metric_id))
        .map(metric)
        .collect()
}

/// Median and 95 % quantile of trades and turnover.
fn spreads(tables: &Tables) -> Vec<Value> {
    let wanted: BTreeSet<i32> = tables
        .metrics
        .iter()
        .filter(|row| {
            ["rebalance_events", "turnover_one_way_annual"].contains(&row.metric.as_str())
        })
        .map(|row| row.metric_id)
        .collect();
    let mut found: BTreeMap<Cell, [Option<f64>; 2]> = BTreeMap::new();
    for row in tables.summary.iter().filter(|row| wanted.contains(&row.metric_id)) {
        let place = match row.stat.as_str() {
            "p50" => 0,
            "p95" => 1,
            _ => continue,
        };
        found
            .entry((row.scenario_id, row.policy_id, row.horizon_months, row.metric_id))
            .or_default()[place] = digits(row.value);
    }
    found
        .into_iter()
        .map(|((s, p, h, m), [p50, p95])| {
            json!(
                { "s": s, "p": p, "h": h, "m": m, "p50": p50, "p95": p95 }
            )
        })
        .collect()
}

/// What was swept over more than one value.
fn axes(tables: &Tables) -> Vec<Value> {
    #[derive(Default)]
    struct Axis {
        values: BTreeMap<i32, Value>,
        distinct: BTreeSet<String>,
    }
    let mut axes: BTreeMap<(&'static str, String), Axis> = BTreeMap::new();
    let mut add = |of: &'static str, name: &str, id: i32, number: Option<f64>, text: &str| {
        let axis = axes.entry((of, name.to_owned())).or_default();
        axis.values.insert(id, number.map_or_else(|| json!(text), |number| json!(number)));
        axis.distinct.insert(text.to_owned());
    };
    for row in &tables.policy_axis {
        add("policy", short(&row.axis, &row.key), row.policy_id, row.value_number, &row.value_text);
    }
    for row in &tables.scenario_axis {
        add(
            "scenario",
            short(&row.axis, &row.key),
            row.scenario_id,
            row.value_number,
            &row.value_text,
        );
    }
    let swept = axes.into_iter().filter(|(_, axis)| axis.distinct.len() > 1);
    swept
        .map(|((of, name), axis)| json!({ "name": name, "of": of, "values": axis.values }))
        .collect()
}

/// The name of an axis: its own where the study gives it one, else the last part of its key.
fn short<'a>(axis: &'a str, key: &str) -> &'a str {
    let named = |part: &&str| part.parse::<u32>().is_err();
    if axis == key { axis.rsplit('.').find(named).unwrap_or(axis) } else { axis }
}

fn break_even(row: &BreakEvenRow) -> Option<Value> {
    let (value, low, high) = (row.value.filter(|_| row.level == "zero")?, row.ci_low, row.ci_high);
    let end =
        |end: Option<f64>| end.map_or_else(|| "beyond".to_owned(), |end| format!("{}", six(end)));
    let whose = [row.series.as_str(), row.scenario.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!(
        "{whose} breaks even at {} {} ({} to {}).",
        row.axis,
        six(value),
        end(low),
        end(high)
    );
    Some(json!({ "axis": row.axis, "m": row.metric_id, "text": text }))
}

/// Edges are shared by all cells of a metric and horizon.
fn edges(tables: &Tables) -> Vec<Value> {
    let mut edges: BTreeMap<(i32, i32), BTreeMap<i32, (f64, f64)>> = BTreeMap::new();
    for row in drawn(tables) {
        if let (Some(low), Some(high)) = (row.bucket_low, row.bucket_high) {
            edges
                .entry((row.metric_id, row.horizon_months))
                .or_default()
                .insert(row.bucket, (six(low), six(high)));
        }
    }
    let list = |buckets: BTreeMap<i32, (f64, f64)>| {
        let last = buckets.values().next_back().map(|&(_, high)| high);
        buckets.values().map(|&(low, _)| low).chain(last).collect::<Vec<f64>>()
    };
    edges
        .into_iter()
        .map(|((m, h), buckets)| json!({ "m": m, "h": h, "edges": list(buckets) }))
        .collect()
}

fn drawn(tables: &Tables) -> impl Iterator<Item = &HistogramRow> {
    let wanted: BTreeSet<i32> = tables
        .metrics
        .iter()
        .filter(|row| DRAWN.contains(&row.metric.as_str()))
        .map(|row| row.metric_id)
        .collect();
    tables.histogram.iter().filter(move |row| wanted.contains(&row.metric_id))
}

fn histograms(tables: &Tables) -> Vec<Value> {
    let mut cells: BTreeMap<Cell, (Vec<i64>, i64)> = BTreeMap::new();
    for row in drawn(tables) {
        let cell = cells
            .entry((row.scenario_id, row.policy_id, row.horizon_months, row.metric_id))
            .or_default();
        cell.0.push(row.count);
        cell.1 = row.n_paths;
    }
    cells
        .into_iter()
        .map(|((s, p, h, m), (counts, n))| {
            json!(
                { "s": s, "p": p, "h": h, "m": m, "counts": counts, "n": n }
            )
        })
        .collect()
}

#[derive(Serialize)]
struct Fan {
    s: i32,
    p: i32,
    n: i64,
    months: Vec<f64>,
    wealth: Vec<Vec<f64>>,
    drawdown: Vec<Vec<f64>>,
}

/// The fans, and their percents.
fn fans(rows: &[FanRow]) -> (Vec<Fan>, Vec<i64>) {
    let percent = |row: &FanRow| (100.0 * row.prob).round() as i64;
    let percents: Vec<i64> =
        rows.iter().map(percent).collect::<BTreeSet<_>>().into_iter().collect();
    let mut cells: Vec<(i32, i32)> =
        rows.iter().map(|row| (row.scenario_id, row.policy_id)).collect();
    cells.dedup();
    let points = rows.len() / (2 * percents.len() * cells.len()).max(1);
    let allowed = (FAN_NUMBERS / (2 * percents.len() * cells.len()).max(1)).max(FAN_POINTS_LEAST);
    let stride = points.div_ceil(allowed).max(1);
    let most = FAN_NUMBERS / (2 * percents.len() * points.div_ceil(stride)).max(1);
    let fan = |cell: &[FanRow]| {
        let of = |measure: &str| -> Vec<Vec<f64>> {
            let at = |&wanted: &i64| {
                let rows: Vec<f64> = cell
                    .iter()
                    .filter(|row| row.measure == measure && percent(row) == wanted)
                    .filter_map(|row| row.value.map(four))
                    .collect();
                thinned(&rows, stride)
            };
            percents.iter().map(at).collect()
        };
        let first = cell
            .iter()
            .filter(|row| row.measure == "wealth_nominal" && percent(row) == percents[0]);
        let months: Vec<f64> = first.map(|row| row.time_months).collect();
        Fan {
            s: cell[0].scenario_id,
            p: cell[0].policy_id,
            n: cell[0].n_paths,
            months: thinned(&months, stride),
            wealth: of("wealth_nominal"),
            drawdown: of("drawdown_unit_frac"),
        }
    };
    let same =
        |a: &FanRow, b: &FanRow| (a.scenario_id, a.policy_id) == (b.scenario_id, b.policy_id);
    (rows.chunk_by(same).take(most.max(1)).map(fan).collect(), percents)
}

/// Every so manieth entry, and the last.
fn thinned(values: &[f64], stride: usize) -> Vec<f64> {
    let last = values.len().saturating_sub(1);
    values
        .iter()
        .enumerate()
        .filter(|(place, _)| place % stride == 0 || *place == last)
        .map(|(_, value)| *value)
        .collect()
}

fn worst(rows: &[WorstPathRow]) -> Vec<Value> {
    let stride = rows.len().saturating_mul(2).div_ceil(WORST_NUMBERS).max(1);
    let one = |cell: &[WorstPathRow]| {
        let of = |value: &dyn Fn(&WorstPathRow) -> f64| {
            thinned(&cell.iter().map(|row| four(value(row))).collect::<Vec<_>>(), stride)
        };
        json!({
            "s": cell[0].scenario_id, "p": cell[0].policy_id, "path": cell[0].path_id,
            "months": of(&|row| row.time_months), "wealth": of(&|row| row.wealth_nominal),
            "drawdown": of(&|row| row.drawdown_unit_frac),
        })
    };
    rows.chunk_by(|a, b| (a.scenario_id, a.policy_id) == (b.scenario_id, b.policy_id))
        .map(one)
        .collect()
}

fn regimes(tables: &Tables) -> Vec<Value> {
    let name = |scenario: i32, regime: i32| {
        let found = tables
            .regimes
            .iter()
            .find(|row| (row.scenario_id, row.regime_id) == (scenario, regime));
        found.map_or_else(|| regime.to_string(), |row| row.regime.clone())
    };
    let one = |row: &corridor_tables::RegimeRow| {
        json!({
            "s": row.scenario_id, "p": row.policy_id,
            "regime": name(row.scenario_id, row.regime_id), "time": six(row.time_frac),
            "exposure": digits(row.growth_weight_frac),
            "turnover": digits(row.turnover_one_way_annual), "cost": digits(row.cost_bps_annual),
            "diff": digits(row.contribution_diff_bps_annual),
            "diff_se": digits(row.contribution_diff_std_error),
        })
    };
    tables.by_regime.iter().map(one).collect()
}

fn tests(tables: &Tables) -> Vec<Value> {
    let shown = tables.tests.iter().filter(|row| !row.test.starts_with("dominance"));
    let one = |row: &corridor_tables::TestRow| {
        json!({
            "test": row.test, "s": row.scenario_id, "h": row.horizon_months, "m": row.metric_id,
            "p": row.policy_id, "b": row.benchmark_policy_id,
            "pv": row.p_value.map(six), "in": row.is_in_set, "tried": row.policies_tried,
            "chosen": digits(row.lead_chosen), "fresh": digits(row.lead_fresh),
            "fresh_se": digits(row.lead_fresh_std_error), "optimism": digits(row.optimism),
            "optimism_se": digits(row.optimism_std_error),
        })
    };
    shown.map(one).collect()
}

fn robust(tables: &Tables) -> Vec<Value> {
    let one = |row: &corridor_tables::RobustnessRow| {
        json!({
            "p": row.policy_id, "h": row.horizon_months, "m": row.metric_id, "best": six(row.best),
            "worst": six(row.worst), "regret": digits(row.regret_max),
            "better": row.share_better, "dmin": digits(row.diff_min), "dmax": digits(row.diff_max),
            "sd": digits(row.diff_sd_scenarios), "se": digits(row.diff_std_error_max),
        })
    };
    tables.robustness.iter().map(one).collect()
}
