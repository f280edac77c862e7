//! Declares the labelled long tables for BI tools, and joins them from the facts and dimensions.
//!
//! One row has one number with everything that a chart needs beside it, so that heat maps, forests,
//! rankings and fans need no join.

use std::collections::BTreeMap;

use crate::column::{Label, table};
use crate::swept::SweptColumns;
use crate::{
    ColumnValues, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow, DimRunRow, DimScenarioRow,
    FanRow, SummaryRow, WideColumn, WideTable,
};

table! {
    /// Headline of every metric with its comparison, labelled and long: one row per scenario,
    /// policy, horizon and metric. One further column follows for each swept key.
    pub struct LongRow in "bi_long" {
        /// Name of the study.
        pub study: String => "label", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Name of the scenario.
        pub scenario: String => "label", No;
        /// Label of the scenario for people: the swept values with their units.
        pub scenario_label: String => "label", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Rank of the policy in reports, from 0: the order in which to sort `policy`.
        pub policy_order: i32 => "rank", No;
        /// Name of the policy.
        pub policy: String => "label", No;
        /// The rule in a sentence.
        pub policy_description: Option<String> => "label", No;
        /// Family of the rule.
        pub family: String => "label", No;
        /// Half-width of the band, as in `dim_policy`.
        pub band_width: Option<f64> => "fraction", No;
        /// Exponent of a power scale, as in `dim_policy`.
        pub elasticity: Option<f64> => "1", No;
        /// Months between reviews; null if the rule reviews at every step.
        pub review_months: Option<f64> => "months", No;
        /// Signal of the rule, as in `dim_policy`.
        pub signal: Option<String> => "label", No;
        /// Delay of the signal; null without a signal.
        pub signal_lag: Option<f64> => "months", No;
        /// Probability that an oracle names the right regime; null for other signals.
        pub signal_accuracy: Option<f64> => "probability", No;
        /// Whether the policy is the baseline of the study.
        pub is_baseline: bool => "flag", No;
        /// Whether the question of the study is about the policy.
        pub asked_about: bool => "flag", No;
        /// Whether the policy sees the future, which nobody can: leave it out of rankings.
        pub look_ahead: bool => "flag", No;
        /// Report horizon, as in `dim_horizon`.
        pub horizon_months: i32 => "months", No;
        /// Report horizon.
        pub horizon_years: f64 => "years", No;
        /// Label of the report horizon.
        pub horizon: String => "label", No;
        /// Whether this is the last horizon of the run.
        pub is_final: bool => "flag", No;
        /// Metric, as in `dim_metric`.
        pub metric_id: i32 => "id", No;
        /// Name of the metric.
        pub metric: String => "label", No;
        /// Name of the metric for people.
        pub metric_label: String => "label", No;
        /// Unit of the metric.
        pub metric_unit: String => "label", No;
        /// Spreadsheet format in which values are printed.
        pub number_format: String => "label", No;
        /// Whether larger values are better; null where neither direction is better as such.
        pub higher_is_better: Option<bool> => "flag", No;
        /// Whether verdicts of the study rest on the metric.
        pub is_primary: bool => "flag", No;
        /// Margin of practical equivalence, in the unit of the metric; null if there is none, and for a
        /// baseline where the margin is a share of the baseline's value.
        pub margin: Option<f64> => "of the metric", No;
        /// Headline: mean, probability or certainty equivalent.
        pub value: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `value`.
        pub std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `value`.
        pub ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `value`.
        pub ci_high: Option<f64> => "of the metric", No;
        /// Reliability of the error of `value`: `precise`, `indicative` or `insufficient`.
        pub precision: Label => "label", No;
        /// Reason why `value` is missing or not precise; null if neither is the case.
        pub reason: Option<Label> => "label", No;
        /// Policy that this one is compared with; null for a baseline and for a metric without
        /// comparison, as are the columns that follow.
        pub baseline: Option<String> => "label", No;
        /// Headline of the baseline.
        pub baseline_value: Option<f64> => "of the metric", No;
        /// Policy minus baseline, on the same paths.
        pub diff: Option<f64> => "of the metric", No;
        /// Monte Carlo standard error of `diff`.
        pub diff_std_error: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `diff` for this policy alone.
        pub diff_ci_low: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `diff` for this policy alone.
        pub diff_ci_high: Option<f64> => "of the metric", No;
        /// Lower end of the 95 % interval of `diff` that holds for all policies at once.
        pub diff_ci_low_simultaneous: Option<f64> => "of the metric", No;
        /// Upper end of the 95 % interval of `diff` that holds for all policies at once.
        pub diff_ci_high_simultaneous: Option<f64> => "of the metric", No;
        /// Verdict: `better`, `worse`, `equivalent` or `not resolved`; null where there is none.
        pub verdict: Option<Label> => "label", No;
        /// Reliability of the error of `diff`.
        pub diff_precision: Option<Label> => "label", No;
        /// Reason why the difference, its verdict or its precision is missing.
        pub diff_reason: Option<Label> => "label", No;
        /// Number of paths that a verdict would need; null where there is one, or none can be told.
        pub n_paths_needed: Option<i64> => "paths", No;
        /// Fraction of paths on which the policy is better than the baseline; ties count half.
        pub share_better: Option<f64> => "fraction", No;
        /// Mean weight of growth assets under the policy minus that under the baseline.
        pub exposure_diff_frac: Option<f64> => "fraction", No;
        /// Money at the horizon that `diff` amounts to.
        pub effect_currency: Option<f64> => "currency", No;
        /// Number of paths that `value` rests on.
        pub n_paths: i64 => "paths", No;
    }
}

