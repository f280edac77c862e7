//! Generates market paths: regime-switching volatility and correlation, gbm, and the stationary
//! block bootstrap.
//!
//! A market is declared ([`regime_switching::RegimeSwitching`], [`bootstrap::History`]) and checked
//! into a model ([`regime_model::RegimeModel`], [`bootstrap::Bootstrap`]). [`market::Market`] holds
//! any model. It fills blocks of paths through [`corridor_core::path::PathSource`]. Path `k`
//! depends on the market, the seed and `k` alone. This crate knows no policy, no account and no
//! file.
//!
//! # Example
//!
//! A calm and a stormy regime of monthly returns, and the first two years of 16 paths:
//!
//! ```
//! use corridor_core::path::PathBlock;
//! use corridor_core::time::Step;
//! use corridor_scenario::dynamics::Dynamics;
//! use corridor_scenario::market::Market;
//! use corridor_scenario::regime_model::RegimeModel;
//! use corridor_scenario::regime_switching::{
//!     Initial, Innovations, MeanIs, Regime, RegimeSwitching,
//! };
//!
//! let regime = |name: &str, mean: [f64; 2], vol: [f64; 2], rho: f64| Regime {
//!     name: name.into(),
//!     mean: mean.to_vec(),
//!     vol: vol.to_vec(),
//!     correlation: vec![vec![1.0, rho], vec![rho, 1.0]],
//! };
//! let declared = RegimeSwitching {
//!     assets: vec!["equity".into(), "bond".into()],
//!     step: Step::Month,
//!     chain_period_steps: 1,
//!     moments_per_year: 12,
//!     mean_is: MeanIs::Log,
//!     transition: vec![vec![0.95, 0.05], vec![0.2, 0.8]],
//!     initial: Initial::Stationary,
//!     innovations: Innovations::Gaussian,
//!     regimes: vec![
//!         regime("calm", [0.008, 0.003], [0.03, 0.015], 0.1),
//!         regime("storm", [-0.01, 0.005], [0.07, 0.02], -0.4),
//!     ],
//!     correlation_chain: None,
//!     dynamics: Dynamics::default(),
//! };
//! let market = match RegimeModel::new(&declared, 42) {
//!     Ok(model) => Market::RegimeSwitching(Box::new(model)),
//!     Err(problems) => panic!("{problems:?}"),
//! };
//! assert!((market.implied_moments().stationary[0] - 0.8).abs() < 1e-12);
//!
//! let mut block = PathBlock::<16>::new(market.assets().len());
//! market.source16().fill(0, 0, 24, &mut block);
//! let equity = &block.gross(0)[0];
//! assert!(equity.iter().all(|gross| *gross > 0.0));
//! assert!(block.regime(23).iter().all(|&regime| regime < 2));
//! ```

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
mod garch_variance;
mod history;
mod indicator_paths;
pub mod law;
pub mod market;
pub mod moments;
pub mod regime_model;
mod regime_paths;
pub mod regime_switching;
mod returns;
mod shocks;
mod step_at;
mod step_moments;
