//! Loads a study and keeps the plan it compiles to; runs, searches, costs and replays start here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corridor_store::ledger::Ledger;
use corridor_store::run_reader::looks_like_a_run;
use corridor_store::storage::Disk;
use corridor_study::Overrides;
use corridor_study::plan::RunPlan;

use crate::error::Error;
use crate::monitor::Monitor;
use crate::settings::Settings;
use crate::work::{Work, in_pool};
use crate::{analyse, source, twins};

/// A checked study with its plan, ready to be run, searched, priced or replayed.
#[derive(Clone, Debug)]
pub struct Session {
    text: StudyText,
    changes: Overrides,
    settings: Settings,
    plan: RunPlan,
    /// Time that loading took, which counts as time of a run.
    loading: Duration,
}

/// Source of the text of a study.
#[derive(Clone, Debug)]
enum StudyText {
    File(PathBuf),
    Memory { name: String, text: String, folder: PathBuf },
}

impl Session {
    /// Loads, checks and compiles a study file. The twins that it asks for are found by short
    /// simulations.
    ///
    /// # Errors
    /// [`Error::Study`] with every problem of the file, [`Error::Comparison`] if policies cannot be
    /// compared as it asks, [`Error::NoTwin`], [`Error::Cancelled`], [`Error::Threads`].
    pub fn load(
        study: &Path,
        changes: Overrides,
        settings: Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Self, Error> {
        Self::of(StudyText::File(study.to_path_buf()), changes, settings, monitor)
    }

    /// Checks and compiles the text of a study. Messages call it `name`; paths of files that it
    /// reads are relative to `folder`.
    ///
    /// # Errors
    /// The errors of [`Session::load`].
    pub fn from_text(
        name: &str,
        text: &str,
        folder: &Path,
        settings: Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Self, Error> {
        let (name, text, folder) = (name.to_owned(), text.to_owned(), folder.to_path_buf());
        let text = StudyText::Memory { name, text, folder };
        Self::of(text, Overrides::default(), settings, monitor)
    }

    fn of(
        text: StudyText,
        changes: Overrides,
        settings: Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Self, Error> {
        let started = Instant::now();
        let plan = compile(&text, changes.clone(), &settings, monitor)?;
        Ok(Self { text, changes, settings, plan, loading: started.elapsed() })
    }

    /// Returns the plan of the study.
    #[must_use]
    pub fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// Returns the moment at which work that begins now would have begun with the loading of the
    /// study.
    pub(crate) fn start(&self) -> Instant {
        let now = Instant::now();
        now.checked_sub(self.loading).unwrap_or(now)
    }

    /// Returns how and where the session works.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the folder of the run of the study, whether it exists or not.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        self.study_folder().join(&self.plan.simulation_id)
    }

    /// Returns the folder of all runs of the study.
    #[must_use]
    pub fn study_folder(&self) -> PathBuf {
        self.settings.results.join(&self.plan.name)
    }

    /// Counts the policies that earlier runs under the study's name tried, so that simultaneous
    /// intervals and adjusted p-values include them. Returns their number; a study that states
    /// `comparison.tried_before` keeps the stated number.
    ///
    /// # Errors
    /// [`Error::Store`] if the record of tried policies cannot be read, and the errors of
    /// [`Session::load`].
    pub fn count_tried_policies(
        &mut self,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Option<u64>, Error> {
        let ledger = Ledger::read(&Disk, &self.study_folder())?;
        let keys = self.plan.policies.iter().map(|row| row.policy_key.as_str());
        let others = ledger.others(keys);
        if others > 0 && self.plan.comparison.tried_before.is_none() {
            let mut changes = self.changes.clone();
            changes.set.push(format!("comparison.tried_before={others}"));
            let started = Instant::now();
            self.plan = compile(&self.text, changes, &self.settings, monitor)?;
            self.loading += started.elapsed();
        }
        Ok(self.plan.comparison.tried_before)
    }
}

/// Compiles a study, finds its twins and chooses the instruction set of its generator.
fn compile(
    text: &StudyText,
    mut changes: Overrides,
    settings: &Settings,
    monitor: &(dyn Monitor + Sync),
) -> Result<RunPlan, Error> {
    let mut plan = text.compile(&changes)?;
    analyse::input(&plan)?; // refuse an impossible comparison before a simulation
    if !plan.twins.is_empty() {
        let work = Work::new(settings.level, monitor);
        let found = in_pool(settings.threads, || twins::settle(&plan, &work))?;
        changes.set.extend(found);
        plan = text.compile(&changes)?;
    }
    Ok(source::at_level(with_ids_of_run(plan, &settings.results), settings.level))
}

/// Returns the plan with the ids of its run, where an earlier version has made it under the ids of
/// the first versions.
fn with_ids_of_run(plan: RunPlan, results: &Path) -> RunPlan {
    let study = results.join(&plan.name);
    if looks_like_a_run(&study.join(&plan.simulation_id)) {
        return plan;
    }
    let old = plan.clone().with_first_ids();
    if looks_like_a_run(&study.join(&old.simulation_id)) { old } else { plan }
}

impl StudyText {
    fn compile(&self, changes: &Overrides) -> Result<RunPlan, Error> {
        Ok(match self {
            Self::File(path) => corridor_study::load(path, changes)?,
            Self::Memory { name, text, folder } => {
                corridor_study::compile(name, text, folder, changes)?
            }
        })
    }
}
