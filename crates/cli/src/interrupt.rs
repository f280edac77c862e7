//! Turns the first signal into a request to stop, and the second into an end at once.
//!
//! Everything finished is on disk under its final name before anything depends on it, so ending at
//! any moment is safe.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

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

    /// The flag that stops the simulation between blocks.
    #[must_use]
    pub fn flag(&self) -> &AtomicBool {
        &self.asked
    }

    /// Exit code of the signal that asked; that of an interrupt where none did.
    #[must_use]
    pub fn code(&self) -> u8 {
        u8::try_from(self.code.load(Ordering::Relaxed)).ok().filter(|code| *code > 0).unwrap_or(130)
    }

    /// Stops here if somebody asked to.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] after a signal.
    pub fn check(&self) -> Result<(), Failure> {
        if self.asked.load(Ordering::Relaxed) { Err(self.failure()) } else { Ok(()) }
    }

    /// What a signal ends the command with. The caller tells the user.
    #[must_use]
    pub fn failure(&self) -> Failure {
        self.told.store(true, Ordering::Relaxed);
        let code = self.code.load(Ordering::Relaxed);
        Failure::Interrupted {
            code: u8::try_from(code).unwrap_or(u8::MAX),
            resume: self.resume.to_string(),
        }
    }

    /// Ends the process where the work does not stop by itself: an analysis or a long write, say.
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
