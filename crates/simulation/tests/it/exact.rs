//! Checks studies whose answers are known exactly: by hand where nothing is random, bit for bit
//! where two studies must agree.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

use corridor_core::cancel::Cancel;
use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::numerics::{ln, pow_int};
use corridor_core::outcome::{OutcomePart, OutcomeSink, PathColumn, PolicyId};
use corridor_core::time::{Review, Step};
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::account::{Flow, FlowTiming, StepFlow};
use corridor_simulation::cost::{CostConvention, CostModel};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::{
    Corridor, Destination, FlowRouting, ScaleFactor, ScaleForm, TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::run::{Blocks, Execution, Group, PathRange, ShippedBlocks, run};
use corridor_simulation::signal::Origin;
use corridor_simulation::trace::StepTrace;

use crate::plain_studies::{instance, simulation};
use crate::random_studies::random_study;
use crate::scripted::Scripted;
use crate::steady::steady;

// ---- nothing is random: answers by hand, to 1e-12 ----

/// Returns the outcomes of the first instance at the last horizon, after checking that the
/// reference and the kernel agree.
fn outcomes(sim: &Simulation, market: &MarketPath) -> [f64; PathColumn::COUNT] {
    let reference =
        simulate(sim, &sim.instances[0], market, |_| ()).pop().expect("the last horizon");
    let source = Scripted::new(vec![market.clone()]);
    let mut blocks = ShippedBlocks::new(Level::best(), sim, &source).expect("few assets");
    blocks.simulate(0, |_, horizon, rows| {
        for column in PathColumn::ALL {
            let (kernel, wanted) = (rows[column as usize][7], reference[column as usize]);
            assert!(
                horizon + 1 < sim.horizons.len() || kernel.to_bits() == wanted.to_bits(),
                "{}: kernel {kernel}, reference {wanted}",
                column.name()
            );
        }
    });
    reference
}

fn traces(sim: &Simulation, instance: &Instance, market: &MarketPath) -> Vec<StepTrace> {
    let mut steps = Vec::new();
    simulate(sim, instance, market, |step| steps.push(step.clone()));
    steps
}

/// Lists the steps at which the first instance trades.
fn trade_dates(sim: &Simulation, market: &MarketPath) -> Vec<u32> {
    traces(sim, &sim.instances[0], market)
        .iter()
        .filter(|s| s.cause.is_some())
        .map(|s| s.t)
        .collect()
}

#[track_caller]
fn assert_close(ours: f64, exact: f64, what: &str) {
    assert!((ours - exact).abs() <= 1e-12 * exact.abs().max(1.0), "{what}: {ours}, exact {exact}");
}

#[track_caller]
fn assert_column(values: &[f64; PathColumn::COUNT], column: PathColumn, exact: f64) {
    // A cost is the difference of two balances, so its tolerance is 1e-12 of wealth.
    let unit = if column == PathColumn::CostBpsAnnual { 1e-4 } else { 1.0 };
    assert_close(values[column as usize] * unit, exact * unit, column.name());
}

fn band(half_width: f64, assets: usize) -> Trigger {
    Trigger::Outside(Corridor {
        half_width: vec![half_width; assets],
        scale: Vec::new(),
        min_width: 0.0,
        max_width: f64::INFINITY,
    })
}

#[test]
fn calendars_trade_on_their_dates() {
    let months = |months, phase_steps| Review::EveryMonths { months, phase_steps };
    let cases: [(Step, u32, Review, &[u32]); 8] = [
        (Step::Month, 4, months(1, 0), &[1, 2, 3]),
        (Step::Month, 12, months(3, 0), &[3, 6, 9]),
        (Step::Month, 24, months(6, 2), &[8, 14, 20]),
        (Step::Week, 14, months(1, 0), &[4, 8, 13]),
        (Step::Week, 53, months(3, 1), &[14, 27, 40]),
        (Step::Day, 64, months(1, 0), &[21, 42, 63]),
        (Step::Day, 757, months(12, 0), &[252, 504, 756]),
        (Step::Day, 20, Review::EverySteps { steps: 5, phase_steps: 2 }, &[7, 12, 17]),
    ];
    for (step, n, review, dates) in cases {
        let mut rule = instance(PolicyId(0), &[0.5, 0.5], Trigger::Always);
        rule.policy.review = review;
        let sim = simulation(step, n, vec![rule]);
        let market = steady(&[1.01, 1.0], n);
        assert_eq!(trade_dates(&sim, &market), dates, "{step:?} {review:?}");
        assert_column(&outcomes(&sim, &market), PathColumn::RebalanceEvents, dates.len() as f64);
    }
}

#[test]
fn a_delayed_calendar_trades_later_and_its_pending_order_blocks_the_next() {
    let mut rule = instance(PolicyId(0), &[0.5, 0.5], Trigger::Always);
    rule.policy.review = Review::EverySteps { steps: 3, phase_steps: 0 };
    rule.policy.execution_lag_steps = 2;
    let market = steady(&[1.01, 1.0], 14);
    // Decided at 3, 6, 9, 12; the last would fall on 14 = n and lapses.
    assert_eq!(trade_dates(&simulation(Step::Month, 14, vec![rule.clone()]), &market), [5, 8, 11]);
    // Decided at 3; at the review of 6 an order is pending; then 9, and 12 again.
    rule.policy.execution_lag_steps = 4;
    assert_eq!(trade_dates(&simulation(Step::Month, 14, vec![rule.clone()]), &market), [7, 13]);
    // The order is due exactly at the next review, which the execution uses up.
    rule.policy.execution_lag_steps = 3;
    assert_eq!(trade_dates(&simulation(Step::Month, 14, vec![rule]), &market), [6, 12]);
}

/// One asset grows 2 % a step, the other not at all: from the target 1/2 the weight passes 0.55
/// when 1.02^s > 11/9, that is after s = 11 steps (10.13), from 0.52 when 1.02^s > (11/9)/(13/12),
/// after 7 (6.09).
#[test]
fn bands_trade_when_the_weight_has_left_them() {
    let dates = |n: u32, change: &dyn Fn(&mut Instance)| {
        let mut rule = instance(PolicyId(0), &[0.5, 0.5], band(0.05, 2));
        change(&mut rule);
        let sim = simulation(Step::Month, n, vec![rule]);
        let market = steady(&[1.02, 1.0], n);
        let dates = trade_dates(&sim, &market);
        assert_column(&outcomes(&sim, &market), PathColumn::RebalanceEvents, dates.len() as f64);
        dates
    };
    let review = |steps, phase_steps| Review::EverySteps { steps, phase_steps };
    assert_eq!(dates(40, &|_| ()), [11, 22, 33]);
    assert_eq!(dates(33, &|_| ()), [11, 22], "nothing trades at the last step");
    assert_eq!(dates(40, &|r| r.policy.review = review(4, 0)), [12, 24, 36]);
    assert_eq!(dates(40, &|r| r.policy.review = review(4, 1)), [13, 25, 37]);
    assert_eq!(dates(50, &|r| r.policy.cooldown_steps = 15), [11, 26, 41]);
    assert_eq!(dates(45, &|r| r.policy.cooldown_steps = 11), [11, 22, 33, 44]);
    assert_eq!(dates(43, &|r| r.policy.execution_lag_steps = 3), [14, 28, 42]);
    assert_eq!(
        dates(42, &|r| r.policy.execution_lag_steps = 3),
        [14, 28],
        "an order due at n lapses"
    );
    assert_eq!(
        dates(50, &|r| (r.policy.execution_lag_steps, r.policy.cooldown_steps) = (3, 15)),
        [14, 32],
        "cooldown counts from execution"
    );
    assert_eq!(
        dates(16, &|r| r.policy.trade = TradeRule::Inward(Destination::Edge)),
        [11, 12, 13, 14, 15]
    );
    assert_eq!(
        dates(36, &|r| r.policy.trade = TradeRule::Inward(Destination::ShareOfBand(0.4))),
        [11, 18, 25, 32]
    );
    assert_eq!(
        dates(36, &|r| r.policy.trade = TradeRule::Inward(Destination::Within(vec![0.02; 2]))),
        [11, 18, 25, 32]
    );
    // Turnover of the first trade: (1.02^11 / (1 + 1.02^11) - 1/2) = 0.0542.
    assert_eq!(dates(40, &|r| r.policy.min_trade_frac = 0.054), [11, 22, 33]);
    assert_eq!(
        dates(40, &|r| r.policy.min_trade_frac = 0.055),
        [12, 24, 36],
        "too small to trade yet"
    );
}

/// An asset whose weight is on the edge of its band, exactly or but for rounding, is inside.
#[test]
fn a_weight_on_the_edge_of_its_band_does_not_trade() {
    // Growth 2 and 1 from 1/2 : 1/2 gives 2/3; in binary 0.75 : 0.25 is exact with growth 3.
    let sim = |width| {
        simulation(Step::Month, 3, vec![instance(PolicyId(0), &[0.5, 0.5], band(width, 2))])
    };
    let market = MarketPath {
        gross: vec![vec![3.0, 1.0], vec![1.0, 1.0], vec![1.0, 1.0]],
        ..steady(&[1.0, 1.0], 3)
    };
    assert_eq!(trade_dates(&sim(0.25), &market), [0; 0]);
    assert_eq!(trade_dates(&sim(0.25 - 1e-15), &market), [0; 0]);
    assert_eq!(trade_dates(&sim(0.25 - 1e-11), &market), [1]);
}

#[test]
fn wealth_without_cost_is_the_closed_form() {
    let (n, g, h) = (37, [1.013, 0.996, 1.0041], [0.5, 0.3, 0.2]);
    let market = steady(&g, n);
    let hold = simulation(Step::Month, n, vec![instance(PolicyId(0), &h, Trigger::Never)]);
    let exact: f64 = (0..3).map(|i| h[i] * pow_int(g[i], n)).sum();
    let ours = outcomes(&hold, &market);
    assert_column(&ours, PathColumn::TerminalWealthNominal, exact);
    assert_column(&ours, PathColumn::LogGrowthUnitAnnual, ln(exact) * 12.0 / f64::from(n));
    assert_column(&ours, PathColumn::TurnoverOneWayAnnual, 0.0);
    assert_column(
        &ours,
        PathColumn::WeightDeviationMaxFrac,
        h[0] * pow_int(g[0], n) / exact - h[0],
    );

    // Calendar(1): every step starts from the target, so growth, turnover and deviation repeat; n -
    // 1 trades.
    let growth: f64 = (0..3).map(|i| h[i] * g[i]).sum();
    let traded: f64 = (0..3).map(|i| h[i] * (g[i] - growth).abs()).sum();
    let ours = outcomes(
        &simulation(Step::Week, n, vec![instance(PolicyId(0), &h, Trigger::Always)]),
        &market,
    );
    assert_column(&ours, PathColumn::TerminalWealthNominal, pow_int(growth, n));
    assert_column(&ours, PathColumn::LogGrowthUnitAnnual, ln(growth) * 52.0);
    assert_column(&ours, PathColumn::VolUnitAnnual, 0.0);
    assert_column(
        &ours,
        PathColumn::TurnoverOneWayAnnual,
        0.5 * traded / growth * f64::from(n - 1) * 52.0 / f64::from(n),
    );
    assert_column(&ours, PathColumn::RebalanceEvents, f64::from(n - 1));
    assert_column(&ours, PathColumn::WeightDeviationRmsFrac, h[0] * (g[0] - growth) / growth);
    assert_column(&ours, PathColumn::GrowthWeightMeanFrac, 0.5);
    assert_column(&ours, PathColumn::CostBpsAnnual, 0.0);
    assert!(ours[PathColumn::RuinMonth as usize].is_nan());
}

#[test]
fn a_falling_and_recovering_market_has_the_drawdown_it_had() {
    // Up 10 % for 3 months, down 5 % for 4, up 2 % for 6: the peak is at 3 and is not reached
    // again.
    let factors: Vec<f64> = [vec![1.1; 3], vec![0.95; 4], vec![1.02; 6]].concat();
    let n = factors.len() as u32;
    let market =
        MarketPath { gross: factors.iter().map(|&g| vec![g]).collect(), ..steady(&[1.0], n) };
    let ours = outcomes(
        &simulation(Step::Month, n, vec![instance(PolicyId(0), &[1.0], Trigger::Never)]),
        &market,
    );
    assert_column(&ours, PathColumn::MaxDrawdownUnitFrac, 1.0 - pow_int(0.95, 4));
    assert_column(&ours, PathColumn::MaxDrawdownBalanceFrac, 1.0 - pow_int(0.95, 4));
    assert_column(&ours, PathColumn::MonthsUnderWaterUnit, 10.0);
    let logs: Vec<f64> = factors.iter().map(|&g| ln(g)).collect();
    let mean = logs.iter().sum::<f64>() / f64::from(n);
    let variance = logs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n - 1);
    assert_column(&ours, PathColumn::VolUnitAnnual, (variance * 12.0).sqrt());
}