table! {
    /// Fans, labelled and wide by quantile: one row per scenario, policy, quantity and time. They rest
    /// on the followed paths, the first of the run, so their last year differs a little from the
    /// tables that rest on all paths; a ruined path counts with a wealth of 0. One further column
    /// follows for each swept key.
    pub struct BiFanRow in "bi_fan" {
        /// Name of the study.
        pub study: String => "label", No;
        /// Scenario, as in `dim_scenario`.
        pub scenario_id: i32 => "id", No;
        /// Name of the scenario.
        pub scenario: String => "label", No;
        /// Label of the scenario for people: the swept values with their units.
        pub scenario_label: String => "label", No;
        /// Policy, as in `dim_policy`.
        pub policy_id: i32 => "id", No;
        /// Rank of the policy in reports, from 0: the order in which to sort `policy`.
        pub policy_order: i32 => "rank", No;
        /// Name of the policy.
        pub policy: String => "label", No;
        /// Quantity: `wealth_nominal` and `wealth_real` are the balance in currency and in money of
        /// the start, `drawdown_unit_frac` the fall of the unit value below its running peak.
        pub measure: Label => "label", No;
        /// Name of the quantity for people.
        pub measure_label: String => "label", No;
        /// Unit of the quantity.
        pub measure_unit: String => "label", No;
        /// Whether the policy is the baseline of the study.
        pub is_baseline: bool => "flag", No;
        /// Whether the question of the study is about the policy.
        pub asked_about: bool => "flag", No;
        /// Whether the policy sees the future, which nobody can: leave it out of rankings.
        pub look_ahead: bool => "flag", No;
        /// Time since the start.
        pub time_months: f64 => "months", No;
        /// Time since the start.
        pub time_years: f64 => "years", No;
        /// 1 % quantile over paths.
        pub p01: Option<f64> => "of the measure", No;
        /// 5 % quantile over paths.
        pub p05: Option<f64> => "of the measure", No;
        /// 10 % quantile over paths.
        pub p10: Option<f64> => "of the measure", No;
        /// 25 % quantile over paths.
        pub p25: Option<f64> => "of the measure", No;
        /// Median over paths.
        pub p50: Option<f64> => "of the measure", No;
        /// Lower end of the 95 % interval of the median.
        pub p50_ci_low: Option<f64> => "of the measure", No;
        /// Upper end of the 95 % interval of the median.
        pub p50_ci_high: Option<f64> => "of the measure", No;
        /// 75 % quantile over paths.
        pub p75: Option<f64> => "of the measure", No;
        /// 90 % quantile over paths.
        pub p90: Option<f64> => "of the measure", No;
        /// 95 % quantile over paths.
        pub p95: Option<f64> => "of the measure", No;
        /// 99 % quantile over paths.
        pub p99: Option<f64> => "of the measure", No;
        /// Number of paths that the quantiles rest on.
        pub n_paths: i64 => "paths", No;
    }
}

