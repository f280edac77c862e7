//! Adds up what is reported of one path.

use corridor_core::numerics::{ln, ln_ratio};
use corridor_core::outcome::PathColumn;

use crate::book::Book;
use crate::plan::{Instance, Simulation};

/// Outcome values of one report horizon, indexed by `PathColumn as usize`.
pub type OutcomeValues = [f64; PathColumn::COUNT];

/// Running sums of one path and policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tally {
    pub weights: Vec<f64>,
    pub inverse_wealth: f64,
    growth_weight: f64,
    unit_peak: f64,
    unit_low: f64,
    balance_peak: f64,
    balance_low: f64,
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
        let growth_weight = sim.growth_assets.iter().fold(0.0, |sum, &i| sum + instance.policy.target[i]);
        let mut tally = Self {
            weights: instance.policy.target.clone(),
            inverse_wealth: 1.0 / book.wealth,
            growth_weight,
            unit_peak: initial,
            unit_low: 1.0,
            balance_peak,
            balance_low: 1.0,
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
    pub fn weigh(&mut self, sim: &Simulation, target: &[f64], book: &Book) {
        self.inverse_wealth = 1.0 / book.wealth;
        let mut deviation = 0.0;
        for (i, holding) in book.holdings.iter().enumerate() {
            self.weights[i] = holding * self.inverse_wealth;
            let distance = (self.weights[i] - target[i]).abs();
            deviation = if distance > deviation { distance } else { deviation };
        }
        self.deviation_squares += deviation * deviation;
        self.deviation_max = if deviation > self.deviation_max { deviation } else { self.deviation_max };
        self.growth_weight = sim.growth_assets.iter().fold(0.0, |sum, &i| sum + self.weights[i]);
    }

    /// A trade of value `traded` to the weights `goal`.
    pub fn trade(&mut self, sim: &Simulation, traded: f64, goal: &[f64]) {
        self.turnover += 0.5 * traded * self.inverse_wealth;
        self.events += f64::from(u8::from(traded > 0.0));
        self.growth_weight = sim.growth_assets.iter().fold(0.0, |sum, &i| sum + goal[i]);
    }

    /// Closes step `t`, the first having `t = 1`; `last` is the step after which nothing is earned.
    pub fn record(&mut self, t: u32, book: &Book, last: bool) {
        let unit = book.unit();
        let log_growth = ln_ratio(unit, self.unit_before);
        if t == 1 {
            self.log_shift = log_growth;
        }
        let centred = log_growth - self.log_shift;
        self.log_sum += centred;
        self.log_squares += centred * centred;
        self.unit_before = unit;
        self.unit_peak = if unit > self.unit_peak { unit } else { self.unit_peak };
        self.balance_peak = if book.wealth > self.balance_peak { book.wealth } else { self.balance_peak };
        self.under_water += f64::from(u8::from(unit < self.unit_peak));
        self.lows(book);
        self.cost_frac += book.cost_frac;
        if !last && book.ruined_at.is_none() {
            self.growth_weight_sum += self.growth_weight;
        }
    }

    fn lows(&mut self, book: &Book) {
        let (unit, balance) = (book.unit() / self.unit_peak, book.wealth / self.balance_peak);
        self.unit_low = if unit < self.unit_low { unit } else { self.unit_low };
        self.balance_low = if balance < self.balance_low { balance } else { self.balance_low };
    }

    /// The outcomes at a report horizon before the last step, as if the run ended there, untraded.
    pub fn outcome_if_ended_at(&self, t: u32, sim: &Simulation, instance: &Instance, book: &Book) -> OutcomeValues {
        let mut ended = self.clone();
        if book.ruined_at.is_none() {
            ended.weigh(sim, &instance.policy.target, book);
        }
        if book.ruined_at.is_none_or(|ruin| ruin == t) {
            ended.record(t, book, true);
        }
        ended.outcome(t, sim, instance, book)
    }

    /// The outcomes at the end of step `t`.
    pub fn outcome(&self, t: u32, sim: &Simulation, instance: &Instance, book: &Book) -> OutcomeValues {
        let alive = f64::from(book.ruined_at.unwrap_or(t).max(1));
        let m = f64::from(sim.grid.per_year());
        let per_year = m / alive;
        let weighed = if book.ruined_at.is_some() { alive - 1.0 } else { alive };
        let initial = instance.account.initial;
        let mut out = [0.0; PathColumn::COUNT];
        let mut set = |column: PathColumn, value: f64| out[column as usize] = value;
        set(PathColumn::TerminalWealthNominal, book.wealth);
        set(PathColumn::LogGrowthUnitAnnual, ln(self.unit_before / initial) * per_year);
        set(PathColumn::MaxDrawdownUnitFrac, 1.0 - self.unit_low);
        set(PathColumn::MaxDrawdownBalanceFrac, 1.0 - self.balance_low);
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

/// Standard deviation (ddof 1) of `count` numbers from their sum and squares about a shift, times sqrt(m); 0 below two.
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
