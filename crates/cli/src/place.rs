//! Reads the folder of all runs from the command line, and finds a run by its folder or its study.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use corridor_workbench::{Error, Session, Settings, Silent, StoredRun};

use crate::console::Console;
use crate::failure::Failure;
use crate::hint::for_error;
use crate::study_input::Changes;

/// The folder that holds all runs.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct PlaceInput {
    /// Keep runs under DIR, in DIR/STUDY/RUN_ID
    #[arg(long, value_name = "DIR", default_value = "results", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

impl Default for PlaceInput {
    fn default() -> Self {
        Self { out: PathBuf::from("results") }
    }
}

impl PlaceInput {
    /// Returns whether the user names another folder than the default.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.out != Path::new("results")
    }
}

/// A run that the user names by its folder or by its study.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// A run folder, or the study it was made from
    #[arg(value_name = "RUN_DIR|STUDY", value_hint = ValueHint::AnyPath)]
    pub target: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub place: PlaceInput,
}

/// A run that was found by its folder or by its study.
pub enum Named {
    /// The folder of a finished run.
    Folder(PathBuf),
    /// A study, whose run may be finished or not.
    Study(Box<Session>),
}

impl Named {
    /// Opens the finished run.
    ///
    /// # Errors
    /// [`Failure::Work`] if the run is not finished, cannot be read or is not the run of the study.
    pub fn open(&self, console: &Console) -> Result<StoredRun, Failure> {
        let run = match self {
            Self::Folder(folder) => StoredRun::open(folder)?,
            Self::Study(session) => session.stored()?,
        };
        warn_of_unlisted(&run, console);
        Ok(run)
    }
}

/// Warns of entries among the path rows that the run did not write.
pub fn warn_of_unlisted(run: &StoredRun, console: &Console) {
    for error in run.unlisted() {
        console.complain(&format!("warning: {error}{}\n", for_error(&error)));
    }
}

impl Target {
    /// Finds a run that is read.
    ///
    /// # Errors
    /// [`Failure::NotARun`], [`Failure::NotOfARun`], or [`Failure::Work`] if the study is refused.
    pub fn find(&self, settings: Settings, console: &Console) -> Result<Named, Failure> {
        if !self.target.is_dir() {
            let mut session = self.changes.load(&self.target, settings, &Silent)?;
            // The stored result does not depend on how many policies were tried since.
            match session.count_tried_policies(&Silent) {
                Ok(_) => {}
                Err(error @ Error::Store(_)) => {
                    console.complain(&format!("warning: {error}{}\n", for_error(&error)));
                }
                Err(error) => return Err(error.into()),
            }
            return Ok(Named::Study(Box::new(session)));
        }
        if self.changes.are_given() {
            return Err(Failure::NotOfARun);
        }
        self.find_folder()
    }

    /// Returns the same run with margins of practical equivalence among the changes to its study.
    #[must_use]
    pub fn with_margins(&self, margins: &[(String, f64)]) -> Self {
        Self { changes: self.changes.with_margins(margins), ..self.clone() }
    }

    /// Finds a run that is analysed again. Changes apply to the study that a run folder keeps.
    ///
    /// # Errors
    /// The errors of [`Target::find`], and [`Failure::Work`] if the record of tried policies cannot
    /// be read.
    pub fn find_to_analyse(&self, settings: Settings) -> Result<Named, Failure> {
        if !self.target.is_dir() {
            return Ok(Named::Study(Box::new(self.changes.load_counted(
                &self.target,
                settings,
                &Silent,
            )?)));
        }
        self.find_folder()
    }

    fn find_folder(&self) -> Result<Named, Failure> {
        if self.place.is_given() {
            return Err(Failure::NotOfARun);
        }
        if !StoredRun::looks_like_a_run(&self.target) {
            let below = StoredRun::finished_runs_below(&self.target);
            return Err(Failure::NotARun { folder: self.target.clone(), below });
        }
        Ok(Named::Folder(self.target.clone()))
    }

    /// Opens the finished run.
    ///
    /// # Errors
    /// The errors of [`Target::find`], and [`Failure::Work`] if the run is not finished or cannot
    /// be read.
    pub fn open(&self, settings: Settings, console: &Console) -> Result<StoredRun, Failure> {
        self.find(settings, console)?.open(console)
    }
}
