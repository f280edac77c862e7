//! Writes the tables of a finished run as CSV.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use corridor_report::number::things;

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::Target;

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportInput {
    #[command(flatten)]
    target: Target,
    /// Write every table but `fact_path` as CSV; an apostrophe precedes text that a spreadsheet
    /// would run as a formula
    #[arg(long, required = true, help_heading = "Output")]
    csv: bool,
    /// Write to this folder [default: `csv` in the run folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Output")]
    to: Option<PathBuf>,
}

/// Writes the tables of a run as CSV and prints their number and folder.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished or cannot be read, or if a file cannot be written.
pub fn export(input: &ExportInput, console: &Console) -> Result<(), Failure> {
    let run = input.target.open(settings(&input.target.place), console)?;
    let to = match &input.to {
        Some(to) => to.clone(),
        None => run.csv_folder()?,
    };
    let written = run.export_csv(&to)?;
    console.result(&format!("{} in {}\n", things(written, "table"), to.display()))
}
