//! Prints the script with which a shell completes commands and options.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::arguments::definition;
use crate::console::Console;
use crate::failure::Failure;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsInput {
    /// Complete commands and options in this shell
    shell: Shell,
}

/// Prints the completion script of a shell.
///
/// # Errors
/// [`Failure::Stdout`] if the script cannot be written.
pub fn completions(input: &CompletionsInput, console: &Console) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(input.shell, &mut definition(), "corridor", &mut script);
    console.result(&String::from_utf8_lossy(&script))
}