#[test]
fn the_annual_fee_is_taken_from_the_grown_balance() {
    let (n, g, fee) = (60, 1.004, 0.0123 / 12.0);
    let mut rule = instance(PolicyId(0), &[0.25, 0.75], Trigger::Always);
    (rule.account.fee_per_step, rule.account.initial) = (fee, 5000.0);
    let ours = outcomes(&simulation(Step::Month, n, vec![rule]), &steady(&[g, g], n));
    assert_column(&ours, PathColumn::TerminalWealthNominal, 5000.0 * pow_int(g * (1.0 - fee), n));
    assert_column(&ours, PathColumn::CostBpsAnnual, 123.0);
    assert_column(&ours, PathColumn::LogGrowthUnitAnnual, 12.0 * ln(g * (1.0 - fee)));
}

/// Stock of weight `w` grows by `g`, cash does not; both sides of a trade cost. Each step sells
/// stock, and the wealth after the trade solves a linear equation.
#[test]
fn proportional_and_fixed_costs_are_the_closed_form() {
    let (w, g, c, fee, n) = (0.6, 1.03, [0.004, 0.001], 2.5, 25);
    let grown = w * g + (1.0 - w);
    let exact_slope =
        (grown - c[0] * w * g + c[1] * (1.0 - w)) / (1.0 - c[0] * w + c[1] * (1.0 - w));
    let exact_fees = 2.0 * fee / (1.0 - c[0] * w + c[1] * (1.0 - w));
    let pre_slope = grown - (c[0] + c[1]) * (w * g - w * grown);
    for (convention, slope, fees) in [
        (CostConvention::Exact, exact_slope, exact_fees),
        (CostConvention::Pre, pre_slope, 2.0 * fee),
    ] {
        for fixed_fee in [0.0, fee] {
            let mut rule = instance(PolicyId(0), &[w, 1.0 - w], Trigger::Always);
            rule.account.initial = 1e4;
            rule.costs = CostModel { one_way: c.to_vec(), fixed_fee, convention, ..rule.costs };
            let ours = outcomes(&simulation(Step::Month, n, vec![rule]), &steady(&[g, 1.0], n));
            // After n - 1 trades W' = slope W - fees, then one growth without a trade.
            let (b, power) = (if fixed_fee > 0.0 { fees } else { 0.0 }, pow_int(slope, n - 1));
            let traded = 1e4 * power - b * (power - 1.0) / (slope - 1.0);
            assert_column(&ours, PathColumn::TerminalWealthNominal, traded * grown);
            if fixed_fee == 0.0 {
                assert_column(
                    &ours,
                    PathColumn::CostBpsAnnual,
                    1e4 * 12.0 / f64::from(n) * f64::from(n - 1) * (1.0 - slope / grown),
                );
                assert_column(
                    &ours,
                    PathColumn::LogGrowthUnitAnnual,
                    12.0 / f64::from(n) * ln(traded / 1e4 * grown),
                );
            }
        }
    }
}

