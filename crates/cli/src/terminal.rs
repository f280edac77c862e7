//! Shows the events of the library on the terminal, and passes the signals of the system on to it
//! as requests to stop.

use std::sync::{Mutex, PoisonError, TryLockError};

use corridor_workbench::{Monitor, Phase, Progress};

use crate::console::Console;
use crate::interrupt::Interrupt;
use crate::progress::ProgressLine;

/// Shows progress, notes and warnings of long work on the terminal.
pub struct Terminal<'a> {
    console: &'a Console,
    interrupt: Option<&'a Interrupt>,
    /// Phase under way, with its progress.
    line: Mutex<Option<(Phase, ProgressLine)>>,
}

impl<'a> Terminal<'a> {
    /// Makes the monitor of a console; without `interrupt` no signal of the system is handled.
    #[must_use]
    pub fn new(console: &'a Console, interrupt: Option<&'a Interrupt>) -> Self {
        Self { console, interrupt, line: Mutex::default() }
    }
}

impl Monitor for Terminal<'_> {
    fn progress(&self, progress: &Progress<'_>) {
        // A worker does not wait for a slow terminal: only the end of a phase must be shown.
        let mut line = match self.line.try_lock() {
            Ok(line) => line,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) if !progress.ended => return,
            Err(TryLockError::WouldBlock) => {
                self.line.lock().unwrap_or_else(PoisonError::into_inner)
            }
        };
        if line.as_ref().is_none_or(|(phase, _)| *phase != progress.phase) {
            *line = Some((progress.phase, ProgressLine::start(self.console, progress)));
        }
        if let Some((_, line)) = line.as_mut() {
            line.show(self.console, progress);
        }
        if progress.ended {
            *line = None;
        }
    }

    fn note(&self, note: &str) {
        self.console.note(note);
    }

    fn warning(&self, warning: &str) {
        self.console.complain(&format!("warning: {warning}\n"));
    }

    fn cancelled(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_asked)
    }
}
