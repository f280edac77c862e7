//! Generates market paths: regime-switching volatility and correlation, gbm and the stationary block bootstrap.

pub mod bootstrap;
pub mod error;
pub mod moments;
pub mod regime_model;
