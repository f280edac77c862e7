//! Checks `[account]` and turns its cash flows into amounts per step.

use std::collections::BTreeMap;

use corridor_core::numerics::pow;
use corridor_core::time::TimeGrid;
use corridor_simulation::account::{Account, StepFlow};

use super::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::account::{AccountTable, Flow, FlowTable, TimingWord};
use crate::tree::Path;
use crate::wording::{number as shown, quoted};

/// Largest distance of the sum of target weights from 1.
const SUM_TOLERANCE: f64 = 1e-12;

/// Withdrawals a year, as a share of the first balance, that may have been written in percent.
const PERCENT_OF_BALANCE: f64 = 0.5;

/// An account in machine units.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedAccount {
    pub account: Account,
    /// Target weights, in asset order.
    pub target: Vec<f64>,
    /// Indices of the growth assets.
    pub growth_assets: Vec<usize>,
    /// Groups of assets whose weights may be watched together, by name.
    pub groups: Vec<Group>,
    pub has_withdrawals: bool,
}

/// A group of assets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub name: String,
    /// Indices of its assets.
    pub members: Vec<usize>,
}

/// Checks the account of one corner. Equal weights replace a target with problems.
pub(crate) fn check(
    table: &AccountTable,
    assets: &[String],
    grid: TimeGrid,
    scope: &Scope<'_>,
) -> CheckedAccount {
    let path = Path::root("account");
    let before = scope.reporter.errors();
    let mut target = weights(&table.target, assets, &path.key("target"), scope);
    if scope.reporter.errors() > before {
        target = vec![1.0 / assets.len() as f64; assets.len()];
    }
    let growth = path.key("growth_assets");
    let named = table.growth_assets.iter().flatten().enumerate();
    let named: Vec<usize> =
        named.filter_map(|(index, name)| scope.asset(&growth.index(index), name, assets)).collect();
    scope.distinct(
        &growth,
        "growth assets",
        table.growth_assets.iter().flatten().map(String::as_str),
    );
    let growth_assets = if table.growth_assets.is_none() { vec![0] } else { named };
    let groups = groups(table, assets, &path.key("groups"), scope);
    scope.usual_fraction(&path.key("inflation_annual"), table.inflation_annual, 0.5, 1.0);
    scope.usual_fraction(&path.key("risk_free_annual"), table.risk_free_annual, 0.5, 1.0);
    if table.annual_fee_bps > 1000.0 {
        let message = format!(
            "`account.annual_fee_bps` is {}, {} % of the balance every year",
            table.annual_fee_bps,
            table.annual_fee_bps / 100.0
        );
        scope.warning(
            &path.key("annual_fee_bps"),
            Id::Percent,
            message,
            "write basis points: a fund that costs 0.2 % a year has `annual_fee_bps = 20`",
        );
    }
    let flows = flows(table, grid, &path.key("flow"), scope);
    usual_withdrawals(table, &path.key("flow"), scope);
    usual_goal(table, &path.key("goal"), scope);
    let account = Account {
        initial: table.initial,
        fee_per_step: table.annual_fee_bps / 1e4 / f64::from(grid.per_year()),
        flows,
    };
    let has_withdrawals = table.flow.iter().any(|flow| flow.withdrawal.is_some());
    CheckedAccount { account, target, growth_assets, groups, has_withdrawals }
}

/// Groups of assets, by name.
fn groups(
    table: &AccountTable,
    assets: &[String],
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<Group> {
    let group = |(name, members): (&String, &Vec<String>)| {
        let here = path.key(name);
        scope.identifier(&here, "a group", name);
        if members.is_empty() {
            scope.error(
                &here,
                Id::NothingWatched,
                format!("group `{}` has no asset", quoted(name)),
                "name its assets, or leave the group out",
            );
        }
        scope.distinct(&here, "members", members.iter().map(String::as_str));
        let members = members
            .iter()
            .enumerate()
            .filter_map(|(index, member)| scope.asset(&here.index(index), member, assets))
            .collect();
        Group { name: name.clone(), members }
    };
    table.groups.iter().map(group).collect()
}

/// Weights in asset order; an asset that is left out has 0.
pub(crate) fn weights(
    map: &BTreeMap<String, f64>,
    assets: &[String],
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    if map.values().any(|weight| *weight > 1.0) && map.values().all(|weight| *weight >= 0.0) {
        above_one(map, path, scope);
        for name in map.keys() {
            scope.asset(&path.key(name), name, assets);
        }
        return vec![0.0; assets.len()];
    }
    let value = crate::file::shape::PerAsset::Map(map.clone());
    let weights: Vec<f64> = scope
        .per_asset(path, &value, assets, Limits::SHARE)
        .into_iter()
        .map(|weight| weight.unwrap_or(0.0))
        .collect();
    let sum: f64 = map.values().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        let message = format!("the weights of `{path}` sum to {}, not to 1", shown(tidy_sum(sum)));
        scope.error(path, Id::WeightsSum, message, "make them sum to 1; an asset left out has 0");
    }
    weights
}

