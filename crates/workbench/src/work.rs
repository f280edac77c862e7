//! Carries what every phase of long work needs: the instruction set, and whom to report to.

use std::sync::atomic::{AtomicBool, Ordering};

use corridor_core::level::Level;

use crate::error::Error;
use crate::monitor::Monitor;

/// Long work under way.
pub(crate) struct Work<'a> {
    /// Instruction set of the kernels; results do not depend on it.
    pub level: Level,
    /// Whom to report to, and who may stop the work.
    pub monitor: &'a (dyn Monitor + Sync),
    /// Set once the monitor asked to stop.
    stop: AtomicBool,
}

impl<'a> Work<'a> {
    pub fn new(level: Level, monitor: &'a (dyn Monitor + Sync)) -> Self {
        Self { level, monitor, stop: AtomicBool::new(false) }
    }

    /// Whether the work should stop. Asked between blocks of paths and steps of an analysis.
    pub fn is_cancelled(&self) -> bool {
        let asked = self.stop.load(Ordering::Relaxed) || self.monitor.cancelled();
        if asked {
            self.stop.store(true, Ordering::Relaxed);
        }
        asked
    }

    /// Goes on only if the monitor does not ask to stop.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The flag that stops simulation between blocks; [`Work::is_cancelled`] sets it.
    pub fn flag(&self) -> &AtomicBool {
        &self.stop
    }
}

/// Runs `work` in a pool of `threads` threads of its own, all of which have ended when it returns.
///
/// # Errors
/// [`Error::Threads`] if the system refuses them.
pub(crate) fn in_pool<R: Send>(
    threads: usize,
    work: impl FnOnce() -> Result<R, Error> + Send,
) -> Result<R, Error> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .thread_name(|index| format!("worker {index}"))
        .build_scoped(rayon::ThreadBuilder::run, |pool| pool.install(work))
        .map_err(|error| Error::Threads { cause: error.to_string() })?
}