#[test]
fn the_first_purchase_is_free_or_charged() {
    for (convention, invested) in [
        (CostConvention::Exact, (100.0 - 2.0) / (1.0 + 0.011)),
        (CostConvention::Pre, (100.0 - 2.0) * (1.0 - 0.011)),
    ] {
        let mut rule = instance(PolicyId(0), &[0.7, 0.3, 0.0], Trigger::Never);
        rule.account.initial = 100.0;
        rule.costs = CostModel {
            one_way: vec![0.008, 0.018, 0.5],
            fixed_fee: 1.0,
            convention,
            charge_initial_purchase: true,
            ..rule.costs
        };
        let ours =
            outcomes(&simulation(Step::Month, 12, vec![rule.clone()]), &steady(&[1.0; 3], 12));
        assert_column(&ours, PathColumn::TerminalWealthNominal, invested);
        assert_column(&ours, PathColumn::LogGrowthUnitAnnual, ln(invested / 100.0));
        assert_column(&ours, PathColumn::MaxDrawdownUnitFrac, 1.0 - invested / 100.0);
        assert_column(&ours, PathColumn::CostBpsAnnual, 100.0 * (100.0 - invested));
        assert_column(&ours, PathColumn::RebalanceEvents, 0.0);
        rule.costs.charge_initial_purchase = false;
        let free = outcomes(&simulation(Step::Month, 12, vec![rule]), &steady(&[1.0; 3], 12));
        assert_column(&free, PathColumn::TerminalWealthNominal, 100.0);
    }
}

/// One of the four flows of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Contribution(FlowTiming),
    Withdrawal(FlowTiming),
}

/// Makes flows of `amount` every `every` steps k: at 0, k, .. before n for starts of periods, at k,
/// 2k, .. up to n for ends.
fn level_flows(kind: Kind, amount: f64, every: u32, n: u32) -> Vec<StepFlow> {
    let mut flows = vec![StepFlow::default(); n as usize + 1];
    for (t, flow) in flows.iter_mut().enumerate().filter(|(t, _)| t % every as usize == 0) {
        match kind {
            Kind::Contribution(FlowTiming::PeriodEnd) if t > 0 => flow.contribution_end = amount,
            Kind::Withdrawal(FlowTiming::PeriodEnd) if t > 0 => flow.withdrawal_end = amount,
            Kind::Contribution(FlowTiming::PeriodStart) if t < n as usize => {
                flow.contribution_start = amount
            }
            Kind::Withdrawal(FlowTiming::PeriodStart) if t < n as usize => {
                flow.withdrawal_start = amount
            }
            Kind::Contribution(_) | Kind::Withdrawal(_) => {}
        }
    }
    flows
}

/// Returns the sum q + q^2 + .. + q^k.
fn geometric(q: f64, k: u32) -> f64 {
    q * (pow_int(q, k) - 1.0) / (q - 1.0)
}

#[test]
fn level_flows_make_the_annuity() {
    let (g, rate, amount, initial) = (1.0052, 0.003, 70.0, 1e4);
    for (every, n) in [(1, 30), (3, 36), (7, 40), (12, 48)] {
        for convention in [CostConvention::Exact, CostConvention::Pre] {
            let bought = if convention == CostConvention::Exact {
                amount / (1.0 + rate)
            } else {
                amount * (1.0 - rate)
            };
            let sold = if convention == CostConvention::Exact {
                amount / (1.0 - rate)
            } else {
                amount * (1.0 + rate)
            };
            for timing in [FlowTiming::PeriodEnd, FlowTiming::PeriodStart] {
                // A flow at step jk earns n - jk steps, at the start of a period or at its end.
                let (q, last) =
                    (pow_int(g, every), (n - u32::from(timing == FlowTiming::PeriodStart)) / every);
                let tail = pow_int(g, n - last * every);
                let from_zero = if timing == FlowTiming::PeriodStart { pow_int(g, n) } else { 0.0 };
                let annuity = from_zero + tail * (1.0 + geometric(q, last - 1));
                for (kind, each) in
                    [(Kind::Contribution(timing), bought), (Kind::Withdrawal(timing), -sold)]
                {
                    let mut rule = instance(PolicyId(0), &[0.3, 0.7], Trigger::Always);
                    rule.costs = CostModel { one_way: vec![rate; 2], convention, ..rule.costs };
                    (rule.account.initial, rule.account.flows) =
                        (initial, level_flows(kind, amount, every, n));
                    let ours = outcomes(
                        &simulation(Step::Month, n, vec![rule.clone()]),
                        &steady(&[g, g], n),
                    );
                    assert_column(
                        &ours,
                        PathColumn::TerminalWealthNominal,
                        initial * pow_int(g, n) + each * annuity,
                    );
                    // Flows that are not charged do not change the unit value.
                    rule.costs.charge_flows = false;
                    let free =
                        outcomes(&simulation(Step::Month, n, vec![rule]), &steady(&[g, g], n));
                    let size = if each > 0.0 { amount } else { -amount };
                    assert_column(
                        &free,
                        PathColumn::TerminalWealthNominal,
                        initial * pow_int(g, n) + size * annuity,
                    );
                    assert_column(&free, PathColumn::LogGrowthUnitAnnual, 12.0 * ln(g));
                    assert_column(&free, PathColumn::MaxDrawdownUnitFrac, 0.0);
                    assert_column(&free, PathColumn::CostBpsAnnual, 0.0);
                }
            }
        }
    }
}

