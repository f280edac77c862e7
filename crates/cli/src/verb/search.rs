//! Searches the policies of a study for the best one.

use clap::Args;
use corridor_report::text;

use crate::commands::COMMANDS;
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::place::PlaceInput;
use crate::resume;
use crate::study_input::StudyInput;
use crate::terminal::Terminal;

/// Arguments of `search`.
#[derive(Debug, Args)]
pub struct SearchInput {
    #[command(flatten)]
    study: StudyInput,
    /// Print one JSON document instead of the table
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    place: PlaceInput,
    #[command(flatten)]
    machine: MachineInput,
}

/// Searches the policies of a study and prints the best one with its score on fresh paths.
///
/// # Errors
/// [`Failure::Work`], [`Failure::SearchStopped`].
pub fn search(input: &SearchInput, console: &Console) -> Result<(), Failure> {
    let settings = input.machine.settings(&input.place)?;
    let interrupt = Interrupt::listen("corridor search").map_err(resume::no_signals)?;
    let session = input.study.load(settings, console)?;
    let terminal = Terminal::new(console, Some(&interrupt));
    let found = session.search(&terminal).map_err(|error| interrupt.search_failure_of(error))?;
    let winner_study = found.winner_study();
    let view = found.view(session.plan(), &winner_study);
    if input.json {
        console.json(&text::search::document(&view))
    } else {
        console.result(&text::search::render(&view, &COMMANDS, &console.layout()))
    }
}
