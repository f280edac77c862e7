//! Draws fans over time and distributions over paths with characters.

use std::collections::BTreeSet;

use corridor_tables::label::FanMeasure;
use corridor_tables::{DimMetricRow, DimPolicyRow, FanRow, HistogramRow};

use crate::number::NumberFormat;
use crate::tables::Tables;
use crate::wording::scenario_name;

/// Number of rows of a fan.
const HEIGHT: usize = 14;
/// Number of columns of a fan.
const WIDTH: usize = 61;

/// Characters from empty to full.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the fan of the wealth of one policy and the distribution of a metric under every policy,
/// in the first scenario, from the rows of `fact_fan` and `fact_histogram`; draws nothing for a run
/// without scenarios.
#[must_use]
pub fn plots(
    tables: &Tables,
    wanted: &DimPolicyRow,
    fans: &[FanRow],
    histogram: &[HistogramRow],
    metric: &DimMetricRow,
) -> String {
    let Some(scenario) = tables.scenarios.first() else { return String::new() };
    let head = if tables.scenarios.len() > 1 {
        format!(" ({})", scenario_name(scenario))
    } else {
        String::new()
    };
    let mut text = String::new();
    let of_fan = |row: &&FanRow| {
        row.scenario_id == scenario.scenario_id
            && row.policy_id == wanted.policy_id
            && row.measure == FanMeasure::Wealth.name()
    };
    let rows: Vec<&FanRow> = fans.iter().filter(of_fan).collect();
    if let Some(paths) = rows.first().map(|row| row.n_paths) {
        let paths = NumberFormat::of("#,##0").bare(paths as f64);
        text.push_str(&format!(
            "\nwealth over time, `{}`{head}: median █, half of the paths ▓, nine in ten ░, of \
            {paths} paths\n{}",
            wanted.policy,
            fan(&rows)
        ));
    }
    let months = tables
        .summary
        .iter()
        .filter(|row| row.scenario_id == scenario.scenario_id)
        .map(|row| row.horizon_months)
        .max();
    let of_histogram = |row: &&HistogramRow| {
        row.scenario_id == scenario.scenario_id
            && row.metric_id == metric.metric_id
            && Some(row.horizon_months) == months
    };
    let rows: Vec<&HistogramRow> = histogram.iter().filter(of_histogram).collect();
    if rows.is_empty() {
        text.push_str(&format!(
            "\n{} is one number for all paths, so it has no distribution; a metric \
            of single paths, such as `terminal_wealth_nominal`, has one\n",
            metric.display_name
        ));
    } else {
        text.push_str(&format!(
            "\n{} over paths{head}\n{}",
            metric.display_name,
            histograms(tables, metric, &rows)
        ));
    }
    text
}

/// Draws wealth, on a logarithmic scale where all of it is positive.
fn fan(rows: &[&FanRow]) -> String {
    let times: Vec<f64> =
        rows.iter().map(|row| row.time_months).fold(Vec::new(), |mut times, time| {
            if times.last() != Some(&time) {
                times.push(time);
            }
            times
        });
    let values = |prob: f64| -> Vec<f64> {
        rows.iter()
            .filter(|row| (row.prob - prob).abs() < 1e-9)
            .map(|row| row.value.unwrap_or(0.0))
            .collect()
    };
    let bands = [values(0.05), values(0.25), values(0.5), values(0.75), values(0.95)];
    let (low, high) = (
        bands[0].iter().copied().fold(f64::INFINITY, f64::min),
        bands[4].iter().copied().fold(0.0, f64::max),
    );
    let is_log = low > 0.0;
    let scaled = |value: f64| {
        if is_log {
            (value / low).log2() / (high / low).log2()
        } else {
            (value - low) / (high - low)
        }
    };
    let line = |value: f64| ((1.0 - scaled(value)) * (HEIGHT - 1) as f64).round() as usize;
    let mut grid = vec![vec![' '; WIDTH]; HEIGHT];
    let last = times.len().saturating_sub(1);
    for column in 0..WIDTH {
        let place = (column * last + (WIDTH - 1) / 2) / (WIDTH - 1);
        let at = |band: usize| line(bands[band][place]);
        for (from, to, mark) in [(at(4), at(0), '░'), (at(3), at(1), '▓'), (at(2), at(2), '█')]
        {
            for row in grid.iter_mut().take(to + 1).skip(from) {
                row[column] = mark;
            }
        }
    }
    let money = NumberFormat::of("#,##0");
    let mut text = String::new();
    for (place, row) in grid.iter().enumerate() {
        let share = 1.0 - place as f64 / (HEIGHT - 1) as f64;
        let value = if is_log {
            low * (share * (high / low).log2()).exp2()
        } else {
            low + share * (high - low)
        };
        let label =
            if place % 4 == 0 || place + 1 == HEIGHT { money.bare(value) } else { String::new() };
        text.push_str(&format!("{label:>14} {}\n", row.iter().collect::<String>().trim_end()));
    }
    let years = times.last().copied().unwrap_or(0.0) / 12.0;
    text + &format!("{:>14} 0{:>width$}\n", "years", format!("{years}"), width = WIDTH - 1)
}

/// Draws one line per policy, its buckets side by side, on edges and a scale that all share.
fn histograms(tables: &Tables, metric: &DimMetricRow, rows: &[&HistogramRow]) -> String {
    let most =
        rows.iter().map(|row| row.count as f64 / row.n_paths.max(1) as f64).fold(0.0, f64::max);
    let policies: BTreeSet<i32> = rows.iter().map(|row| row.policy_id).collect();
    let name = |id: i32| {
        tables.policies.iter().find(|row| row.policy_id == id).map_or("", |row| row.policy.as_str())
    };
    let width = policies.iter().map(|&id| name(id).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let mut ends = (None, None);
    for &policy in &policies {
        let own: Vec<&&HistogramRow> = rows.iter().filter(|row| row.policy_id == policy).collect();
        let block = |row: &&&HistogramRow| {
            let share = row.count as f64 / row.n_paths.max(1) as f64 / most.max(f64::MIN_POSITIVE);
            let level = (share * 8.0).round() as usize;
            BLOCKS[if row.count > 0 { level.clamp(1, 8) } else { 0 }]
        };
        let line: String = own.iter().map(block).collect();
        ends = (
            own.first().and_then(|row| row.bucket_high),
            own.last().and_then(|row| row.bucket_low),
        );
        text.push_str(&format!("  {:<width$}  {}\n", name(policy), line.trim_end()));
    }
    let buckets = rows.iter().map(|row| row.bucket).max().unwrap_or(0) as usize + 1;
    let format = NumberFormat::of(&metric.number_format);
    let end = |value: Option<f64>| {
        value.map(|value| format!("{}{}", format.bare(value), format.suffix())).unwrap_or_default()
    };
    let (low, high) = (end(ends.0), end(ends.1));
    let gap = buckets.saturating_sub(high.chars().count());
    text + &format!("  {:<width$}  {low:<gap$}{high}\n", "")
}
