//! Keeps what a policy holds, trades and pays at every step of a chunk, for those who follow paths.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use super::state::{InstanceState, NEVER};

/// State of every lane at the end of one step, with its trades and costs in that step.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct StepRows<const L: usize> {
    /// Balance after flows, trades and costs, in currency; 0 from ruin on.
    pub wealth: Row<f64, L>,
    /// Unit value; 1 before the first purchase.
    pub unit: Row<f64, L>,
    /// Weight of the growth assets; without meaning from ruin on.
    pub growth_weight: Row<f64, L>,
    /// One-way turnover of the step, a fraction of the wealth before the trade.
    pub turnover: Row<f64, L>,
    /// Costs and fees of the step, each a fraction of the wealth that it was paid from.
    pub cost: Row<f64, L>,
}

impl<const L: usize> StepRows<L> {
    pub(crate) fn new() -> Self {
        let zero = Row::splat(0.0);
        Self { wealth: zero, unit: zero, growth_weight: zero, turnover: zero, cost: zero }
    }

    /// Starts the sums of a step. The outcomes at report horizons then lack the steps before.
    pub(super) fn open<const A: usize>(state: &mut InstanceState<A, L>) {
        state.portfolio.turnover = Row::splat(0.0);
        state.portfolio.cost = Row::splat(0.0);
    }

    /// Reads the state at the end of a step.
    pub(crate) fn read<const A: usize>(
        &mut self,
        instance: &Prepared<A>,
        state: &InstanceState<A, L>,
    ) {
        let portfolio = &state.portfolio;
        let initial = instance.account.initial;
        self.wealth = portfolio.wealth;
        self.turnover = portfolio.turnover;
        self.cost = portfolio.cost;
        for l in 0..L {
            let ruined = instance.flows && state.ruined_at[l] < NEVER;
            let unit = portfolio.wealth[l] * state.unit_scale[l];
            self.unit[l] = if ruined { state.unit_at_ruin[l] } else { unit } / initial;
            let mut weight = 0.0;
            for &i in &instance.growth_assets {
                weight += portfolio.holdings[i][l];
            }
            self.growth_weight[l] = weight / portfolio.wealth[l];
        }
    }
}
