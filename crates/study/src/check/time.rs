//! Checks `[time]`: the number of steps, and the steps at which outcomes are reported.

use corridor_core::time::{Step, TimeGrid};

use super::scope::Scope;
use crate::diagnostic::Id;
use crate::file::{StepWord, TimeTable};
use crate::tree::Path;

/// The steps of a study and its report horizons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clock {
    pub grid: TimeGrid,
    /// Months and step of each report horizon, increasing; the last is the end of the paths.
    pub horizons: Vec<(u32, u32)>,
}

impl From<StepWord> for Step {
    fn from(word: StepWord) -> Self {
        match word {
            StepWord::Day => Self::Day,
            StepWord::Week => Self::Week,
            StepWord::Month => Self::Month,
        }
    }
}

/// Checks `[time]`; `None` if the horizon is not a whole number of steps and months.
pub(crate) fn check(table: &TimeTable, scope: &Scope<'_>) -> Option<Clock> {
    let path = Path::root("time");
    let step = Step::from(table.step);
    let horizon = whole(table.horizon_years, step, &path.key("horizon_years"), scope);
    let list = path.key("report_horizons_years");
    let mut horizons = Vec::new();
    for (index, &years) in table.report_horizons_years.iter().flatten().enumerate() {
        let here = list.index(index);
        if !(years > 0.0 && years <= table.horizon_years) {
            let message = format!(
                "a report horizon of {years} years is not within the {} years of the paths",
                table.horizon_years
            );
            scope.error(
                &here,
                Id::Horizon,
                message,
                "choose horizons above 0 and up to `horizon_years`",
            );
        } else if let Some(horizon) = whole(years, step, &here, scope) {
            if horizons.contains(&horizon) {
                scope.error(
                    &here,
                    Id::Horizon,
                    format!("the report horizon {years} is given twice"),
                    "leave one out",
                );
            }
            horizons.push(horizon);
        }
    }
    let (months, steps) = horizon?;
    horizons.push((months, steps));
    horizons.sort_unstable();
    horizons.dedup();
    Some(Clock { grid: TimeGrid { step, steps }, horizons })
}

/// Months and steps of a number of years; both must be whole.
fn whole(years: f64, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<(u32, u32)> {
    let (months, steps) = (years * 12.0, years * f64::from(step.per_year()));
    let is_whole = |number: f64| (number - number.round()).abs() < 1e-6 && number.round() >= 1.0;
    if is_whole(months) && is_whole(steps) {
        return Some((months.round() as u32, steps.round() as u32));
    }
    let message =
        format!("{years} years are {months} months and {steps} steps, not whole numbers of both");
    let hint = match step {
        Step::Week => "choose a whole number of quarters, each of 13 weeks",
        Step::Day | Step::Month => "choose a whole number of months",
    };
    scope.error(path, Id::WholeSteps, message, hint);
    None
}
