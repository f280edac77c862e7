//! Checks that the reference loop agrees with an independent implementation in plain Python, which
//! was written from MODEL.md alone.
//!
//! `kernel_equals_reference` runs the same random studies, so the kernel agrees too. Without
//! python3 the test says so and passes. `CORRIDOR_LONG=1` compares ten times as many studies.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output};

use crate::plain_studies::{instance as instance_of, simulation};
use crate::random_studies::random_study;
use corridor_core::numerics::normal_pair;
use corridor_core::outcome::{PathColumn, PolicyId};
use corridor_core::random::{Stream, words};
use corridor_core::time::{Review, Step};
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::account::{Account, StepFlow};
use corridor_simulation::cost::{CostConvention, CostModel};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::condition::{Condition, Expression, Joined};
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};
use corridor_simulation::policy::{
    Corridor, Destination, FlowRouting, MovingTarget, Policy, ScaleFactor, ScaleForm, Scaled,
    TradeAssets, TradeRule, Trigger,
};
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::signal::{
    Drawdown, EwmaCorr, EwmaCov, EwmaVol, FilterModel, MacroIndicator, Noise, ObservedSignal,
    Origin, RealisedCorr, RealisedVol, RegimeProbability, Series, Signal, StateLaw, Transition,
    Trend,
};
use serde_json::{Value, json};

const STUDIES: u64 = 100;
const PATHS: u64 = 4;

#[test]
fn plain_python_computes_the_same_outcomes() {
    let studies = if std::env::var_os("CORRIDOR_LONG").is_some() { 10 * STUDIES } else { STUDIES };
    let document = document(studies, PATHS);
    let Some(output) = twin("python3", "agrees", &document) else { return };
    let (said, failed) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{failed}");
    let values =
        document["studies"].as_array().expect("studies").iter().map(values_of).sum::<usize>();
    assert!(
        said.contains(&format!("{studies} studies, {values} outcome values, ")),
        "not all {values} values were compared: {said}"
    );
    tell(said.trim_end());
}

/// Compares 100 paths under rules whose absorbing asset lands on the edge of its band at most
/// trades: targets 50/30/20, bands of 15 % of each, breached assets to the edge. Rounding alone
/// took another trade on one path in ten, and wealth was off by up to 0.5 %.
#[test]
fn plain_python_agrees_where_weights_land_on_the_edge_of_their_bands() {
    let (sim, model) = edges();
    let document = json!({ "studies": [study(0, &sim, &model, 100)] });
    let Some(output) = twin("python3", "edges", &document) else { return };
    let (said, failed) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{failed}");
    let values = values_of(&document["studies"][0]);
    assert!(said.contains(&format!("1 studies, {values} outcome values, ")), "{said}");
}

/// Makes rules with bands of 15 % of each target that are reviewed every month over ten years.
fn edges() -> (Simulation, RegimeModel) {
    let target = [0.5, 0.3, 0.2];
    let rule = |id: u32, trade: TradeRule, trade_assets: TradeAssets| {
        let trigger = Trigger::Outside(Corridor {
            half_width: target.map(|w| 0.15 * w).to_vec(),
            scale: Vec::new(),
            min_width: 0.0,
            max_width: f64::INFINITY,
        });
        let mut rule = instance_of(PolicyId(id), &target, trigger);
        (rule.policy.trade, rule.policy.trade_assets) = (trade, trade_assets);
        rule.costs.one_way = vec![0.001; 3];
        rule
    };
    let to_edge = || TradeRule::Inward(Destination::Edge);
    let rules = vec![
        rule(0, to_edge(), TradeAssets::Breached),
        rule(1, TradeRule::ToTarget, TradeAssets::Breached),
        rule(2, to_edge(), TradeAssets::All),
    ];
    let (_, model) = (0..).map(random_study).find(|(sim, _)| sim.assets == 3).expect("a market");
    (simulation(Step::Month, 120, rules), model)
}

