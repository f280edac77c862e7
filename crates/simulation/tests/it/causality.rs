//! Checks that decisions never see the future: whatever happens after step t, everything up to t
//! stays equal, bit for bit.

use crate::plain_studies::{instance, simulation};
use crate::random_studies::random_study;
use crate::registered::registered_signals;
use crate::scripted::Scripted;
use corridor_core::level::Level;
use corridor_core::outcome::{PathColumn, PolicyId};
use corridor_core::time::{Review, Step};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::condition::{Condition, Expression, Joined};
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};
use corridor_simulation::policy::{
    Corridor, Destination, ScaleFactor, ScaleForm, Scaled, TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_with_signals};
use corridor_simulation::run::ShippedBlocks;
use corridor_simulation::signal::{Noise, ObservedSignal, Origin};
use corridor_simulation::trace::StepTrace;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// Replaces everything in a market after step `t` by something else: returns, data of signals, and
/// regimes.
fn scrambled(market: &MarketPath, t: u32, seed: u64) -> MarketPath {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut other, regimes) =
        (market.clone(), market.regime.iter().max().map_or(1, |last| last + 1));
    for step in t as usize..market.gross.len() {
        for i in 0..market.gross[step].len() {
            other.gross[step][i] = rng.random_range(0.5..1.7);
            other.log_return[step][i] = rng.random_range(-0.7..0.7);
        }
        other.regime[step] = rng.random_range(0..regimes);
        other
            .indicator
            .get_mut(step)
            .into_iter()
            .flatten()
            .for_each(|value| *value = rng.random_range(0.02..1.0));
    }
    other
}

/// First part of a trace that depends on the future.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Leak {
    /// A trade, or weights after it.
    Decision { t: u32 },
    /// Balance, unit, flow or cost.
    Balance { t: u32 },
    /// A signal value or a half-width.
    Signal { t: u32 },
}

/// A market with the signals that a strategy observes there, `[step][signal]`.
struct Seen {
    market: MarketPath,
    signals: Vec<Vec<f64>>,
}

impl Seen {
    /// Observes the signals of a simulation.
    fn by(sim: &Simulation, market: MarketPath) -> Self {
        let signals = observed_signals(sim, std::slice::from_ref(&market)).remove(0);
        Self { market, signals }
    }

    /// Observes tomorrow's data: the log return that signals see at `t` is that of `t + 1`.
    fn with_tomorrows_news(sim: &Simulation, market: MarketPath) -> Self {
        let mut doctored = market.clone();
        doctored.log_return.rotate_left(1);
        if !doctored.indicator.is_empty() {
            doctored.indicator.rotate_left(1);
        }
        Self { market, ..Self::by(sim, doctored) }
    }

    /// Observes the regime of `t` at `t`, where an oracle would see that of `t + 1`.
    fn a_step_later(sim: &Simulation, market: MarketPath) -> Self {
        let later = MarketPath { regime: later(&market.regime), ..market.clone() };
        Self { market, ..Self::by(sim, later) }
    }
}

/// A way to observe a market.
type Observe = fn(&Simulation, MarketPath) -> Seen;

/// A market, and markets that are equal up to a step and differ after it.
struct Futures<'a> {
    sim: &'a Simulation,
    seen: Seen,
    /// Steps after which everything happens otherwise, each with the market where it does.
    others: Vec<(u32, Seen)>,
}

/// Difference that another future makes.
struct Difference {
    /// Step after which the future is another one.
    t: u32,
    /// First decision up to `t` that differs, else the first balance, else the first signal; none
    /// for a strategy that does not look ahead.
    leak: Option<Leak>,
    /// Whether the first balance of the other future differs: the future is another one indeed.
    next_balance: bool,
}

impl<'a> Futures<'a> {
    /// Scrambles the market after each of some steps.
    fn new(
        sim: &'a Simulation,
        market: &MarketPath,
        observe: Observe,
        steps: impl IntoIterator<Item = u32>,
        seed: u64,
    ) -> Self {
        let other = |t| {
            let other = scrambled(market, t, seed);
            assert_ne!(*market, other, "nothing was scrambled");
            (t, observe(sim, other))
        };
        Self {
            sim,
            seen: observe(sim, market.clone()),
            others: steps.into_iter().map(other).collect(),
        }
    }

