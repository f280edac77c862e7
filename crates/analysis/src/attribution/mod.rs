//! Splits a policy's log growth into what it earned in each true regime, and its difference from a
//! baseline into exposure, timing and cost; measures how well a signal detects a regime.
//!
//! All numbers come from paths that are followed step by step. Contributions are log growth of the
//! unit value in basis points a year of the whole path, so they add up. With `g` the contribution
//! of a policy, `g + c` that before its cost `c`, and the twin the policy of equal mean exposure to
//! the growth assets that does not react to the signal:
//!
//! ```text
//! g(policy) - g(baseline)                                               total
//!   =   g(twin) - g(baseline)                                           exposure
//!     + sum over regimes of (g + c)(policy) - (g + c)(twin)             timing
//!     + c(twin) - c(policy)                                             cost
//! ```
//!
//! The identity is that of Brinson, Hood and Beebower (1986), with the twin in place of their
//! policy portfolio. Every part is a mean over paths with the error of its paired differences.

mod counterpart;
mod detection;
mod market;
mod parts;
mod regimes;
mod signals;
mod totals;

pub use counterpart::{ComparedPolicies, Counterpart};
pub use detection::{DetectionCounts, FollowedSignal, SignalStep};
pub use market::FollowedMarket;
pub use parts::{AttributionTables, attribution_rows, attribution_tables};
pub use regimes::regime_rows;
pub use signals::signal_rows;
pub use totals::{RegimeStep, RegimeTotals};
