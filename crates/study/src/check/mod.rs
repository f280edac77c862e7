//! Checks what a study means, corner by corner, and keeps everything in machine units: StudyFile
//! becomes [`Study`].

use std::rc::Rc;

use corridor_scenario::market::Market;
use corridor_simulation::cost::CostModel;
use corridor_simulation::policy::Policy;

use crate::diagnostic::{Diagnostic, Id, Severity, quoted};
use crate::file::account::{AccountTable, CostsTable};
use crate::file::market::MarketTable;
use crate::file::search::SearchTable;
use crate::file::signal::SignalTable;
use crate::file::{ComparisonTable, OutputTable, RunTable, StudyTable, TimeTable};
use crate::plan::{Comparison, Twin, Until};
use crate::report::Reporter;
use crate::sweep::{self, Choice, Grid, Owner};
use crate::tree::Path;

mod account;
mod band;
mod comparison;
mod corners;
mod costs;
mod date;
mod dynamics;
mod history;
mod limits;
mod market;
mod market_error;
mod measure;
mod model;
mod moving;
mod policy;
mod preset;
mod scope;
mod signal;
mod time;
mod trigger;
mod twin;

pub(crate) use account::CheckedAccount;
pub(crate) use corners::{PolicyCorner, SignalCorner};
pub(crate) use history::Histories;
pub(crate) use limits::Cut;
pub(crate) use market::{CheckedMarket, Declared};
pub(crate) use scope::Scope;
pub(crate) use signal::CheckedSignal;
pub(crate) use time::Clock;

/// A study without a problem.
#[derive(Debug)]
pub(crate) struct Study {
    pub study: StudyTable,
    pub run: RunTable,
    pub output: OutputTable,
    pub comparison_table: ComparisonTable,
    pub comparison: Comparison,
    pub until: Option<Until>,
    pub search: Option<SearchTable>,
    pub cut: Cut,
    /// Numbers of the sweeps that make scenarios.
    pub scenario_sweeps: Vec<usize>,
    pub scenarios: Vec<CheckedScenario>,
    pub policies: Vec<CheckedPolicy>,
    pub signals: Vec<SignalCorner>,
    /// Twins to be settled.
    pub twins: Vec<Twin>,
}

impl Study {
    /// Numbers of the signals that policies read, in the order of their first use: the same when
    /// the study is written out and read again, whatever corners were skipped.
    pub fn read_signals(&self) -> Vec<usize> {
        let mut read = Vec::new();
        for &(_, place) in self.policies.iter().flat_map(|policy| &policy.corner.signals) {
            if !read.contains(&place) {
                read.push(place);
            }
        }
        read
    }
}

/// One scenario: a market, a clock, an account and costs.
#[derive(Clone, Debug)]
pub(crate) struct CheckedScenario {
    /// `base`, or the swept values.
    pub name: String,
    pub choice: Choice,
    pub tables: Tables,
    pub clock: Clock,
    pub market: Rc<CheckedMarket>,
    pub account: CheckedAccount,
    pub costs: CostModel,
}

/// The tables of a scenario, as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tables {
    pub time: TimeTable,
    pub market: MarketTable,
    pub account: AccountTable,
    pub costs: CostsTable,
}

/// One policy, compiled under every scenario.
#[derive(Clone, Debug)]
pub(crate) struct CheckedPolicy {
    pub corner: PolicyCorner,
    /// By scenario.
    pub compiled: Vec<Policy>,
    /// Its signals, in the order of the corner's, by scenario.
    pub signals: Vec<Vec<CheckedSignal>>,
}

