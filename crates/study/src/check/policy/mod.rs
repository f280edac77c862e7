//! Checks a `[[policy]]` under the market and account of one corner, and compiles it.

use corridor_simulation::policy::{FlowRouting, Policy, TradeAssets};

use super::account::weights;
use super::scope::Scope;
use crate::file::policy::{CashFlowsWord, PolicyTable, TradeAssetsWord};
use crate::file::shape::{ReviewValue, ReviewWord};
use crate::tree::Path;

mod band;
mod condition;
mod context;
mod glide_path;
mod measure;
mod moving;
mod review;
mod scale;
mod trade;
mod trigger;

pub(crate) use context::{KnownSignal, PolicyContext};

use review::{cooldown, review};

/// Checks and compiles the rule at `policy[index]`, whose catalogue entry is filled in.
pub(crate) fn check(
    index: usize,
    table: &PolicyTable,
    context: &PolicyContext<'_>,
    scope: &Scope<'_>,
) -> Option<Policy> {
    let root = Path::root("policy");
    let path = root.index(index);
    let before = scope.reporter.errors();
    let mut target = match &table.target {
        Some(own) => weights(own, context.assets, &path.key("target"), scope),
        None => context.target.to_vec(),
    };
    let moving = moving::check(table, &mut target, context, &path, scope);
    let every_step = ReviewValue::Word(ReviewWord::Step);
    let review = review(
        table.review.as_ref().unwrap_or(&every_step),
        context.grid.step,
        &path.key("review"),
        scope,
    );
    let trigger = trigger::check(table, &target, context, &path, scope);
    let trade = trade::check(table, trigger.as_ref(), context, &path, scope);
    let cooldown_steps = cooldown(
        table.cooldown_months.unwrap_or(0.0),
        context.grid,
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
