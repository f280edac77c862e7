//! Describes a policy as a row of `dim_policy`. Parameters have typed columns of their own, so that
//! a threshold surface is one GROUP BY and no label is parsed.
//!
//! A parameter that depends on the scenario, such as a relative band under a swept target, has the
//! value of the first scenario.

use corridor_core::outcome::PolicyId;
use corridor_core::time::Review;
use corridor_tables::DimPolicyRow;

use super::label::mix;
use crate::check::{CheckedPolicy, CheckedSignal, Study};
use crate::description;
use crate::file::policy::{CashFlowsWord, PolicyTable, SameWord, TradeAssetsWord, TradeValue};
use crate::file::scale::ScaleTable;
use crate::file::shape::{PerAsset, ReviewValue, ReviewWord};
use crate::file::signal::{ObserveWord, SignalTable};
use crate::file::trigger::{CombineWord, MeasureWord, OnWord, OutsideTable, TriggerValue};
use crate::resolve::Resolved;
use crate::short_hash::{POLICY, short_id};

/// Rows of `dim_policy`, by id.
pub(crate) fn policies(study: &Study, resolved: &Resolved) -> Vec<DimPolicyRow> {
    let row = |(id, policy)| policy_row(id, policy, study, resolved);
    study.policies.iter().enumerate().map(row).collect()
}

fn policy_row(
    id: usize,
    policy: &CheckedPolicy,
    study: &Study,
    resolved: &Resolved,
) -> DimPolicyRow {
    let table = &resolved.tables[id];
    let params = resolved.policies[id].without(&["name", "use", "swept", "twin"]);
    let mut keyed = vec![params.json()];
    keyed.extend(policy.corner.signals.iter().map(|read| resolved.signals[read.index].json()));
    let keyed: Vec<&[u8]> = keyed.iter().map(String::as_bytes).collect();
    let row = DimPolicyRow {
        policy_id: id as i32,
        policy_order: id as i32,
        policy_key: short_id(POLICY, &keyed),
        policy: policy.corner.name.clone(),
        is_baseline: PolicyId(id as u32) == study.comparison.baseline,
        asked_about: study.comparison.about.contains(&PolicyId(id as u32)),
        family: family(table).to_owned(),
        target: target(policy, table, study),
        trade_assets: trade_assets(table.trade_assets.unwrap_or_default()).to_owned(),
        cash_flows: cash_flows(table.cash_flows.unwrap_or_default()).to_owned(),
        cooldown_months: table.cooldown_months.unwrap_or(0.0),
        min_trade_frac: table.min_trade_frac.unwrap_or(0.0),
        max_turnover_frac: table.max_turnover_frac.filter(|frac| frac.is_finite()),
        execution_lag_steps: table.execution_lag_steps.unwrap_or(0) as i32,
        twin_of: table.twin.as_ref().map(|twin| twin.of.clone()),
        twin_same: table.twin.as_ref().map(|twin| same(twin.same).to_owned()),
        params_json: params.json(),
        description: Some(description::rule(policy, table, study)),
        catalogue: policy.corner.catalogue.clone(),
        ..DimPolicyRow::default()
    };
    let row = with_signal(row, policy, table, study);
    with_review(with_trade(with_band(row, table), table), policy, table, study)
}

/// Fills the columns of the band and of its scale factors.
fn with_band(row: DimPolicyRow, table: &PolicyTable) -> DimPolicyRow {
    let outside = table.trigger.as_ref().and_then(TriggerValue::outside);
    let kind = band_kind(outside);
    let scales = scales(table);
    let reference = |factor: &ScaleTable| match (&factor.power, &factor.exponential) {
        (Some(form), _) => Some(form.reference),
        (None, Some(form)) => Some(form.reference),
        (None, None) => None,
    };
    let absolute = outside.and_then(|outside| narrowest(outside.absolute.as_ref()));
    let relative = outside.and_then(|outside| narrowest(outside.relative.as_ref()));
    DimPolicyRow {
        trigger: trigger(table.trigger.as_ref()).to_owned(),
        band_kind: (kind != "none").then(|| kind.to_owned()),
        band_measure: outside.map(|outside| measure(outside).to_owned()),
        band_width: if kind == "relative" { relative } else { absolute },
        band_width_relative: relative.filter(|_| kind != "relative"),
        band_min_width: outside.and_then(|outside| outside.min_width),
        band_max_width: outside
            .and_then(|outside| outside.max_width)
            .filter(|width| width.is_finite()),
        scale_form: forms(&scales),
        elasticity: scales
            .iter()
            .find_map(|factor| factor.power.as_ref().map(|form| form.elasticity)),
        slope: scales.iter().find_map(|factor| factor.exponential.as_ref().map(|form| form.slope)),
        reference: scales.first().and_then(|factor| reference(factor)),
        ..row
    }
}

