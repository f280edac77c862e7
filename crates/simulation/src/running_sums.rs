//! Adds up the outcomes of one policy on one path, step by step.

use corridor_core::numerics::{ln, ln_near_one, reciprocal_near};
use corridor_core::outcome::PathColumn;

use crate::plan::{Instance, Simulation};
use crate::portfolio::Portfolio;
use crate::trade::Executed;

/// Outcomes at one report horizon, indexed by `PathColumn as usize`.
pub type OutcomeValues = [f64; PathColumn::COUNT];

/// Running sums of one policy on one path. A unit value here is the unit value times the initial
/// balance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RunningSums {
    /// Weights before trading.
    pub weights: Vec<f64>,
    /// Reciprocal of wealth, after trading once a trade was made.
    pub inverse_wealth: f64,
    /// Highest unit value so far.
    unit_peak: f64,
    unit_low: Low,
    /// Highest balance so far.
    balance_peak: f64,
    balance_low: Low,
    /// Number of steps below the peak of the unit value.
    under_water: f64,
    /// Unit value after the step before.
    unit_before: f64,
    /// Log growth of the first step, which is subtracted from all so that squares stay small.
    log_shift: f64,
    /// Sum of the shifted log growth of the unit value, and of its squares.
    log_sum: f64,
    log_squares: f64,
    /// One-way turnover, as a sum of fractions of wealth.
    turnover: f64,
    /// Number of steps with a trade.
    events: f64,
    /// Costs and fees, as a sum of fractions of wealth.
    cost_frac: f64,
    /// Sum over steps of the growth assets' weights after trading.
    growth_weight_sum: f64,
    /// Sum over steps of the squared largest deviation from the target, before trading.
    deviation_squares: f64,
    /// Largest deviation from the target so far, before trading.
    deviation_max: f64,
}

impl RunningSums {
    /// Starts the sums at `t = 0`. The unit value is 1 before the first purchase is paid for and
    /// before the first flows.
    pub fn start(sim: &Simulation, instance: &Instance, portfolio: &Portfolio) -> Self {
        let initial = instance.account.initial;
        let balance_peak = if portfolio.wealth > initial { portfolio.wealth } else { initial };
        let growth_weight =
            sim.growth_assets.iter().fold(0.0, |sum, &i| sum + instance.policy.target[i]);
        let mut sums = Self {
            weights: instance.policy.target.clone(),
            inverse_wealth: 1.0 / portfolio.wealth,
            unit_peak: initial,
            unit_low: Low { value: initial, peak: initial },
            balance_peak,
            balance_low: Low { value: balance_peak, peak: balance_peak },
            under_water: 0.0,
            unit_before: initial,
            log_shift: 0.0,
            log_sum: 0.0,
            log_squares: 0.0,
            turnover: 0.0,
            events: 0.0,
            cost_frac: portfolio.cost_frac,
            growth_weight_sum: growth_weight,
            deviation_squares: 0.0,
            deviation_max: 0.0,
        };
        sums.lows(portfolio);
        sums
    }

    /// Works out the weights before trading, and their largest deviation from the target.
    pub fn weigh(&mut self, target: &[f64], portfolio: &Portfolio) {
        self.inverse_wealth = 1.0 / portfolio.wealth;
        let mut distance = 0.0; // in currency
        for (i, holding) in portfolio.holdings.iter().enumerate() {
            self.weights[i] = holding * self.inverse_wealth;
            let off = (holding - target[i] * portfolio.wealth).abs();
            distance = if off > distance { off } else { distance };
        }
        let deviation = distance * self.inverse_wealth;
        self.deviation_squares += deviation * deviation;
        self.deviation_max =
            if deviation > self.deviation_max { deviation } else { self.deviation_max };
    }

    /// Adds a trade, which is a fraction of the wealth before it.
    pub fn trade(&mut self, done: &Executed) {
        self.turnover += 0.5 * done.traded * self.inverse_wealth;
        self.events += f64::from(u8::from(done.traded > 0.0));
        self.inverse_wealth = reciprocal_near(done.wealth, self.inverse_wealth);
    }

