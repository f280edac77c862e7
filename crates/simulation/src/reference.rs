//! Defines what a simulation is: one path, one policy, one plain loop.
//!
//! The lane kernel must equal this bit for bit. Read [`simulate`] first; everything it calls says
//! what it is.

use corridor_core::lanes::Row;
use corridor_core::path::{CHUNK_STEPS, PLACEBO_PATHS, PathBlock, PathSource};

use crate::account::Side;
use crate::book::Book;
use crate::plan::{Instance, Simulation};
use crate::policy::condition::{Position, Sight};
use crate::policy::goal::{goal, widths};
use crate::policy::{Policy, ScaleFactor};
use crate::reason::why;
use crate::signal::{Observation, ObservedState};
use crate::tally::{OutcomeValues, Tally};
use crate::trace::{Cause, StepTrace};
use crate::trade::execute;

/// One market path: element `t - 1` is what happened from `t - 1` to `t`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarketPath {
    /// Its number.
    pub path: u64,
    /// Gross returns, `[step][asset]`.
    pub gross: Vec<Vec<f64>>,
    /// Log returns as generated, `[step][asset]`: what signals observe.
    pub log_return: Vec<Vec<f32>>,
    /// True regime of each step.
    pub regime: Vec<u32>,
    /// Log returns of the path that placebo signals watch, `[step][asset]`.
    pub placebo: Vec<Vec<f32>>,
    /// Indicators of the market, `[step][indicator]`; empty where it has none.
    pub indicator: Vec<Vec<f32>>,
    /// The same of the path that placebo signals watch.
    pub placebo_indicator: Vec<Vec<f32>>,
}

/// Simulates one policy on one path; returns the outcomes at every report horizon and hands each
/// step to `observe`.
///
/// The order of one step: growth, fee, flows that end the period, flows that start the next,
/// signals, review, trigger, trade, cost, record. What is decided at `t` earns from `t + 1` on;
/// nothing is traded at the last step, or after ruin.
pub fn simulate(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    observe: impl FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    let signals = observed_signals(sim, std::slice::from_ref(path)).pop().unwrap_or_default();
    simulate_seeing(sim, instance, path, &signals, observe)
}

/// The same with the signals of the path, `[step][signal]`, known: policies on one path see the
/// same.
pub fn simulate_seeing(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    signals: &[Vec<f64>],
    mut observe: impl FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    follow(sim, instance, path, signals, &mut observe)
}

/// The loop itself. Not generic, so it is compiled with this crate.
fn follow(
    sim: &Simulation,
    instance: &Instance,
    path: &MarketPath,
    signals: &[Vec<f64>],
    observe: &mut dyn FnMut(&StepTrace),
) -> Vec<OutcomeValues> {
    let (policy, costs, n) = (&instance.policy, &instance.costs, sim.grid.steps);
    let mut book = Book::open(&instance.account, costs, &policy.target);
    start_flows(instance, &mut book);
    let mut tally = Tally::start(sim, instance, &book);
    let scales = policy.scales();
    let mut trader = Trader {
        policy,
        reviews: policy.review.dates(sim.grid),
        pending: None,
        allowed_from: 0,
        memory: policy.trigger.memory(),
    };
    let mut width = vec![f64::INFINITY; sim.assets];
    let mut target = policy.target.clone();
    let mut next_target = target.clone();
    let mut outcomes = Vec::with_capacity(sim.horizons.len());
    let mut trace = StepTrace::at_start(&policy.target, book.weights_or(&policy.target));
    trace.close(instance, &book);
    observe(&trace);

    for t in 1..=n {
        let step = t as usize - 1;
        let sight = Seen { signals: &signals[step], scales: &scales };
        let multiplier = costs.multiplier(path.regime[step]);
        let alive = book.ruined_at.is_none();
        book.grow(&path.gross[step], instance.account.fee_per_step);
        policy.target_at(t, product(policy.target_scale(), &signals[step]), &mut next_target);
        flow(instance, &target, &mut book, t, Side::End, multiplier);
        if t < n && sim.horizons.contains(&t) {
            outcomes.push(tally.outcome_if_ended_at(t, sim, instance, &next_target, &book));
        }
        if t < n {
            flow(instance, &target, &mut book, t, Side::Start, multiplier);
        }
        target.copy_from_slice(&next_target);
        trace.open(t, path.regime[step]);
        if book.ruined_at.is_none() {
            tally.weigh(&target, &book);
            widths(&policy.trigger, |place| sight.factor(place), &mut width);
            trace.target.clone_from(&target);
            trace.weights_before.clone_from(&tally.weights);
            trace.weights.clone_from(&tally.weights);
        }
        if t < n && book.ruined_at.is_none() {
            let position = Position {
                t,
                target: &target,
                holdings: &book.holdings,
                wealth: book.wealth,
                weights: &tally.weights,
            };
            let order = trader.order(&position, &sight, &width);
            if let Some(order) = order
                && let Some(done) =
                    execute(costs, multiplier, &order.goals, book.wealth, &mut book.holdings)
            {
                trader.traded(t, &sight);
                book.spend(
                    book.wealth - done.wealth,
                    (book.wealth - done.wealth) * tally.inverse_wealth,
                );
                tally.trade(&done);
                book.wealth = done.wealth;
                trace.traded = done.traded;
                trace.cause = (done.traded > 0.0).then_some(order.cause);
                trace.weights = order.goals;
            }
        }
        if alive {
            tally.record(t, sim, &book, t == n);
        }
        trace.signals.clone_from(&signals[step]);
        trace.widths.clone_from(&width);
        trace.close(instance, &book);
        observe(&trace);
    }
    outcomes.push(tally.outcome(n, sim, instance, &book));
    outcomes
}

