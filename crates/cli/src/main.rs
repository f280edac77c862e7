//! Runs corridor from a command line.
//!
//! [`arguments`] reads the command line and hands it to one module of [`verb`]; each asks the
//! library (`corridor_workbench`) and shows the result. Only [`console`] prints. Whatever goes
//! wrong is a [`failure::Failure`] with its exit code. [`terminal`] shows progress, and passes the
//! signals of the system on to the library as requests to stop.

mod arguments;
mod commands;
mod console;
mod failure;
mod harmless;
mod hint;
mod interrupt;
mod machine;
mod margin;
mod place;
mod progress;
mod resume;
mod run_document;
mod study_input;
mod terminal;
mod verb;

use std::process::ExitCode;

fn main() -> ExitCode {
    arguments::run()
}
