//! Makes what an adviser looks for first where money is withdrawn: the chance that the money lasts,
//! and what is left, in money of today.

use corridor_tables::label::{FanMeasure, Stat};
use corridor_tables::metric::MetricId;
use corridor_tables::{
    DimHorizonRow, DimPolicyRow, DimScenarioRow, ExceedanceRow, FanRow, SummaryRow,
};
use serde::Serialize;

use super::{end_of, first_shown};
use crate::number::NumberFormat;
use crate::tables::Tables;
use crate::wording::{MEAN, mark, scenario_name};

/// Quantiles of the table of percentiles, in percent.
const PERCENTS: [u8; 5] = [10, 25, 50, 75, 90];

/// Years at which money is counted even without a report horizon.
const YEARS: [i32; 3] = [10, 20, 30];

/// Significant digits of money.
const DIGITS: i32 = 3;

/// The table of one scenario.
#[derive(Serialize)]
pub(super) struct LastingTable {
    scenario: String,
    years: String,
    money: &'static str,
    is_first: bool,
    horizons: Vec<String>,
    has_goal: bool,
    /// Whether some columns count only the paths that are followed month by month.
    has_followed: bool,
    rows: Vec<LastingLine>,
    percentiles: Vec<PercentileLine>,
}

/// The line of a policy: its success and the money that is left.
#[derive(Serialize)]
struct LastingLine {
    policy: String,
    is_baseline: bool,
    success: String,
    goal: String,
    lasts: String,
    left: Vec<Left>,
}

/// Money that is left at a horizon: the median, and the range of eight paths in ten.
#[derive(Serialize)]
struct Left {
    median: String,
    range: String,
}

/// Percentiles of what is left under one policy at one horizon.
#[derive(Serialize)]
struct PercentileLine {
    policy: String,
    horizon: String,
    values: Vec<String>,
}

/// Makes a table for each scenario; none where no account can run out of money.
pub(super) fn tables(tables: &Tables) -> Vec<LastingTable> {
    let Some(ruined) = id_of(tables, "ruined") else { return Vec::new() };
    let judged = tables.metrics.iter().find(|row| row.is_primary).map(|row| row.metric.as_str());
    let is_of_ruin = |row: &SummaryRow| row.metric_id == ruined && row.stat == MEAN;
    let runs_out = tables
        .summary
        .iter()
        .any(|row| is_of_ruin(row) && row.value.is_some_and(|share| share > 0.0));
    if !runs_out && judged != Some("ruined") {
        return Vec::new();
    }
    let first = first_shown(tables.scenarios.len());
    let table = |(place, row)| table(tables, ruined, row, place == first);
    tables.scenarios.iter().enumerate().filter_map(table).collect()
}

/// A point in time at which money is counted.
struct Point {
    months: i32,
    label: String,
    /// Whether all paths are counted, as at a report horizon; else those that are followed.
    is_horizon: bool,
}

/// Lists the report horizons of a scenario, and the years 10, 20 and 30 before its end.
fn points(tables: &Tables, end: i32) -> Vec<Point> {
    let horizon = |row: &DimHorizonRow| Point {
        months: row.horizon_months,
        label: row.horizon.clone(),
        is_horizon: true,
    };
    let of_end = |row: &&DimHorizonRow| row.horizon_months <= end;
    let mut points: Vec<Point> = tables.horizons.iter().filter(of_end).map(horizon).collect();
    for years in YEARS.into_iter().filter(|years| 12 * years < end) {
        let has_fan = || tables.fan.iter().any(|row| is_at(row, 12 * years));
        if points.iter().all(|point| point.months != 12 * years) && has_fan() {
            let label = format!("{years} years*");
            points.push(Point { months: 12 * years, label, is_horizon: false });
        }
    }
    points.sort_by_key(|point| point.months);
    points
}

fn is_at(row: &FanRow, months: i32) -> bool {
    row.time_months == f64::from(months) && row.measure == FanMeasure::Wealth.name()
}

/// Finds statistics of one scenario.
struct Found<'a> {
    tables: &'a Tables,
    scenario: &'a DimScenarioRow,
    /// Metric of wealth at a report horizon.
    wealth: i32,
    is_real: bool,
}

impl<'a> Found<'a> {
    fn new(tables: &'a Tables, scenario: &'a DimScenarioRow) -> Option<Self> {
        let real = id_of(tables, "terminal_wealth_real");
        let real = real.filter(|_| scenario.inflation_annual.is_some());
        let wealth = real.or_else(|| id_of(tables, "terminal_wealth_nominal"))?;
        Some(Self { tables, scenario, wealth, is_real: real.is_some() })
    }