/// A decision and the step at which it is traded.
struct Order {
    cause: Cause,
    due: u32,
    goals: Vec<f64>,
}

/// Decides at reviews, and keeps the order that waits.
struct Trader<'a> {
    policy: &'a Policy,
    reviews: Vec<bool>,
    pending: Option<Order>,
    allowed_from: u32,
    /// What the conditions of the trigger remember.
    memory: Vec<f64>,
}

impl Trader<'_> {
    /// The order to be traded at this step: one that waited for it, or one decided now.
    fn order(&mut self, position: &Position<'_>, sight: &Seen<'_>, width: &[f64]) -> Option<Order> {
        let t = position.t;
        if self.pending.is_some() {
            return self.pending.take_if(|waiting| waiting.due == t);
        }
        if !self.reviews[t as usize] || t < self.allowed_from {
            return None;
        }
        let decided = self.decide(position, sight, width)?;
        if decided.due == t {
            return Some(decided);
        }
        self.pending = Some(decided);
        None
    }

    /// The order of a rule that looks, if its trigger fires and there is something to trade.
    fn decide(
        &mut self,
        position: &Position<'_>,
        sight: &Seen<'_>,
        width: &[f64],
    ) -> Option<Order> {
        let policy = self.policy;
        let (fires, holding) = policy.trigger.fires(position, sight, width, &mut self.memory);
        if !fires {
            return None;
        }
        let mut goals = vec![0.0; position.weights.len()];
        goal(policy, position.target, position.weights, width, sight, &mut goals)?;
        let cause = Cause {
            reasons: why(&policy.trigger, holding, position, sight, &self.memory),
            decided_at: position.t,
        };
        Some(Order { cause, due: position.t + policy.execution_lag_steps, goals })
    }

    /// An order was carried out.
    fn traded(&mut self, t: u32, sight: &Seen<'_>) {
        self.allowed_from = t + self.policy.cooldown_steps;
        self.policy.trigger.traded(t, sight, &mut self.memory);
    }
}

/// What a rule sees at one step.
struct Seen<'a> {
    signals: &'a [f64],
    scales: &'a [&'a [ScaleFactor]],
}

impl Sight for Seen<'_> {
    fn signal(&self, signal: usize) -> f64 {
        self.signals[signal]
    }

    fn factor(&self, place: usize) -> f64 {
        product(self.scales[place], self.signals)
    }
}

/// The flows of `t = 0`, in a market without a regime yet.
pub(crate) fn start_flows(instance: &Instance, book: &mut Book) {
    flow(instance, &instance.policy.target, book, 0, Side::Start, 1.0);
}

fn flow(instance: &Instance, target: &[f64], book: &mut Book, t: u32, side: Side, multiplier: f64) {
    if let Some(flow) = instance.account.flows.get(t as usize) {
        let (contribution, withdrawal) = flow.at(side);
        let routing = (instance.policy.cash_flows, target);
        book.contribute(contribution, routing, &instance.costs, multiplier);
        book.withdraw(t, withdrawal, routing, &instance.costs, multiplier);
    }
}

/// Product of scale factors at the signals of one step.
fn product(scale: &[ScaleFactor], signals: &[f64]) -> f64 {
    scale.iter().fold(1.0, |product, factor| product * factor.form.factor(signals[factor.signal]))
}

/// Values of every signal on consecutive paths, `[path][step][signal]`; element `t - 1` is the
/// value at `t`. At most [`MarketPath::BLOCK`] paths.
#[must_use]
pub fn observed_signals(sim: &Simulation, paths: &[MarketPath]) -> Vec<Vec<Vec<f64>>> {
    if paths.len() == 1 { observed::<1>(sim, paths) } else { observed::<16>(sim, paths) }
}

