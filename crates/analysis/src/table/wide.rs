//! Builds `bi_summary` and `bi_compare`: labelled wide tables for drag and drop, one column per
//! metric.

use std::collections::BTreeMap;

use corridor_core::outcome::{CellId, PolicyId};
use corridor_tables::label::Stat;
use corridor_tables::metric::{Metric, MetricId};
use corridor_tables::{ColumnValues, WideColumn, WideTable};

use crate::cell::{Estimates, MetricEstimates};
use crate::comparison::{Compared, exposure_diff};
use crate::facts::Facts;
use crate::fold::Folded;
use crate::input::AnalysisInput;

/// Quantiles of terminal wealth in `bi_summary`.
const WEALTH_PERCENTS: [u8; 5] = [5, 25, 50, 75, 95];

/// `bi_summary` while its columns are found, metric by metric: one row per scenario, policy and
/// horizon. The column named after a metric holds its headline: mean, probability or certainty
/// equivalent.
pub(crate) struct BiSummary {
    columns: Vec<WideColumn>,
    is_empty: bool,
}

impl BiSummary {
    pub(crate) fn new(input: &AnalysisInput, facts: &Facts, cells: &[CellId]) -> Self {
        Self { columns: label_columns(input, facts, cells), is_empty: true }
    }

    /// Adds the columns of the next metric.
    pub(crate) fn add(&mut self, id: MetricId, estimates: &Estimates) {
        if self.is_empty {
            self.is_empty = false;
            let paths = estimates.values().map(|found| found.headline.n_paths as i64).collect();
            self.columns.push(column(
                "n_paths",
                "paths",
                "Paths of the run; metrics that are followed month by month, or that only ruined \
                paths have, rest on fewer, and `bi_long` has the number of each.",
                ColumnValues::Int64(paths),
            ));
        }
        let metric = id.metric();
        let pick = |of: &dyn Fn(&MetricEstimates) -> Option<f64>| {
            ColumnValues::Double(estimates.values().map(of).collect())
        };
        self.columns.push(column(
            metric.name,
            metric.unit,
            metric.definition,
            pick(&|found| found.headline.value),
        ));
        let about = format!("Monte Carlo standard error of `{}`.", metric.name);
        let name = format!("{}_std_error", metric.name);
        let errors = pick(&|found| found.headline.std_error);
        self.columns.push(column(&name, metric.unit, &about, errors));
        if id == MetricId::TERMINAL_WEALTH {
            for percent in WEALTH_PERCENTS {
                let name = format!("{}_p{percent:02}", metric.name);
                let about = format!("{percent} % quantile of `{}` over paths.", metric.name);
                let values = pick(&|found| quantile(found, percent));
                self.columns.push(column(&name, metric.unit, &about, values));
            }
        }
    }

    pub(crate) fn finish(self) -> WideTable {
        WideTable { columns: self.columns }
    }
}

/// `bi_compare` while its columns are found, metric by metric: one row per scenario, policy and
/// horizon, compared with the policy's baseline. The verdict is that of the primary metric.
pub(crate) struct BiCompare {
    primary: MetricId,
    baselines: BTreeMap<CellId, PolicyId>,
    labels: Vec<WideColumn>,
    primary_columns: Vec<WideColumn>,
    differences: Vec<WideColumn>,
}