/// Checks that the comparison can fail: each column is changed by a little more than the tolerance.
#[test]
fn the_comparison_can_fail() {
    let mut document = document(1, 1);
    let instances = document["studies"][0]["instances"].as_array_mut().expect("instances");
    // Withdrawals widen the tolerance; without them it is narrowest.
    let calm = instances
        .iter_mut()
        .find(|instance| instance["account"]["flows"] == json!([]))
        .expect("an instance without flows");
    let values = &mut calm["expected"][0][0];
    for column in PathColumn::ALL {
        // Relative to max(1, |value|), costs as a fraction. Null, no ruin, becomes a month of ruin.
        let unit = if column == PathColumn::CostBpsAnnual { 1e4 } else { 1.0 };
        let doctored = values[column as usize]
            .as_f64()
            .map_or(12.0, |value| value + 3e-12 * value.abs().max(unit));
        values[column as usize] = json!(doctored);
    }
    let Some(output) = twin("python3", "differs", &document) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        said.lines().filter(|line| line.starts_with("mismatch: ")).count(),
        PathColumn::COUNT,
        "{said}"
    );
    for column in PathColumn::ALL {
        assert!(
            said.contains(column.name()),
            "`{}` was put wrong and not found: {said}",
            column.name()
        );
    }
}

#[test]
fn a_machine_without_python_skips() {
    assert!(twin("python3-that-is-not-there", "skipped", &json!({ "studies": [] })).is_none());
}

/// Runs the twin on a document; `None`, with a line of output, if the interpreter is missing.
fn twin(python: &str, name: &str, document: &Value) -> Option<Output> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("twin_{name}.json"));
    fs::write(&file, document.to_string()).expect("a writable target folder");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/twin.py");
    match Command::new(python).arg(script).arg(&file).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            tell(&format!("skipped: {python} not found"));
            None
        }
        Err(error) => panic!("{python} does not start: {error}"),
    }
}

/// Writes past the test harness, which hides the output of a passing test.
fn tell(line: &str) {
    writeln!(io::stderr(), "python_twin: {line}").expect("standard error");
}

fn values_of(study: &Value) -> usize {
    let count = |key: &str| study[key].as_array().expect(key).len();
    count("instances") * count("paths") * count("horizons") * PathColumn::COUNT
}

// The document. Structs are taken apart field by field and enums variant by variant, so that a new
// one does not compile until it is in the document. `serde_json` writes an f64 as the shortest
// decimal that reads back the same, and infinity and NaN as null.

fn document(studies: u64, paths: u64) -> Value {
    let one = |seed| {
        let (mut sim, model) = random_study(seed);
        if seed % 10 == 0 {
            add_corners(&mut sim);
        }
        study(seed, &sim, &model, paths)
    };
    json!({ "studies": (0..studies).map(one).collect::<Vec<Value>>() })
}

/// Adds the cases that random studies leave out: ruin at `t = 0`, and an asset of weight 0 under
/// fixed fees.
fn add_corners(sim: &mut Simulation) {
    let broke = &mut sim.instances[0].account;
    broke.flows = vec![StepFlow::default(); sim.grid.steps as usize + 1];
    broke.flows[0].withdrawal_start = 2.0 * broke.initial;
    if let [first, .., last] = sim.instances[1].policy.target.as_mut_slice() {
        *first += *last;
        *last = 0.0;
    }
    sim.instances[1].policy.moving = None; // whose share was that of the old weights
    sim.instances[1].costs.fixed_fee = 1.0;
}

fn study(seed: u64, sim: &Simulation, model: &RegimeModel, count: u64) -> Value {
    let Simulation { grid, assets: _, growth_assets, signals, horizons, instances } = sim;
    let blocks = 0..count.div_ceil(MarketPath::BLOCK);
    let mut paths: Vec<MarketPath> =
        blocks.flat_map(|block| MarketPath::block_of_source(model, block, grid.steps)).collect();
    paths.truncate(count as usize);
    json!({
        "name": seed,
        "steps_per_year": grid.per_year(),
        "steps": grid.steps,
        "growth_assets": growth_assets,
        "horizons": horizons,
        "signals": signals.iter().map(observed).collect::<Vec<_>>(),
        "paths": paths.iter().map(|path| market_path(path, signals)).collect::<Vec<_>>(),
        "instances": instances.iter().map(|one| instance(sim, one, &paths)).collect::<Vec<_>>(),
    })
}

