//! Holds the facts of a study that an analysis needs: names, horizons, balances and comparisons.

use std::collections::{BTreeMap, BTreeSet};

use corridor_core::outcome::PolicyId;
use corridor_tables::DimMetricRow;
use corridor_tables::metric::{DefaultMargin, MetricId, REGISTRY, Source, dimension};

use crate::control::Control;
use crate::facts::{Facts, Horizon, ScenarioFacts};
use crate::monthly::FollowedCell;

/// The facts of a study and of its run. An id is an index into the list of its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisInput {
    /// Facts of each scenario, by id.
    pub scenarios: Vec<ScenarioFacts>,
    /// Names of the policies, by id.
    pub policies: Vec<String>,
    /// Ids of the policies that see the future: they are shown, and never judged with the others.
    pub look_ahead: BTreeSet<PolicyId>,
    /// Report horizons.
    pub horizons: Vec<Horizon>,
    /// Sweeps: policies, or scenarios, that differ in one number only.
    pub series: Vec<Series>,
    /// Baselines, primary metric and margins.
    pub comparison: ComparisonSpec,
    /// Consecutive paths that make one independent replicate: 2 where they come in antithetic
    /// pairs, else 1. Sections are made of whole replicates.
    pub replicate_paths: usize,
    /// Controls that are regressed out of certainty equivalents; may be empty.
    pub controls: Vec<Control>,
    /// Monthly metrics on the first paths of the run; may be empty.
    pub followed: Vec<FollowedCell>,
    /// Most sections in memory together, over all cells and metrics, [`SECTIONS_AT_ONCE`] for one; one
    /// metric is analysed at a time where it has more. The results do not depend on it.
    pub sections_at_once: usize,
}

/// A million sections: about 200 MB with the counts and estimates beside them.
pub const SECTIONS_AT_ONCE: usize = 1 << 20;

impl AnalysisInput {
    /// Returns the facts of every scenario at every horizon.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::new(&self.horizons, &self.scenarios)
    }
}

/// A sweep: policies, or scenarios, that differ in one number only.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Whether policies or scenarios differ.
    pub over: Over,
    /// Name of the swept number.
    pub axis: String,
    /// Words for the swept number, with its unit.
    pub title: String,
    /// Key of the swept number in the study file.
    pub key: String,
    /// Label of the sweep, without the swept number.
    pub label: String,
    /// Values of the swept number, rising, each with the id of its policy or scenario.
    pub points: Vec<(f64, u32)>,
}

/// Kind of the members of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Policies.
    Policies,
    /// Scenarios.
    Scenarios,
}

/// Baselines, the metric that the verdict rests on, and margins of practical equivalence.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonSpec {
    /// Id of the baseline of each policy, by id; a baseline has its own id.
    pub compare_with: Vec<PolicyId>,
    /// Metric that answers the question of the study.
    pub primary: MetricId,
    /// Number of policies that were tried elsewhere to answer the same question: every adjusted
    /// p-value and simultaneous interval counts them.
    pub further: u64,
    /// Margins of practical equivalence that the study declares, in the metric's unit.
    pub margins: BTreeMap<MetricId, f64>,
}

/// Why a comparison cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// No metric has this name.
    #[error("unknown metric `{name}`\nhint: one of {}", known())]
    UnknownMetric {
        /// Name that the study gives.
        name: String,
    },
    /// The primary metric has no paired comparison.
    #[error(
        "metric `{name}` has no paired comparison\nhint: it does not exist on every path, or is \
        relative to the baseline already; compare on `ruined` or `ce_growth_gamma_3`"
    )]
    NotCompared {
        /// Name of the metric.
        name: &'static str,
    },
    /// A margin is negative or not finite.
    #[error("margin {value} of `{name}` is not a number >= 0")]
    BadMargin {
        /// Name of the metric.
        name: &'static str,
        /// Margin that the study gives.
        value: f64,
    },
}

impl ComparisonSpec {
    /// Returns the rows of `dim_metric`.
    #[must_use]
    pub fn dimension(&self) -> Vec<DimMetricRow> {
        dimension(self.primary, &self.margins)
    }

    /// Builds a comparison from metric names; no policy was tried elsewhere.
    ///
    /// # Errors
    /// When a metric does not exist or has no paired comparison, or a margin is not >= 0.
    pub fn new<'a>(
        compare_with: Vec<PolicyId>,
        primary_metric: &str,
        margins: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<Self, SpecError> {
        let find = |name: &str| {
            MetricId::of_name(name)
                .ok_or_else(|| SpecError::UnknownMetric { name: name.to_owned() })
        };
        let primary = find(primary_metric)?;
        if !primary.metric().is_compared() || matches!(primary.metric().source, Source::Followed(_))
        {
            return Err(SpecError::NotCompared { name: primary.metric().name });
        }
        let mut found = BTreeMap::new();
        for (name, value) in margins {
            let metric = find(name)?;
            if !(value >= 0.0 && value.is_finite()) {
                return Err(SpecError::BadMargin { name: metric.metric().name, value });
            }
            found.insert(metric, value);
        }
        Ok(Self { compare_with, primary, further: 0, margins: found })
    }

    /// Returns the margin of a metric: the declared one, else its default; `None` without either.
    #[must_use]
    pub fn margin(&self, metric: MetricId) -> Option<DefaultMargin> {
        let declared = self.margins.get(&metric).copied().map(DefaultMargin::Absolute);
        declared.or(metric.metric().default_margin)
    }
}

fn known() -> String {
    REGISTRY.map(|metric| format!("`{}`", metric.name)).join(", ")
}