impl BiCompare {
    /// Takes the policies that are compared, with the ids of their baselines.
    pub(crate) fn new(
        input: &AnalysisInput,
        facts: &Facts,
        folded: &Folded,
        baselines: BTreeMap<CellId, PolicyId>,
    ) -> Self {
        let ids: Vec<CellId> = baselines.keys().copied().collect();
        let mut labels = label_columns(input, facts, &ids);
        labels.extend(baseline_columns(input, folded, &baselines));
        Self {
            primary: input.comparison.primary,
            baselines,
            labels,
            primary_columns: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Adds the columns of the next metric.
    pub(crate) fn add(&mut self, id: MetricId, compared: &[Compared]) {
        let headlines = compared.iter().filter(|row| row.stat == Stat::Mean);
        let found: BTreeMap<CellId, &Compared> = headlines.map(|row| (row.policy, row)).collect();
        let rows: Vec<Option<&Compared>> =
            self.baselines.keys().map(|id| found.get(id).copied()).collect();
        if id == self.primary {
            self.primary_columns = primary_columns(id, &rows);
        }
        if id.metric().is_compared() {
            self.differences.extend(difference_columns(id, &rows));
        }
    }

    pub(crate) fn finish(self) -> WideTable {
        let columns = self.labels.into_iter().chain(self.primary_columns).chain(self.differences);
        WideTable { columns: columns.collect() }
    }
}

/// The comparison of one metric in each row, where there is one.
type Rows<'a> = &'a [Option<&'a Compared>];

fn label_columns(input: &AnalysisInput, facts: &Facts, ids: &[CellId]) -> Vec<WideColumn> {
    let numbers = |of: &dyn Fn(&CellId) -> i32| ColumnValues::Int32(ids.iter().map(of).collect());
    let scenario = |id: &CellId| Some(input.scenarios.get(id.scenario_id.index())?.name.clone());
    let flags = ColumnValues::Boolean(
        ids.iter().map(|id| Some(input.look_ahead.contains(&id.policy_id))).collect(),
    );
    let horizon = ids.iter().map(|id| facts.years(id.horizon_months)).collect();
    vec![
        column(
            "scenario_id",
            "id",
            "Scenario, as in `dim_scenario`.",
            numbers(&|id| id.scenario_id.number()),
        ),
        column(
            "scenario",
            "label",
            "Scenario.",
            ColumnValues::Text(ids.iter().map(scenario).collect()),
        ),
        column(
            "policy_id",
            "id",
            "Policy, as in `dim_policy`.",
            numbers(&|id| id.policy_id.number()),
        ),
        column(
            "policy",
            "label",
            "Policy.",
            ColumnValues::Text(ids.iter().map(|id| name(input, id.policy_id)).collect()),
        ),
        column("look_ahead", "flag", "Whether the policy sees the future, as nobody can.", flags),
        column(
            "horizon_months",
            "months",
            "Report horizon, as in `dim_horizon`.",
            numbers(&|id| id.horizon_months as i32),
        ),
        column("horizon_years", "years", "Report horizon.", ColumnValues::Double(horizon)),
    ]
}

fn baseline_columns(
    input: &AnalysisInput,
    folded: &Folded,
    baselines: &BTreeMap<CellId, PolicyId>,
) -> Vec<WideColumn> {
    let ids = ColumnValues::Int32(baselines.values().map(|id| id.number()).collect());
    let names = ColumnValues::Text(baselines.values().map(|&id| name(input, id)).collect());
    let exposure = baselines.iter().map(|(&id, &with)| exposure_diff(folded, id, with)).collect();
    vec![
        column(
            "baseline_policy_id",
            "id",
            "The policy it is compared with, as in `dim_policy`.",
            ids,
        ),
        column("baseline_policy", "label", "The policy it is compared with.", names),
        column(
            "exposure_diff_frac",
            "fraction",
            "Mean growth weight of the policy minus that of the baseline.",
            ColumnValues::Double(exposure),
        ),
    ]
}

fn primary_columns(primary: MetricId, found: Rows<'_>) -> Vec<WideColumn> {
    let metric = primary.metric().name;
    let texts = |of: &dyn Fn(&Compared) -> Option<&'static str>| {
        ColumnValues::Text(found.iter().map(|row| Some(of((*row)?)?.to_owned())).collect())
    };
    let numbers = |of: &dyn Fn(&Compared) -> Option<f64>| {
        ColumnValues::Double(found.iter().map(|row| of((*row)?)).collect())
    };
    let paths = found
        .iter()
        .map(|row| row.map_or(0, |row| row.comparison.difference.estimate.n_paths as i64));
    let about = |text: &str| format!("{text} on the primary metric, `{metric}`.");
    vec![
        column(
            "primary_metric",
            "label",
            "The metric the verdict is given on.",
            texts(&|_| Some(metric)),
        ),
        column(
            "verdict",
            "label",
            &about("`better`, `worse`, `equivalent` or `not resolved`"),
            texts(&|row| Some(row.comparison.conclusion.verdict?.name())),
        ),
        column(
            "ci_low_simultaneous",
            primary.metric().unit,
            &about(
                "Lower end of the 95 % interval for all policies at once, which the verdict goes \
                by,",
            ),
            numbers(&|row| Some(row.comparison.simultaneous?.0)),
        ),
        column(
            "ci_high_simultaneous",
            primary.metric().unit,
            &about(
                "Upper end of the 95 % interval for all policies at once, which the verdict goes \
                by,",
            ),
            numbers(&|row| Some(row.comparison.simultaneous?.1)),
        ),
        column(
            "precision",
            "label",
            &about("Whether error and interval can be relied on"),
            texts(&|row| Some(row.comparison.difference.estimate.precision.name())),
        ),
        column(
            "p_adjusted",
            "probability",
            &about("p-value adjusted for the number of policies"),
            numbers(&|row| row.comparison.p_adjusted),
        ),
        column(
            "effect_currency",
            "currency",
            &about("The difference as money at the horizon"),
            numbers(&|row| Some(row.effect?.value)),
        ),
        column("n_paths", "paths", "Paths behind the row.", ColumnValues::Int64(paths.collect())),
    ]
}

fn difference_columns(id: MetricId, rows: Rows<'_>) -> Vec<WideColumn> {
    let metric: &Metric = id.metric();
    let pick = |suffix: &str, unit: &str, about: &str, of: &dyn Fn(&Compared) -> Option<f64>| {
        let values = rows.iter().map(|row| row.and_then(of)).collect();
        column(
            &format!("{}_{suffix}", metric.name),
            unit,
            &format!("{about} `{}`.", metric.name),
            ColumnValues::Double(values),
        )
    };
    let estimate = |row: &Compared| row.comparison.difference.estimate;
    vec![
        pick("diff", metric.unit, "Policy minus baseline:", &|row| estimate(row).value),
        pick("diff_std_error", metric.unit, "Paired standard error of the difference in", &|row| {
            estimate(row).std_error
        }),
        pick(
            "diff_ci_low",
            metric.unit,
            "Lower end of the 95 % interval of the difference in",
            &|row| estimate(row).ci_low,
        ),
        pick(
            "diff_ci_high",
            metric.unit,
            "Upper end of the 95 % interval of the difference in",
            &|row| estimate(row).ci_high,
        ),
        pick(
            "share_better",
            "fraction",
            "Share of paths on which the policy is better in",
            &|row| row.comparison.difference.share_better,
        ),
    ]
}

fn quantile(found: &MetricEstimates, percent: u8) -> Option<f64> {
    found.quantiles.iter().find(|(p, _)| *p == percent)?.1.value
}

fn name(input: &AnalysisInput, policy: PolicyId) -> Option<String> {
    input.policies.get(policy.index()).cloned()
}

fn column(name: &str, unit: &str, about: &str, values: ColumnValues) -> WideColumn {
    WideColumn { name: name.to_owned(), unit: unit.to_owned(), about: about.to_owned(), values }
}
