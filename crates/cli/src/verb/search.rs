//! Searches the policies of a study, and writes what it found: a table, and the study of the
//! winner.

use std::path::{Path, PathBuf};

use clap::Args;
use corridor_analysis::compare::{Evidence, Margin, Verdict, conclude};
use corridor_analysis::estimate::Estimate;
use corridor_report::number::count;
use corridor_store::single::{write_table, write_text};
use corridor_study::plan::RunPlan;
use corridor_study::with_policies;
use corridor_tables::column::column_name;
use corridor_tables::{ColumnValues, SearchRow, Table, WideColumn};

use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::place::{PlaceInput, disk, run_id};
use crate::searching::{Found, search as searched};
use crate::study_input::StudyInput;
use crate::{resume, search_text, source};

/// Which study, and how.
#[derive(Debug, Args)]
pub struct SearchInput {
    #[command(flatten)]
    study: StudyInput,
    /// Print one JSON document instead of the table
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    place: PlaceInput,
    #[command(flatten)]
    machine: MachineInput,
}

/// Name of the winner's study.
const WINNER: &str = "winner.toml";

/// Searches a study.
///
/// # Errors
/// [`Failure::Study`], [`Failure::NothingToSearch`], [`Failure::NoDirection`],
/// [`Failure::SearchStopped`], [`Failure::Store`].
pub fn search(input: &SearchInput, console: &Console) -> Result<(), Failure> {
    let level = input.machine.level()?;
    let plan = source::at_level(input.study.load(console)?, level);
    if plan.scenarios.len() > 1 {
        console.note(&format!(
            "{} scenarios: the search scores the first, `{}`",
            plan.scenarios.len(),
            plan.scenarios[0].row.scenario
        ));
    }
    let interrupt = Interrupt::listen("corridor search").map_err(resume::no_signals)?;
    let found = input.machine.pool()?.install(|| searched(&plan, level, &interrupt, console))?;
    if found.left_out > 0 {
        console.note(&format!(
            "{} policies look ahead and are left out",
            count(found.left_out as u64)
        ));
    }
    let folder = input.place.out.join(&plan.name).join(format!("search-{}", plan.simulation_id));
    let rows = rows(&plan, &found);
    keep(&plan, &found, &rows, &folder)?;
    if input.json {
        console.json(&search_text::document(&plan, &found, &rows, &folder))
    } else {
        console.result(&search_text::render(&plan, &found, &rows, &folder.join(WINNER)))
    }
}

fn keep(plan: &RunPlan, found: &Found, rows: &[SearchRow], folder: &Path) -> Result<(), Failure> {
    let table = Table { rows: rows.to_vec(), extra: searched_columns(plan, rows) };
    write_table(&disk(), folder, &run_id(plan), table)?;
    let name = |policy: u32| plan.policies[policy as usize].policy.as_str();
    if let Some(winner) = rows.first() {
        let kept = [name(found.score.baseline), winner.policy.as_str()];
        let seed = plan.seed.wrapping_add(1) & (u64::MAX >> 1); // TOML has no larger integers
        let text = with_policies(&plan.resolved_toml, &kept, seed)
            .map_err(|cause| Failure::System { what: "write the winner's study", cause })?;
        let inputs: PathBuf = folder.join("inputs");
        for input in &plan.inputs {
            write_text(&disk(), &inputs, &input.name, &input.text)?;
        }
        let head = format!(
            "# The winner of `corridor search` beside its baseline. The seed is {seed} and not {}, \
            whose paths the choice was made on.\n",
            plan.seed
        );
        write_text(&disk(), folder, WINNER, &(head + &text))?;
    }
    Ok(())
}

/// Every candidate, the best first: by the last round it came to, then by its score there.
fn rows(plan: &RunPlan, found: &Found) -> Vec<SearchRow> {
    let mut rows: Vec<SearchRow> = Vec::new();
    for (number, (round, standing)) in found.rounds.iter().enumerate().rev() {
        for scored in standing {
            let policy = scored.policy;
            if rows.iter().any(|row| row.policy_id == policy as i32) {
                continue;
            }
            let fresh = found
                .fresh
                .iter()
                .find(|scored| scored.policy == policy)
                .map(|scored| scored.difference);
            let behind = found
                .behind_winner
                .iter()
                .find(|(behind, _)| *behind == policy)
                .map(|(_, estimate)| estimate);
            let row = &plan.policies[policy as usize];
            rows.push(SearchRow {
                policy_id: policy as i32,
                policy: row.policy.clone(),
                place: rows.len() as i32 + 1,
                last_round: number as i32 + 1,
                n_paths: round.paths as i64,
                value: scored.value.value,
                diff: scored.difference.value,
                diff_std_error: scored.difference.std_error,
                is_finalist: fresh.is_some(),
                fresh_n_paths: fresh.map_or(0, |estimate| estimate.n_paths as i64),
                fresh_diff: fresh.and_then(|estimate| estimate.value),
                fresh_std_error: fresh.and_then(|estimate| estimate.std_error),
                fresh_ci_low: fresh.and_then(|estimate| estimate.ci_low),
                fresh_ci_high: fresh.and_then(|estimate| estimate.ci_high),
                fresh_behind_winner: behind.and_then(|estimate| estimate.value),
                fresh_behind_winner_std_error: behind.and_then(|estimate| estimate.std_error),
                exposure_diff_frac: scored.exposure,
                fresh_verdict: fresh
                    .and_then(|estimate| verdict(plan, found, &estimate))
                    .map(|verdict| verdict.name().to_owned()),
                params_json: row.params_json.clone(),
            });
        }
    }
    rows
}

/// What the interval on fresh paths shows beside the margin of the study.
fn verdict(plan: &RunPlan, found: &Found, fresh: &Estimate) -> Option<Verdict> {
    let width = plan.comparison.margins.get(&plan.comparison.primary_metric).copied();
    let margin = Margin { width, higher_is_better: found.score.metric.metric().higher_is_better };
    let evidence = Evidence {
        diff: fresh.value?,
        low: fresh.ci_low?,
        high: fresh.ci_high?,
        n_paths: fresh.n_paths,
        precision: fresh.precision,
    };
    conclude(evidence, margin).verdict
}

/// One column for each number that candidates differ in.
fn searched_columns(plan: &RunPlan, rows: &[SearchRow]) -> Vec<WideColumn> {
    let mut keys: Vec<&str> = Vec::new();
    for axis in plan.policy_axis.iter().filter(|axis| axis.value_number.is_some()) {
        if !keys.contains(&axis.key.as_str()) {
            keys.push(&axis.key);
        }
    }
    let value = |key: &str, row: &SearchRow| {
        plan.policy_axis
            .iter()
            .find(|axis| axis.policy_id == row.policy_id && axis.key == key)?
            .value_number
    };
    let column = |key: &&str| WideColumn {
        name: column_name(&key.replace('.', "_")),
        unit: "as in the study".to_owned(),
        about: format!("Value of `{key}`; null where the candidate does not have it."),
        values: ColumnValues::Double(rows.iter().map(|row| value(key, row)).collect()),
    };
    keys.iter().map(column).collect()
}
