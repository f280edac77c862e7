//! Describes scenarios and policies as rows of the dimensions: separate typed columns instead of
//! labels to be parsed.

use crate::check::{CheckedPolicy, CheckedScenario, CheckedSignal, Study};
use crate::compile::short_hash;
use crate::file::account::CostsTable;
use crate::file::policy::{CashFlowsWord, PolicyTable, SameWord, TradeAssetsWord, TradeValue};
use crate::file::scale::ScaleTable;
use crate::file::shape::{PerAsset, ReviewValue, ReviewWord};
use crate::file::signal::{ObserveWord, SignalTable};
use crate::file::trigger::{CombineWord, MeasureWord, OnWord, OutsideTable, TriggerValue};
use crate::plan::{
    Goal, PolicyRow, ScenarioAxisRow, ScenarioRow, SweptColumn, SweptKind, SweptValue,
};
use crate::resolve::Resolved;
use crate::sweep::{Grid, Sweep};
use crate::tree::Item;
use corridor_core::time::Review;

/// The row of scenario `id`.
pub(crate) fn scenario(
    study: &Study,
    grid: &Grid,
    id: usize,
    scenario: &CheckedScenario,
    group: usize,
) -> ScenarioRow {
    let value = |&number: &usize| value(&grid.sweeps[number], scenario.choice[number]);
    let growth: Vec<&str> = scenario
        .account
        .growth_assets
        .iter()
        .map(|&place| scenario.market.assets[place].as_str())
        .collect();
    ScenarioRow {
        scenario_id: id as u32,
        name: scenario.name.clone(),
        group,
        market: scenario.market.label.clone(),
        cost_one_way_bps: uniform_cost(&scenario.tables.costs),
        horizon_years: scenario.tables.time.horizon_years,
        target: mix(&scenario.market.assets, &scenario.account.target),
        step: scenario.clock.grid.step.name(),
        initial: scenario.account.account.initial,
        growth_assets: growth.join(", "),
        inflation_annual: scenario.tables.account.inflation_annual,
        risk_free_annual: scenario.tables.account.risk_free_annual,
        goal: scenario
            .tables
            .account
            .goal
            .as_ref()
            .map(|goal| Goal { amount: goal.amount, indexed: goal.indexed }),
        swept: study.scenario_sweeps.iter().map(value).collect(),
    }
}

fn uniform_cost(costs: &CostsTable) -> Option<f64> {
    match &costs.one_way_bps {
        PerAsset::Each(bps) => Some(*bps),
        PerAsset::Map(map) => {
            let first = map.values().next().copied();
            first.filter(|first| map.values().all(|bps| bps == first))
        }
    }
}

