//! Simulates a study until its differences are known as well as it asks for, and no longer.
//!
//! Paths come in stages. After each the widest interval for all policies at once is held against
//! the width asked for, and the paths of the next stage are those it would take at this spread, a
//! little more. The stages follow from the study and its paths alone, so an interrupted run ends
//! where an uninterrupted one does.

use std::path::Path;

use corridor_analysis::analyse::{Analysis, analyse};
use corridor_analysis::control::Control;
use corridor_analysis::error::AnalysisError;
use corridor_analysis::input::AnalysisInput;
use corridor_analysis::quantile::exact::NoRows;
use corridor_core::cancel::Cancel;
use corridor_core::level::Level;
use corridor_report::number::{NumberFormat, count};
use corridor_report::wording::MEAN;
use corridor_store::error::StoreError;
use corridor_store::manifest::{Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::storage::Disk;
use corridor_store::stored_parts::StoredParts;
use corridor_study::plan::{RunPlan, Until};
use corridor_tables::{CompareRow, DimMetricRow};

use crate::analyse::input;
use crate::console::Console;
use crate::control::controls;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::simulate::{Simulated, simulate};

/// Paths of the first stage: the largest of these.
const FIRST_PATHS: u64 = 4096;
const FIRST_SHARE: u64 = 16;

/// By how much more paths are run than the last stage asks for, and how many times its number at
/// most.
const MORE: f64 = 1.05;
const GROWTH_MAX: u64 = 4;

/// The plan of a run that stopped early, whose folder is finished: with as many paths as it has,
/// whatever it was compared on when it stopped. Any other plan as it is.
#[must_use]
pub fn settled(plan: RunPlan, folder: &Path) -> RunPlan {
    match finished(&plan, folder) {
        Some(facts) => plan.stopped_at(facts.paths),
        None => plan,
    }
}

/// The same, but only where the run stopped under this very comparison: under another it would have
/// stopped elsewhere.
#[must_use]
pub fn settled_here(plan: RunPlan, folder: &Path) -> RunPlan {
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
/// As [`simulate`]; [`Failure::Analysis`] where what was simulated does not fit the plan.
pub fn simulate_until(
    (plan, until): (&RunPlan, &Until),
    folder: &mut RunFolder,
    level: Level,
    interrupt: &Interrupt,
    console: &Console,
) -> Result<(RunPlan, Simulated), Failure> {
    let mut done = Simulated::default();
    let mut stage = RunPlan {
        paths: whole_parts(plan, FIRST_PATHS.max(plan.paths / FIRST_SHARE)),
        ..plan.clone()
    };
    loop {
        let simulated = simulate(&stage, folder, level, interrupt, console)?;
        done = Simulated {
            paths: done.paths + simulated.paths,
            seconds: done.seconds + simulated.seconds,
            cpu_seconds: done.cpu_seconds + simulated.cpu_seconds,
        };
        let found = look(
            &stage,
            &folder.first_parts(stage.parts() as u32)?,
            controls(&stage, level, interrupt.flag()),
        )?;
        let widest = widest(&stage, until, &found.metrics, &found.compare);
        let known = widest.map_or("not known".to_owned(), |half| {
            format!("known to ±{}", NumberFormat::of("0.00").bare(half))
        });
        console.note(&format!(
            "{} paths: `{}` is {known}, ±{} was asked for",
            count(stage.paths),
            until.metric,
            until.half_width
        ));
        if widest.is_some_and(|half| half <= until.half_width) || stage.paths == plan.paths {
            folder.keep_first_parts(stage.parts() as u32)?;
            let saved = plan.paths - stage.paths;
            match missed(&stage, &found.metrics, &found.compare) {
                Some(warning) => console
                    .complain(&format!("warning: {warning}; that was the most paths allowed\n")),
                None => console.note(&format!(
                    "enough: {} paths saved of {}",
                    count(saved),
                    count(plan.paths)
                )),
            }
            return Ok((plan.stopped_at(stage.paths), done));
        }
        stage.paths = next(plan, stage.paths, widest.map(|half| half / until.half_width));
    }
}

/// Paths of the next stage, given by how many times too wide the widest interval is.
fn next(plan: &RunPlan, paths: u64, too_wide: Option<f64>) -> u64 {
    let most = paths.saturating_mul(GROWTH_MAX);
    let wanted = too_wide
        .map_or(most, |ratio| (paths as f64 * ratio * ratio * MORE).min(most as f64) as u64);
    whole_parts(plan, wanted.max(paths + 1))
}

/// So many paths in whole parts, or all there are.
fn whole_parts(plan: &RunPlan, paths: u64) -> u64 {
    paths.next_multiple_of(plan.paths_per_part).min(plan.paths)
}

/// What the paths of a stage say.
fn look(stage: &RunPlan, parts: &StoredParts, controls: Vec<Control>) -> Result<Analysis, Failure> {
    analyse(
        &AnalysisInput { controls, ..input(stage)? },
        parts.states(),
        NoRows::<StoreError>::NONE,
        Cancel::NEVER,
    )
    .map_err(|error| match error {
        AnalysisError::Read(error) => Failure::Store(error),
        other => Failure::Analysis(other),
    })
}

/// What to say of a run that does not know its differences as well as it was to: it has all paths
/// it may have, or was analysed again under another comparison than the one it stopped under.
#[must_use]
pub fn missed(plan: &RunPlan, metrics: &[DimMetricRow], compare: &[CompareRow]) -> Option<String> {
    let until = plan.until.as_ref()?;
    let known = match widest(plan, until, metrics, compare) {
        Some(half) if half <= until.half_width => return None,
        Some(half) => format!("known to ±{}", NumberFormat::of("0.00").bare(half)),
        None => "not known".to_owned(),
    };
    let (metric, wanted, paths) = (&until.metric, until.half_width, count(plan.paths));
    Some(format!("`{metric}` is {known} with {paths} paths, `run.until` asks for ±{wanted}"))
}

/// Half of the widest interval that holds for all policies at once, over all scenarios at their
/// ends; `None` where some difference has none.
fn widest(
    plan: &RunPlan,
    until: &Until,
    metrics: &[DimMetricRow],
    compare: &[CompareRow],
) -> Option<f64> {
    let metric = metrics.iter().find(|row| row.metric == until.metric).map(|row| row.metric_id);
    let of_metric =
        || compare.iter().filter(|row| Some(row.metric_id) == metric && row.stat == MEAN);
    let end = |scenario: i32| {
        of_metric().filter(|row| row.scenario_id == scenario).map(|row| row.horizon_months).max()
    };
    let judged = |policy: i32| !plan.policies[policy as usize].look_ahead;
    let rows = of_metric().filter(|row| {
        end(row.scenario_id) == Some(row.horizon_months)
            && judged(row.policy_id)
            && judged(row.baseline_policy_id)
    });
    let halves: Option<Vec<f64>> = rows
        .map(|row| Some(0.5 * (row.ci_high_simultaneous? - row.ci_low_simultaneous?)))
        .collect();
    halves.and_then(|halves| halves.into_iter().reduce(f64::max))
}