/// A sum without the digits that adding up leaves behind.
fn tidy_sum(sum: f64) -> f64 {
    (sum * 1e9).round() / 1e9
}

/// Reports weights above 1, which are probably percentages.
fn above_one(map: &BTreeMap<String, f64>, path: &Path<'_>, scope: &Scope<'_>) {
    let sum: f64 = map.values().sum();
    let fractions: Vec<String> = map
        .iter()
        .map(|(name, weight)| format!("{} = {}", quoted(name), shown(weight / 100.0)))
        .collect();
    let message = format!("the weights of `{path}` sum to {}, not to 1", shown(tidy_sum(sum)));
    // weights of an account that borrows are above 1 too, and are no percentages
    let hint = if sum > 5.0 {
        format!("write fractions that sum to 1; did you mean `{{ {} }}`?", fractions.join(", "))
    } else {
        "write fractions that sum to 1: an account cannot borrow".to_owned()
    };
    scope.error(path, Id::WeightsSum, message, hint);
}

/// Amounts of all flows by step; empty without flows.
fn flows(
    table: &AccountTable,
    grid: TimeGrid,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<StepFlow> {
    let mut steps =
        vec![StepFlow::default(); if table.flow.is_empty() { 0 } else { grid.steps as usize + 1 }];
    for (index, flow) in table.flow.iter().enumerate() {
        let here = path.index(index);
        let (key, flow, paid_in) = match flow {
            FlowTable { contribution: Some(flow), withdrawal: None } => {
                ("contribution", flow, true)
            }
            FlowTable { contribution: None, withdrawal: Some(flow) } => ("withdrawal", flow, false),
            FlowTable { contribution: Some(_), withdrawal: Some(_) }
            | FlowTable { contribution: None, withdrawal: None } => {
                let message =
                    format!("`{here}` needs exactly one of `contribution` and `withdrawal`");
                scope.error(
                    &here,
                    Id::ExactlyOne,
                    message,
                    "write an `[[account.flow]]` for each of them",
                );
                continue;
            }
        };
        add_flow(table, flow, paid_in, grid, &here.key(key), scope, &mut steps);
    }
    steps
}

/// Adds the amounts of one flow to `steps`.
fn add_flow(
    table: &AccountTable,
    flow: &Flow,
    paid_in: bool,
    grid: TimeGrid,
    path: &Path<'_>,
    scope: &Scope<'_>,
    steps: &mut [StepFlow],
) {
    let per_year = match (flow.amount_per_year, flow.initial_rate_annual) {
        (Some(amount), None) => {
            tiny_amount(amount, table, &path.key("amount_per_year"), scope);
            amount
        }
        (None, Some(rate)) => {
            let (usual, refused) =
                if paid_in { (2.0, f64::INFINITY) } else { (PERCENT_OF_BALANCE, 2.0) };
            scope.usual_fraction(&path.key("initial_rate_annual"), rate, usual, refused);
            late_rate(flow, rate, table, &path.key("initial_rate_annual"), scope);
            rate * table.initial
        }
        (Some(_), Some(_)) | (None, None) => {
            let message = format!(
                "`{path}` needs exactly one of `amount_per_year` and `initial_rate_annual`"
            );
            return scope.error(path, Id::ExactlyOne, message, "write one and leave out the rest");
        }
    };
    let from = year_step(flow.from_year, grid, &path.key("from_year"), scope);
    let to = flow
        .to_year
        .map_or(Some(grid.steps), |year| year_step(year, grid, &path.key("to_year"), scope));
    let (Some(from), Some(to)) = (from, to) else { return };
    usual_span(table, flow, (grid.years(to), grid.years(grid.steps)), path, scope);
    let mut dates = 0;
    for t in flow_dates(from, to.min(grid.steps), flow, grid) {
        let amount =
            per_year * f64::from(flow.every_months) / 12.0 * growth(table, flow, t, from, grid);
        let step = &mut steps[t as usize];
        *match (paid_in, flow.timing) {
            (true, TimingWord::Start) => &mut step.contribution_start,
            (true, TimingWord::End) => &mut step.contribution_end,
            (false, TimingWord::Start) => &mut step.withdrawal_start,
            (false, TimingWord::End) => &mut step.withdrawal_end,
        } += amount;
        dates += 1;
    }
    if dates == 0 {
        let message = format!(
            "`{path}` has no date between year {} and year {}",
            flow.from_year,
            grid.years(to)
        );
        scope.error(
            path,
            Id::FlowDates,
            message,
            "choose `from_year` before `to_year` and the horizon, for flows at the end by at least \
            `every_months`",
        );
    }
}

/// Warns of withdrawals that take much of the balance from the first year on.
fn usual_withdrawals(table: &AccountTable, path: &Path<'_>, scope: &Scope<'_>) {
    /// Share of the first balance above which the withdrawals of a year are unusual.
    const USUAL: f64 = 0.2;
    let has_warning = |rate: f64| rate > PERCENT_OF_BALANCE;
    let rates = table.flow.iter().filter_map(|flow| flow.withdrawal.as_ref()?.initial_rate_annual);
    if rates.into_iter().any(has_warning) {
        return;
    }
    let share = |flow: &Flow| {
        let amount = flow.amount_per_year.map(|amount| amount / table.initial);
        let rate = amount.or(flow.initial_rate_annual).unwrap_or(0.0);
        if flow.from_year < 1.0 { rate } else { 0.0 }
    };
    let paid_in: f64 =
        table.flow.iter().filter_map(|flow| flow.contribution.as_ref()).map(share).sum();
    let paid_out: f64 =
        table.flow.iter().filter_map(|flow| flow.withdrawal.as_ref()).map(share).sum();
    if paid_out - paid_in > USUAL && paid_out.is_finite() {
        let first = table.flow.iter().position(|flow| flow.withdrawal.is_some()).unwrap_or(0);
        let message = format!(
            "withdrawals take {} % of the first balance a year",
            shown(((paid_out - paid_in) * 1000.0).round() / 10.0)
        );
        let hint = "check the amount a year and `account.initial`: retirement studies withdraw 3 \
        to 6 %";
        scope.warning(&path.index(first).key("withdrawal"), Id::Unusual, message, hint);
    }
}

/// Warns of a flow that outlasts the paths, and of one that is indexed without inflation. Its end and
/// that of the paths are in years.
fn usual_span(
    table: &AccountTable,
    flow: &Flow,
    (end, horizon): (f64, f64),
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    if end > horizon {
        let message = format!(
            "`{path}` lasts until year {}, and the paths end in year {}",
            shown(end),
            shown(horizon)
        );
        let hint = "leave `to_year` out for a flow that lasts to the end; years count from the \
        start of the study";
        scope.warning(&path.key("to_year"), Id::Unusual, message, hint);
    }
    if flow.indexed && table.inflation_annual == 0.0 {
        let message = format!("`{path}` is indexed, and inflation is 0, so its amount never grows");
        let hint = "write `inflation_annual = 0.025` in `[account]`, or leave `indexed` out";
        scope.warning(&path.key("indexed"), Id::Unusual, message, hint);
    }
}

/// Warns of an amount that is a share, where currency is meant.
fn tiny_amount(amount: f64, table: &AccountTable, path: &Path<'_>, scope: &Scope<'_>) {
    /// Balance beside which nobody pays in or out less than 1 a year.
    const BALANCE: f64 = 10_000.0;
    if amount > 0.0 && amount < 1.0 && table.initial >= BALANCE {
        let message = format!(
            "`{path}` is {} in currency, beside a first balance of {}",
            shown(amount),
            shown(table.initial)
        );
        let hint = format!(
            "for {} % of the first balance write `initial_rate_annual = {}`",
            shown(amount * 100.0),
            shown(amount)
        );
        scope.warning(path, Id::Unusual, message, hint);
    }
}

/// Warns of a goal that the first balance reaches.
fn usual_goal(table: &AccountTable, path: &Path<'_>, scope: &Scope<'_>) {
    let Some(goal) = &table.goal else { return };
    if goal.amount <= table.initial && table.flow.iter().all(|flow| flow.withdrawal.is_none()) {
        let message = format!(
            "the goal of {} is not above the first balance of {}",
            shown(goal.amount),
            shown(table.initial)
        );
        let hint = "check the amount: a goal is a balance to reach, not the growth of one";
        scope.warning(&path.key("amount"), Id::Unusual, message, hint);
    }
}

/// Warns of a rate of the first balance that begins when the balance is another.
fn late_rate(flow: &Flow, rate: f64, table: &AccountTable, path: &Path<'_>, scope: &Scope<'_>) {
    if flow.from_year > 0.0 && rate > 0.0 {
        let message = format!(
            "`{path}` is a share of the first balance, {} a year, also from year {} on",
            shown(rate * table.initial),
            shown(flow.from_year)
        );
        let hint = "write `amount_per_year`, the amount in currency; a share of the balance of \
        that year is not possible";
        scope.warning(path, Id::Unusual, message, hint);
    }
}

/// Step at which a year begins; a year between two steps is refused.
fn year_step(year: f64, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> Option<u32> {
    let steps = year * f64::from(grid.per_year());
    if (steps - steps.round()).abs() < 1e-6 {
        return Some(steps.round() as u32);
    }
    let message = format!("`{path}` is {year} years, {steps} steps, not a whole number of them");
    scope.error(path, Id::WholeSteps, message, "choose a year that is a whole number of steps");
    None
}

/// Steps of a flow: one every `every_months` from step `from`, rounded down. A flow at the start of
/// its period falls at `from` first, and last before `to`. A flow at the end falls one period after
/// `from` first, and last at `to`.
fn flow_dates(from: u32, to: u32, flow: &Flow, grid: TimeGrid) -> impl Iterator<Item = u32> {
    let at_start = flow.timing == TimingWord::Start;
    let (k, m) = (u64::from(flow.every_months), u64::from(grid.per_year()));
    let first = if at_start { 0 } else { 1 };
    let dates = (first..).map(move |j: u64| u64::from(from) + j * k * m / 12);
    dates
        .take_while(move |&t| if at_start { t < u64::from(to) } else { t <= u64::from(to) })
        .map(|t| t as u32)
}

/// Factor of an amount at step `t`: its growth, once for each whole year since step `from`, and the
/// price level if it is indexed.
fn growth(table: &AccountTable, flow: &Flow, t: u32, from: u32, grid: TimeGrid) -> f64 {
    let whole_years = f64::from((t - from) / grid.per_year());
    let grown =
        if flow.growth_annual == 0.0 { 1.0 } else { pow(1.0 + flow.growth_annual, whole_years) };
    let prices = if flow.indexed { pow(1.0 + table.inflation_annual, grid.years(t)) } else { 1.0 };
    grown * prices
}

#[cfg(test)]
mod tests {
    use super::*;
    use corridor_core::time::Step;

    fn dates(every_months: u32, timing: TimingWord, from: u32, to: u32, step: Step) -> Vec<u32> {
        let flow = Flow {
            amount_per_year: Some(1.0),
            initial_rate_annual: None,
            every_months,
            growth_annual: 0.0,
            indexed: false,
            timing,
            from_year: 0.0,
            to_year: None,
        };
        flow_dates(from, to, &flow, TimeGrid { step, steps: to }).collect()
    }

    #[test]
    fn start_flows_begin_at_once_and_end_flows_close_their_period() {
        assert_eq!(dates(12, TimingWord::Start, 0, 36, Step::Month), [0, 12, 24]);
        assert_eq!(dates(12, TimingWord::End, 0, 36, Step::Month), [12, 24, 36]);
        assert_eq!(dates(12, TimingWord::End, 12, 36, Step::Month), [24, 36]);
        assert_eq!(dates(1, TimingWord::Start, 0, 14, Step::Week), [0, 4, 8, 13]);
    }
}