/// `equity 0.6, bond 0.4`, assets without weight left out.
fn mix(assets: &[String], weights: &[f64]) -> String {
    let parts = assets
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight != 0.0)
        .map(|(asset, weight)| format!("{asset} {weight}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// The extra columns of `dim_scenario`, under names that no other column has.
pub(crate) fn swept(study: &Study, grid: &Grid) -> Vec<SweptColumn> {
    let mut columns: Vec<SweptColumn> = Vec::new();
    for &number in &study.scenario_sweeps {
        let sweep = &grid.sweeps[number];
        let key = sweep.key();
        // the fixed columns have no dots in their keys: a whole table that is swept, `market`, must
        // not look like one
        let plain = if key.contains('.') { key.clone() } else { format!("{key}_swept") };
        let plain: String = plain
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let taken = |name: &str| columns.iter().any(|column| column.column == name);
        let column = if taken(&plain) {
            (2..)
                .map(|count| format!("{plain}_{count}"))
                .find(|name| !taken(name))
                .unwrap_or_default()
        } else {
            plain
        };
        columns.push(SweptColumn {
            column,
            axis: sweep.axis.clone().unwrap_or_else(|| key.clone()),
            key,
            kind: kind(sweep),
        });
    }
    columns
}

/// Numbers stay numbers only where all values are.
fn kind(sweep: &Sweep) -> SweptKind {
    let all = |fits: &dyn Fn(&Item) -> bool| sweep.alternatives.iter().all(|node| fits(&node.item));
    if all(&|item| matches!(item, Item::Integer(_) | Item::Float(_))) {
        SweptKind::Number
    } else if all(&|item| matches!(item, Item::Boolean(_))) {
        SweptKind::Boolean
    } else {
        SweptKind::Text
    }
}

fn value(sweep: &Sweep, place: usize) -> SweptValue {
    let node = sweep.alternatives.get(place);
    match (kind(sweep), node.and_then(|node| node.number()), node.map(|node| &node.item)) {
        (SweptKind::Number, Some(number), _) if number.is_finite() => SweptValue::Number(number),
        (SweptKind::Boolean, _, Some(Item::Boolean(truth))) => SweptValue::Boolean(*truth),
        (SweptKind::Number | SweptKind::Boolean | SweptKind::Text, _, _) => {
            SweptValue::Text(sweep.label(place))
        }
    }
}

/// The swept values in long form.
pub(crate) fn scenario_axis(study: &Study, grid: &Grid) -> Vec<ScenarioAxisRow> {
    let row = |id: usize, scenario: &CheckedScenario, number: usize| {
        let sweep = &grid.sweeps[number];
        let place = scenario.choice[number];
        ScenarioAxisRow {
            scenario_id: id as u32,
            axis: sweep.axis.clone().unwrap_or_else(|| sweep.key()),
            key: sweep.key(),
            value_number: sweep
                .alternatives
                .get(place)
                .and_then(|node| node.number())
                .filter(|number| number.is_finite()),
            value_text: sweep.label(place),
        }
    };
    let of_scenario =
        |(id, scenario)| study.scenario_sweeps.iter().map(move |&number| row(id, scenario, number));
    study.scenarios.iter().enumerate().flat_map(of_scenario).collect()
}

/// Rows of `dim_policy`.
pub(crate) fn policies(study: &Study, resolved: &Resolved) -> Vec<PolicyRow> {
    study
        .policies
        .iter()
        .enumerate()
        .map(|(id, policy)| policy_row(id, policy, study, resolved))
        .collect()
}

fn policy_row(id: usize, policy: &CheckedPolicy, study: &Study, resolved: &Resolved) -> PolicyRow {
    let table = &resolved.tables[id];
    let params = resolved.policies[id].without(&["name", "use", "swept", "twin"]);
    let mut keyed = vec![params.json()];
    keyed.extend(policy.corner.signals.iter().map(|(_, place)| resolved.signals[*place].json()));
    let keyed: Vec<&[u8]> = keyed.iter().map(String::as_bytes).collect();
    let outside = table.trigger.as_ref().and_then(TriggerValue::outside);
    let scales = scales(table);
    let factor = scales.first().copied();
    let mut named = table.clone();
    let read: Vec<SignalOf<'_>> =
        named.signals().into_iter().filter_map(|name| of_signal(name, policy, study)).collect();
    let signal = shown_signal(&read, factor);
    let observe = signal.map(|signal| &signal.checked.observe);
    let assets = study.scenarios.first().map_or(&[][..], |scenario| &scenario.market.assets);
    let (review, review_months, review_phase_steps) = review(policy, table, study);
    PolicyRow {
        policy_id: id as u32,
        name: policy.corner.name.clone(),
        policy_key: short_hash(&keyed),
        policy_order: id as u32,
        family: family(table),
        catalogue: policy.corner.catalogue.clone(),
        review,
        review_months,
        review_phase_steps,
        trigger: trigger(table.trigger.as_ref()),
        band_kind: band_kind(outside),
        band_width: outside.and_then(|outside| narrowest(outside.absolute.as_ref())),
        band_relative: outside.and_then(|outside| narrowest(outside.relative.as_ref())),
        min_width: outside.and_then(|outside| outside.min_width),
        max_width: outside.and_then(|outside| outside.max_width).filter(|width| width.is_finite()),
        measure: outside.map(measure),
        scale: forms(&scales),
        elasticity: scales
            .iter()
            .find_map(|factor| factor.power.as_ref().map(|form| form.elasticity)),
        slope: scales.iter().find_map(|factor| factor.exponential.as_ref().map(|form| form.slope)),
        reference: factor.and_then(|factor| {
            factor
                .power
                .as_ref()
                .map(|form| form.reference)
                .or(factor.exponential.as_ref().map(|form| form.reference))
        }),
        signal: signal.map(|signal| signal.name.clone()),
        signal_kind: signal.map(|signal| signal.checked.signal.signal.kind().name),
        signal_asset: signal.map(|signal| signal.asset.clone()),
        signal_months: signal.and_then(|signal| signal.months),
        signal_observe: observe.map(|observe| observe.of.unwrap_or_default().name()),
        signal_lag_months: observe.map(|observe| observe.lag_months.unwrap_or(0.0)),
        signal_noise: observe.map(|observe| observe.noise_sd.unwrap_or(0.0)),
        signal_accuracy: observe
            .filter(|observe| observe.of == Some(ObserveWord::Oracle))
            .map(|observe| observe.accuracy.unwrap_or(1.0)),
        twin_of: table.twin.as_ref().map(|twin| twin.of.clone()),
        twin_same: table.twin.as_ref().map(|twin| match twin.same {
            SameWord::Exposure => "exposure",
            SameWord::Turnover => "turnover",
        }),
        look_ahead: policy.signals.iter().flatten().any(|signal| signal.signal.looks_ahead()),
        trade_rule: trade_rule(table.trade.as_ref()),
        fraction: fraction(table.trade.as_ref()),
        destination_width: destination_width(table.trade.as_ref()),
        trade_assets: match table.trade_assets.unwrap_or_default() {
            TradeAssetsWord::All => "all",
            TradeAssetsWord::Breached => "breached",
        },
        cash_flows: match table.cash_flows.unwrap_or_default() {
            CashFlowsWord::TargetWeights => "target_weights",
            CashFlowsWord::ProRata => "pro_rata",
            CashFlowsWord::MostOffTargetFirst => "most_off_target_first",
        },
        cooldown_months: table.cooldown_months.unwrap_or(0.0),
        min_trade_frac: table.min_trade_frac.unwrap_or(0.0),
        max_turnover_frac: table.max_turnover_frac.filter(|frac| frac.is_finite()),
        execution_lag_steps: table.execution_lag_steps.unwrap_or(0),
        target: table
            .target
            .as_ref()
            .and(policy.compiled.first())
            .map(|compiled| mix(assets, &compiled.target)),
        params_json: params.json(),
    }
}

fn family(table: &PolicyTable) -> &'static str {
    let moving = [
        ("vol_target", table.vol_target.is_some()),
        ("variance_managed", table.variance_managed.is_some()),
        ("moving_target", table.target_scale.is_some()),
        ("glide_path", table.glide_path.is_some()),
    ];
    if let Some((family, _)) = moving.iter().find(|(_, given)| *given) {
        return family;
    }
    match (&table.trigger, &table.trade) {
        (Some(TriggerValue::Never) | None, _) => "buy_and_hold",
        (Some(TriggerValue::Always), Some(TradeValue::PartWay(_))) => "partial_adjustment",
        (Some(TriggerValue::Always), _) => "calendar",
        (Some(TriggerValue::AnyOf(_) | TriggerValue::AllOf(_)), _) if has_trend(table) => {
            "trend_delayed"
        }
        (Some(TriggerValue::AnyOf(_) | TriggerValue::AllOf(_)), _) => "joined",
        (Some(TriggerValue::SoftHardBand(_)), _) => "soft_hard_band",
        (Some(TriggerValue::Level(_) | TriggerValue::Moved(_) | TriggerValue::WithTrend(_)), _) => {
            "signal_trigger"
        }
        (Some(TriggerValue::Waited(_)), _) => "scaled_review",
        (Some(TriggerValue::Outside(outside)), _) if outside.on == OnWord::Groups => "group_band",
        (Some(TriggerValue::Outside(outside)), _) if outside.measure != MeasureWord::Max => {
            "distance_band"
        }
        (Some(TriggerValue::Outside(outside)), _)
            if outside.cost_aware.is_some() && outside.scale.is_empty() =>
        {
            "no_trade_boundary"
        }
        (Some(TriggerValue::Outside(outside)), _) => {
            match (outside.scale.is_empty(), outside.absolute.is_some(), outside.relative.is_some())
            {
                (false, _, _) => "scaled_band",
                (true, true, true) => "hybrid",
                (true, true, false) => "threshold_absolute",
                (true, false, _) => "threshold_relative",
            }
        }
    }
}

fn has_trend(table: &PolicyTable) -> bool {
    table
        .trigger
        .iter()
        .flat_map(TriggerValue::leaves)
        .any(|leaf| matches!(leaf, TriggerValue::WithTrend(_)))
}

/// The scale factors of the trigger, then of the trade and the target.
fn scales(table: &PolicyTable) -> Vec<&ScaleTable> {
    let of_trade = if let Some(TradeValue::PartWayScaled(share)) = &table.trade {
        share.scale.as_slice()
    } else {
        &[]
    };
    let of_target = table.target_scale.iter().flat_map(|moving| &moving.scale);
    table.trigger.iter().flat_map(TriggerValue::scales).chain(of_trade).chain(of_target).collect()
}

fn measure(outside: &OutsideTable) -> &'static str {
    match (outside.on, outside.measure) {
        (OnWord::Groups, _) => "group",
        (OnWord::Assets, MeasureWord::Max) => "asset",
        (OnWord::Assets, MeasureWord::L1) => "l1",
        (OnWord::Assets, MeasureWord::L2) => "l2",
        (OnWord::Assets, MeasureWord::TrackingError) => "tracking_error",
    }
}

