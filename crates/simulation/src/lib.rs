//! Runs rebalancing rules on market paths: signals, policies, costs, accounts, and the outcomes of
//! every path.
//!
//! Read [`mod@reference`] first: it defines the outcome of one policy on one path by a plain loop.
//! [`mod@run`] computes the same numbers, bit for bit, on millions of paths with a lane kernel.
//! This crate knows no market model, no file and no study.
//!
//! # Example
//!
//! A portfolio of stocks and bonds is rebalanced when the weight of stocks leaves 60 % +- 5 %. On a
//! path where stocks grow by 2 % a month and bonds not at all, it trades once within a year.
//!
//! ```
//! use corridor_core::outcome::PathColumn;
//! use corridor_core::time::{Step, TimeGrid};
//! use corridor_simulation::plan::{Instance, Simulation};
//! use corridor_simulation::policy::{Corridor, Trigger};
//! use corridor_simulation::reference::{MarketPath, simulate};
//!
//! let band = Corridor {
//!     half_width: vec![0.05, f64::INFINITY], // bonds are not watched
//!     scale: Vec::new(),
//!     min_width: 0.0,
//!     max_width: f64::INFINITY,
//! };
//! let mut instance = Instance::holding_one_asset(0, 2); // free of costs, one unit of currency
//! instance.policy.target = vec![0.6, 0.4];
//! instance.policy.trigger = Trigger::Outside(band);
//!
//! let grid = TimeGrid { step: Step::Month, steps: 12 };
//! let simulation = Simulation {
//!     grid,
//!     assets: 2,
//!     growth_assets: vec![0],
//!     signals: Vec::new(),
//!     horizons: vec![grid.steps],
//!     instances: vec![instance],
//! };
//! let path = MarketPath {
//!     gross: vec![vec![1.02, 1.0]; 12],
//!     log_return: vec![vec![0.0198, 0.0]; 12],
//!     regime: vec![0; 12],
//!     ..MarketPath::default()
//! };
//!
//! let mut trades = Vec::new();
//! let outcomes = simulate(&simulation, &simulation.instances[0], &path, |step| {
//!     if step.cause.is_some() {
//!         trades.push((step.t, step.weights_before[0]));
//!     }
//! });
//! assert_eq!(trades.len(), 1);
//! assert_eq!(trades[0].0, 11); // 1.5 * 1.02^11 / (1.5 * 1.02^11 + 1) = 65.1 %
//! assert!(trades[0].1 > 0.65);
//! assert_eq!(outcomes[0][PathColumn::RebalanceEvents as usize], 1.0);
//! ```

#![expect(
    clippy::needless_range_loop,
    reason = "one index reads many rows: that is what lanes are"
)]

pub mod account;
mod blocks;
mod chunk_market;
mod chunk_signals;
pub mod cost;
mod engine;
mod kernel;
pub mod market_path;
pub mod path_signals;
pub mod plan;
pub mod policy;
mod portfolio;
mod reason;
pub mod reference;
mod routing;
pub mod run;
mod running_sums;
pub mod signal;
pub mod trace;
mod trade;
mod trader;