/// The dimension tables of a run, which label its facts.
#[derive(Clone, Copy, Debug)]
pub struct Dimensions<'a> {
    /// Run, `dim_run`.
    pub run: &'a DimRunRow,
    /// Scenarios, `dim_scenario`.
    pub scenarios: &'a [DimScenarioRow],
    /// Policies, `dim_policy`.
    pub policies: &'a [DimPolicyRow],
    /// Metrics, `dim_metric`.
    pub metrics: &'a [DimMetricRow],
    /// Report horizons, `dim_horizon`.
    pub horizons: &'a [DimHorizonRow],
}

impl Dimensions<'_> {
    /// Adds the labels that the wide tables of an analysis lack, and the swept keys, behind their
    /// ids and names.
    #[must_use]
    pub fn labelled(&self, table: WideTable, swept: &SweptColumns<'_>) -> WideTable {
        let ids = |name: &str| -> Vec<i32> {
            let column = table.columns.iter().find(|column| column.name == name);
            match column.map(|column| &column.values) {
                Some(ColumnValues::Int32(ids)) => ids.clone(),
                Some(_) | None => Vec::new(),
            }
        };
        let (scenarios, policies) = (ids("scenario_id"), ids("policy_id"));
        let mut labels = self.labels(&scenarios, &policies, &ids("horizon_months"));
        labels.extend(swept.of(&scenarios, &policies));
        let mut columns = table.columns;
        let behind = columns.iter().position(|column| column.name == "horizon_years");
        let behind = behind.map_or(columns.len(), |place| place + 1);
        columns.splice(behind..behind, labels);
        WideTable { columns }
    }

    /// The labels of rows with these ids.
    fn labels(&self, scenarios: &[i32], policies: &[i32], horizons: &[i32]) -> Vec<WideColumn> {
        let flag = |of: fn(&DimPolicyRow) -> bool| {
            ColumnValues::Boolean(policies.iter().map(|id| self.policy(*id).map(of)).collect())
        };
        let order = |id: &i32| self.policy(*id).map_or(*id, |row| row.policy_order);
        let label = |id: &i32| self.scenario(*id).map(|row| scenario_label(row).to_owned());
        let horizon = |months: &i32| {
            let found = self.horizons.iter().find(|row| row.horizon_months == *months);
            found.map(|row| row.horizon.clone())
        };
        let study = vec![Some(self.run.study.clone()); policies.len()];
        let texts = ColumnValues::Text;
        let columns = [
            ("study", "label", "Name of the study.", texts(study)),
            (
                "scenario_label",
                "label",
                "Label of the scenario for people: the swept values with their units.",
                texts(scenarios.iter().map(label).collect()),
            ),
            (
                "policy_order",
                "rank",
                "Rank of the policy in reports, from 0: the order in which to sort `policy`.",
                ColumnValues::Int32(policies.iter().map(order).collect()),
            ),
            (
                "is_baseline",
                "flag",
                "Whether the policy is the baseline of the study.",
                flag(|row| row.is_baseline),
            ),
            (
                "asked_about",
                "flag",
                "Whether the question of the study is about the policy.",
                flag(|row| row.asked_about),
            ),
            (
                "horizon",
                "label",
                "Label of the report horizon.",
                texts(horizons.iter().map(horizon).collect()),
            ),
        ];
        let column = |(name, unit, about, values): (&str, &str, &str, ColumnValues)| WideColumn {
            name: name.to_owned(),
            unit: unit.to_owned(),
            about: about.to_owned(),
            values,
        };
        columns.into_iter().map(column).collect()
    }

    fn scenario(&self, id: i32) -> Option<&DimScenarioRow> {
        self.scenarios.iter().find(|row| row.scenario_id == id)
    }

    fn policy(&self, id: i32) -> Option<&DimPolicyRow> {
        self.policies.iter().find(|row| row.policy_id == id)
    }
}

/// The label of a scenario for people; its name where a run of earlier versions has no label.
fn scenario_label(row: &DimScenarioRow) -> &str {
    row.label.as_deref().unwrap_or(&row.scenario)
}

