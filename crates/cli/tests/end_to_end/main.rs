//! Runs the program as a user does and checks its output, its files and its exit code.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)] // the tests use signals, full devices and limits of Unix

mod bench;
mod documents;
mod exit_codes;
mod findings;
mod kill_and_resume;
mod ledger;
mod memory;
mod messages;
mod precision;
mod reproducible;
mod search;
mod show;
mod signals;
mod unchanged;
mod until;
mod words;
