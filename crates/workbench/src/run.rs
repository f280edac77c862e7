//! Runs a plan: simulates the parts that are missing, analyses all of them, commits the results.

use std::path::Path;
use std::time::Instant;

use corridor_report::number::count;
use corridor_store::error::StoreError;
use corridor_store::ledger::Ledger;
use corridor_store::repair::Repair;
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_study::plan::RunPlan;

use crate::error::Error;
use crate::finish::{Circumstances, analyse_again, finish};
use crate::monitor::Monitor;
use crate::session::Session;
use crate::settings::Settings;
use crate::simulate::{Simulated, simulate};
use crate::state::{RunState, disk, parts, run_id, state};
use crate::stored_run::StoredRun;
use crate::until::{self, simulate_until};
use crate::work::{Work, in_pool};

/// A finished run, with the work that this call did to finish it.
pub struct Run {
    /// The opened run.
    pub stored: StoredRun,
    /// Its plan, with the number of paths that the run has.
    pub plan: RunPlan,
    /// The work that this call did.
    pub status: Status,
}

/// The work that was left to do when a run was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// The whole simulation and the analysis.
    Simulated(Simulated),
    /// The parts that an interrupted run had left, and the analysis.
    Resumed(Simulated),
    /// Analysed a run whose simulation was complete.
    Analysed,
    /// Did nothing, because the run was complete.
    Complete,
}

impl Status {
    /// Returns the word for the status in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulated(_) => "simulated",
            Self::Resumed(_) => "resumed",
            Self::Analysed => "analysed",
            Self::Complete => "complete",
        }
    }

    /// Returns what this call simulated; nothing where parts were complete.
    #[must_use]
    pub fn simulated(self) -> Simulated {
        match self {
            Self::Simulated(simulated) | Self::Resumed(simulated) => simulated,
            Self::Analysed | Self::Complete => Simulated::default(),
        }
    }
}

impl Session {
    /// Finishes the run of the study; work that an earlier call finished is not done again. All
    /// threads have ended when it returns.
    ///
    /// # Errors
    /// [`Error::IsASearch`], [`Error::Store`], [`Error::Analysis`], [`Error::RowsWouldBeDeleted`],
    /// [`Error::AnotherSimulation`], [`Error::Cancelled`]; finished parts are kept in any case.
    pub fn run(&self, monitor: &(dyn Monitor + Sync)) -> Result<Run, Error> {
        if self.plan().search.is_some() {
            return Err(Error::IsASearch { candidates: self.plan().policies.len() - 1 });
        }
        let folder = self.run_folder();
        let plan = until::with_actual_paths_of_same_analysis(self.plan().clone(), &folder);
        let settings = self.settings();
        let work = Work::new(settings.level, monitor);
        let job = Job { plan: &plan, folder: &folder, settings, started: self.start() };
        let status = in_pool(settings.threads, || job.execute(&work))?;
        let keys = plan.policies.iter().map(|row| row.policy_key.clone());
        let study = self.study_folder();
        Ledger::add(&disk(), &study, &plan.simulation_id, keys)?;
        let plan = until::with_actual_paths(self.plan().clone(), &folder);
        Ok(Run { stored: self.stored()?, plan, status })
    }

    /// Reads the state of the run of the study.
    ///
    /// # Errors
    /// [`Error::Store`] if a manifest cannot be read, [`Error::AnotherSimulation`] if it belongs to
    /// another run.
    pub fn state(&self) -> Result<RunState, Error> {
        let folder = self.run_folder();
        state(&folder, &until::with_actual_paths_of_same_analysis(self.plan().clone(), &folder))
    }
}

/// A run to finish.
struct Job<'a> {
    plan: &'a RunPlan,
    folder: &'a Path,
    settings: &'a Settings,
    started: Instant,
}

