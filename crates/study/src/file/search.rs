//! Mirrors `[search]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the policies of a study are searched for the best one, by `corridor search`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("x-sweep" = false))]
pub(crate) struct SearchTable {
    /// Points of the space of `{ search = .. }` values; sweeps multiply them.
    #[schemars(range(min = 1, max = 4000))]
    pub points: u32,
    /// How points are drawn.
    pub method: MethodWord,
    /// Number of the sequence of points.
    pub seed: u32,
    /// Share of the candidates that each round keeps; 1 tries all on all paths.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub keep: f64,
    /// Candidates that are scored on all paths, and again on fresh ones.
    #[schemars(range(min = 1, max = 100))]
    pub finalists: u32,
    /// Paths of the first round, at least (default: 1,024).
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
    /// The scrambled Sobol sequence: evenly.
    #[default]
    Sobol,
    /// Independently.
    Random,
}
