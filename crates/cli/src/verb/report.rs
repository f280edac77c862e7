//! Writes the page of a finished run.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use corridor_report::render;
use corridor_store::run_reader::RunReader;
use corridor_store::single::write_text;
use corridor_store::statistics::TextName;
use corridor_workbench::run_tables::run_tables;

use crate::commands::COMMANDS;
use crate::comparison::Comparison;
use crate::console::Console;
use crate::failure::Failure;
use crate::place::disk;
use crate::reading::reading;
use crate::verb::show::Target;

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
/// [`Failure::Store`] where there is no finished run, it cannot be read, or nothing can be written.
pub fn report(input: &ReportInput, console: &Console) -> Result<(), Failure> {
    let (folder, _) = input.target.find(false)?;
    let run = RunReader::open(disk(), &folder)?;
    let name = TextName::Report.file();
    let Some(to) = &input.to else {
        run.text(TextName::Report)?;
        return console.result(&format!("{}\n", folder.join(name).display()));
    };
    let tables = run_tables(&run)?;
    let answer = reading(&Comparison::of(tables.clone(), None, None)?);
    write_text(
        &disk(),
        to,
        name,
        &render(&tables, &answer, &run.manifest().result.facts.warnings, &COMMANDS)?,
    )?;
    console.result(&format!("{}\n", to.join(name).display()))
}