    fn row(&self, policy: i32, months: i32, metric: i32, stat: &str) -> Option<&'a SummaryRow> {
        self.tables.summary.iter().find(|row| {
            (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id)
                == (self.scenario.scenario_id, policy, months, metric)
                && row.stat == stat
        })
    }

    /// A quantile of the money that is left, in percent; empty where it is not known.
    fn money(&self, policy: i32, point: &Point, percent: u8) -> String {
        let value = if point.is_horizon {
            let stat = Stat::Quantile(percent).name();
            self.row(policy, point.months, self.wealth, &stat).and_then(|row| row.value)
        } else {
            self.followed(policy, point.months, percent)
        };
        value.map(money).unwrap_or_default()
    }

    fn followed(&self, policy: i32, months: i32, percent: u8) -> Option<f64> {
        let row = self.tables.fan.iter().find(|row| {
            (row.scenario_id, row.policy_id) == (self.scenario.scenario_id, policy)
                && is_at(row, months)
                && (100.0 * row.prob).round() == f64::from(percent)
        })?;
        let inflation = self.scenario.inflation_annual.filter(|_| self.is_real).unwrap_or(0.0);
        let prices = (0..months / 12).fold(1.0, |prices, _| prices * (1.0 + inflation));
        row.value.map(|value| value / prices)
    }

    fn left(&self, policy: i32, point: &Point) -> Left {
        let of = |percent| self.money(policy, point, percent);
        Left { median: of(50), range: format!("{} to {}", of(10), of(90)) }
    }
}

fn table(
    tables: &Tables,
    ruined: i32,
    scenario: &DimScenarioRow,
    is_first: bool,
) -> Option<LastingTable> {
    let end = end_of(tables, scenario.scenario_id)?;
    let found = Found::new(tables, scenario)?;
    let goal = id_of(tables, "goal_reached").filter(|_| scenario.goal_amount.is_some());
    let points = points(tables, end);
    let line = |row: &DimPolicyRow| {
        let id = row.policy_id;
        let of = |metric| found.row(id, end, metric, MEAN);
        LastingLine {
            policy: row.policy.clone(),
            is_baseline: row.is_baseline,
            success: of(ruined).map(success).unwrap_or_default(),
            goal: goal.and_then(of).map(share).unwrap_or_default(),
            lasts: lasts(tables, scenario.scenario_id, id, end),
            left: points.iter().map(|point| found.left(id, point)).collect(),
        }
    };
    let percentiles = |row: &DimPolicyRow| {
        let one = |point: &Point| PercentileLine {
            policy: row.policy.clone(),
            horizon: point.label.clone(),
            values: PERCENTS.map(|percent| found.money(row.policy_id, point, percent)).to_vec(),
        };
        points.iter().map(one).collect::<Vec<_>>()
    };
    Some(LastingTable {
        scenario: scenario_name(scenario).to_owned(),
        years: points.last().map(|point| point.label.clone()).unwrap_or_default(),
        money: if found.is_real { "money of today" } else { "money of the time" },
        is_first,
        has_goal: goal.is_some(),
        has_followed: points.iter().any(|point| !point.is_horizon),
        rows: tables.policies.iter().map(line).collect(),
        percentiles: tables.policies.iter().flat_map(percentiles).collect(),
        horizons: points.iter().map(|point| point.label.clone()).collect(),
    })
}

fn id_of(tables: &Tables, name: &str) -> Option<i32> {
    tables.metrics.iter().find(|row| row.metric == name).map(|row| row.metric_id)
}

/// The chance that the account is not ruined, with its standard error.
fn success(ruined: &SummaryRow) -> String {
    share(&SummaryRow { value: ruined.value.map(|share| 1.0 - share), ..ruined.clone() })
}

/// A probability in percent with its standard error.
fn share(row: &SummaryRow) -> String {
    let format = NumberFormat::of("0.0%");
    let Some(value) = row.value else { return String::new() };
    let error = row
        .std_error
        .map(|error| format!(" ± {}", format.for_differences().within(Some(error)).bare(error)));
    let error = error.unwrap_or_default();
    format!("{}{error} %{}", format.within(row.std_error).bare(value), mark(&row.precision))
}

