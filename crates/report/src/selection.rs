//! Selects the scenarios and policies of a comparison that a reader asked for.

use std::collections::BTreeSet;

use corridor_tables::{BreakEvenRow, DimScenarioRow};

use crate::comparison::{Comparison, Line};
use crate::unknown::{Thing, Unknown};
use crate::wording::scenario_name;

/// The part of a comparison that is asked for; empty lists ask for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of scenarios.
    pub scenarios: Vec<String>,
    /// Names of policies, or of swept policies for all of their corners. Baselines stay, too.
    pub policies: Vec<String>,
    /// Number of policies of each scenario that gain most over their baseline.
    pub top: Option<usize>,
}

impl Selection {
    /// Returns whether everything is asked for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

impl Comparison {
    /// Keeps the part of the comparison that is asked for.
    ///
    /// # Errors
    /// [`Unknown`] if the run lacks a scenario or policy.
    pub fn select(&mut self, selection: &Selection) -> Result<(), Unknown> {
        self.keep_scenarios(&selection.scenarios)?;
        self.keep_policies(&selection.policies)?;
        if let Some(top) = selection.top {
            self.keep_top(top);
        }
        Ok(())
    }

    fn keep_scenarios(&mut self, names: &[String]) -> Result<(), Unknown> {
        if names.is_empty() {
            return Ok(());
        }
        // the name that the study makes, or the label that results show
        let is_called = |row: &DimScenarioRow, name: &String| {
            row.scenario == *name || scenario_name(row) == name
        };
        for name in names {
            if !self.scenarios.iter().any(|row| is_called(row, name)) {
                let known = self.scenarios.iter().map(scenario_name);
                return Err(Unknown::new(Thing::Scenario, name, known));
            }
        }
        self.scenarios.retain(|row| names.iter().any(|name| is_called(row, name)));
        let ids: BTreeSet<i32> = self.scenarios.iter().map(|row| row.scenario_id).collect();
        self.lines.retain(|line| ids.contains(&line.summary.scenario_id));
        let is_kept = |row: &BreakEvenRow| row.scenario_id.is_none_or(|id| ids.contains(&id));
        self.break_even.retain(is_kept);
        self.attribution.retain(|row| ids.contains(&row.scenario_id));
        self.signals.retain(|row| ids.contains(&row.scenario_id));
        Ok(())
    }

    fn keep_policies(&mut self, names: &[String]) -> Result<(), Unknown> {
        if names.is_empty() {
            return Ok(());
        }
        let mut kept: BTreeSet<i32> = BTreeSet::new();
        for name in names {
            let found = self.policies.iter().filter(|row| is_corner(&row.policy, name));
            let found: Vec<i32> = found.map(|row| row.policy_id).collect();
            if found.is_empty() {
                let known = self.policies.iter().map(|row| row.policy.as_str());
                return Err(Unknown::new(Thing::Policy, name, known));
            }
            kept.extend(found);
        }
        self.keep_ids(&kept);
        Ok(())
    }

    /// Keeps the policies that gain most in each scenario, and what is known of them.
    fn keep_top(&mut self, top: usize) {
        let sign = if self.metric.higher_is_better == Some(false) { -1.0 } else { 1.0 };
        let gain = |line: &Line| line.compare.as_ref().and_then(|row| row.diff).map(|d| sign * d);
        let mut kept: BTreeSet<(i32, i32)> = BTreeSet::new();
        for scenario in &self.scenarios {
            let mut compared: Vec<(f64, i32)> = self
                .lines
                .iter()
                .filter(|line| line.summary.scenario_id == scenario.scenario_id)
                .filter_map(|line| Some((gain(line)?, line.summary.policy_id)))
                .collect();
            compared.sort_by(|a, b| b.0.total_cmp(&a.0));
            kept.extend(
                compared.iter().take(top).map(|&(_, policy)| (scenario.scenario_id, policy)),
            );
        }
        self.lines.retain(|line| {
            line.compare.is_none()
                || kept.contains(&(line.summary.scenario_id, line.summary.policy_id))
        });
        let ids: BTreeSet<i32> = kept.into_iter().map(|(_, policy)| policy).collect();
        self.keep_ids(&ids);
        // the best comes first; a baseline gains nothing over itself
        self.lines.sort_by(|a, b| {
            let own = |line: &Line| line.compare.is_none().then_some(0.0);
            let gain = |line: &Line| gain(line).or(own(line)).unwrap_or(f64::NEG_INFINITY);
            let scenario = a.summary.scenario_id.cmp(&b.summary.scenario_id);
            scenario.then(gain(b).total_cmp(&gain(a)))
        });
    }

