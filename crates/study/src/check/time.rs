//! Checks `[time]`: the number of steps, and the steps at which outcomes are reported.

use corridor_core::time::{Step, TimeGrid};

use super::scope::Scope;
use crate::diagnostic::Id;
use crate::file::{StepWord, TimeTable};
use crate::tree::Path;
use crate::wording::number as shown;

/// The steps of a study and its report horizons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clock {
    pub grid: TimeGrid,
    /// Report horizons, increasing; the last is the end of the paths.
    pub horizons: Vec<ReportHorizon>,
}

/// A time at which outcomes are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReportHorizon {
    pub months: u32,
    pub step: u32,
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

/// Years above which a horizon is unusual.
const LONG: f64 = 100.0;

/// Checks `[time]`; `None` if the horizon is not a whole number of steps and months.
pub(crate) fn check(table: &TimeTable, scope: &Scope<'_>) -> Option<Clock> {
    let path = Path::root("time");
    let step = Step::from(table.step);
    let horizon = whole(table.horizon_years, step, &path.key("horizon_years"), scope);
    if horizon.is_some() && table.horizon_years > LONG {
        let message = format!("`time.horizon_years` is {} years", shown(table.horizon_years));
        let hint = "check the horizon: it is in years, 120 months are 10";
        scope.warning(&path.key("horizon_years"), Id::Unusual, message, hint);
    }
    let list = path.key("report_horizons_years");
    let mut horizons = Vec::new();
    for (index, &years) in table.report_horizons_years.iter().flatten().enumerate() {
        let here = list.index(index);
        // in whole months, so that a horizon may be written with few digits
        let within = horizon.map_or(years <= table.horizon_years, |horizon| {
            years * 12.0 < f64::from(horizon.months) + 0.5
        });
        if !(years > 0.0 && within) {
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
    let end = horizon?;
    horizons.push(end);
    horizons.sort_unstable();
    horizons.dedup();
    Some(Clock { grid: TimeGrid { step, steps: end.step }, horizons })
}

/// The horizon of a number of years, whose months and steps must both be whole.
fn whole(years: f64, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<ReportHorizon> {
    let (months, steps) = (years * 12.0, years * f64::from(step.per_year()));
    let is_whole = |number: f64| (number - number.round()).abs() < 1e-6 && number.round() >= 1.0;
    if is_whole(months) && is_whole(steps) {
        return Some(ReportHorizon { months: months.round() as u32, step: steps.round() as u32 });
    }
    let rounded = |number: f64| shown((number * 1e4).round() / 1e4);
    let message = format!(
        "{years} years are {} months and {} steps, not whole numbers of both",
        rounded(months),
        rounded(steps)
    );
    let hint = match step {
        Step::Week => "choose a whole number of quarters, each of 13 weeks",
        Step::Day | Step::Month => "choose a whole number of months",
    };
    scope.error(path, Id::WholeSteps, message, hint);
    None
}
