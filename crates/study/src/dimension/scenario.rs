//! Describes a scenario as a row of `dim_scenario` with one more column for each swept key, and
//! lists swept values in long form.

use corridor_tables::column::{TableRow as _, column_name};
use corridor_tables::{ColumnValues, DimScenarioRow, ScenarioAxisRow, WideColumn};

use super::label::mix;
use crate::check::{CheckedScenario, Study};
use crate::description;
use crate::file::account::CostsTable;
use crate::file::shape::PerAsset;
use crate::grid::Grid;
use crate::plan::{Goal, Scenario};
use crate::sweep::Sweep;
use crate::tree::Item;

/// Builds scenario `id` of a study, which runs on the paths of market group `group`.
pub(crate) fn scenario(
    id: usize,
    scenario: &CheckedScenario,
    group: usize,
    study: &Study,
    grid: &Grid,
) -> Scenario {
    let growth: Vec<&str> = scenario
        .account
        .growth_assets
        .iter()
        .map(|&place| scenario.market.assets[place].as_str())
        .collect();
    let account = &scenario.tables.account;
    let goal =
        account.goal.as_ref().map(|goal| Goal { amount: goal.amount, indexed: goal.indexed });
    let row = DimScenarioRow {
        scenario_id: id as i32,
        scenario: scenario.name.clone(),
        market: scenario.market.label.clone(),
        cost_one_way_bps: uniform_cost(&scenario.tables.costs),
        horizon_years: scenario.tables.time.horizon_years,
        target: mix(&scenario.market.assets, &scenario.account.target),
        inflation_annual: Some(account.inflation_annual),
        risk_free_annual: Some(account.risk_free_annual),
        goal_amount: goal.map(|goal| goal.amount),
        goal_indexed: goal.map(|goal| goal.indexed),
        market_description: Some(description::market(scenario)),
        account_description: Some(description::account(scenario)),
        cost_description: Some(description::costs(scenario)),
        label: Some(label(scenario, study, grid)),
    };
    Scenario {
        row,
        group,
        step: scenario.clock.grid.step.name(),
        initial: scenario.account.account.initial,
        growth_assets: growth.join(", "),
        inflation_annual: account.inflation_annual,
        risk_free_annual: account.risk_free_annual,
        goal,
    }
}

/// Label for people: `cost 10 bp`, or `base` without a sweep.
fn label(scenario: &CheckedScenario, study: &Study, grid: &Grid) -> String {
    let part = |&number: &usize| {
        let sweep = &grid.sweeps[number];
        let (title, value) = (sweep.title(), sweep.label(scenario.choice[number]));
        match title.rsplit_once(", ") {
            Some((noun, unit)) => format!("{noun} {value} {unit}"),
            None => format!("{title} {value}"),
        }
    };
    let parts: Vec<String> = study.scenario_sweeps.iter().map(part).collect();
    if parts.is_empty() { scenario.name.clone() } else { parts.join("; ") }
}

/// One-way cost in basis points, if all assets have the same.
fn uniform_cost(costs: &CostsTable) -> Option<f64> {
    match &costs.one_way_bps {
        PerAsset::Each(bps) => Some(*bps),
        PerAsset::Map(map) => {
            let first = map.values().next().copied();
            first.filter(|first| map.values().all(|bps| bps == first))
        }
    }
}

/// Columns that swept keys add to `dim_scenario`, in file order.
pub(crate) fn swept(study: &Study, grid: &Grid) -> Vec<WideColumn> {
    let names = names(study, grid);
    let column = |(&number, name): (&usize, String)| {
        let sweep = &grid.sweeps[number];
        WideColumn {
            name,
            unit: "of the key".to_owned(),
            about: format!("Swept: `{}`.", sweep.key()),
            values: values(sweep, study.scenarios.iter().map(|scenario| scenario.choice[number])),
        }
    };
    study.scenario_sweeps.iter().zip(names).map(column).collect()
}

/// Names of the columns of swept keys: the keys with underscores for dots. No fixed column has such
/// a name.
fn names(study: &Study, grid: &Grid) -> Vec<String> {
    let mut plain: Vec<String> = Vec::new();
    for &number in &study.scenario_sweeps {
        let key = grid.sweeps[number].key();
        // a whole table that is swept, such as `market`, must not take the name of a fixed column
        let key = if key.contains('.') { key } else { format!("{key}_swept") };
        let name: String = key
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let numbered = (2..).map(|count| format!("{name}_{count}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !plain.contains(name));
        plain.push(free.unwrap_or_default());
    }
    let mut taken: Vec<String> =
        DimScenarioRow::columns().iter().map(|column| column.info.name.to_string()).collect();
    let mut names = Vec::new();
    for name in plain {
        let mut name = column_name(&name);
        while taken.contains(&name) {
            name.push_str("_swept");
        }
        taken.push(name.clone());
        names.push(name);
    }
    names
}

/// Values of a sweep at the places that scenarios chose: numbers, truth values or text.
fn values(sweep: &Sweep, places: impl Iterator<Item = usize>) -> ColumnValues {
    let all = |fits: &dyn Fn(&Item) -> bool| sweep.alternatives.iter().all(|node| fits(&node.item));
    if all(&|item| matches!(item, Item::Integer(_) | Item::Float(_))) {
        ColumnValues::Double(places.map(|place| number(sweep, place)).collect())
    } else if all(&|item| matches!(item, Item::Boolean(_))) {
        let truth = |place: usize| match sweep.alternatives.get(place).map(|node| &node.item) {
            Some(Item::Boolean(truth)) => Some(*truth),
            Some(_) | None => None,
        };
        ColumnValues::Boolean(places.map(truth).collect())
    } else {
        ColumnValues::Text(places.map(|place| Some(sweep.label(place))).collect())
    }
}

fn number(sweep: &Sweep, place: usize) -> Option<f64> {
    let number = sweep.alternatives.get(place).and_then(|node| node.number());
    number.filter(|number| number.is_finite())
}

/// Rows of `scenario_axis`, the swept values of every scenario in long form.
pub(crate) fn scenario_axis(study: &Study, grid: &Grid) -> Vec<ScenarioAxisRow> {
    let names = names(study, grid);
    let row = |id: usize, scenario: &CheckedScenario, number_of: usize, column: &str| {
        let sweep = &grid.sweeps[number_of];
        let place = scenario.choice[number_of];
        ScenarioAxisRow {
            scenario_id: id as i32,
            axis: sweep.axis.clone().unwrap_or_else(|| sweep.key()),
            label: Some(sweep.title()),
            key: sweep.key(),
            column_name: column.to_owned(),
            value_number: number(sweep, place),
            value_text: sweep.label(place),
        }
    };
    let mut rows = Vec::new();
    for (id, scenario) in study.scenarios.iter().enumerate() {
        for (&number_of, column) in study.scenario_sweeps.iter().zip(&names) {
            rows.push(row(id, scenario, number_of, column));
        }
    }
    rows
}
