//! Shows a comparison on the terminal: one block per scenario, then what it says in one sentence.

use corridor_tables::SummaryRow;
use corridor_tables::commands::Commands;

use crate::answer::answer;
use crate::comparison::{Comparison, Line};
use crate::number::NumberFormat;
use crate::text::table::{Align, TextTable};
use crate::text::{attribution, break_even};
use crate::wording::{INDICATIVE, mark, verdict, words};

/// Scenarios shown; the rest is in the files.
const SCENARIOS_MAX: usize = 12;

/// The table and the sentence.
#[must_use]
pub fn render(comparison: &Comparison, commands: &Commands) -> String {
    let metric = &comparison.metric;
    let unit = if comparison.format().suffix().is_empty() {
        format!(", {}", metric.unit)
    } else {
        String::new()
    };
    let when = comparison
        .common_horizon()
        .map_or("at the end of each scenario".to_owned(), |row| format!("after {}", row.horizon));
    let mut text = format!("{}{unit}, {when}\n", metric.display_name);
    for scenario in comparison.scenarios.iter().take(SCENARIOS_MAX) {
        let mut table = heads(comparison);
        let lines =
            comparison.lines.iter().filter(|line| line.summary.scenario_id == scenario.scenario_id);
        let mut rows: Vec<Vec<String>> = lines.map(|line| cells(comparison, line)).collect();
        align_at_error(rows.iter_mut().filter_map(|row| row.get_mut(1)).collect());
        rows.into_iter().for_each(|row| table.row(row));
        let name = if comparison.scenarios.len() > 1 { scenario.scenario.as_str() } else { "" };
        text.push_str(&format!(
            "\n{name}{}{}",
            if name.is_empty() { "" } else { "\n" },
            table.render(2)
        ));
    }
    if text.contains(INDICATIVE) {
        text.push_str(
            "\n? the error is indicative only; ?? the error cannot be trusted (few paths \
        or a heavy tail), so nothing is resolved\n",
        );
        if metric.metric.starts_with("ce_") && comparison.run.control_variate == Some(false) {
            let how = commands.analyze.map_or_else(
                || "`comparison.control_variate = true`".to_owned(),
                |analyze| format!("`{analyze} --set comparison.control_variate=true`"),
            );
            text.push_str(&format!(
                "  a control with a known mean makes these errors smaller: {how}\n"
            ));
        }
    }
    if comparison.horizons.len() > 1 && comparison.common_horizon().is_some() {
        let show = commands.show.map(|show| format!("`{show} --horizon YEARS`, or "));
        text.push_str(&format!(
            "\nthe other report horizons: {}bi_summary.parquet and bi_compare.parquet\n",
            show.unwrap_or_default()
        ));
    }
    let more = comparison.scenarios.len().saturating_sub(SCENARIOS_MAX);
    if more > 0 {
        text.push_str(&format!("\n{more} more scenarios are in bi_compare.parquet\n"));
    }
    text.push_str(&break_even::render(comparison));
    text.push_str(&attribution::render(comparison));
    text.push_str(&format!("\n{}\n", answer(comparison)));
    text
}

/// Sets numbers of different digits below each other: `548.8 ± 0.78` above `557.7 ± 1.0`.
fn align_at_error(cells: Vec<&mut String>) {
    let behind = |cell: &str| cell.split_once('±').map_or(0, |(_, error)| error.chars().count());
    let most = cells.iter().map(|cell| behind(cell)).max().unwrap_or(0);
    for cell in cells.into_iter().filter(|cell| cell.contains('±')) {
        let missing = most - behind(cell);
        cell.push_str(&" ".repeat(missing));
    }
}

fn heads(comparison: &Comparison) -> TextTable {
    let minus = comparison
        .common_baseline()
        .map_or_else(|| "minus baseline".to_owned(), |name| format!("minus {name}"));
    TextTable::new([
        ("policy", Align::Left),
        ("value ± s.e.", Align::Right),
        (minus.as_str(), Align::Right),
        ("95 % for all at once", Align::Right),
        ("exposure", Align::Right),
        ("verdict", Align::Left),
    ])
}

fn cells(comparison: &Comparison, line: &Line) -> Vec<String> {
    let format = comparison.format();
    let mut cells =
        vec![comparison.policy(line.summary.policy_id).to_owned(), own(&line.summary, format)];
    let Some(row) = &line.compare else {
        cells.push("baseline".to_owned());
        return cells;
    };
    let finer = format.for_differences().within(row.std_error);
    cells.push(
        row.diff
            .map(|diff| finer.signed(diff) + format.difference_suffix() + mark(&row.precision))
            .unwrap_or_default(),
    );
    let ends = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    cells.push(
        ends.map(|(low, high)| format!("[{}, {}]", finer.signed(low), finer.signed(high)))
            .unwrap_or_default(),
    );
    cells.push(
        row.exposure_diff_frac
            .map(|diff| NumberFormat::of("0.0%").signed(diff) + " pp")
            .unwrap_or_default(),
    );
    // where baselines differ, the row says whose it is
    let own = if comparison.common_baseline().is_none() {
        format!(" (against {})", comparison.policy(row.baseline_policy_id))
    } else {
        String::new()
    };
    cells.push(verdict(row) + &own);
    cells
}

fn own(row: &SummaryRow, format: NumberFormat) -> String {
    let mark = mark(&row.precision);
    match (row.value, row.std_error) {
        (Some(mean), Some(error)) => {
            let finer = format.for_differences().within(Some(error));
            format!(
                "{} ± {}{}{mark}",
                format.within(Some(error)).bare(mean),
                finer.bare(error),
                format.suffix()
            )
        }
        (Some(mean), None) => format!("{}{}", format.bare(mean), format.suffix()),
        (None, _) => format!("none: {}", words(row.reason.as_deref())),
    }
}
