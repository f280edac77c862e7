//! Lays out the numbers of the charts over time: fans and the worst paths.

use std::collections::BTreeSet;

use corridor_tables::label::FanMeasure;
use corridor_tables::{FanRow, WorstPathRow};
use serde::Serialize;
use serde_json::{Value, json};

use super::digits::four;

/// Largest number of values in all fans together; beyond it fewer points in time are shown, then
/// fewer policies.
const FAN_NUMBERS: usize = 80_000;

/// Smallest number of points in time that a fan is thinned to.
const FAN_POINTS_LEAST: usize = 13;

/// Largest number of values in all single paths together.
const WORST_NUMBERS: usize = 60_000;

/// The quantiles over time of one scenario and policy.
#[derive(Serialize)]
pub(super) struct Fan {
    s: i32,
    p: i32,
    n: i64,
    months: Vec<f64>,
    wealth: Vec<Vec<f64>>,
}

/// The fans of the page, and the percentages of their quantiles.
pub(super) struct Fans {
    pub(super) fans: Vec<Fan>,
    pub(super) percents: Vec<i64>,
}

/// Makes the fans of wealth, thinned to the numbers that the page can carry.
pub(super) fn fans(rows: &[FanRow]) -> Fans {
    let is_wealth = |row: &&FanRow| row.measure == FanMeasure::Wealth.name();
    let rows: Vec<&FanRow> = rows.iter().filter(is_wealth).collect();
    let percents: Vec<i64> =
        rows.iter().map(|row| percent(row)).collect::<BTreeSet<_>>().into_iter().collect();
    let mut cells: Vec<(i32, i32)> =
        rows.iter().map(|row| (row.scenario_id, row.policy_id)).collect();
    cells.dedup();
    let points = rows.len() / (percents.len() * cells.len()).max(1);
    let allowed = (FAN_NUMBERS / (percents.len() * cells.len()).max(1)).max(FAN_POINTS_LEAST);
    let stride = points.div_ceil(allowed).max(1);
    let most = FAN_NUMBERS / (percents.len() * points.div_ceil(stride)).max(1);
    let is_one_cell =
        |a: &&FanRow, b: &&FanRow| (a.scenario_id, a.policy_id) == (b.scenario_id, b.policy_id);
    let fans = rows
        .chunk_by(is_one_cell)
        .take(most.max(1))
        .map(|cell| fan(cell, &percents, stride))
        .collect();
    Fans { fans, percents }
}

fn fan(cell: &[&FanRow], percents: &[i64], stride: usize) -> Fan {
    let over_time = |&wanted: &i64| {
        let own = cell.iter().filter(|row| percent(row) == wanted);
        let values: Vec<f64> = own.filter_map(|row| row.value.map(four)).collect();
        thinned(&values, stride)
    };
    let first = cell.iter().filter(|row| percent(row) == percents[0]);
    let months: Vec<f64> = first.map(|row| row.time_months).collect();
    Fan {
        s: cell[0].scenario_id,
        p: cell[0].policy_id,
        n: cell[0].n_paths,
        months: thinned(&months, stride),
        wealth: percents.iter().map(over_time).collect(),
    }
}

/// The probability of a row's quantile in whole percent.
fn percent(row: &FanRow) -> i64 {
    (100.0 * row.prob).round() as i64
}

/// Every `stride`-th value, and the last.
fn thinned(values: &[f64], stride: usize) -> Vec<f64> {
    let last = values.len().saturating_sub(1);
    values
        .iter()
        .enumerate()
        .filter(|(place, _)| place % stride == 0 || *place == last)
        .map(|(_, value)| *value)
        .collect()
}

/// The worst path of each scenario under every policy.
pub(super) fn worst(rows: &[WorstPathRow]) -> Vec<Value> {
    let stride = rows.len().saturating_mul(2).div_ceil(WORST_NUMBERS).max(1);
    let one = |cell: &[WorstPathRow]| {
        let of = |value: &dyn Fn(&WorstPathRow) -> f64| {
            thinned(&cell.iter().map(|row| four(value(row))).collect::<Vec<_>>(), stride)
        };
        json!({
            "s": cell[0].scenario_id,
            "p": cell[0].policy_id,
            "path": cell[0].path_id,
            "months": of(&|row| row.time_months),
            "wealth": of(&|row| row.wealth_nominal),
            "drawdown": of(&|row| row.drawdown_unit_frac),
        })
    };
    rows.chunk_by(|a, b| (a.scenario_id, a.policy_id) == (b.scenario_id, b.policy_id))
        .map(one)
        .collect()
}
