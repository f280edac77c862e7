//! Takes a control out of an estimate by regression over sections.

use corridor_core::numerics::ln;
use corridor_core::outcome::CellId;
use corridor_tables::label::{Method, Precision, Reason};
use corridor_tables::metric::{MetricId, Source};

use super::mix::Control;
use crate::compare::Influence;
use crate::estimate::Estimate;
use crate::fold::CellFold;
use crate::interval::t_critical;
use crate::precision::{self, Judgement};
use crate::statistic::{ALPHA, UtilityTail};

/// Fewest paths at which an estimate with a control is called precise. A sample without a path in
/// the tail looks well-behaved, and its small error is then far too small: of the intervals that
/// the other rules call precise, 86 % cover the truth in runs of 1,000 paths, 91 to 96 % in runs of
/// 4,000, and 94 % in runs of 8,000 (measured on 100 runs each in `tests/it/family_wise.rs`).
const PATHS_PRECISE: u64 = 8000;

/// Fewest sections that a regression weight is estimated from.
const SECTIONS_LEAST: usize = 10;

/// An estimate with its control taken out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Controlled {
    /// Shift of the plain estimate, in the metric's unit.
    pub shift: f64,
    /// Contributions of the sections to the error that is left.
    pub influence: Influence,
}

/// Finds the control of a metric of a cell; `None` if there is none.
pub(crate) fn find(controls: &[Control], cell: CellId, metric: MetricId) -> Option<&Control> {
    let Source::CertaintyEquivalent { gamma, .. } = metric.metric().source else { return None };
    controls.iter().find(|control| {
        let same = (control.scenario_id, control.horizon_months, control.gamma)
            == (cell.scenario_id, cell.horizon_months, gamma);
        same && control.policies.contains(&cell.policy_id)
    })
}

impl Control {
    /// Regresses the control out of an estimate, given the influence of the sections on it; `None`
    /// if the section counts differ or are below [`SECTIONS_LEAST`].
    pub(crate) fn take_out(
        &self,
        cell: &CellFold,
        metric: MetricId,
        influence: &Influence,
    ) -> Option<Controlled> {
        let sections = cell.sections(metric);
        if sections.len() != self.sections.len() || sections.len() < SECTIONS_LEAST {
            return None;
        }
        let n: f64 = sections.iter().map(|section| f64::from(section.n)).sum();
        let mean = self.sections.iter().sum::<f64>() / n;
        let own: Vec<f64> = self
            .sections
            .iter()
            .zip(&*sections)
            .map(|(sum, section)| (sum / mean - f64::from(section.n)) / n)
            .collect();
        let weight = influence.slope_on(&own)?;
        Some(Controlled { shift: -weight * ln(mean), influence: influence.less(weight, &own) })
    }
}

impl Controlled {
    /// Returns the plain estimate with the control taken out. The rest has the tail of the
    /// utilities on a smaller scale, so their `tail` enters the judgement.
    pub(crate) fn estimate(&self, plain: &Estimate, tail: UtilityTail) -> Estimate {
        let sections = self.influence.len() as u64;
        // Estimating the weight costs one more degree of freedom.
        let lost = (sections as f64 - 1.0) / (sections as f64 - 2.0);
        let Some((value, error)) = plain.value.zip(self.influence.std_error()) else {
            return *plain;
        };
        let (value, error) = (value + self.shift, error * lost.sqrt());
        let half = t_critical(ALPHA, sections - 2) * error;
        let (precision, reason) = self.judgement(plain, tail);
        Estimate {
            value: Some(value),
            std_error: Some(error),
            ci_low: Some(value - half),
            ci_high: Some(value + half),
            n_paths: plain.n_paths,
            method: Method::ControlVariate,
            precision,
            reason,
        }
        .finite()
    }

    /// Judges the error that is left: by the rule for means, applied to sections, and by whether
    /// there are enough paths to have met the tail.
    fn judgement(&self, plain: &Estimate, tail: UtilityTail) -> Judgement {
        let of_sections = precision::of_mean(
            self.influence.len() as u64,
            self.influence.skewness(),
            self.influence.top_share(),
        );
        let met = if plain.n_paths < PATHS_PRECISE {
            (Precision::Indicative, Some(Reason::FewPaths))
        } else {
            (Precision::Precise, None)
        };
        precision::worst([
            precision::of_count(plain.n_paths),
            precision::of_tail(tail.top_share),
            precision::of_implied(plain.n_paths, tail.skewness),
            met,
            of_sections,
        ])
    }
}
