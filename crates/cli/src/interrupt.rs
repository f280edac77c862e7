//! Turns the first signal into a request to stop and ends the process on the second.
//!
//! A finished file is on disk under its final name before anything depends on it, so the process
//! may end at any moment.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

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
    /// Set once the stop is reported to the user, so that it is reported once.
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
            is_reported: Arc::default(),
            resume: Arc::from(resume),
        };
        for (signal, code) in STOPPING {
            // The order matters: a signal that finds the flag set is the second one.
            flag::register_conditional_shutdown(signal, i32::from(code), Arc::clone(&this.asked))?;
            flag::register_usize(signal, Arc::clone(&this.code), usize::from(code))?;
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
        match error {
            Error::Cancelled => self.failure(),
            other => Failure::from(other),
        }
    }

    /// Returns the failure for an error of a search; a cancelled search keeps nothing.
    #[must_use]
    pub fn search_failure_of(&self, error: Error) -> Failure {
        match error {
            Error::Cancelled => {
                self.is_reported.store(true, Ordering::Relaxed);
                Failure::SearchStopped { code: self.code() }
            }
            other => Failure::from(other),
        }
    }

    /// Returns the exit code of the signal that arrived; 130 if none did.
    fn code(&self) -> u8 {
        let code = u8::try_from(self.code.load(Ordering::Relaxed)).ok();
        code.filter(|code| *code > 0).unwrap_or(130)
    }

    /// Returns the failure of a command that a signal stopped. The caller prints it.
    fn failure(&self) -> Failure {
        self.is_reported.store(true, Ordering::Relaxed);
        let code = self.code.load(Ordering::Relaxed);
        Failure::Interrupted {
            code: u8::try_from(code).unwrap_or(u8::MAX),
            resume: self.resume.to_string(),
        }
    }

    /// Ends the process if the work does not stop by itself. This is a last resort: every phase of
    /// the library looks at the request often enough.
    fn watch(&self) {
        while !self.asked.load(Ordering::Relaxed) {
            thread::sleep(WATCH);
        }
        thread::sleep(GRACE);
        let is_reported = self.is_reported.load(Ordering::Relaxed);
        let failure = self.failure();
        if !is_reported {
            Console::new(false).complain(&failure.render(false));
        }
        std::process::exit(i32::from(failure.exit_code()));
    }
}
