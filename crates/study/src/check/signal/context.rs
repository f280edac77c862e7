//! Gives a signal what it is checked against: a market, a clock and the assets by name.

use corridor_core::numerics::{exp, ln};
use corridor_core::time::TimeGrid;
use corridor_scenario::law::RegimeLaw;
use corridor_scenario::market::Market;

use crate::check::market::CheckedMarket;
use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::tree::Path;

/// Market, clock and seed that a signal is checked against.
pub(crate) struct SignalContext<'a> {
    pub market: &'a CheckedMarket,
    pub grid: TimeGrid,
    /// Seed of the run.
    pub seed: u64,
    pub scope: &'a Scope<'a>,
}

impl SignalContext<'_> {
    pub fn asset(&self, path: &Path<'_>, name: &str) -> Option<usize> {
        self.scope.asset(path, name, &self.market.assets)
    }

    /// Indices of two different assets.
    pub fn pair(&self, path: &Path<'_>, names: &[String]) -> Option<[usize; 2]> {
        let [first, second] = names else { return None };
        let (a, b) = (self.asset(&path.index(0), first), self.asset(&path.index(1), second));
        let pair = [a?, b?];
        if pair[0] == pair[1] {
            self.scope.error(
                path,
                Id::DuplicateName,
                format!("`{path}` names one asset twice"),
                "name two assets",
            );
            return None;
        }
        Some(pair)
    }

    /// Number of steps of a window: at least one, and no more than the horizon has.
    pub fn window(&self, months: f64, path: &Path<'_>) -> Option<u32> {
        let steps = self.scope.steps(path, "a window", months, self.grid.step);
        if steps == 0 {
            let message = format!("a window of {months} months is shorter than one step");
            self.scope.error(path, Id::WholeSteps, message, "choose a window of at least one step");
            return None;
        }
        if steps > self.grid.steps {
            let message = format!(
                "a window of {months} months is longer than the horizon, so it would never be full"
            );
            self.scope.error(
                path,
                Id::Window,
                message,
                format!("choose a window of at most {} months", self.grid.months(self.grid.steps)),
            );
            return None;
        }
        Some(steps)
    }

    /// Factor by which a weight falls per step: as given, or by its half-life.
    pub fn decay(
        &self,
        half_life_months: Option<f64>,
        lambda_per_step: Option<f64>,
    ) -> Option<f64> {
        half_life_months
            .map(|months| exp(-ln(2.0) / (months * f64::from(self.grid.per_year()) / 12.0)))
            .or(lambda_per_step)
    }

    /// Factor by which a weight falls per step, given in exactly one of two ways.
    pub fn one_decay(
        &self,
        half_life_months: Option<f64>,
        lambda_per_step: Option<f64>,
        path: &Path<'_>,
    ) -> Option<f64> {
        if half_life_months.is_some() == lambda_per_step.is_some() {
            let message =
                format!("`{path}` needs exactly one of `half_life_months` and `lambda_per_step`");
            self.scope.error(path, Id::ExactlyOne, message, "keep one");
            return None;
        }
        self.decay(half_life_months, lambda_per_step)
    }

    /// Reports that a history gives no value to start from, and suggests that of the whole history.
    pub fn needs_start(&self, key: &str, path: &Path<'_>, suggestion: &str) {
        let message = format!("`{path}` needs `{key}`: a history gives no value to start from");
        self.scope.error(
            path,
            Id::SignalStart,
            message,
            format!("add `{key} = {suggestion}`, the value of the whole history, or another"),
        );
    }

    /// A number for every joint regime, from its law; `None` without regimes.
    pub fn by_regime(&self, number: impl Fn(&RegimeLaw) -> f64) -> Option<Vec<f64>> {
        match &self.market.market {
            Market::RegimeSwitching(model) => {
                Some(model.step_law().regimes.iter().map(number).collect())
            }
            Market::Bootstrap(_) => None,
        }
    }
}