impl Job<'_> {
    fn execute(&self, work: &Work<'_>) -> Result<Status, Error> {
        match self.state(work)? {
            RunState::Complete => {
                work.monitor.note("this run is complete; nothing was simulated again");
                Ok(Status::Complete)
            }
            RunState::OtherAnalysis if !self.settings.resume => {
                work.monitor.note(
                    "the simulation is complete; only the analysis is done again, and replaces \
                    the one before",
                );
                analyse_again(self.plan, self.folder, self.settings, self.started, work)?;
                Ok(Status::Analysed)
            }
            RunState::MoreRows => {
                let (folder, wanted) = (self.folder.to_path_buf(), self.plan.path_rows.name());
                Err(Error::RowsWouldBeDeleted { folder, wanted })
            }
            RunState::OtherRows => {
                work.monitor.note(&format!(
                    "the finished run keeps other path rows than `{}`: parts that differ are \
                    simulated again",
                    self.plan.path_rows.name()
                ));
                let folder =
                    RunFolder::resume(disk(), self.folder, run_id(self.plan), &parts(self.plan))?;
                self.simulate(folder, work)
            }
            RunState::OtherAnalysis | RunState::Unfinished => {
                self.simulate(self.lock_folder()?, work)
            }
        }
    }

    /// Reads the state of the folder. With [`Settings::resume`], damage counts as unfinished, and
    /// the damaged files of the last analysis are named.
    fn state(&self, work: &Work<'_>) -> Result<RunState, Error> {
        let found = state(self.folder, self.plan);
        if !self.settings.resume {
            return found;
        }
        match found {
            // The folder is locked next, which names the damaged manifest.
            Err(Error::Store(error)) if Repair::of(&error).is_some() => Ok(RunState::Unfinished),
            Ok(RunState::Complete) => {
                work.warn_of(&RunFolder::tidy(disk(), self.folder)?);
                let run = RunReader::open(disk(), self.folder)?;
                let faults = run.verify();
                // Damaged parts are named when the folder is locked.
                let of_analysis = faults.iter().filter_map(Repair::of);
                let of_analysis =
                    of_analysis.filter(|repair| !RunFolder::is_of_a_part(self.folder, repair));
                work.warn_of(&of_analysis.collect::<Vec<_>>());
                if let Err(error) = run.require_state() {
                    work.monitor.note(&format!("{error}: all parts are simulated again"));
                    return Ok(RunState::Unfinished);
                }
                Ok(if faults.is_empty() { RunState::Complete } else { RunState::Unfinished })
            }
            other => other,
        }
    }

    /// Opens and locks the run folder for writing.
    fn lock_folder(&self) -> Result<RunFolder, StoreError> {
        let open = if self.settings.resume { RunFolder::resume } else { RunFolder::create };
        open(disk(), self.folder, run_id(self.plan), &parts(self.plan))
    }

    fn simulate(&self, mut folder: RunFolder, work: &Work<'_>) -> Result<Status, Error> {
        let plan = self.plan;
        work.warn_of(folder.repairs());
        let reused = folder.finished_parts().len() as u64;
        work.monitor.note(&format!("simulating {}", extent(plan, reused)));
        let (simulated, stopped) = match &plan.until {
            None => (simulate(plan, &folder, work)?, None),
            Some(until) => {
                let (stopped, simulated) = simulate_until(plan, until, &mut folder, work)?;
                (simulated, Some(stopped))
            }
        };
        let circumstances =
            Circumstances { started: self.started, settings: self.settings, simulated };
        finish(stopped.as_ref().unwrap_or(plan), &folder, &circumstances, work)?;
        Ok(if reused > 0 { Status::Resumed(simulated) } else { Status::Simulated(simulated) })
    }
}

/// Words the size of a run: `100,000 paths x 24 cells in 49 parts, 3 of them finished`.
fn extent(plan: &RunPlan, finished: u64) -> String {
    let (paths, cells, parts) = (count(plan.paths), count(plan.cells()), count(plan.parts()));
    let rest = if finished > 0 {
        format!(", {} of them finished", count(finished))
    } else {
        String::new()
    };
    format!("{paths} paths x {cells} cells in {parts} parts{rest}")
}
