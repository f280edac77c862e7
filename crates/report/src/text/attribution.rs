//! Shows the parts of differences as a table and the accuracy of signals, and both as JSON.

use corridor_tables::label::AttributionPart;
use corridor_tables::{AttributionRow, DimPolicyRow, DimScenarioRow, SignalRow};
use serde_json::{Value, json};

use crate::comparison::Comparison;
use crate::number::count;
use crate::text::table::{Align, TextTable};
use crate::text::view::View;
use crate::wording::scenario_name;

/// Largest number of scenarios; the files have the others.
const SCENARIOS_MAX: usize = 3;
/// Largest number of rows of a table; the files have the others.
const ROWS_MAX: usize = 12;
/// Mark of an exposure part that a difference between two rules is in.
const OTHER_RULE: &str = " *";

/// Writes the gains of policies with a twin of equal exposure, part by part, and the accuracy of
/// signals; empty for a run without either.
#[must_use]
pub fn render(comparison: &Comparison, view: &View<'_>) -> String {
    parts(comparison, view) + &signals(comparison, view)
}

/// Writes a table of parts for each scenario: rows are policies, columns are parts.
fn parts(comparison: &Comparison, view: &View<'_>) -> String {
    let has_parts = |scenario: &&DimScenarioRow| {
        comparison.attribution.iter().any(|row| {
            row.scenario_id == scenario.scenario_id && row.part == AttributionPart::Total.name()
        })
    };
    let scenarios: Vec<&DimScenarioRow> = comparison.scenarios.iter().filter(has_parts).collect();
    let Some(first) = scenarios.first() else { return String::new() };
    let paths = comparison
        .attribution
        .iter()
        .filter(|row| row.scenario_id == first.scenario_id)
        .map(|row| row.n_paths.unsigned_abs())
        .max()
        .unwrap_or(0);
    let mut text = format!(
        "\n{}",
        view.prose(&format!(
            "what a difference in typical growth is made of, in bp a year ± s.e., on the first {} \
            paths: exposure, timing in each regime, and cost",
            count(paths)
        ))
    );
    let mut dropped = Vec::new();
    let mut rows_left_out = 0;
    for scenario in scenarios.iter().take(SCENARIOS_MAX) {
        if comparison.has_scenarios() {
            text.push_str(&format!("\n{}\n", scenario_name(scenario)));
        }
        let (with_errors, left_out) = table_of(comparison, scenario.scenario_id, true);
        rows_left_out += left_out;
        let is_too_wide =
            view.layout.table_width.is_some_and(|room| with_errors.width() + 2 > room);
        let table = if is_too_wide && !view.markdown {
            table_of(comparison, scenario.scenario_id, false).0
        } else {
            with_errors
        };
        text.push_str(&view.table(&table, true, &mut dropped));
    }
    if text.contains(OTHER_RULE) {
        text.push_str(&view.prose("* and the other rule of the twin of equal exposure"));
    }
    text.push_str(&view.no_room(&dropped));
    let more = scenarios.len().saturating_sub(SCENARIOS_MAX);
    if more > 0 || rows_left_out > 0 {
        text.push_str(&view.prose("fact_attribution.parquet has the others"));
    }
    text + &without_twin(comparison, view)
}