/// After one shock and a trade to the edge nothing moves any more, so a weight stands on the edge of
/// its band at every review. Kernel and reference leave it there, whatever the balance.
#[test]
fn a_weight_on_the_edge_of_its_band_stays_there() {
    for (k, trade_assets) in (0..200).zip([TradeAssets::All, TradeAssets::Breached].iter().cycle())
    {
        let mut rule = instance(PolicyId(0), &[0.5, 0.3, 0.2], band(0.03, 3));
        rule.policy.trade = TradeRule::Inward(Destination::Edge);
        rule.policy.trade_assets = *trade_assets;
        rule.account.initial = 1.0 + 0.37 * f64::from(k);
        let mut market = steady(&[1.0, 1.0, 1.0], 12);
        market.gross[0] = vec![1.25 + 1e-3 * f64::from(k), 1.0, 1.0];
        let sim = simulation(Step::Month, 12, vec![rule]);
        assert_eq!(trade_dates(&sim, &market), [1], "balance {k}, {trade_assets:?}");
        assert_column(&outcomes(&sim, &market), PathColumn::RebalanceEvents, 1.0);
    }
}

#[test]
fn contributions_are_routed_as_asked() {
    let n = 9;
    let flows = level_flows(Kind::Contribution(FlowTiming::PeriodEnd), 10.0, 1, n);
    let mut rule = instance(PolicyId(0), &[0.5, 0.5], Trigger::Never);
    (rule.account.initial, rule.account.flows) = (100.0, flows);
    let market = steady(&[1.1, 1.0], n);
    // At the target weights each asset receives 5 a step; pro rata the weights are those of
    // buy-and-hold.
    let stock = 50.0 * pow_int(1.1, n) + 5.0 * (1.0 + geometric(1.1, n - 1));
    let cash = 50.0 + 5.0 * f64::from(n);
    assert_column(
        &outcomes(&simulation(Step::Month, n, vec![rule.clone()]), &market),
        PathColumn::TerminalWealthNominal,
        stock + cash,
    );
    rule.policy.cash_flows = FlowRouting::ProRata;
    let unit = |t: u32| 0.5 * (pow_int(1.1, t) + 1.0);
    let units: f64 = 100.0 + (1..=n).map(|t| 10.0 / unit(t)).sum::<f64>();
    assert_column(
        &outcomes(&simulation(Step::Month, n, vec![rule]), &market),
        PathColumn::TerminalWealthNominal,
        units * unit(n),
    );
}

#[test]
fn ruin_comes_in_the_month_the_closed_form_says() {
    let (initial, g, every, n) = (1e4, 1.0031, 3, 480);
    for (timing, rate, amount) in [
        (FlowTiming::PeriodEnd, 0.0, 400.0),
        (FlowTiming::PeriodStart, 0.0, 400.0),
        (FlowTiming::PeriodEnd, 0.02, 333.0),
        (FlowTiming::PeriodStart, 0.02, 217.0),
    ] {
        let (q, sold) = (pow_int(g, every), amount / (1.0 - rate));
        // The balance just before withdrawal j = 1, 2, .. (the first at t = 0 for starts).
        let before = |j: u32| {
            let earned = if timing == FlowTiming::PeriodStart { j - 1 } else { j };
            initial * pow_int(q, earned) - sold * if j > 1 { geometric(q, j - 1) } else { 0.0 }
        };
        let fatal = (1..).find(|&j| before(j) <= sold).expect("withdrawals outrun growth");
        let ruin_step = every * if timing == FlowTiming::PeriodStart { fatal - 1 } else { fatal };
        let mut rule = instance(PolicyId(0), &[0.4, 0.6], band(0.05, 2));
        rule.costs.one_way = vec![rate; 2];
        (rule.account.initial, rule.account.flows) =
            (initial, level_flows(Kind::Withdrawal(timing), amount, every, n));
        let sim = simulation(Step::Month, n, vec![rule.clone()]);
        let market = steady(&[g, g], n);
        let ours = outcomes(&sim, &market);
        assert_column(&ours, PathColumn::RuinMonth, f64::from(ruin_step));
        assert_column(&ours, PathColumn::TerminalWealthNominal, 0.0);
        assert_column(&ours, PathColumn::MaxDrawdownBalanceFrac, 1.0);
        let paid = traces(&sim, &rule, &market).iter().map(|s| -s.flow).sum::<f64>();
        assert_close(
            paid,
            f64::from(fatal - 1) * amount + before(fatal) * (1.0 - rate),
            "all that was paid out",
        );
        if rate == 0.0 {
            assert_column(&ours, PathColumn::LogGrowthUnitAnnual, 12.0 * ln(g));
        }
    }
}

// ---- pairs of studies that agree bit for bit ----

/// Returns the outcome bits of every (instance, horizon, path) of a block of paths, by the kernel.
fn bits(sim: &Simulation, model: &RegimeModel) -> Vec<Vec<[u64; PathColumn::COUNT]>> {
    let mut cells = BTreeMap::new();
    let mut blocks = ShippedBlocks::new(Level::best(), sim, model.blocks()).expect("few assets");
    blocks.simulate(0, |instance, horizon, rows| {
        let paths = (0..LANES).map(|l| std::array::from_fn(|c| canonical(rows[c][l])));
        cells.insert((instance, horizon), paths.collect());
    });
    cells.into_values().collect()
}

/// Returns the bits of a number, with one pattern for every NaN.
fn canonical(x: f64) -> u64 {
    if x.is_nan() { u64::MAX } else { x.to_bits() }
}

/// Checks that two changes of random studies of several assets give equal bits.
fn assert_same_bits(studies: u64, first: impl Fn(&mut Instance), second: impl Fn(&mut Instance)) {
    let (mut compared, mut traded) = (0, 0);
    for seed in 0..studies {
        let (mut a, model) = random_study(seed);
        if a.assets == 1 {
            // A lone asset is always at its target: whether it "trades" depends on the last bit.
            continue;
        }
        let mut b = a.clone();
        a.instances.iter_mut().for_each(&first);
        b.instances.iter_mut().for_each(&second);
        assert_ne!(a, b, "study {seed} was not changed");
        let ours = bits(&a, &model);
        assert_eq!(ours, bits(&b, &model), "study {seed}");
        compared += 1;
        traded += usize::from(
            ours.iter()
                .flatten()
                .any(|row| f64::from_bits(row[PathColumn::RebalanceEvents as usize]) > 0.0),
        );
    }
    assert!(compared > studies / 2 && traded > 0, "{compared} compared, {traded} traded");
}