fn band_kind(outside: Option<&OutsideTable>) -> &'static str {
    match outside.map(|outside| {
        (
            outside.absolute.is_some(),
            outside.relative.is_some(),
            outside.combine.unwrap_or_default(),
        )
    }) {
        None => "none",
        Some((false, false, _)) => "cost_aware",
        Some((true, false, _)) => "absolute",
        Some((false, true, _)) => "relative",
        Some((true, true, CombineWord::Tighter)) => "hybrid",
        Some((true, true, CombineWord::Wider)) => "wider",
    }
}

/// The narrowest finite width.
fn narrowest(width: Option<&PerAsset>) -> Option<f64> {
    let narrowest = match width? {
        PerAsset::Each(width) => *width,
        PerAsset::Map(map) => map.values().copied().fold(f64::INFINITY, f64::min),
    };
    narrowest.is_finite().then_some(narrowest)
}

fn forms(scales: &[&ScaleTable]) -> Option<String> {
    let form = |factor: &&ScaleTable| match (&factor.power, &factor.exponential) {
        (Some(_), _) => "power",
        (None, Some(_)) => "exponential",
        (None, None) => "step",
    };
    let forms: Vec<&str> = scales.iter().map(form).collect();
    (!forms.is_empty()).then(|| forms.join("*"))
}

