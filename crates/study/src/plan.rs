//! Holds what the machine runs: every name resolved, every unit converted, every sweep written out.

use std::collections::BTreeMap;

use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_simulation::plan::Simulation;
use corridor_tables::{
    DimHorizonRow, DimPolicyRow, DimRegimeRow, DimScenarioRow, PolicyAxisRow, ScenarioAxisRow,
    WideColumn,
};

use crate::diagnostic::Diagnostic;
use crate::short_hash::short_hash;

/// A compiled study. Everything that follows depends on nothing but this.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// `[study] name`: the folder of the results.
    pub name: String,
    /// `[study] question`, free text.
    pub question: String,
    /// 12 hex digits over everything that moves paths and outcomes, and the numerics version.
    pub simulation_id: String,
    /// 12 hex digits over `simulation_id`, the comparison and the output settings.
    pub analysis_id: String,
    /// Master seed of every random stream.
    pub seed: u64,
    /// Number of paths.
    pub paths: u64,
    /// Consecutive paths that make one independent replicate: 2 where they come in antithetic
    /// pairs, else 1.
    pub replicate_paths: usize,
    /// When there are paths enough, if that is sooner than [`RunPlan::paths`].
    pub until: Option<Until>,
    /// Paths of one part: a multiple of 128, from the plan alone.
    pub paths_per_part: u64,
    /// Paths of a section, whose sums stand for single paths where errors are judged together: it
    /// divides a part.
    pub section_paths: u64,
    /// Which path rows are kept.
    pub path_rows: PathRows,
    /// Rows per cell kept by [`PathRows::Sample`]: the first paths.
    pub sample_paths: u64,
    /// Paths of which every step is kept in `fact_trajectory`: the first ones, never more than
    /// `paths`.
    pub trajectories: u64,
    /// Paths that are followed by true regime: the first ones.
    pub regime_paths: u64,
    /// Paths that are followed month by month: the first ones.
    pub followed_paths: u64,
    /// Markets; every scenario belongs to exactly one, scenarios of one share its paths.
    pub groups: Vec<MarketGroup>,
    /// Scenarios, by id.
    pub scenarios: Vec<Scenario>,
    /// What is swept across scenarios: the extra columns of `dim_scenario`, in file order.
    pub swept: Vec<WideColumn>,
    /// Rows of `scenario_axis`: the swept values in long form.
    pub scenario_axis: Vec<ScenarioAxisRow>,
    /// Rows of `policy_axis`: the swept values behind policies in long form.
    pub policy_axis: Vec<PolicyAxisRow>,
    /// Policies that differ in one swept number alone.
    pub policy_series: Vec<Series>,
    /// Scenarios that differ in one swept number alone.
    pub scenario_series: Vec<Series>,
    /// Rows of `dim_policy`, by id.
    pub policies: Vec<DimPolicyRow>,
    /// Twins whose number is still to be found before the plan is run.
    pub twins: Vec<Twin>,
    /// Rows of `dim_horizon`, increasing.
    pub horizons: Vec<DimHorizonRow>,
    /// Rows of `dim_regime`, by scenario and regime.
    pub regimes: Vec<DimRegimeRow>,
    /// What is compared with what.
    pub comparison: Comparison,
    /// How the best policy is searched for, where that is what the study asks.
    pub search: Option<Search>,
    /// The study with every default, alias, catalogue entry and sweep written out; itself a valid
    /// study.
    pub resolved_toml: String,
    /// What the study reads besides itself, so that a run can keep a copy beside its resolved
    /// study.
    pub inputs: Vec<Input>,
    /// What the checks do not refuse but the user should know.
    pub warnings: Vec<Diagnostic>,
}

impl RunPlan {
    /// The plan of a run that stopped after so many paths: another number of paths is another
    /// analysis.
    #[must_use]
    pub fn stopped_at(&self, paths: u64) -> Self {
        let analysis_id = short_hash(&[self.analysis_id.as_bytes(), &paths.to_le_bytes()]);
        Self { paths, analysis_id, ..self.clone() }
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

    /// Number of cells: scenario x policy x report horizon.
    #[must_use]
    pub fn cells(&self) -> u64 {
        let cells = |group: &MarketGroup| {
            group.simulation.instances.len() * group.simulation.horizons.len()
        };
        self.groups.iter().map(|group| cells(group) as u64).sum()
    }

    /// Number of outcome rows: `paths x cells`.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.paths.saturating_mul(self.cells())
    }

    /// Number of parts.
    #[must_use]
    pub fn parts(&self) -> u64 {
        self.paths.div_ceil(self.paths_per_part)
    }