#[test]
fn a_band_of_width_zero_looked_at_every_step_is_calendar_1() {
    let every_step = |rule: &mut Instance, trigger: Trigger| {
        rule.policy.trigger = trigger;
        rule.policy.review = Review::EverySteps { steps: 1, phase_steps: 0 };
        if let TradeRule::Inward(_) = rule.policy.trade {
            rule.policy.trade = TradeRule::ToTarget;
        }
        rule.policy.trade_assets = TradeAssets::All;
    };
    assert_same_bits(
        60,
        |rule| every_step(rule, Trigger::Always),
        |rule| every_step(rule, band(0.0, rule.policy.target.len())),
    );
}

#[test]
fn an_infinite_band_is_buy_and_hold() {
    for seed in 0..60 {
        let (mut a, model) = random_study(seed);
        a.instances.iter_mut().for_each(|rule| rule.policy.trigger = Trigger::Never);
        let mut b = a.clone();
        b.instances
            .iter_mut()
            .for_each(|rule| rule.policy.trigger = band(f64::INFINITY, rule.policy.target.len()));
        assert_eq!(bits(&a, &model), bits(&b, &model), "study {seed}");
    }
}

#[test]
fn a_band_of_elasticity_zero_is_the_static_band() {
    let forms = [
        ScaleForm::Power { elasticity: 0.0, reference: 0.17 },
        ScaleForm::Exponential { slope: 0.0, reference: 0.17 },
        ScaleForm::Step { at: vec![0.1, 0.2], factors: vec![1.0; 3] },
    ];
    let corridor = |rule: &mut Instance, scale: &[ScaleForm]| {
        let half_width = match &rule.policy.trigger {
            Trigger::Outside(corridor) => corridor.half_width.clone(),
            Trigger::Never | Trigger::Always | Trigger::Joined(_) => {
                vec![0.03; rule.policy.target.len()]
            }
        };
        let scale = scale
            .iter()
            .enumerate()
            .map(|(k, form)| ScaleFactor { signal: k % 2, form: form.clone() })
            .collect();
        rule.policy.trigger =
            Trigger::Outside(Corridor { half_width, scale, min_width: 0.009, max_width: 0.09 });
    };
    for k in 0..forms.len() {
        assert_same_bits(40, |rule| corridor(rule, &[]), |rule| corridor(rule, &forms[k..=k]));
    }
    assert_same_bits(40, |rule| corridor(rule, &[]), |rule| corridor(rule, &forms));
}

#[test]
fn a_report_horizon_inside_a_longer_run_is_the_shorter_run() {
    for seed in 0..100 {
        let (mut long, model) = random_study(seed);
        // At the last step there is no coming regime that an oracle could name to a moving target.
        long.signals
            .iter_mut()
            .filter(|signal| signal.looks_ahead())
            .for_each(|signal| signal.origin = Origin::Path);
        let n = long.grid.steps;
        for horizon in [1, n / 3 + 1, n - 1] {
            let mut short = long.clone();
            (short.grid.steps, short.horizons) = (horizon, vec![horizon]);
            long.horizons = if horizon < n { vec![horizon, n] } else { vec![n] };
            let inside: Vec<_> =
                bits(&long, &model).into_iter().step_by(long.horizons.len()).collect();
            assert_eq!(inside, bits(&short, &model), "study {seed}, horizon {horizon} of {n}");
        }
    }
}

// ---- results do not depend on other paths, policies or threads ----

struct Collect(Mutex<Vec<OutcomePart>>);

impl OutcomeSink for Collect {
    type Error = Infallible;

    fn accept(&self, part: OutcomePart) -> Result<(), Infallible> {
        self.0.lock().expect("no sink panics").push(part);
        Ok(())
    }
}

/// Division of a run into parts, and the machine that it uses.
#[derive(Clone, Copy, Debug)]
struct Machine {
    threads: usize,
    level: Level,
    paths: u64,
    paths_per_part: u64,
}

const PLAIN: Machine =
    Machine { threads: 1, level: Level::BASELINE, paths: 300, paths_per_part: 512 };

/// Outcome bits by policy, one list of paths for each horizon.
type ByPolicy = BTreeMap<PolicyId, Vec<Vec<[u64; PathColumn::COUNT]>>>;

fn run_on(machine: Machine, sim: &Simulation, model: &RegimeModel) -> ByPolicy {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(machine.threads).build().expect("a pool");
    let source = model.clone().at_level(machine.level);
    let sink = Collect(Mutex::new(Vec::new()));
    let range = PathRange {
        paths: machine.paths,
        paths_per_part: machine.paths_per_part,
        finished: Vec::new(),
    };
    let execution = Execution { level: machine.level, cancel: Cancel::NEVER, progress: &|_| () };
    let groups = [Group { source: source.blocks(), simulation: sim }];
    let report = pool.install(|| run(&groups, &range, execution, &sink));
    let report = report.expect("a sink that takes all");
    assert_eq!(report.paths, machine.paths);
    let mut parts = sink.0.into_inner().expect("no sink panics");
    parts.sort_by_key(|part| part.index);
    assert_eq!(parts.len() as u32, range.parts());
    assert!(parts.iter().all(|part| (part.first_path, part.paths) == range.part(part.index)));
    let mut out = ByPolicy::new();
    for part in &parts {
        let mut place = BTreeMap::<PolicyId, usize>::new();
        for cell in &part.cells {
            let (horizons, h) = (
                out.entry(cell.id.policy_id).or_default(),
                place.entry(cell.id.policy_id).or_default(),
            );
            horizons.resize(horizons.len().max(*h + 1), Vec::new());
            horizons[*h].extend(
                (0..part.paths).map(|p| std::array::from_fn(|c| canonical(cell.columns[c][p]))),
            );
            *h += 1;
        }
    }
    out
}

/// Outcomes of the paths of [`PLAIN`] from kernels of 16 lanes and 4 asset slots.
fn in_sixteen_lanes(level: Level, sim: &Simulation, model: &RegimeModel) -> ByPolicy {
    const LANES: usize = 16;
    let source = model.clone().at_level(level);
    let mut blocks = Blocks::<4, LANES, true>::new(level, sim, &source);
    let mut out = ByPolicy::new();
    for first in (0..PLAIN.paths).step_by(LANES) {
        let kept = LANES.min((PLAIN.paths - first) as usize);
        blocks.simulate(first, |instance, horizon, rows| {
            let horizons = out.entry(sim.instances[instance].policy_id).or_default();
            horizons.resize(sim.horizons.len(), Vec::new());
            horizons[horizon].extend(
                (0..kept).map(|lane| std::array::from_fn(|column| canonical(rows[column][lane]))),
            );
        });
    }
    out
}

