//! Holds what the machine runs: every name resolved, every unit converted, every sweep written out.

use std::collections::BTreeMap;

use corridor_scenario::market::Market;
use corridor_scenario::moments::ImpliedMoments;
use corridor_simulation::plan::Simulation;

use crate::compile::short_hash;
use crate::diagnostic::Diagnostic;

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
    /// Rows of `dim_scenario`, by id.
    pub scenarios: Vec<ScenarioRow>,
    /// What is swept across scenarios: the extra columns of `dim_scenario`, in file order.
    pub swept: Vec<SweptColumn>,
    /// Rows of `scenario_axis`: the swept values in long form.
    pub scenario_axis: Vec<ScenarioAxisRow>,
    /// Rows of `policy_axis`: the swept values behind policies in long form.
    pub policy_axis: Vec<PolicyAxisRow>,
    /// Policies that differ in one swept number alone.
    pub policy_series: Vec<Series>,
    /// Scenarios that differ in one swept number alone.
    pub scenario_series: Vec<Series>,
    /// Rows of `dim_policy`, by id.
    pub policies: Vec<PolicyRow>,
    /// Twins whose number is still to be found before the plan is run.
    pub twins: Vec<Twin>,
    /// Rows of `dim_horizon`, increasing.
    pub horizons: Vec<HorizonRow>,
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

/// A row of `dim_scenario`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRow {
    /// Id, from 0 in file order, the last sweep moving fastest.
    pub scenario_id: u32,
    /// `base`, or the swept values: `one_way_bps=10,initial=1000`.
    pub name: String,
    /// Index into [`RunPlan::groups`].
    pub group: usize,
    /// Name of the preset, or `regime_switching`, `gbm`, `bootstrap`.
    pub market: String,
    /// One-way cost in basis points; `None` where assets differ.
    pub cost_one_way_bps: Option<f64>,
    /// Length of the paths in years.
    pub horizon_years: f64,
    /// Target weights of the account: `equity 0.6, bond 0.4`.
    pub target: String,
    /// Length of a step: `day`, `week` or `month`.
    pub step: &'static str,
    /// Initial balance, in currency.
    pub initial: f64,
    /// Assets whose weight is reported as growth exposure: `equity, intl`.
    pub growth_assets: String,
    /// Growth of prices a year: 0.02 = 2 %.
    pub inflation_annual: f64,
    /// What cash earns a year: 0.02 = 2 %.
    pub risk_free_annual: f64,
    /// Balance to reach, if there is one.
    pub goal: Option<Goal>,
    /// Value of each of [`RunPlan::swept`]; `None` where a swept table has no single value.
    pub swept: Vec<SweptValue>,
}

/// A balance to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Currency.
    pub amount: f64,
    /// Whether it is in money of the start and grows with prices.
    pub indexed: bool,
}

/// An extra column of `dim_scenario`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptColumn {
    /// Column name: the key with dots as underscores, `costs_one_way_bps`.
    pub column: String,
    /// Key in the study file, `costs.one_way_bps`.
    pub key: String,
    /// Name of the axis that ties this sweep to others, or the key.
    pub axis: String,
    /// Type of the column.
    pub kind: SweptKind,
}

/// Type of a swept column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweptKind {
    /// `DOUBLE`.
    Number,
    /// `BOOLEAN`.
    Boolean,
    /// `UTF8`.
    Text,
}

/// A swept value, of the type of its column.
#[derive(Clone, Debug, PartialEq)]
pub enum SweptValue {
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
    /// A text, or a table written as `#place in the sweep`.
    Text(String),
}

/// A row of `scenario_axis`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioAxisRow {
    /// Scenario.
    pub scenario_id: u32,
    /// Name of the axis, or the key where none is declared.
    pub axis: String,
    /// Key in the study file.
    pub key: String,
    /// The value, where it is a number.
    pub value_number: Option<f64>,
    /// The value as text, numbers as their shortest round-trip decimals.
    pub value_text: String,
}

/// A row of `policy_axis`.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyAxisRow {
    /// Policy.
    pub policy_id: u32,
    /// Name of the axis, or the key where none is declared.
    pub axis: String,
    /// Key in the study file.
    pub key: String,
    /// The value, where it is a number.
    pub value_number: Option<f64>,
    /// The value as it stands in names.
    pub value_text: String,
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

/// A row of `dim_horizon`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HorizonRow {
    /// Months from the start: the id used in every table.
    pub horizon_months: u32,
    /// The same in years.
    pub horizon_years: f64,
}

