//! Runs studies without a terminal: the library beneath the command line.

pub mod run_tables;
pub mod stored_rows;
