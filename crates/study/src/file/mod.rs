//! Mirrors the study file as it is written: one struct per table, every key with its unit, nothing
//! checked but types.
//!
//! The JSON Schema is derived from these types and is what a file's structure is checked against,
//! so that keys, types and limits are written once. Extension words in it: `x-sweep = false`
//! (cannot be swept) or `"inside"` (only what it holds can), `x-infinite = true` (`inf` is a
//! value).

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

/// A study: which rule, under which market, for whom, and how sure.
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
    /// What an investor can see, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-sweep" = "inside"))]
    pub signal: BTreeMap<String, SignalTable>,
    /// Markets that filters believe in, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("x-sweep" = false))]
    pub model: BTreeMap<String, ModelTable>,
    /// Rebalancing rules: target x review x trigger x trade.
    #[schemars(length(min = 1, max = 4096))]
    pub policy: Vec<PolicyTable>,
    pub comparison: ComparisonTable,
    /// How the best policy is searched for.
    pub search: Option<SearchTable>,
    pub run: RunTable,
    #[serde(default)]
    pub output: OutputTable,
}

/// What the study is called and asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct StudyTable {
    /// Folder name of the results: 1 to 64 of a-z, 0-9, `_` and `-`.
    pub name: String,
    /// What is asked, in words; changes no number.
    #[serde(default)]
    pub question: String,
}

/// How long, in which steps.
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
    /// 252 a year.
    Day,
    /// 52 a year.
    Week,
    /// 12 a year.
    Month,
}

/// What is compared with what, on which metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct ComparisonTable {
    /// Name of the policy every other is compared with.
    pub baseline: String,
    /// The metric the verdict rests on.
    #[serde(default = "default_metric")]
    pub primary_metric: String,
    /// Margins of practical equivalence in each metric's own unit (default: 5 bp a year for the
    /// primary metric, where it is a certainty-equivalent growth).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub margin: BTreeMap<String, f64>,
    /// Distance of a weight from its target that the investment policy allows: time outside it is
    /// reported.
    #[serde(default = "default_range")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub policy_range: f64,
    /// Policies tried for the same question that are not in this study: every adjusted p-value and
    /// interval for all at once counts them (default: those in the ledger of the study's results).
    pub tried_before: Option<u64>,
    /// Policies that the question is about: the answer begins with them. The name of a swept policy
    /// means all its corners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// Whether a control with a known mean is taken out of certainty equivalents, which makes their
    /// errors smaller.
    #[serde(default)]
    pub control_variate: bool,
    /// Policies with a baseline of their own: `{ policy = "its baseline" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub compare_with: BTreeMap<String, String>,
}

fn default_range() -> f64 {
    0.05
}

fn default_metric() -> String {
    "ce_growth_gamma_3".to_owned()
}

/// How sure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct RunTable {
    /// Number of simulated paths.
    #[schemars(range(min = 1))]
    pub paths: u64,
    /// Master seed; path k is the same path at any number of paths.
    pub seed: u64,
    /// Paths of one part: a multiple of 128 (default: from the plan).
    #[schemars(range(min = 128))]
    pub paths_per_part: Option<u64>,
    /// Whether paths come in antithetic pairs: the same regimes, mirrored Gaussian shocks. Errors
    /// are then those of pairs.
    #[serde(default)]
    pub antithetic: bool,
    /// Run only until differences from the baseline are known this well; `paths` is then the most.
    pub until: Option<UntilTable>,
    /// Whether invalid corners of sweeps are left out instead of refused.
    #[serde(default)]
    pub skip_invalid: bool,
}

/// When there are paths enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct UntilTable {
    /// The metric whose differences are to be known (default: the primary metric).
    pub metric: Option<String>,
    /// Half of the widest interval that holds for all policies at once, in every scenario at its
    /// end; the metric's unit.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub half_width: f64,
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct OutputTable {
    /// Which path rows are kept (default: all up to 20 million rows, else a sample).
    pub path_rows: Option<PathRowsWord>,
    /// Paths per cell kept by "sample".
    #[schemars(range(min = 1))]
    pub sample_paths: u64,
    /// Paths of which every step is kept.
    pub trajectories: u64,
    /// Paths that are followed by true regime, for exposure, timing and cost by regime; 0 for none.
    #[schemars(range(max = 1_000_000))]
    pub regime_paths: u64,
    /// Paths that are followed month by month, for fans over time, tracking error and relative
    /// drawdowns; 0 for none.
    #[schemars(range(max = 1_000_000))]
    pub followed_paths: u64,
}

impl Default for OutputTable {
    fn default() -> Self {
        Self {
            path_rows: None,
            sample_paths: 10_000,
            trajectories: 100,
            regime_paths: 2048,
            followed_paths: 2048,
        }
    }
}

/// Which path rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PathRowsWord {
    /// Every path.
    All,
    /// The first `sample_paths` paths.
    Sample,
    /// None: statistics only.
    None,
}