/// What mirrored pairs need: shocks to mirror, whole pairs, and nothing that resamples single
/// paths.
fn antithetic(run: &RunTable, scenarios: &[CheckedScenario], is_search: bool, scope: &Scope<'_>) {
    let root = Path::root("run");
    let path = root.key("antithetic");
    let refuse = |message: String, hint: &str| scope.error(&path, Id::Antithetic, message, hint);
    if scenarios.iter().any(|scenario| matches!(scenario.market.market, Market::Bootstrap(_))) {
        refuse(
            "`antithetic` mirrors Gaussian shocks, and a bootstrap draws whole dates".to_owned(),
            "leave it out, or use a market of regimes",
        );
    }
    if !run.paths.is_multiple_of(2) {
        refuse(
            format!("{} paths are no whole number of antithetic pairs", run.paths),
            "make `paths` even",
        );
    }
    if is_search {
        refuse(
            "a search scores single paths, and antithetic ones come in pairs".to_owned(),
            "leave `antithetic` out of a study with `[search]`",
        );
    }
}

/// Checks everything and returns the study, unless a problem was reported.
pub(crate) fn check(grid: &Grid, histories: &Histories<'_>, reporter: &Reporter) -> Option<Study> {
    let base: Choice = vec![0; grid.sweeps.len()];
    let scope = Scope { grid, choice: &base, reporter, corner: "" };
    // a table that cannot be read is reported: what does not depend on it is checked all the same
    let study: Option<StudyTable> = scope.table(&Path::root("study"));
    let run = scope.table(&Path::root("run")).unwrap_or(RunTable {
        paths: 1,
        seed: 0,
        paths_per_part: None,
        antithetic: false,
        until: None,
        skip_invalid: false,
    });
    let comparison_table: Option<ComparisonTable> = scope.table(&Path::root("comparison"));
    let output: OutputTable = scope.table(&Path::root("output")).unwrap_or_default();
    if let Some(study) = &study {
        study_name(&study.name, &scope);
    }
    separate_axes(grid, reporter);
    let corners = corners::spread(grid, reporter);
    let scenario_sweeps: Vec<usize> = (0..grid.sweeps.len())
        .filter(|&sweep| grid.sweeps[sweep].owner() == Owner::Scenario)
        .collect();
    let axes = sweep::axes(&grid.sweeps, &scenario_sweeps, reporter);
    if !corners::few_enough(grid, &scenario_sweeps, reporter) {
        return None;
    }
    let cells = sweep::count(&axes).saturating_mul(corners.policies.len() as u64);
    if cells > corners::CELLS_MAX {
        // without horizons: too large already, and too slow to check corner by corner
        limits::check(
            &run,
            &output,
            limits::Size {
                scenarios: sweep::count(&axes),
                policies: corners.policies.len() as u64,
                cells,
                steps: 0,
            },
            &scope,
        );
        return None;
    }
    let choices = sweep::corners(&axes, &base);
    distinct_scenarios(grid, &choices, &scenario_sweeps, reporter);
    let mut checker =
        Checker { grid, reporter, histories, run: &run, markets: Vec::new(), skipped: Vec::new() };
    let scenarios = checker.scenarios(&choices, &scenario_sweeps);
    let all_names: Vec<String> = corners
        .policies
        .iter()
        .map(|policy| policy.name.clone())
        .chain(corners.refused.iter().cloned())
        .collect();
    let policies = checker.policies(corners.policies, &corners.signals, &scenarios);
    checker.unused_signals(&corners.signals, &scenarios);
    checker.report_skipped(&scope);
    let twins = twin::check(&policies, &all_names, &scope);
    // with problems about, a name counts as known even where its policy is not valid
    let valid: Vec<&str> = policies.iter().map(|policy| policy.corner.name.as_str()).collect();
    let names =
        if reporter.errors() == 0 { valid } else { all_names.iter().map(String::as_str).collect() };
    let may_be_ruined = scenarios.iter().any(|scenario| scenario.account.has_withdrawals);
    let has_control = scenarios.iter().all(|scenario| scenario.market.market.has_control());
    let has_goal = scenarios.iter().all(|scenario| scenario.tables.account.goal.is_some());
    let known = comparison::Known {
        policies: &names,
        refused: &corners.refused,
        may_be_ruined,
        has_control,
        has_goal,
    };
    let comparison =
        comparison_table.as_ref().map(|table| comparison::check(table, &known, &scope));
    let until = comparison_table
        .as_ref()
        .zip(run.until.as_ref())
        .and_then(|(table, until)| comparison::until(table, until, &known, &scope));
    let size = limits::Size {
        scenarios: scenarios.len() as u64,
        policies: policies.len() as u64,
        cells: scenarios
            .iter()
            .map(|scenario| (scenario.clock.horizons.len() * policies.len()) as u64)
            .sum(),
        steps: scenarios.iter().map(|scenario| u64::from(scenario.clock.grid.steps)).sum(),
    };
    let search = grid.root.get("search").and_then(|_| scope.table(&Path::root("search")));
    if run.antithetic {
        antithetic(&run, &scenarios, search.is_some(), &scope);
    }
    let cut = limits::check(&run, &output, size, &scope)?;
    (reporter.errors() == 0).then_some(Study {
        study: study?,
        run,
        output,
        comparison_table: comparison_table?,
        comparison: comparison??,
        until,
        search,
        cut,
        scenario_sweeps,
        scenarios,
        policies,
        signals: corners.signals,
        twins,
    })
}

