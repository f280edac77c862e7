//! Turns stored outcomes into estimates with their errors, paired comparisons and the tables people
//! read.
//!
//! While a run goes on, [`reduce::reduce`] sums each finished part up: moments per batch of 4,096
//! paths, moments of the differences of every pair of policies on the same paths, and integer
//! counts on a fixed grid. Afterwards [`analyse::analyse`] folds these states in part order and,
//! where all path rows are kept, finds exact quantiles in them. It never simulates, and a new
//! baseline needs no new run.
//!
//! Three rules hold here. No bare number leaves: every statistic is an [`estimate::Estimate`] with
//! error, interval, number of paths, method and precision. A comparison is made from pairs
//! ([`compare::PairedDifference`]), never from two separate estimates. Results do not depend on
//! threads, instruction set or memory: sums are folded in a fixed order and counts are integers.
//!
//! Deliberately absent: any reading of files (the store does that, behind
//! [`quantile::exact::ColumnSource`]) and any text for people (the command line makes it from the
//! stored tables).

pub mod analyse;
pub mod attribution;
pub mod break_even;
pub mod bucket;
pub mod by_path;
pub mod compare;
pub mod control;
pub mod counts;
pub mod error;
pub mod estimate;
pub mod facts;
pub mod fan;
pub mod fold;
pub mod input;
pub mod interval;
pub mod moments;
pub mod monthly;
pub mod paired;
pub mod path_value;
pub mod precision;
pub mod quantile;
pub mod reduce;
pub mod search;
pub mod section;
pub mod section_sums;
pub mod select;
pub mod statistic;
pub mod stopping;

mod cell;
mod comparison;
mod lanes;
mod table;
