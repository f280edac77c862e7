//! Describes what happened at each step of one path, for replay and trajectories.

/// Why a trade happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Every condition that held, in the order of the rule.
    pub reasons: Vec<Reason>,
    /// The step of the decision: that of the trade, unless the rule executes late.
    pub decided_at: u32,
}

/// A condition that held.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What kind of condition.
    pub kind: ReasonKind,
    /// The asset or signal it looked at, where it is one.
    pub subject: Subject,
    /// What it read: a weight's distance from its target, a tracking error, a signal, steps.
    pub value: f64,
    /// The limit that was held against it, in the same unit.
    pub limit: f64,
    /// The signals that scaled the limit, and their values; factors multiply.
    pub scaled_by: Vec<(usize, f64)>,
}

/// What a condition looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole portfolio, or a group of it.
    Portfolio,
    /// An asset.
    Asset(usize),
    /// A signal.
    Signal(usize),
}

/// A kind of condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// A date.
    Calendar,
    /// An asset outside its band.
    Band,
    /// A group of assets outside its band.
    GroupBand,
    /// A sum of deviations.
    L1,
    /// A root of squared deviations.
    L2,
    /// A tracking error.
    TrackingError,
    /// Out of the hard band, not yet back in the soft one.
    SoftHardBand,
    /// A signal above a limit.
    SignalAbove,
    /// A signal below a limit.
    SignalBelow,
    /// A signal that moved.
    SignalMoved,
    /// Time since the last trade.
    Waited,
    /// No trend against the trade.
    WithTrend,
}

impl ReasonKind {
    /// The word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Band => "band",
            Self::GroupBand => "group_band",
            Self::L1 => "l1",
            Self::L2 => "l2",
            Self::TrackingError => "tracking_error",
            Self::SoftHardBand => "soft_hard_band",
            Self::SignalAbove => "signal_above",
            Self::SignalBelow => "signal_below",
            Self::SignalMoved => "signal_moved",
            Self::Waited => "waited",
            Self::WithTrend => "with_trend",
        }
    }
}

/// The state of one path and policy at the end of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTrace {
    /// Step, 0 is the start.
    pub t: u32,
    /// Balance after flows, trades and costs; currency.
    pub wealth: f64,
    /// Unit value, 1 at the start.
    pub unit: f64,
    /// Target weights at `t`.
    pub target: Vec<f64>,
    /// Weights before trading.
    pub weights_before: Vec<f64>,
    /// Weights at the end of the step.
    pub weights: Vec<f64>,
    /// Signal values at `t`; empty at the start.
    pub signals: Vec<f64>,
    /// Half-width of each asset's band; infinite where there is none.
    pub widths: Vec<f64>,
    /// True regime of the step; `None` at the start.
    pub regime: Option<u32>,
    /// Net cash flow received by the portfolio in this step, currency.
    pub flow: f64,
    /// Costs and fees of this step, currency.
    pub cost: f64,
    /// Value traded, both sides; currency.
    pub traded: f64,
    /// Why it traded; `None` where it did not.
    pub cause: Option<Cause>,
}
