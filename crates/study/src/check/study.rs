//! Holds a study in which nothing is wrong: its tables, scenarios and policies in machine units.

use std::rc::Rc;

use corridor_simulation::cost::CostModel;
use corridor_simulation::policy::Policy;

use super::account::CheckedAccount;
use super::corners::{PolicyCorner, SignalCorner};
use super::limits::Cut;
use super::market::CheckedMarket;
use super::signal::CheckedSignal;
use super::time::Clock;
use crate::file::account::{AccountTable, CostsTable};
use crate::file::market::MarketTable;
use crate::file::search::SearchTable;
use crate::file::{ComparisonTable, OutputTable, RunTable, StudyTable, TimeTable};
use crate::grid::Choice;
use crate::plan::{Comparison, Twin, Until};

/// A study without a problem.
#[derive(Debug)]
pub(crate) struct Study {
    pub study: StudyTable,
    pub run: RunTable,
    pub output: OutputTable,
    /// `[comparison]` as written.
    pub comparison_table: ComparisonTable,
    /// `[comparison]` with names resolved to ids.
    pub comparison: Comparison,
    pub until: Option<Until>,
    pub search: Option<SearchTable>,
    /// Kept path rows, parts and sections of the run.
    pub cut: Cut,
    /// Numbers of the sweeps that make scenarios.
    pub scenario_sweeps: Vec<usize>,
    /// Scenarios, by id.
    pub scenarios: Vec<CheckedScenario>,
    /// Policies, by id.
    pub policies: Vec<CheckedPolicy>,
    /// Signals that policies name, one for each corner of their sweeps.
    pub signals: Vec<SignalCorner>,
    /// Twins whose number is still to be found.
    pub twins: Vec<Twin>,
}

impl Study {
    /// Numbers of the signals that policies read, in the order of their first use. The order does
    /// not change when the study is written out and read again, whatever corners were skipped.
    pub fn read_signals(&self) -> Vec<usize> {
        let mut read = Vec::new();
        for signal in self.policies.iter().flat_map(|policy| &policy.corner.signals) {
            if !read.contains(&signal.index) {
                read.push(signal.index);
            }
        }
        read
    }
}

/// A scenario: a market, a clock, an account and costs.
#[derive(Clone, Debug)]
pub(crate) struct CheckedScenario {
    /// `base`, or the swept values.
    pub name: String,
    pub choice: Choice,
    pub tables: ScenarioTables,
    pub clock: Clock,
    pub market: Rc<CheckedMarket>,
    pub account: CheckedAccount,
    pub costs: CostModel,
}

/// The tables of a scenario, as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScenarioTables {
    pub time: TimeTable,
    pub market: MarketTable,
    pub account: AccountTable,
    pub costs: CostsTable,
}

/// A policy, compiled under every scenario.
#[derive(Clone, Debug)]
pub(crate) struct CheckedPolicy {
    pub corner: PolicyCorner,
    /// The rule in machine units, by scenario.
    pub compiled: Vec<Policy>,
    /// Signals of the policy by scenario, in the order of the corner's list.
    pub signals: Vec<Vec<CheckedSignal>>,
}
