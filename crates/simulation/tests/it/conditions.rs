//! Checks that joined conditions mean what MODEL.md 4.2 says: on scripted markets, and by pairs of
//! rules that must agree in every bit.

use crate::plain_studies::{instance, simulation};
use crate::random_studies::random_study;
use crate::steady::steady;
use corridor_core::outcome::PolicyId;
use corridor_core::time::Step;
use corridor_simulation::policy::condition::{Condition, Expression, Joined};
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};
use corridor_simulation::policy::{
    Corridor, ScaleFactor, ScaleForm, Scaled, TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::signal::{Series, Signal, Trend};
use corridor_simulation::trace::{Cause, ReasonKind};

fn one(condition: Condition) -> Trigger {
    Trigger::Joined(Joined { conditions: vec![condition], expression: Expression::One(0) })
}

fn band(width: f64) -> Corridor {
    Corridor {
        half_width: vec![width; 2],
        scale: Vec::new(),
        min_width: 0.0,
        max_width: f64::INFINITY,
    }
}

fn beyond(measure: Measure, width: f64) -> Trigger {
    one(Condition::Beyond(Distance { measure, width: Scaled::fixed(width) }))
}

/// Lists the steps and causes of the trades of one rule that looks at every step and trades to its
/// target.
fn trades(
    target: &[f64],
    trigger: Trigger,
    trade: TradeRule,
    market: &MarketPath,
) -> Vec<(u32, Cause)> {
    let mut rule = instance(PolicyId(0), target, trigger);
    rule.policy.trade = trade;
    let trend = Signal::Trend(Trend { series: Series::Asset(0), window_steps: 3, sign: false });
    let mut sim = simulation(Step::Month, market.regime.len() as u32, vec![rule]);
    sim.signals = vec![trend.into()];
    let mut found = Vec::new();
    simulate(&sim, &sim.instances[0], market, |step| {
        found.extend(step.cause.clone().map(|cause| (step.t, cause)))
    });
    found
}

fn dates(target: &[f64], trigger: Trigger, trade: TradeRule, market: &MarketPath) -> Vec<u32> {
    trades(target, trigger, trade, market).into_iter().map(|(t, _)| t).collect()
}

/// From 1/2 the weight of an asset that grows 2 % a step passes 0.55 after 11 steps and 0.52 after
/// 5; see exact.rs.
#[test]
fn a_single_condition_is_the_trigger_it_stands_for() {
    let market = steady(&[1.02, 1.0], 30);
    let to_target = || TradeRule::ToTarget;
    assert_eq!(
        dates(&[0.5, 0.5], one(Condition::Outside(band(0.05))), to_target(), &market),
        [11, 22]
    );
    assert_eq!(
        dates(&[0.5, 0.5], one(Condition::Always), to_target(), &steady(&[1.02, 1.0], 4)),
        [1, 2, 3]
    );
    // Both assets deviate equally: the sum is twice the deviation, the root sqrt(2) times.
    assert_eq!(dates(&[0.5, 0.5], beyond(Measure::L1, 0.1), to_target(), &market), [11, 22]);
    assert_eq!(
        dates(&[0.5, 0.5], beyond(Measure::L2, 0.05 * 2.0f64.sqrt()), to_target(), &market),
        [11, 22]
    );
    assert_eq!(
        dates(
            &[0.5, 0.5],
            one(Condition::Waited(Scaled::fixed(6.0))),
            to_target(),
            &steady(&[1.02, 1.0], 20)
        ),
        [6, 12, 18]
    );
}

/// One of three assets falls as another rises, so the weight of the two together does not change.
#[test]
fn a_group_does_not_see_what_its_members_trade_among_themselves() {
    let market = steady(&[1.02, 0.98, 1.0], 12);
    let target = [0.3, 0.3, 0.4];
    assert_eq!(
        dates(&target, beyond(Measure::Group(vec![0, 1]), 0.01), TradeRule::ToTarget, &market),
        Vec::<u32>::new()
    );
    let alone = dates(&target, beyond(Measure::Group(vec![0]), 0.01), TradeRule::ToTarget, &market);
    assert_eq!(alone.first(), Some(&2), "0.3 x 1.02^t passes 0.31 after 2 steps");
}

#[test]
fn between_two_bands_trading_goes_on_until_all_are_inside_the_soft_one() {
    let pair = Condition::Hysteresis { enter: band(0.05), exit: band(0.02) };
    let part_way = TradeRule::PartWay { fraction: 0.3 };
    let found = dates(&[0.5, 0.5], one(pair), part_way.clone(), &steady(&[1.02, 1.0], 24));
    // In points, before and after each trade, + 0.5 a step: 5.4 3.8 | 4.3 3.0 | 3.5 2.4 | 3.0 2.1 |
    // 2.6 1.8 | 2.3 1.6 | 2.1 1.5; then 1.97 is inside the exit band, and the enter band is far.
    assert_eq!(found, [11, 12, 13, 14, 15, 16, 17]);
    assert_eq!(
        dates(
            &[0.5, 0.5],
            one(Condition::Outside(band(0.05))),
            part_way,
            &steady(&[1.02, 1.0], 24)
        )[..2],
        [11, 14]
    );
}

#[test]
fn a_trend_puts_off_the_sale_of_what_rises_until_it_turns() {
    let mut market = steady(&[1.02, 1.0], 30);
    for t in 20..30 {
        market.gross[t] = vec![0.99, 1.0];
        market.log_return[t] = vec![-0.01, 0.0];
    }
    let with_trend = Condition::WithTrend { signal: 0, limit: 0.0, assets: vec![0] };
    let trigger = Trigger::Joined(Joined {
        conditions: vec![Condition::Outside(band(0.05)), with_trend],
        expression: Expression::AllOf(vec![Expression::One(0), Expression::One(1)]),
    });
    let found = trades(&[0.5, 0.5], trigger, TradeRule::ToTarget, &market);
    // The move of three steps is 0.02 + 0.02 - 0.01 at 21, 0.02 - 0.02 = 0 at 22 and below that
    // from 23 on.
    let first = &found[0];
    assert!((22..=23).contains(&first.0), "{found:?}");
    let kinds: Vec<ReasonKind> = first.1.reasons.iter().map(|reason| reason.kind).collect();
    assert_eq!(kinds, [ReasonKind::Band, ReasonKind::WithTrend]);
    assert_eq!(first.1.reasons[0].limit, 0.05);
}

#[test]
fn a_moved_signal_is_compared_with_its_value_at_the_last_trade() {
    let market = steady(&[1.02, 1.0], 12);
    // The trend over three steps rises to 3 ln 1.02 = 0.0594 and stays: one move of more than 0.03,
    // at its second step.
    let found = trades(
        &[0.5, 0.5],
        one(Condition::Moved { signal: 0, by: 0.03, start: 0.0 }),
        TradeRule::ToTarget,
        &market,
    );
    assert_eq!(found.iter().map(|(t, _)| *t).collect::<Vec<_>>(), [2]);
    assert_eq!(found[0].1.reasons[0].kind, ReasonKind::SignalMoved);
}

#[test]
fn a_cause_names_the_signal_that_scaled_the_band() {
    let form = ScaleForm::Exponential { slope: -1.0, reference: 0.05 };
    let scaled = Corridor { scale: vec![ScaleFactor { signal: 0, form }], ..band(0.05) };
    let found = trades(
        &[0.5, 0.5],
        Trigger::Outside(scaled),
        TradeRule::ToTarget,
        &steady(&[1.02, 1.0], 30),
    );
    let reason = &found[0].1.reasons[0];
    let (signal, value) = *reason.scaled_by.first().expect("a scaled band");
    assert_eq!((reason.kind, signal), (ReasonKind::Band, 0));
    assert!(
        (value - 3.0 * f64::from(corridor_core::numerics::ln(1.02) as f32)).abs() < 1e-7
            && reason.value > reason.limit
            && reason.limit < 0.05
    );
}

/// Checks that two triggers give equal outcomes, in every bit, on random studies.
fn agree(
    rules: impl Fn(&mut corridor_simulation::plan::Instance, usize) -> [Trigger; 2],
    assets: std::ops::RangeInclusive<usize>,
) {
    let mut traded = 0.0;
    for seed in 0..60 {
        let (sim, model) = random_study(seed);
        if !assets.contains(&sim.assets) {
            continue;
        }
        let market = MarketPath::of_source(&model, seed, sim.grid.steps);
        for rule in &sim.instances {
            let mut rule = rule.clone();
            rule.policy.trade_assets = TradeAssets::All;
            if matches!(rule.policy.trade, TradeRule::Inward(_) | TradeRule::PartWayScaled(_)) {
                rule.policy.trade = TradeRule::ToTarget;
            }
            let [first, second] = rules(&mut rule, sim.assets).map(|trigger| {
                rule.policy.trigger = trigger;
                simulate(&sim, &rule, &market, |_| ())
            });
            assert_eq!(
                first.iter().map(|values| values.map(f64::to_bits)).collect::<Vec<_>>(),
                second.iter().map(|values| values.map(f64::to_bits)).collect::<Vec<_>>()
            );
            traded += first[0][corridor_core::outcome::PathColumn::RebalanceEvents as usize];
        }
    }
    assert!(traded > 100.0, "{traded} trades are too few to show anything");
}

#[test]
fn a_tracking_error_of_two_assets_and_constant_covariance_is_a_band_of_weights() {
    let (var_a, cov, var_b) = (0.0324, 0.002, 0.0036);
    let relative_vol = f64::sqrt(var_a - 2.0 * cov + var_b);
    let rules = |_: &mut _, _| {
        let error = Measure::TrackingError(Covariance::Constant(vec![var_a, cov, var_b]));
        [beyond(error, 0.02 * relative_vol), Trigger::Outside(band(0.02))]
    };
    agree(rules, 2..=2);
}

#[test]
fn a_joined_band_alone_is_the_band() {
    let rules = |_: &mut _, assets: usize| {
        let corridor = Corridor { half_width: vec![0.02; assets], ..band(0.02) };
        let nothing = Condition::Above { signal: 0, limit: f64::INFINITY };
        let expression = Expression::AnyOf(vec![Expression::One(0), Expression::One(1)]);
        [
            Trigger::Joined(Joined {
                conditions: vec![nothing, Condition::Outside(corridor.clone())],
                expression,
            }),
            Trigger::Outside(corridor),
        ]
    };
    agree(rules, 2..=5);
}