    /// Keeps these policies, and the lines of baselines.
    fn keep_ids(&mut self, kept: &BTreeSet<i32>) {
        self.lines.retain(|line| line.compare.is_none() || kept.contains(&line.summary.policy_id));
        self.attribution.retain(|row| kept.contains(&row.policy_id));
        let names: Vec<&str> = kept.iter().map(|&id| self.policy(id)).collect();
        let is_of_one = |series: &str| {
            let corner = format!("{series}[");
            names.iter().any(|name| *name == series || name.starts_with(&corner))
        };
        let of_kept: Vec<bool> = self.break_even.iter().map(|row| is_of_one(&row.series)).collect();
        let mut of_kept = of_kept.into_iter();
        self.break_even.retain(|_| of_kept.next().unwrap_or(false));
        let reads = |signal: &str| {
            self.policies
                .iter()
                .filter(|row| kept.contains(&row.policy_id))
                .filter_map(|row| row.signal.as_deref())
                .any(|own| own == signal)
        };
        let read: Vec<bool> = self.signals.iter().map(|row| reads(&row.signal)).collect();
        let mut read = read.into_iter();
        self.signals.retain(|_| read.next().unwrap_or(false));
    }
}

/// Returns whether a policy is called by a name: its own, or that of a sweep that it is a corner of,
/// with all of its values, some or none, as break-even points are named.
fn is_corner(policy: &str, name: &str) -> bool {
    let parts = |text: &str| -> Option<(String, BTreeSet<String>)> {
        let (family, values) = text.split_once('[').unwrap_or((text, "]"));
        let values = values.strip_suffix(']')?;
        let values = values.split(',').filter(|value| !value.is_empty()).map(str::to_owned);
        Some((family.to_owned(), values.collect()))
    };
    let known = parts(policy).zip(parts(name));
    policy == name
        || known.is_some_and(|((family, values), (asked, wanted))| {
            family == asked && wanted.is_subset(&values)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::example::comparison;

    fn selected(selection: &Selection) -> Comparison {
        let mut comparison = comparison();
        comparison.select(selection).unwrap();
        comparison
    }

    fn names(comparison: &Comparison) -> Vec<&str> {
        let lines = comparison.lines.iter();
        lines.map(|line| comparison.policy(line.summary.policy_id)).collect()
    }

    #[test]
    fn a_scenario_and_the_corners_of_a_policy_are_kept_beside_the_baseline() {
        let shown = selected(&Selection {
            scenarios: vec!["one_way_bps=10".to_owned()],
            policies: vec!["band".to_owned()],
            top: None,
        });
        assert_eq!(names(&shown), ["annual", "band[width=0.02]", "band[width=0.05]"]);
        let series: Vec<&str> = shown.break_even.iter().map(|row| row.series.as_str()).collect();
        assert_eq!(series, ["band"]);
        assert_eq!((shown.attribution.len(), shown.signals.len()), (4, 1));
        let never = Selection { policies: vec!["never".to_owned()], ..Selection::default() };
        let shown = selected(&never);
        assert_eq!((shown.attribution.len(), shown.signals.len()), (2, 0), "its premium");
    }

    #[test]
    fn corners_are_called_by_some_of_their_values() {
        let corner = "band[absolute=0.02,elasticity=-1]";
        for name in ["band", corner, "band[elasticity=-1]", "band[absolute=0.02]"] {
            assert!(is_corner(corner, name), "{name}");
        }
        for name in ["ban", "band[elasticity=1]", "band[absolute=0.02", "other[elasticity=-1]"] {
            assert!(!is_corner(corner, name), "{name}");
        }
        assert!(is_corner("annual", "annual") && !is_corner("annual", "annual[a=1]"));
    }

    #[test]
    fn the_top_is_that_of_the_direction_of_the_metric() {
        let shown = selected(&Selection { top: Some(1), ..Selection::default() });
        let each = ["band[width=0.05]", "annual"];
        assert_eq!(names(&shown), [each, each].concat());
        assert_eq!(names(&selected(&Selection { top: Some(99), ..Selection::default() })).len(), 8);
    }

    #[test]
    fn an_unknown_name_has_a_way_out() {
        let unknown = |scenarios: &[&str], policies: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            let selection =
                Selection { scenarios: owned(scenarios), policies: owned(policies), top: None };
            comparison().select(&selection).unwrap_err().to_string()
        };
        assert!(unknown(&["one_way_bps=1"], &[]).contains("did you mean `one_way_bps=10`?"));
        assert!(unknown(&[], &["anual"]).contains("did you mean `annual`?"));
    }

    #[test]
    fn everything_stays_where_nothing_is_asked() {
        let shown = selected(&Selection::default());
        assert_eq!((names(&shown).len(), shown.break_even.len()), (8, 3));
        assert!(Selection::default().is_everything());
    }
}