fn market_path(path: &MarketPath, signals: &[ObservedSignal]) -> Value {
    let MarketPath {
        path: number,
        gross,
        log_return,
        regime,
        placebo,
        indicator,
        placebo_indicator,
    } = path;
    let wide = |returns: &[Vec<f32>]| -> Vec<Vec<f64>> {
        returns.iter().map(|row| row.iter().map(|&r| f64::from(r)).collect()).collect()
    };
    let steps = 1..=regime.len() as u32;
    // Random decisions are handed over: the twin has no random numbers.
    let drawn = |signal: &ObservedSignal| -> (Vec<f64>, Vec<u32>) {
        let chance = |t: u32| words(signal.seed, *number, t, Stream::SignalNoise);
        let normals =
            steps.clone().map(|t| f64::from(normal_pair(chance(t)[0], chance(t)[1]).0)).collect();
        (normals, steps.clone().map(|t| told(signal, regime, t, chance(t))).collect())
    };
    let (normals, told): (Vec<_>, Vec<_>) = signals.iter().map(drawn).unzip();
    json!(
        {
            "gross": gross,
            "log_return": wide(log_return),
            "regime": regime,
            "placebo": wide(placebo),
            "indicator": wide(indicator),
            "placebo_indicator": wide(placebo_indicator),
            "normals": normals,
            "told": told,
        }
    )
}

/// Returns the regime that an oracle names at `t`: that of the coming step, or another one.
fn told(signal: &ObservedSignal, regime: &[u32], t: u32, words: [u32; 4]) -> u32 {
    let Origin::Oracle { by_regime, accuracy } = &signal.origin else { return 0 };
    let (truth, regimes) = (regime[(t as usize).min(regime.len() - 1)], by_regime.len() as u32);
    if regimes == 1 || f64::from(words[2]) / 4_294_967_296.0 < *accuracy {
        return truth;
    }
    let others: Vec<u32> = (1..regimes).map(|step| (truth + step) % regimes).collect();
    others[(f64::from(words[3]) / 4_294_967_296.0 * others.len() as f64) as usize]
}

fn observed(observed: &ObservedSignal) -> Value {
    let ObservedSignal { signal: inner, origin, lag_steps, start, noise, seed: _ } = observed;
    let (origin, by_regime) = match origin {
        Origin::Path => ("path", Vec::new()),
        Origin::Placebo => ("placebo", Vec::new()),
        Origin::Oracle { by_regime, accuracy: _ } => ("truth", by_regime.clone()),
    };
    let noise = noise.map(|Noise { sd, floor }| {
        json!(
            { "sd": sd, "floor": if floor.is_finite() { json!(floor) } else { Value::Null } }
        )
    });
    json!(
        {
            "signal": signal(inner),
            "origin": origin,
            "by_regime": by_regime,
            "lag_steps": lag_steps,
            "start": start,
            "noise": noise,
        }
    )
}

fn instance(sim: &Simulation, instance: &Instance, paths: &[MarketPath]) -> Value {
    let Instance { scenario_id: _, policy_id: _, policy: rule, costs, account: balance } = instance;
    let expected: Vec<_> = paths.iter().map(|path| simulate(sim, instance, path, |_| ())).collect();
    json!(
        {
            "policy": policy(rule),
            "costs": cost_model(costs),
            "account": account(balance),
            "expected": expected,
        }
    )
}

fn signal(signal: &Signal) -> Value {
    match signal {
        Signal::EwmaVol(EwmaVol { series, lambda, start_variance }) => {
            json!(
                {
                    "kind": "ewma_vol",
                    "assets": assets(*series),
                    "lambda": lambda,
                    "start_variance": start_variance,
                }
            )
        }
        Signal::RealisedVol(RealisedVol { series, window_steps, start_variance }) => {
            json!(
                {
                    "kind": "realised_vol",
                    "assets": assets(*series),
                    "window_steps": window_steps,
                    "start_variance": start_variance,
                }
            )
        }
        Signal::EwmaCorr(EwmaCorr { assets, lambda, start }) => {
            json!({ "kind": "ewma_corr", "assets": assets, "lambda": lambda, "start": start })
        }
        Signal::EwmaCov(EwmaCov { assets, lambda, start }) => {
            json!({ "kind": "ewma_cov", "assets": assets, "lambda": lambda, "start": start })
        }
        Signal::RealisedCorr(RealisedCorr { assets, window_steps, start }) => {
            json!(
                {
                    "kind": "realised_corr",
                    "assets": assets,
                    "window_steps": window_steps,
                    "start": start,
                }
            )
        }
        Signal::Trend(Trend { series, window_steps, sign }) => {
            json!(
                {
                    "kind": "trend",
                    "assets": assets(*series),
                    "window_steps": window_steps,
                    "sign": sign,
                }
            )
        }
        Signal::Drawdown(Drawdown { asset }) => json!({ "kind": "drawdown", "asset": asset }),
        Signal::Macro(MacroIndicator { indicator }) => {
            json!({ "kind": "macro", "indicator": indicator })
        }
        Signal::RegimeProbability(RegimeProbability { model, members }) => {
            json!(
                {
                    "kind": "regime_probability",
                    "belief": filter_model(model),
                    "members": members,
                }
            )
        }
    }
}

