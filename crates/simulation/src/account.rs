//! Holds the balance, the fee and the dated cash flows of an account.

/// An account, in machine units.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Balance at `t = 0` before the first purchase, in currency; above 0.
    pub initial: f64,
    /// Fraction of the balance taken after each step's growth: `annual fee / m`.
    pub fee_per_step: f64,
    /// Net cash flow of each step, in currency, length `steps + 1`; empty = none.
    pub flows: Vec<StepFlow>,
}

/// The cash flows of one step. Ends come first (they close the period), then report horizons are
/// read, then starts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepFlow {
    /// Paid in at the end of the period that ends here; currency, at least 0.
    pub contribution_end: f64,
    /// Taken out at the end of the period that ends here; currency, at least 0.
    pub withdrawal_end: f64,
    /// Paid in at the start of the period that starts here.
    pub contribution_start: f64,
    /// Taken out at the start of the period that starts here.
    pub withdrawal_start: f64,
}

impl StepFlow {
    /// The flow of one side of the period boundary: (contribution, withdrawal).
    #[must_use]
    #[inline(always)]
    pub fn at(&self, side: Side) -> (f64, f64) {
        match side {
            Side::End => (self.contribution_end, self.withdrawal_end),
            Side::Start => (self.contribution_start, self.withdrawal_start),
        }
    }
}

/// Which side of a period boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end of the period before.
    End,
    /// The start of the period after.
    Start,
}
