//! Compares every policy with its baseline, in every scenario, at every horizon, on every metric.

use std::collections::BTreeMap;

use corridor_core::numerics::exp;
use corridor_core::outcome::CellId;

use crate::cell::{Estimates, tail_counts};
use crate::compare::{Arm, Conclusion, Margin, PairedComparison, PairedDifference, compare_family};
use crate::error::AnalysisError;
use crate::estimate::Reason;
use crate::fold::Folded;
use crate::input::AnalysisInput;
use crate::metric::{MetricId, Source};
use crate::reduce::is_compared;

/// One policy against its baseline, on one metric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    pub(crate) policy: CellId,
    pub(crate) baseline: u32,
    pub(crate) metric: MetricId,
    pub(crate) comparison: PairedComparison,
    /// The difference as money at the horizon.
    pub(crate) effect_currency: Option<f64>,
    /// Mean growth weight of the policy minus that of the baseline.
    pub(crate) exposure_diff: Option<f64>,
}

/// All comparisons, sorted by scenario, horizon, metric and policy.
pub(crate) fn compare_all<E>(
    input: &AnalysisInput,
    years: &BTreeMap<u32, f64>,
    folded: &Folded,
    estimates: &Estimates,
) -> Result<Vec<Compared>, AnalysisError<E>> {
    let mut groups: BTreeMap<(u32, u32), Vec<CellId>> = BTreeMap::new();
    for id in folded.cells().keys() {
        groups.entry((id.scenario_id, id.horizon_months)).or_default().push(*id);
    }
    let mut compared = Vec::new();
    for ((_, months), cells) in &groups {
        let years = years.get(months).copied().unwrap_or(f64::NAN);
        let pairs: Vec<Pair> = cells.iter().filter_map(|&policy| Pair::of(input, policy)).collect();
        for metric in MetricId::all().filter(|id| is_compared(id.metric())) {
            let family = Family { input, folded, estimates, years, metric };
            compared.extend(family.compare(&pairs)?);
        }
    }
    Ok(compared)
}

/// A difference that is shown and not judged.
fn alone(difference: PairedDifference, margin: Margin) -> PairedComparison {
    let conclusion = Conclusion { verdict: None, n_paths_needed: None, reason: Some(Reason::LookAhead) };
    let own = compare_family(&[difference], margin).into_iter().next();
    PairedComparison { difference, simultaneous: own.and_then(|own| own.simultaneous), p_adjusted: own.and_then(|own| own.p_adjusted), conclusion }
}

/// A policy and its baseline, in one scenario and at one horizon.
#[derive(Clone, Copy)]
struct Pair {
    policy: CellId,
    baseline: CellId,
}

impl Pair {
    /// `None` for a baseline, which is not compared with itself.
    fn of(input: &AnalysisInput, policy: CellId) -> Option<Self> {
        let with = *input.comparison.compare_with.get(policy.policy_id as usize)?;
        (with != policy.policy_id).then_some(Self { policy, baseline: CellId { policy_id: with, ..policy } })
    }
}

struct Family<'a> {
    input: &'a AnalysisInput,
    folded: &'a Folded,
    estimates: &'a Estimates,
    years: f64,
    metric: MetricId,
}

impl Family<'_> {
    fn compare<E>(&self, pairs: &[Pair]) -> Result<Vec<Compared>, AnalysisError<E>> {
        let differences = pairs.iter().map(|pair| self.difference(pair)).collect::<Result<Vec<_>, _>>()?;
        let margin = Margin { width: self.input.comparison.margin(self.metric), higher_is_better: self.metric.metric().higher_is_better };
        let looks_ahead = |pair: &Pair| [pair.policy, pair.baseline].iter().any(|cell| self.input.look_ahead.contains(&cell.policy_id));
        let of = |chosen: bool| -> Vec<PairedDifference> {
            pairs.iter().zip(&differences).filter(|(pair, _)| looks_ahead(pair) == chosen).map(|(_, difference)| *difference).collect()
        };
        let mut judged = compare_family(&of(false), margin).into_iter();
        let mut unjudged = of(true).into_iter().map(|difference| alone(difference, margin));
        let comparisons: Vec<_> = pairs.iter().filter_map(|pair| if looks_ahead(pair) { unjudged.next() } else { judged.next() }).collect();
        let compared = |(pair, comparison): (&Pair, PairedComparison)| Compared {
            policy: pair.policy,
            baseline: pair.baseline.policy_id,
            metric: self.metric,
            effect_currency: self.effect_currency(pair, &comparison.difference),
            exposure_diff: self.exposure_diff(pair),
            comparison,
        };
        Ok(pairs.iter().zip(comparisons).map(compared).collect())
    }

    fn difference<E>(&self, pair: &Pair) -> Result<PairedDifference, AnalysisError<E>> {
        let (policy, with) = (pair.policy.policy_id, pair.baseline.policy_id);
        let sums = self.folded.pair(pair.policy, with, self.metric).ok_or(AnalysisError::PairNotKept { policy, with })?;
        let arm = |id: CellId| -> Result<Arm<'_>, AnalysisError<E>> {
            let fold = self.folded.cells().get(&id).ok_or(AnalysisError::UnknownCell(id))?;
            let estimate = self.estimates.get(&id).ok_or(AnalysisError::UnknownCell(id))?;
            Ok(Arm { moments: fold.moments(self.metric), counts: tail_counts(fold, self.metric), estimate: &estimate[self.metric.index()].headline })
        };
        Ok(PairedDifference::of(self.metric.metric(), self.years, &sums, arm(pair.policy)?, arm(pair.baseline)?))
    }

    /// What the difference is worth at the horizon. A growth rate `g` turns the initial balance into
    /// `initial exp(g years)`, flows left aside: the effect is the difference of the two. For terminal wealth it is the
    /// difference itself; for other metrics there is none.
    fn effect_currency(&self, pair: &Pair, difference: &PairedDifference) -> Option<f64> {
        let per_unit = match (self.metric.metric().source, self.metric) {
            (Source::CertaintyEquivalent { .. }, _) => 1e-4,
            (Source::Column(_), MetricId::LOG_GROWTH) => 1.0,
            (Source::Column(_), MetricId::TERMINAL_WEALTH) => return difference.estimate.value,
            (Source::Column(_) | Source::Ruined, _) => return None,
        };
        let initial = self.input.scenarios.get(pair.policy.scenario_id as usize)?.initial_balance;
        let grown = |value: f64| initial * exp(value * per_unit * self.years);
        let effect = grown(difference.policy_value?) - grown(difference.baseline_value?);
        Some(effect).filter(|effect| effect.is_finite())
    }

    fn exposure_diff(&self, pair: &Pair) -> Option<f64> {
        let exposure = |id: &CellId| self.estimates.get(id)?[MetricId::GROWTH_WEIGHT.index()].headline.value;
        Some(exposure(&pair.policy)? - exposure(&pair.baseline)?)
    }
}
