//! Simulates the unfinished parts of a plan into its run folder.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use corridor_analysis::error::AnalysisError;
use corridor_analysis::fold::{FoldError, Folded};
use corridor_analysis::reduce::{ReduceSpec, reduce, reduce_by_metric};
use corridor_analysis::section::Thresholds;
use corridor_core::cancel::Cancel;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_simulation::run::{self, Execution, Group, PathRange, RunError, RunReport};
use corridor_store::error::StoreError;
use corridor_store::run_folder::RunFolder;
use corridor_study::plan::RunPlan;
use corridor_tables::state::PartState;

use crate::analyse::{input, reduce_spec, sections};
use crate::error::Error;
use crate::headline::Headline;
use crate::monitor::{Meter, Phase};
use crate::source::groups;
use crate::work::Work;

/// Number of paths that thresholds are taken from. The 5 % quantile of these paths is then between
/// the 4.3 % and 5.7 % quantiles of all paths.
const PILOT_PATHS: u64 = 4096;

/// Most cells that these paths run with at a time: their counts take about 80 MB.
const PILOT_CELLS: usize = 256;

/// Number of paths and time of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Simulated {
    /// Number of simulated paths, without those of parts that were finished before.
    pub paths: u64,
    /// Wall time in seconds, including the writing of parts.
    pub seconds: f64,
    /// Processor time of generating and simulating in seconds, over all threads, without writing.
    pub cpu_seconds: f64,
}

/// Simulates every unfinished part on the threads of the current pool. A finished part is on disk
/// before it is dropped, so memory holds no more than one part per thread.
///
/// # Errors
/// [`Error::Store`] if a part cannot be written, [`Error::Cancelled`].
pub(crate) fn simulate(
    plan: &RunPlan,
    folder: &RunFolder,
    work: &Work<'_>,
) -> Result<Simulated, Error> {
    let finished: Vec<u32> = folder
        .finished_parts()
        .into_iter()
        .filter(|&part| u64::from(part) < plan.parts())
        .collect();
    let range = PathRange { paths: plan.paths, paths_per_part: plan.paths_per_part, finished };
    let markets = plan.groups.len() as u64;
    let before: u64 = range.finished.iter().map(|&part| range.part(part).1 as u64).sum();
    let headline = Headline::new(input(plan)?);
    let meter =
        Meter::start(work.monitor, Phase::Simulating, plan.paths * markets, before * markets);
    let spec = reduce_spec(plan).at_level(work.level);
    let thresholds = if range.finished.len() as u64 == plan.parts() {
        Thresholds::default()
    } else {
        pilot(plan, &spec, work)?
    };
    let spec = spec.with_sections(sections(plan, thresholds));
    let sink = PartSink { folder, headline: &headline, meter: &meter, spec };
    let started = Instant::now();
    let is_cancelled = || work.is_cancelled();
    let execution = Execution {
        level: work.level,
        cancel: Cancel::new(&is_cancelled),
        progress: &|paths| meter.advance(paths),
    };
    let outcome = run::run(&groups(plan), &range, execution, &sink);
    let seconds = started.elapsed().as_secs_f64();
    meter.finish();
    let report = outcome.map_err(stopped)?;
    Ok(Simulated { paths: report.paths, seconds, cpu_seconds: report.simulate_cpu_seconds })
}

/// Chooses the thresholds at which paths are counted, from the first paths of the run. These paths
/// are simulated again with the rest, so that no part waits for another. A few policies run at a
/// time, because the counts of all of them may not fit into memory.
fn pilot(plan: &RunPlan, spec: &ReduceSpec, work: &Work<'_>) -> Result<Thresholds, Error> {
    let range = PathRange {
        paths: plan.paths.min(PILOT_PATHS),
        paths_per_part: plan.paths_per_part.min(PILOT_PATHS),
        finished: Vec::new(),
    };
    let spec = spec.clone().without_pairs();
    let mut thresholds = Thresholds::default();
    for group in &plan.groups {
        let at_once = (PILOT_CELLS / group.simulation.horizons.len().max(1)).max(1);
        for instances in group.simulation.instances.chunks(at_once) {
            let simulation = group.simulation.with_instances(instances.to_vec());
            let groups = [Group { source: group.market.source128(), simulation: &simulation }];
            let in_order = Mutex::new(InOrder::default());
            map_parts(&groups, &range, work, &|_| (), |part| {
                let state = reduce(&part, &spec);
                in_order.lock().unwrap_or_else(PoisonError::into_inner).add(state);
            })?;
            let folded = in_order.into_inner().unwrap_or_else(PoisonError::into_inner).folded;
            let folded = folded.map_err(|error| Error::Analysis(AnalysisError::Fold(error)))?;
            thresholds.extend(&folded);
        }
    }
    Ok(thresholds)
}

/// Folds states in the order of their parts. Threads take parts in that order too, so few states
/// wait for one before them.
struct InOrder {
    folded: Result<Folded, FoldError>,
    next: u32,
    early: BTreeMap<u32, PartState>,
}

impl Default for InOrder {
    fn default() -> Self {
        Self { folded: Ok(Folded::default()), next: 0, early: BTreeMap::new() }
    }
}

impl InOrder {
    fn add(&mut self, state: PartState) {
        self.early.insert(state.part, state);
        while let Some(state) = self.early.remove(&self.next) {
            self.next += 1;
            if let Ok(folded) = &mut self.folded
                && let Err(error) = folded.add(&state)
            {
                self.folded = Err(error);
            }
        }
    }
}

/// Simulates parts and maps each to a value, in the order of the parts. Cancellation is checked
/// between chunks of steps; `progress` receives the number of paths just simulated.
pub(crate) fn map_parts<T: Send>(
    groups: &[Group<'_>],
    range: &PathRange,
    work: &Work<'_>,
    progress: &(dyn Fn(u64) + Sync),
    map: impl Fn(OutcomePart) -> T + Sync,
) -> Result<(Vec<T>, RunReport), Error> {
    let is_cancelled = || work.is_cancelled();
    let cancel = Cancel::new(&is_cancelled);
    let execution = Execution { level: work.level, cancel, progress };
    run::map_parts(groups, range, execution, |part| Ok::<T, StoreError>(map(part))).map_err(stopped)
}

/// Converts the error of a simulation that ended early.
fn stopped(error: RunError<StoreError>) -> Error {
    match error {
        RunError::Sink(error) => Error::Store(error),
        RunError::Cancelled => Error::Cancelled,
        RunError::TooManyAssets { assets } => Error::TooManyAssets { assets },
    }
}

/// Sums up each part and stores the part with its sums.
struct PartSink<'a> {
    folder: &'a RunFolder,
    headline: &'a Headline,
    meter: &'a Meter<'a>,
    spec: ReduceSpec,
}

impl OutcomeSink for PartSink<'_> {
    type Error = StoreError;

    fn accept(&self, part: OutcomePart) -> Result<(), StoreError> {
        // the headline metric alone is added up
        let mut headline = PartState::default();
        let pieces = reduce_by_metric(&part, &self.spec).inspect(|piece| {
            if self.headline.is_of(piece) {
                headline = piece.clone();
            }
        });
        self.folder.commit_part(&part, pieces)?;
        if let Some(known) = self.headline.add(headline) {
            self.meter.set_known(known);
        }
        Ok(())
    }
}
