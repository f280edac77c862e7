//! Turns the first signal into a request to stop, and the second into an end at once.
//!
//! Everything finished is on disk under its final name before anything depends on it, so ending at
//! any moment is safe.

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

/// How often the watch looks.
const WATCH: Duration = Duration::from_millis(50);
/// How long a command may take to stop by itself.
const GRACE: Duration = Duration::from_millis(1500);

/// Whether somebody asked to stop.
#[derive(Clone, Debug)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Exit code of the signal that asked; 0 = none did.
    code: Arc<AtomicUsize>,
    /// Set once the user was told, so that nobody is told twice.
    told: Arc<AtomicBool>,
    /// The command that takes up the work again.
    resume: Arc<str>,
}

impl Interrupt {
    /// Begins to listen. `resume` is the command that takes up the work again.
    ///
    /// # Errors
    /// The system's, where signals cannot be caught.
    pub fn listen(resume: &str) -> io::Result<Self> {
        let this = Self {
            asked: Arc::default(),
            code: Arc::default(),
            told: Arc::default(),
            resume: Arc::from(resume),
        };
        for (signal, code) in STOPPING {
            // In this order: a signal that finds the flag set is the second one.
            flag::register_conditional_shutdown(signal, i32::from(code), Arc::clone(&this.asked))?;
            flag::register_usize(signal, Arc::clone(&this.code), usize::from(code))?;
            flag::register(signal, Arc::clone(&this.asked))?;
        }
        #[cfg(unix)]
        // a file too large becomes an error
        let _ = flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        let watched = this.clone();
        thread::spawn(move || watched.watch());
        Ok(this)
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The failure of work that ended with an error: after a signal, that it was stopped.
    #[must_use]
    pub fn failure_of(&self, error: Error) -> Failure {
        match error {
            Error::Cancelled => self.failure(),
            other => Failure::from(other),
        }
    }

    /// The failure of a search that ended with an error: after a signal, that nothing is kept.
    #[must_use]
    pub fn search_failure_of(&self, error: Error) -> Failure {
        match error {
            Error::Cancelled => {
                self.told.store(true, Ordering::Relaxed);
                Failure::SearchStopped { code: self.code() }
            }
            other => Failure::from(other),
        }
    }

    /// Exit code of the signal that asked; that of an interrupt where none did.
    fn code(&self) -> u8 {
        let code = u8::try_from(self.code.load(Ordering::Relaxed)).ok();
        code.filter(|code| *code > 0).unwrap_or(130)
    }

    /// The end of a command after a signal. The caller prints it.
    fn failure(&self) -> Failure {
        self.told.store(true, Ordering::Relaxed);
        let code = self.code.load(Ordering::Relaxed);
        Failure::Interrupted {
            code: u8::try_from(code).unwrap_or(u8::MAX),
            resume: self.resume.to_string(),
        }
    }

    /// Ends the process where the work does not stop by itself: the last resort, which no phase of
    /// the library needs.
    fn watch(&self) {
        while !self.asked.load(Ordering::Relaxed) {
            thread::sleep(WATCH);
        }
        thread::sleep(GRACE);
        let told = self.told.load(Ordering::Relaxed);
        let failure = self.failure();
        if !told {
            Console::new(false).complain(&failure.render(false));
        }
        std::process::exit(i32::from(failure.exit_code()));
    }
}
