//! Turns swept keys into columns of the labelled tables, so that a heat map of two of them needs no
//! join.

use std::collections::BTreeSet;

use crate::column::column_name;
use crate::{ColumnValues, PolicyAxisRow, WideColumn};

/// Columns of the swept keys: one value per scenario, or per policy.
#[derive(Clone, Debug)]
pub struct SweptColumns<'a> {
    scenarios: &'a [WideColumn],
    policies: Vec<WideColumn>,
}

impl<'a> SweptColumns<'a> {
    /// Takes the columns that swept keys add to `dim_scenario`, and the swept values of `policies`
    /// policies. A key of policies has a column `swept_KEY`, named by its last part, or by as many as
    /// tell the keys of each policy apart; policies that sweep a key of the same name share it.
    #[must_use]
    pub fn new(scenarios: &'a [WideColumn], axes: &[PolicyAxisRow], policies: usize) -> Self {
        let tells_apart = |depth: &usize| {
            let name = |row: &PolicyAxisRow| (row.policy_id, last_parts(&row.key, *depth));
            axes.iter().map(name).collect::<BTreeSet<_>>().len() == axes.len()
        };
        let depth = (1..DEPTH_MAX).find(tells_apart).unwrap_or(DEPTH_MAX);
        let mut names: Vec<String> = Vec::new();
        for name in axes.iter().map(|row| last_parts(&row.key, depth)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let column = |name: String| {
            let own = || axes.iter().filter(|row| last_parts(&row.key, depth) == name);
            let label = own().find_map(|row| row.label.as_deref()).unwrap_or(&name);
            let mut numbers: Vec<Option<f64>> = vec![None; policies];
            let mut texts: Vec<Option<String>> = vec![None; policies];
            for row in own() {
                let place = row.policy_id as usize;
                if let (Some(number), Some(text)) = (numbers.get_mut(place), texts.get_mut(place)) {
                    *number = row.value_number;
                    *text = Some(row.value_text.clone());
                }
            }
            let are_numbers = own().all(|row| row.value_number.is_some());
            WideColumn {
                name: column_name(&format!("swept_{name}")),
                unit: "of the key".to_owned(),
                about: format!("Swept: {label}. Null for a policy that does not sweep it."),
                values: if are_numbers {
                    ColumnValues::Double(numbers)
                } else {
                    ColumnValues::Text(texts)
                },
            }
        };
        let policies = names.into_iter().map(column).collect();
        Self { scenarios, policies }
    }

    /// Returns the columns for rows of these scenarios and policies, given by their ids.
    #[must_use]
    pub fn of(&self, scenarios: &[i32], policies: &[i32]) -> Vec<WideColumn> {
        let places = |ids: &[i32]| ids.iter().map(|&id| id as usize).collect::<Vec<_>>();
        let (scenarios, policies) = (places(scenarios), places(policies));
        let of_scenarios = self.scenarios.iter().map(|column| column.taken(&scenarios));
        of_scenarios.chain(self.policies.iter().map(|column| column.taken(&policies))).collect()
    }
}

/// Most parts of a key in the name of a column.
const DEPTH_MAX: usize = 6;

/// The last parts of a swept key that are no numbers: `absolute` of
/// `policy.1.trigger.outside.absolute`.
fn last_parts(key: &str, depth: usize) -> String {
    let is_name = |part: &&str| part.bytes().any(|byte| !byte.is_ascii_digit());
    let mut parts: Vec<&str> = key.rsplit('.').filter(is_name).take(depth).collect();
    parts.reverse();
    parts.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_column_for_all_policies_that_sweep_it() {
        let axis = |policy_id, key: &str, value: &str| PolicyAxisRow {
            policy_id,
            key: key.to_owned(),
            value_number: value.parse().ok(),
            value_text: value.to_owned(),
            ..PolicyAxisRow::default()
        };
        let axes = [
            axis(1, "policy.1.trigger.outside.absolute", "0.02"),
            axis(2, "policy.2.trigger.outside.absolute.equity", "0.05"),
            axis(3, "policy.3.trigger.outside.absolute", "0.1"),
            axis(3, "policy.3.review", "month"),
        ];
        let swept = SweptColumns::new(&[], &axes, 4);
        let columns = swept.of(&[0, 0, 0], &[3, 0, 1]);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["swept_absolute", "swept_equity", "swept_review"]);
        assert_eq!(columns[0].values, ColumnValues::Double(vec![Some(0.1), None, Some(0.02)]));
        let month = Some("month".to_owned());
        assert_eq!(columns[2].values, ColumnValues::Text(vec![month, None, None]));
    }

    #[test]
    fn keys_of_one_policy_with_one_last_part_stay_apart() {
        let axis = |key: &str| PolicyAxisRow { key: key.to_owned(), ..PolicyAxisRow::default() };
        let axes =
            [axis("policy.0.outside.absolute.equity"), axis("policy.0.outside.relative.equity")];
        let columns = SweptColumns::new(&[], &axes, 1).of(&[0], &[0]);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["swept_absolute_equity", "swept_relative_equity"]);
    }
}