#[test]
fn neither_threads_nor_parts_nor_lanes_nor_instructions_change_a_bit() {
    let mut in_other_lanes = 0;
    for seed in 0..12 {
        let (sim, model) = random_study(seed);
        let expected = run_on(PLAIN, &sim, &model);
        let first = |paths: usize| {
            let mut first = expected.clone();
            first.values_mut().flatten().for_each(|rows| rows.truncate(paths));
            first
        };
        for threads in [1, 2, 3, 7] {
            for paths_per_part in [128, 256] {
                let machine = Machine { threads, paths_per_part, ..PLAIN };
                assert_eq!(run_on(machine, &sim, &model), expected, "study {seed} {machine:?}");
            }
        }
        for level in Level::available() {
            let machine = Machine { level, paths_per_part: 128, ..PLAIN };
            assert_eq!(run_on(machine, &sim, &model), expected, "study {seed}, {level:?}");
            if sim.assets <= 4 {
                assert_eq!(
                    in_sixteen_lanes(level, &sim, &model),
                    expected,
                    "study {seed}, 16 lanes, {level:?}"
                );
                in_other_lanes += 1;
            }
        }
        // A run of fewer paths has the first of them.
        for paths in [1, 77, 128, 129] {
            assert_eq!(
                run_on(Machine { paths, ..PLAIN }, &sim, &model),
                first(paths as usize),
                "study {seed}, {paths} paths"
            );
        }
    }
    assert!(in_other_lanes >= 6, "{in_other_lanes} comparisons with 16 lanes");
}

#[test]
fn instances_added_removed_or_reordered_do_not_change_a_bit_of_the_others() {
    let machine = Machine { paths: 65, ..PLAIN };
    for seed in 0..40 {
        let (sim, model) = random_study(seed);
        let expected = run_on(machine, &sim, &model);
        let with = |instances: Vec<Instance>| {
            run_on(machine, &Simulation { instances, ..sim.clone() }, &model)
        };
        let mut order: Vec<usize> = (0..sim.instances.len()).collect();
        for _ in 0..sim.instances.len() {
            order.rotate_left(1);
            let kept: Vec<Instance> = order.iter().map(|&k| sim.instances[k].clone()).collect();
            assert_eq!(with(kept.clone()), expected, "study {seed}, order {order:?}");
            for (policy, alone) in with(kept[..2].to_vec()) {
                assert_eq!(
                    Some(&alone),
                    expected.get(&policy),
                    "study {seed}: policy {policy} with one neighbour"
                );
            }
            for (policy, alone) in with(kept[..1].to_vec()) {
                assert_eq!(
                    Some(&alone),
                    expected.get(&policy),
                    "study {seed}: policy {policy} alone"
                );
            }
        }
        let mut more: Vec<Instance> = random_study(seed + 1000).0.instances;
        more.retain(|other| other.policy.target.len() == sim.assets);
        for other in &mut more {
            other.policy_id.0 += 100;
            other.costs.spread_multiplier.clear(); // made for another number of regimes
        }
        more.extend(sim.instances.iter().rev().cloned());
        let all = with(more);
        assert!(
            expected.iter().all(|(policy, rows)| all.get(policy) == Some(rows)),
            "study {seed} with strangers"
        );
    }
}

#[test]
fn parts_that_are_finished_are_left_alone() {
    let (sim, model) = random_study(3);
    let sink = Collect(Mutex::new(Vec::new()));
    let range = PathRange { paths: 640, paths_per_part: 128, finished: vec![0, 3] };
    let execution = Execution { level: Level::best(), cancel: Cancel::NEVER, progress: &|_| () };
    run(&[Group { source: model.blocks(), simulation: &sim }], &range, execution, &sink)
        .expect("a sink that takes all");
    let mut indices: Vec<u32> =
        sink.0.into_inner().expect("no sink panics").iter().map(|part| part.index).collect();
    indices.sort_unstable();
    assert_eq!(indices, [1, 2, 4]);
}

// ---- money is conserved ----

/// Returns the indices of numbers, the largest first.
fn by_size(numbers: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..numbers.len()).collect();
    places.sort_by(|&a, &b| numbers[b].total_cmp(&numbers[a]));
    places
}

/// Account of one step, worked out by hand from the trace of the step before.
struct HandAccount {
    holdings: Vec<f64>,
    wealth: f64,
    contributions: f64,
    flow: f64,
    cost: f64,
}

impl HandAccount {
    fn grown(before: &StepTrace, gross: &[f64], fee: f64) -> Self {
        let holdings: Vec<f64> =
            before.weights.iter().zip(gross).map(|(w, g)| w * before.wealth * g).collect();
        let wealth: f64 = holdings.iter().sum();
        Self {
            holdings: holdings.iter().map(|h| h * (1.0 - fee)).collect(),
            wealth: wealth * (1.0 - fee),
            contributions: 0.0,
            flow: 0.0,
            cost: wealth * fee,
        }
    }

    /// Applies the flows of one end of a period: the cost is the sum over assets of rate times
    /// traded value.
    fn flows(
        &mut self,
        rule: &Instance,
        target: &[f64],
        multiplier: f64,
        Flow { contribution, withdrawal }: Flow,
    ) {
        let rates: Vec<f64> = rule
            .costs
            .one_way
            .iter()
            .map(|c| if rule.costs.charge_flows { c * multiplier } else { 0.0 })
            .collect();
        let exact = rule.costs.convention == CostConvention::Exact;
        let mix_cost = |mix: &[f64]| -> f64 { rates.iter().zip(mix).map(|(c, v)| c * v).sum() };
        let first = rule.policy.cash_flows == FlowRouting::MostOffTargetFirst;
        if contribution > 0.0 && self.wealth > 0.0 && first {
            let bought = self.spread(contribution, target, |i, y| {
                if exact { y / (1.0 + rates[i]) } else { y * (1.0 - rates[i]) }
            });
            self.book(contribution, bought);
            self.contributions += contribution;
        } else if contribution > 0.0 && self.wealth > 0.0 {
            let mix = match rule.policy.cash_flows {
                FlowRouting::TargetWeights => target.to_vec(),
                FlowRouting::ProRata | FlowRouting::MostOffTargetFirst => {
                    self.holdings.iter().map(|h| h / self.wealth).collect()
                }
            };
            let bought = if exact {
                contribution / (1.0 + mix_cost(&mix))
            } else {
                contribution * (1.0 - mix_cost(&mix))
            };
            self.holdings.iter_mut().zip(&mix).for_each(|(h, v)| *h += v * bought);
            self.book(contribution, bought);
            self.contributions += contribution;
        }
        if withdrawal > 0.0 && self.wealth > 0.0 {
            let rate = mix_cost(&self.holdings) / self.wealth;
            let wanted = if exact { withdrawal / (1.0 - rate) } else { withdrawal * (1.0 + rate) };
            if wanted >= self.wealth {
                let rest = self.wealth;
                self.holdings.fill(0.0);
                self.book(-rest * (1.0 - rate), -rest);
                self.wealth = 0.0;
            } else if first {
                let sold = self.draw(withdrawal, target, |i, y| {
                    if exact { y / (1.0 - rates[i]) } else { y * (1.0 + rates[i]) }
                });
                self.book(-withdrawal, -sold);
            } else {
                let keep = 1.0 - wanted / self.wealth;
                self.holdings.iter_mut().for_each(|h| *h *= keep);
                self.book(-withdrawal, -wanted);
            }
        }
    }

