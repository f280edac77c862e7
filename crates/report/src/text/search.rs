//! Shows the result of a search, in words and as JSON.

use std::path::Path;

use corridor_tables::SearchRow;
use corridor_tables::commands::Commands;
use corridor_tables::metric::Metric;
use serde_json::{Value, json};

use crate::number::{NumberFormat, count};
use crate::text::table::{Align, TextTable};

/// Candidates shown.
const SHOWN: usize = 10;
/// Difference of the mean weights of growth assets that is worth a line.
const EXPOSURE_OF_NOTE: f64 = 0.005;

/// The result of a search, as it is shown.
#[derive(Clone, Debug)]
pub struct SearchView<'a> {
    /// Name of the study.
    pub study: &'a str,
    /// The metric that candidates are ranked by.
    pub metric: &'static Metric,
    /// Name of the baseline.
    pub baseline: &'a str,
    /// Number of candidates and of paths of each round.
    pub rounds: Vec<RoundSize>,
    /// Every candidate, the best first.
    pub rows: &'a [SearchRow],
    /// Optimism of the choice and its standard error, in the metric's unit.
    pub optimism: Option<(f64, f64)>,
    /// Places of the finalists that are level with the winner; `None` without other finalists.
    pub level: Option<Vec<i32>>,
    /// Numbers of the winner that lie at an end of the values tried.
    pub ends: Vec<End>,
    /// Number of fresh paths.
    pub fresh_paths: u64,
    /// Steps of a path.
    pub steps: u32,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Processor time over all threads, in seconds.
    pub cpu_seconds: f64,
    /// Steps that were simulated, over all paths and policies.
    pub path_steps: f64,
    /// Folder that holds the table and the winner's study.
    pub folder: &'a Path,
    /// The study of the winner beside its baseline.
    pub winner_study: &'a Path,
}

/// Extent of one round of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundSize {
    /// Number of candidates.
    pub candidates: usize,
    /// Number of paths they were scored on.
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

/// The rounds, the best candidates, the optimism of the choice, and the cost.
#[must_use]
pub fn render(view: &SearchView<'_>, commands: &Commands) -> String {
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
    text.push_str(&best(view.metric, view.rows).render(2));
    text.push_str(&optimism(view));
    text.push_str(&of_the_winner(view));
    view.ends.iter().for_each(|end| text.push_str(&end.line()));
    text.push_str(&cost(view, candidates));
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
            if format.suffix().is_empty() {
                String::new()
            } else {
                format!(" ({})", format.suffix().trim())
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
        ("exposure", Align::Right),
    ]);
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

/// Optimism of the choice: by how much it made the winner look better than it is.
fn optimism(view: &SearchView<'_>) -> String {
    let Some((optimism, error)) = view.optimism else { return String::new() };
    let format = NumberFormat::of(view.metric.number_format).for_differences();
    format!(
        "\noptimism of the choice: {}{} ± {} (the winner's difference where it was chosen, less \
        the same on {} fresh paths)\n",
        format.signed(optimism),
        format.suffix(),
        format.bare(error),
        count(view.fresh_paths)
    )
}

/// The verdict on the winner, and the finalists that cannot be told from it.
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

/// The result of a search as one JSON document.
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
