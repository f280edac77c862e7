//! Mirrors `[search]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the best policy of a study is searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct SearchTable {
    /// Number of points that are tried in the space of all `{ search = .. }` values. Sweeps
    /// multiply it.
    #[schemars(range(min = 1, max = 4000))]
    pub points: u32,
    /// How points are drawn.
    pub method: MethodWord,
    /// Seed of the points.
    pub seed: u32,
    /// Share of the candidates that each round keeps; with 1, all are scored on all paths.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub keep: f64,
    /// Number of candidates that are scored on all paths, and once more on new paths.
    #[schemars(range(min = 1, max = 100))]
    pub finalists: u32,
    /// Least number of paths of the first round (default: 1,024).
    #[schemars(range(min = 128))]
    pub first_paths: u32,
}

impl Default for SearchTable {
    fn default() -> Self {
        Self {
            points: 256,
            method: MethodWord::Sobol,
            seed: 0,
            keep: 0.25,
            finalists: 8,
            first_paths: 1024,
        }
    }
}

/// How points are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MethodWord {
    /// Evenly, by the scrambled Sobol sequence.
    #[default]
    Sobol,
    /// Independently of each other.
    Random,
}