    /// Spends `amount` on the largest shortfalls first; returns the value bought, by `bought`.
    fn spread(&mut self, amount: f64, target: &[f64], bought: impl Fn(usize, f64) -> f64) -> f64 {
        let short: Vec<f64> = target
            .iter()
            .zip(&self.holdings)
            .map(|(w, h)| w * (self.wealth + amount) - h)
            .collect();
        let (mut left, mut sum) = (amount, 0.0);
        for i in by_size(&short) {
            let spent = short[i].max(0.0).min(left);
            self.holdings[i] += bought(i, spent);
            sum += bought(i, spent);
            left -= spent;
        }
        assert!(left <= 1e-12 * (self.wealth + amount), "{left} is left of {amount}");
        sum
    }

    /// Raises `amount` from the largest excesses first, then below the targets; returns the value
    /// sold, by `sold`.
    fn draw(&mut self, amount: f64, target: &[f64], sold: impl Fn(usize, f64) -> f64) -> f64 {
        let (mut left, mut sum) = (amount, 0.0);
        for most in [0.0, f64::INFINITY] {
            let over: Vec<f64> = target
                .iter()
                .zip(&self.holdings)
                .map(|(w, h)| h - w * (self.wealth - amount))
                .collect();
            for i in by_size(&over) {
                let raised =
                    over[i].max(most).min(self.holdings[i] / sold(i, 1.0)).min(left).max(0.0);
                self.holdings[i] -= sold(i, raised);
                sum += sold(i, raised);
                left -= raised;
            }
        }
        assert!(left <= 1e-12 * self.wealth, "{left} is left of {amount}");
        sum
    }

    fn book(&mut self, flow: f64, change: f64) {
        self.flow += flow;
        self.wealth += change;
        self.cost += flow - change;
    }

    /// Trades to the weights and wealth of the trace; returns the value traded and adds its cost.
    fn trade(&mut self, rule: &Instance, multiplier: f64, after: &StepTrace) -> f64 {
        let sized_on =
            if rule.costs.convention == CostConvention::Exact { after.wealth } else { self.wealth };
        let trades: Vec<f64> = after
            .weights
            .iter()
            .zip(&self.holdings)
            .map(|(g, h)| (g * sized_on - h).abs())
            .collect();
        let legs = trades.iter().filter(|traded| **traded > 1e-11 * self.wealth).count() as f64;
        let proportional: f64 =
            trades.iter().zip(&rule.costs.one_way).map(|(traded, c)| c * multiplier * traded).sum();
        self.cost += proportional + rule.costs.fixed_fee * legs;
        trades.iter().sum()
    }
}

/// Checks the identity and the cost of every step of one path; returns the largest residuals.
fn audit(label: &str, sim: &Simulation, rule: &Instance, market: &MarketPath) -> (f64, f64) {
    let steps = traces(sim, rule, market);
    let initial = &steps[0];
    let opening = rule.account.initial + initial.flow - initial.cost;
    assert!(
        (initial.wealth - opening).abs() <= 1e-14 * (rule.account.initial + initial.flow.abs()),
        "{label}: opening {} {opening}",
        initial.wealth
    );
    let (mut identity, mut costs) = (0.0f64, 0.0f64);
    for pair in steps.windows(2) {
        let [before, after] = pair else { unreachable!("windows of two") };
        let step = after.t as usize - 1;
        let multiplier = rule.costs.multiplier(market.regime[step]);
        let grown: f64 = before.wealth
            * before.weights.iter().zip(&market.gross[step]).map(|(w, g)| w * g).sum::<f64>();
        let mut by_hand =
            HandAccount::grown(before, &market.gross[step], rule.account.fee_per_step);
        let flow = rule.account.flows.get(after.t as usize).copied().unwrap_or_default();
        by_hand.flows(rule, &before.target, multiplier, flow.at(FlowTiming::PeriodEnd));
        if after.t < sim.grid.steps {
            by_hand.flows(rule, &before.target, multiplier, flow.at(FlowTiming::PeriodStart));
        }
        let scale = grown + by_hand.contributions;
        if scale == 0.0 {
            assert!(
                after.wealth == 0.0
                    && after.cost == 0.0
                    && after.flow == 0.0
                    && after.traded == 0.0,
                "{label}: {after:?} after ruin"
            );
            continue;
        }
        let untraded = by_hand.wealth;
        let traded = if after.traded > 0.0 { by_hand.trade(rule, multiplier, after) } else { 0.0 };
        let residual = (after.wealth - (grown + after.flow - after.cost)).abs() / scale;
        assert!(
            residual <= 1e-14,
            "{label} t={}: residual {residual:e}\n{before:?}\n{after:?}\n{rule:#?}",
            after.t
        );
        identity = identity.max(residual);
        assert!(
            (after.flow - by_hand.flow).abs() <= 1e-14 * scale,
            "{label} t={}: flow {} by hand {}",
            after.t,
            after.flow,
            by_hand.flow
        );
        assert!(
            (after.traded - traded).abs() <= 2e-14 * scale,
            "{label} t={}: traded {} by hand {traded}",
            after.t,
            after.traded
        );
        // See "knife edges" in MODEL.md.
        let fee_is_a_coin_toss = sim.assets == 1 && rule.costs.fixed_fee > 0.0;
        if !fee_is_a_coin_toss {
            let off = (after.cost - by_hand.cost).abs() / scale;
            assert!(
                off <= 2e-14,
                "{label} t={}: cost {} by hand {} on {untraded}\n{after:?}\n{rule:#?}",
                after.t,
                after.cost,
                by_hand.cost
            );
            costs = costs.max(off);
        }
        if by_hand.flow == 0.0 && flow == StepFlow::default() && after.wealth > 0.0 {
            let (unit, wealth) = (after.unit / before.unit, after.wealth / before.wealth);
            assert!(
                (unit - wealth).abs() <= 2e-15 * wealth,
                "{label} t={}: unit grew {unit}, wealth {wealth}",
                after.t
            );
        }
        let sum: f64 = after.weights.iter().sum();
        assert!(
            after.wealth == 0.0 || (sum - 1.0).abs() <= 1e-13,
            "{label} t={}: weights sum to {sum}",
            after.t
        );
    }
    (identity, costs)
}