    /// Adds step `t`, from 1, after its trade; `last` marks a step after which nothing is earned.
    pub fn record(&mut self, t: u32, sim: &Simulation, portfolio: &Portfolio, last: bool) {
        let unit = portfolio.unit();
        let shrinkage = match portfolio.ruined_at {
            None => self.unit_before / portfolio.unit_scale * self.inverse_wealth,
            Some(_) => self.unit_before / unit,
        };
        let log_growth = -ln_near_one(shrinkage);
        if t == 1 {
            self.log_shift = log_growth;
        }
        let centred = log_growth - self.log_shift;
        self.log_sum += centred;
        self.log_squares += centred * centred;
        self.unit_before = unit;
        self.unit_peak = if unit > self.unit_peak { unit } else { self.unit_peak };
        self.balance_peak =
            if portfolio.wealth > self.balance_peak { portfolio.wealth } else { self.balance_peak };
        self.under_water += f64::from(u8::from(unit < self.unit_peak));
        self.lows(portfolio);
        self.cost_frac += portfolio.cost_frac;
        if !last && portfolio.ruined_at.is_none() {
            for &i in &sim.growth_assets {
                self.growth_weight_sum += portfolio.holdings[i] * self.inverse_wealth;
            }
        }
    }

    fn lows(&mut self, portfolio: &Portfolio) {
        self.unit_low.include(portfolio.unit(), self.unit_peak);
        self.balance_low.include(portfolio.wealth, self.balance_peak);
    }

    /// Returns the outcomes at report horizon `t` before the last step, as if the run ended there
    /// without a trade.
    pub fn outcome_if_ended_at(
        &self,
        t: u32,
        sim: &Simulation,
        instance: &Instance,
        target: &[f64],
        portfolio: &Portfolio,
    ) -> OutcomeValues {
        let mut ended = self.clone();
        if portfolio.ruined_at.is_none() {
            ended.weigh(target, portfolio);
        }
        if portfolio.ruined_at.is_none_or(|ruin| ruin == t) {
            ended.record(t, sim, portfolio, true);
        }
        ended.outcome(t, sim, instance, portfolio)
    }

    /// Returns the outcomes at the end of step `t`.
    pub fn outcome(
        &self,
        t: u32,
        sim: &Simulation,
        instance: &Instance,
        portfolio: &Portfolio,
    ) -> OutcomeValues {
        let alive = f64::from(portfolio.ruined_at.unwrap_or(t).max(1));
        let m = f64::from(sim.grid.per_year());
        let per_year = m / alive;
        let weighed = if portfolio.ruined_at.is_some() { alive - 1.0 } else { alive };
        let initial = instance.account.initial;
        let mut out = [0.0; PathColumn::COUNT];
        let mut set = |column: PathColumn, value: f64| out[column as usize] = value;
        set(PathColumn::TerminalWealthNominal, portfolio.wealth);
        set(PathColumn::LogGrowthUnitAnnual, ln(self.unit_before / initial) * per_year);
        set(PathColumn::MaxDrawdownUnitFrac, self.unit_low.drawdown());
        set(PathColumn::MaxDrawdownBalanceFrac, self.balance_low.drawdown());
        set(PathColumn::MonthsUnderWaterUnit, self.under_water * 12.0 / m);
        set(PathColumn::VolUnitAnnual, annual_deviation(self.log_sum, self.log_squares, alive, m));
        set(PathColumn::TurnoverOneWayAnnual, self.turnover * per_year);
        set(PathColumn::RebalanceEvents, self.events);
        set(PathColumn::CostBpsAnnual, self.cost_frac * per_year * 1e4);
        set(PathColumn::GrowthWeightMeanFrac, self.growth_weight_sum / alive);
        set(PathColumn::WeightDeviationRmsFrac, root_mean(self.deviation_squares, weighed));
        set(PathColumn::WeightDeviationMaxFrac, self.deviation_max);
        set(
            PathColumn::RuinMonth,
            portfolio.ruined_at.map_or(f64::NAN, |t| f64::from(t) * 12.0 / m),
        );
        out
    }
}

/// Deepest point below a running peak, and that peak. Two points are compared by
/// cross-multiplication, so that there is one division, at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Low {
    value: f64,
    peak: f64,
}

impl Low {
    fn include(&mut self, value: f64, peak: f64) {
        if value * self.peak < self.value * peak {
            *self = Self { value, peak };
        }
    }

    fn drawdown(self) -> f64 {
        1.0 - self.value / self.peak
    }
}

/// Returns `sqrt(m)` times the sample standard deviation of `count` numbers, given the sum of the
/// numbers and of their squares, both about a shift; 0 for fewer than two numbers.
#[inline(always)]
pub(crate) fn annual_deviation(sum: f64, squares: f64, count: f64, m: f64) -> f64 {
    if count < 2.0 {
        return 0.0;
    }
    let variance = (squares - sum * sum / count) / (count - 1.0);
    if variance > 0.0 { (variance * m).sqrt() } else { 0.0 }
}

/// Returns the root of a mean of squares; 0 for no numbers.
#[inline(always)]
pub(crate) fn root_mean(squares: f64, count: f64) -> f64 {
    if count > 0.0 { (squares / count).sqrt() } else { 0.0 }
}
