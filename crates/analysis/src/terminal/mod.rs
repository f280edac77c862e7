//! Models the comparison that is shown after a run, and writes it as text. Nothing is printed here.

mod number;
mod reading;
mod text;

use std::collections::BTreeMap;

use crate::cell::Estimates;
use crate::compare::{PairedComparison, Verdict};
use crate::comparison::Compared;
use crate::estimate::Estimate;
use crate::input::AnalysisInput;
use crate::metric::{Metric, MetricId};

/// Every policy of every scenario on the primary metric, at the scenario's longest horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonTable {
    /// The primary metric.
    pub primary: MetricId,
    /// Margin of practical equivalence on it, if any.
    pub margin: Option<f64>,
    /// One block per scenario, by id.
    pub scenarios: Vec<ScenarioBlock>,
}

/// The policies of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioBlock {
    /// Label.
    pub name: String,
    /// Longest report horizon.
    pub horizon_years: f64,
    /// One line per policy, by id.
    pub lines: Vec<ComparisonLine>,
}

/// One policy.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonLine {
    /// Name.
    pub policy: String,
    /// The metric under this policy.
    pub estimate: Estimate,
    /// Against its baseline; `None` for a baseline.
    pub against: Option<AgainstBaseline>,
}

/// A policy against its baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct AgainstBaseline {
    /// Name of the baseline.
    pub baseline: String,
    /// The comparison.
    pub comparison: PairedComparison,
    /// Mean growth weight of the policy minus that of the baseline.
    pub exposure_diff_frac: Option<f64>,
    /// The difference as money at the horizon.
    pub effect_currency: Option<f64>,
}

impl ComparisonTable {
    pub(crate) fn new(input: &AnalysisInput, years: &BTreeMap<u32, f64>, estimates: &Estimates, compared: &[Compared]) -> Self {
        let primary = input.comparison.primary;
        let against: BTreeMap<_, &Compared> = compared.iter().filter(|row| row.metric == primary).map(|row| (row.policy, row)).collect();
        let mut longest: BTreeMap<u32, u32> = BTreeMap::new();
        for id in estimates.keys() {
            let months = longest.entry(id.scenario_id).or_default();
            *months = (*months).max(id.horizon_months);
        }
        let name = |policy: u32| input.policies.get(policy as usize).cloned().unwrap_or_default();
        let block = |(&scenario, &months): (&u32, &u32)| {
            let cells = estimates.iter().filter(|(id, _)| id.scenario_id == scenario && id.horizon_months == months);
            let line = |(id, metrics): (&corridor_core::outcome::CellId, &Vec<crate::cell::MetricEstimates>)| ComparisonLine {
                policy: name(id.policy_id),
                estimate: metrics[primary.index()].headline,
                against: against.get(id).map(|row| AgainstBaseline {
                    baseline: name(row.baseline),
                    comparison: row.comparison,
                    exposure_diff_frac: row.exposure_diff,
                    effect_currency: row.effect_currency,
                }),
            };
            ScenarioBlock {
                name: input.scenarios.get(scenario as usize).map(|facts| facts.name.clone()).unwrap_or_default(),
                horizon_years: years.get(&months).copied().unwrap_or(f64::NAN),
                lines: cells.map(line).collect(),
            }
        };
        Self { primary, margin: input.comparison.margin(primary), scenarios: longest.iter().map(block).collect() }
    }

    /// What the table says, in one sentence.
    #[must_use]
    pub fn reading(&self) -> String {
        reading::reading(self)
    }

    /// The table as text, without the sentence; at most this many scenarios.
    #[must_use]
    pub fn text(&self, scenarios_max: usize) -> String {
        text::text(self, scenarios_max)
    }

    fn metric(&self) -> &'static Metric {
        self.primary.metric()
    }

    /// All comparisons, with the scenario they are made in.
    fn comparisons(&self) -> impl Iterator<Item = Shown<'_>> {
        self.scenarios.iter().flat_map(|scenario| scenario.lines.iter().filter_map(move |line| Some(Shown { scenario, line, against: line.against.as_ref()? })))
    }
}

/// A comparison where it stands.
#[derive(Clone, Copy)]
struct Shown<'a> {
    scenario: &'a ScenarioBlock,
    line: &'a ComparisonLine,
    against: &'a AgainstBaseline,
}

impl Shown<'_> {
    fn diff(&self) -> Option<f64> {
        self.against.comparison.difference.estimate.value
    }

    fn verdict(&self) -> Option<Verdict> {
        self.against.comparison.conclusion.verdict
    }
}
