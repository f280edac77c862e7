//! Holds the balance, the fee and the dated cash flows of an account.

/// Balance, fee and cash flows of an account, in currency and per step.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Balance at `t = 0` before the first purchase, in currency; above 0.
    pub initial: f64,
    /// Fraction of the balance paid after each step's growth: annual fee / steps a year.
    pub fee_per_step: f64,
    /// Cash flows of each step `0..=steps`; empty where there are none.
    pub flows: Vec<StepFlow>,
}

/// Contributions and withdrawals dated to one step, in currency, each at least 0.
///
/// Flows at the end of a period come first, then report horizons are read, then flows at the start
/// of the next period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepFlow {
    /// Contribution at the end of the period that ends at this step.
    pub contribution_end: f64,
    /// Withdrawal at the end of the period that ends at this step.
    pub withdrawal_end: f64,
    /// Contribution at the start of the period that starts at this step.
    pub contribution_start: f64,
    /// Withdrawal at the start of the period that starts at this step.
    pub withdrawal_start: f64,
}

/// Contribution and withdrawal at one end of a period, in currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Amount paid into the account; at least 0.
    pub contribution: f64,
    /// Amount taken out of the account, after the contribution; at least 0.
    pub withdrawal: f64,
}

impl StepFlow {
    /// Selects the flow at the end or at the start of a period.
    #[must_use]
    #[inline(always)]
    pub fn at(&self, timing: FlowTiming) -> Flow {
        match timing {
            FlowTiming::PeriodEnd => {
                Flow { contribution: self.contribution_end, withdrawal: self.withdrawal_end }
            }
            FlowTiming::PeriodStart => {
                Flow { contribution: self.contribution_start, withdrawal: self.withdrawal_start }
            }
        }
    }
}

/// End of a period at which a cash flow happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowTiming {
    /// End of the period that the step closes.
    PeriodEnd,
    /// Start of the period that the step opens.
    PeriodStart,
}
