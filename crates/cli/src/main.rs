//! Runs corridor: which rebalancing rule, under which market, for whom, and how sure are we?
//!
//! [`arguments`] reads the command line and hands it to one module of [`verb`]; those share the
//! rest: a study is loaded ([`study_input`]), simulated into its folder ([`simulate`]), analysed
//! and committed ([`finish`]) and shown ([`comparison`]). Only [`console`] prints; every bad end is
//! a [`failure::Failure`] with its exit code.

mod analyse;
mod arguments;
mod attribution;
mod attribution_text;
mod break_even_text;
mod by_regime;
mod calibrate;
mod commands;
mod comparison;
mod comparison_text;
mod console;
mod control;
mod csv_text;
mod failure;
mod finish;
mod followed;
mod headline;
mod interrupt;
mod machine;
mod place;
mod progress;
mod reading;
mod resume;
mod run_document;
mod search_text;
mod searching;
mod simulate;
mod source;
mod study_input;
mod text_plot;
mod text_table;
mod trajectory;
mod twins;
mod until;
mod verb;

use std::process::ExitCode;

fn main() -> ExitCode {
    arguments::run()
}
