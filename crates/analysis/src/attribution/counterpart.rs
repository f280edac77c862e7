//! Finds the policies that a policy is measured against: its baseline, its twin of equal exposure,
//! and the policies that differ from it in how they observe a signal.

use corridor_core::outcome::PolicyId;
use corridor_tables::{DimPolicyRow, PolicyAxisRow};

/// The policies of a study and their comparisons.
#[derive(Clone, Copy, Debug)]
pub struct ComparedPolicies<'a> {
    /// Rows of `dim_policy`, by id.
    pub policies: &'a [DimPolicyRow],
    /// Rows of `policy_axis`: the swept values of each policy.
    pub axes: &'a [PolicyAxisRow],
    /// Id of the baseline of each policy, by id; a baseline has its own id.
    pub compare_with: &'a [PolicyId],
    /// Id of the baseline of the study.
    pub baseline: PolicyId,
    /// Consecutive paths that make one independent replicate: 2 where paths come in antithetic
    /// pairs, else 1.
    pub replicate_paths: usize,
}

/// A way for a policy to be measured against another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counterpart {
    /// A rule of equal mean exposure to the growth assets, without the signal.
    ExposureTwin,
    /// The policy's rule with a signal that knows the coming regime.
    Oracle,
    /// The policy's rule with a signal that is independent of the market.
    Placebo,
}

impl ComparedPolicies<'_> {
    /// Returns the id of the policy that a policy is compared with; `None` for a baseline.
    #[must_use]
    pub fn baseline_of(&self, policy: PolicyId) -> Option<PolicyId> {
        self.compare_with.get(policy.index()).copied().filter(|&baseline| baseline != policy)
    }

    /// Returns the id of a policy's counterpart; `None` if the study has none.
    #[must_use]
    pub fn counterpart(&self, policy: PolicyId, kind: Counterpart) -> Option<PolicyId> {
        let policy = self.policies.get(policy.index())?;
        match kind {
            Counterpart::ExposureTwin => self.exposure_twin(policy),
            Counterpart::Oracle => self.observed_as(policy, "oracle"),
            Counterpart::Placebo => self.observed_as(policy, "placebo"),
        }
    }

    fn exposure_twin(&self, policy: &DimPolicyRow) -> Option<PolicyId> {
        let is_twin = |row: &&DimPolicyRow| {
            row.twin_of.as_deref() == Some(&policy.policy)
                && row.twin_same.as_deref() == Some("exposure")
        };
        Some(PolicyId::of_number(self.policies.iter().find(is_twin)?.policy_id))
    }

    /// Finds the policy that differs from `policy` only in the way it observes its first signal:
    /// `policy` without lag or noise, the other one as `seen`.
    fn observed_as(&self, policy: &DimPolicyRow, seen: &str) -> Option<PolicyId> {
        let is_plain = policy.signal_observe.as_deref() == Some("as_is")
            && policy.signal_lag == Some(0.0)
            && policy.signal_noise == Some(0.0);
        let is_counterpart = |row: &&DimPolicyRow| {
            row.policy_id != policy.policy_id
                && row.signal_observe.as_deref() == Some(seen)
                && row.signal_accuracy.unwrap_or(1.0) == 1.0
                && row.signal_lag == Some(0.0)
                && row.signal_noise == Some(0.0)
                && self.differ_in_observation_only(policy, row)
        };
        let other = self.policies.iter().find(|row| is_plain && is_counterpart(row))?;
        Some(PolicyId::of_number(other.policy_id))
    }

    /// Whether two policies are members of one sweep, with equal values of all keys but `observe`.
    fn differ_in_observation_only(&self, policy: &DimPolicyRow, other: &DimPolicyRow) -> bool {
        let axes = |id: i32| self.axes.iter().filter(move |axis| axis.policy_id == id);
        let others: Vec<_> = axes(other.policy_id).collect();
        let own: Vec<_> = axes(policy.policy_id).collect();
        let stem = |name: &str| name.split('[').next().unwrap_or_default().to_owned();
        others.len() == own.len()
            && !own.is_empty()
            && stem(&other.policy) == stem(&policy.policy)
            && own.iter().zip(&others).all(|(a, b)| {
                a.key == b.key && (a.value_text == b.value_text || a.key.ends_with("observe"))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counterparts_are_found_by_twin_and_by_swept_observation() {
        let policy = |id: i32, name: &str, observe: Option<&str>| DimPolicyRow {
            policy_id: id,
            policy: name.to_owned(),
            signal_observe: observe.map(str::to_owned),
            signal_lag: observe.map(|_| 0.0),
            signal_noise: observe.map(|_| 0.0),
            ..DimPolicyRow::default()
        };
        let twin = DimPolicyRow {
            twin_of: Some("switch[observe=as_is]".to_owned()),
            twin_same: Some("exposure".to_owned()),
            ..policy(4, "mix", None)
        };
        let policies = [
            policy(0, "annual", None),
            policy(1, "switch[observe=as_is]", Some("as_is")),
            policy(2, "switch[observe=oracle]", Some("oracle")),
            policy(3, "other[observe=placebo]", Some("placebo")),
            twin,
        ];
        let axes: Vec<PolicyAxisRow> = [(1, "as_is"), (2, "oracle"), (3, "placebo")]
            .map(|(policy_id, value)| PolicyAxisRow {
                policy_id,
                key: "signal.crash.observe".to_owned(),
                value_text: value.to_owned(),
                ..PolicyAxisRow::default()
            })
            .to_vec();
        let study = ComparedPolicies {
            policies: &policies,
            axes: &axes,
            compare_with: &[PolicyId(0); 5],
            baseline: PolicyId(0),
            replicate_paths: 1,
        };
        assert_eq!(study.counterpart(PolicyId(1), Counterpart::ExposureTwin), Some(PolicyId(4)));
        assert_eq!(study.counterpart(PolicyId(1), Counterpart::Oracle), Some(PolicyId(2)));
        assert_eq!(study.counterpart(PolicyId(1), Counterpart::Placebo), None, "another rule");
        assert_eq!(study.counterpart(PolicyId(2), Counterpart::Oracle), None, "an oracle has none");
        assert_eq!(
            (study.baseline_of(PolicyId(1)), study.baseline_of(PolicyId(0))),
            (Some(PolicyId(0)), None)
        );
    }
}