fn study_name(name: &str, scope: &Scope<'_>) {
    let fine = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
    };
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fine) || name.starts_with('-') {
        let message = format!("`{}` cannot be the name of a study", quoted(name));
        let root = Path::root("study");
        scope.error(
            &root.key("name"),
            Id::BadName,
            message,
            "use 1 to 64 of `a-z`, `0-9`, `_` and `-`, not beginning with `-`",
        );
    }
}

/// An axis ties scenarios, or the policies of one rule; never both.
fn separate_axes(grid: &Grid, reporter: &Reporter) {
    let makes_scenarios = |sweep: &&sweep::Sweep| sweep.owner() == Owner::Scenario;
    for sweep in grid.sweeps.iter().filter(|sweep| !makes_scenarios(sweep) && sweep.axis.is_some())
    {
        if let Some(other) =
            grid.sweeps.iter().filter(makes_scenarios).find(|other| other.axis == sweep.axis)
        {
            let axis = quoted(sweep.axis.as_deref().unwrap_or_default());
            let message = format!(
                "axis `{axis}` ties `{}`, which makes policies, to `{}`, which makes scenarios",
                sweep.key(),
                other.key()
            );
            reporter.error(
                sweep.span,
                Id::SweepAxis,
                message,
                "give one of them an axis of its own",
            );
        }
    }
}

/// Reports scenarios that cannot be told apart.
fn distinct_scenarios(grid: &Grid, choices: &[Choice], members: &[usize], reporter: &Reporter) {
    let mut names = std::collections::BTreeSet::new();
    let repeated = choices
        .iter()
        .map(|choice| sweep::corner_name(&grid.sweeps, members, choice))
        .find(|name| !names.insert(name.clone()));
    if let (Some(name), Some(&last)) = (repeated, members.last()) {
        let message = format!("two scenarios are called `{}`", quoted(&name));
        reporter.error(
            grid.sweeps[last].span,
            Id::DuplicateName,
            message,
            "sweep every value once",
        );
    }
}

struct Checker<'a> {
    grid: &'a Grid,
    reporter: &'a Reporter,
    histories: &'a Histories<'a>,
    run: &'a RunTable,
    /// Markets built so far: scenarios that differ in costs only share one.
    markets: Vec<(MarketTable, TimeTable, Option<Rc<CheckedMarket>>)>,
    /// Invalid corners left out: their names and what is wrong.
    skipped: Vec<(String, Vec<Diagnostic>)>,
}

