//! Finds the HTML page of a finished run, or writes it elsewhere.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::commands::COMMANDS;
use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::Target;

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportInput {
    #[command(flatten)]
    target: Target,
    /// Write the page to this folder instead of naming the one in the run folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Output")]
    to: Option<PathBuf>,
}

/// Prints the path of the HTML page of a run; writes the page first if a folder is named.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished or cannot be read, or if the page cannot be
/// written.
pub fn report(input: &ReportInput, console: &Console) -> Result<(), Failure> {
    let run = input.target.open(settings(&input.target.place), console)?;
    let page = match &input.to {
        None => run.page_path()?,
        Some(to) => run.write_page(to, &COMMANDS)?,
    };
    console.result(&format!("{}\n", page.display()))
}
