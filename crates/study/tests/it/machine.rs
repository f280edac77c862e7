//! Compares values of a study in its own units with the machine units of its plan.

use std::path::Path;

use corridor_core::numerics::exp;
use corridor_core::outcome::PolicyId;
use corridor_core::time::Review;
use corridor_simulation::account::StepFlow;
use corridor_simulation::cost::CostConvention;
use corridor_simulation::policy::{
    Destination, FlowRouting, Policy, TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::signal::{EwmaVol, Series, Signal};
use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, compile, load};

fn good(name: &str) -> RunPlan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good").join(name);
    load(&path, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A study of equity and bonds with the tables of `rest` at its end.
fn small(step: &str, rest: &str) -> RunPlan {
    let text = format!(
        "corridor = 1\n[study]\nname = 's'\n[time]\nhorizon_years = 3\nstep = \
        '{step}'\n[market.gbm]\nassets = ['equity', 'bond']\n\
         moments_per = 'year'\nmean_is = 'log'\nmean = [0.06, 0.03]\nvol = [0.16, \
         0.06]\ncorrelation = 0.1\n[comparison]\n\
         baseline = 'p'\nprimary_metric = 'ruined'\n[run]\npaths = 1\nseed = 1\n{rest}"
    );
    compile("small", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn policy(plan: &RunPlan, name: &str) -> Policy {
    let id = plan
        .policies
        .iter()
        .position(|policy| policy.policy == name)
        .unwrap_or_else(|| panic!("{name}"));
    plan.groups[0].simulation.instances[id].policy.clone()
}

fn with_policy(step: &str, keys: &str) -> Policy {
    let rest = format!(
        "[account]\ninitial = 1\ntarget = {{ equity = 0.6, bond = 0.4 }}\n[costs]\none_way_bps = \
        0\n[[policy]]\nname = 'p'\n{keys}\n"
    );
    policy(&small(step, &rest), "p")
}

fn flows(flow: &str) -> Vec<(usize, StepFlow)> {
    let rest = format!(
        "[account]\ninitial = 1000\ntarget = {{ equity = 1 }}\ninflation_annual = \
        0.02\n[[account.flow]]\n{flow}\n[costs]\none_way_bps = 0\n[[policy]]\n\
         name = 'p'\ntrigger = 'never'\n"
    );
    let plan = small("month", &rest);
    let flows = &plan.groups[0].simulation.instances[0].account.flows;
    assert_eq!(flows.len(), 37);
    flows.iter().copied().enumerate().filter(|(_, flow)| *flow != StepFlow::default()).collect()
}

#[test]
fn policies_are_judged_by_a_metric_that_every_path_of_the_account_has() {
    let judged = |goal: &str, flow: &str, comparison: &str| {
        let text = format!(
            "corridor = 1\n[study]\nname = 's'\n[time]\nhorizon_years = 3\nstep = \
            'month'\n[market]\npreset = 'stock-bond-flip'\n[account]\ninitial = 1000\ntarget = \
            {{ equity = 0.6, bond = 0.4 }}\n{goal}\n{flow}\n[costs]\none_way_bps = \
            0\n[[policy]]\nname = 'p'\ntrigger = 'never'\n[comparison]\nbaseline = \
            'p'\n{comparison}\n[run]\npaths = 1\nseed = 1\n"
        );
        let plan = compile("judged", &text, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"));
        let written = compile("written", &plan.resolved_toml, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(plan.comparison, written.comparison);
        assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
        let metric = plan.comparison.primary_metric;
        let margin = plan.comparison.margins.get(&metric).copied();
        (metric, margin)
    };
    let goal = "goal = { amount = 2000 }";
    let pays = "[[account.flow]]\nwithdrawal = { amount_per_year = 40, every_months = 1 }";
    let growth = ("ce_growth_gamma_3".to_owned(), Some(5.0));
    assert_eq!(judged("", "", ""), growth);
    assert_eq!(judged(goal, "", ""), growth);
    assert_eq!(judged("", pays, ""), ("ruined".to_owned(), Some(0.01)));
    assert_eq!(judged(goal, pays, ""), ("goal_reached".to_owned(), Some(0.01)));
    assert_eq!(
        judged("", pays, "primary_metric = 'ruined'\nmargin = { ruined = 0.005 }"),
        ("ruined".to_owned(), Some(0.005))
    );
}

#[test]
fn a_chain_that_never_switches_has_the_moments_of_its_first_regime() {
    let plan = good("chain-never-switches.toml");
    let moments = &plan.groups[0].moments;
    assert_eq!(moments.stationary, [1.0, 0.0]);
    assert!((moments.mean_log_annual[0] - 0.12).abs() < 1e-15, "{moments:?}");
    assert!((moments.correlation[1][0] + 0.1).abs() < 1e-15, "{moments:?}");
}

#[test]
fn the_vol_of_a_simple_return_becomes_that_of_the_log_return() {
    let plan = good("vol-is.toml");
    let log_vol = plan.groups[0].moments.vol_annual[0];
    // the standard deviation of a lognormal law with mean 1.095
    let ratio = 1.0 + 0.3 * 0.3 / (1.095 * 1.095);
    assert!((exp(log_vol * log_vol) - ratio).abs() < 1e-12, "{log_vol}");
    let year = plan.groups[0].market.year_return(0, 12).expect("a closed form");
    assert!((year.mean - 0.095).abs() < 1e-12 && (year.std_dev - 0.3).abs() < 1e-12, "{year:?}");
}

#[test]
fn contributions_fall_at_the_start_of_their_periods_and_grow_once_a_year() {
    let found =
        flows("contribution = { amount_per_year = 1200, every_months = 6, growth_annual = 0.1 }");
    let expected = [(0, 600.0), (6, 600.0), (12, 660.0), (18, 660.0), (24, 726.0), (30, 726.0)];
    assert_eq!(found.len(), expected.len());
    for ((t, flow), (at, amount)) in found.iter().zip(expected) {
        assert_eq!(*t, at);
        assert!(
            (flow.contribution_start - amount).abs() < 1e-9 && flow.withdrawal_start == 0.0,
            "{flow:?}"
        );
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "an independent power to compare with")]
fn indexed_withdrawals_fall_at_the_end_of_their_periods_and_keep_up_with_prices() {
    let found = flows(
        "withdrawal = { initial_rate_annual = 0.04, timing = 'end', indexed = true, from_year = 1 \
        }",
    );
    let places: Vec<usize> = found.iter().map(|(t, _)| *t).collect();
    assert_eq!(places, [24, 36]);
    for (t, flow) in found {
        let years = t as f64 / 12.0;
        assert!((flow.withdrawal_end - 40.0 * 1.02_f64.powf(years)).abs() < 1e-9, "{flow:?}");
    }
}

#[test]
fn a_flow_that_ends_early_leaves_its_last_start_to_the_next_period() {
    let places = |flow: &str| flows(flow).into_iter().map(|(t, _)| t).collect::<Vec<_>>();
    assert_eq!(places("contribution = { amount_per_year = 1, to_year = 2 }"), [0, 12]);
    assert_eq!(
        places("contribution = { amount_per_year = 1, to_year = 2, timing = 'end' }"),
        [12, 24]
    );
}

#[test]
fn reviews_of_days_weeks_and_months_are_steps() {
    let review = |step: &str, word: &str| {
        with_policy(step, &format!("review = {word}\ntrigger = 'always'")).review
    };
    let steps = |steps| Review::EverySteps { steps, phase_steps: 0 };
    let months = |months| Review::EveryMonths { months, phase_steps: 0 };
    assert_eq!(review("day", "'week'"), steps(5));
    assert_eq!(review("day", "'two_weeks'"), steps(10));
    assert_eq!(review("week", "'two_weeks'"), steps(2));
    assert_eq!(review("week", "'month'"), months(1));
    assert_eq!(review("day", "'half_year'"), months(6));
    assert_eq!(
        review("day", "{ every_months = 3, phase_months = 1 }"),
        Review::EveryMonths { months: 3, phase_steps: 21 }
    );
    assert_eq!(
        review("month", "{ every_steps = 3, phase_steps = 2 }"),
        Review::EverySteps { steps: 3, phase_steps: 2 }
    );
    assert_eq!(with_policy("month", "trigger = 'always'").review, steps(1));
    assert_eq!(with_policy("day", "trigger = 'always'\ncooldown_months = 2").cooldown_steps, 42);
}

#[test]
fn bands_are_half_widths_of_the_portfolio_per_asset() {
    let widths = |outside: &str| match with_policy(
        "month",
        &format!("trigger = {{ outside = {{ {outside} }} }}"),
    )
    .trigger
    {
        Trigger::Outside(corridor) => corridor.half_width,
        Trigger::Never | Trigger::Always | Trigger::Joined(_) => panic!("no band"),
    };
    let close = |found: Vec<f64>, expected: [f64; 2]| {
        assert!(
            found.iter().zip(expected).all(|(a, b)| *a == b || (a - b).abs() < 1e-15),
            "{found:?}"
        )
    };
    close(widths("absolute = 0.05"), [0.05, 0.05]);
    close(widths("relative = 0.2"), [0.12, 0.08]);
    close(widths("absolute = { bond = 0.05 }"), [f64::INFINITY, 0.05]);
    close(widths("absolute = 0.05, relative = 0.1"), [0.05, 0.04]);
    close(widths("absolute = 0.05, relative = 0.1, combine = 'wider'"), [0.06, 0.05]);
    // an asset that only one band watches has that band, however they are combined
    close(
        widths("absolute = { equity = 0.05 }, relative = { bond = 0.1 }, combine = 'wider'"),
        [0.05, 0.04],
    );
    close(widths("absolute = inf"), [f64::INFINITY, f64::INFINITY]);
}

#[test]
fn destinations_cover_the_watched_assets() {
    let policy = with_policy(
        "month",
        "trigger = { outside = { absolute = { equity = 0.05 } } }\ntrade = { to_within = 0.03 \
        }\ntrade_assets = 'breached'",
    );
    assert_eq!(policy.trade, TradeRule::Inward(Destination::Within(vec![0.03, f64::INFINITY])));
    assert_eq!(policy.trade_assets, TradeAssets::Breached);
}

#[test]
fn every_key_reaches_the_machine() {
    let plan = good("every-key.toml");
    let simulation = &plan.groups[0].simulation;
    let instance = &simulation.instances[0];
    assert_eq!((simulation.grid.steps, simulation.horizons.as_slice()), (240, &[60, 126, 240][..]));
    assert_eq!(
        plan.horizons.iter().map(|row| row.horizon_months).collect::<Vec<_>>(),
        [60, 126, 240]
    );
    assert_eq!(simulation.growth_assets, [0, 1]);
    assert_eq!(
        (plan.seed, plan.paths_per_part, plan.sample_paths, plan.trajectories),
        (u64::MAX, 256, 100, 3)
    );
    let costs = &instance.costs;
    assert_eq!((costs.one_way.as_slice(), costs.fixed_fee), (&[0.0005, 0.001, 0.0015][..], 2.0));
    assert_eq!(
        (costs.convention, costs.charge_flows, costs.charge_initial_purchase),
        (CostConvention::Pre, false, true)
    );
    // the name of a main regime stands for all its joint regimes
    assert_eq!(
        plan.groups[0].moments.regimes,
        ["calm/apart", "calm/together", "storm/apart", "storm/together"]
    );
    assert_eq!(costs.spread_multiplier, [1.0, 1.2, 2.0, 2.0]);
    assert_eq!(instance.account.initial, 250_000.5);
    assert!((instance.account.fee_per_step - 0.0025 / 12.0).abs() < 1e-18);
    let steps = policy(&plan, "steps");
    assert_eq!(steps.target, [0.5, 0.0, 0.5]);
    assert_eq!(
        (steps.cash_flows, steps.cooldown_steps, steps.execution_lag_steps),
        (FlowRouting::ProRata, 6, 1)
    );
    assert_eq!((steps.min_trade_frac, steps.max_turnover_frac), (0.005, 0.10));
    assert_eq!(plan.comparison.compare_with, [0, 0, 1, 0].map(PolicyId));
    assert_eq!(
        simulation.signals[0].signal,
        Signal::EwmaVol(EwmaVol {
            series: Series::Asset(0),
            lambda: 0.9,
            start_variance: 0.15 * 0.15 / 12.0
        })
    );
    let Signal::RealisedVol(second) = &simulation.signals[1].signal else {
        panic!("{:?}", simulation.signals[1])
    };
    assert_eq!((second.series, second.window_steps), (Series::Asset(1), 12));
    assert_eq!(second.start_variance, plan.groups[0].moments.step_variance[1]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "an independent power to compare with")]
fn a_half_life_is_in_months_whatever_the_step() {
    for (step, steps_per_month) in [("month", 1.0), ("day", 21.0)] {
        let rest = "[account]\ninitial = 1\ntarget = { equity = 1 }\n[costs]\none_way_bps = \
        0\n[signal.v]\n\
                    ewma_vol = { asset = 'equity', half_life_months = 11 }\n[[policy]]\nname = \
                    'p'\n\
                    trigger = { outside = { absolute = 0.05, scale = [{ signal = 'v', power = { \
                    elasticity = 1, reference = 0.16 } }] } }\n";
        let plan = small(step, rest);
        let Signal::EwmaVol(signal) = &plan.groups[0].simulation.signals[0].signal else {
            panic!("{plan:?}")
        };
        let halved = signal.lambda.powf(11.0 * steps_per_month);
        assert!((halved - 0.5).abs() < 1e-12, "{step}: {halved}");
    }
}

#[test]
fn catalogue_rules_are_what_their_names_say() {
    let plan = good("catalogue-daily.toml");
    let band = |name: &str| match policy(&plan, name).trigger {
        Trigger::Outside(corridor) => corridor.half_width[0],
        Trigger::Never | Trigger::Always | Trigger::Joined(_) => panic!("{name} has no band"),
    };
    assert_eq!(policy(&plan, "hold").trigger, Trigger::Never);
    assert_eq!(
        policy(&plan, "calendar").review,
        Review::EveryMonths { months: 12, phase_steps: 0 }
    );
    assert_eq!([band("absolute"), band("v175"), band("v0")], [0.05, 0.02, 0.02]);
    assert_eq!(policy(&plan, "both").review, Review::EveryMonths { months: 12, phase_steps: 0 });
    assert_eq!(
        policy(&plan, "v175").trade,
        TradeRule::Inward(Destination::Within(vec![0.0175; 2]))
    );
    let daryanani = policy(&plan, "daryanani");
    assert_eq!(daryanani.review, Review::EverySteps { steps: 10, phase_steps: 0 });
    assert_eq!(
        (daryanani.trade, daryanani.trade_assets),
        (TradeRule::Inward(Destination::ShareOfBand(0.5)), TradeAssets::Breached)
    );
    assert_eq!(policy(&plan, "partial").trade, TradeRule::PartWay { fraction: 0.1 });
}

#[test]
fn a_filter_believes_its_market_unless_told_otherwise() {
    let study = |model: &str, belief: &str| {
        let rest = format!(
            "[account]\ninitial = 1\ntarget = {{ equity = 0.5, bond = 0.5 }}\n[costs]\none_way_bps \
            = 0\n[signal.v]\n\
             regime_probability = {{ regime = 'storm'{belief} }}\n{model}[[policy]]\nname = 'p'\n\
             trigger = {{ outside = {{ absolute = 0.05, scale = [{{ signal = 'v', step = {{ at = \
             [0.5], factors = [1.0, 0.5] }} }}] }} }}\n"
        );
        let text = format!(
            "corridor = 1\n[study]\nname = 's'\n[time]\nhorizon_years = 1\nstep = \
            'month'\n[market]\npreset = 'stock-bond-flip'\n{rest}\
             [comparison]\nbaseline = 'p'\n[run]\npaths = 1\nseed = 1\n"
        );
        let plan = compile("s.toml", &text, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"));
        let Signal::RegimeProbability(filter) = plan.groups[0].simulation.signals[0].signal.clone()
        else {
            panic!("no filter")
        };
        filter
    };
    let right = study("", "");
    assert_eq!(study("[model.m]\nsame_as_market = {}\n", ", model = 'm'"), right);
    let wrong = study(
        "[model.m]\nsame_as_market = { regime = { storm = { vol = { equity = 0.05 } } } }\n",
        ", model = 'm'",
    );
    assert_eq!(
        (wrong.members.clone(), wrong.model.transitions.clone()),
        (right.members.clone(), right.model.transitions.clone())
    );
    assert_ne!(wrong.model.states, right.model.states);
    // the assets of the model may be in another order
    let other = "[model.m.gbm]\nassets = ['bond', 'equity']\nmoments_per = 'month'\nmean_is = \
    'log'\nmean = [0.001, 0.002]\nvol = [0.01, 0.02]\ncorrelation = 0.0\n";
    let other = other
        .replace("gbm]", "regime_switching]")
        .replace("moments_per", "regimes_change = 'month'\ntransition = [[1.0]]\nmoments_per");
    let (table, regime) = other.split_once("mean = ").expect("a mean");
    let filter = study(
        &format!("{table}[[model.m.regime_switching.regime]]\nname = 'storm'\nmean = {regime}"),
        ", model = 'm'",
    );
    assert_eq!(
        (filter.model.assets.clone(), filter.model.states[0].mean.clone()),
        (vec![0, 1], vec![0.002, 0.001])
    );
}
