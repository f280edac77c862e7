//! Mirrors the study file as written: a struct for each table, every key with its unit. Only types
//! are checked here.
//!
//! The JSON Schema is derived from these types, and the structure of a file is checked against that
//! schema, so keys, types and limits are written once. The schema has two extension words.
//! `x-sweep` is `false` where nothing can be swept, and `"inside"` where only inner keys can.
//! `x-infinite = true` allows `inf`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) mod account;
pub(crate) mod dynamics;
pub(crate) mod market;
pub(crate) mod policy;
pub(crate) mod scale;
pub(crate) mod search;
pub(crate) mod shape;
pub(crate) mod signal;
pub(crate) mod trigger;

use account::{AccountTable, CostsTable};
use market::{MarketTable, ModelTable};
use policy::PolicyTable;
use search::SearchTable;
use signal::SignalTable;

/// A study: which rebalancing rule, in which market, for which account, and how sure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudyFile {
    /// Version of this file format: 1.
    #[schemars(range(min = 1, max = 1), extend("x-sweep" = false))]
    pub corridor: u32,
    pub study: StudyTable,
    pub time: TimeTable,
    pub market: MarketTable,
    pub account: AccountTable,
    pub costs: CostsTable,
    /// Signals that an investor can see, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-sweep" = "inside"))]
    pub signal: BTreeMap<String, SignalTable>,
    /// Markets that filters assume, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-sweep" = false))]
    pub model: BTreeMap<String, ModelTable>,
    /// Rebalancing rules, each of a target, a review, a trigger and a trade.
    #[schemars(length(min = 1, max = 4096))]
    pub policy: Vec<PolicyTable>,
    pub comparison: ComparisonTable,
    /// Search for the best policy.
    pub search: Option<SearchTable>,
    pub run: RunTable,
    #[serde(default)]
    pub output: OutputTable,
}

/// Name of the study and its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct StudyTable {
    /// Name of the folder of results: 1 to 64 of a-z, 0-9, `_` and `-`.
    pub name: String,
    /// The question of the study in words, which changes no number.
    #[serde(default)]
    pub question: String,
}

/// Horizon and step of the simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = "inside"))]
pub(crate) struct TimeTable {
    /// Length of every path in years.
    #[schemars(range(max = 200.0), extend("exclusiveMinimum" = 0.0))]
    pub horizon_years: f64,
    /// Length of a step.
    #[schemars(extend("x-sweep" = false))]
    pub step: StepWord,
    /// Horizons at which outcomes are reported, in years (default: the whole horizon).
    #[schemars(length(max = 64))]
    pub report_horizons_years: Option<Vec<f64>>,
}

/// Length of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepWord {
    /// A trading day, of 252 a year.
    Day,
    /// A week, of 52 a year.
    Week,
    /// A month, of 12 a year.
    Month,
}

/// Policies that are compared, and the metric of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct ComparisonTable {
    /// Name of the policy with which every other is compared.
    pub baseline: String,
    /// Metric on which the verdict rests (default: `ce_growth_gamma_3`; where the account pays
    /// withdrawals `ruined`, or `goal_reached` if it has a goal).
    pub primary_metric: Option<String>,
    /// Margins of practical equivalence, each in the unit of its metric (default: 5 bp a year for
    /// growth, 0.01 for probabilities and drawdowns).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub margin: BTreeMap<String, f64>,
    /// Distance of a weight from its target that the investment policy allows. The time spent
    /// outside it is reported.
    #[serde(default = "default_range")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub policy_range: f64,
    /// Number of policies tried for the same question that are not in this study. Every adjusted
    /// p-value and simultaneous interval counts them (default: as the ledger of the study's results
    /// has it).
    pub tried_before: Option<u64>,
    /// Policies that the question is about, with which the answer begins. The name of a swept
    /// policy stands for all its corners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Whether a control variate with a known mean is regressed out of certainty equivalents, which
    /// makes their errors smaller (default: wherever the market knows the mean). It costs one more
    /// generation of every path.
    pub control_variate: Option<bool>,
    /// Policies that have their own baseline: `{ policy = "its baseline" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub compare_with: BTreeMap<String, String>,
}

fn default_range() -> f64 {
    0.05
}

/// Number of paths, seed and precision of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct RunTable {
    /// Number of simulated paths.
    #[schemars(range(min = 1))]
    pub paths: u64,
    /// Master seed of every random number; path k does not depend on the number of paths.
    pub seed: u64,
    /// Paths of one part, a multiple of 128 (default: by the size of the study).
    #[schemars(range(min = 128))]
    pub paths_per_part: Option<u64>,
    /// Whether paths come in antithetic pairs, which share their regimes and mirror their Gaussian
    /// shocks. Errors are then computed from pairs.
    #[serde(default)]
    pub antithetic: bool,
    /// Precision at which the run stops; `paths` is then the largest number of paths.
    pub until: Option<UntilTable>,
    /// Whether invalid corners of sweeps are left out, with a warning, instead of refused.
    #[serde(default)]
    pub skip_invalid: bool,
}

/// Precision of the differences from the baseline at which the run stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct UntilTable {
    /// Metric of the differences (default: the primary metric).
    pub metric: Option<String>,
    /// Half-width, in the metric's unit, that no simultaneous interval of a difference may exceed
    /// at the end of any scenario.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub half_width: f64,
}

/// Results that the run keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct OutputTable {
    /// Which path rows are kept (default: all up to 20 million rows, else a sample).
    pub path_rows: Option<PathRowsWord>,
    /// Number of paths whose rows are kept by "sample", per cell.
    #[schemars(range(min = 1))]
    pub sample_paths: u64,
    /// Number of paths whose every step is kept.
    pub trajectories: u64,
    /// Number of paths that are followed by true regime, for exposure, timing and cost by regime.
    #[schemars(range(max = 1_000_000))]
    pub regime_paths: u64,
    /// Number of paths that are followed month by month, for fans over time, tracking error and
    /// relative drawdowns.
    #[schemars(range(max = 1_000_000))]
    pub followed_paths: u64,
}

impl Default for OutputTable {
    fn default() -> Self {
        Self {
            path_rows: None,
            sample_paths: 10_000,
            trajectories: 10,
            regime_paths: 2048,
            followed_paths: 2048,
        }
    }
}

/// Which path rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PathRowsWord {
    /// The rows of every path.
    All,
    /// The rows of the first `sample_paths` paths.
    Sample,
    /// No rows, statistics only.
    None,
}