/// Headlines joined with their comparisons and labels: the rows of `bi_long`.
#[derive(Clone, Debug)]
pub struct Long<'a> {
    dimensions: Dimensions<'a>,
    compared: BTreeMap<Place, &'a CompareRow>,
}

/// Ids of scenario, policy, horizon and metric.
type Place = (i32, i32, i32, i32);

impl<'a> Long<'a> {
    /// Takes the dimensions and the comparisons of a run.
    #[must_use]
    pub fn new(dimensions: Dimensions<'a>, compare: &'a [CompareRow]) -> Self {
        let place =
            |row: &CompareRow| (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id);
        let headlines = compare.iter().filter(|row| row.stat == HEADLINE);
        Self { dimensions, compared: headlines.map(|row| (place(row), row)).collect() }
    }

    /// Returns the rows of `summary` in its order: those of the statistic `mean`. They may be asked
    /// for in parts, so that the table need not be in memory as a whole.
    #[must_use]
    pub fn rows(&self, summary: &[SummaryRow]) -> Vec<LongRow> {
        let row = |row: &SummaryRow| {
            let place = (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id);
            let labelled = labelled(self.dimensions, row)?;
            Some(match self.compared.get(&place) {
                Some(compare) => with_comparison(labelled, compare, self.dimensions),
                None => labelled,
            })
        };
        summary.iter().filter(|row| row.stat == HEADLINE).filter_map(row).collect()
    }
}

/// The statistic of a metric's headline.
const HEADLINE: &str = "mean";

/// A row with its labels and its own estimate; `None` where a dimension lacks an id.
fn labelled(dimensions: Dimensions<'_>, row: &SummaryRow) -> Option<LongRow> {
    let scenario = dimensions.scenario(row.scenario_id)?;
    let policy = dimensions.policy(row.policy_id)?;
    let metric = dimensions.metrics.iter().find(|metric| metric.metric_id == row.metric_id)?;
    let horizon = dimensions.horizons.iter().find(|at| at.horizon_months == row.horizon_months)?;
    Some(LongRow {
        study: dimensions.run.study.clone(),
        scenario_id: row.scenario_id,
        scenario: scenario.scenario.clone(),
        scenario_label: scenario_label(scenario).to_owned(),
        policy_id: row.policy_id,
        policy_order: policy.policy_order,
        policy: policy.policy.clone(),
        policy_description: policy.description.clone(),
        family: policy.family.clone(),
        band_width: policy.band_width,
        elasticity: policy.elasticity,
        review_months: policy.review_months,
        signal: policy.signal.clone(),
        signal_lag: policy.signal_lag,
        signal_accuracy: policy.signal_accuracy,
        is_baseline: policy.is_baseline,
        asked_about: policy.asked_about,
        look_ahead: policy.look_ahead,
        horizon_months: row.horizon_months,
        horizon_years: horizon.horizon_years,
        horizon: horizon.horizon.clone(),
        is_final: horizon.is_final,
        metric_id: row.metric_id,
        metric: metric.metric.clone(),
        metric_label: metric.display_name.clone(),
        metric_unit: metric.unit.clone(),
        number_format: metric.number_format.clone(),
        higher_is_better: metric.higher_is_better,
        is_primary: metric.is_primary,
        margin: metric.margin,
        value: row.value,
        std_error: row.std_error,
        ci_low: row.ci_low,
        ci_high: row.ci_high,
        precision: row.precision.clone(),
        reason: row.reason.clone(),
        n_paths: row.n_paths,
        ..LongRow::default()
    })
}

fn with_comparison(row: LongRow, compare: &CompareRow, dimensions: Dimensions<'_>) -> LongRow {
    let baseline = dimensions.policy(compare.baseline_policy_id);
    LongRow {
        margin: row.margin.or_else(|| margin_of(&row, compare, dimensions)),
        n_paths_needed: compare.n_paths_needed,
        baseline: baseline.map(|policy| policy.policy.clone()),
        baseline_value: compare.baseline_value,
        diff: compare.diff,
        diff_std_error: compare.std_error,
        diff_ci_low: compare.ci_low,
        diff_ci_high: compare.ci_high,
        diff_ci_low_simultaneous: compare.ci_low_simultaneous,
        diff_ci_high_simultaneous: compare.ci_high_simultaneous,
        verdict: compare.verdict.clone(),
        diff_precision: Some(compare.precision.clone()),
        diff_reason: compare.reason.clone(),
        share_better: compare.share_better,
        exposure_diff_frac: compare.exposure_diff_frac,
        effect_currency: compare.effect_currency,
        ..row
    }
}

