//! Generates market paths: regime-switching volatility and correlation, gbm and the stationary
//! block bootstrap.
//!
//! A market is declared ([`regime_switching::RegimeSwitching`], [`bootstrap::History`]), checked
//! into a model, and then fills blocks of paths through [`corridor_core::path::PathSource`]. This
//! crate knows no policy, no account and no file.

#![expect(
    clippy::needless_range_loop,
    reason = "one index reads many rows: that is what lanes are"
)]

pub mod bootstrap;
mod chain;
mod check;
mod dynamic_returns;
pub mod dynamics;
pub mod error;
pub mod law;
pub mod moments;
pub mod regime_model;
pub mod regime_switching;
mod shocks;
