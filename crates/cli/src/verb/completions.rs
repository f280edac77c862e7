//! Prints completion scripts.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::arguments::definition;
use crate::console::Console;
use crate::failure::Failure;

/// Which shell.
#[derive(Debug, Args)]
pub struct CompletionsInput {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// [`Failure::Stdout`].
pub fn completions(input: &CompletionsInput, console: &Console) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(input.shell, &mut definition(), "corridor", &mut script);
    console.result(&String::from_utf8_lossy(&script))
}
