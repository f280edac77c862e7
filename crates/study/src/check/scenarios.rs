//! Checks every scenario: a market, a clock, an account and costs for each corner of their sweeps.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::market::{CheckedMarket, Histories};
use super::scope::Scope;
use super::skipped::{LeftOut, Skipped};
use super::study::{CheckedScenario, ScenarioTables};
use super::{account, costs, market, time};
use crate::diagnostic::Id;
use crate::file::market::MarketTable;
use crate::file::{RunTable, StepWord};
use crate::grid::{Choice, Grid};
use crate::report::Reporter;
use crate::sweep::{self, Owner, Sweep};
use crate::tree::Path;
use crate::wording::quoted;

/// Checks the scenarios of a study.
pub(super) struct Scenarios<'a> {
    pub grid: &'a Grid,
    pub reporter: &'a Reporter,
    pub histories: &'a Histories<'a>,
    pub run: &'a RunTable,
    /// Markets built so far: scenarios that differ in costs only share one.
    markets: Vec<BuiltMarket>,
}

/// A market that was built, and what it was built from.
struct BuiltMarket {
    table: MarketTable,
    step: StepWord,
    market: Option<Rc<CheckedMarket>>,
}

impl<'a> Scenarios<'a> {
    pub fn new(
        grid: &'a Grid,
        histories: &'a Histories<'a>,
        run: &'a RunTable,
        reporter: &'a Reporter,
    ) -> Self {
        Self { grid, reporter, histories, run, markets: Vec::new() }
    }

    /// Checks a scenario for each of `choices`, which differ in the sweeps `members`.
    pub fn check(
        &mut self,
        choices: &[Choice],
        members: &[usize],
        skipped: &mut Skipped<'_>,
    ) -> Vec<CheckedScenario> {
        let mut scenarios = Vec::new();
        let mut left_out = Vec::new();
        for choice in choices {
            let name = sweep::corner_name(&self.grid.sweeps, members, choice);
            let mark = self.reporter.mark();
            let scenario = self.scenario(&name, choice);
            let valid = self.reporter.errors() == mark.errors()
                && scenario.as_ref().is_some_and(|scenario| !scenario.market.stand_in);
            if valid || !self.run.skip_invalid || members.is_empty() {
                // an invalid one too, so that the policies can be checked under it
                scenarios.extend(scenario);
            } else {
                left_out.push(LeftOut { name, problems: self.reporter.take_since(&mark) });
            }
            if self.reporter.is_full() {
                break;
            }
        }
        skipped.add(left_out, scenarios.is_empty());
        scenarios
    }

    fn scenario(&mut self, name: &str, choice: &Choice) -> Option<CheckedScenario> {
        let scope = Scope { grid: self.grid, choice, reporter: self.reporter, corner: name };
        let tables = ScenarioTables {
            time: scope.table(&Path::root("time"))?,
            market: scope.table(&Path::root("market"))?,
            account: scope.table(&Path::root("account"))?,
            costs: scope.table(&Path::root("costs"))?,
        };
        let clock = time::check(&tables.time, &scope);
        let market = self.market(&tables, &scope);
        let (clock, market) = (clock?, market?);
        let account = account::check(&tables.account, &market.assets, clock.grid, &scope);
        let costs = costs::check(
            &tables.costs,
            tables.account.initial_purchase,
            tables.account.initial,
            &market,
            &scope,
        );
        Some(CheckedScenario {
            name: if name.is_empty() { "base".to_owned() } else { name.to_owned() },
            choice: choice.clone(),
            clock,
            market,
            account,
            costs,
            tables,
        })
    }

    fn market(&mut self, tables: &ScenarioTables, scope: &Scope<'_>) -> Option<Rc<CheckedMarket>> {
        let (table, step) = (&tables.market, tables.time.step);
        let known = self.markets.iter().find(|built| built.table == *table && built.step == step);
        if let Some(built) = known {
            return built.market.clone();
        }
        let market =
            market::check(table, step.into(), self.run.seed, self.histories, scope).map(Rc::new);
        self.markets.push(BuiltMarket { table: table.clone(), step, market: market.clone() });
        market
    }
}

/// Reports names of axes that cannot head a column of a table or a chart.
pub(super) fn axis_names(grid: &Grid, reporter: &Reporter) {
    for sweep in &grid.sweeps {
        let Some(name) = sweep.axis.as_deref() else { continue };
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte);
        if name.trim().is_empty() || name.len() > 40 || !name.bytes().all(fine) {
            let message = format!("`{}` cannot be the name of an axis", quoted(name));
            let hint = "use 1 to 40 letters, digits, blanks, `_`, `-` and `.`";
            reporter.error(sweep.span, Id::BadName, message, hint);
        }
    }
}

/// Reports an axis that ties a sweep of scenarios to a sweep of policies.
pub(super) fn separate_axes(grid: &Grid, reporter: &Reporter) {
    let makes_scenarios = |sweep: &&Sweep| sweep.owner() == Owner::Scenario;
    for sweep in grid.sweeps.iter().filter(|sweep| !makes_scenarios(sweep) && sweep.axis.is_some())
    {
        let tied = grid.sweeps.iter().filter(makes_scenarios).find(|tied| tied.axis == sweep.axis);
        let Some(tied) = tied else { continue };
        let message = format!(
            "axis `{}` ties `{}`, which makes policies, to `{}`, which makes scenarios",
            quoted(sweep.axis.as_deref().unwrap_or_default()),
            sweep.key(),
            tied.key()
        );
        let hint = "give one of them an axis of its own";
        reporter.error(sweep.span, Id::SweepAxis, message, hint);
    }
}

/// Reports scenarios that have the same name, because a value is swept twice.
pub(super) fn distinct_names(
    grid: &Grid,
    choices: &[Choice],
    members: &[usize],
    reporter: &Reporter,
) {
    let mut names = BTreeSet::new();
    let repeated = choices
        .iter()
        .map(|choice| sweep::corner_name(&grid.sweeps, members, choice))
        .find(|name| !names.insert(name.clone()));
    if let (Some(name), Some(&last)) = (repeated, members.last()) {
        reporter.error(
            grid.sweeps[last].span,
            Id::DuplicateName,
            format!("two scenarios are called `{}`", quoted(&name)),
            "sweep every value once",
        );
    }
}