/// Makes the table of one scenario; returns the number of rows without room, too.
fn table_of(comparison: &Comparison, scenario: i32, errors: bool) -> (TextTable, usize) {
    let of_scenario: Vec<&AttributionRow> =
        comparison.attribution.iter().filter(|row| row.scenario_id == scenario).collect();
    let of_part = |part: AttributionPart| {
        of_scenario.iter().filter(move |row| row.part == part.name()).copied()
    };
    let mut regimes: Vec<i32> =
        of_part(AttributionPart::Timing).filter_map(|row| row.regime_id).collect();
    regimes.sort_unstable();
    regimes.dedup();
    let timing: Vec<&str> =
        regimes.iter().map(|&regime| regime_name(comparison, scenario, regime)).collect();
    let gaps = [
        (AttributionPart::OracleGap, "an oracle would add"),
        (AttributionPart::PlaceboGap, "signal over placebo"),
    ];
    let gaps: Vec<(AttributionPart, &str)> =
        gaps.into_iter().filter(|(part, _)| of_part(*part).next().is_some()).collect();
    let mut heads = vec![
        ("policy", Align::Left),
        ("minus", Align::Left),
        ("difference", Align::Right),
        ("exposure", Align::Right),
    ];
    heads.extend(timing.iter().map(|head| (*head, Align::Right)));
    heads.push(("cost", Align::Right));
    heads.extend(gaps.iter().map(|(_, head)| (*head, Align::Right)));
    let last = heads.len() - 1;
    // the two gaps go first, then the policy that is compared with, then the parts
    let gap_columns = (0..gaps.len()).map(|place| last - place);
    let parts = (4..4 + regimes.len()).rev();
    let mut table = TextTable::new(heads).may_drop(gap_columns.chain([1]).chain(parts));
    let totals: Vec<&AttributionRow> = of_part(AttributionPart::Total).collect();
    for total in totals.iter().take(ROWS_MAX) {
        let own = |part: AttributionPart, regime: Option<i32>| {
            of_part(part)
                .find(|row| row.policy_id == total.policy_id && row.regime_id == regime)
                .map(|row| number(row, errors))
                .unwrap_or_default()
        };
        let against = total.against_policy_id.map_or("", |id| comparison.policy(id));
        let mut cells = vec![
            comparison.policy(total.policy_id).to_owned(),
            against.to_owned(),
            number(total, errors),
            own(AttributionPart::Exposure, None) + other_rule(comparison, total),
        ];
        cells.extend(regimes.iter().map(|&id| own(AttributionPart::Timing, Some(id))));
        cells.push(own(AttributionPart::Cost, None));
        cells.extend(gaps.iter().map(|(part, _)| own(*part, None)));
        table.row(cells);
    }
    (table, totals.len().saturating_sub(ROWS_MAX))
}

/// Names the shown policies that have no parts, because they have no twin of equal exposure.
fn without_twin(comparison: &Comparison, view: &View<'_>) -> String {
    let is_total = |row: &&AttributionRow| row.part == AttributionPart::Total.name();
    let has_parts =
        |id: i32| comparison.attribution.iter().filter(is_total).any(|row| row.policy_id == id);
    let is_twin = |id: i32| {
        comparison.policies.iter().any(|row| row.policy_id == id && row.twin_of.is_some())
    };
    let mut names: Vec<String> = Vec::new();
    for line in comparison.lines.iter().filter(|line| line.compare.is_some()) {
        let id = line.summary.policy_id;
        let name = format!("`{}`", comparison.policy(id));
        if !has_parts(id) && !is_twin(id) && !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => String::new(),
        1..=4 => view.prose(&format!(
            "without parts, for want of a twin of equal exposure: {}",
            names.join(", ")
        )),
        more => view.prose(&format!(
            "without parts, for want of a twin of equal exposure: {} and {} more",
            names[..3].join(", "),
            more - 3
        )),
    }
}

/// Returns the mark of an exposure part whose twin does not follow the rule of the baseline, so
/// that the part is not exposure alone.
fn other_rule(comparison: &Comparison, row: &AttributionRow) -> &'static str {
    let find = |wanted: &dyn Fn(&DimPolicyRow) -> bool| {
        comparison.policies.iter().find(|policy| wanted(policy))
    };
    let name = comparison.policy(row.policy_id);
    let twin = find(&|policy| {
        policy.twin_of.as_deref() == Some(name) && policy.twin_same.as_deref() == Some("exposure")
    });
    let baseline = find(&|policy| Some(policy.policy_id) == row.against_policy_id);
    let rule = |policy: &DimPolicyRow| {
        (
            policy.review.clone(),
            policy.trigger.clone(),
            policy.band_kind.clone(),
            policy.band_width,
            policy.trade_rule.clone(),
        )
    };
    if twin.map(rule) == baseline.map(rule) { "" } else { OTHER_RULE }
}

fn number(row: &AttributionRow, with_error: bool) -> String {
    let error = row
        .std_error
        .filter(|_| with_error)
        .map(|error| format!(" ± {error:.2}"))
        .unwrap_or_default();
    format!("{:+.2}{error}", row.value_bps_annual)
}