/// The margin of a metric whose margin is a share of the baseline's value.
fn margin_of(row: &LongRow, compare: &CompareRow, dimensions: Dimensions<'_>) -> Option<f64> {
    let metric = dimensions.metrics.iter().find(|metric| metric.metric_id == row.metric_id)?;
    Some(metric.margin_of_baseline_frac? * compare.baseline_value?.abs())
}

/// Turns fans by quantile into the rows of `bi_fan`, which have a column for each quantile. Where
/// the scenario has an inflation, wealth in money of the start follows as a quantity of its own.
#[must_use]
pub fn fan(dimensions: Dimensions<'_>, fans: &[FanRow]) -> Vec<BiFanRow> {
    let same = |a: &FanRow, b: &FanRow| {
        let place = |row: &FanRow| (row.scenario_id, row.policy_id, row.time_months.to_bits());
        place(a) == place(b) && a.measure == b.measure
    };
    let mut rows = Vec::new();
    for point in fans.chunk_by(same) {
        let Some(row) = fan_row(dimensions, point) else { continue };
        let inflation = dimensions
            .scenario(row.scenario_id)
            .and_then(|scenario| scenario.inflation_annual)
            .filter(|_| row.measure == NOMINAL);
        rows.extend(inflation.map(|inflation| in_money_of_the_start(&row, inflation)));
        rows.push(row);
    }
    rows
}

/// The measure of a fan in currency.
const NOMINAL: &str = "wealth_nominal";
/// The measure of a fan in money of the start.
const REAL: &str = "wealth_real";

/// Name and unit of a measure for people.
fn measure(word: &str) -> (&'static str, &'static str) {
    match word {
        NOMINAL => ("Wealth", "currency"),
        REAL => ("Wealth in money of the start", "currency of the start"),
        _ => ("Fall below the peak (unit value)", "fraction"),
    }
}

/// The row of the quantiles at one point in time; `None` where a dimension lacks an id.
fn fan_row(dimensions: Dimensions<'_>, point: &[FanRow]) -> Option<BiFanRow> {
    let first = point.first()?;
    let scenario = dimensions.scenario(first.scenario_id)?;
    let policy = dimensions.policy(first.policy_id)?;
    let row = |percent: f64| point.iter().find(|row| (row.prob * 100.0 - percent).abs() < 1e-9);
    let at = |percent: f64| row(percent)?.value;
    let median = row(50.0);
    let (label, unit) = measure(&first.measure);
    Some(BiFanRow {
        study: dimensions.run.study.clone(),
        scenario_id: first.scenario_id,
        scenario: scenario.scenario.clone(),
        scenario_label: scenario_label(scenario).to_owned(),
        policy_id: first.policy_id,
        policy_order: policy.policy_order,
        policy: policy.policy.clone(),
        measure: first.measure.clone(),
        measure_label: label.to_owned(),
        measure_unit: unit.to_owned(),
        is_baseline: policy.is_baseline,
        asked_about: policy.asked_about,
        look_ahead: policy.look_ahead,
        time_months: first.time_months,
        time_years: first.time_months / 12.0,
        p01: at(1.0),
        p05: at(5.0),
        p10: at(10.0),
        p25: at(25.0),
        p50: at(50.0),
        p50_ci_low: median.and_then(|row| row.ci_low),
        p50_ci_high: median.and_then(|row| row.ci_high),
        p75: at(75.0),
        p90: at(90.0),
        p95: at(95.0),
        p99: at(99.0),
        n_paths: first.n_paths,
    })
}

