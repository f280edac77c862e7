//! Runs every policy of a study on the same paths.

pub mod account;
pub mod cost;
pub mod plan;
pub mod policy;
pub mod signal;
