//! Makes the tables that compare every policy with its baseline: one a scenario, and one of all
//! scenarios where they differ in one swept number.

use std::collections::BTreeSet;

use corridor_tables::label::Verdict;
use corridor_tables::{CompareRow, DimMetricRow, DimScenarioRow, SummaryRow};
use serde::Serialize;

use super::{end_of, first_shown, policy_name};
use crate::comparison::AllBeside;
use crate::number::NumberFormat;
use crate::tables::Tables;
use crate::wording::{MEAN, mark, scenario_name, verdict, words};

/// Largest number of scenarios that are columns of one table.
const COLUMNS_MAX: usize = 7;

/// The comparison table of a scenario.
#[derive(Serialize)]
pub(super) struct ScenarioTable {
    scenario: String,
    horizon: String,
    baseline: String,
    /// Whether the table is open where tables are folded.
    is_first: bool,
    has_money: bool,
    has_better: bool,
    has_exposure: bool,
    has_cost: bool,
    has_drawdown: bool,
    rows: Vec<PolicyLine>,
}

/// The line of a policy in a comparison table.
#[derive(Default, Serialize)]
struct PolicyLine {
    policy: String,
    is_baseline: bool,
    value: String,
    diff: String,
    interval: String,
    money: String,
    better: String,
    exposure: String,
    /// Trading costs in bp of wealth a year.
    cost: String,
    /// Mean of the maximum drawdown, in per cent.
    drawdown: String,
    verdict: String,
    /// How many paths a verdict needs, after a comma; else empty.
    needs: String,
    class: &'static str,
}

/// One table of all scenarios, which are its columns.
#[derive(Serialize)]
pub(super) struct SweptTable {
    baseline: String,
    unit: String,
    horizon: String,
    scenarios: Vec<String>,
    has_exposure: bool,
    rows: Vec<SweptLine>,
}

/// The line of a policy in the table of all scenarios.
#[derive(Serialize)]
struct SweptLine {
    policy: String,
    is_baseline: bool,
    verdict: String,
    class: &'static str,
    /// Whether all scenarios share the verdict.
    everywhere: bool,
    cells: Vec<Cell>,
    exposure: String,
}

/// A difference, coloured by its verdict.
#[derive(Serialize)]
struct Cell {
    text: String,
    class: &'static str,
}

/// Makes the table of each scenario at its longest horizon.
pub(super) fn by_scenario(tables: &Tables, metric: &DimMetricRow) -> Vec<ScenarioTable> {
    let first = first_shown(tables.scenarios.len());
    let table = |(place, scenario)| scenario_table(tables, metric, scenario, place == first);
    tables.scenarios.iter().enumerate().map(table).collect()
}

/// Makes one table of all scenarios; `None` unless they are few and differ in one swept number.
pub(super) fn swept(tables: &Tables, metric: &DimMetricRow) -> Option<SweptTable> {
    let scenarios = &tables.scenarios;
    let axes: BTreeSet<&str> = tables.scenario_axis.iter().map(|row| row.axis.as_str()).collect();
    let ends: BTreeSet<Option<i32>> =
        scenarios.iter().map(|row| end_of(tables, row.scenario_id)).collect();
    if !(2..=COLUMNS_MAX).contains(&scenarios.len()) || axes.len() != 1 || ends.len() != 1 {
        return None;
    }
    let end = ends.into_iter().flatten().next()?;
    let line = |policy: i32, name: &str| {
        let rows: Vec<Option<&CompareRow>> = scenarios
            .iter()
            .map(|scenario| comparison(tables, metric, scenario.scenario_id, end, policy))
            .collect();
        swept_line(tables, metric, end, (policy, name), &rows)
    };
    let rows: Vec<SweptLine> =
        tables.policies.iter().map(|row| line(row.policy_id, &row.policy)).collect();
    let format = NumberFormat::of(&metric.number_format);
    let unit = match format.difference_suffix() {
        "" => metric.unit.clone(),
        _ => "percentage points".to_owned(),
    };
    Some(SweptTable {
        baseline: common_baseline(tables),
        unit,
        horizon: horizon(tables, end),
        scenarios: scenarios.iter().map(|row| scenario_name(row).to_owned()).collect(),
        has_exposure: rows.iter().any(|row| !row.exposure.is_empty()),
        rows,
    })
}

