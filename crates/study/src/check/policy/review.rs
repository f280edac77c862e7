//! Checks when a rule reviews the weights, and its cooldown after a trade.

use corridor_core::time::{Review, Step, TimeGrid};

use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::shape::{ReviewEvery, ReviewValue, ReviewWord};
use crate::tree::Path;

/// Checks a review; one that is more frequent than the steps is refused.
pub(super) fn review(
    value: &ReviewValue,
    step: Step,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Review> {
    let months = |months| Some(Review::EveryMonths { months, phase_steps: 0 });
    let steps = |steps| Some(Review::EverySteps { steps, phase_steps: 0 });
    let word = match value {
        ReviewValue::Word(word) => *word,
        ReviewValue::Every(every) => return rhythm(every, step, path, scope),
    };
    let (found, name) = match (word, step) {
        (ReviewWord::Step, Step::Day | Step::Week | Step::Month) => (steps(1), "step"),
        (ReviewWord::Day, Step::Day) => (steps(1), "day"),
        (ReviewWord::Week, Step::Day) => (steps(5), "week"),
        (ReviewWord::Week, Step::Week) => (steps(1), "week"),
        (ReviewWord::TwoWeeks, Step::Day) => (steps(10), "two_weeks"),
        (ReviewWord::TwoWeeks, Step::Week) => (steps(2), "two_weeks"),
        (ReviewWord::Month, Step::Day | Step::Week | Step::Month) => (months(1), "month"),
        (ReviewWord::Quarter, Step::Day | Step::Week | Step::Month) => (months(3), "quarter"),
        (ReviewWord::HalfYear, Step::Day | Step::Week | Step::Month) => (months(6), "half_year"),
        (ReviewWord::Year, Step::Day | Step::Week | Step::Month) => (months(12), "year"),
        (ReviewWord::Day, Step::Week | Step::Month) => (None, "day"),
        (ReviewWord::Week, Step::Month) => (None, "week"),
        (ReviewWord::TwoWeeks, Step::Month) => (None, "two_weeks"),
    };
    if found.is_none() {
        let message =
            format!("a review every `{name}` is more frequent than the step, a {}", step.name());
        let hint = "choose a shorter `time.step` or a less frequent `review`; a `review` beside \
        `use` replaces that of the catalogue";
        scope.error(path, Id::ReviewTooFine, message, hint);
    }
    found
}

/// A review of any number of months or steps.
fn rhythm(every: &ReviewEvery, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<Review> {
    let whole = |months: f64| scope.steps(&path.key("phase_months"), "a phase", months, step);
    match *every {
        ReviewEvery {
            every_months: Some(months),
            phase_months,
            every_steps: None,
            phase_steps: None,
        } => Some(Review::EveryMonths { months, phase_steps: whole(phase_months.unwrap_or(0.0)) }),
        ReviewEvery {
            every_months: None,
            phase_months: None,
            every_steps: Some(steps),
            phase_steps,
        } => Some(Review::EverySteps { steps, phase_steps: phase_steps.unwrap_or(0) }),
        ReviewEvery { .. } => {
            let message = format!(
                "`{path}` needs either `every_months` with `phase_months` or `every_steps` with \
                `phase_steps`"
            );
            scope.error(
                path,
                Id::ExactlyOne,
                message,
                "write `{ every_months = 3, phase_months = 1 }` or `{ every_steps = 10 }`",
            );
            None
        }
    }
}

/// Number of steps of a cooldown; one shorter than a step is refused.
pub(super) fn cooldown(months: f64, grid: TimeGrid, path: &Path<'_>, scope: &Scope<'_>) -> u32 {
    let steps = scope.steps(path, "a cooldown", months, grid.step);
    if months > 0.0 && steps == 0 {
        let message = format!("a cooldown of {months} months is shorter than one step");
        scope.error(path, Id::WholeSteps, message, "choose 0 or at least one step");
    }
    steps
}
