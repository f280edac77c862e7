//! Runs every policy of a study on the same paths.
//!
//! Read [`mod@reference`] first: it is the definition of one path under one policy. [`mod@run`]
//! does the same for millions of paths with the lane kernel, on all cores. This crate knows no
//! market model, no file and no study.

#![expect(
    clippy::needless_range_loop,
    reason = "one index reads many rows: that is what lanes are"
)]

pub mod account;
mod blocks;
mod book;
pub mod cost;
mod engine;
mod kernel;
pub mod plan;
pub mod policy;
mod reason;
pub mod reference;
mod routing;
pub mod run;
pub mod signal;
mod tally;
pub mod trace;
mod trade;
