//! Says what an analysis needs to know of the study: names, horizons, balances and what is compared
//! with what.

use std::collections::{BTreeMap, BTreeSet};

use corridor_tables::metric::{MetricId, REGISTRY, Source};

use crate::control::Control;
use crate::facts::{Facts, Horizon, ScenarioFacts};
use crate::monthly::FollowedCell;

/// Facts of a study. Ids are places in the lists.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisInput {
    /// Scenarios, by id.
    pub scenarios: Vec<ScenarioFacts>,
    /// Names of the policies, by id.
    pub policies: Vec<String>,
    /// Policies that see the future, by id: shown, and never judged with the others.
    pub look_ahead: BTreeSet<u32>,
    /// Report horizons.
    pub horizons: Vec<Horizon>,
    /// Policies or scenarios that differ in one swept number alone.
    pub series: Vec<Series>,
    /// What is compared with what.
    pub comparison: ComparisonSpec,
    /// Consecutive paths that make one independent replicate: 2 where they come in antithetic
    /// pairs, else 1. Sections are made of whole replicates.
    pub replicate_paths: usize,
    /// Controls to take out of certainty equivalents; none to take none out.
    pub controls: Vec<Control>,
    /// What was found on the first paths of the run, followed month by month.
    pub followed: Vec<FollowedCell>,
}

impl AnalysisInput {
    /// What values depend on besides their paths.
    #[must_use]
    pub fn facts(&self) -> Facts {
        Facts::new(&self.horizons, &self.scenarios)
    }
}

/// What differs in one swept number alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What is swept.
    pub over: Over,
    /// Name of the swept number.
    pub axis: String,
    /// Its key in the study file.
    pub key: String,
    /// What the members have in common.
    pub label: String,
    /// The swept number and the id of the member, by rising number.
    pub points: Vec<(f64, u32)>,
}

/// What a series runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Policies.
    Policies,
    /// Scenarios.
    Scenarios,
}

/// What is compared with what, and on which metric the verdict rests.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonSpec {
    /// For each policy, by id, the one it is compared with; the baseline names itself.
    pub compare_with: Vec<u32>,
    /// The metric that the answer is given in.
    pub primary: MetricId,
    /// Policies tried to answer the question of the study that are not in it: every adjusted
    /// p-value and simultaneous interval counts them.
    pub further: u64,
    /// Declared margins of practical equivalence, in the metric's unit.
    pub margins: BTreeMap<MetricId, f64>,
}

/// Why a comparison cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// There is no metric of this name.
    #[error("unknown metric `{name}`\nhint: one of {}", known())]
    UnknownMetric {
        /// The name.
        name: String,
    },
    /// Policies are not compared on this metric.
    #[error(
        "metric `{name}` has no paired comparison\nhint: it does not exist on every path, or is \
        relative to the baseline already; compare on `ruined` or `ce_growth_gamma_3`"
    )]
    NotCompared {
        /// The name.
        name: &'static str,
    },
    /// A margin is negative or no number.
    #[error("margin {value} of `{name}` is not a number >= 0")]
    BadMargin {
        /// The metric.
        name: &'static str,
        /// The margin.
        value: f64,
    },
}

impl ComparisonSpec {
    /// Looks metrics up by name.
    ///
    /// # Errors
    /// When a metric does not exist or cannot be compared on, or a margin is no number >= 0.
    pub fn new<'a>(
        compare_with: Vec<u32>,
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

    /// The margin of a metric: the declared one, else its default, else none.
    #[must_use]
    pub fn margin(&self, metric: MetricId) -> Option<f64> {
        self.margins.get(&metric).copied().or(metric.metric().default_margin)
    }
}

fn known() -> String {
    REGISTRY.map(|metric| format!("`{}`", metric.name)).join(", ")
}
