//! Holds what one instance remembers of a block of paths, and the room its steps work in.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use crate::portfolio::Portfolio;

/// Step of ruin of a lane that is not ruined.
pub(crate) const NEVER: f64 = f64::INFINITY;

/// Lanes of a gathered batch.
pub(crate) const BATCH: usize = 8;

/// What is held, and what trading it has taken: of a block, or of a batch of lanes gathered from
/// it.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Ledger<const A: usize, const W: usize> {
    pub holdings: [Row<f64, W>; A],
    /// Their total.
    pub wealth: Row<f64, W>,
    /// Its reciprocal, where every step needs it.
    pub inverse: Row<f64, W>,
    pub turnover: Row<f64, W>,
    pub events: Row<f64, W>,
    /// Cost as a fraction of wealth: of the step where there are flows or fees, elsewhere of all
    /// steps.
    pub cost: Row<f64, W>,
}

/// What is to be traded in a ledger, and what it is worked out from.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Order<const A: usize, const W: usize> {
    /// All ones in the lanes that trade.
    pub fire: Row<u64, W>,
    /// Goal weights; unused by trades to the target.
    pub goal: [Row<f64, W>; A],
    /// Wealth after the trade, in the making.
    pub after: Row<f64, W>,
    /// Multiplier of the proportional costs.
    pub multiplier: Row<f64, W>,
    /// Factor of the band's width.
    pub factor: Row<f64, W>,
}

/// Running sums of one instance, one row each; the names are the reference's.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct State<const A: usize, const L: usize> {
    pub ledger: Ledger<A, L>,
    pub unit_scale: Row<f64, L>,
    pub unit_at_ruin: Row<f64, L>,
    /// A step, kept as wide as what it is compared for.
    pub ruined_at: Row<f64, L>,
    pub trade_allowed_from: Row<u32, L>,
    pub unit_peak: Row<f64, L>,
    /// Value and peak at the deepest drawdown so far.
    pub unit_low: Row<f64, L>,
    pub unit_low_peak: Row<f64, L>,
    pub balance_peak: Row<f64, L>,
    pub balance_low: Row<f64, L>,
    pub balance_low_peak: Row<f64, L>,
    pub under_water: Row<f64, L>,
    pub unit_before: Row<f64, L>,
    pub log_shift: Row<f64, L>,
    pub log_sum: Row<f64, L>,
    pub log_squares: Row<f64, L>,
    /// Where there are flows or fees; elsewhere the ledger's cost is the total.
    pub cost_frac: Row<f64, L>,
    pub growth_weight_sum: Row<f64, L>,
    pub deviation_squares: Row<f64, L>,
    pub deviation_max: Row<f64, L>,
    /// Goals of delayed orders and the steps they are due at (0: none). Used by rules with a delay
    /// only.
    pub pending_goal: [Row<f64, L>; A],
    pub pending_due: Row<u32, L>,
    /// What each of joined conditions remembers.
    pub memory: Vec<Row<f64, L>>,
    /// The target of the last step. Used where it moves only.
    pub target: [Row<f64, L>; A],
}

impl<const A: usize, const W: usize> Ledger<A, W> {
    fn empty() -> Self {
        let zero = Row::splat(0.0);
        Self {
            holdings: [zero; A],
            wealth: zero,
            inverse: zero,
            turnover: zero,
            events: zero,
            cost: zero,
        }
    }
}

impl<const A: usize, const W: usize> Order<A, W> {
    fn new() -> Self {
        let one = Row::splat(1.0);
        Self { fire: Row::splat(0), goal: [one; A], after: one, multiplier: one, factor: one }
    }
}

/// Rows that mean nothing between steps. One per thread; every instance uses it in turn.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct Work<const A: usize, const L: usize> {
    /// Largest distance of a holding from its target, currency.
    pub distance: Row<f64, L>,
    pub shrinkage: Row<f64, L>,
    pub log_growth: Row<f64, L>,
    pub unit: Row<f64, L>,
    pub order: Order<A, L>,
    /// The first entries list the lanes that trade.
    pub firing: [u32; L],
    pub batch: Ledger<A, BATCH>,
    pub batch_order: Order<A, BATCH>,
}

impl<const A: usize, const L: usize> Work<A, L> {
    pub fn new() -> Self {
        Self {
            distance: Row::splat(0.0),
            shrinkage: Row::splat(1.0),
            log_growth: Row::splat(0.0),
            unit: Row::splat(0.0),
            order: Order::new(),
            firing: [0; L],
            batch: Ledger::empty(),
            batch_order: Order::new(),
        }
    }
}

impl<const A: usize, const L: usize> State<A, L> {
    /// The state at `t = 0`, equal in every lane: taken from the reference's portfolio after the flows
    /// of the start.
    pub fn start(instance: &Prepared<A>, portfolio: &Portfolio, cost_frac: f64) -> Self {
        let initial = instance.account.initial;
        let peak = if portfolio.wealth > initial { portfolio.wealth } else { initial };
        let (unit, balance) = (portfolio.unit(), portfolio.wealth);
        let unit_fell = unit * initial < initial * initial;
        let balance_fell = balance * peak < peak * peak;
        Self {
            ledger: Ledger {
                holdings: std::array::from_fn(|i| {
                    Row::splat(portfolio.holdings.get(i).copied().unwrap_or(0.0))
                }),
                wealth: Row::splat(portfolio.wealth),
                inverse: Row::splat(1.0 / portfolio.wealth),
                cost: Row::splat(cost_frac),
                ..Ledger::empty()
            },
            unit_scale: Row::splat(portfolio.unit_scale),
            unit_at_ruin: Row::splat(portfolio.unit()),
            ruined_at: Row::splat(portfolio.ruined_at.map_or(NEVER, f64::from)),
            trade_allowed_from: Row::splat(0),
            unit_peak: Row::splat(initial),
            unit_low: Row::splat(if unit_fell { unit } else { initial }),
            unit_low_peak: Row::splat(initial),
            balance_peak: Row::splat(peak),
            balance_low: Row::splat(if balance_fell { balance } else { peak }),
            balance_low_peak: Row::splat(peak),
            under_water: Row::splat(0.0),
            unit_before: Row::splat(initial),
            log_shift: Row::splat(0.0),
            log_sum: Row::splat(0.0),
            log_squares: Row::splat(0.0),
            cost_frac: Row::splat(cost_frac),
            growth_weight_sum: Row::splat(instance.growth_target),
            deviation_squares: Row::splat(0.0),
            deviation_max: Row::splat(0.0),
            pending_goal: [Row::splat(0.0); A],
            pending_due: Row::splat(0),
            memory: instance.policy.trigger.memory().into_iter().map(Row::splat).collect(),
            target: instance.target.map(Row::splat),
        }
    }
}

/// `yes` where the mask is all ones, `no` where it is 0.
#[inline(always)]
pub(super) fn choose(mask: u64, yes: f64, no: f64) -> f64 {
    f64::from_bits((yes.to_bits() & mask) | (no.to_bits() & !mask))
}

/// `value` where the mask is all ones, 0 where it is 0.
#[inline(always)]
pub(super) fn masked(mask: u64, value: f64) -> f64 {
    f64::from_bits(value.to_bits() & mask)
}
