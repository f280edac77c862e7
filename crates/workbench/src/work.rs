//! Carries the instruction set and the monitor through every phase of long work.

use corridor_core::level::Level;
use corridor_store::repair::Repair;

use crate::error::Error;
use crate::monitor::{Meter, Monitor, Phase};

/// Long work that is under way.
pub(crate) struct Work<'a> {
    /// Instruction set of the kernels; results do not depend on it.
    pub level: Level,
    /// Monitor that receives progress and may stop the work.
    pub monitor: &'a (dyn Monitor + Sync),
}

impl<'a> Work<'a> {
    pub fn new(level: Level, monitor: &'a (dyn Monitor + Sync)) -> Self {
        Self { level, monitor }
    }

    /// Starts a phase of `total` units, 0 for an unknown length; it ends when the meter is dropped.
    pub fn phase(&self, phase: Phase, total: u64) -> Meter<'a> {
        Meter::start(self.monitor, phase, total, 0)
    }

    /// Returns whether the work should stop. Callers ask between blocks of paths and between steps
    /// of an analysis.
    pub fn is_cancelled(&self) -> bool {
        self.monitor.cancelled()
    }

    /// Names the files of a run that are made again or were removed.
    pub fn warn_of(&self, repairs: &[Repair]) {
        for repair in repairs {
            self.monitor.warning(&repair.to_string());
        }
    }

    /// Returns an error if the monitor asks to stop.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the monitor asks to stop.
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Runs `work` in its own pool of `threads` threads. All of them have ended when the call returns.
///
/// # Errors
/// [`Error::Threads`] if the system refuses to start threads, and the errors of `work`.
pub(crate) fn in_pool<R: Send>(
    threads: usize,
    work: impl FnOnce() -> Result<R, Error> + Send,
) -> Result<R, Error> {
    let (mut work, mut result) = (Some(work), None);
    install(threads, &mut || result = work.take().map(|work| work()))?;
    result.unwrap_or(Err(Error::Cancelled))
}

/// Starts the threads, runs `task` on one of them and ends them. Not generic, so that rayon's
/// registry of threads is compiled once.
fn install(threads: usize, task: &mut (dyn FnMut() + Send)) -> Result<(), Error> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|index| format!("worker {index}"))
        .build_scoped(rayon::ThreadBuilder::run, |pool| pool.install(task))
        .map_err(|error| Error::Threads { cause: error.to_string() })
}
