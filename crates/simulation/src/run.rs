//! Runs simulations on many threads: parts of the path range in parallel, each handed over once it
//! is finished.
//!
//! Work runs on the threads of the current rayon pool: the one whose `install` the caller is in, or
//! the global pool outside of any. A caller that brings its own pool never starts the global one.
//! Results depend neither on the pool nor on the parts.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::lanes::{ASSETS_MAX, LANES};
use corridor_core::level::Level;
use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, OutcomeSink};
use corridor_core::path::PathSource;
use cpu_time::ThreadTime;
use thiserror::Error;

use crate::blocks::{BlockEngine, shipped};
use crate::kernel::OutcomeRows;
use crate::plan::Simulation;

pub use crate::blocks::{Blocks, ShippedBlocks};
pub use crate::kernel::trace::StepRows;

/// One market and the simulation that runs on its paths.
pub struct Group<'a> {
    /// Market that generates the paths.
    pub source: &'a dyn PathSource<LANES>,
    /// Policies, accounts and signals that share the paths.
    pub simulation: &'a Simulation,
}

/// Paths of a run, and their division into parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRange {
    /// Number of paths, from path 0 on.
    pub paths: u64,
    /// Number of paths of each part but the last, a multiple of [`LANES`].
    pub paths_per_part: u64,
    /// Indices of the parts that an earlier run finished, sorted; they are left out.
    pub finished: Vec<u32>,
}

impl PathRange {
    /// Returns the number of parts, finished ones included.
    #[must_use]
    pub fn parts(&self) -> u32 {
        u32::try_from(self.paths.div_ceil(self.paths_per_part.max(1))).unwrap_or(u32::MAX)
    }

    /// Returns the first path and the number of paths of a part.
    #[must_use]
    pub fn part(&self, index: u32) -> (u64, usize) {
        let first = u64::from(index) * self.paths_per_part;
        (first, self.paths_per_part.min(self.paths - first) as usize)
    }
}

/// Use of the machine, which never changes a result.
#[derive(Clone, Copy)]
pub struct Execution<'a> {
    /// Instruction set of the kernel.
    pub level: Level,
    /// Request that stops the run with [`RunError::Cancelled`]. Every thread asks it before each
    /// policy of each chunk of steps, which is every few microseconds.
    pub cancel: Cancel<'a>,
    /// Called from any thread with the number of paths that it has just simulated.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Effort of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunReport {
    /// CPU seconds of generating and simulating finished parts, over all threads, without the sink.
    pub simulate_cpu_seconds: f64,
    /// Number of paths of the parts that this run finished, counted once for all markets.
    pub paths: u64,
}

/// Reason for a run to end early. Parts that the sink has accepted stay valid.
#[derive(Debug, Error)]
pub enum RunError<E> {
    /// The sink refused a part.
    #[error("a finished part could not be kept")]
    Sink(E),
    /// The cancellation flag was set.
    #[error("stopped on request")]
    Cancelled,
    /// A simulation has more assets than kernels are compiled for.
    #[error("{assets} assets; at most {ASSETS_MAX} are possible")]
    TooManyAssets {
        /// Number of assets of the largest market.
        assets: usize,
    },
}