fn trigger(trigger: Option<&TriggerValue>) -> &'static str {
    match trigger {
        Some(TriggerValue::Never) | None => "never",
        Some(TriggerValue::Always) => "always",
        Some(TriggerValue::Outside(_)) => "outside",
        Some(TriggerValue::AnyOf(_)) => "any_of",
        Some(TriggerValue::AllOf(_)) => "all_of",
        Some(TriggerValue::SoftHardBand(_)) => "soft_hard_band",
        Some(TriggerValue::Level(_)) => "level",
        Some(TriggerValue::Moved(_)) => "moved",
        Some(TriggerValue::Waited(_)) => "waited",
        Some(TriggerValue::WithTrend(_)) => "with_trend",
    }
}

fn fraction(trade: Option<&TradeValue>) -> Option<f64> {
    match trade {
        Some(TradeValue::PartWay(fraction) | TradeValue::ToWithinShare(fraction)) => {
            Some(*fraction)
        }
        Some(TradeValue::PartWayScaled(share)) => Some(share.fraction),
        Some(TradeValue::ToTarget | TradeValue::ToEdge | TradeValue::ToWithin(_)) | None => None,
    }
}

fn destination_width(trade: Option<&TradeValue>) -> Option<f64> {
    match trade {
        Some(TradeValue::ToWithin(width)) => narrowest(Some(width)),
        Some(
            TradeValue::ToTarget
            | TradeValue::ToEdge
            | TradeValue::PartWay(_)
            | TradeValue::PartWayScaled(_)
            | TradeValue::ToWithinShare(_),
        )
        | None => None,
    }
}

