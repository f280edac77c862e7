//! Simulates the unfinished parts of a plan into its run folder.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use corridor_analysis::error::AnalysisError;
use corridor_analysis::fold::Folded;
use corridor_analysis::reduce::{ReduceSpec, reduce};
use corridor_analysis::section::Thresholds;
use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_simulation::run::{Execution, PathRange, RunError, run};
use corridor_store::error::StoreError;
use corridor_store::run_folder::RunFolder;
use corridor_study::plan::RunPlan;
use corridor_tables::state::PartState;

use crate::analyse::{input, reduce_spec, sections};
use crate::console::Console;
use crate::failure::Failure;
use crate::headline::Headline;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::source::groups;

/// Paths from which thresholds are taken: a quantile of 5 % then lies where 4.3 to 5.7 % of all
/// paths do.
const PILOT_PATHS: u64 = 4096;

/// What the simulation took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulated {
    /// Paths simulated now, without those of parts that were finished before.
    pub paths: u64,
    /// Wall time, the writing of parts included.
    pub seconds: f64,
    /// Processor time of generating and simulating, over all threads, without the writing.
    pub cpu_seconds: f64,
}

/// Simulates every unfinished part on the threads of the current pool. A finished part is on disk
/// before it is dropped, so memory holds no more than one part per thread.
///
/// # Errors
/// [`Failure::Store`] where a part cannot be kept, [`Failure::Interrupted`] after a signal.
pub fn simulate(
    plan: &RunPlan,
    folder: &RunFolder,
    level: Level,
    interrupt: &Interrupt,
    console: &Console,
) -> Result<Simulated, Failure> {
    let finished: Vec<u32> = folder
        .finished_parts()
        .into_iter()
        .filter(|&part| u64::from(part) < plan.parts())
        .collect();
    let range = PathRange { paths: plan.paths, paths_per_part: plan.paths_per_part, finished };
    let markets = plan.groups.len() as u64;
    let before: u64 = range.finished.iter().map(|&part| range.part(part).1 as u64).sum();
    let headline = Headline::new(input(plan)?);
    let progress = Progress::start(console, plan.paths * markets, before * markets);
    let advance = |paths: u64| progress.advance(paths);
    let spec = reduce_spec(plan).at_level(level);
    let thresholds = if range.finished.len() as u64 == plan.parts() {
        Thresholds::default()
    } else {
        pilot(plan, &spec, level, interrupt)?
    };
    let sink = PartSink {
        folder,
        headline: &headline,
        progress: &progress,
        spec: spec.with_sections(sections(plan, thresholds)),
    };
    let execution = Execution { level, cancel: interrupt.flag(), progress: &advance };
    let started = Instant::now();
    let outcome = run(&groups(plan), &range, execution, &sink);
    let seconds = started.elapsed().as_secs_f64();
    progress.finish();
    let report = outcome.map_err(|error| failure(error, interrupt))?;
    Ok(Simulated { paths: report.paths, seconds, cpu_seconds: report.simulate_cpu_seconds })
}

/// Finds where paths are to be counted, from the first paths of the run: they are simulated once
/// more with the rest, so that no part waits for another.
fn pilot(
    plan: &RunPlan,
    spec: &ReduceSpec,
    level: Level,
    interrupt: &Interrupt,
) -> Result<Thresholds, Failure> {
    let range = PathRange {
        paths: plan.paths.min(PILOT_PATHS),
        paths_per_part: plan.paths_per_part.min(PILOT_PATHS),
        finished: Vec::new(),
    };
    let execution = Execution { level, cancel: interrupt.flag(), progress: &|_| () };
    let sink = PilotSink { spec, states: Mutex::default() };
    run(&groups(plan), &range, execution, &sink).map_err(|error| match error {
        RunError::Sink(never) => match never {},
        RunError::Cancelled => interrupt.failure(),
        RunError::TooManyAssets { assets } => Failure::TooManyAssets { assets },
    })?;
    let mut folded = Folded::default();
    let states = sink.states.into_inner().unwrap_or_else(PoisonError::into_inner);
    states
        .values()
        .try_for_each(|state| folded.add(state))
        .map_err(|error| Failure::Analysis(AnalysisError::Fold(error)))?;
    Ok(Thresholds::of(&folded))
}

/// Sums parts up in memory.
struct PilotSink<'a> {
    spec: &'a ReduceSpec,
    states: Mutex<BTreeMap<u32, PartState>>,
}

impl OutcomeSink for PilotSink<'_> {
    type Error = Infallible;

    fn accept(&self, part: OutcomePart) -> Result<(), Infallible> {
        let state = reduce(&part, self.spec);
        self.states.lock().unwrap_or_else(PoisonError::into_inner).insert(state.part, state);
        Ok(())
    }
}

fn failure(error: RunError<StoreError>, interrupt: &Interrupt) -> Failure {
    match error {
        RunError::Sink(error) => Failure::Store(error),
        RunError::Cancelled => interrupt.failure(),
        RunError::TooManyAssets { assets } => Failure::TooManyAssets { assets },
    }
}

/// Sums a part up, then stores both.
struct PartSink<'a> {
    folder: &'a RunFolder,
    headline: &'a Headline,
    progress: &'a Progress<'a>,
    spec: ReduceSpec,
}

impl OutcomeSink for PartSink<'_> {
    type Error = StoreError;

    fn accept(&self, part: OutcomePart) -> Result<(), StoreError> {
        let state = reduce(&part, &self.spec);
        if let Some(known) = self.headline.add(&state) {
            self.progress.say(known);
        }
        self.folder.commit_part(&part, &state)
    }
}
