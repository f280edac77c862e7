//! Uses the library as a program does.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod cancel;
mod memory;
mod rates;
mod session;
