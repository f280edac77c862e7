//! Checks every policy under every scenario, and the signals that it reads there.

use corridor_simulation::policy::Policy;

use super::corners::{PolicyCorner, SignalCorner, is_label};
use super::policy::{KnownSignal, PolicyContext};
use super::scope::Scope;
use super::signal::{CheckedSignal, SignalContext};
use super::skipped::{LeftOut, Skipped};
use super::study::{CheckedPolicy, CheckedScenario};
use super::{policy, signal};
use crate::diagnostic::Id;
use crate::file::RunTable;
use crate::file::signal::SignalTable;
use crate::grid::{Choice, Grid};
use crate::report::Reporter;
use crate::tree::{Entry, Path};
use crate::wording::quoted;

/// Checks the policies of a study.
pub(super) struct Policies<'a> {
    pub grid: &'a Grid,
    pub reporter: &'a Reporter,
    pub run: &'a RunTable,
    pub scenarios: &'a [CheckedScenario],
    /// Signals that policies name, by the index that policies use.
    pub signals: &'a [SignalCorner],
}

/// An invalid corner of the `index`-th `[[policy]]` of the file.
struct LeftOutOf {
    index: usize,
    corner: LeftOut,
}

impl Policies<'_> {
    /// Compiles every corner of every policy under all scenarios.
    pub fn check(
        &self,
        corners: Vec<PolicyCorner>,
        skipped: &mut Skipped<'_>,
    ) -> Vec<CheckedPolicy> {
        let mut policies: Vec<CheckedPolicy> = Vec::new();
        let mut left_out: Vec<LeftOutOf> = Vec::new();
        for corner in corners {
            let mark = self.reporter.mark();
            let (index, name, swept) = (corner.index, corner.name.clone(), corner.swept);
            let policy = self.policy(corner);
            if self.reporter.errors() == mark.errors() {
                policies.extend(policy);
            } else if self.run.skip_invalid && swept {
                let corner = LeftOut { name, problems: self.reporter.take_since(&mark) };
                left_out.push(LeftOutOf { index, corner });
            } else if self.reporter.is_full() {
                break;
            }
        }
        while let Some(&LeftOutOf { index, .. }) = left_out.first() {
            let (of_policy, rest): (Vec<_>, Vec<_>) =
                left_out.into_iter().partition(|left| left.index == index);
            let nothing_remains = !policies.iter().any(|policy| policy.corner.index == index);
            skipped.add(of_policy.into_iter().map(|left| left.corner).collect(), nothing_remains);
            left_out = rest;
        }
        policies
    }

    /// Compiles a policy under every scenario, its signals with it.
    fn policy(&self, corner: PolicyCorner) -> Option<CheckedPolicy> {
        let declared: Vec<&str> = self.declared().iter().map(|entry| entry.key.as_str()).collect();
        let mut compiled = Vec::new();
        let mut signals = Vec::new();
        for scenario in self.scenarios {
            let choice: Choice = corner
                .choice
                .iter()
                .zip(&scenario.choice)
                .map(|(own, of_scenario)| own.max(of_scenario))
                .copied()
                .collect();
            let name = self.corner_name(&corner, scenario);
            let scope =
                Scope { grid: self.grid, choice: &choice, reporter: self.reporter, corner: &name };
            let read = self.signals_of(&corner, scenario, &scope)?;
            compiled.extend(self.compile(&corner, scenario, &read, &declared, &scope));
            signals.push(read);
        }
        (compiled.len() == self.scenarios.len()).then_some(CheckedPolicy {
            corner,
            compiled,
            signals,
        })
    }

    /// Entries of the `[signal]` table.
    fn declared(&self) -> &[Entry] {
        self.grid.root.get("signal").and_then(|node| node.entries()).unwrap_or_default()
    }

    /// The corner of a policy under a scenario, as messages name it; empty without sweeps.
    fn corner_name(&self, corner: &PolicyCorner, scenario: &CheckedScenario) -> String {
        match (self.scenarios.len() > 1, corner.swept) {
            // messages put backticks around the whole
            (true, true) => format!("{}` under `{}", corner.name, scenario.name),
            (true, false) => scenario.name.clone(),
            (false, true) => corner.name.clone(),
            (false, false) => String::new(),
        }
    }

    /// The signals that a policy reads, under one scenario; `None` where one is refused.
    fn signals_of(
        &self,
        corner: &PolicyCorner,
        scenario: &CheckedScenario,
        scope: &Scope<'_>,
    ) -> Option<Vec<CheckedSignal>> {
        let checked: Vec<Option<CheckedSignal>> = corner
            .signals
            .iter()
            .map(|read| self.signal(&self.signals[read.index].declared, scenario, scope))
            .collect();
        checked.into_iter().collect()
    }

    fn signal(
        &self,
        name: &str,
        scenario: &CheckedScenario,
        scope: &Scope<'_>,
    ) -> Option<CheckedSignal> {
        let root = Path::root("signal");
        let table: SignalTable = scope.table(&root.key(name))?;
        let context = SignalContext {
            market: &scenario.market,
            grid: scenario.clock.grid,
            seed: self.run.seed,
            scope,
        };
        signal::check(name, &table, &context)
    }

    fn compile(
        &self,
        corner: &PolicyCorner,
        scenario: &CheckedScenario,
        signals: &[CheckedSignal],
        declared: &[&str],
        scope: &Scope<'_>,
    ) -> Option<Policy> {
        let known = corner.signals.iter().zip(signals).map(|(read, checked)| KnownSignal {
            written: &read.written,
            name: &self.signals[read.index].name,
            index: read.index,
            checked,
        });
        let step_covariance =
            scenario.market.has_regimes.then(|| scenario.market.step_covariances());
        let context = PolicyContext {
            assets: &scenario.market.assets,
            target: &scenario.account.target,
            growth_assets: &scenario.account.growth_assets,
            groups: &scenario.account.groups,
            one_way: &scenario.costs.one_way,
            step_covariance: step_covariance.as_deref(),
            grid: scenario.clock.grid,
            signals: known.collect(),
            declared,
            stand_in: scenario.market.stand_in,
        };
        policy::check(corner.index, &corner.table, &context, scope)
    }

    /// Checks the signals that no policy reads, which may be wrong too, and warns of them.
    pub fn unused_signals(&self) {
        let Some(scenario) = self.scenarios.first() else { return };
        let scope = Scope {
            grid: self.grid,
            choice: &scenario.choice,
            reporter: self.reporter,
            corner: "",
        };
        let root = Path::root("signal");
        for Entry { key, .. } in self.declared() {
            // the resolved study names signals by their corners
            let (declared, corner) = key.split_at(key.find('[').unwrap_or(key.len()));
            scope.identifier(&root.key(key), "a signal", declared);
            let is_fine = corner.is_empty() || corner.ends_with(']') && is_label(key);
            if !is_fine {
                let message = format!("`{}` cannot be the name of a signal", quoted(key));
                let hint = "use 1 to 40 letters, digits, `_` and `-`; only a study that the \
                program writes out has names such as `vol[window_months=6]`";
                scope.error(&root.key(key), Id::BadName, message, hint);
            }
            if self.signals.iter().any(|signal| signal.declared == *key) {
                continue;
            }
            // with errors elsewhere, the policy that reads it may be among the refused ones
            if self.signal(key, scenario, &scope).is_some() && self.reporter.errors() == 0 {
                scope.warning(
                    &root.key(key),
                    Id::UnusedSignal,
                    format!("no policy reads signal `{}`", quoted(key)),
                    "name it in a `scale` or a trigger, or leave it out",
                );
            }
        }
    }
}
