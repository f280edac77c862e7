//! Keeps the results of a run: Parquet files that BI tools read as they are, and the protocol that
//! makes them whole or absent.
//!
//! Arrow and Parquet are known only in here; the public API speaks plain rows and slices.
//!
//! - [`run_folder::RunFolder`] holds a folder for writing: parts are committed one by one while the
//!   run goes on, then [`statistics::Statistics`] puts tables, texts and the manifest in place
//!   together.
//! - [`stored_parts::StoredParts`] reads parts back for the analysis, [`run_reader::RunReader`] a
//!   finished run.
//! - [`corridor_tables`] declares the rows and columns that are written.
//! - [`storage::Storage`] is the only thing that touches the disk.
//!
//! Invariants: a folder without a manifest is not a run; a file that a record or the manifest lists
//! has the listed BLAKE3 or is refused; nothing written depends on time, machine or threads except
//! the manifest's `execution` section.

pub mod digest;
pub mod error;
pub mod ledger;
pub mod manifest;
pub mod part;
pub mod run_folder;
pub mod run_reader;
pub mod schema;
pub mod single;
pub mod statistics;
pub mod storage;
pub mod stored_bytes;
pub mod stored_parts;

mod absent;
mod arrays;
mod layout;
mod parquet_source;
mod path_read;
mod path_write;
mod pending;
mod problem;
mod remedy;
mod small_file;
mod table_read;
mod table_write;
mod views;
