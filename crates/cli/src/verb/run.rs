//! Runs a study and shows the comparison.

use std::time::Instant;

use clap::Args;
use corridor_report::{answer, text};
use corridor_workbench::Settings;

use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::place::{PlaceInput, warn_of_unlisted};
use crate::resume;
use crate::run_document::run_document;
use crate::study_input::StudyInput;
use crate::terminal::Terminal;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunInput {
    #[command(flatten)]
    study: StudyInput,
    /// Continue an interrupted run from its finished parts, or restore the damaged files of a
    /// finished run
    #[arg(long, help_heading = "Output")]
    resume: bool,
    /// Print one JSON document instead of the table
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    place: PlaceInput,
    #[command(flatten)]
    machine: MachineInput,
}

/// Runs a study and shows the comparison. Finished work is not repeated.
///
/// # Errors
/// [`Failure::Work`], [`Failure::Interrupted`]; finished parts are kept in any case.
pub fn run(input: &RunInput, console: &Console) -> Result<(), Failure> {
    let started = Instant::now();
    let settings = Settings { resume: input.resume, ..input.machine.settings(&input.place)? };
    let resume = resume::command_line(Some("--resume"));
    let interrupt = Interrupt::listen(&resume).map_err(resume::no_signals)?;
    let session = input.study.load_counted(settings, console)?;
    let terminal = Terminal::new(console, Some(&interrupt));
    let run = session.run(&terminal).map_err(|error| interrupt.failure_of(error))?;
    warn_of_unlisted(&run.stored, console);
    let comparison = run.stored.comparison(None, None)?;
    if input.json {
        return console.json(&run_document(&run, session.settings(), started, &comparison));
    }
    let reading = answer(&comparison);
    let shown = text::run::render(run.stored.folder(), &comparison, &reading, &console.view());
    console.result(&shown)
}
