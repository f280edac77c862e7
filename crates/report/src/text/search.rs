//! Shows the result of a search, in words and as JSON.

use std::path::Path;

use corridor_tables::SearchRow;
use corridor_tables::commands::Commands;
use corridor_tables::metric::Metric;
use serde_json::{Value, json};

use crate::number::{NumberFormat, count};
use crate::text::layout::Layout;
use crate::text::table::{Align, TextTable};

/// Largest number of candidates in the text.
const SHOWN: usize = 10;
/// Smallest difference of the mean weights of growth assets that is mentioned.
const EXPOSURE_OF_NOTE: f64 = 0.005;

/// The result of a search.
#[derive(Clone, Debug)]
pub struct SearchView<'a> {
    /// Name of the study.
    pub study: &'a str,
    /// Metric by which candidates are ranked.
    pub metric: &'static Metric,
    /// Name of the baseline.
    pub baseline: &'a str,
    /// Number of candidates and of paths of each round.
    pub rounds: Vec<RoundSize>,
    /// All candidates, the best first.
    pub rows: &'a [SearchRow],
    /// Optimism of the choice and its standard error, in the metric's unit.
    pub optimism: Option<(f64, f64)>,
    /// Ranks of the finalists that are level with the winner; `None` without other finalists.
    pub level: Option<Vec<i32>>,
    /// Searched numbers of the winner that are at an end of the values tried.
    pub ends: Vec<End>,
    /// Number of fresh paths.
    pub fresh_paths: u64,
    /// Number of steps in a path.
    pub steps: u32,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Processor time over all threads, in seconds.
    pub cpu_seconds: f64,
    /// Number of simulated steps, over all paths and policies.
    pub path_steps: f64,
    /// Folder with the table and the study of the winner.
    pub folder: &'a Path,
    /// Study of the winner and its baseline.
    pub winner_study: &'a Path,
}

/// The size of one round of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundSize {
    /// Number of candidates.
    pub candidates: usize,
    /// Number of paths on which they were scored.
    pub paths: u64,
}

/// A searched number of the winner at an end of the values tried.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Key in the study file.
    pub key: String,
    /// Value of the winner.
    pub value: f64,
    /// Whether it is the lower end.
    pub is_low: bool,
    /// Smallest value tried.
    pub low: f64,
    /// Largest value tried.
    pub high: f64,
}

/// Writes the rounds, the best candidates, the optimism of the choice, and the cost.
#[must_use]
pub fn render(view: &SearchView<'_>, commands: &Commands, layout: &Layout) -> String {
    let candidates = view.rounds.first().map_or(0, |round| round.candidates);
    let mut text = format!(
        "search `{}`: {} candidates against `{}` on {}\n",
        view.study,
        count(candidates as u64),
        view.baseline,
        view.metric.display_name
    );
    for (number, round) in view.rounds.iter().enumerate() {
        text.push_str(&format!(
            "  round {}: {} candidates on {} paths\n",
            number + 1,
            count(round.candidates as u64),
            count(round.paths)
        ));
    }
    text.push('\n');
    let best = best(view.metric, view.rows).fit(2, layout);
    text.push_str(&best.text);
    if !best.dropped.is_empty() {
        text.push_str(&format!("  no room for the columns: {}\n", best.dropped.join(", ")));
    }
    let mut reading = optimism(view) + &of_the_winner(view);
    view.ends.iter().for_each(|end| reading.push_str(&end.line()));
    reading.push_str(&cost(view, candidates));
    text.push_str(&layout.wrap(&reading, 0, 2));
    let study = view.winner_study.display();
    let run = commands.run_study.map_or_else(|| study.to_string(), |run| format!("{run} {study}"));
    text + &format!(
        "the winner beside its baseline is a study of its own, with another seed: {run}\n"
    )
}

fn best(metric: &Metric, rows: &[SearchRow]) -> TextTable {
    let format = NumberFormat::of(metric.number_format).for_differences();
    let head = |what: &str| {
        format!(
            "{what}{}",
            if format.difference_suffix().is_empty() {
                String::new()
            } else {
                format!(" ({})", format.difference_suffix().trim())
            }
        )
    };
    let heads = [head("searched diff"), head("fresh diff"), head("fresh 95 %")];
    let mut table = TextTable::new([
        ("", Align::Right),
        ("policy", Align::Left),
        ("paths", Align::Right),
        (heads[0].as_str(), Align::Right),
        ("± se", Align::Right),
        (heads[1].as_str(), Align::Right),
        (heads[2].as_str(), Align::Left),
        ("equity share", Align::Right),
    ])
    .may_drop([2, 4, 7]);
    let signed = |value: Option<f64>| value.map(|value| format.signed(value)).unwrap_or_default();
    for row in rows.iter().take(SHOWN) {
        let interval = row
            .fresh_ci_low
            .zip(row.fresh_ci_high)
            .map(|(low, high)| format!("[{}, {}]", format.signed(low), format.signed(high)));
        table.row(vec![
            row.place.to_string(),
            row.policy.clone(),
            count(row.n_paths as u64),
            signed(row.diff),
            row.diff_std_error.map(|error| format.bare(error)).unwrap_or_default(),
            signed(row.fresh_diff),
            interval.unwrap_or_default(),
            row.exposure_diff_frac
                .map(|points| format!("{:+.1} pp", 100.0 * points))
                .unwrap_or_default(),
        ]);
    }
    table
}

