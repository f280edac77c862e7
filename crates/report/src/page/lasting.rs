//! Makes what an adviser looks for first where money is withdrawn: the chance that the money lasts,
//! and what is left, in money of today.

use corridor_tables::metric::MetricId;
use corridor_tables::{DimScenarioRow, SummaryRow};
use serde::Serialize;

use super::{end_of, first_shown};
use crate::number::NumberFormat;
use crate::tables::Tables;
use crate::wording::{MEAN, mark};

/// Statistics of the table of percentiles.
const PERCENTILES: [&str; 5] = ["p10", "p25", "p50", "p75", "p90"];

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
    rows: Vec<LastingLine>,
    percentiles: Vec<PercentileLine>,
}

/// What is known of one policy.
#[derive(Serialize)]
struct LastingLine {
    policy: String,
    is_baseline: bool,
    success: String,
    goal: String,
    lasts: String,
    left: Vec<Left>,
}

/// What is left at a horizon: the median, and the worst and best path in ten.
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

fn table(
    tables: &Tables,
    ruined: i32,
    scenario: &DimScenarioRow,
    is_first: bool,
) -> Option<LastingTable> {
    let id = scenario.scenario_id;
    let end = end_of(tables, id)?;
    let real =
        id_of(tables, "terminal_wealth_real").filter(|_| scenario.inflation_annual.is_some());
    let wealth = real.or_else(|| id_of(tables, "terminal_wealth_nominal"))?;
    let goal = id_of(tables, "goal_reached").filter(|_| scenario.goal_amount.is_some());
    let horizons: Vec<(i32, String)> = tables
        .horizons
        .iter()
        .filter(|row| row.horizon_months <= end)
        .map(|row| (row.horizon_months, row.horizon.clone()))
        .collect();
    let of = |policy: i32, horizon: i32, metric: i32, stat: &str| {
        tables.summary.iter().find(|row| {
            (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id)
                == (id, policy, horizon, metric)
                && row.stat == stat
        })
    };
    let money = |policy: i32, horizon: i32, stat: &str| {
        of(policy, horizon, wealth, stat).and_then(|row| row.value).map(money).unwrap_or_default()
    };
    let left = |policy: i32, horizon: i32| Left {
        median: money(policy, horizon, "p50"),
        range: format!("{} to {}", money(policy, horizon, "p10"), money(policy, horizon, "p90")),
    };
    let line = |policy: i32, name: &str, is_baseline: bool| LastingLine {
        policy: name.to_owned(),
        is_baseline,
        success: of(policy, end, ruined, MEAN).map(success).unwrap_or_default(),
        goal: goal.and_then(|goal| of(policy, end, goal, MEAN)).map(share).unwrap_or_default(),
        lasts: lasts(tables, id, policy, end),
        left: horizons.iter().map(|(months, _)| left(policy, *months)).collect(),
    };
    let percentile = |policy: i32, name: &str| {
        let one = move |(months, horizon): &(i32, String)| PercentileLine {
            policy: name.to_owned(),
            horizon: horizon.clone(),
            values: PERCENTILES.map(|stat| money(policy, *months, stat)).to_vec(),
        };
        horizons.iter().map(one).collect::<Vec<_>>()
    };
    let policies = &tables.policies;
    Some(LastingTable {
        scenario: scenario.scenario.clone(),
        years: horizons.last().map(|(_, horizon)| horizon.clone()).unwrap_or_default(),
        money: if real.is_some() { "money of today" } else { "money of the time" },
        is_first,
        has_goal: goal.is_some(),
        rows: policies
            .iter()
            .map(|row| line(row.policy_id, &row.policy, row.is_baseline))
            .collect(),
        percentiles: policies
            .iter()
            .flat_map(|row| percentile(row.policy_id, &row.policy))
            .collect(),
        horizons: horizons.into_iter().map(|(_, horizon)| horizon).collect(),
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

/// The year by whose end more than one account in ten has run out of money; the end if fewer do.
fn lasts(tables: &Tables, scenario: i32, policy: i32, end: i32) -> String {
    let month = MetricId::RUIN_MONTH.metric().name;
    let Some(metric) = id_of(tables, month) else { return String::new() };
    let mut years = tables.exceedance.iter().filter(|row| {
        (row.scenario_id, row.policy_id, row.horizon_months, row.metric_id)
            == (scenario, policy, end, metric)
    });
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
    use super::*;

    #[test]
    fn money_has_three_digits() {
        assert_eq!(
            [0.0, 7.0, 811_234.0, 1_038_456.0, 12_345_678.0].map(money),
            ["0", "7", "811,000", "1,040,000", "12,300,000"]
        );
    }

    #[test]
    fn success_is_the_complement_of_ruin_with_its_error() {
        let ruined = SummaryRow {
            value: Some(0.1388),
            std_error: Some(0.0024),
            precision: "precise".to_owned(),
            ..SummaryRow::default()
        };
        assert_eq!(success(&ruined), "86.1 ± 0.24 %");
    }
}