impl Checker<'_> {
    fn scenarios(&mut self, choices: &[Choice], members: &[usize]) -> Vec<CheckedScenario> {
        let mut scenarios = Vec::new();
        let mut left_out = Vec::new();
        for choice in choices {
            let name = sweep::corner_name(&self.grid.sweeps, members, choice);
            let mark = self.reporter.mark();
            let scenario = self.scenario(&name, choice);
            let valid = self.reporter.errors() == mark.errors()
                && scenario.as_ref().is_some_and(|scenario| !scenario.market.stand_in);
            if valid || !self.run.skip_invalid || members.is_empty() {
                // with problems too: the policies are checked against what is known
                scenarios.extend(scenario);
            } else {
                left_out.push((name, self.reporter.take_since(&mark)));
            }
            if self.reporter.is_full() {
                break;
            }
        }
        self.leave_out(left_out, scenarios.is_empty());
        scenarios
    }

    fn scenario(&mut self, name: &str, choice: &Choice) -> Option<CheckedScenario> {
        let scope = Scope { grid: self.grid, choice, reporter: self.reporter, corner: name };
        let tables = Tables {
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
        let name = if name.is_empty() { "base".to_owned() } else { name.to_owned() };
        Some(CheckedScenario {
            name,
            choice: choice.clone(),
            clock,
            market,
            account,
            costs,
            tables,
        })
    }

    fn market(&mut self, tables: &Tables, scope: &Scope<'_>) -> Option<Rc<CheckedMarket>> {
        let known = self
            .markets
            .iter()
            .find(|(market, time, _)| *market == tables.market && time.step == tables.time.step);
        if let Some((_, _, built)) = known {
            return built.clone();
        }
        let built = market::check(
            &tables.market,
            tables.time.step.into(),
            self.run.seed,
            self.histories,
            scope,
        )
        .map(Rc::new);
        self.markets.push((tables.market.clone(), tables.time.clone(), built.clone()));
        built
    }

    fn policies(
        &mut self,
        corners: Vec<PolicyCorner>,
        signals: &[SignalCorner],
        scenarios: &[CheckedScenario],
    ) -> Vec<CheckedPolicy> {
        let mut policies: Vec<CheckedPolicy> = Vec::new();
        let mut left_out: Vec<(usize, String, Vec<Diagnostic>)> = Vec::new();
        for corner in corners {
            let mark = self.reporter.mark();
            let (index, name, swept) = (corner.index, corner.name.clone(), corner.swept);
            let policy = self.policy(corner, signals, scenarios);
            if self.reporter.errors() == mark.errors() {
                policies.extend(policy);
            } else if self.run.skip_invalid && swept {
                left_out.push((index, name, self.reporter.take_since(&mark)));
            } else if self.reporter.is_full() {
                break;
            }
        }
        while let Some(&(index, ..)) = left_out.first() {
            let (of_policy, rest): (Vec<_>, Vec<_>) =
                left_out.into_iter().partition(|left| left.0 == index);
            let of_policy = of_policy.into_iter().map(|(_, name, why)| (name, why)).collect();
            self.leave_out(of_policy, !policies.iter().any(|policy| policy.corner.index == index));
            left_out = rest;
        }
        policies
    }

    /// Compiles a policy under every scenario, its signals with it.
    fn policy(
        &self,
        corner: PolicyCorner,
        all: &[SignalCorner],
        scenarios: &[CheckedScenario],
    ) -> Option<CheckedPolicy> {
        let declared: Vec<&str> = self
            .grid
            .root
            .get("signal")
            .and_then(|node| node.entries())
            .unwrap_or_default()
            .iter()
            .map(|entry| entry.key.as_str())
            .collect();
        let mut compiled = Vec::new();
        let mut signals = Vec::new();
        for scenario in scenarios {
            let choice: Choice = corner
                .choice
                .iter()
                .zip(&scenario.choice)
                .map(|(own, of_scenario)| own.max(of_scenario))
                .copied()
                .collect();
            let label = match (scenarios.len() > 1, corner.swept) {
                (true, true) => format!("{}` under `{}", corner.name, scenario.name),
                (true, false) => scenario.name.clone(),
                (false, true) => corner.name.clone(),
                (false, false) => String::new(),
            };
            let scope =
                Scope { grid: self.grid, choice: &choice, reporter: self.reporter, corner: &label };
            let checked: Vec<Option<CheckedSignal>> = corner
                .signals
                .iter()
                .map(|(_, place)| self.signal(&all[*place].declared, scenario, &scope))
                .collect();
            let checked: Option<Vec<CheckedSignal>> = checked.into_iter().collect();
            let checked = checked?;
            let known = corner.signals.iter().zip(&checked).map(|((meant, place), checked)| {
                policy::KnownSignal { meant, name: &all[*place].name, place: *place, checked }
            });
            let step_covariance =
                scenario.market.has_regimes.then(|| scenario.market.step_covariance());
            let setting = policy::Setting {
                assets: &scenario.market.assets,
                target: &scenario.account.target,
                growth_assets: &scenario.account.growth_assets,
                groups: &scenario.account.groups,
                one_way: &scenario.costs.one_way,
                step_covariance: step_covariance.as_deref(),
                grid: scenario.clock.grid,
                signals: known.collect(),
                declared: &declared,
                stand_in: scenario.market.stand_in,
            };
            compiled.extend(policy::check(corner.index, &corner.table, &setting, &scope));
            signals.push(checked);
        }
        (compiled.len() == scenarios.len()).then_some(CheckedPolicy { corner, compiled, signals })
    }

    fn signal(
        &self,
        name: &str,
        scenario: &CheckedScenario,
        scope: &Scope<'_>,
    ) -> Option<CheckedSignal> {
        let root = Path::root("signal");
        let table: SignalTable = scope.table(&root.key(name))?;
        let setting = signal::Setting {
            market: &scenario.market,
            grid: scenario.clock.grid,
            seed: self.run.seed,
            scope,
        };
        signal::check(name, &table, &setting)
    }

    /// Signals that no policy reads may still be wrong.
    fn unused_signals(&self, used: &[SignalCorner], scenarios: &[CheckedScenario]) {
        let Some(scenario) = scenarios.first() else { return };
        let scope = Scope {
            grid: self.grid,
            choice: &scenario.choice,
            reporter: self.reporter,
            corner: "",
        };
        let root = Path::root("signal");
        for entry in
            self.grid.root.get("signal").and_then(|node| node.entries()).unwrap_or_default()
        {
            // the resolved study names signals by their corners
            let resolved = entry.key.contains('[');
            if !resolved {
                scope.identifier(&root.key(&entry.key), "a signal", &entry.key);
            }
            if !used.iter().any(|signal| signal.declared == entry.key) {
                // where something is wrong elsewhere, what would read it may be refused
                if self.signal(&entry.key, scenario, &scope).is_some()
                    && self.reporter.errors() == 0
                {
                    let message = format!("no policy reads signal `{}`", quoted(&entry.key));
                    scope.warning(
                        &root.key(&entry.key),
                        Id::UnusedSignal,
                        message,
                        "name it in a `scale` or a trigger, or leave it out",
                    );
                }
            }
        }
    }

    /// Keeps corners that were left out, or reports them after all where nothing remains.
    fn leave_out(&mut self, left_out: Vec<(String, Vec<Diagnostic>)>, nothing_remains: bool) {
        if nothing_remains {
            for diagnostic in left_out.into_iter().flat_map(|(_, why)| why) {
                self.reporter.push(self.grid.root.span, diagnostic);
            }
        } else {
            self.skipped.extend(left_out);
        }
    }

    fn report_skipped(&self, scope: &Scope<'_>) {
        for (name, why) in &self.skipped {
            let Some(first) = why.iter().find(|diagnostic| diagnostic.severity == Severity::Error)
            else {
                continue;
            };
            let message = format!("`{}` was left out: {}", quoted(name), first.message);
            let hint = "`run.skip_invalid = false` refuses it instead".to_owned();
            let warning = Diagnostic {
                severity: Severity::Warning,
                id: Id::SkippedCorner,
                message,
                hint,
                place: first.place.clone(),
            };
            self.reporter.push(scope.grid.root.span, warning);
        }
    }
}
