//! Finds the folder of a run: the one its study leads to, or the one the user names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};
use corridor_store::error::StoreError;
use corridor_store::manifest::Manifest;
use corridor_store::part::PartRange;
use corridor_store::schema::RunId;
use corridor_store::storage::{Disk, Storage};
use corridor_study::plan::{PathRows, RunPlan};

use crate::failure::Failure;

/// Where runs are kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct PlaceInput {
    /// Keep runs under DIR, in DIR/STUDY/RUN_ID
    #[arg(long, value_name = "DIR", default_value = "results", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
}

impl PlaceInput {
    /// Whether another place than the default is named.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.out != Path::new("results")
    }

    /// The folder of all runs of a study.
    #[must_use]
    pub fn study_folder(&self, plan: &RunPlan) -> PathBuf {
        self.out.join(&plan.name)
    }

    /// The run folder of a plan.
    #[must_use]
    pub fn folder(&self, plan: &RunPlan) -> PathBuf {
        self.study_folder(plan).join(&plan.simulation_id)
    }
}

/// The disk.
#[must_use]
pub fn disk() -> Arc<dyn Storage> {
    Arc::new(Disk)
}

/// The identity of a plan's run.
#[must_use]
pub fn run_id(plan: &RunPlan) -> RunId {
    RunId { study: plan.name.clone(), run_id: plan.simulation_id.clone() }
}

/// The parts of a plan: path ranges, and how many rows of each are kept.
#[must_use]
pub fn parts(plan: &RunPlan) -> Vec<PartRange> {
    let kept = match plan.path_rows {
        PathRows::All => plan.paths,
        PathRows::Sample => plan.sample_paths.min(plan.paths),
        PathRows::None => 0,
    };
    let part = |part: u64| {
        let first_path = part * plan.paths_per_part;
        let paths = plan.paths_per_part.min(plan.paths - first_path);
        let kept_paths = kept.saturating_sub(first_path).min(paths);
        PartRange { part: part as u32, first_path, paths, kept_paths, cells: plan.cells() }
    };
    (0..plan.parts()).map(part).collect()
}

/// What stands in the folder of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This run with this analysis, finished.
    Complete,
    /// This run, finished, with another analysis; its parts are those of the plan.
    OtherAnalysis,
    /// This run, finished, but fewer path rows are kept than the plan asks for, or its parts are
    /// others.
    OtherRows,
    /// This run, finished, with path rows that the plan would not keep.
    MoreRows,
    /// No finished run.
    Unfinished,
}

/// Looks at the folder of a plan.
///
/// # Errors
/// [`Failure::Store`] where there is a manifest that cannot be read or is of another run.
pub fn standing(folder: &Path, plan: &RunPlan) -> Result<Standing, Failure> {
    let manifest = match Manifest::read(&Disk, folder) {
        Err(StoreError::NoManifest { .. }) => return Ok(Standing::Unfinished),
        other => other?,
    };
    let facts = &manifest.result.facts;
    if facts.simulation_id != plan.simulation_id {
        let (found, expected) = (facts.simulation_id.clone(), plan.simulation_id.clone());
        return Err(Failure::AnotherSimulation { folder: folder.to_path_buf(), found, expected });
    }
    let (found, planned): (Vec<PartRange>, _) =
        (manifest.result.parts.iter().map(|part| part.range).collect(), parts(plan));
    Ok(if found != planned {
        if keeps_more(&found, &planned) { Standing::MoreRows } else { Standing::OtherRows }
    } else if facts.analysis_id == plan.analysis_id {
        Standing::Complete
    } else {
        Standing::OtherAnalysis
    })
}

/// Whether the same parts were found with more rows than planned, and none with fewer.
fn keeps_more(found: &[PartRange], planned: &[PartRange]) -> bool {
    found.len() == planned.len()
        && found.iter().zip(planned).all(|(found, planned)| {
            found.kept_paths >= planned.kept_paths
                && PartRange { kept_paths: planned.kept_paths, ..*found } == *planned
        })
}