    /// Number of path-step-policy visits of the kernel, over all groups.
    #[must_use]
    pub fn path_step_policies(&self) -> u64 {
        let visits = |group: &MarketGroup| {
            group.simulation.instances.len() as u64 * u64::from(group.simulation.grid.steps)
        };
        self.paths.saturating_mul(self.groups.iter().map(visits).sum())
    }
}

/// A file a study reads: a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What a copy of it is called: `data+returns.csv`. It is looked for in `inputs/` beside the
    /// study when it is not at the path the study names.
    pub name: String,
    /// Its text.
    pub text: std::sync::Arc<str>,
}

/// Which path rows are kept in `fact_path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRows {
    /// Every path.
    All,
    /// The first `sample_paths` paths.
    Sample,
    /// None: sums and counts only.
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

/// One market on one clock, with everything that runs on its paths.
#[derive(Clone, Debug)]
pub struct MarketGroup {
    /// Where the paths come from.
    pub market: Market,
    /// What the market implies.
    pub moments: ImpliedMoments,
    /// Asset names, in the order of the simulation's lists.
    pub assets: Vec<String>,
    /// Name of each of `simulation.signals` (as in the resolved study).
    pub signal_names: Vec<String>,
    /// Clock, signals and instances.
    pub simulation: Simulation,
    /// Scenarios that run on these paths, by id.
    pub scenario_ids: Vec<u32>,
}

/// A scenario: an account with its costs on the paths of one market.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its row of `dim_scenario`: id from 0 in file order (the last sweep moves fastest), label and
    /// what is known of it in every file.
    pub row: DimScenarioRow,
    /// Index into [`RunPlan::groups`].
    pub group: usize,
    /// Length of a step: `day`, `week` or `month`.
    pub step: &'static str,
    /// Initial balance, in currency.
    pub initial: f64,
    /// Assets whose weight is reported as growth exposure: `equity, intl`.
    pub growth_assets: String,
    /// Growth of prices a year: 0.02 = 2 %.
    pub inflation_annual: f64,
    /// Return of cash a year: 0.02 = 2 %.
    pub risk_free_annual: f64,
    /// Balance to reach, if there is one.
    pub goal: Option<Goal>,
}

/// A balance to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Currency.
    pub amount: f64,
    /// Whether it is in money of the start and grows with prices.
    pub indexed: bool,
}

/// A static rule that is to have another policy's average exposure or turnover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The static rule.
    pub policy: u32,
    /// Its place among the `[[policy]]` tables of the file.
    pub place: usize,
    /// The policy it is the twin of.
    pub of: u32,
    /// What they have in common.
    pub same: Same,
}

/// How the best policy of a study is searched for: by successive halving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Share of the candidates that each round keeps; 1 tries all on all paths.
    pub keep: f64,
    /// Candidates that are scored on all paths, and again on fresh ones.
    pub finalists: usize,
    /// Paths of the first round, at least.
    pub first_paths: u64,
}

/// When there are paths enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Until {
    /// The metric whose differences are to be known.
    pub metric: String,
    /// Half of the widest simultaneous interval, in the metric's unit; above 0.
    pub half_width: f64,
}

/// What twins have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// Mean weight of the growth assets; the twin's target is found.
    Exposure,
    /// Yearly turnover; the width of the twin's band is found.
    Turnover,
}

/// Policies or scenarios that differ in one swept number alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the axis, or the last key where none is declared: `accuracy`.
    pub axis: String,
    /// Key in the study file.
    pub key: String,
    /// What they have in common: the policy and its other swept values; empty for scenarios without
    /// others.
    pub label: String,
    /// The swept number and the id, by rising number.
    pub points: Vec<(f64, u32)>,
}

/// What is compared with what.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Policy every other is compared with.
    pub baseline: u32,
    /// The metric the verdict rests on.
    pub primary_metric: String,
    /// Margin of practical equivalence per metric, in the metric's own unit.
    pub margins: BTreeMap<String, f64>,
    /// Distance of a weight from its target that the investment policy allows.
    pub policy_range: f64,
    /// Policies tried for the same question that are not in this study; `None` where the study does
    /// not say.
    pub tried_before: Option<u64>,
    /// Policies that the question is about, in their own order.
    pub about: Vec<u32>,
    /// Whether controls are taken out of certainty equivalents.
    pub control_variate: bool,
    /// Per policy: its own baseline (`compare_with`), else [`Comparison::baseline`].
    pub compare_with: Vec<u32>,
}
