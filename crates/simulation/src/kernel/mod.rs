//! Runs one policy over a chunk of a block of paths, many lanes at a time.
//!
//! It computes what [`crate::reference`] defines, bit for bit: the same operations in the same
//! order in every lane. A step is a handful of plain loops over lanes. The common rules are
//! branch-free and trade under masks; rare ones, such as fixed fees, breached assets, minimum and
//! maximum trades or delays, call the reference's own functions on the lanes that trade. Nothing
//! here fails, and nothing allocates per step.

pub(crate) mod advance;
mod band;
mod close;
mod execution;
mod flows;
mod lane_trading;
mod moving;
mod open;
pub(crate) mod prepared;
pub(crate) mod signals;
pub(crate) mod state;
mod step;
mod target;
pub(crate) mod trace;
mod trading;

use corridor_core::lanes::Row;
use corridor_core::outcome::PathColumn;

/// Outcomes of a block at one report horizon, indexed by `PathColumn as usize`.
pub(crate) type OutcomeRows<const L: usize> = [Row<f64, L>; PathColumn::COUNT];
