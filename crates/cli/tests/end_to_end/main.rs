//! Runs the program as a user does and looks at what it prints, leaves on the disk and exits with.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)] // signals, full devices and limits are spoken of as Unix has them

mod bench;
mod documents;
mod exit_codes;
mod findings;
mod kill_and_resume;
mod ledger;
mod messages;
mod precision;
mod reproducible;
mod search;
mod signals;
mod unchanged;
mod until;
