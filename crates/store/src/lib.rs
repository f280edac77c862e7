//! Stores the results of a run: Parquet files that BI tools read directly, and the protocol that
//! makes each result whole or absent.
//!
//! Only this crate knows Arrow and Parquet; its public API consists of plain rows and slices.
//!
//! - [`run_folder::RunFolder`] holds a folder for writing. Parts are committed one by one during
//!   the run; then [`statistics::Statistics`] commits tables, texts and the manifest together.
//! - [`stored_parts::StoredParts`] reads parts back for the analysis, [`run_reader::RunReader`] a
//!   finished run.
//! - [`error::StoreError`] says what is wrong, [`error::Remedy`] what mends it.
//! - [`storage::Storage`] is the only access to the disk. [`corridor_tables`] declares the rows.
//!
//! Invariants: a folder without a manifest is not a run; a file that a record or the manifest lists
//! has the listed BLAKE3 hash or is refused; no byte depends on time, machine or threads but those
//! of the section `execution` of the manifest.

pub mod clean;
pub mod digest;
pub mod error;
pub mod ledger;
pub mod manifest;
pub mod part;
pub mod repair;
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
mod obstacle;
mod parquet_source;
mod path_read;
mod path_write;
mod pending;
mod problem;
mod recovery;
mod remedy;
mod small_file;
mod table_read;
mod table_write;
mod unlisted;
mod views;
