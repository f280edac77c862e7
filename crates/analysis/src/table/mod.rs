//! Writes what was estimated into the rows that are stored.

mod break_even;
mod compare;
mod histogram;
mod summary;
mod wide;

pub(crate) use break_even::break_even_rows;
pub(crate) use compare::compare_rows;
pub(crate) use histogram::histogram_rows;
pub(crate) use summary::{quantile_rows, summary_rows};
pub(crate) use wide::{bi_compare, bi_summary};