fn regime_name(comparison: &Comparison, scenario: i32, regime: i32) -> &str {
    let found = comparison
        .regimes
        .iter()
        .find(|known| known.scenario_id == scenario && known.regime_id == regime);
    found.map_or("", |known| known.regime.as_str())
}

/// Writes the accuracy of every signal, once where it is the same in all scenarios.
fn signals(comparison: &Comparison, view: &View<'_>) -> String {
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "none".to_owned(), |value| format!("{:.1} %", 100.0 * value))
    };
    let cells = |row: &SignalRow| {
        let late = row.delay_months.map(|months| format!("{months:.1} months"));
        vec![
            row.signal.clone(),
            row.regimes.clone(),
            percent(row.hit_rate),
            percent(row.false_alarm_rate),
            late.unwrap_or_default(),
            percent(row.missed_frac),
        ]
    };
    let of_scenario = |scenario: &DimScenarioRow| -> Vec<Vec<String>> {
        let of_it = |row: &&SignalRow| row.scenario_id == scenario.scenario_id;
        comparison.signals.iter().filter(of_it).map(cells).collect()
    };
    let all: Vec<Vec<Vec<String>>> = comparison.scenarios.iter().map(of_scenario).collect();
    if all.iter().all(Vec::is_empty) {
        return String::new();
    }
    let is_same = all.iter().all(|rows| *rows == all[0]);
    let several = comparison.scenarios.len() > 1;
    let same = if is_same && several { ", the same in all scenarios" } else { "" };
    let head = format!("signals: how well each tells its regimes{same}");
    let mut text = format!("\n{}", view.prose(&head));
    let mut dropped = Vec::new();
    let shown = if is_same { 1 } else { SCENARIOS_MAX };
    for (scenario, rows) in comparison.scenarios.iter().zip(&all).take(shown) {
        if several && !is_same {
            text.push_str(&format!("\n{}\n", scenario_name(scenario)));
        }
        let mut table = TextTable::new([
            ("signal", Align::Left),
            ("tells", Align::Left),
            ("hits", Align::Right),
            ("false alarms", Align::Right),
            ("late by", Align::Right),
            ("stays missed", Align::Right),
        ])
        .may_drop([5, 4]);
        rows.iter().take(ROWS_MAX).for_each(|cells| table.row(cells.clone()));
        text.push_str(&view.table(&table, true, &mut dropped));
    }
    text.push_str(&view.no_room(&dropped));
    let is_cut = all.iter().any(|rows| rows.len() > ROWS_MAX) || (!is_same && all.len() > shown);
    if is_cut {
        text.push_str(&view.prose("fact_signal.parquet has the others"));
    }
    text
}

/// Returns the parts as JSON, with labels instead of ids.
#[must_use]
pub fn json(comparison: &Comparison) -> Value {
    let one = |row: &AttributionRow| {
        json!({
            "policy": comparison.policy(row.policy_id),
            "scenario": comparison.scenarios.iter().find(
                |known| known.scenario_id == row.scenario_id
            ).map(|known| known.scenario.as_str()),
            "part": row.part,
            "regime": row.regime_id.map(|id| regime_name(comparison, row.scenario_id, id)),
            "against": row.against_policy_id.map(|id| comparison.policy(id)),
            "value_bps_annual": row.value_bps_annual,
            "std_error": row.std_error,
            "ci_low": row.ci_low,
            "ci_high": row.ci_high,
            "n_paths": row.n_paths,
        })
    };
    comparison.attribution.iter().map(one).collect()
}

/// Returns the accuracy of the signals as JSON.
#[must_use]
pub fn signals_json(comparison: &Comparison) -> Value {
    let one = |row: &SignalRow| {
        json!({
            "signal": row.signal, "scenario_id": row.scenario_id, "regimes": row.regimes,
            "hit_rate": row.hit_rate, "hit_std_error": row.hit_std_error,
            "false_alarm_rate": row.false_alarm_rate,
            "false_alarm_std_error": row.false_alarm_std_error, "delay_months": row.delay_months,
            "delay_std_error": row.delay_std_error, "missed_frac": row.missed_frac,
            "n_paths": row.n_paths,
        })
    };
    comparison.signals.iter().map(one).collect()
}
