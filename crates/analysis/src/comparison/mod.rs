//! Compares every policy with its baseline, in every scenario, at every horizon, on every statistic
//! of every metric.

mod all;
mod effect;
mod pair;

pub(crate) use all::{Compared, Families};
pub(crate) use effect::exposure_diff;
pub(crate) use pair::{controlled_influence, paired_error};
