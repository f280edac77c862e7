//! Writes what was estimated into the rows that are stored.

mod compare;
mod histogram;
mod summary;
mod wide;

pub(crate) use compare::compare_rows;
pub(crate) use histogram::histogram_rows;
pub(crate) use summary::{quantile_rows, summary_rows};
pub(crate) use wide::{bi_compare, bi_summary};
