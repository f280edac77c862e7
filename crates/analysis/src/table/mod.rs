//! Builds the rows of the tables from estimates and comparisons.

mod break_even;
mod compare;
mod exceedance;
mod histogram;
mod robustness;
mod summary;
mod test;
mod wide;

pub(crate) use break_even::break_even_rows;
pub(crate) use compare::compare_rows;
pub(crate) use exceedance::exceedance_rows;
pub(crate) use histogram::histogram_rows;
pub(crate) use robustness::robustness_rows;
pub(crate) use summary::{quantile_rows, summary_rows};
pub(crate) use test::Tests;
pub(crate) use wide::{BiCompare, BiSummary};
