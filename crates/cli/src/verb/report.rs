//! Writes the page of a finished run.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::commands::COMMANDS;
use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::Target;

/// Which run, and where to.
#[derive(Debug, Args)]
pub struct ReportInput {
    #[command(flatten)]
    target: Target,
    /// Write the page to this folder instead of naming the one in the run folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Output")]
    to: Option<PathBuf>,
}

/// Says where the page of a run is, or writes it elsewhere.
///
/// # Errors
/// [`Failure::Work`] where there is no finished run, it cannot be read, or nothing can be written.
pub fn report(input: &ReportInput, console: &Console) -> Result<(), Failure> {
    let run = input.target.open(settings(&input.target.place))?;
    let page = match &input.to {
        None => run.page_path()?,
        Some(to) => run.write_page(to, &COMMANDS)?,
    };
    console.result(&format!("{}\n", page.display()))
}
