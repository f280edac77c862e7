//! Writes the comparison table in columns.

use crate::compare::Verdict;
use crate::estimate::Precision;

use super::number::{count, decimals, plain, signed, years};
use super::{ComparisonLine, ComparisonTable, ScenarioBlock};

/// Widest policy name before it is cut.
const NAME_MAX: usize = 40;

pub(super) fn text(table: &ComparisonTable, scenarios_max: usize) -> String {
    let metric = table.metric();
    let mut text = format!("{}, {}", metric.display_name, metric.unit);
    if let Some(margin) = table.margin {
        text.push_str(&format!("; differences within {} are equivalent", short(margin)));
    }
    text.push('\n');
    for block in table.scenarios.iter().take(scenarios_max) {
        text.push('\n');
        text.push_str(&block_text(table, block));
    }
    if text.contains(" ?") {
        text.push_str("\n?: error indicative only; ??: too few paths for the error to be trusted\n");
    }
    let more = table.scenarios.len().saturating_sub(scenarios_max);
    if more > 0 {
        text.push_str(&format!("\n{more} more scenarios are in fact_compare\n"));
    }
    text
}

fn block_text(table: &ComparisonTable, block: &ScenarioBlock) -> String {
    let paths = block.lines.iter().map(|line| line.estimate.n_paths).max().unwrap_or(0);
    let mut text = format!("{}: {} years, {} paths\n", block.name, years(block.horizon_years), count(paths));
    let digits = block_decimals(block);
    let heads = ["policy", "value \u{b1} s.e.", "difference [95 % simultaneous]", "exposure", "verdict"];
    let mut rows: Vec<[String; 5]> = vec![heads.map(str::to_owned)];
    rows.extend(block.lines.iter().map(|line| row(line, digits, table)));
    let widths: [usize; 5] = std::array::from_fn(|i| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0));
    for row in rows {
        let mut out = String::from("  ");
        for (i, cell) in row.iter().enumerate() {
            let gap = " ".repeat(widths[i] - cell.chars().count());
            // names and verdicts to the left, numbers to the right
            let aligned = if i == 0 || i == 4 { format!("{cell}{gap}") } else { format!("{gap}{cell}") };
            out.push_str(&aligned);
            out.push_str("  ");
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}

fn row(line: &ComparisonLine, (digits, diff_digits): (usize, usize), table: &ComparisonTable) -> [String; 5] {
    let estimate = &line.estimate;
    let value = match (estimate.value, estimate.std_error) {
        (Some(value), Some(error)) => format!("{} \u{b1} {}{}", plain(value, digits), plain(error, digits), mark(estimate.precision)),
        (Some(value), None) => plain(value, digits),
        (None, _) => estimate.reason.map_or("-", |reason| reason.name()).to_owned(),
    };
    let name = cut(&line.policy);
    let Some(against) = &line.against else {
        return [name, value, "baseline".to_owned(), String::new(), String::new()];
    };
    let comparison = &against.comparison;
    let found = &comparison.difference.estimate;
    let difference = match (found.value, comparison.simultaneous) {
        (Some(diff), Some((low, high))) => {
            format!("{} [{}, {}]{}", signed(diff, diff_digits), signed(low, diff_digits), signed(high, diff_digits), mark(found.precision))
        }
        _ => "-".to_owned(),
    };
    let exposure = against.exposure_diff_frac.map_or("-".to_owned(), |diff| format!("{} pt", signed(100.0 * diff, 1)));
    [name, value, difference, exposure, verdict(comparison.conclusion.verdict, table, comparison.conclusion.n_paths_needed)]
}

fn verdict(verdict: Option<Verdict>, table: &ComparisonTable, needed: Option<u64>) -> String {
    match (verdict, needed) {
        (Some(Verdict::NotResolved), Some(n)) => format!("not resolved (about {} paths would)", count(n)),
        (Some(verdict), _) => verdict.name().to_owned(),
        (None, _) if table.margin.is_none() => "no margin declared".to_owned(),
        (None, _) => "-".to_owned(),
    }
}

/// `?` after a number of indicative precision, `??` if the precision is insufficient.
fn mark(precision: Precision) -> &'static str {
    match precision {
        Precision::Precise => "",
        Precision::Indicative => " ?",
        Precision::Insufficient => " ??",
    }
}

/// Digits for the values and for the differences of a block: those that its smallest error leaves, the same in all lines.
fn block_decimals(block: &ScenarioBlock) -> (usize, usize) {
    let values = block.lines.iter().filter_map(|line| Some((line.estimate.std_error?, line.estimate.value?)));
    let diffs = block.lines.iter().filter_map(|line| {
        let found = &line.against.as_ref()?.comparison.difference.estimate;
        Some((found.std_error?, found.value?))
    });
    let most =
        |pairs: &mut dyn Iterator<Item = (f64, f64)>| pairs.filter(|&(error, _)| error > 0.0).map(|(error, value)| decimals(error, value)).max().unwrap_or(1);
    (most(&mut { values }), most(&mut { diffs }))
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    name.chars().take(NAME_MAX - 2).chain("..".chars()).collect()
}

/// A margin in as few digits as it takes.
pub(super) fn short(value: f64) -> String {
    format!("{value}")
}
