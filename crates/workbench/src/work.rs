//! Carries what every phase of long work needs: the instruction set, and whom to report to.

use corridor_core::level::Level;

use crate::error::Error;
use crate::monitor::Monitor;

/// Long work under way.
pub(crate) struct Work<'a> {
    /// Instruction set of the kernels; results do not depend on it.
    pub level: Level,
    /// Whom to report to, and who may stop the work.
    pub monitor: &'a (dyn Monitor + Sync),
}

impl<'a> Work<'a> {
    pub fn new(level: Level, monitor: &'a (dyn Monitor + Sync)) -> Self {
        Self { level, monitor }
    }

    /// Whether the work should stop. Asked between blocks of paths and steps of an analysis.
    pub fn is_cancelled(&self) -> bool {
        self.monitor.cancelled()
    }

    /// Goes on only if the monitor does not ask to stop.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<(), Error> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
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
