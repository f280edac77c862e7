//! Checks the factors by which signals scale a width, a share or a waiting time.

use corridor_simulation::policy::{ScaleFactor, ScaleForm};

use super::context::{KnownSignal, PolicyContext};
use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::scale::{ExponentialForm, PowerForm, ScaleTable, StepForm};
use crate::tree::Path;
use crate::wording::number as shown;

/// Ratio of a reference to its signal's long-run mean, or the inverse, above which a warning is
/// given.
const REFERENCE_OFF: f64 = 3.0;

/// Checks factors and compiles them; `None` where one is refused.
pub(super) fn scale_factors(
    table: &[ScaleTable],
    context: &PolicyContext<'_>,
    list: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<ScaleFactor>> {
    let factors: Vec<Option<ScaleFactor>> = table
        .iter()
        .enumerate()
        .map(|(index, factor)| scale_factor(factor, context, &list.index(index), scope))
        .collect();
    factors.into_iter().collect()
}

/// Checks one factor and compiles it; `None` where it is refused.
pub(super) fn scale_factor(
    table: &ScaleTable,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleFactor> {
    let signal = context.signal(&table.signal, path, scope);
    let form = match table {
        ScaleTable { power: Some(form), exponential: None, step: None, .. } => {
            power(form, signal, context, &path.key("power"), scope)
        }
        ScaleTable { power: None, exponential: Some(form), step: None, .. } => {
            exponential(form, signal, context, &path.key("exponential"), scope)
        }
        ScaleTable { power: None, exponential: None, step: Some(form), .. } => {
            step(form, signal, &path.key("step"), scope)
        }
        ScaleTable { power, exponential, step, .. } => {
            let given = usize::from(power.is_some())
                + usize::from(exponential.is_some())
                + usize::from(step.is_some());
            let message = format!(
                "`{path}` needs exactly one of `power`, `exponential` and `step`, it has {given}"
            );
            scope.error(
                path,
                Id::ExactlyOne,
                message,
                "keep one; write an entry of `scale` for each factor",
            );
            return None;
        }
    };
    Some(ScaleFactor { signal: signal?.index, form: form? })
}

/// A power of a signal, which must be above 0.
fn power(
    form: &PowerForm,
    signal: Option<&KnownSignal<'_>>,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    if let Some((signal, why)) =
        signal.and_then(|signal| Some((signal, signal.checked.not_positive.as_ref()?)))
    {
        let message = format!(
            "`power` is taken of signal `{}`, which can be 0 or negative: {why}",
            signal.name
        );
        scope.error(
            path,
            Id::PowerOfSign,
            message,
            "use `exponential` or `step`, or the volatility of an asset with risk",
        );
        return None;
    }
    reference(form.reference, signal, context, path, scope);
    Some(ScaleForm::Power { elasticity: form.elasticity, reference: form.reference })
}

/// An exponential of a signal.
fn exponential(
    form: &ExponentialForm,
    signal: Option<&KnownSignal<'_>>,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    reference(form.reference, signal, context, path, scope);
    Some(ScaleForm::Exponential { slope: form.slope, reference: form.reference })
}

/// Warns of a reference in the wrong unit, such as a monthly volatility or a percentage.
fn reference(
    reference: f64,
    signal: Option<&KnownSignal<'_>>,
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let Some(signal) = signal.filter(|_| !context.stand_in) else { return };
    let (low, high) = signal.checked.range();
    if reference < low || reference > high {
        let message = format!(
            "the reference {} is not among the values of signal `{}`, from {low} to {high}",
            shown(reference),
            signal.name
        );
        scope.warning(
            &path.key("reference"),
            Id::ReferenceOff,
            message,
            "write probabilities, drawdowns and correlations as fractions: 20 % is 0.2",
        );
        return;
    }
    let Some(long_run) = signal.checked.long_run else { return };
    if !(1.0 / REFERENCE_OFF..=REFERENCE_OFF).contains(&(reference / long_run)) {
        let message = format!(
            "the reference {} is over {REFERENCE_OFF} times off the long-run mean {long_run:.3} of \
            signal `{}`",
            shown(reference),
            signal.name
        );
        scope.warning(
            &path.key("reference"),
            Id::ReferenceOff,
            message,
            "write volatilities as annualised decimals: 0.16 is 16 % a year",
        );
    }
}

/// A factor that is constant between thresholds.
fn step(
    form: &StepForm,
    signal: Option<&KnownSignal<'_>>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    let before = scope.reporter.errors();
    if let Some(signal) = signal {
        let (low, high) = signal.checked.range();
        for (index, at) in form.at.iter().enumerate().filter(|(_, at)| **at < low || **at > high) {
            let message = format!(
                "the threshold {} is never crossed: signal `{}` has values from {low} to {high}",
                shown(*at),
                signal.name
            );
            let hint = "write probabilities, drawdowns and volatilities as fractions: 50 % is 0.5";
            scope.warning(&path.key("at").index(index), Id::IdleCondition, message, hint);
        }
    }
    if form.factors.len() != form.at.len() + 1 {
        let message =
            format!("`{path}` has {} thresholds and {} factors", form.at.len(), form.factors.len());
        scope.error(
            &path.key("factors"),
            Id::StepScale,
            message,
            "give one factor more than thresholds, for the ranges below, between and above them",
        );
    }
    if form.at.windows(2).any(|pair| pair[0] >= pair[1]) {
        scope.error(
            &path.key("at"),
            Id::StepScale,
            format!("the thresholds of `{path}` do not increase"),
            "write them in increasing order",
        );
    }
    for (index, factor) in form.factors.iter().enumerate() {
        scope.within(
            &path.key("factors").index(index),
            *factor,
            Limits { infinite: false, ..Limits::WIDTH },
        );
    }
    (scope.reporter.errors() == before)
        .then(|| ScaleForm::Step { at: form.at.clone(), factors: form.factors.clone() })
}
