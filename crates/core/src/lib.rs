//! Gives every other crate the same vocabulary, shapes, random numbers and arithmetic.
//!
//! This crate does no I/O, starts no threads and knows no file format. Its vocabulary:
//!
//! - *step*: one tick of the [`time::TimeGrid`]: a month, a week or a day. `t = 0` is the start,
//!   `t = 1..=n` are the ends of steps.
//! - *path*: one simulated future, numbered by a `u64`. Path `k` depends on the market and the seed
//!   alone, not on the other paths that are run.
//! - *lane*: the position of one path inside a block of [`lanes::Row`]s. Blocks are 16, 64 or 128
//!   lanes wide.
//! - *chunk*: [`path::CHUNK_STEPS`] steps of a block, generated once and then read by every policy.
//! - *stream*: a purpose of randomness ([`random::Stream`]). Random numbers are addressed, never
//!   consumed.
//! - *place*: the number of a draw within a stream of a path; a draw is four words.
//! - *cell*: one (scenario, policy, horizon) of a study. Its results per path are
//!   [`outcome::PathColumn`]s.
//!
//! Numbers on the result path come only from [`numerics`] and [`random`]: plain IEEE additions,
//! multiplications, divisions and square roots, never a fused multiply-add and never a libm call.
//! Every machine, compiler profile and instruction set therefore gives the same bits.
//!
//! # Example
//!
//! A grid of ten years in months, and a normal shock for step 7 of path 12, whatever is drawn
//! elsewhere:
//!
//! ```
//! use corridor_core::numerics::normal_pair;
//! use corridor_core::random::{Stream, words};
//! use corridor_core::time::{Review, Step, TimeGrid};
//!
//! let grid = TimeGrid { step: Step::Month, steps: 120 };
//! assert_eq!(grid.years(120), 10.0);
//! let annual = Review::EveryMonths { months: 12, phase_steps: 0 };
//! assert_eq!(annual.dates(grid).iter().filter(|&&looks| looks).count(), 9);
//!
//! let [radius, angle, ..] = words(42, 12, 7, Stream::Innovations);
//! let (shock, _) = normal_pair(radius, angle);
//! assert!(shock.abs() < 6.67);
//! assert_eq!(words(42, 12, 7, Stream::Innovations)[0], radius);
//! ```

pub mod cancel;
pub mod lanes;
pub mod level;
pub mod numerics;
pub mod outcome;
pub mod path;
pub mod random;
pub mod time;

/// Version of every bit on the result path. It changes when, and only when, one study and seed give
/// other values than before.
pub const NUMERICS_VERSION: u32 = 4;
