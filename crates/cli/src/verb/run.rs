//! Runs a study: simulate, analyse, store, show.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use corridor_report::number::count;
use corridor_store::error::StoreError;
use corridor_store::ledger::Ledger;
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_store::storage::Disk;
use corridor_study::plan::RunPlan;

use crate::comparison::Comparison;
use crate::console::Console;
use crate::failure::Failure;
use crate::finish::{Circumstances, finish};
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::place::{PlaceInput, Standing, disk, parts, run_id, standing};
use crate::run_document::{Status, run_document};
use crate::simulate::{Simulated, simulate};
use crate::study_input::StudyInput;
use crate::until::{self, simulate_until};
use crate::verb::{analyze, show};
use crate::{resume, source};

/// Which study, and how.
#[derive(Debug, Args)]
pub struct RunInput {
    #[command(flatten)]
    study: StudyInput,
    /// Continue an interrupted run with its finished parts; of a finished run, restore damaged
    /// files
    #[arg(long, help_heading = "Output")]
    resume: bool,
    /// Print one JSON document instead of the table
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    place: PlaceInput,
    #[command(flatten)]
    machine: MachineInput,
}

/// Runs a study and shows the comparison. What is finished already is not done again.
///
/// # Errors
/// [`Failure::Study`], [`Failure::Store`], [`Failure::Interrupted`]; finished parts stay whatever
/// happens.
pub fn run(input: &RunInput, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let level = input.machine.level()?;
    let asked = source::at_level(input.study.load_counted(&input.place, console)?, level);
    if asked.search.is_some() {
        return Err(Failure::IsASearch { candidates: asked.policies.len() - 1 });
    }
    let folder = input.place.folder(&asked);
    let plan = until::settled_here(asked.clone(), &folder);
    let interrupt =
        Interrupt::listen(&resume::command_line(Some("--resume"))).map_err(resume::no_signals)?;
    let circumstances = Circumstances {
        started,
        threads: input.machine.threads(),
        level,
        simulated: Simulated::default(),
    };
    let work = Work {
        plan: &plan,
        folder: &folder,
        resume: input.resume,
        circumstances,
        interrupt: &interrupt,
        console,
    };
    let status = input.machine.pool()?.install(|| work.execute())?;
    let keys = plan.policies.iter().map(|row| row.policy_key.clone());
    Ledger::read(&Disk, &input.place.study_folder(&plan))?.add(
        &disk(),
        &input.place.study_folder(&plan),
        &plan.simulation_id,
        keys,
    )?;
    let plan = until::settled(asked, &folder);
    let run = RunReader::open(disk(), &folder)?;
    let comparison = Comparison::read(&run, None, None)?;
    if input.json {
        console.json(&run_document(
            &plan,
            &folder,
            status,
            &circumstances,
            run.manifest(),
            &comparison,
        ))
    } else {
        console.result(&show::text(&folder, &comparison))
    }
}

/// A run to be brought to its end from wherever it stands.
struct Work<'a> {
    plan: &'a RunPlan,
    folder: &'a Path,
    resume: bool,
    circumstances: Circumstances,
    interrupt: &'a Interrupt,
    console: &'a Console,
}

impl Work<'_> {
    fn execute(&self) -> Result<Status, Failure> {
        match self.standing()? {
            Standing::Complete => {
                self.console.note("this run is complete; nothing was simulated again");
                Ok(Status::Complete)
            }
            Standing::OtherAnalysis if !self.resume => {
                self.console.note("the simulation is complete; only the analysis is done again");
                analyze::again(self.plan, self.folder, &self.circumstances, self.interrupt)?;
                Ok(Status::Analysed)
            }
            Standing::MoreRows => Err(Failure::RowsWouldGo {
                folder: self.folder.to_path_buf(),
                wanted: self.plan.path_rows.name(),
            }),
            Standing::OtherRows => {
                let rows = self.plan.path_rows.name();
                self.console.note(&format!(
                    "the finished run keeps other path rows than `{rows}`: \
                parts that differ are simulated again"
                ));
                self.simulate(RunFolder::resume(
                    disk(),
                    self.folder,
                    run_id(self.plan),
                    &parts(self.plan),
                )?)
            }
            Standing::OtherAnalysis | Standing::Unfinished => self.simulate(self.take()?),
        }
    }

    /// What stands in the folder. With `--resume`, what is damaged counts as unfinished.
    fn standing(&self) -> Result<Standing, Failure> {
        let found = standing(self.folder, self.plan);
        if !self.resume {
            return found;
        }
        match found {
            Err(Failure::Store(StoreError::Altered { .. } | StoreError::Malformed { .. })) => {
                Ok(Standing::Unfinished)
            }
            Ok(Standing::Complete)
                if !RunReader::open(disk(), self.folder)?.verify().is_empty() =>
            {
                Ok(Standing::Unfinished)
            }
            other => other,
        }
    }

    /// Takes the folder for writing.
    fn take(&self) -> Result<RunFolder, StoreError> {
        let take = if self.resume { RunFolder::resume } else { RunFolder::create };
        take(disk(), self.folder, run_id(self.plan), &parts(self.plan))
    }

    fn simulate(&self, mut folder: RunFolder) -> Result<Status, Failure> {
        let plan = self.plan;
        let reused = folder.finished_parts().len() as u64;
        let whole = format!(
            "{} paths x {} cells in {} parts",
            count(plan.paths),
            count(plan.cells()),
            count(plan.parts())
        );
        let rest = if reused > 0 {
            format!(", {} of them finished", count(reused))
        } else {
            String::new()
        };
        self.console.note(&format!("simulating {whole}{rest}"));
        let level = self.circumstances.level;
        let (simulated, ran) = match &plan.until {
            None => (simulate(plan, &folder, level, self.interrupt, self.console)?, None),
            Some(until) => {
                let (stage, simulated) = simulate_until(
                    (plan, until),
                    &mut folder,
                    level,
                    self.interrupt,
                    self.console,
                )?;
                (simulated, Some(stage))
            }
        };
        finish(
            ran.as_ref().unwrap_or(plan),
            &folder,
            &Circumstances { simulated, ..self.circumstances },
            self.interrupt,
        )?;
        Ok(if reused > 0 { Status::Resumed(simulated) } else { Status::Simulated(simulated) })
    }
}