/// Fills the columns of the trade; a policy that never trades has no trade rule.
fn with_trade(row: DimPolicyRow, table: &PolicyTable) -> DimPolicyRow {
    let trade = table.trade.as_ref();
    DimPolicyRow {
        trade_rule: (row.trigger != "never").then(|| trade_rule(trade).to_owned()),
        fraction: fraction(trade),
        destination_width: destination_width(trade),
        ..row
    }
}

/// Fills the columns of the signal that the row shows, if the policy reads one.
fn with_signal(
    row: DimPolicyRow,
    policy: &CheckedPolicy,
    table: &PolicyTable,
    study: &Study,
) -> DimPolicyRow {
    let look_ahead = policy.signals.iter().flatten().any(|signal| signal.signal.looks_ahead());
    let mut named = table.clone();
    let read: Vec<SignalOf<'_>> =
        named.signals().into_iter().filter_map(|name| of_signal(name, policy, study)).collect();
    let Some(signal) = shown_signal(&read, scales(table).first().copied()) else {
        return DimPolicyRow { look_ahead, ..row };
    };
    let observe = &signal.checked.observe;
    let is_oracle = observe.of == Some(ObserveWord::Oracle);
    DimPolicyRow {
        look_ahead,
        signal: Some(signal.name.clone()),
        signal_kind: Some(signal.checked.signal.signal.kind().name.to_owned()),
        signal_asset: Some(signal.asset.clone()),
        signal_months: signal.months,
        signal_observe: Some(observe.of.unwrap_or_default().name().to_owned()),
        signal_lag: Some(observe.lag_months.unwrap_or(0.0)),
        signal_noise: Some(observe.noise_sd.unwrap_or(0.0)),
        signal_accuracy: is_oracle.then(|| observe.accuracy.unwrap_or(1.0)),
        ..row
    }
}

/// Fills the columns of the review.
fn with_review(
    row: DimPolicyRow,
    policy: &CheckedPolicy,
    table: &PolicyTable,
    study: &Study,
) -> DimPolicyRow {
    let (review, months, phase_steps) = review(policy, table, study);
    DimPolicyRow {
        review_months: Some(months),
        review_phase_steps: phase_steps as i32,
        review,
        ..row
    }
}

/// Target weights as text: those of the policy, else those of the account in the first scenario.
fn target(policy: &CheckedPolicy, table: &PolicyTable, study: &Study) -> String {
    let Some(scenario) = study.scenarios.first() else { return String::new() };
    let own = policy.compiled.first().filter(|_| table.target.is_some());
    let weights = own.map_or(&scenario.account.target, |compiled| &compiled.target);
    mix(&scenario.market.assets, weights)
}

const fn same(word: SameWord) -> &'static str {
    match word {
        SameWord::Exposure => "exposure",
        SameWord::Turnover => "turnover",
    }
}

const fn trade_assets(word: TradeAssetsWord) -> &'static str {
    match word {
        TradeAssetsWord::All => "all",
        TradeAssetsWord::Breached => "breached",
    }
}

const fn cash_flows(word: CashFlowsWord) -> &'static str {
    match word {
        CashFlowsWord::TargetWeights => "target_weights",
        CashFlowsWord::ProRata => "pro_rata",
        CashFlowsWord::MostOffTargetFirst => "most_off_target_first",
    }
}

/// Family of rules that a policy belongs to.
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

/// Scale factors of the trigger, then of the trade and the target.
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

/// Narrowest finite width of all assets.
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

/// A signal that a policy reads, with the text of its columns.
struct SignalOf<'a> {
    name: String,
    asset: String,
    months: Option<f64>,
    checked: &'a CheckedSignal,
}

/// The signal that a row shows: the first one that is seen late, with noise or by an oracle; else
/// the signal of the first factor; else the first one that the policy reads.
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

/// Describes the signal `name` of the resolved study.
fn of_signal<'a>(name: &str, policy: &'a CheckedPolicy, study: &Study) -> Option<SignalOf<'a>> {
    let own =
        policy.corner.signals.iter().position(|read| study.signals[read.index].name == name)?;
    let checked = policy.signals.first()?.get(own)?;
    let corner = &study.signals[policy.corner.signals[own].index];
    Some(SignalOf {
        name: corner.name.clone(),
        asset: checked.observed.clone(),
        months: corner.table.as_ref().and_then(SignalTable::months),
        checked,
    })
}

/// The review as text, the months between reviews, and the phase in steps.
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
