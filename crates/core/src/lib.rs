//! Gives every other crate the same words, shapes, random numbers and arithmetic.
//!
//! This crate does no I/O, starts no threads and knows no file format. What it holds:
//!
//! - *step*: one tick of the [`time::TimeGrid`]: a month, week or day; `t = 0` is the start,
//!   `t = 1..=n` are step ends.
//! - *path*: one simulated future, addressed by its index (`u64`); path `k` is the same whatever
//!   else runs.
//! - *lane*: the place of one path inside a block of [`lanes::Row`]s; blocks are 16, 64 or 128
//!   lanes wide.
//! - *chunk*: [`path::CHUNK_STEPS`] steps of a block: what is generated, then read by every policy.
//! - *stream*: a purpose of randomness ([`random::Stream`]): numbers are addressed, never consumed.
//! - *cell*: one (scenario, policy, horizon) of a study; its per-path results are
//!   [`outcome::PathColumn`]s.
//!
//! Numbers on the result path come from here only ([`numerics`], [`random`]): plain IEEE additions,
//! multiplications, divisions and square roots, never a fused multiply-add and never a libm call,
//! so every machine, compiler profile and instruction set gives the same bits.

pub mod cancel;
pub mod lanes;
pub mod level;
pub mod numerics;
pub mod outcome;
pub mod path;
pub mod random;
pub mod time;

/// Version of every bit on the result path: it changes when, and only when, the same study and seed
/// give other values.
pub const NUMERICS_VERSION: u32 = 3;