#[test]
fn money_is_conserved_at_every_step_of_two_hundred_random_studies() {
    let mut worst = (0.0f64, 0.0f64);
    for seed in 0..200 {
        let (sim, model) = random_study(seed);
        for market in &MarketPath::block_of_source(&model, 0, sim.grid.steps)[..4] {
            for rule in &sim.instances {
                let (identity, costs) = audit(
                    &format!("study {seed} path {} policy {}", market.path, rule.policy_id),
                    &sim,
                    rule,
                    market,
                );
                worst = (worst.0.max(identity), worst.1.max(costs));
            }
        }
    }
    println!(
        "largest residual of the identity {:.1e}, of the cost by hand {:.1e}",
        worst.0, worst.1
    );
}

#[test]
fn residuals_do_not_build_up_over_480_steps() {
    let mut worst = 0.0f64;
    for seed in 0..60 {
        let (mut sim, model) = random_study(seed);
        (sim.grid.steps, sim.horizons) = (480, vec![480]);
        let market = MarketPath::of_source(&model, 0, 480);
        for rule in &mut sim.instances.clone() {
            if let [_, rest @ ..] = rule.account.flows.clone().as_slice() {
                rule.account.flows.extend(rest.iter().cycle().take(480 - rest.len()));
            }
            let steps = traces(&sim, rule, &market);
            // Sum over steps of the residual as a fraction of the wealth of the step, with its
            // sign.
            let mut sum = 0.0f64;
            for pair in steps.windows(2).take_while(|pair| pair[1].wealth > 0.0) {
                let grown = pair[0].wealth
                    * pair[0]
                        .weights
                        .iter()
                        .zip(&market.gross[pair[1].t as usize - 1])
                        .map(|(w, g)| w * g)
                        .sum::<f64>();
                let (flow, cost) = (pair[1].flow, pair[1].cost);
                sum += (pair[1].wealth - (grown + flow - cost)) / (grown + flow.max(0.0));
                assert!(
                    sum.abs() <= 1e-13,
                    "study {seed} policy {} t={}: {sum:e}",
                    rule.policy_id,
                    pair[1].t
                );
                worst = worst.max(sum.abs());
            }
        }
    }
    println!("largest accumulated residual {worst:.1e}");
}

// ---- rules trade when they should ----

#[test]
fn nothing_trades_inside_its_band_and_what_leaves_it_trades_at_the_next_look() {
    let (mut inside, mut outside) = (0, 0);
    for seed in 0..320 {
        let (sim, model) = random_study(seed);
        let market = MarketPath::of_source(&model, 1, sim.grid.steps);
        for rule in &sim.instances {
            let steps = traces(&sim, rule, &market);
            let looks = rule.policy.review.dates(sim.grid);
            // Distance of the worst asset beyond its band; positive outside.
            let beyond = |step: &StepTrace| {
                let off =
                    |i: usize| (step.weights_before[i] - step.target[i]).abs() - step.widths[i];
                (0..sim.assets).map(off).fold(f64::NEG_INFINITY, f64::max)
            };
            let prompt = rule.policy.execution_lag_steps == 0
                && rule.policy.cooldown_steps <= 1
                && rule.policy.min_trade_frac == 0.0
                && rule.costs.fixed_fee == 0.0;
            for step in &steps[1..] {
                let decided = step.cause.as_ref().map(|cause| &steps[cause.decided_at as usize]);
                match (&rule.policy.trigger, decided) {
                    (Trigger::Never, Some(_)) => {
                        panic!("study {seed}: buy-and-hold traded at {}", step.t)
                    }
                    (_, Some(decided)) => {
                        assert!(
                            looks[decided.t as usize] && step.t < sim.grid.steps,
                            "study {seed}: a trade of {} decided at {}",
                            step.t,
                            decided.t
                        );
                        let banded = matches!(rule.policy.trigger, Trigger::Outside(_));
                        assert!(
                            !banded || beyond(decided) > -1e-15,
                            "study {seed}: traded inside the band: {decided:?}"
                        );
                        inside += u32::from(banded);
                    }
                    (Trigger::Outside(_), None)
                        if prompt && step.wealth > 0.0 && looks[step.t as usize] =>
                    {
                        assert!(
                            beyond(step) < 1e-12,
                            "study {seed}: outside the band but not traded: {step:?}\n{rule:#?}"
                        );
                        outside += 1;
                    }
                    (
                        Trigger::Never | Trigger::Always | Trigger::Outside(_) | Trigger::Joined(_),
                        None,
                    ) => {}
                }
            }
        }
    }
    assert!(
        inside > 1000 && outside > 1000,
        "{inside} trades and {outside} looks without a trade are too few to show anything"
    );
}

/// Checks that wealth falls when costs rise. Without flows and fixed fees the weights of a rule do
/// not depend on costs.
#[test]
fn dearer_trading_never_leaves_more_wealth() {
    let mut strictly = 0;
    for seed in 0..200 {
        let (mut sim, model) = random_study(seed);
        for rule in &mut sim.instances {
            rule.account.flows.clear();
            rule.costs.fixed_fee = 0.0;
        }
        let at = |share: f64| {
            let mut sim = sim.clone();
            sim.instances
                .iter_mut()
                .flat_map(|rule| &mut rule.costs.one_way)
                .for_each(|c| *c *= share);
            bits(&sim, &model)
        };
        let (free, half, full) = (at(0.0), at(0.5), at(1.0));
        for (cell, rows) in free.iter().enumerate() {
            if sim.assets == 1 {
                continue; // nothing to trade but the last bit
            }
            for (path, row) in rows.iter().enumerate() {
                let value = |rows: &[Vec<[u64; PathColumn::COUNT]>], column: PathColumn| {
                    f64::from_bits(rows[cell][path][column as usize])
                };
                let wealth = [&free, &half, &full]
                    .map(|rows| value(rows, PathColumn::TerminalWealthNominal));
                let events =
                    [&free, &half, &full].map(|rows| value(rows, PathColumn::RebalanceEvents));
                let costs =
                    [&free, &half, &full].map(|rows| value(rows, PathColumn::CostBpsAnnual));
                let slack = 1.0 + 1e-13;
                assert!(
                    wealth[1] <= wealth[0] * slack && wealth[2] <= wealth[1] * slack,
                    "study {seed} cell {cell} path {path}: {wealth:?}"
                );
                assert!(
                    costs[1] >= costs[0] && costs[2] >= costs[1],
                    "study {seed} cell {cell} path {path}: {costs:?}"
                );
                assert!(
                    events[0] == events[1] && events[1] == events[2],
                    "study {seed} cell {cell} path {path}: {events:?}"
                );
                strictly += u32::from(wealth[2] < wealth[1] && wealth[1] < wealth[0]);
                assert_eq!(row[PathColumn::RebalanceEvents as usize], f64::to_bits(events[0]));
            }
        }
    }
    assert!(strictly > 10_000, "cost made a difference on {strictly} paths only");
}
