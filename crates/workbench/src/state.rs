//! Compares the folder of a run with its plan: what is there, and what is left to do.

use std::path::Path;
use std::sync::Arc;

use corridor_store::error::StoreError;
use corridor_store::manifest::Manifest;
use corridor_store::part::PartRange;
use corridor_store::schema::RunId;
use corridor_store::storage::{Disk, Storage};
use corridor_study::plan::RunPlan;

use crate::error::Error;

/// The storage of runs.
pub(crate) fn disk() -> Arc<dyn Storage> {
    Arc::new(Disk)
}

/// The identity of a plan's run.
#[must_use]
pub(crate) fn run_id(plan: &RunPlan) -> RunId {
    RunId { study: plan.name.clone(), run_id: plan.simulation_id.clone() }
}

/// The parts of a plan: path ranges, and how many rows of each are kept.
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

/// Reads the state of a run folder under a plan.
///
/// # Errors
/// [`Error::Store`] where there is a manifest that cannot be read or is of another run.
pub(crate) fn state(folder: &Path, plan: &RunPlan) -> Result<RunState, Error> {
    let manifest = match Manifest::read(&Disk, folder) {
        Err(StoreError::NoManifest { .. }) => return Ok(RunState::Unfinished),
        other => other?,
    };
    let facts = &manifest.result.facts;
    if facts.simulation_id != plan.simulation_id {
        let (found, expected) = (facts.simulation_id.clone(), plan.simulation_id.clone());
        return Err(Error::AnotherSimulation { folder: folder.to_path_buf(), found, expected });
    }
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

/// Whether the same parts were found with more rows than planned, and none with fewer.
fn keeps_more(found: &[PartRange], planned: &[PartRange]) -> bool {
    found.len() == planned.len()
        && found.iter().zip(planned).all(|(found, planned)| {
            found.kept_paths >= planned.kept_paths
                && PartRange { kept_paths: planned.kept_paths, ..*found } == *planned
        })
}