fn trade_rule(trade: Option<&TradeValue>) -> &'static str {
    match trade {
        None | Some(TradeValue::ToTarget) => "to_target",
        Some(TradeValue::PartWay(_)) => "part_way",
        Some(TradeValue::PartWayScaled(_)) => "part_way_scaled",
        Some(TradeValue::ToEdge) => "to_edge",
        Some(TradeValue::ToWithin(_)) => "to_within",
        Some(TradeValue::ToWithinShare(_)) => "to_within_share",
    }
}

/// A signal of a policy, described.
struct SignalOf<'a> {
    name: String,
    asset: String,
    months: Option<f64>,
    checked: &'a CheckedSignal,
}

/// The signal a row shows: one that is not seen as it is, else that of the first factor, else the
/// first read.
fn shown_signal<'a, 'b>(
    read: &'b [SignalOf<'a>],
    factor: Option<&ScaleTable>,
) -> Option<&'b SignalOf<'a>> {
    let seen_otherwise = |signal: &&SignalOf<'_>| !signal.checked.signal.is_unaltered();
    let scales_first =
        |signal: &&SignalOf<'_>| factor.is_some_and(|factor| factor.signal == signal.name);
    read.iter()
        .find(seen_otherwise)
        .or_else(|| read.iter().find(scales_first))
        .or_else(|| read.first())
}

fn of_signal<'a>(name: &str, policy: &'a CheckedPolicy, study: &Study) -> Option<SignalOf<'a>> {
    let own =
        policy.corner.signals.iter().position(|(_, place)| study.signals[*place].name == name)?;
    let checked = policy.signals.first()?.get(own)?;
    let corner = &study.signals[policy.corner.signals[own].1];
    Some(SignalOf {
        name: corner.name.clone(),
        asset: checked.observed.clone(),
        months: corner.table.as_ref().and_then(SignalTable::months),
        checked,
    })
}

/// The review in words, its months between looks, and its phase.
fn review(policy: &CheckedPolicy, table: &PolicyTable, study: &Study) -> (String, f64, u32) {
    let per_year = study.scenarios.first().map_or(12, |scenario| scenario.clock.grid.per_year());
    let compiled = policy
        .compiled
        .first()
        .map_or(Review::EverySteps { steps: 1, phase_steps: 0 }, |policy| policy.review);
    let (months, phase) = match compiled {
        Review::EveryMonths { months, phase_steps } => (f64::from(months), phase_steps),
        Review::EverySteps { steps, phase_steps } => {
            (f64::from(steps) * 12.0 / f64::from(per_year), phase_steps)
        }
    };
    let words = match &table.review {
        None => "step".to_owned(),
        Some(ReviewValue::Word(word)) => word.name().to_owned(),
        Some(ReviewValue::Every(every)) => {
            let (count, unit) = every
                .every_months
                .map_or((every.every_steps.unwrap_or(1), "steps"), |months| (months, "months"));
            if phase == 0 {
                format!("every {count} {unit}")
            } else {
                format!("every {count} {unit}, phase {phase} steps")
            }
        }
    };
    (words, months, phase)
}

impl ObserveWord {
    const fn name(self) -> &'static str {
        match self {
            Self::AsIs => "as_is",
            Self::Oracle => "oracle",
            Self::Placebo => "placebo",
        }
    }
}

impl ReviewWord {
    const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Day => "day",
            Self::Week => "week",
            Self::TwoWeeks => "two_weeks",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::HalfYear => "half_year",
            Self::Year => "year",
        }
    }
}
