//! Reads where runs are kept, and which run is meant: by its folder or by its study.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use corridor_workbench::{Session, Settings, StoredRun};

use crate::failure::Failure;
use crate::study_input::Changes;

/// Where runs are kept.
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
    /// Whether another place than the default is named.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.out != Path::new("results")
    }
}

/// A run, by its folder or by its study.
#[derive(Debug, Args)]
pub struct Target {
    /// A run folder, or the study it was made from
    #[arg(value_name = "RUN_DIR|STUDY", value_hint = ValueHint::AnyPath)]
    pub target: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub place: PlaceInput,
}

/// The run that a target names.
pub enum Named {
    /// By its folder.
    Folder(PathBuf),
    /// By its study.
    Study(Box<Session>),
}

impl Named {
    /// The run folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::Study(session) => session.run_folder(),
        }
    }
}

impl Target {
    /// Finds the run. Changes to a study fit a run folder only where it is analysed again
    /// (`may_change`).
    ///
    /// # Errors
    /// [`Failure::NotARun`], [`Failure::NotOfARun`]; those of loading the study.
    pub fn find(&self, may_change: bool, settings: Settings) -> Result<Named, Failure> {
        if !self.target.is_dir() {
            return Ok(Named::Study(Box::new(self.changes.load_counted(&self.target, settings)?)));
        }
        if self.place.is_given() || (!may_change && self.changes.are_given()) {
            return Err(Failure::NotOfARun);
        }
        if !StoredRun::is_run(&self.target) {
            let below = StoredRun::runs_below(&self.target);
            return Err(Failure::NotARun { folder: self.target.clone(), below });
        }
        Ok(Named::Folder(self.target.clone()))
    }

    /// Opens the finished run.
    ///
    /// # Errors
    /// Those of [`Target::find`] and of opening a run.
    pub fn open(&self, settings: Settings) -> Result<StoredRun, Failure> {
        Ok(StoredRun::open(&self.find(false, settings)?.folder())?)
    }
}
