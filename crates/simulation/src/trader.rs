//! Decides at reviews whether to trade, and keeps an order that is executed later.

use corridor_core::time::TimeGrid;

use crate::policy::desired::desired_weights;
use crate::policy::view::{PortfolioView, SignalView};
use crate::policy::{Policy, ScaleFactor, product};
use crate::reason::reasons;
use crate::trace::Cause;

/// Decision to trade, with the weights that were desired when it was made.
pub(crate) struct Order {
    pub cause: Cause,
    /// Step at which the order is executed.
    pub due: u32,
    /// Desired weights.
    pub weights: Vec<f64>,
}

/// One policy on one path: its review dates, its cooldown and its pending order.
pub(crate) struct Trader<'a> {
    policy: &'a Policy,
    /// Whether each step from 0 is a review date.
    reviews: Vec<bool>,
    pending: Option<Order>,
    /// First step at which the cooldown lets the trigger fire.
    allowed_from: u32,
    /// Numbers that the conditions of the trigger remember.
    memory: Vec<f64>,
}

impl<'a> Trader<'a> {
    pub fn new(policy: &'a Policy, grid: TimeGrid) -> Self {
        Self {
            policy,
            reviews: policy.review.dates(grid),
            pending: None,
            allowed_from: 0,
            memory: policy.trigger.memory(),
        }
    }

    /// Returns the order to execute at this step: the pending one if it is due, or one decided now.
    pub fn order(
        &mut self,
        portfolio: &PortfolioView<'_>,
        signals: &StepSignals<'_>,
        widths: &[f64],
    ) -> Option<Order> {
        let t = portfolio.t;
        if self.pending.is_some() {
            return self.pending.take_if(|order| order.due == t);
        }
        if !self.reviews[t as usize] || t < self.allowed_from {
            return None;
        }
        let decided = self.decide(portfolio, signals, widths)?;
        if decided.due == t {
            return Some(decided);
        }
        self.pending = Some(decided);
        None
    }

    /// Decides at a review; `None` where the trigger does not fire or there is nothing to trade.
    fn decide(
        &mut self,
        portfolio: &PortfolioView<'_>,
        signals: &StepSignals<'_>,
        widths: &[f64],
    ) -> Option<Order> {
        let policy = self.policy;
        let holding = policy.trigger.fires(portfolio, signals, widths, &mut self.memory)?;
        let mut weights = vec![0.0; portfolio.weights.len()];
        desired_weights(policy, portfolio, widths, signals, &mut weights)?;
        let cause = Cause {
            reasons: reasons(&policy.trigger, holding, portfolio, signals, &self.memory),
            decided_at: portfolio.t,
        };
        Some(Order { cause, due: portfolio.t + policy.execution_lag_steps, weights })
    }

    /// Starts the cooldown after a trade that was executed at step `t`.
    pub fn traded(&mut self, t: u32, signals: &StepSignals<'_>) {
        self.allowed_from = t + self.policy.cooldown_steps;
        self.policy.trigger.traded(t, signals, &mut self.memory);
    }
}

/// Signals of one step, and the scale factors of one policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepSignals<'a> {
    /// Value of each signal of the simulation.
    pub values: &'a [f64],
    /// Scale factors of the policy, as in [`Policy::scales`].
    pub scales: &'a [&'a [ScaleFactor]],
}

impl SignalView for StepSignals<'_> {
    fn signal(&self, signal: usize) -> f64 {
        self.values[signal]
    }

    fn factor(&self, scale: usize) -> f64 {
        product(self.scales[scale], self.values)
    }
}
