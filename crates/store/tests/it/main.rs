//! Tests the store through its public API: files, schemas, the commit protocol and damaged input.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod commit;
mod mutation;
mod round_trip;
mod schema;
mod support;
