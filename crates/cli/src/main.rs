//! Runs corridor from a command line: which rebalancing rule, under which market, for whom, and how
//! sure are we?
//!
//! [`arguments`] reads the command line and hands it to one module of [`verb`]; each
//! calls the library (`corridor_workbench`) and shows the result. Only [`console`] prints. Every
//! failure is a [`failure::Failure`] with its exit code. [`terminal`] shows progress and passes
//! requests to stop to the library.

mod arguments;
mod commands;
mod console;
mod failure;
mod hint;
mod interrupt;
mod machine;
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
