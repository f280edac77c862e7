//! Checks a `[[policy]]` under the market and account of one corner, and compiles it.

use corridor_core::time::{Review, Step, TimeGrid};
use corridor_simulation::policy::{
    Destination, FlowRouting, Policy, Scaled, TradeAssets, TradeRule, Trigger,
};

use super::account::weights;
use super::scope::{Limits, Scope};
use super::signal::CheckedSignal;
use super::trigger::{self, is_plain, scale_or_none};
use super::{band, moving};
use crate::diagnostic::Id;
use crate::file::policy::{CashFlowsWord, PartWayTable, PolicyTable, TradeAssetsWord, TradeValue};
use crate::file::shape::{PerAsset, ReviewEvery, ReviewValue, ReviewWord};
use crate::file::trigger::{OutsideTable, TriggerValue};
use crate::tree::Path;

/// What a rule is checked against.
#[derive(Clone, Debug)]
pub(crate) struct Setting<'a> {
    pub assets: &'a [String],
    pub target: &'a [f64],
    pub growth_assets: &'a [usize],
    /// Groups of assets, by name.
    pub groups: &'a [(String, Vec<usize>)],
    /// One-way proportional cost of each asset.
    pub one_way: &'a [f64],
    /// Covariance of one step's log returns; `None` for a history.
    pub step_covariance: Option<&'a [Vec<f64>]>,
    pub grid: TimeGrid,
    /// The signals of this rule, in the corner it takes of them.
    pub signals: Vec<KnownSignal<'a>>,
    /// Names of all signals the study declares.
    pub declared: &'a [&'a str],
    /// Whether the market only stands in for one with problems.
    pub stand_in: bool,
}

/// A signal a rule may read.
#[derive(Clone, Debug)]
pub(crate) struct KnownSignal<'a> {
    /// The name the rule uses.
    pub meant: &'a str,
    /// The name in the resolved study.
    pub name: &'a str,
    /// Its number among the study's signals.
    pub place: usize,
    pub checked: &'a CheckedSignal,
}

impl Setting<'_> {
    /// Whether an infinite width is one the user wrote, and not an asset left out of a map.
    pub fn all_watched(&self, table: &OutsideTable) -> bool {
        matches!(table.absolute, Some(PerAsset::Each(_)))
    }
}

/// Checks and compiles the rule written at `policy[index]`, its catalogue entry filled in.
pub(crate) fn check(
    index: usize,
    table: &PolicyTable,
    setting: &Setting<'_>,
    scope: &Scope<'_>,
) -> Option<Policy> {
    let root = Path::root("policy");
    let path = root.index(index);
    let before = scope.reporter.errors();
    let mut target = match &table.target {
        Some(own) => weights(own, setting.assets, &path.key("target"), scope),
        None => setting.target.to_vec(),
    };
    let moving = moving::check(table, &mut target, setting, &path, scope);
    let every_step = ReviewValue::Word(ReviewWord::Step);
    let review = review(
        table.review.as_ref().unwrap_or(&every_step),
        setting.grid.step,
        &path.key("review"),
        scope,
    );
    let trigger = trigger::check(table, &target, setting, &path, scope);
    let trade = trade(table, trigger.as_ref(), setting, &path, scope);
    let cooldown_steps = cooldown(
        table.cooldown_months.unwrap_or(0.0),
        setting.grid,
        &path.key("cooldown_months"),
        scope,
    );
    let (review, trigger, trade) = (review?, trigger?, trade?);
    (scope.reporter.errors() == before).then(|| Policy {
        target,
        moving,
        review,
        trigger,
        trade,
        trade_assets: match table.trade_assets.unwrap_or_default() {
            TradeAssetsWord::All => TradeAssets::All,
            TradeAssetsWord::Breached => TradeAssets::Breached,
        },
        cash_flows: match table.cash_flows.unwrap_or_default() {
            CashFlowsWord::TargetWeights => FlowRouting::TargetWeights,
            CashFlowsWord::ProRata => FlowRouting::ProRata,
            CashFlowsWord::MostOffTargetFirst => FlowRouting::MostOffTargetFirst,
        },
        cooldown_steps,
        min_trade_frac: table.min_trade_frac.unwrap_or(0.0),
        max_turnover_frac: table.max_turnover_frac.unwrap_or(f64::INFINITY),
        execution_lag_steps: table.execution_lag_steps.unwrap_or(0),
    })
}

