//! Holds the plan that the machine runs: names are resolved, units converted and sweeps written
//! out.

use std::collections::BTreeMap;

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_simulation::plan::Simulation;
use corridor_tables::{
    DimHorizonRow, DimPolicyRow, DimRegimeRow, DimScenarioRow, PolicyAxisRow, ScenarioAxisRow,
    WideColumn,
};

use crate::diagnostic::Diagnostic;
use crate::short_hash::{ANALYSIS, digits, short_id};

/// A compiled study. The run and its analysis depend on nothing else.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// Name of the study, `study.name`, which is also the name of its folder of results.
    pub name: String,
    /// Question of the study in words, `study.question`.
    pub question: String,
    /// Identity of paths and outcomes: `r` and 12 hex digits over everything that they depend on,
    /// with the numerics version.
    pub simulation_id: String,
    /// Identity of the analysis: `n` and 12 hex digits over `simulation_id` and the whole resolved
    /// study.
    pub analysis_id: String,
    /// Master seed of every random stream.
    pub seed: u64,
    /// Number of paths.
    pub paths: u64,
    /// Number of consecutive paths that make one independent replicate: 2 for antithetic pairs,
    /// else 1.
    pub replicate_paths: usize,
    /// Precision at which the run stops before [`RunPlan::paths`], if the study asks for one.
    pub until: Option<Until>,
    /// Number of paths of a part, a multiple of 128. It depends on the plan alone.
    pub paths_per_part: u64,
    /// Number of paths of a section, which divides a part. Where errors are judged together, the
    /// sums of a section take the place of single paths.
    pub section_paths: u64,
    /// Path rows that are kept in `fact_path`.
    pub path_rows: PathRows,
    /// Number of paths, from the first on, whose rows [`PathRows::Sample`] keeps.
    pub sample_paths: u64,
    /// Number of paths, from the first on, whose every step `fact_trajectory` keeps; at most
    /// `paths`.
    pub trajectories: u64,
    /// Number of paths, from the first on, that are followed by true regime.
    pub regime_paths: u64,
    /// Number of paths, from the first on, that are followed month by month.
    pub followed_paths: u64,
    /// Markets with all that runs on their paths. Every scenario belongs to exactly one group.
    pub groups: Vec<MarketGroup>,
    /// Scenarios, by id.
    pub scenarios: Vec<Scenario>,
    /// Columns of `dim_scenario` for values that are swept across scenarios, in file order.
    pub swept: Vec<WideColumn>,
    /// Rows of `scenario_axis`, the swept values of scenarios in long form.
    pub scenario_axis: Vec<ScenarioAxisRow>,
    /// Rows of `policy_axis`, the swept values of policies in long form.
    pub policy_axis: Vec<PolicyAxisRow>,
    /// Series of policies that differ in one swept number alone.
    pub policy_series: Vec<Series>,
    /// Series of scenarios that differ in one swept number alone.
    pub scenario_series: Vec<Series>,
    /// Rows of `dim_policy`, by id.
    pub policies: Vec<DimPolicyRow>,
    /// Twins whose number must be found before the plan can be run.
    pub twins: Vec<Twin>,
    /// Rows of `dim_horizon`, increasing.
    pub horizons: Vec<DimHorizonRow>,
    /// Rows of `dim_regime`, by scenario and regime.
    pub regimes: Vec<DimRegimeRow>,
    /// Baselines, primary metric and margins of the comparison.
    pub comparison: Comparison,
    /// Search for the best policy, if the study asks for one.
    pub search: Option<Search>,
    /// The study with every default, alias, catalogue entry and sweep of policies written out. It
    /// is a valid study itself.
    pub resolved_toml: String,
    /// Files that the study reads. A run keeps copies of them beside its resolved study.
    pub inputs: Vec<Input>,
    /// Warnings about the study, in file order.
    pub warnings: Vec<Diagnostic>,
}

impl RunPlan {
    /// The plan of a run that stopped after `paths` paths, which has an analysis id of its own.
    #[must_use]
    pub fn stopped_at(&self, paths: u64) -> Self {
        let own = digits(&self.analysis_id);
        let new = short_id(ANALYSIS, &[own.as_bytes(), &paths.to_le_bytes()]);
        let analysis_id = if own == self.analysis_id { digits(&new).to_owned() } else { new };
        Self { paths, analysis_id, ..self.clone() }
    }

    /// Returns the plan with the ids that the first versions gave: digits without a letter. A run
    /// that has such an id keeps it, in its old tables and in new ones.
    #[must_use]
    pub fn with_first_ids(mut self) -> Self {
        self.simulation_id = digits(&self.simulation_id).to_owned();
        self.analysis_id = digits(&self.analysis_id).to_owned();
        for policy in &mut self.policies {
            policy.policy_key = digits(&policy.policy_key).to_owned();
        }
        self
    }

    /// Number of paths, from the first on, whose rows are kept.
    #[must_use]
    pub fn kept_paths(&self) -> u64 {
        match self.path_rows {
            PathRows::All => self.paths,
            PathRows::Sample => self.paths.min(self.sample_paths),
            PathRows::None => 0,
        }
    }

    /// Number of cells, which are triples of scenario, policy and report horizon.
    #[must_use]
    pub fn cells(&self) -> u64 {
        let cells = |group: &MarketGroup| {
            group.simulation.instances.len() * group.simulation.horizons.len()
        };
        self.groups.iter().map(|group| cells(group) as u64).sum()
    }

