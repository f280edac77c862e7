//! Turns the first signal into a request to stop and ends the process on the second, both with a
//! message.
//!
//! A finished file is on disk under its final name before anything depends on it, so the process
//! may end at any moment.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use corridor_workbench::Error;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::console::Console;
use crate::failure::Failure;

/// Signals that stop a run, with the exit code of each.
const STOPPING: [(i32, u8); 2] = [(SIGINT, 130), (SIGTERM, 143)];

/// Time between two looks at the flag.
const WATCH: Duration = Duration::from_millis(50);
/// Time that a command has to stop by itself before the process is ended.
const GRACE: Duration = Duration::from_millis(1500);

/// A request to stop that a signal makes.
#[derive(Clone, Debug)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Exit code of the signal that arrived; 0 if none did.
    code: Arc<AtomicUsize>,
    /// Set by every signal; cleared once the first is noticed.
    asked_again: Arc<AtomicBool>,
    /// Set by the thread that reports the stop to the user, so that it is reported once.
    is_reported: Arc<AtomicBool>,
    /// The command that continues the work.
    resume: Arc<str>,
}

impl Interrupt {
    /// Begins to listen to signals. `resume` is the command that continues the work.
    ///
    /// # Errors
    /// The system's error if signals cannot be caught.
    pub fn listen(resume: &str) -> io::Result<Self> {
        let this = Self {
            asked: Arc::default(),
            code: Arc::default(),
            asked_again: Arc::default(),
            is_reported: Arc::default(),
            resume: Arc::from(resume),
        };
        for (signal, code) in STOPPING {
            // The order matters: whoever sees a flag set finds the code.
            flag::register_usize(signal, Arc::clone(&this.code), usize::from(code))?;
            flag::register(signal, Arc::clone(&this.asked_again))?;
            flag::register(signal, Arc::clone(&this.asked))?;
        }
        #[cfg(unix)]
        // a file over the size limit then fails to write instead of ending the process
        let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        let watched = this.clone();
        thread::spawn(move || watched.watch());
        Ok(this)
    }

    /// Returns whether a signal has asked to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Returns the failure for an error of the library; a cancelled run was stopped by a signal.
    #[must_use]
    pub fn failure_of(&self, error: Error) -> Failure {
        self.failure_after(error, || self.failure())
    }

    /// Returns the failure for an error of a search; a cancelled search keeps nothing.
    #[must_use]
    pub fn search_failure_of(&self, error: Error) -> Failure {
        self.failure_after(error, || Failure::SearchStopped { code: self.code() })
    }

    fn failure_after(&self, error: Error, stopped: impl Fn() -> Failure) -> Failure {
        match error {
            Error::Cancelled if self.may_report() => stopped(),
            Error::Cancelled => loop {
                thread::sleep(GRACE); // the other thread reports the stop and ends the process
            },
            other => Failure::from(other),
        }
    }

    /// Returns whether the caller is the one that reports the stop; true for one caller only.
    fn may_report(&self) -> bool {
        !self.is_reported.swap(true, Ordering::Relaxed)
    }

    /// Returns the exit code of the signal that arrived; 130 if none did.
    fn code(&self) -> u8 {
        let code = u8::try_from(self.code.load(Ordering::Relaxed)).ok();
        code.filter(|code| *code > 0).unwrap_or(130)
    }

    /// Returns the failure of a command that a signal stopped.
    fn failure(&self) -> Failure {
        Failure::Interrupted { code: self.code(), resume: self.resume.to_string() }
    }

    /// Ends the process on a second signal, or if the work does not stop by itself. The latter is a
    /// last resort: every phase of the library looks at the request often enough.
    fn watch(&self) {
        while !self.is_asked() {
            thread::sleep(WATCH);
        }
        self.asked_again.store(false, Ordering::Relaxed);
        self.wait();
        let failure = self.failure();
        if self.may_report() {
            Console::new(false).complain(&failure.render(false));
        } else {
            thread::sleep(GRACE); // the other thread reports the stop and ends the process
        }
        std::process::exit(i32::from(failure.exit_code()));
    }

    /// Waits for a second signal, but not longer than the work may take to stop.
    fn wait(&self) {
        let since = Instant::now();
        while since.elapsed() < GRACE && !self.asked_again.load(Ordering::Relaxed) {
            thread::sleep(WATCH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_reported_by_one_thread_whichever_comes_first() {
        let interrupt = Interrupt {
            asked: Arc::default(),
            code: Arc::new(AtomicUsize::new(143)),
            asked_again: Arc::default(),
            is_reported: Arc::default(),
            resume: Arc::from("corridor run"),
        };
        let reporting = thread::scope(|scope| {
            let ask = || scope.spawn(|| interrupt.may_report());
            [ask(), ask(), ask()].map(|thread| thread.join().unwrap_or(false))
        });
        assert_eq!(reporting.iter().filter(|&&one| one).count(), 1);
        assert_eq!(interrupt.failure().exit_code(), 143);
    }
}
