//! Tests the study crate through its public API: good, bad and mutated files, sweeps, machine
//! units, generated texts and the calibration of filters.

mod bad;
mod described;
mod filter;
mod generated;
mod good;
mod hints;
mod history;
mod machine;
mod mutated;
mod refusals;
mod sweeps;