/// The review in machine units; one finer than the step is refused.
fn review(value: &ReviewValue, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<Review> {
    let months = |months| Some(Review::EveryMonths { months, phase_steps: 0 });
    let steps = |steps| Some(Review::EverySteps { steps, phase_steps: 0 });
    let word = match value {
        ReviewValue::Word(word) => *word,
        ReviewValue::Every(every) => return rhythm(every, step, path, scope),
    };
    let (found, name) = match (word, step) {
        (ReviewWord::Step, Step::Day | Step::Week | Step::Month) => (steps(1), "step"),
        (ReviewWord::Day, Step::Day) => (steps(1), "day"),
        (ReviewWord::Week, Step::Day) => (steps(5), "week"),
        (ReviewWord::Week, Step::Week) => (steps(1), "week"),
        (ReviewWord::TwoWeeks, Step::Day) => (steps(10), "two_weeks"),
        (ReviewWord::TwoWeeks, Step::Week) => (steps(2), "two_weeks"),
        (ReviewWord::Month, Step::Day | Step::Week | Step::Month) => (months(1), "month"),
        (ReviewWord::Quarter, Step::Day | Step::Week | Step::Month) => (months(3), "quarter"),
        (ReviewWord::HalfYear, Step::Day | Step::Week | Step::Month) => (months(6), "half_year"),
        (ReviewWord::Year, Step::Day | Step::Week | Step::Month) => (months(12), "year"),
        (ReviewWord::Day, Step::Week | Step::Month) => (None, "day"),
        (ReviewWord::Week, Step::Month) => (None, "week"),
        (ReviewWord::TwoWeeks, Step::Month) => (None, "two_weeks"),
    };
    if found.is_none() {
        let message = format!("a review every `{name}` is finer than the step, a {}", step.name());
        let hint = "choose a finer `time.step`, or a coarser `review`; beside `use`, `review` \
        replaces the catalogue's";
        scope.error(path, Id::ReviewTooFine, message, hint);
    }
    found
}

fn rhythm(every: &ReviewEvery, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<Review> {
    let whole = |months: f64| scope.steps(&path.key("phase_months"), "a phase", months, step);
    match *every {
        ReviewEvery {
            every_months: Some(months),
            phase_months,
            every_steps: None,
            phase_steps: None,
        } => Some(Review::EveryMonths { months, phase_steps: whole(phase_months.unwrap_or(0.0)) }),
        ReviewEvery {
            every_months: None,
            phase_months: None,
            every_steps: Some(steps),
            phase_steps,
        } => Some(Review::EverySteps { steps, phase_steps: phase_steps.unwrap_or(0) }),
        ReviewEvery { .. } => {
            let message = format!(
                "`{path}` needs either `every_months` with `phase_months` or `every_steps` with \
                `phase_steps`"
            );
            scope.error(
                path,
                Id::ExactlyOne,
                message,
                "write `{ every_months = 3, phase_months = 1 }` or `{ every_steps = 10 }`",
            );
            None
        }
    }
}

fn cooldown(months: f64, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> u32 {
    let steps = scope.steps(path, "a cooldown", months, grid.step);
    if months > 0.0 && steps == 0 {
        let message = format!("a cooldown of {months} months is shorter than one step");
        scope.error(path, Id::WholeSteps, message, "choose 0 or at least one step");
    }
    steps
}

fn trade(
    table: &PolicyTable,
    trigger: Option<&Trigger>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<TradeRule> {
    let here = path.key("trade");
    let plain = matches!(&table.trigger, Some(TriggerValue::Outside(outside)) if is_plain(outside))
        || table.trigger.is_none();
    let any_band = |trigger: &TriggerValue| {
        trigger
            .leaves()
            .into_iter()
            .any(|leaf| matches!(leaf, TriggerValue::Outside(_) | TriggerValue::SoftHardBand(_)))
    };
    let has_band = table.trigger.as_ref().is_none_or(any_band);
    if table.trade_assets == Some(TradeAssetsWord::Breached) && !plain {
        needs_outside(
            "trade_assets = \"breached\"",
            "a band of assets alone",
            &path.key("trade_assets"),
            scope,
        );
    }
    let band = |word: &str| {
        if !has_band {
            needs_outside(word, "a band", &here, scope);
        }
        has_band
    };
    match table.trade.as_ref().unwrap_or(&TradeValue::ToTarget) {
        TradeValue::ToTarget => Some(TradeRule::ToTarget),
        TradeValue::PartWay(fraction) => {
            let inside = *fraction > 0.0 && *fraction <= 1.0;
            if !inside {
                let message = format!("`part_way` is {fraction}, it must be above 0 and at most 1");
                scope.error(
                    &here.key("part_way"),
                    Id::OutOfRange,
                    message,
                    "0.5 goes half of the way to the target, 1 all of it",
                );
            }
            inside.then_some(TradeRule::PartWay { fraction: *fraction })
        }
        TradeValue::PartWayScaled(table) => {
            part_way_scaled(table, setting, &here.key("part_way_scaled"), scope)
        }
        TradeValue::ToEdge => band("to_edge").then_some(TradeRule::Inward(Destination::Edge)),
        TradeValue::ToWithinShare(share) => {
            scope.within(&here.key("to_within_share"), *share, Limits::SHARE);
            band("to_within_share").then_some(TradeRule::Inward(Destination::ShareOfBand(*share)))
        }
        TradeValue::ToWithin(width) => {
            if has_band && !plain {
                needs_outside("to_within", "a band of assets alone", &here, scope);
            }
            let within = to_within(width, trigger, setting, &here.key("to_within"), scope);
            band("to_within").then_some(TradeRule::Inward(Destination::Within(within)))
        }
    }
}

/// The share of the way when signals scale it.
fn part_way_scaled(
    table: &PartWayTable,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<TradeRule> {
    let scale = band::scale_factors(&table.scale, setting, &path.key("scale"), scope);
    let (base, min, max) =
        (table.fraction, table.min_fraction.unwrap_or(0.0), table.max_fraction.unwrap_or(1.0));
    if !(min..=max).contains(&base) {
        let message = format!("the share {base} is outside its limits, {min} to {max}");
        scope.error(
            &path.key("fraction"),
            Id::WidthOutsideClamp,
            message,
            "let `min_fraction` and `max_fraction` hold `fraction` between them",
        );
        return None;
    }
    Some(TradeRule::PartWayScaled(Scaled {
        base,
        scale: scale_or_none(scale, table.scale.len())?,
        min,
        max,
    }))
}

fn needs_outside(word: &str, what: &str, path: &Path<'_>, scope: &Scope<'_>) {
    let message = format!("`{word}` needs {what}, and the trigger has none");
    scope.error(
        path,
        Id::NeedsOutside,
        message,
        "write `trigger = { outside = { absolute = 0.05 } }`, or trade \"to_target\"",
    );
}

/// Destination of every watched asset; one beyond the narrowest band the trigger may have is
/// refused.
fn to_within(
    width: &PerAsset,
    trigger: Option<&Trigger>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    let given =
        scope.per_asset(path, width, setting.assets, Limits { infinite: false, ..Limits::WIDTH });
    let Some(Trigger::Outside(corridor)) = trigger else { return Vec::new() };
    let destination = |(asset, &half_width): (usize, &f64)| {
        let watched = half_width.is_finite();
        let narrowest = if corridor.scale.is_empty() { half_width } else { corridor.min_width };
        let name = &setting.assets[asset];
        match given[asset] {
            Some(within) if watched && within > narrowest => {
                let message = format!(
                    "`to_within` {within} of `{name}` is beyond its trigger, whose band is as \
                    narrow as {narrowest}"
                );
                let hint = if corridor.scale.is_empty() {
                    "choose a destination inside the band"
                } else {
                    "choose a destination inside `min_width`, or raise that"
                };
                scope.error(path, Id::BeyondTrigger, message, hint);
            }
            None if watched => {
                let message = format!("`to_within` leaves out `{name}`, which the trigger watches");
                scope.error(
                    path,
                    Id::BeyondTrigger,
                    message,
                    "give every watched asset a destination",
                );
            }
            Some(_) | None => {}
        }
        if watched { given[asset].unwrap_or(f64::INFINITY) } else { f64::INFINITY }
    };
    corridor.half_width.iter().enumerate().map(destination).collect()
}