/// Simulates every part that is not finished and hands it to `sink`, on the threads of the current
/// rayon pool.
///
/// # Errors
/// [`RunError::Sink`] with the first error of the sink, [`RunError::Cancelled`] if the flag of
/// `execution` was set before the last part was finished, [`RunError::TooManyAssets`].
pub fn run<S: OutcomeSink>(
    groups: &[Group<'_>],
    range: &PathRange,
    execution: Execution<'_>,
    sink: &S,
) -> Result<RunReport, RunError<S::Error>> {
    let engines: Vec<Box<dyn BlockEngine<'_>>> = groups
        .iter()
        .map(|group| shipped(execution.level, group.simulation, group.source))
        .collect::<Option<_>>()
        .ok_or_else(|| RunError::TooManyAssets {
            assets: groups.iter().map(|g| g.simulation.assets).max().unwrap_or(0),
        })?;
    let next = AtomicU32::new(0);
    let failure: Mutex<Option<RunError<S::Error>>> = Mutex::new(None);
    let stop = AtomicBool::new(false);
    let report = Mutex::new(RunReport::default());
    rayon::broadcast(|_| {
        let mut worker = Worker {
            buffers: engines.iter().map(|engine| engine.buffers()).collect(),
            groups,
            engines: &engines,
            range,
            execution,
        };
        while !stop.load(Ordering::Relaxed) {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= range.parts() {
                break;
            }
            if range.finished.binary_search(&part).is_ok() {
                continue;
            }
            let outcome = worker
                .part(part, &report)
                .map_err(|Cancelled| RunError::Cancelled)
                .and_then(|part| sink.accept(part).map_err(RunError::Sink));
            if let Err(error) = outcome {
                stop.store(true, Ordering::Relaxed);
                lock(&failure).get_or_insert(error);
            }
        }
    });
    let failed = lock(&failure).take();
    let report = *lock(&report);
    failed.map_or(Ok(report), Err)
}

/// Simulates every part that is not finished and maps each to a value; returns the values in the
/// order of their parts, whatever the number of threads.
///
/// `map` is called once for each part, from any thread of the current rayon pool, as soon as the
/// part is simulated; the part is dropped when `map` returns. Sums over the returned values in
/// their order are therefore the same on every machine.
///
/// # Errors
/// [`RunError::Sink`] with the first error that `map` returned, [`RunError::Cancelled`] if the
/// flag of `execution` was set before the last part was finished, [`RunError::TooManyAssets`]. No
/// value is returned then.
pub fn map_parts<T: Send, E: Send>(
    groups: &[Group<'_>],
    range: &PathRange,
    execution: Execution<'_>,
    map: impl Fn(OutcomePart) -> Result<T, E> + Sync,
) -> Result<(Vec<T>, RunReport), RunError<E>> {
    let sink = MapSink { map, values: Mutex::default() };
    let report = run(groups, range, execution, &sink)?;
    let values = sink.values.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((values.into_values().collect(), report))
}

/// Maps parts to values and keeps the values by part.
struct MapSink<T, F> {
    map: F,
    values: Mutex<BTreeMap<u32, T>>,
}

impl<T: Send, E: Send, F: Fn(OutcomePart) -> Result<T, E> + Sync> OutcomeSink for MapSink<T, F> {
    type Error = E;

    fn accept(&self, part: OutcomePart) -> Result<(), E> {
        let index = part.index;
        let value = (self.map)(part)?;
        lock(&self.values).insert(index, value);
        Ok(())
    }
}

/// Locks a mutex. One whose holder panicked still guards plain numbers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread of a run.
struct Worker<'a, 'e> {
    groups: &'a [Group<'e>],
    engines: &'a [Box<dyn BlockEngine<'e> + 'e>],
    /// Buffers of each engine, for this thread.
    buffers: Vec<Box<dyn Any>>,
    range: &'a PathRange,
    execution: Execution<'a>,
}

impl Worker<'_, '_> {
    /// Simulates one part.
    fn part(&mut self, index: u32, report: &Mutex<RunReport>) -> Result<OutcomePart, Cancelled> {
        let started = ThreadTime::now();
        let (first_path, paths) = self.range.part(index);
        let mut cells = Vec::new();
        let engines = self.engines.iter().zip(&mut self.buffers);
        for (group, (engine, buffers)) in self.groups.iter().zip(engines) {
            let begin = cells.len();
            cells.extend(empty_cells(group.simulation, paths));
            for offset in (0..paths).step_by(LANES) {
                let kept = LANES.min(paths - offset);
                let mut keep = |cell: usize, rows: &OutcomeRows<LANES>| {
                    for (column, row) in cells[begin + cell].columns.iter_mut().zip(rows) {
                        column.extend_from_slice(&row[..kept]);
                    }
                };
                let first = first_path + offset as u64;
                engine.block(first, self.execution.cancel, buffers.as_mut(), &mut keep)?;
                (self.execution.progress)(kept as u64);
            }
        }
        cells.sort_by_key(|cell| cell.id);
        let mut total = lock(report);
        total.simulate_cpu_seconds += started.elapsed().as_secs_f64();
        total.paths += paths as u64;
        Ok(OutcomePart { index, first_path, paths, cells })
    }
}

/// Makes an empty cell for each (instance, horizon), by the index under which the engine emits it.
fn empty_cells(simulation: &Simulation, paths: usize) -> impl Iterator<Item = OutcomeCell> {
    simulation.instances.iter().flat_map(move |instance| {
        simulation.horizons.iter().map(move |&t| {
            let horizon_months = (simulation.grid.months(t) + 0.5) as u32;
            let id = CellId {
                scenario_id: instance.scenario_id,
                policy_id: instance.policy_id,
                horizon_months,
            };
            OutcomeCell::with_capacity(id, paths)
        })
    })
}
