//! Compares the folder of a run with its plan, to find the work that is left.

use std::path::Path;
use std::sync::Arc;

use corridor_store::error::StoreError;
use corridor_store::manifest::Manifest;
use corridor_store::part::PartRange;
use corridor_store::schema::RunId;
use corridor_store::storage::{Disk, Storage};
use corridor_study::plan::RunPlan;

use crate::error::Error;

/// Returns the storage that runs are kept in.
pub(crate) fn disk() -> Arc<dyn Storage> {
    Arc::new(Disk)
}

/// Returns the study name and run id of a plan.
#[must_use]
pub(crate) fn run_id(plan: &RunPlan) -> RunId {
    RunId { study: plan.name.clone(), run_id: plan.simulation_id.clone() }
}

/// Returns the parts of a plan, each with its path range and the number of rows kept.
#[must_use]
pub(crate) fn parts(plan: &RunPlan) -> Vec<PartRange> {
    let kept = plan.kept_paths();
    let part = |part: u64| {
        let first_path = part * plan.paths_per_part;
        let paths = plan.paths_per_part.min(plan.paths - first_path);
        let kept_paths = kept.saturating_sub(first_path).min(paths);
        PartRange { part: part as u32, first_path, paths, kept_paths, cells: plan.cells() }
    };
    (0..plan.parts()).map(part).collect()
}

/// State of the run folder of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The run is finished, with the analysis of the plan.
    Complete,
    /// The run is finished with the parts of the plan, but with another analysis.
    OtherAnalysis,
    /// The run is finished, but keeps fewer path rows than the plan asks for, or has other parts.
    OtherRows,
    /// The run is finished, and keeps path rows that the plan would delete.
    MoreRows,
    /// The folder holds no finished run.
    Unfinished,
}

/// Reads the state of a run folder under a plan.
///
/// # Errors
/// [`Error::Store`] if a manifest cannot be read, [`Error::AnotherSimulation`] if it belongs to
/// another run.
pub(crate) fn state(folder: &Path, plan: &RunPlan) -> Result<RunState, Error> {
    let manifest = match Manifest::read(&Disk, folder) {
        Err(StoreError::NoManifest { .. }) => return Ok(RunState::Unfinished),
        other => other?,
    };
    let facts = &manifest.result.facts;
    check_simulation(folder, &facts.simulation_id, plan)?;
    let (found, planned): (Vec<PartRange>, _) =
        (manifest.result.parts.iter().map(|part| part.range).collect(), parts(plan));
    Ok(if found != planned {
        if keeps_more(&found, &planned) { RunState::MoreRows } else { RunState::OtherRows }
    } else if facts.analysis_id == plan.analysis_id {
        RunState::Complete
    } else {
        RunState::OtherAnalysis
    })
}

/// Checks that the run in a folder is the run of a plan.
///
/// # Errors
/// [`Error::AnotherSimulation`] if `found`, the id of the run in the folder, is another one.
pub(crate) fn check_simulation(folder: &Path, found: &str, plan: &RunPlan) -> Result<(), Error> {
    if found == plan.simulation_id {
        return Ok(());
    }
    let (found, expected) = (found.to_owned(), plan.simulation_id.clone());
    Err(Error::AnotherSimulation { folder: folder.to_path_buf(), found, expected })
}

/// Returns whether the found parts are the planned ones, and none keeps fewer rows than planned.
fn keeps_more(found: &[PartRange], planned: &[PartRange]) -> bool {
    found.len() == planned.len()
        && found.iter().zip(planned).all(|(found, planned)| {
            found.kept_paths >= planned.kept_paths
                && PartRange { kept_paths: planned.kept_paths, ..*found } == *planned
        })
}