/// The first year after which fewer than nine accounts in ten have money; the end without one, and
/// nothing where the shares that have money are not known.
fn lasts(tables: &Tables, scenario: i32, policy: i32, end: i32) -> String {
    let month = MetricId::RUIN_MONTH.metric().name;
    let Some(metric) = id_of(tables, month) else { return String::new() };
    let own = |row: &&ExceedanceRow| {
        (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id)
            == (scenario, policy, end, metric)
    };
    let mut years = tables.exceedance.iter().filter(own).peekable();
    if years.peek().is_none() {
        return String::new();
    }
    match years.find(|row| row.prob.is_some_and(|prob| prob < 0.9)) {
        Some(row) => format!("year {}", (row.level / 12.0).round()),
        None => "the end".to_owned(),
    }
}

/// Prints money with few digits: `1,230,000`.
fn money(amount: f64) -> String {
    let format = NumberFormat::of("#,##0");
    let exponent = format!("{:e}", amount.abs().max(1.0));
    let size: i32 = exponent.split_once('e').and_then(|(_, size)| size.parse().ok()).unwrap_or(0);
    // An error of the size of the last digit but one leaves this many digits.
    format.within(Some(1.5 * 10_f64.powi(size + 2 - DIGITS))).bare(amount)
}

#[cfg(test)]
mod tests {
    use corridor_tables::DimMetricRow;

    use super::*;

    #[test]
    fn money_has_three_digits() {
        assert_eq!(
            [0.0, 7.0, 811_234.0, 1_038_456.0, 12_345_678.0].map(money),
            ["0", "7", "811,000", "1,040,000", "12,300,000"]
        );
    }

    #[test]
    fn years_without_a_report_horizon_count_the_followed_paths_in_money_of_today() {
        let fan = |prob: f64, value: f64| FanRow {
            measure: FanMeasure::Wealth.name().into(),
            time_months: 120.0,
            prob,
            value: Some(value),
            ..FanRow::default()
        };
        let metrics = [(0, "terminal_wealth_real"), (1, "ruined")].map(|(id, name)| DimMetricRow {
            metric_id: id,
            metric: name.to_owned(),
            ..DimMetricRow::default()
        });
        let tables = Tables {
            metrics: metrics.to_vec(),
            horizons: vec![DimHorizonRow {
                horizon_months: 240,
                horizon: "20 years".to_owned(),
                ..DimHorizonRow::default()
            }],
            scenarios: vec![DimScenarioRow {
                inflation_annual: Some(0.02),
                ..DimScenarioRow::default()
            }],
            policies: vec![DimPolicyRow::default()],
            fan: vec![fan(0.1, 5e5), fan(0.5, 1e6), fan(0.9, 2e6)],
            summary: vec![SummaryRow {
                horizon_months: 240,
                metric_id: 1,
                stat: MEAN.into(),
                value: Some(0.25),
                ..SummaryRow::default()
            }],
            ..Tables::default()
        };
        let [table] = &super::tables(&tables)[..] else { panic!("one scenario") };
        assert_eq!(table.horizons, ["10 years*", "20 years"]);
        assert!(table.has_followed);
        let left = &table.rows[0].left[0];
        assert_eq!(left.median, "820,000", "a million after ten years of 2 % inflation");
        assert_eq!(left.range, "410,000 to 1,640,000");
    }

    #[test]
    fn a_year_that_is_not_known_is_not_the_end() {
        let metric = MetricId::RUIN_MONTH;
        let mut tables = Tables {
            metrics: vec![DimMetricRow {
                metric_id: metric.number(),
                metric: metric.metric().name.to_owned(),
                ..DimMetricRow::default()
            }],
            ..Tables::default()
        };
        let row = |level: f64, prob: f64| ExceedanceRow {
            horizon_months: 360,
            metric_id: metric.number(),
            level,
            prob: Some(prob),
            ..ExceedanceRow::default()
        };
        assert_eq!(lasts(&tables, 0, 0, 360), "");
        tables.exceedance = vec![row(336.0, 0.95)];
        assert_eq!(lasts(&tables, 0, 0, 360), "the end");
        tables.exceedance.push(row(348.0, 0.89));
        assert_eq!(lasts(&tables, 0, 0, 360), "year 29");
    }

    #[test]
    fn success_is_the_complement_of_ruin_with_its_error() {
        let ruined = SummaryRow {
            value: Some(0.1388),
            std_error: Some(0.0024),
            precision: "precise".into(),
            ..SummaryRow::default()
        };
        assert_eq!(success(&ruined), "86.1 ± 0.24 %");
    }
}