fn filter_model(model: &FilterModel) -> Value {
    let FilterModel { assets, initial, transitions, states, df } = model;
    let step = |Transition { period_steps, matrix }: &Transition| {
        json!(
            { "period_steps": period_steps, "transition": matrix }
        )
    };
    let state = |StateLaw { mean, whitening, log_scale }: &StateLaw| {
        json!(
            { "mean": mean, "whitening": whitening, "log_scale": log_scale }
        )
    };
    json!({
        "assets": assets,
        "initial": initial,
        "moves": transitions.iter().map(step).collect::<Vec<_>>(),
        "states": states.iter().map(state).collect::<Vec<_>>(),
        "df": df,
    })
}

/// Lists the asset of a series, or the two whose spread it is.
fn assets(series: Series) -> Vec<usize> {
    match series {
        Series::Asset(asset) => vec![asset],
        Series::Spread(first, second) => vec![first, second],
    }
}

fn policy(policy: &Policy) -> Value {
    let Policy {
        target,
        moving,
        review,
        trigger: when,
        trade,
        trade_assets,
        cash_flows,
        cooldown_steps,
        min_trade_frac,
        max_turnover_frac,
        execution_lag_steps,
    } = policy;
    let movement = |MovingTarget {
        scaled, scale, by_step, min_factor, max_factor, share: _
    }: &MovingTarget| {
        json!({
            "scaled": scaled,
            "scale": scale.iter().map(scale_factor).collect::<Vec<_>>(),
            "by_step": by_step,
            "min_factor": min_factor,
            "max_factor": max_factor,
        })
    };
    json!({
        "target": target,
        "moving": moving.as_ref().map(movement),
        "review": match review {
            Review::EveryMonths { months, phase_steps } => json!(
                { "unit": "months", "every": months, "phase_steps": phase_steps }
            ),
            Review::EverySteps { steps, phase_steps } => json!(
                { "unit": "steps", "every": steps, "phase_steps": phase_steps }
            ),
        },
        "trigger": trigger(when),
        "trade": match trade {
            TradeRule::ToTarget => json!({ "kind": "to_target" }),
            TradeRule::PartWay { fraction } => json!({ "kind": "part_way", "fraction": fraction }),
            TradeRule::PartWayScaled(fraction) => json!(
                { "kind": "part_way_scaled", "fraction": scaled(fraction) }
            ),
            TradeRule::Inward(Destination::Edge) => json!({ "kind": "to_edge" }),
            TradeRule::Inward(Destination::ShareOfBand(share)) => json!(
                { "kind": "to_within_share", "share": share }
            ),
            TradeRule::Inward(Destination::Within(half_width)) => json!(
                { "kind": "to_within", "half_width": half_width }
            ),
        },
        "trade_assets": match trade_assets {
            TradeAssets::All => "all",
            TradeAssets::Breached => "breached",
        },
        "cash_flows": match cash_flows {
            FlowRouting::TargetWeights => "target_weights",
            FlowRouting::ProRata => "pro_rata",
            FlowRouting::MostOffTargetFirst => "most_off_target_first",
        },
        "cooldown_steps": cooldown_steps,
        "min_trade_frac": min_trade_frac,
        "max_turnover_frac": max_turnover_frac,
        "execution_lag_steps": execution_lag_steps,
    })
}

fn trigger(trigger: &Trigger) -> Value {
    match trigger {
        Trigger::Never => json!({ "kind": "never" }),
        Trigger::Always => json!({ "kind": "always" }),
        Trigger::Outside(corridor) => band("outside", corridor),
        Trigger::Joined(Joined { conditions, expression: joined }) => {
            json!(
                {
                    "kind": "joined",
                    "conditions": conditions.iter().map(condition).collect::<Vec<_>>(),
                    "rule": expression(joined),
                }
            )
        }
    }
}

fn band(kind: &str, Corridor { half_width, scale, min_width, max_width }: &Corridor) -> Value {
    json!(
        {
            "kind": kind,
            "half_width": half_width,
            "scale": scales(scale),
            "min_width": min_width,
            "max_width": max_width,
        }
    )
}

