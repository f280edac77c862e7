//! Simulates a study until its differences are known as well as it asks for, and no longer.
//!
//! Paths come in stages. After each the widest interval for all policies at once is held against
//! the width asked for, and the paths of the next stage are those it would take at this spread, a
//! little more. The stages follow from the study and its paths alone, so an interrupted run ends
//! where an uninterrupted one does.

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
use crate::work::Work;

/// The plan of a run that stopped early, whose folder is finished: with as many paths as it has,
/// whatever it was compared on when it stopped. Any other plan as it is.
#[must_use]
pub(crate) fn settled(plan: RunPlan, folder: &Path) -> RunPlan {
    match finished(&plan, folder) {
        Some(facts) => plan.stopped_at(facts.paths),
        None => plan,
    }
}

/// The same, but only where the run stopped under this very comparison: under another it would have
/// stopped elsewhere.
#[must_use]
pub(crate) fn settled_here(plan: RunPlan, folder: &Path) -> RunPlan {
    match finished(&plan, folder) {
        Some(facts) if plan.stopped_at(facts.paths).analysis_id == facts.analysis_id => {
            plan.stopped_at(facts.paths)
        }
        Some(_) | None => plan,
    }
}

/// What is known of the finished run in the folder, if it is that of a plan that may stop early.
fn finished(plan: &RunPlan, folder: &Path) -> Option<RunFacts> {
    plan.until.as_ref()?;
    let facts = Manifest::read(&Disk, folder).ok()?.result.facts;
    (facts.simulation_id == plan.simulation_id).then_some(facts)
}

/// Simulates stage by stage; the plan that is returned has as many paths as were enough, and the
/// folder no others.
///
/// # Errors
/// [`Error::Store`], [`Error::Cancelled`]; [`Error::Analysis`] where what was simulated does not
/// fit the plan.
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
        let found = look(&stage, &parts, work)?;
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
            match missed(&stage, &found.compare) {
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

/// The analysis of a stage.
fn look(stage: &RunPlan, parts: &StoredParts, work: &Work<'_>) -> Result<Analysis, Error> {
    let input = AnalysisInput { controls: controls(stage, work)?, ..input(stage)? };
    let is_cancelled = || work.is_cancelled();
    let cancel = Cancel::new(&is_cancelled);
    Ok(analyse(&input, parts.states(), NoRows::<StoreError>::NONE, cancel)?)
}

/// Warns of a run that does not know its differences as well as it was to: it has all paths it may
/// have, or was analysed again under another comparison than the one it stopped under.
#[must_use]
pub(crate) fn missed(plan: &RunPlan, compare: &[CompareRow]) -> Option<String> {
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

/// Half of the widest interval that holds for all policies at once; `None` where some difference
/// has none.
fn widest_of(plan: &RunPlan, until: &Until, compare: &[CompareRow]) -> Option<f64> {
    let is_judged = |policy: i32| !plan.policies[policy as usize].look_ahead;
    widest(compare, MetricId::of_name(&until.metric)?, is_judged)
}
