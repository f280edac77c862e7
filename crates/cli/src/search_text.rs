//! Tells what a search found, in words and as JSON.

use std::path::Path;

use corridor_report::number::{NumberFormat, count};
use corridor_study::plan::RunPlan;
use corridor_tables::PolicyAxisRow;
use corridor_tables::SearchRow;
use corridor_tables::metric::Metric;
use serde_json::{Value, json};

use crate::searching::Found;
use crate::text_table::{Align, TextTable};

/// Candidates shown.
const SHOWN: usize = 10;
/// Difference of the mean weights of growth assets that is worth a line.
const EXPOSURE_OF_NOTE: f64 = 0.005;
/// Half-width of a 95 % interval in standard errors.
const Z_95: f64 = 1.959_963_984_540_054;
/// Share of what was tried that counts as its end.
const RIM: f64 = 0.05;

/// The rounds, the best candidates, the optimism of the choice, and what it cost.
#[must_use]
pub fn render(plan: &RunPlan, found: &Found, rows: &[SearchRow], winner: &Path) -> String {
    let metric = found.score.metric.metric();
    let candidates = found.rounds.first().map_or(0, |(round, _)| round.candidates);
    let baseline = &plan.policies[found.score.baseline as usize].policy;
    let mut text = format!(
        "search `{}`: {} candidates against `{baseline}` on {}\n",
        plan.name,
        count(candidates as u64),
        metric.display_name
    );
    for (number, (round, _)) in found.rounds.iter().enumerate() {
        text.push_str(&format!(
            "  round {}: {} candidates on {} paths\n",
            number + 1,
            count(round.candidates as u64),
            count(round.paths)
        ));
    }
    text.push('\n');
    text.push_str(&best(metric, rows).render(2));
    text.push_str(&optimism(found, rows));
    text.push_str(&of_the_winner(plan, rows));
    at_the_rim(plan, found, rows).iter().for_each(|line| text.push_str(line));
    text.push_str(&cost(found, candidates));
    text.push_str(&format!(
        "the winner beside its baseline is a study of its own, with another \
    seed: corridor run {}\n",
        winner.display()
    ));
    text
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

/// By how much the choice made the winner look better than it is.
fn optimism(found: &Found, rows: &[SearchRow]) -> String {
    let Some((optimism, error)) = rows.first().and_then(optimism_of) else { return String::new() };
    let format = NumberFormat::of(found.score.metric.metric().number_format).for_differences();
    format!(
        "\noptimism of the choice: {}{} ± {} (the winner's difference where it was chosen, less \
        the same on {} fresh paths)\n",
        format.signed(optimism),
        format.suffix(),
        format.bare(error),
        count(found.fresh_paths)
    )
}

/// In-sample less fresh difference, and the standard error of that: the paths are others.
fn optimism_of(row: &SearchRow) -> Option<(f64, f64)> {
    let (error, fresh_error) = (row.diff_std_error?, row.fresh_std_error?);
    Some((row.diff? - row.fresh_diff?, (error * error + fresh_error * fresh_error).sqrt()))
}

/// The verdict on the winner, and which finalists cannot be told from it.
fn of_the_winner(plan: &RunPlan, rows: &[SearchRow]) -> String {
    let Some(winner) = rows.first() else { return String::new() };
    let mut text = match &winner.fresh_verdict {
        Some(verdict) => {
            format!("on fresh paths the winner is `{verdict}` beside the margin of the study")
        }
        None => format!(
            "no verdict: `comparison.margin` has none for {}",
            plan.comparison.primary_metric
        ),
    };
    let behind = |row: &&SearchRow| {
        let (value, error) = (row.fresh_behind_winner?, row.fresh_behind_winner_std_error?);
        Some(value.abs() <= Z_95 * error)
    };
    let finalists: Vec<&SearchRow> =
        rows.iter().filter(|row| row.fresh_behind_winner.is_some()).collect();
    let level: Vec<String> = finalists
        .iter()
        .filter(|row| behind(row) == Some(true))
        .map(|row| row.place.to_string())
        .collect();
    if !finalists.is_empty() {
        let level = if level.is_empty() {
            "all other finalists differ from it".to_owned()
        } else {
            format!("level with it (95 %, paired): {}", level.join(", "))
        };
        text.push_str(&format!("; {level}"));
    }
    text.push('\n');
    if let Some(exposure) =
        winner.exposure_diff_frac.filter(|exposure| exposure.abs() >= EXPOSURE_OF_NOTE)
    {
        let (points, word) = (100.0 * exposure.abs(), if exposure > 0.0 { "more" } else { "less" });
        text.push_str(&format!(
            "it holds {points:.1} points {word} of growth assets than the \
        baseline: part of the difference is exposure, not timing\n"
        ));
    }
    text
}

/// Where the winner stands at an end of what was tried: the best may lie beyond.
fn at_the_rim(plan: &RunPlan, found: &Found, rows: &[SearchRow]) -> Vec<String> {
    let Some(winner) = rows.first() else { return Vec::new() };
    let tried: Vec<u32> = found
        .rounds
        .first()
        .map(|(_, scored)| scored.iter().map(|scored| scored.policy).collect())
        .unwrap_or_default();
    let own = plan.policy_axis.iter().filter(|axis| axis.policy_id == winner.policy_id);
    let line = |axis: &PolicyAxisRow| {
        let same = |other: &&PolicyAxisRow| {
            other.key == axis.key && tried.contains(&(other.policy_id as u32))
        };
        let values: Vec<f64> =
            plan.policy_axis.iter().filter(same).filter_map(|other| other.value_number).collect();
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                (low.min(value), high.max(value))
            });
        let value = axis.value_number?;
        let rim = RIM * (high - low);
        let end = if value <= low + rim { "low" } else { "high" };
        (low < high && (value <= low + rim || value >= high - rim)).then(|| {
            let key = axis.key.rsplit('.').next().unwrap_or(&axis.key);
            format!(
                "`{key}` of the winner, {value}, is at the {end} end of what was tried, {low} \
            to {high}: the best may lie beyond\n"
            )
        })
    };
    own.filter_map(line).collect()
}