fn expression(joined: &Expression) -> Value {
    match joined {
        Expression::One(index) => json!({ "one": index }),
        Expression::AnyOf(parts) => {
            json!({ "any_of": parts.iter().map(expression).collect::<Vec<_>>() })
        }
        Expression::AllOf(parts) => {
            json!({ "all_of": parts.iter().map(expression).collect::<Vec<_>>() })
        }
    }
}

fn condition(condition: &Condition) -> Value {
    match condition {
        Condition::Always => json!({ "kind": "always" }),
        Condition::Outside(corridor) => band("outside", corridor),
        Condition::Beyond(Distance { measure, width }) => {
            let (kind, group, covariance) = match measure {
                Measure::Group(members) => ("group", json!(members), Value::Null),
                Measure::L1 => ("l1", Value::Null, Value::Null),
                Measure::L2 => ("l2", Value::Null, Value::Null),
                Measure::TrackingError(
                    Covariance::Constant(entries) | Covariance::Ewma { start: entries, .. },
                ) => ("tracking_error", Value::Null, json!({ "constant": entries })),
                Measure::TrackingError(Covariance::Signals(signals)) => {
                    ("tracking_error", Value::Null, json!({ "signals": signals }))
                }
            };
            json!(
                {
                    "kind": "beyond",
                    "measure": kind,
                    "group": group,
                    "covariance_lower_triangle": covariance,
                    "width": scaled(width),
                }
            )
        }
        Condition::Hysteresis { enter, exit } => {
            json!(
                {
                    "kind": "soft_hard_band",
                    "hard": band("outside", enter),
                    "soft": band("outside", exit),
                }
            )
        }
        Condition::Above { signal, limit } => {
            json!({ "kind": "above", "signal": signal, "limit": limit })
        }
        Condition::Below { signal, limit } => {
            json!({ "kind": "below", "signal": signal, "limit": limit })
        }
        Condition::Moved { signal, by, start } => {
            json!({ "kind": "moved", "signal": signal, "by": by, "start": start })
        }
        Condition::Waited(steps) => json!({ "kind": "waited", "steps": scaled(steps) }),
        Condition::WithTrend { signal, limit, assets } => {
            json!({ "kind": "with_trend", "signal": signal, "limit": limit, "assets": assets })
        }
    }
}

fn scaled(Scaled { base, scale, min, max }: &Scaled) -> Value {
    json!({ "base": base, "scale": scales(scale), "min": min, "max": max })
}

fn scales(scale: &[ScaleFactor]) -> Vec<Value> {
    scale.iter().map(scale_factor).collect()
}

fn scale_factor(ScaleFactor { signal, form }: &ScaleFactor) -> Value {
    json!({ "signal": signal, "form": scale_form(form) })
}

fn scale_form(form: &ScaleForm) -> Value {
    match form {
        ScaleForm::Power { elasticity, reference } => {
            json!({ "kind": "power", "elasticity": elasticity, "reference": reference })
        }
        ScaleForm::Exponential { slope, reference } => {
            json!({ "kind": "exponential", "slope": slope, "reference": reference })
        }
        ScaleForm::Step { at, factors } => json!({ "kind": "step", "at": at, "factors": factors }),
    }
}

fn cost_model(costs: &CostModel) -> Value {
    let CostModel {
        one_way,
        fixed_fee,
        spread_multiplier,
        convention,
        charge_flows,
        charge_initial_purchase,
    } = costs;
    json!({
        "one_way": one_way,
        "fixed_fee": fixed_fee,
        "spread_multiplier": spread_multiplier,
        "convention": match convention {
            CostConvention::Exact => "exact",
            CostConvention::Pre => "pre",
        },
        "charge_flows": charge_flows,
        "charge_initial_purchase": charge_initial_purchase,
    })
}

fn account(account: &Account) -> Value {
    let Account { initial, fee_per_step, flows } = account;
    let step_flow = |StepFlow {
                         contribution_end,
                         withdrawal_end,
                         contribution_start,
                         withdrawal_start,
                     }: &StepFlow| {
        json!({
            "contribution_end": contribution_end,
            "withdrawal_end": withdrawal_end,
            "contribution_start": contribution_start,
            "withdrawal_start": withdrawal_start,
        })
    };
    json!(
        {
            "initial": initial,
            "fee_per_step": fee_per_step,
            "flows": flows.iter().map(step_flow).collect::<Vec<_>>(),
        }
    )
}