/// Writes the optimism of the choice: the gain of the winner that is due to choosing it.
fn optimism(view: &SearchView<'_>) -> String {
    let Some((optimism, error)) = view.optimism else { return String::new() };
    let format = NumberFormat::of(view.metric.number_format).for_differences();
    format!(
        "\noptimism of the choice: {}{} ± {} (the winner's difference where it was chosen, less \
        the same on {} fresh paths)\n",
        format.signed(optimism),
        format.difference_suffix(),
        format.bare(error),
        count(view.fresh_paths)
    )
}

/// Writes the verdict on the winner, and the finalists that are not distinguishable from it.
fn of_the_winner(view: &SearchView<'_>) -> String {
    let Some(winner) = view.rows.first() else { return String::new() };
    let mut text = match &winner.fresh_verdict {
        Some(verdict) => {
            format!("on fresh paths the winner is `{verdict}` beside the margin of the study")
        }
        None => format!("no verdict: `comparison.margin` has none for {}", view.metric.name),
    };
    if let Some(level) = &view.level {
        let places: Vec<String> = level.iter().map(i32::to_string).collect();
        let level = if places.is_empty() {
            "all other finalists differ from it".to_owned()
        } else {
            format!("level with it (95 %, paired): {}", places.join(", "))
        };
        text.push_str(&format!("; {level}"));
    }
    text.push('\n');
    let exposure = winner.exposure_diff_frac.filter(|diff| diff.abs() >= EXPOSURE_OF_NOTE);
    if let Some(exposure) = exposure {
        let (points, word) = (100.0 * exposure.abs(), if exposure > 0.0 { "more" } else { "less" });
        text.push_str(&format!(
            "it holds {points:.1} points {word} of growth assets than the baseline: part of the \
            difference is exposure, not timing\n"
        ));
    }
    text
}

impl End {
    fn line(&self) -> String {
        let Self { key, value, is_low, low, high } = self;
        let key = key.rsplit('.').next().unwrap_or(key);
        let end = if *is_low { "low" } else { "high" };
        format!(
            "`{key}` of the winner, {value}, is at the {end} end of what was tried, {low} to \
            {high}: the best may lie beyond\n"
        )
    }
}

fn cost(view: &SearchView<'_>, candidates: usize) -> String {
    let whole = view.rounds.last().map_or(0, |round| round.paths) as f64
        * f64::from(view.steps)
        * candidates as f64;
    format!(
        "cost: {:.1} s, {:.1} ms for each candidate; {:.3} billion path-steps of {:.3} with all on \
        all paths, at {:.2} ns of processor time each\n",
        view.seconds,
        1e3 * view.seconds / candidates as f64,
        view.path_steps / 1e9,
        whole / 1e9,
        1e9 * view.cpu_seconds / view.path_steps,
    )
}

/// Returns the result of a search as one JSON document.
#[must_use]
pub fn document(view: &SearchView<'_>) -> Value {
    let rounds: Vec<Value> = view
        .rounds
        .iter()
        .map(|round| json!({ "candidates": round.candidates, "paths": round.paths }))
        .collect();
    let optimism =
        view.optimism.map(|(value, std_error)| json!({ "value": value, "std_error": std_error }));
    json!({
        "study": view.study,
        "metric": view.metric.name,
        "baseline": view.baseline,
        "rounds": rounds,
        "candidates": view.rows.iter().map(candidate).collect::<Vec<_>>(),
        "optimism": optimism,
        "cost": {
            "seconds": view.seconds,
            "cpu_seconds": view.cpu_seconds,
            "path_steps": view.path_steps,
        },
        "folder": view.folder.display().to_string(),
    })
}

fn candidate(row: &SearchRow) -> Value {
    json!({
        "place": row.place,
        "policy": row.policy,
        "last_round": row.last_round,
        "n_paths": row.n_paths,
        "value": row.value,
        "diff": row.diff,
        "diff_std_error": row.diff_std_error,
        "is_finalist": row.is_finalist,
        "fresh_n_paths": row.fresh_n_paths,
        "fresh_diff": row.fresh_diff,
        "fresh_std_error": row.fresh_std_error,
        "fresh_ci_low": row.fresh_ci_low,
        "fresh_ci_high": row.fresh_ci_high,
        "fresh_behind_winner": row.fresh_behind_winner,
        "fresh_behind_winner_std_error": row.fresh_behind_winner_std_error,
        "exposure_diff_frac": row.exposure_diff_frac,
        "fresh_verdict": row.fresh_verdict,
    })
}