fn swept_line(
    tables: &Tables,
    metric: &DimMetricRow,
    end: i32,
    (policy, name): (i32, &str),
    rows: &[Option<&CompareRow>],
) -> SweptLine {
    let format = NumberFormat::of(&metric.number_format);
    let compared: Vec<&CompareRow> = rows.iter().flatten().copied().collect();
    if compared.is_empty() {
        let value = |scenario: &DimScenarioRow| {
            let own = |row: &&SummaryRow| {
                is_cell(row, metric, scenario.scenario_id, end) && row.policy_id == policy
            };
            let found = tables.summary.iter().find(own);
            Cell {
                text: found.map(|row| value_text(row, format)).unwrap_or_default(),
                class: "bare",
            }
        };
        return SweptLine {
            policy: name.to_owned(),
            is_baseline: true,
            verdict: "baseline".to_owned(),
            class: "",
            everywhere: false,
            cells: tables.scenarios.iter().map(value).collect(),
            exposure: String::new(),
        };
    }
    let (verdict, class) = verdict_over_scenarios(&compared);
    let cell = |row: &Option<&CompareRow>| {
        row.map_or(Cell { text: String::new(), class: "bare" }, |row| Cell {
            text: difference_and_error(row, format),
            class: class_of(row),
        })
    };
    SweptLine {
        policy: name.to_owned(),
        is_baseline: false,
        everywhere: compared.iter().all(|row| row.verdict.as_deref() == Some(&*verdict)),
        verdict,
        class,
        cells: rows.iter().map(cell).collect(),
        exposure: exposures(&compared),
    }
}

/// The verdict if all scenarios share it, else the number of scenarios of each.
fn verdict_over_scenarios(rows: &[&CompareRow]) -> (String, &'static str) {
    let word = |row: &CompareRow| {
        let known = row.verdict.as_deref().and_then(Verdict::of_name);
        known.map_or_else(|| verdict(row), |verdict| verdict.name().to_owned())
    };
    let mut counts: Vec<(String, usize)> = Vec::new();
    for row in rows {
        let word = word(row);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    match counts.as_slice() {
        [(one, _)] => (one.clone(), class_of(rows[0])),
        several => {
            let part = |(word, count): &(String, usize)| format!("{word} in {count}");
            let text = several.iter().map(part).collect::<Vec<_>>().join(", ");
            (text, "equivalent bare")
        }
    }
}

fn scenario_table(
    tables: &Tables,
    metric: &DimMetricRow,
    scenario: &DimScenarioRow,
    is_first: bool,
) -> ScenarioTable {
    let own = |row: &&SummaryRow| {
        row.scenario_id == scenario.scenario_id
            && row.metric_id == metric.metric_id
            && row.stat == MEAN
    };
    let last =
        tables.summary.iter().filter(own).map(|row| row.horizon_months).max().unwrap_or_default();
    let all_beside = AllBeside::of(tables, metric);
    let line = |row: &SummaryRow| {
        let compare = comparison(tables, metric, scenario.scenario_id, last, row.policy_id);
        let beside = all_beside.beside(row);
        PolicyLine {
            cost: beside.cost(),
            drawdown: beside.drawdown(),
            ..policy_line(row, compare, metric, policy_name(tables, row.policy_id))
        }
    };
    let rows: Vec<PolicyLine> = tables
        .summary
        .iter()
        .filter(own)
        .filter(|row| row.horizon_months == last)
        .map(line)
        .collect();
    ScenarioTable {
        scenario: scenario_name(scenario).to_owned(),
        horizon: horizon(tables, last),
        baseline: common_baseline(tables),
        is_first,
        has_money: rows.iter().any(|row| !row.money.is_empty()),
        has_better: rows.iter().any(|row| !row.better.is_empty()),
        has_exposure: rows.iter().any(|row| !row.exposure.is_empty()),
        has_cost: rows.iter().any(|row| !row.cost.is_empty()),
        has_drawdown: rows.iter().any(|row| !row.drawdown.is_empty()),
        rows,
    }
}

fn is_cell(row: &SummaryRow, metric: &DimMetricRow, scenario_id: i32, end: i32) -> bool {
    row.stat == MEAN
        && row.metric_id == metric.metric_id
        && row.scenario_id == scenario_id
        && row.horizon_months == end
}

fn comparison<'a>(
    tables: &'a Tables,
    metric: &DimMetricRow,
    scenario_id: i32,
    end: i32,
    policy: i32,
) -> Option<&'a CompareRow> {
    tables.compare.iter().find(|row| {
        row.stat == MEAN
            && row.scenario_id == scenario_id
            && row.horizon_months == end
            && row.metric_id == metric.metric_id
            && row.policy_id == policy
    })
}

