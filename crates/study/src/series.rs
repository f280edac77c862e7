//! Finds the policies and the scenarios that differ in one swept number alone. Along such a series
//! a difference may break even.

use corridor_tables::PolicyAxisRow;

use crate::check::{PolicyCorner, Study};
use crate::file::policy::{SweptTable, SweptValue};
use crate::grid::Grid;
use crate::plan::Series;
use crate::sweep::{Owner, short_key, title};
use crate::wording::number;

/// Swept values of a policy: those that a study written out states, or those of the sweeps.
pub(crate) fn swept(corner: &PolicyCorner, grid: &Grid) -> Vec<SweptTable> {
    if !corner.table.swept.is_empty() {
        return corner.table.swept.clone();
    }
    let reads = |name: &str| corner.signals.iter().any(|read| read.written == name);
    let is_member = |sweep: &usize| match grid.sweeps[*sweep].owner() {
        Owner::Policy(index) => index == corner.index,
        Owner::Signal(name) => reads(name),
        Owner::Scenario => false,
    };
    let members: Vec<usize> = (0..grid.sweeps.len()).filter(is_member).collect();
    members
        .iter()
        .map(|&member| one(&corner.table.name, &members, member, corner.choice[member], grid))
        .collect()
}

/// The value that a corner has of the sweep `member`, one of the sweeps `members`.
fn one(of: &str, members: &[usize], member: usize, place: usize, grid: &Grid) -> SweptTable {
    let sweep = &grid.sweeps[member];
    let value = sweep
        .alternatives
        .get(place)
        .and_then(|node| node.number())
        .filter(|number| number.is_finite());
    SweptTable {
        of: of.to_owned(),
        axis: sweep.axis.clone(),
        label: sweep.label.clone(),
        key: sweep.key(),
        name: short_key(&grid.sweeps, members, member),
        value: value.map_or_else(|| SweptValue::Text(sweep.label(place)), SweptValue::Number),
    }
}

/// Rows of `policy_axis`, the swept values of every policy in long form.
pub(crate) fn policy_axis(study: &Study, grid: &Grid) -> Vec<PolicyAxisRow> {
    let of_policy = |(id, swept): (usize, Vec<SweptTable>)| {
        swept.into_iter().map(move |one| PolicyAxisRow {
            policy_id: id as i32,
            axis: one.axis.clone().unwrap_or_else(|| one.key.clone()),
            label: Some(one.title()),
            value_number: one.number(),
            value_text: one.text(),
            key: one.key,
        })
    };
    study
        .policies
        .iter()
        .map(|policy| swept(&policy.corner, grid))
        .enumerate()
        .flat_map(of_policy)
        .collect()
}

/// Series of policies that differ in one swept number alone.
pub(crate) fn policy_series(study: &Study, grid: &Grid) -> Vec<Series> {
    series(&study.policies.iter().map(|policy| swept(&policy.corner, grid)).collect::<Vec<_>>())
}

/// Series of scenarios that differ in one swept number alone.
pub(crate) fn scenario_series(study: &Study, grid: &Grid) -> Vec<Series> {
    let members = &study.scenario_sweeps;
    let values = |scenario: &crate::check::CheckedScenario| {
        members
            .iter()
            .map(|&member| one("", members, member, scenario.choice[member], grid))
            .collect()
    };
    series(&study.scenarios.iter().map(values).collect::<Vec<Vec<SweptTable>>>())
}

/// Series among members with these swept values, by id. A series has at least two points.
fn series(members: &[Vec<SweptTable>]) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for (id, swept) in members.iter().enumerate() {
        for (place, one) in swept.iter().enumerate() {
            // sweeps of one axis move together, so the first with a number represents them
            let Some(x) = one.number().filter(|_| {
                !swept[..place]
                    .iter()
                    .any(|other| other.is_tied_to(one) && other.number().is_some())
            }) else {
                continue;
            };
            let rest: Vec<String> = swept
                .iter()
                .filter(|other| other.key != one.key && !other.is_tied_to(one))
                .map(|other| format!("{}={}", other.name, other.text()))
                .collect();
            let label = match (one.of.as_str(), rest.join(",")) {
                (of, rest) if rest.is_empty() => of.to_owned(),
                ("", rest) => rest,
                (of, rest) => format!("{of}[{rest}]"),
            };
            match all.iter_mut().find(|known| known.key == one.key && known.label == label) {
                Some(series) => series.points.push((x, id as u32)),
                None => {
                    let axis = one.axis.clone().unwrap_or_else(|| one.name.clone());
                    all.push(Series {
                        axis,
                        title: one.title(),
                        key: one.key.clone(),
                        label,
                        points: vec![(x, id as u32)],
                    });
                }
            }
        }
    }
    all.retain(|series| series.points.len() > 1);
    for series in &mut all {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        series.points.dedup_by(|a, b| a.0 == b.0);
    }
    all
}

impl SweptTable {
    /// Whether two sweeps have one axis.
    fn is_tied_to(&self, other: &Self) -> bool {
        self.axis.is_some() && self.axis == other.axis
    }

    /// Words for the swept number, with its unit.
    fn title(&self) -> String {
        self.label.clone().unwrap_or_else(|| title(&self.key))
    }

    fn number(&self) -> Option<f64> {
        match &self.value {
            SweptValue::Number(value) => Some(*value),
            SweptValue::Text(_) => None,
        }
    }

    fn text(&self) -> String {
        match &self.value {
            SweptValue::Number(value) => number(*value),
            SweptValue::Text(text) => text.clone(),
        }
    }
}
