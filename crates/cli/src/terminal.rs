//! Shows the events of the library on the terminal, and passes signals on as requests to stop.

use std::sync::{Mutex, PoisonError};

use corridor_workbench::{Monitor, Phase, Progress};

use crate::console::Console;
use crate::interrupt::Interrupt;
use crate::progress::ProgressLine;

/// A monitor that shows the events of long work on the terminal.
pub struct Terminal<'a> {
    console: &'a Console,
    interrupt: Option<&'a Interrupt>,
    /// Phase under way, and the display of its progress.
    line: Mutex<Option<(Phase, ProgressLine)>>,
}

impl<'a> Terminal<'a> {
    /// Makes a monitor. Without `interrupt` a signal ends the process as usual.
    #[must_use]
    pub fn new(console: &'a Console, interrupt: Option<&'a Interrupt>) -> Self {
        Self { console, interrupt, line: Mutex::default() }
    }
}

impl Monitor for Terminal<'_> {
    fn progress(&self, progress: &Progress<'_>) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
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
