//! Adds up what is reported of one path.

use corridor_core::numerics::{ln, ln_near_one, reciprocal_near};
use corridor_core::outcome::PathColumn;

use crate::book::Book;
use crate::plan::{Instance, Simulation};
use crate::trade::Executed;

/// Outcome values of one report horizon, indexed by `PathColumn as usize`.
pub type OutcomeValues = [f64; PathColumn::COUNT];

/// Running sums of one path and policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tally {
    pub weights: Vec<f64>,
    pub inverse_wealth: f64,
    unit_peak: f64,
    unit_low: Low,
    balance_peak: f64,
    balance_low: Low,
    under_water: f64,
    unit_before: f64,
    log_shift: f64,
    log_sum: f64,
    log_squares: f64,
    turnover: f64,
    events: f64,
    cost_frac: f64,
    growth_weight_sum: f64,
    deviation_squares: f64,
    deviation_max: f64,
}

impl Tally {
    /// At `t = 0`: the index is 1 before the first purchase is paid for and before the first flows.
    pub fn start(sim: &Simulation, instance: &Instance, book: &Book) -> Self {
        let initial = instance.account.initial;
        let balance_peak = if book.wealth > initial { book.wealth } else { initial };
        let growth_weight =
            sim.growth_assets.iter().fold(0.0, |sum, &i| sum + instance.policy.target[i]);
        let mut tally = Self {
            weights: instance.policy.target.clone(),
            inverse_wealth: 1.0 / book.wealth,
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
            cost_frac: book.cost_frac,
            growth_weight_sum: growth_weight,
            deviation_squares: 0.0,
            deviation_max: 0.0,
        };
        tally.lows(book);
        tally
    }

    /// Weights before trading, and their largest distance from the target.
    pub fn weigh(&mut self, target: &[f64], book: &Book) {
        self.inverse_wealth = 1.0 / book.wealth;
        let mut distance = 0.0; // in currency
        for (i, holding) in book.holdings.iter().enumerate() {
            self.weights[i] = holding * self.inverse_wealth;
            let off = (holding - target[i] * book.wealth).abs();
            distance = if off > distance { off } else { distance };
        }
        let deviation = distance * self.inverse_wealth;
        self.deviation_squares += deviation * deviation;
        self.deviation_max =
            if deviation > self.deviation_max { deviation } else { self.deviation_max };
    }

    /// A trade.
    pub fn trade(&mut self, done: &Executed) {
        self.turnover += 0.5 * done.traded * self.inverse_wealth;
        self.events += f64::from(u8::from(done.traded > 0.0));
        self.inverse_wealth = reciprocal_near(done.wealth, self.inverse_wealth);
    }

    /// Closes step `t`, the first having `t = 1`; `last` is the step after which nothing is earned.
    pub fn record(&mut self, t: u32, sim: &Simulation, book: &Book, last: bool) {
        let unit = book.unit();
        let shrinkage = match book.ruined_at {
            None => self.unit_before / book.unit_scale * self.inverse_wealth,
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
            if book.wealth > self.balance_peak { book.wealth } else { self.balance_peak };
        self.under_water += f64::from(u8::from(unit < self.unit_peak));
        self.lows(book);
        self.cost_frac += book.cost_frac;
        if !last && book.ruined_at.is_none() {
            for &i in &sim.growth_assets {
                self.growth_weight_sum += book.holdings[i] * self.inverse_wealth;
            }
        }
    }

    fn lows(&mut self, book: &Book) {
        self.unit_low.see(book.unit(), self.unit_peak);
        self.balance_low.see(book.wealth, self.balance_peak);
    }

    /// The outcomes at a report horizon before the last step, as if the run ended there, untraded.
    pub fn outcome_if_ended_at(
        &self,
        t: u32,
        sim: &Simulation,
        instance: &Instance,
        target: &[f64],
        book: &Book,
    ) -> OutcomeValues {
        let mut ended = self.clone();
        if book.ruined_at.is_none() {
            ended.weigh(target, book);
        }
        if book.ruined_at.is_none_or(|ruin| ruin == t) {
            ended.record(t, sim, book, true);
        }
        ended.outcome(t, sim, instance, book)
    }

    /// The outcomes at the end of step `t`.
    pub fn outcome(
        &self,
        t: u32,
        sim: &Simulation,
        instance: &Instance,
        book: &Book,
    ) -> OutcomeValues {
        let alive = f64::from(book.ruined_at.unwrap_or(t).max(1));
        let m = f64::from(sim.grid.per_year());
        let per_year = m / alive;
        let weighed = if book.ruined_at.is_some() { alive - 1.0 } else { alive };
        let initial = instance.account.initial;
        let mut out = [0.0; PathColumn::COUNT];
        let mut set = |column: PathColumn, value: f64| out[column as usize] = value;
        set(PathColumn::TerminalWealthNominal, book.wealth);
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
        set(PathColumn::RuinMonth, book.ruined_at.map_or(f64::NAN, |t| f64::from(t) * 12.0 / m));
        out
    }
}

/// The deepest point below a running peak: compared by cross-multiplication, divided once at the
/// end.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Low {
    value: f64,
    peak: f64,
}

impl Low {
    fn see(&mut self, value: f64, peak: f64) {
        if value * self.peak < self.value * peak {
            *self = Self { value, peak };
        }
    }

    fn drawdown(self) -> f64 {
        1.0 - self.value / self.peak
    }
}

/// Standard deviation (ddof 1) of `count` numbers from their sum and squares about a shift, times
/// sqrt(m); 0 below two.
#[inline(always)]
pub(crate) fn annual_deviation(sum: f64, squares: f64, count: f64, m: f64) -> f64 {
    if count < 2.0 {
        return 0.0;
    }
    let variance = (squares - sum * sum / count) / (count - 1.0);
    if variance > 0.0 { (variance * m).sqrt() } else { 0.0 }
}

#[inline(always)]
pub(crate) fn root_mean(squares: f64, count: f64) -> f64 {
    if count > 0.0 { (squares / count).sqrt() } else { 0.0 }
}