fn observed<const L: usize>(sim: &Simulation, paths: &[MarketPath]) -> Vec<Vec<Vec<f64>>> {
    let mut states: Vec<ObservedState<L>> = sim.signals.iter().map(ObservedState::new).collect();
    let per_year = f64::from(sim.grid.per_year());
    let mut values = vec![Vec::with_capacity(sim.grid.steps as usize); paths.len()];
    let of = |l: usize| &paths[l.min(paths.len() - 1)]; // lanes without a path repeat the last
    for t in 1..=sim.grid.steps {
        let rows = |returns: &dyn Fn(&MarketPath) -> Option<&Vec<f32>>| -> Vec<Row<f32, L>> {
            let width = returns(of(0)).map_or(0, Vec::len);
            (0..width)
                .map(|i| Row(std::array::from_fn(|l| returns(of(l)).map_or(0.0, |row| row[i]))))
                .collect()
        };
        let step = t as usize - 1;
        let seen = Observation {
            t,
            per_year,
            first_path: of(0).path,
            log_returns: &rows(&|path| path.log_return.get(step)),
            placebo_returns: &rows(&|path| path.placebo.get(step)),
            indicators: &rows(&|path| path.indicator.get(step)),
            placebo_indicators: &rows(&|path| path.placebo_indicator.get(step)),
            coming_regime: &Row(std::array::from_fn(|l| {
                of(l).regime[(t as usize).min(of(l).regime.len() - 1)]
            })),
        };
        let mut value = Row([0.0; L]);
        for path in &mut values {
            path.push(Vec::with_capacity(sim.signals.len()));
        }
        for (signal, state) in sim.signals.iter().zip(&mut states) {
            state.update(signal, &seen, &mut value);
            for (l, path) in values.iter_mut().enumerate() {
                path[step].push(value[l]);
            }
        }
    }
    values
}

/// One trace serves all steps of a path: its lists keep their memory.
impl StepTrace {
    fn at_start(target: &[f64], weights: Vec<f64>) -> Self {
        Self {
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
            traded: 0.0,
            cause: None,
        }
    }

    /// A step of which nothing is known yet: of a ruined account nothing will be.
    fn open(&mut self, t: u32, regime: u32) {
        (self.t, self.regime, self.traded, self.cause) = (t, Some(regime), 0.0, None);
        for list in [&mut self.target, &mut self.weights_before, &mut self.weights] {
            list.clear();
        }
    }

    fn close(&mut self, instance: &Instance, book: &Book) {
        (self.wealth, self.unit, self.flow, self.cost) =
            (book.wealth, book.unit() / instance.account.initial, book.flow, book.cost);
    }
}

impl MarketPath {
    /// Paths that a market gives at once.
    pub const BLOCK: u64 = 16;

    /// Reads path `path` of a market, all `steps` of it.
    #[must_use]
    pub fn of_source(source: &dyn PathSource<16>, path: u64, steps: u32) -> Self {
        Self::block_of_source(source, path / Self::BLOCK, steps)
            .swap_remove((path % Self::BLOCK) as usize)
    }

    /// Reads the paths of block number `block`, [`Self::BLOCK`] of them from `block * BLOCK` on.
    #[must_use]
    pub fn block_of_source(source: &dyn PathSource<16>, block: u64, steps: u32) -> Vec<Self> {
        let (first, assets) = (block * Self::BLOCK, source.assets().len());
        let (mut block, mut other) = (PathBlock::<16>::new(assets), PathBlock::<16>::new(assets));
        let mut paths: Vec<Self> =
            (first..first + Self::BLOCK).map(|path| Self { path, ..Self::default() }).collect();
        for start in (0..steps).step_by(CHUNK_STEPS) {
            let length = CHUNK_STEPS.min((steps - start) as usize);
            source.fill(first, start, length, &mut block);
            source.fill(first + PLACEBO_PATHS, start, length, &mut other);
            for k in 0..length {
                for (lane, out) in paths.iter_mut().enumerate() {
                    let of_lane =
                        |rows: &[Row<f32, 16>]| rows.iter().map(|row| row[lane]).collect();
                    out.gross.push(block.gross(k).iter().map(|row| row[lane]).collect());
                    out.log_return.push(of_lane(block.log_return(k)));
                    out.regime.push(block.regime(k)[lane]);
                    out.placebo.push(of_lane(other.log_return(k)));
                    out.indicator.push(of_lane(block.indicator(k)));
                    out.placebo_indicator.push(of_lane(other.indicator(k)));
                }
            }
        }
        paths
    }
}
