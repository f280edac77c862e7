//! Writes results to standard output and everything else to standard error, also when a reader of
//! either has gone. This is the one place through which texts reach a terminal.

use std::io::{self, ErrorKind, IsTerminal, Write};

use corridor_report::text::layout::Layout;
use corridor_report::text::view::View;

use crate::commands::COMMANDS;
use crate::failure::Failure;
use crate::harmless::{Escape, Styles, harmless};

/// Standard output and standard error of the program.
#[derive(Debug)]
pub struct Console {
    quiet: bool,
    color: bool,
    terminal: bool,
    layout: Layout,
}

impl Console {
    /// Opens the streams of this process. `quiet` silences notes, but not results, warnings or
    /// errors.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let terminal = io::stderr().is_terminal();
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let capable = std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let colors = wanted && capable;
        Self {
            quiet,
            color: terminal && colors,
            terminal: terminal && capable,
            layout: layout_of_results(colors),
        }
    }

    /// Returns the width and the colors of standard output.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Returns how comparisons are shown on standard output.
    #[must_use]
    pub fn view(&self) -> View<'static> {
        View { layout: self.layout, commands: &COMMANDS, markdown: false, folder: None }
    }

    /// Returns whether standard error may carry colors.
    #[must_use]
    pub fn color(&self) -> bool {
        self.color
    }

    /// Returns whether standard error is a terminal on which a line can be redrawn.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Returns whether notes are silenced.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes a result to standard output and ends it with a newline.
    ///
    /// A reader that closes the pipe early, such as `head`, is not an error.
    ///
    /// # Errors
    /// [`Failure::Stdout`] if the text cannot be written, for example to a full device.
    pub fn result(&self, text: &str) -> Result<(), Failure> {
        let styles = if io::stdout().is_terminal() { Styles::Kept } else { Styles::Escaped };
        self.output(&harmless(text, Escape::Braces, styles))
    }

    /// Writes a text that is harmless already to standard output.
    fn output(&self, text: &str) -> Result<(), Failure> {
        match write_line(&mut io::stdout().lock(), text) {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(Failure::Stdout),
        }
    }

    /// Writes one JSON document to standard output.
    ///
    /// # Errors
    /// [`Failure::Stdout`] if the document cannot be written.
    pub fn json(&self, document: &serde_json::Value) -> Result<(), Failure> {
        self.output(&harmless(&format!("{document:#}"), Escape::Json, Styles::Escaped))
    }

    /// Writes a note on the progress of the work to standard error, unless notes are silenced.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Writes a warning or an error to standard error. A failure to write it is ignored, because
    /// no stream is left to report it on.
    pub fn complain(&self, text: &str) {
        let styles = if self.color { Styles::Kept } else { Styles::Escaped };
        let text = harmless(text, Escape::Braces, styles);
        drop(write_line(&mut io::stderr().lock(), &text));
    }
}

/// Returns the layout of standard output: the width of the terminal, else that of a file.
fn layout_of_results(colors: bool) -> Layout {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return Layout::default();
    }
    match terminal_size::terminal_size_of(&stdout) {
        Some((width, _)) if width.0 > 0 => Layout::terminal(usize::from(width.0), colors),
        // some terminals do not tell their width, or tell 0
        Some(_) | None => Layout { color: colors, ..Layout::default() },
    }
}

fn write_line(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        stream.write_all(b"\n")?;
    }
    stream.flush()
}
