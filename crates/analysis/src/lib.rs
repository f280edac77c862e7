//! Turns the outcomes of simulated paths into estimates with their Monte Carlo errors, paired
//! comparisons of policies, and the tables that people read.
//!
//! Two policies on the same paths are far more alike than two independent samples. Their difference
//! is therefore formed path by path, and its error is that of the pairs:
//!
//! ```
//! use corridor_analysis::compare::{Arm, PairedDifference};
//! use corridor_analysis::counts::Counts;
//! use corridor_analysis::facts::CellFacts;
//! use corridor_analysis::moments::Moments;
//! use corridor_analysis::paired::PairMoments;
//! use corridor_analysis::statistic::mean;
//! use corridor_core::level::Level;
//! use corridor_tables::metric::MetricId;
//!
//! // Log growth a year under two policies, on the same six paths of ten years.
//! let policy = [0.051, 0.072, -0.013, 0.040, 0.095, 0.021];
//! let baseline = [0.049, 0.071, -0.016, 0.041, 0.092, 0.018];
//!
//! let level = Level::best();
//! let moments = [policy, baseline].map(|values| Moments::of(&values, level));
//! let counts = [policy, baseline].map(|values| Counts::of(&values));
//! let means = [0, 1].map(|k| mean(&moments[k], &counts[k]));
//! let arm = |k: usize| Arm { moments: &moments[k], counts: &counts[k], estimate: &means[k] };
//!
//! let pairs = PairMoments::of(&policy, &baseline, false, level);
//! let (metric, facts) = (MetricId::LOG_GROWTH.metric(), CellFacts::plain(10.0));
//! let difference = PairedDifference::of(metric, &facts, &pairs, arm(0), arm(1)).estimate;
//!
//! let (value, error) = (difference.value.unwrap(), difference.std_error.unwrap());
//! assert!((value - 0.001_83).abs() < 1e-5);
//! assert!((error - 0.000_65).abs() < 1e-5);
//! // The mean of one policy alone is known twenty times less well.
//! assert!(means[0].std_error.unwrap() > 20.0 * error);
//! // Six paths are too few to trust the interval, and the estimate says so.
//! assert_eq!(difference.precision.name(), "insufficient");
//! ```
//!
//! # From paths to tables
//!
//! While a run goes on, [`reduce::reduce`] sums each finished part up: moments per batch of 4,096
//! paths, moments of the differences of every pair of policies, and integer counts on a fixed grid.
//! Afterwards [`analyse::analyse`] folds these states in part order and, where all path rows are
//! kept, finds exact quantiles in them. A new baseline needs no new run.
//!
//! The crate also has pure functions of what a caller has followed: [`monthly`] metrics,
//! [`attribution`] by true regime, [`control`] variates, rules for [`stopping`] early, and the
//! [`search`] for the best of many policies.
//!
//! # Rules
//!
//! - No bare number leaves this crate: a statistic is an [`estimate::Estimate`] with its error,
//!   interval, number of paths, method and precision.
//! - A comparison is made from pairs ([`compare::PairedDifference`]), never from two separate
//!   estimates.
//! - Results do not depend on threads, instruction set or memory: sums are folded in a fixed order,
//!   and counts are integers.
//! - This crate simulates nothing, opens no file and writes no text for people. Rows come through
//!   [`quantile::exact::ColumnSource`], and the results are rows of `corridor_tables`.

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