fn horizon(tables: &Tables, months: i32) -> String {
    let found = tables.horizons.iter().find(|row| row.horizon_months == months);
    found.map_or_else(String::new, |row| row.horizon.clone())
}

/// The name of the one baseline of all comparisons, or words for several.
fn common_baseline(tables: &Tables) -> String {
    let mut baselines: Vec<i32> = tables.compare.iter().map(|row| row.baseline_policy_id).collect();
    baselines.sort_unstable();
    baselines.dedup();
    match baselines[..] {
        [one] => policy_name(tables, one),
        _ => "its baseline".to_owned(),
    }
}

fn policy_line(
    own: &SummaryRow,
    compare: Option<&CompareRow>,
    metric: &DimMetricRow,
    policy: String,
) -> PolicyLine {
    let format = NumberFormat::of(&metric.number_format);
    let value = value_text(own, format);
    let Some(row) = compare else {
        let verdict = "baseline".to_owned();
        return PolicyLine { policy, is_baseline: true, value, verdict, ..PolicyLine::default() };
    };
    let finer = format.for_differences().within(row.std_error);
    let interval = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    let diff = |diff| {
        format!("{}{}{}", finer.signed(diff), format.difference_suffix(), mark(&row.precision))
    };
    // On a yes-or-no question most paths are ties, so a share of better paths says nothing.
    let better = row.share_better.filter(|_| metric.unit != "probability");
    let full = verdict(row);
    let (word, needs) = match full.find(", ") {
        Some(at) => (full[..at].to_owned(), full[at..].to_owned()),
        None => (full, String::new()),
    };
    PolicyLine {
        policy,
        is_baseline: false,
        value,
        diff: row.diff.map(diff).unwrap_or_default(),
        interval: interval
            .map(|(low, high)| format!("{} to {}", finer.signed(low), finer.signed(high)))
            .unwrap_or_default(),
        money: row
            .effect_currency
            .map(|effect| NumberFormat::of("#,##0").signed(effect))
            .unwrap_or_default(),
        better: better.map(|share| format!("{:.1} %", 100.0 * share)).unwrap_or_default(),
        exposure: exposure(row).unwrap_or_default(),
        verdict: word,
        needs,
        class: class_of(row),
        ..PolicyLine::default()
    }
}

fn exposure(row: &CompareRow) -> Option<String> {
    let points = |diff| format!("{} pp", NumberFormat::of("0.0%").signed(diff));
    row.exposure_diff_frac.map(points)
}

/// The differences of exposure over scenarios: one number where they agree, else their range.
fn exposures(rows: &[&CompareRow]) -> String {
    let by_size = |a: &&&CompareRow, b: &&&CompareRow| {
        let of = |row: &CompareRow| row.exposure_diff_frac.unwrap_or(0.0);
        of(a).total_cmp(&of(b))
    };
    let text = |row: Option<&&CompareRow>| row.and_then(|row| exposure(row)).unwrap_or_default();
    let (least, most) = (text(rows.iter().min_by(by_size)), text(rows.iter().max_by(by_size)));
    match least == most {
        true => least,
        false => format!("{} to {most}", least.trim_end_matches(" pp")),
    }
}

/// The difference with its standard error.
fn difference_and_error(row: &CompareRow, format: NumberFormat) -> String {
    let finer = format.for_differences().within(row.std_error);
    match (row.diff, row.std_error) {
        (Some(diff), Some(error)) => {
            format!("{} ± {}{}", finer.signed(diff), finer.bare(error), mark(&row.precision))
        }
        (Some(diff), None) => finer.signed(diff),
        (None, _) => String::new(),
    }
}

/// The estimate of a policy with its standard error, or why there is none.
fn value_text(row: &SummaryRow, format: NumberFormat) -> String {
    match (row.value, row.std_error) {
        (Some(value), Some(error)) => format!(
            "{} ± {}{}{}",
            format.within(Some(error)).bare(value),
            format.for_differences().within(Some(error)).bare(error),
            format.suffix(),
            mark(&row.precision)
        ),
        (Some(value), None) => format!("{}{}", format.bare(value), format.suffix()),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}

/// The class of the style sheet for a verdict.
fn class_of(row: &CompareRow) -> &'static str {
    match row.verdict.as_deref().and_then(Verdict::of_name) {
        Some(Verdict::Better) => "better",
        Some(Verdict::Worse) => "worse",
        Some(Verdict::Equivalent) => "equivalent",
        Some(Verdict::NotResolved) => "unresolved",
        None => "equivalent bare",
    }
}
