//! Analyses a finished run again, from its stored sums and rows.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_store::statistics::TextName;
use corridor_study::compile;
use corridor_study::plan::RunPlan;

use crate::comparison::Comparison;
use crate::console::Console;
use crate::failure::Failure;
use crate::finish::{Circumstances, finish};
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::place::{Standing, disk, standing};
use crate::resume;
use crate::simulate::Simulated;
use crate::study_input::Changes;
use crate::until;
use crate::verb::show::{self, Target};

/// Which run, and how.
#[derive(Debug, Args)]
pub struct AnalyzeInput {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    machine: MachineInput,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Analyses a run again and shows it.
///
/// # Errors
/// [`Failure::Store`] where there is no finished run, [`Failure::OtherRows`],
/// [`Failure::RowsWouldGo`] or [`Failure::AnotherSimulation`] where the study now asks for what was
/// not simulated or kept.
pub fn analyze(input: &AnalyzeInput, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let (folder, plan) = input.target.find(true)?;
    let plan = match plan {
        Some(plan) => until::settled(plan, &folder),
        None => plan_of_run(&folder, &input.target.changes)?,
    };
    match standing(&folder, &plan)? {
        Standing::OtherRows => {
            return Err(Failure::OtherRows { folder, wanted: plan.path_rows.name() });
        }
        Standing::MoreRows => {
            return Err(Failure::RowsWouldGo { folder, wanted: plan.path_rows.name() });
        }
        Standing::Complete | Standing::OtherAnalysis | Standing::Unfinished => {}
    }
    let interrupt = Interrupt::listen(&resume::command_line(None)).map_err(resume::no_signals)?;
    let circumstances = Circumstances {
        started,
        threads: input.machine.threads(),
        level: input.machine.level()?,
        simulated: Simulated::default(),
    };
    input.machine.pool()?.install(|| again(&plan, &folder, &circumstances, &interrupt))?;
    let run = RunReader::open(disk(), &folder)?;
    let comparison = Comparison::read(&run, None, None)?;
    if input.json {
        console.json(&show::document(&folder, &comparison, &run))
    } else {
        console.result(&show::text(&folder, &comparison))
    }
}

/// Analyses the parts of a finished run under `plan`.
///
/// # Errors
/// As [`analyze`].
pub fn again(
    plan: &RunPlan,
    folder: &Path,
    circumstances: &Circumstances,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let folder = RunFolder::reopen(disk(), folder)?;
    // What the simulation took is still what it took.
    let simulated = folder.manifest().map_or(circumstances.simulated, |manifest| Simulated {
        paths: 0,
        seconds: manifest.execution.simulate_seconds,
        cpu_seconds: manifest.execution.simulate_cpu_seconds,
    });
    finish(plan, &folder, &Circumstances { simulated, ..*circumstances }, interrupt).map(drop)
}

/// The plan of a run from the study it keeps, with changes.
///
/// # Errors
/// [`Failure::Store`] where it cannot be read, [`Failure::Study`] where the changes do not fit.
pub fn plan_of_run(folder: &Path, changes: &Changes) -> Result<RunPlan, Failure> {
    let run = RunReader::open(disk(), folder)?;
    let name = folder.join(TextName::Study.file()).display().to_string();
    let text = run.text(TextName::Study)?;
    Ok(until::settled(compile(&name, &text, folder, &changes.overrides())?, folder))
}
