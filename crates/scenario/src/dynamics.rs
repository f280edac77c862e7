//! Describes the parts of a regime-switching market besides its regimes: memory of its shocks,
//! jumps and indicators.

/// Dynamics within regimes, none by default. All numbers are per simulated step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dynamics {
    /// Variance that follows past shocks.
    pub garch: Option<Garch>,
    /// Memory of the relative return of two assets.
    pub relative_ar: Option<RelativeAr>,
    /// Rare common jumps of all prices.
    pub jumps: Option<Jumps>,
    /// Observable numbers that depend on the regime; returns do not depend on them.
    pub indicators: Vec<Indicator>,
}

/// GARCH variance within each regime, in the parallel form of Haas, Mittnik and Paolella (2004)
/// with the asymmetry of Glosten, Jagannathan and Runkle (1993).
///
/// With the shock `e(t)` of the current regime, the variance of every asset follows, for every main
/// regime `s` at once,
///
/// ```text
/// h_s(t+1) = w vol_s^2 + (alpha + gamma [e(t) < 0]) e(t)^2 + beta h_s(t)
/// w        = 1 - alpha - gamma/2 - beta
/// ```
///
/// Correlations are constant within a regime (Bollerslev 1990). The weights must satisfy `alpha >=
/// 0`, `beta >= 0`, `alpha + gamma >= 0` and `w > 0`, and the main chain must move at every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Garch {
    /// Weight of the last squared shock.
    pub alpha: f64,
    /// Weight of the previous variance.
    pub beta: f64,
    /// Additional weight of a squared negative shock.
    pub gamma: f64,
}

/// First-order autoregression of the relative return of two assets `a` and `b`.
///
/// The relative return follows `x(t) = phi x(t-1) + e_a(t) - e_b(t)`. Half of `phi x(t-1)` is added
/// to the return of `a`, and half is subtracted from that of `b`, so the sum of the two returns has
/// no memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelativeAr {
    /// The assets `a` and `b`, by their position in the market's list.
    pub assets: [usize; 2],
    /// Autoregression in (-1, 1): below 0 the relative return reverts, above 0 it trends.
    pub phi: f64,
}

/// Jumps of all prices at once, at most one a step: asset `i` jumps by `mean_i + vol_i z`, with one
/// standard normal `z` for all assets.
#[derive(Clone, Debug, PartialEq)]
pub struct Jumps {
    /// Probability of a jump a step, per main regime.
    pub probability: Vec<f64>,
    /// Mean of the jump in the log return, per asset.
    pub mean: Vec<f64>,
    /// Standard deviation of the jump in the log return, per asset.
    pub vol: Vec<f64>,
}

/// An observable number that follows the main regime.
///
/// The indicator moves by `x(t) = m + persistence (x(t-1) - m) + noise_sd e(t)` with standard
/// normal `e(t)`, where `m` is the mean of the regime `lead_steps` ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// Name by which signals refer to it.
    pub name: String,
    /// Mean `m`, per main regime.
    pub mean: Vec<f64>,
    /// Weight of the previous value, in `[0, 1)`.
    pub persistence: f64,
    /// Standard deviation of the shocks; at least 0.
    pub noise_sd: f64,
    /// Steps by which the indicator knows the regime in advance; at most 10,000.
    pub lead_steps: u32,
}
