//! Describes each step of one policy on one path, for replays and trajectories.

use crate::portfolio::Portfolio;

/// Explanation of a trade.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Every condition that held, in the order of the rule.
    pub reasons: Vec<Reason>,
    /// Step of the decision; it is the step of the trade unless the rule executes late.
    pub decided_at: u32,
}

/// A condition that held when a rule decided to trade.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Kind of the condition.
    pub kind: ReasonKind,
    /// Asset, signal or portfolio that the condition looked at.
    pub subject: Subject,
    /// Number that the condition looked at: the distance of a weight from its target, a tracking
    /// error, a signal, or steps.
    pub value: f64,
    /// Limit that the value was compared with, in the same unit.
    pub limit: f64,
    /// Signals that scaled the limit, by index, each with its value; their factors multiply.
    pub scaled_by: Vec<(usize, f64)>,
}

/// Thing that a condition looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole portfolio, or a group of its assets.
    Portfolio,
    /// An asset, by index.
    Asset(usize),
    /// A signal, by index.
    Signal(usize),
}

/// Kind of a condition, as tables name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonKind {
    /// A review date.
    Calendar,
    /// An asset is outside its band.
    Band,
    /// A group of assets is outside its band.
    GroupBand,
    /// The sum of deviations is above a limit.
    L1,
    /// The root of squared deviations is above a limit.
    L2,
    /// The tracking error is above a limit.
    TrackingError,
    /// An asset left the hard band, and not all are back in the soft one.
    SoftHardBand,
    /// A signal is above a limit.
    SignalAbove,
    /// A signal is below a limit.
    SignalBelow,
    /// A signal moved since the last trade.
    SignalMoved,
    /// Time has passed since the last trade.
    Waited,
    /// No trend speaks against the trade.
    WithTrend,
}

impl ReasonKind {
    /// Returns the word that tables use.
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

/// State of one policy on one path at the end of one step. Lists of assets are empty after ruin.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTrace {
    /// Step; 0 is the start.
    pub t: u32,
    /// Balance after flows, trades and costs, in currency.
    pub wealth: f64,
    /// Unit value; 1 at the start.
    pub unit: f64,
    /// Target weights of the step.
    pub target: Vec<f64>,
    /// Weights before trading.
    pub weights_before: Vec<f64>,
    /// Weights at the end of the step.
    pub weights: Vec<f64>,
    /// Value of each signal after the step; empty at the start.
    pub signals: Vec<f64>,
    /// Half-width of each asset's band, a fraction of the portfolio; infinite where there is none.
    pub widths: Vec<f64>,
    /// True regime of the step; `None` at the start.
    pub regime: Option<u32>,
    /// Net cash flow of the step, in currency: contributions less withdrawals.
    pub flow: f64,
    /// Costs and fees of the step, in currency.
    pub cost: f64,
    /// Costs and fees of the step, each as a fraction of the wealth that it was paid from.
    pub cost_frac: f64,
    /// Value traded in the step, buys and sells, in currency.
    pub traded: f64,
    /// One-way turnover of the step: half of `traded` as a fraction of the wealth before the trade.
    pub turnover: f64,
    /// Explanation of the trade; `None` where there was none.
    pub cause: Option<Cause>,
}

/// One trace serves all steps of a path, so that its lists keep their memory.
impl StepTrace {
    /// Describes the account at `t = 0`, after its first purchase and flows.
    pub(crate) fn at_start(target: &[f64], initial: f64, portfolio: &Portfolio) -> Self {
        let weights = portfolio.weights_or(target);
        let mut trace = Self {
            t: 0,
            wealth: 0.0,
            unit: 0.0,
            target: target.to_vec(),
            weights_before: weights.clone(),
            weights,
            signals: Vec::new(),
            widths: Vec::new(),
            regime: None,
            flow: 0.0,
            cost: 0.0,
            cost_frac: 0.0,
            traded: 0.0,
            turnover: 0.0,
            cause: None,
        };
        trace.read(initial, portfolio);
        trace
    }

    /// Begins a step without weights and without a trade; a ruined account keeps it so.
    pub(crate) fn open(&mut self, t: u32, regime: u32) {
        (self.t, self.regime, self.cause) = (t, Some(regime), None);
        (self.traded, self.turnover) = (0.0, 0.0);
        for list in [&mut self.target, &mut self.weights_before, &mut self.weights] {
            list.clear();
        }
    }

    /// Notes the target and the weights before trading.
    pub(crate) fn weigh(&mut self, target: &[f64], weights: &[f64]) {
        self.target.extend_from_slice(target);
        self.weights_before.extend_from_slice(weights);
        self.weights.extend_from_slice(weights);
    }

    /// Notes an executed order, given the reciprocal of the wealth before it. An order that found
    /// nothing left to move has no cause.
    pub(crate) fn trade(&mut self, traded: f64, inverse: f64, cause: Cause, weights: Vec<f64>) {
        (self.traded, self.turnover) = (traded, 0.5 * traded * inverse);
        self.cause = (traded > 0.0).then_some(cause);
        self.weights = weights;
    }

    /// Notes signals, half-widths and balance at the end of the step.
    pub(crate) fn close(
        &mut self,
        signals: &[f64],
        widths: &[f64],
        initial: f64,
        portfolio: &Portfolio,
    ) {
        self.signals.clear();
        self.signals.extend_from_slice(signals);
        self.widths.clear();
        self.widths.extend_from_slice(widths);
        self.read(initial, portfolio);
    }

    fn read(&mut self, initial: f64, portfolio: &Portfolio) {
        (self.wealth, self.unit) = (portfolio.wealth, portfolio.unit() / initial);
        self.flow = portfolio.flow;
        (self.cost, self.cost_frac) = (portfolio.cost, portfolio.cost_frac);
    }
}