    /// Number of outcome rows, one for each path and cell.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.paths.saturating_mul(self.cells())
    }

    /// Number of parts.
    #[must_use]
    pub fn parts(&self) -> u64 {
        self.paths.div_ceil(self.paths_per_part)
    }

    /// Number of triples of path, step and policy that the kernel visits, over all groups.
    #[must_use]
    pub fn path_step_policies(&self) -> u64 {
        let visits = |group: &MarketGroup| {
            group.simulation.instances.len() as u64 * u64::from(group.simulation.grid.steps)
        };
        self.paths.saturating_mul(self.groups.iter().map(visits).sum())
    }
}

/// A file that a study reads, such as a return history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// File name of its copy, such as `data+returns.csv`. The copy in `inputs/` beside the study is
    /// read if the path in the study leads nowhere.
    pub name: String,
    /// Text of the file.
    pub text: std::sync::Arc<str>,
    /// Rows and span that the study reads, and the columns that it does not read, in words.
    pub about: String,
}

/// Path rows that are kept in `fact_path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRows {
    /// The rows of every path.
    All,
    /// The rows of the first `sample_paths` paths.
    Sample,
    /// No rows, sums and counts only.
    None,
}

impl PathRows {
    /// The word used in study files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Sample => "sample",
            Self::None => "none",
        }
    }
}

/// A market on a clock, with everything that runs on its paths.
#[derive(Clone, Debug)]
pub struct MarketGroup {
    /// Generator of the paths.
    pub market: Market,
    /// Moments that the market implies.
    pub moments: ImpliedMoments,
    /// Asset names, in the order of the simulation's lists.
    pub assets: Vec<String>,
    /// Names of `simulation.signals`, as in the resolved study.
    pub signal_names: Vec<String>,
    /// Clock, signals and instances.
    pub simulation: Simulation,
    /// Ids of the scenarios that run on these paths, increasing.
    pub scenario_ids: Vec<ScenarioId>,
}

/// A scenario: an account with its costs on the paths of one market.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Row of `dim_scenario`. Ids count from 0 in file order, the last sweep moving fastest.
    pub row: DimScenarioRow,
    /// Index into [`RunPlan::groups`].
    pub group: usize,
    /// Length of a step: `day`, `week` or `month`.
    pub step: &'static str,
    /// Initial balance, in currency.
    pub initial: f64,
    /// Names of the assets whose weight is reported as growth exposure, such as `equity, intl`.
    pub growth_assets: String,
    /// Inflation a year: 0.02 = 2 %.
    pub inflation_annual: f64,
    /// Return of cash a year: 0.02 = 2 %.
    pub risk_free_annual: f64,
    /// Balance to reach, if the account has a goal.
    pub goal: Option<Goal>,
}

/// A balance to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Amount in currency, above 0.
    pub amount: f64,
    /// Whether the amount is in money of the start and grows with inflation.
    pub indexed: bool,
}

/// A static rule that is given the average exposure or turnover of another policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Id of the static rule.
    pub policy: PolicyId,
    /// Index of the static rule among the `[[policy]]` tables of the file.
    pub place: usize,
    /// Id of the other policy.
    pub of: PolicyId,
    /// Quantity that both share.
    pub same: Same,
}

/// Search for the best policy of a study by successive halving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Share of the candidates that each round keeps, above 0; with 1, all are scored on all paths.
    pub keep: f64,
    /// Number of candidates that are scored on all paths, and once more on new paths.
    pub finalists: usize,
    /// Least number of paths of the first round.
    pub first_paths: u64,
}

/// Precision at which a run stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Until {
    /// Metric of the differences.
    pub metric: String,
    /// Largest half-width of a simultaneous interval, in the metric's unit; above 0.
    pub half_width: f64,
}

/// Quantity that twins share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// Mean weight of the growth assets; the twin's target is searched for.
    Exposure,
    /// Turnover a year; the width of the twin's band is searched for.
    Turnover,
}

/// A series of policies or of scenarios that differ in one swept number alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the axis, or the last part of the key if no axis is declared: `accuracy`.
    pub axis: String,
    /// Words for the swept number, with its unit: `cost, bp`.
    pub title: String,
    /// Dotted key of the sweep in the study file.
    pub key: String,
    /// Policy and other swept values that all points share; empty for scenarios without others.
    pub label: String,
    /// Swept numbers and ids, by increasing number.
    pub points: Vec<(f64, u32)>,
}

/// Policies that are compared, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Id of the policy with which every other is compared.
    pub baseline: PolicyId,
    /// Name of the metric on which the verdict rests.
    pub primary_metric: String,
    /// Margins of practical equivalence by metric, each in the unit of its metric.
    pub margins: BTreeMap<String, f64>,
    /// Distance of a weight from its target that the investment policy allows, from 0 to 1.
    pub policy_range: f64,
    /// Number of policies tried for the same question that are not in this study; `None` if the
    /// study does not say.
    pub tried_before: Option<u64>,
    /// Ids of the policies that the question is about, increasing.
    pub about: Vec<PolicyId>,
    /// Whether control variates are regressed out of certainty equivalents.
    pub control_variate: bool,
    /// Id of the baseline of each policy: its own, `compare_with`, or [`Comparison::baseline`].
    pub compare_with: Vec<PolicyId>,
}
