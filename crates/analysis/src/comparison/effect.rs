//! Expresses a difference as money at the horizon.

use corridor_core::numerics::exp;
use corridor_core::outcome::{CellId, PolicyId};
use corridor_tables::label::Stat;
use corridor_tables::metric::{MetricId, Source, Worth};

use super::pair::{MetricComparison, Pair};
use crate::compare::PairedDifference;
use crate::fold::Folded;

/// A difference as money at the horizon, in currency, with the ends of its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effect {
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

impl MetricComparison<'_> {
    /// Expresses a difference in currency at the horizon. A growth rate `g` turns the initial
    /// balance into `initial exp(g years)`, ignoring flows, and the effect is the difference of two
    /// such balances. For terminal wealth and its certainty equivalent it is the difference itself.
    /// Other metrics, spreads and probabilities have no effect in currency.
    pub(super) fn effect(
        &self,
        stat: Stat,
        pair: &Pair,
        difference: &PairedDifference,
    ) -> Option<Effect> {
        if matches!(stat, Stat::Deviation | Stat::ProbabilityBelow) {
            return None;
        }
        let estimate = &difference.estimate;
        let per_unit = match (self.metric.metric().source, self.metric) {
            (Source::CertaintyEquivalent { worth: Worth::Growth, .. }, _) => 1e-4,
            (Source::Column(_), MetricId::LOG_GROWTH) => 1.0,
            (Source::Column(_), MetricId::TERMINAL_WEALTH)
            | (Source::CertaintyEquivalent { worth: Worth::Wealth, .. }, _) => {
                return Some(Effect {
                    value: estimate.value?,
                    low: estimate.ci_low,
                    high: estimate.ci_high,
                });
            }
            (
                Source::Column(_) | Source::Event(_) | Source::Derived(_) | Source::Followed(_),
                _,
            ) => return None,
        };
        let initial = self.input.scenarios.get(pair.policy.scenario_id.index())?.initial_balance;
        let baseline = difference.baseline_value?;
        let grown = |value: f64| initial * exp(value * per_unit * self.facts.years);
        let effect = |diff: f64| {
            Some(grown(baseline + diff) - grown(baseline)).filter(|effect| effect.is_finite())
        };
        let value = Some(grown(difference.policy_value?) - grown(baseline))
            .filter(|effect| effect.is_finite())?;
        Some(Effect {
            value,
            low: estimate.ci_low.and_then(effect),
            high: estimate.ci_high.and_then(effect),
        })
    }
}

/// Mean weight of the growth assets of the policy less that of the baseline, a fraction.
pub(crate) fn exposure_diff(folded: &Folded, policy: CellId, baseline: PolicyId) -> Option<f64> {
    let exposure = |id: &CellId| folded.cells().get(id)?.moments(MetricId::GROWTH_WEIGHT).mean();
    Some(exposure(&policy)? - exposure(&CellId { policy_id: baseline, ..policy })?)
}