fn cost(found: &Found, candidates: usize) -> String {
    let whole = found.rounds.last().map_or(0, |(round, _)| round.paths) as f64
        * f64::from(found.steps)
        * candidates as f64;
    format!(
        "cost: {:.1} s, {:.1} ms for each candidate; {:.3} billion path-steps of {:.3} with all on \
        all paths, at {:.2} ns of processor time each\n",
        found.seconds,
        1e3 * found.seconds / candidates as f64,
        found.path_steps / 1e9,
        whole / 1e9,
        1e9 * found.cpu_seconds / found.path_steps,
    )
}

/// The same as one JSON document.
#[must_use]
pub fn document(plan: &RunPlan, found: &Found, rows: &[SearchRow], folder: &Path) -> Value {
    let rounds: Vec<Value> = found
        .rounds
        .iter()
        .map(|(round, _)| json!({ "candidates": round.candidates, "paths": round.paths }))
        .collect();
    let candidate = |row: &SearchRow| {
        json!({
            "place": row.place, "policy": row.policy, "last_round": row.last_round,
            "n_paths": row.n_paths, "value": row.value,
            "diff": row.diff, "diff_std_error": row.diff_std_error, "is_finalist": row.is_finalist,
            "fresh_n_paths": row.fresh_n_paths,
            "fresh_diff": row.fresh_diff, "fresh_std_error": row.fresh_std_error,
            "fresh_ci_low": row.fresh_ci_low, "fresh_ci_high": row.fresh_ci_high,
            "fresh_behind_winner": row.fresh_behind_winner,
            "fresh_behind_winner_std_error": row.fresh_behind_winner_std_error,
            "exposure_diff_frac": row.exposure_diff_frac, "fresh_verdict": row.fresh_verdict,
        })
    };
    json!({
        "study": plan.name,
        "metric": plan.comparison.primary_metric,
        "baseline": plan.policies[found.score.baseline as usize].policy,
        "rounds": rounds,
        "candidates": rows.iter().map(candidate).collect::<Vec<_>>(),
        "optimism": rows.first().and_then(optimism_of).map(
            |(value, std_error)| json!({ "value": value, "std_error": std_error })
        ),
        "cost": {
            "seconds": found.seconds,
            "cpu_seconds": found.cpu_seconds,
            "path_steps": found.path_steps,
        },
        "folder": folder.display().to_string(),
    })
}
