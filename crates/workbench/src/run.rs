//! Runs a plan: simulate what is missing, analyse, put everything in place. The way of a plan, on
//! one screen.

use std::path::Path;
use std::time::Instant;

use corridor_report::number::count;
use corridor_store::error::StoreError;
use corridor_store::ledger::Ledger;
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_store::storage::Disk;
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

/// A finished run, and what it took to finish it now.
pub struct Run {
    /// The run, opened.
    pub stored: StoredRun,
    /// Its plan, with as many paths as it has.
    pub plan: RunPlan,
    /// The work that was done.
    pub status: Status,
}

/// The work that a run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// All of it.
    Simulated(Simulated),
    /// The rest that an interrupted run had left.
    Resumed(Simulated),
    /// The analysis alone.
    Analysed,
    /// None: the run was complete.
    Complete,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simulated(_) => "simulated",
            Self::Resumed(_) => "resumed",
            Self::Analysed => "analysed",
            Self::Complete => "complete",
        }
    }

    /// The simulation that was done now.
    #[must_use]
    pub fn simulated(self) -> Simulated {
        match self {
            Self::Simulated(simulated) | Self::Resumed(simulated) => simulated,
            Self::Analysed | Self::Complete => Simulated::default(),
        }
    }
}

impl Session {
    /// Brings the run of the study to its end from wherever it is: what is finished is not done
    /// again. The threads it works on have ended when it returns.
    ///
    /// # Errors
    /// [`Error::IsASearch`], [`Error::Store`], [`Error::Analysis`], [`Error::RowsWouldGo`],
    /// [`Error::AnotherSimulation`], [`Error::Cancelled`]; finished parts stay whatever happens.
    pub fn run(&self, monitor: &(dyn Monitor + Sync)) -> Result<Run, Error> {
        if self.plan().search.is_some() {
            return Err(Error::IsASearch { candidates: self.plan().policies.len() - 1 });
        }
        let folder = self.run_folder();
        let plan = until::settled_here(self.plan().clone(), &folder);
        let settings = self.settings();
        let work = Work::new(settings.level, monitor);
        let job = Job { plan: &plan, folder: &folder, settings, started: Instant::now() };
        let status = in_pool(settings.threads, || job.execute(&work))?;
        let keys = plan.policies.iter().map(|row| row.policy_key.clone());
        let study = self.study_folder();
        Ledger::read(&Disk, &study)?.add(&disk(), &study, &plan.simulation_id, keys)?;
        let plan = until::settled(self.plan().clone(), &folder);
        Ok(Run { stored: StoredRun::open(&folder)?, plan, status })
    }

    /// The state of the run of the study.
    ///
    /// # Errors
    /// [`Error::Store`] where there is a manifest that cannot be read,
    /// [`Error::AnotherSimulation`] where it is another run's.
    pub fn state(&self) -> Result<RunState, Error> {
        let folder = self.run_folder();
        state(&folder, &until::settled_here(self.plan().clone(), &folder))
    }
}

/// A run to be brought to its end.
struct Job<'a> {
    plan: &'a RunPlan,
    folder: &'a Path,
    settings: &'a Settings,
    started: Instant,
}

impl Job<'_> {
    fn execute(&self, work: &Work<'_>) -> Result<Status, Error> {
        match self.state()? {
            RunState::Complete => {
                work.monitor.note("this run is complete; nothing was simulated again");
                Ok(Status::Complete)
            }
            RunState::OtherAnalysis if !self.settings.resume => {
                work.monitor.note("the simulation is complete; only the analysis is done again");
                analyse_again(self.plan, self.folder, self.settings, self.started, work)?;
                Ok(Status::Analysed)
            }
            RunState::MoreRows => {
                let (folder, wanted) = (self.folder.to_path_buf(), self.plan.path_rows.name());
                Err(Error::RowsWouldGo { folder, wanted })
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
            RunState::OtherAnalysis | RunState::Unfinished => self.simulate(self.take()?, work),
        }
    }

    /// The state of the folder. For a run that is to be continued, damage counts as unfinished.
    fn state(&self) -> Result<RunState, Error> {
        let found = state(self.folder, self.plan);
        if !self.settings.resume {
            return found;
        }
        let damaged = || Ok(RunState::Unfinished);
        match found {
            Err(Error::Store(StoreError::Altered { .. } | StoreError::Malformed { .. })) => {
                damaged()
            }
            Ok(RunState::Complete) => {
                let run = RunReader::open(disk(), self.folder)?;
                if run.verify().is_empty() { Ok(RunState::Complete) } else { damaged() }
            }
            other => other,
        }
    }

    /// Takes the folder for writing.
    fn take(&self) -> Result<RunFolder, StoreError> {
        let take = if self.settings.resume { RunFolder::resume } else { RunFolder::create };
        take(disk(), self.folder, run_id(self.plan), &parts(self.plan))
    }

    fn simulate(&self, mut folder: RunFolder, work: &Work<'_>) -> Result<Status, Error> {
        let plan = self.plan;
        let reused = folder.finished_parts().len() as u64;
        work.monitor.note(&format!("simulating {}", extent(plan, reused)));
        let (simulated, ran) = match &plan.until {
            None => (simulate(plan, &folder, work)?, None),
            Some(until) => {
                let (stage, simulated) = simulate_until(plan, until, &mut folder, work)?;
                (simulated, Some(stage))
            }
        };
        let circumstances =
            Circumstances { started: self.started, settings: self.settings, simulated };
        finish(ran.as_ref().unwrap_or(plan), &folder, &circumstances, work)?;
        Ok(if reused > 0 { Status::Resumed(simulated) } else { Status::Simulated(simulated) })
    }
}

/// `100,000 paths x 24 cells in 49 parts, 3 of them finished`.
fn extent(plan: &RunPlan, finished: u64) -> String {
    let (paths, cells, parts) = (count(plan.paths), count(plan.cells()), count(plan.parts()));
    let rest = if finished > 0 {
        format!(", {} of them finished", count(finished))
    } else {
        String::new()
    };
    format!("{paths} paths x {cells} cells in {parts} parts{rest}")
}