/// Divides the quantiles by the price level, which is the same on every path.
fn in_money_of_the_start(row: &BiFanRow, inflation: f64) -> BiFanRow {
    let level = corridor_core::numerics::pow(1.0 + inflation, row.time_years);
    let real = |value: Option<f64>| value.map(|value| value / level);
    let (label, unit) = measure(REAL);
    BiFanRow {
        measure: REAL.into(),
        measure_label: label.to_owned(),
        measure_unit: unit.to_owned(),
        p01: real(row.p01),
        p05: real(row.p05),
        p10: real(row.p10),
        p25: real(row.p25),
        p50: real(row.p50),
        p50_ci_low: real(row.p50_ci_low),
        p50_ci_high: real(row.p50_ci_high),
        p75: real(row.p75),
        p90: real(row.p90),
        p95: real(row.p95),
        p99: real(row.p99),
        ..row.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::with_unsigned_zeros;

    #[test]
    fn a_row_has_its_labels_its_estimate_and_its_comparison() {
        let run = DimRunRow { study: "s".to_owned(), ..DimRunRow::default() };
        let policy = |policy_id, policy: &str| DimPolicyRow {
            policy_id,
            policy: policy.to_owned(),
            ..DimPolicyRow::default()
        };
        let dimensions = Dimensions {
            run: &run,
            scenarios: &[DimScenarioRow {
                label: Some("cost 10".to_owned()),
                ..Default::default()
            }],
            policies: &[policy(0, "annual"), policy(1, "never")],
            metrics: &[DimMetricRow { metric: "ruined".to_owned(), ..Default::default() }],
            horizons: &[DimHorizonRow { horizon_months: 360, ..Default::default() }],
        };
        let summary = |policy_id, stat: &'static str| SummaryRow {
            policy_id,
            horizon_months: 360,
            stat: stat.into(),
            value: Some(0.1),
            ..SummaryRow::default()
        };
        let compare = CompareRow {
            policy_id: 1,
            horizon_months: 360,
            stat: "mean".into(),
            diff: Some(-0.02),
            verdict: Some("better".into()),
            ..CompareRow::default()
        };
        let compare = [compare];
        let rows = Long::new(dimensions, &compare).rows(&[
            summary(0, "mean"),
            summary(0, "sd"),
            summary(1, "mean"),
            summary(7, "mean"),
        ]);
        assert_eq!(rows.len(), 2, "spreads and unknown policies have no row");
        assert_eq!((rows[0].policy.as_str(), &rows[0].baseline), ("annual", &None));
        let LongRow { scenario_label, metric, baseline, diff, verdict, value, .. } = &rows[1];
        assert_eq!((scenario_label.as_str(), metric.as_str()), ("cost 10", "ruined"));
        assert_eq!(
            (baseline.as_deref(), *diff, verdict.as_deref(), *value),
            (Some("annual"), Some(-0.02), Some("better"), Some(0.1))
        );
    }

    #[test]
    fn rows_never_have_a_negative_zero() {
        let row = |diff| CompareRow { diff, ..CompareRow::default() };
        let rows = with_unsigned_zeros(vec![row(Some(-0.0)), row(None), row(Some(-1.0))]);
        assert!(rows[0].diff.is_some_and(|diff| diff == 0.0 && diff.is_sign_positive()));
        assert_eq!((rows[1].diff, rows[2].diff), (None, Some(-1.0)));
    }

    #[test]
    fn a_fan_has_its_quantiles_side_by_side_in_both_moneys() {
        let run = DimRunRow::default();
        let scenario = DimScenarioRow { inflation_annual: Some(0.1), ..Default::default() };
        let dimensions = Dimensions {
            run: &run,
            scenarios: &[scenario],
            policies: &[DimPolicyRow::default()],
            metrics: &[],
            horizons: &[],
        };
        let row = |time_months, prob, value| FanRow {
            measure: NOMINAL.into(),
            time_months,
            prob,
            value: Some(value),
            ..FanRow::default()
        };
        let rows = fan(
            dimensions,
            &[row(12.0, 0.05, 110.0), row(12.0, 0.5, 220.0), row(24.0, 0.5, 242.0)],
        );
        let found: Vec<_> = rows
            .iter()
            .map(|row| (&*row.measure, row.time_years, row.p05, row.p50, row.p99))
            .collect();
        assert_eq!(found[1], (NOMINAL, 1.0, Some(110.0), Some(220.0), None));
        assert_eq!((found[0].0, found[2].0, found.len()), ("wealth_real", "wealth_real", 4));
        let close = |value: Option<f64>, wanted: f64| (value.unwrap() - wanted).abs() < 1e-9;
        assert!(close(found[0].2, 100.0) && close(found[0].3, 200.0) && close(found[2].3, 200.0));
    }
}
