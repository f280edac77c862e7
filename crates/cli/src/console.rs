//! Writes results to standard output and everything else to standard error, whatever has become of
//! either.

use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::failure::Failure;

/// The two streams of the command.
#[derive(Debug)]
pub struct Console {
    quiet: bool,
    color: bool,
    terminal: bool,
}

impl Console {
    /// The streams of this process; `quiet` silences notes, never results, warnings and errors.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let capable = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { quiet, color: terminal && wanted && capable, terminal: terminal && capable }
    }

    /// Whether standard error may carry colors.
    #[must_use]
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether standard error is a terminal on which a line can be redrawn.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether notes are silenced.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a result to standard output, with the newline it may lack.
    ///
    /// A reader that has seen enough (`| head`) is no error.
    ///
    /// # Errors
    /// [`Failure::Stdout`] where the text could not be written, a full device for one.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        match write_line(&mut io::stdout().lock(), text) {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(Failure::Stdout),
        }
    }

    /// Writes one JSON document to standard output.
    ///
    /// # Errors
    /// As [`Console::result`].
    pub fn json(&self, document: &serde_json::Value) -> Result<(), Failure> {
        self.result(&format!("{document:#}"))
    }

    /// Tells the user what is going on, unless silenced.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Writes a warning or an error. Where standard error is gone there is nobody left to tell.
    pub fn complain(&self, text: &str) {
        drop(write_line(&mut io::stderr().lock(), text));
    }
}

fn write_line(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stream.write_all(b"\n")?;
    }
    stream.flush()
}