/// A row of `dim_policy`: the parameters of a rule as separate typed columns, so that a surface is
/// one GROUP BY.
///
/// Where a parameter depends on the scenario (a relative band under a swept target), the value of
/// the first scenario stands here.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRow {
    /// Id, from 0 in file order.
    pub policy_id: u32,
    /// Name, with the swept values: `elastic[elasticity=-0.5]`.
    pub name: String,
    /// 12 hex digits over the rule and the signals it reads, whatever its name or place.
    pub policy_key: String,
    /// Place in the file, the order for display.
    pub policy_order: u32,
    /// Kind of rule: `buy_and_hold`, `calendar`, `threshold_absolute`, `threshold_relative`,
    /// `hybrid`, `scaled_band`, `partial_adjustment`, `no_trade_boundary`, `group_band`,
    /// `distance_band`, `soft_hard_band`, `scaled_review`, `signal_trigger`, `trend_delayed`,
    /// `joined`, `vol_target`, `variance_managed`, `moving_target`, `glide_path`.
    pub family: &'static str,
    /// Catalogue entry it came from.
    pub catalogue: Option<String>,
    /// When it looks, in words: `month`, `every 3 months, phase 1`.
    pub review: String,
    /// Months between looks.
    pub review_months: f64,
    /// Shift of the looks in steps.
    pub review_phase_steps: u32,
    /// `never`, `always`, `outside`, `any_of`, `all_of`, `soft_hard_band`, `level`, `moved`,
    /// `waited` or `with_trend`.
    pub trigger: &'static str,
    /// `none`, `absolute`, `relative`, `hybrid` (both, the tighter), `wider` (both, the wider) or
    /// `cost_aware`.
    pub band_kind: &'static str,
    /// Absolute half-width as a fraction of the portfolio, the narrowest where assets differ.
    pub band_width: Option<f64>,
    /// Relative half-width as a fraction of the target weight, the narrowest where assets differ.
    pub band_relative: Option<f64>,
    /// Lower clamp of a scaled width.
    pub min_width: Option<f64>,
    /// Upper clamp of a scaled width.
    pub max_width: Option<f64>,
    /// What is watched: `asset`, `group`, `l1`, `l2` or `tracking_error`; `None` without a band.
    pub measure: Option<&'static str>,
    /// `power`, `exponential`, `step`, or joined by `*` where there are several factors.
    pub scale: Option<String>,
    /// Exponent of the first power factor.
    pub elasticity: Option<f64>,
    /// Slope of the first exponential factor.
    pub slope: Option<f64>,
    /// Signal value at which the first factor is 1.
    pub reference: Option<f64>,
    /// Name of a signal: one that is not seen as it is, else that of the first scale factor, else
    /// the first that is read.
    pub signal: Option<String>,
    /// Kind of that signal: `ewma_vol`, `realised_vol`.
    pub signal_kind: Option<&'static str>,
    /// Asset that signal observes.
    pub signal_asset: Option<String>,
    /// Half-life or window of that signal in months.
    pub signal_months: Option<f64>,
    /// What that signal is made from: `as_is`, `oracle` or `placebo`.
    pub signal_observe: Option<&'static str>,
    /// Months that signal is late.
    pub signal_lag_months: Option<f64>,
    /// Standard deviation of the noise on that signal, in its unit.
    pub signal_noise: Option<f64>,
    /// Probability that an oracle tells the right regime; `None` for other signals.
    pub signal_accuracy: Option<f64>,
    /// Policy whose twin it is.
    pub twin_of: Option<String>,
    /// What it has in common with that: `exposure` or `turnover`.
    pub twin_same: Option<&'static str>,
    /// Whether some signal of the policy sees the future.
    pub look_ahead: bool,
    /// `to_target`, `part_way`, `part_way_scaled`, `to_edge`, `to_within` or `to_within_share`.
    pub trade_rule: &'static str,
    /// Share of the way (`part_way`) or of the band (`to_within_share`).
    pub fraction: Option<f64>,
    /// Destination half-width of `to_within`, the narrowest where assets differ.
    pub destination_width: Option<f64>,
    /// `all` or `breached`.
    pub trade_assets: &'static str,
    /// `target_weights`, `pro_rata` or `most_off_target_first`.
    pub cash_flows: &'static str,
    /// Months after a trade during which no trigger fires.
    pub cooldown_months: f64,
    /// Trades of a smaller one-way turnover are skipped.
    pub min_trade_frac: f64,
    /// Trades of a larger one-way turnover are shortened; `None` = no cap.
    pub max_turnover_frac: Option<f64>,
    /// Steps between decision and trade.
    pub execution_lag_steps: u32,
    /// Target weights: `equity 0.5, bond 0.5`; `None` where they are the account's and scenarios
    /// differ in them.
    pub target: Option<String>,
    /// Every parameter, as the JSON of the resolved `[[policy]]` table.
    pub params_json: String,
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
