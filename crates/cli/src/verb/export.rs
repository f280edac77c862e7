//! Writes the tables of a finished run in other formats.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use corridor_report::number::things;
use corridor_store::run_reader::RunReader;
use corridor_store::single::write_text;

use crate::console::Console;
use crate::csv_text::csv_text;
use crate::failure::Failure;
use crate::place::disk;
use crate::verb::show::Target;

/// Which run, and where to.
#[derive(Debug, Args)]
pub struct ExportInput {
    #[command(flatten)]
    target: Target,
    /// Write every table but `fact_path` as CSV; text that a spreadsheet would run as a formula is
    /// led by an apostrophe
    #[arg(long, required = true, help_heading = "Output")]
    csv: bool,
    /// The folder to write to [default: `csv` in the run folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Output")]
    to: Option<PathBuf>,
}

/// Exports a run.
///
/// # Errors
/// [`Failure::Store`] where there is no finished run, it cannot be read, or nothing can be written.
pub fn export(input: &ExportInput, console: &Console) -> Result<(), Failure> {
    let (folder, _) = input.target.find(false)?;
    let run = RunReader::open(disk(), &folder)?;
    let to = input.to.clone().unwrap_or_else(|| folder.join("csv"));
    let mut written = 0;
    for name in run.table_names() {
        let text = csv_text(&run.manifest().result.facts.simulation_id, &run.any_table(name)?)
            .map_err(|error| Failure::System { what: "write CSV", cause: error.to_string() })?;
        write_text(&disk(), &to, &format!("{name}.csv"), &text)?;
        written += 1;
    }
    console.result(&format!("{} in {}\n", things(written, "table"), to.display()))
}