    /// Follows a strategy on the market and in every other future.
    fn differences<'b>(&'b self, rule: &'b Instance) -> impl Iterator<Item = Difference> + 'b {
        let Seen { market, signals } = &self.seen;
        let mut ours = Vec::new();
        simulate_with_signals(self.sim, rule, market, signals, |step| ours.push(step.clone()));
        self.others.iter().map(move |(t, other)| self.difference(&ours, rule, *t, other))
    }

    fn difference(&self, trace: &[StepTrace], rule: &Instance, t: u32, other: &Seen) -> Difference {
        let (mut decision, mut balance, mut signal, mut next_balance) = (None, None, None, false);
        let mut step = 0;
        simulate_with_signals(self.sim, rule, &other.market, &other.signals, |theirs| {
            let ours = &trace[step as usize];
            if step > t {
                next_balance |= step == t + 1 && ours.wealth != theirs.wealth;
            } else {
                let first = |found: &mut Option<u32>, same: bool| {
                    if !same {
                        found.get_or_insert(step);
                    }
                };
                first(&mut decision, same_decision(ours, theirs));
                first(&mut balance, same_balance(ours, theirs));
                first(&mut signal, same_signals(ours, theirs));
            }
            step += 1;
        });
        assert_eq!(step as usize, trace.len());
        let leak = decision
            .map(|t| Leak::Decision { t })
            .or_else(|| balance.map(|t| Leak::Balance { t }))
            .or_else(|| signal.map(|t| Leak::Signal { t }));
        Difference { t, leak, next_balance }
    }
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn same_decision(a: &StepTrace, b: &StepTrace) -> bool {
    same_bits(&a.weights_before, &b.weights_before)
        && same_bits(&a.weights, &b.weights)
        && same_bits(&[a.traded], &[b.traded])
        && a.cause == b.cause
}

fn same_balance(a: &StepTrace, b: &StepTrace) -> bool {
    same_bits(&[a.wealth, a.unit, a.flow, a.cost], &[b.wealth, b.unit, b.flow, b.cost])
}

fn same_signals(a: &StepTrace, b: &StepTrace) -> bool {
    same_bits(&a.signals, &b.signals) && same_bits(&a.widths, &b.widths)
}

/// Turns oracles into honest signals: oracles look ahead, and are labelled so.
fn without_oracles(sim: &mut Simulation) {
    for signal in sim.signals.iter_mut().filter(|signal| signal.looks_ahead()) {
        signal.origin = Origin::Path;
    }
}

#[test]
fn a_hundred_and_fifty_random_studies_do_not_see_the_future() {
    let mut futures_that_mattered = 0;
    for seed in 0..150 {
        let (mut sim, model) = random_study(seed);
        without_oracles(&mut sim);
        let (n, market) = (sim.grid.steps, MarketPath::of_source(&model, seed, sim.grid.steps));
        let futures = Futures::new(&sim, &market, Seen::by, [0, 1, n / 2, n - 1], seed + 7);
        for rule in &sim.instances {
            for Difference { t, leak, next_balance } in futures.differences(rule) {
                assert_eq!(leak, None, "study {seed}, scrambled after {t}: {rule:#?}");
                futures_that_mattered += u32::from(next_balance);
            }
        }
    }
    assert!(
        futures_that_mattered > 2500,
        "scrambling changed the next balance in {futures_that_mattered} cases only"
    );
}

/// Lists every trigger and scale form, on one signal. A new variant does not compile until it is
/// listed.
fn triggers(signal: usize) -> Vec<Trigger> {
    let forms = [
        ScaleForm::Power { elasticity: -0.8, reference: 0.2 },
        ScaleForm::Power { elasticity: 1.0, reference: 0.2 },
        ScaleForm::Exponential { slope: -3.0, reference: 0.2 },
        ScaleForm::Step { at: vec![0.1, 0.2, 0.3], factors: vec![2.0, 1.2, 0.8, 0.5] },
    ];
    let band = |scale| Corridor {
        half_width: vec![0.02, 0.03, f64::INFINITY],
        scale,
        min_width: 0.002,
        max_width: 0.2,
    };
    let corridor = |scale| Trigger::Outside(band(scale));
    let mut all = vec![Trigger::Never, Trigger::Always, corridor(Vec::new())];
    let joined = conditions(signal, band(vec![ScaleFactor { signal, form: forms[2].clone() }]));
    all.extend(forms.map(|form| corridor(vec![ScaleFactor { signal, form }])));
    all.extend(joined);
    for trigger in &all {
        match trigger {
            Trigger::Never | Trigger::Always | Trigger::Joined(_) => {}
            Trigger::Outside(corridor) => {
                corridor.scale.iter().for_each(|factor| match factor.form {
                    ScaleForm::Power { .. }
                    | ScaleForm::Exponential { .. }
                    | ScaleForm::Step { .. } => {}
                })
            }
        }
    }
    all
}

/// Lists every condition, alone and joined. A new variant does not compile until it is listed.
fn conditions(signal: usize, band: Corridor) -> Vec<Trigger> {
    let scale = band.scale.clone();
    let distance = |measure| {
        Condition::Beyond(Distance {
            measure,
            width: Scaled { base: 0.03, scale: scale.clone(), min: 0.001, max: 0.2 },
        })
    };
    let soft = Corridor { half_width: vec![0.01; 3], ..band.clone() };
    let all = [
        Condition::Always,
        Condition::Outside(band.clone()),
        distance(Measure::Group(vec![0, 2])),
        distance(Measure::L1),
        distance(Measure::L2),
        distance(Measure::TrackingError(Covariance::Constant(vec![
            0.04, 0.01, 0.03, 0.0, 0.0, 0.02,
        ]))),
        distance(Measure::TrackingError(Covariance::Signals(vec![signal; 6]))),
        Condition::Hysteresis { enter: band, exit: soft },
        Condition::Above { signal, limit: 0.1 },
        Condition::Below { signal, limit: 0.1 },
        Condition::Moved { signal, by: 0.05, start: 0.1 },
        Condition::Waited(Scaled { base: 4.0, scale: scale.clone(), min: 1.0, max: 9.0 }),
        Condition::WithTrend { signal, limit: 0.0, assets: vec![0] },
    ];
    for condition in &all {
        match condition {
            Condition::Always
            | Condition::Outside(_)
            | Condition::Beyond(_)
            | Condition::Hysteresis { .. }
            | Condition::Above { .. }
            | Condition::Below { .. }
            | Condition::Moved { .. }
            | Condition::Waited(_)
            | Condition::WithTrend { .. } => {}
        }
    }
    let expression = Expression::AnyOf(vec![
        Expression::AllOf(vec![Expression::One(1), Expression::One(12)]),
        Expression::AllOf(vec![Expression::One(10), Expression::One(9)]),
    ]);
    let joined = Trigger::Joined(Joined { conditions: all.to_vec(), expression });
    all.into_iter()
        .map(|condition| {
            Trigger::Joined(Joined { conditions: vec![condition], expression: Expression::One(0) })
        })
        .chain([joined])
        .collect()
}

/// Lists every trade rule that goes with the trigger. A new variant does not compile until it is
/// listed.
fn trade_rules(trigger: &Trigger) -> Vec<(TradeRule, TradeAssets)> {
    let plain = [TradeRule::ToTarget, TradeRule::PartWay { fraction: 0.6 }];
    let inward = [
        Destination::Edge,
        Destination::ShareOfBand(0.5),
        Destination::Within(vec![0.001, 0.01, 0.01]),
    ]
    .map(TradeRule::Inward);
    for rule in plain.iter().chain(&inward) {
        match rule {
            TradeRule::ToTarget
            | TradeRule::PartWay { .. }
            | TradeRule::PartWayScaled(_)
            | TradeRule::Inward(
                Destination::Edge | Destination::ShareOfBand(_) | Destination::Within(_),
            ) => {}
        }
    }
    let scaled = TradeRule::PartWayScaled(Scaled {
        base: 0.5,
        scale: trigger_scale(trigger),
        min: 0.1,
        max: 1.0,
    });
    match trigger {
        Trigger::Joined(_) => plain
            .into_iter()
            .chain([scaled, inward[0].clone()])
            .map(|rule| (rule, TradeAssets::All))
            .collect(),
        Trigger::Never | Trigger::Always => plain.map(|rule| (rule, TradeAssets::All)).to_vec(),
        Trigger::Outside(_) => plain
            .into_iter()
            .chain(inward)
            .flat_map(|rule| [(rule.clone(), TradeAssets::All), (rule, TradeAssets::Breached)])
            .collect(),
    }
}

/// Returns the first scale factors among the conditions.
fn trigger_scale(trigger: &Trigger) -> Vec<ScaleFactor> {
    let Trigger::Joined(joined) = trigger else { return Vec::new() };
    joined
        .conditions
        .iter()
        .map(Condition::scale)
        .find(|scale| !scale.is_empty())
        .unwrap_or_default()
        .to_vec()
}

const STEPS: u32 = 40;

/// Lists every combination of signal, trigger, trade rule, delay and cooldown.
fn every_policy() -> Simulation {
    let mut rules = Vec::new();
    for signal in 0..registered_signals().len() {
        for trigger in triggers(signal) {
            for (trade, trade_assets) in trade_rules(&trigger) {
                for (lag, cooldown) in [(0, 0), (2, 0), (0, 4)] {
                    let mut rule =
                        instance(PolicyId(rules.len() as u32), &[0.5, 0.3, 0.2], trigger.clone());
                    (rule.policy.trade, rule.policy.trade_assets) = (trade.clone(), trade_assets);
                    (rule.policy.execution_lag_steps, rule.policy.cooldown_steps) = (lag, cooldown);
                    rule.policy.review =
                        Review::EverySteps { steps: 1 + rules.len() as u32 % 2, phase_steps: 0 };
                    rule.costs.one_way = vec![0.002, 0.001, 0.0];
                    rule.costs.spread_multiplier = vec![1.0, 2.0, 4.0];
                    rules.push(rule);
                }
            }
        }
    }
    Simulation {
        signals: registered_signals().into_iter().map(ObservedSignal::from).collect(),
        ..simulation(Step::Month, STEPS, rules)
    }
}

/// Makes a market of three assets and three regimes, calm and stormy in turn.
fn market(seed: u64) -> MarketPath {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut path = MarketPath { path: seed, ..MarketPath::default() };
    for t in 0..STEPS {
        let size = if (t / 6) % 2 == 0 { 0.03 } else { 0.15 };
        let returns: Vec<f64> = (0..3).map(|_| rng.random_range(-size..size)).collect();
        path.gross.push(returns.iter().map(|r| 1.0 + r).collect());
        path.log_return
            .push(returns.iter().map(|&r| corridor_core::numerics::ln(1.0 + r) as f32).collect());
        path.indicator.push(vec![rng.random_range(0.05..0.5)]);
        path.regime.push(rng.random_range(0..3));
    }
    path
}

#[test]
fn no_registered_signal_trigger_or_trade_rule_sees_the_future() {
    let sim = every_policy();
    for (k, rule) in sim.instances.iter().enumerate() {
        let steps = [3, 11, 12, 24, 25, STEPS - 1];
        let futures = Futures::new(&sim, &market(k as u64), Seen::by, steps, 99);
        for Difference { t, leak, .. } in futures.differences(rule) {
            assert_eq!(leak, None, "scrambled after {t}: {rule:#?}");
        }
    }
}

#[test]
fn a_strategy_that_reads_tomorrows_news_is_caught_by_its_decisions() {
    let sim = every_policy();
    let (mut cheats, mut caught_deciding, mut caught_joined) = (0, 0, 0);
    let observe = Seen::with_tomorrows_news;
    let futures: Vec<Futures<'_>> = (0..12)
        .map(|place| Futures::new(&sim, &market(10_000 * place), observe, 1..STEPS, 99))
        .collect();
    for rule in &sim.instances {
        // An order that waits two steps hides one step of foresight from its trades, not from its
        // signals.
        let prompt = rule.policy.execution_lag_steps == 0;
        let reads_a_signal = matches!(
            &rule.policy.trigger,
            Trigger::Outside(corridor) if !corridor.scale.is_empty(),
        );
        // Of the joined conditions some read a signal that is never near their limit, and some read
        // none.
        let joined = matches!(rule.policy.trigger, Trigger::Joined(_));
        let mut decided = false;
        // In some markets a rule has no use for its foresight.
        for futures in &futures {
            for Difference { t, leak, .. } in futures.differences(rule) {
                assert!(
                    leak.is_some(),
                    "the signals of {t} were made with the return of {}, and nobody noticed",
                    t + 1
                );
                decided |= matches!(leak, Some(Leak::Decision { t: at }) if at == t);
            }
            if decided || !prompt || !(reads_a_signal || joined) {
                break;
            }
        }
        if joined {
            caught_joined += u32::from(decided);
            continue;
        }
        assert!(reads_a_signal || !decided, "a rule without a signal decided by one: {rule:#?}");
        cheats += u32::from(reads_a_signal && prompt);
        caught_deciding += u32::from(decided);
    }
    println!(
        "{caught_deciding} of {cheats} cheating rules gave themselves away by a trade, all of them \
        by a signal"
    );
    assert!(cheats > 100 && caught_deciding == cheats, "{caught_deciding} of {cheats}");
    assert!(caught_joined > 200, "{caught_joined} with joined conditions");
}

/// Checks that late, noisy and placebo signals see no future, and that an oracle sees one step of
/// it and is caught.
#[test]
fn of_all_ways_to_observe_only_an_oracle_sees_the_future() {
    let mut sim = every_policy();
    type View = fn(&mut ObservedSignal);
    let views: [(&str, View); 4] = [
        ("late", |signal| signal.lag_steps = 3),
        ("noisy", |signal| signal.noise = Some(Noise { sd: 0.05, floor: 0.01 })),
        ("placebo", |signal| signal.origin = Origin::Placebo),
        ("oracle", |signal| {
            signal.origin = Origin::Oracle { by_regime: vec![0.05, 0.2, 0.35], accuracy: 1.0 }
        }),
    ];
    for (name, view) in views {
        sim.signals = registered_signals().into_iter().map(ObservedSignal::from).collect();
        sim.signals.iter_mut().for_each(view);
        let mut leaks = 0;
        for (k, rule) in sim.instances.iter().enumerate().step_by(7) {
            let other = market(k as u64 + 500);
            let market = MarketPath {
                placebo: other.log_return,
                placebo_indicator: other.indicator,
                ..market(k as u64)
            };
            let futures = Futures::new(&sim, &market, Seen::by, [3, 12, 25], 99);
            leaks += futures.differences(rule).filter(|found| found.leak.is_some()).count();
            // An oracle knows the regime of t + 1 at t, and nothing more.
            let a_step_later = Futures::new(&sim, &market, Seen::a_step_later, [3, 12, 25], 99);
            for Difference { t, leak, .. } in a_step_later.differences(rule) {
                assert_eq!(leak, None, "{name} sees further than one step after {t}: {rule:#?}");
            }
        }
        assert_eq!(leaks > 0, name == "oracle", "{name}: {leaks} leaks");
    }
}

/// Shifts regimes by a step, so that an oracle reads the regime of `t` at `t`.
fn later(regime: &[u32]) -> Vec<u32> {
    let mut later = vec![0];
    later.extend(&regime[..regime.len() - 1]);
    later
}

#[test]
fn outcomes_of_the_kernel_at_a_horizon_do_not_depend_on_what_follows() {
    for seed in 0..60 {
        let (mut sim, model) = random_study(seed);
        without_oracles(&mut sim);
        let n = sim.grid.steps;
        let markets = MarketPath::block_of_source(&model, 0, n);
        for horizon in [1, n / 2, n - 1].into_iter().filter(|h| *h >= 1) {
            sim.horizons = vec![horizon, n];
            let bits = |paths: Vec<MarketPath>| {
                let (source, mut bits) = (Scripted::new(paths), [Vec::new(), Vec::new()]);
                let mut blocks =
                    ShippedBlocks::new(Level::best(), &sim, &source).expect("few assets");
                blocks.simulate(0, |_, h, rows| {
                    for column in PathColumn::ALL {
                        bits[h].extend(rows[column as usize].map(f64::to_bits));
                    }
                });
                bits
            };
            let other = markets.iter().map(|market| scrambled(market, horizon, seed)).collect();
            let (ours, theirs) = (bits(markets.clone()), bits(other));
            assert_eq!(
                ours[0], theirs[0],
                "study {seed}: outcomes at {horizon} know what happened later"
            );
            assert_ne!(
                ours[1], theirs[1],
                "study {seed}: another future after {horizon} changed nothing"
            );
        }
    }
}
