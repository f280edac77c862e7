//! Simulates a study until its differences are as precise as it asks, and no longer.
//!
//! Paths come in stages. After each stage the widest interval that holds for all policies at once
//! is compared with the width asked for. The next stage has the number of paths that would reach
//! this width at the present spread, and a little more. The stages follow from the study and its
//! paths alone, so an interrupted run ends where an uninterrupted one does.

use std::path::Path;

use corridor_analysis::analyse::{Analysis, analyse};
use corridor_analysis::input::AnalysisInput;
use corridor_analysis::quantile::exact::NoRows;
use corridor_analysis::stopping::{PathLimits, first_stage, next_stage, widest};
use corridor_core::cancel::Cancel;
use corridor_report::number::{NumberFormat, count};
use corridor_store::error::StoreError;
use corridor_store::manifest::{Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::storage::Disk;
use corridor_store::stored_parts::StoredParts;
use corridor_study::plan::{RunPlan, Until};
use corridor_tables::CompareRow;
use corridor_tables::metric::MetricId;

use crate::analyse::input;
use crate::control::controls;
use crate::error::Error;
use crate::simulate::{Simulated, simulate};
use crate::stored_rows::StoredStates;
use crate::work::Work;

/// Returns a plan with the number of paths that its finished run has, where the run may have
/// stopped early; any other plan unchanged. The run may have been compared on something else when
/// it stopped.
#[must_use]
pub(crate) fn with_actual_paths(plan: RunPlan, folder: &Path) -> RunPlan {
    match finished(&plan, folder) {
        Some(facts) => plan.stopped_at(facts.paths),
        None => plan,
    }
}

/// Returns a plan with the number of paths that its finished run has, but only where the run
/// stopped under the comparison of the plan; any other plan unchanged, since under another
/// comparison the run would have stopped elsewhere.
#[must_use]
pub(crate) fn with_actual_paths_of_same_analysis(plan: RunPlan, folder: &Path) -> RunPlan {
    match finished(&plan, folder) {
        Some(facts) if plan.stopped_at(facts.paths).analysis_id == facts.analysis_id => {
            plan.stopped_at(facts.paths)
        }
        Some(_) | None => plan,
    }
}

/// Reads the facts of the finished run in the folder, if it is the run of a plan that may stop
/// early.
fn finished(plan: &RunPlan, folder: &Path) -> Option<RunFacts> {
    plan.until.as_ref()?;
    let facts = Manifest::read(&Disk, folder).ok()?.result.facts;
    (facts.simulation_id == plan.simulation_id).then_some(facts)
}

/// Simulates stage by stage. Returns the plan with the number of paths that were enough; the folder
/// holds no others.
///
/// # Errors
/// [`Error::Store`], [`Error::Cancelled`]; [`Error::Analysis`] if the simulated parts do not fit
/// the plan.
pub(crate) fn simulate_until(
    plan: &RunPlan,
    until: &Until,
    folder: &mut RunFolder,
    work: &Work<'_>,
) -> Result<(RunPlan, Simulated), Error> {
    let limits = PathLimits { most: plan.paths, per_part: plan.paths_per_part };
    let mut done = Simulated::default();
    let mut stage = RunPlan { paths: first_stage(limits), ..plan.clone() };
    loop {
        let simulated = simulate(&stage, folder, work)?;
        done = Simulated {
            paths: done.paths + simulated.paths,
            seconds: done.seconds + simulated.seconds,
            cpu_seconds: done.cpu_seconds + simulated.cpu_seconds,
        };
        let parts = folder.first_parts(stage.parts() as u32)?;
        let found = analyse_stage(&stage, &parts, work)?;
        let half = widest_of(&stage, until, &found.compare);
        work.monitor.note(&format!(
            "{} paths: `{}` is {}, ±{} was asked for",
            count(stage.paths),
            until.metric,
            known(half),
            until.half_width
        ));
        if half.is_some_and(|half| half <= until.half_width) || stage.paths == plan.paths {
            folder.keep_first_parts(stage.parts() as u32)?;
            let (saved, all) = (count(plan.paths - stage.paths), count(plan.paths));
            match precision_warning(&stage, &found.compare) {
                Some(warning) => {
                    work.monitor.warning(&format!("{warning}; that was the most paths allowed"))
                }
                None => work.monitor.note(&format!("enough: {saved} paths saved of {all}")),
            }
            return Ok((plan.stopped_at(stage.paths), done));
        }
        stage.paths = next_stage(limits, stage.paths, half.map(|half| half / until.half_width));
    }
}

/// Analyses the parts of a stage.
fn analyse_stage(stage: &RunPlan, parts: &StoredParts, work: &Work<'_>) -> Result<Analysis, Error> {
    let input = AnalysisInput { controls: controls(stage, work)?, ..input(stage)? };
    let is_cancelled = || work.is_cancelled();
    let cancel = Cancel::new(&is_cancelled);
    Ok(analyse(&input, &StoredStates(parts), NoRows::<StoreError>::NONE, &mut (), cancel)?)
}

/// Returns a warning where differences are known less well than `run.until` asks for: the run has
/// all paths it may have, or it was analysed again under another comparison than the one it stopped
/// under.
#[must_use]
pub(crate) fn precision_warning(plan: &RunPlan, compare: &[CompareRow]) -> Option<String> {
    let until = plan.until.as_ref()?;
    let half = widest_of(plan, until, compare);
    if half.is_some_and(|half| half <= until.half_width) {
        return None;
    }
    let (metric, wanted, paths) = (&until.metric, until.half_width, count(plan.paths));
    let known = known(half);
    Some(format!("`{metric}` is {known} with {paths} paths, `run.until` asks for ±{wanted}"))
}

fn known(half: Option<f64>) -> String {
    half.map_or("not known".to_owned(), |half| {
        format!("known to ±{}", NumberFormat::of("0.00").bare(half))
    })
}

/// Returns half the width of the widest simultaneous interval; `None` if a difference has no
/// interval.
fn widest_of(plan: &RunPlan, until: &Until, compare: &[CompareRow]) -> Option<f64> {
    let is_judged = |policy: i32| !plan.policies[policy as usize].look_ahead;
    widest(compare, MetricId::of_name(&until.metric)?, is_judged)
}
