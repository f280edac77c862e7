//! Holds the state of one instance on a block of paths, and the buffers of its steps.

use corridor_core::lanes::Row;

use super::prepared::Prepared;
use crate::portfolio::Portfolio;

/// Step of ruin of a lane that is alive.
pub(crate) const NEVER: f64 = f64::INFINITY;

/// Number of lanes of a gathered batch.
pub(crate) const BATCH: usize = 8;

/// Holdings and sums of trades, of a block or of a batch of lanes gathered from it. Amounts are in
/// currency.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct PortfolioRows<const A: usize, const W: usize> {
    pub holdings: [Row<f64, W>; A],
    /// Sum of the holdings.
    pub wealth: Row<f64, W>,
    /// Reciprocal of wealth, up to date where every step needs it.
    pub inverse: Row<f64, W>,
    /// One-way turnover, as a sum of fractions of wealth.
    pub turnover: Row<f64, W>,
    /// Number of steps with a trade.
    pub events: Row<f64, W>,
    /// Cost as a fraction of wealth: of the current step where there are flows or a fee, else of
    /// all steps so far.
    pub cost: Row<f64, W>,
}

/// Trades of a block or of a batch of lanes.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct OrderRows<const A: usize, const W: usize> {
    /// All ones in the lanes that trade.
    pub fire: Row<u64, W>,
    /// Desired weights; unused by trades to a fixed target.
    pub desired: [Row<f64, W>; A],
    /// Wealth after the trade, while it is being worked out.
    pub after: Row<f64, W>,
    /// Multiplier of the proportional costs.
    pub multiplier: Row<f64, W>,
    /// Factor of the band's half-width.
    pub factor: Row<f64, W>,
}

/// State of one instance on a block of paths: the running sums of the reference, under the same
/// names, one row of lanes each.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct InstanceState<const A: usize, const L: usize> {
    pub portfolio: PortfolioRows<A, L>,
    pub unit_scale: Row<f64, L>,
    pub unit_at_ruin: Row<f64, L>,
    /// Step of ruin or [`NEVER`]; a float, as wide as the numbers that it selects.
    pub ruined_at: Row<f64, L>,
    pub trade_allowed_from: Row<u32, L>,
    pub unit_peak: Row<f64, L>,
    /// Unit value at the deepest drawdown so far, and the peak before it.
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
    /// Costs of all steps where there are flows or a fee; else the portfolio has the sum.
    pub cost_frac: Row<f64, L>,
    pub growth_weight_sum: Row<f64, L>,
    pub deviation_squares: Row<f64, L>,
    pub deviation_max: Row<f64, L>,
    /// Desired weights of delayed orders; used by rules with a delay only.
    pub pending_weights: [Row<f64, L>; A],
    /// Step at which a delayed order is due; 0 where there is none.
    pub pending_due: Row<u32, L>,
    /// Number that each of the joined conditions remembers.
    pub memory: Vec<Row<f64, L>>,
    /// Target of the step before; used where it moves only.
    pub target: [Row<f64, L>; A],
}

impl<const A: usize, const W: usize> PortfolioRows<A, W> {
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

impl<const A: usize, const W: usize> OrderRows<A, W> {
    fn new() -> Self {
        let one = Row::splat(1.0);
        Self { fire: Row::splat(0), desired: [one; A], after: one, multiplier: one, factor: one }
    }
}

/// Rows without meaning between steps. Each thread has one, which every instance uses in turn.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct StepBuffers<const A: usize, const L: usize> {
    /// Largest distance of a holding from its target, in currency.
    pub distance: Row<f64, L>,
    /// Unit value before the step over the unit value after it.
    pub shrinkage: Row<f64, L>,
    /// Log growth of the unit value.
    pub log_growth: Row<f64, L>,
    pub unit: Row<f64, L>,
    pub order: OrderRows<A, L>,
    /// Lanes that trade, as the first entries of the list.
    pub firing: [u32; L],
    pub batch: PortfolioRows<A, BATCH>,
    pub batch_order: OrderRows<A, BATCH>,
}

impl<const A: usize, const L: usize> StepBuffers<A, L> {
    pub fn new() -> Self {
        Self {
            distance: Row::splat(0.0),
            shrinkage: Row::splat(1.0),
            log_growth: Row::splat(0.0),
            unit: Row::splat(0.0),
            order: OrderRows::new(),
            firing: [0; L],
            batch: PortfolioRows::empty(),
            batch_order: OrderRows::new(),
        }
    }
}

impl<const A: usize, const L: usize> InstanceState<A, L> {
    /// Starts every lane with the reference's portfolio at `t = 0`.
    pub fn start(instance: &Prepared<A>, portfolio: &Portfolio) -> Self {
        let cost_frac = portfolio.cost_frac;
        let initial = instance.account.initial;
        let peak = if portfolio.wealth > initial { portfolio.wealth } else { initial };
        let (unit, balance) = (portfolio.unit(), portfolio.wealth);
        let unit_fell = unit * initial < initial * initial;
        let balance_fell = balance * peak < peak * peak;
        Self {
            portfolio: PortfolioRows {
                holdings: std::array::from_fn(|i| {
                    Row::splat(portfolio.holdings.get(i).copied().unwrap_or(0.0))
                }),
                wealth: Row::splat(portfolio.wealth),
                inverse: Row::splat(1.0 / portfolio.wealth),
                cost: Row::splat(cost_frac),
                ..PortfolioRows::empty()
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
            pending_weights: [Row::splat(0.0); A],
            pending_due: Row::splat(0),
            memory: instance.policy.trigger.memory().into_iter().map(Row::splat).collect(),
            target: instance.target.map(Row::splat),
        }
    }
}

/// Returns `yes` where the mask is all ones, `no` where it is 0.
#[inline(always)]
pub(super) fn choose(mask: u64, yes: f64, no: f64) -> f64 {
    f64::from_bits((yes.to_bits() & mask) | (no.to_bits() & !mask))
}

/// Returns `value` where the mask is all ones, 0 where it is 0.
#[inline(always)]
pub(super) fn masked(mask: u64, value: f64) -> f64 {
    f64::from_bits(value.to_bits() & mask)
}
