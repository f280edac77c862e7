//! Checks `[signal.NAME]` and gives a signal its starting value.

mod correlation;
mod filter;
mod observe;
mod volatility;

use corridor_core::numerics::{exp, ln};
use corridor_core::time::TimeGrid;
use corridor_scenario::dynamics::Indicator;
use corridor_scenario::law::RegimeLaw;
use corridor_scenario::market::Market;
use corridor_simulation::signal::{
    Drawdown, MacroIndicator, ObservedSignal, Series, Signal, Trend,
};

use super::market::{CheckedMarket, Declared};
use super::scope::Scope;
use crate::diagnostic::{Id, did_you_mean, list, quoted};
use crate::file::signal::{self as file, SignalKindTable, SignalTable, TellsWord};
use crate::tree::Path;

/// A signal in machine units, under the market of one corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CheckedSignal {
    pub signal: ObservedSignal,
    /// Assets it observes, joined by `/`.
    pub observed: String,
    /// How it is observed, in full.
    pub observe: file::ObserveTable,
    /// Long-run mean of its value, roughly, where it has one that is above 0: what the market
    /// implies.
    pub long_run: Option<f64>,
    /// Why a value may be 0 or negative, if it may.
    pub not_positive: Option<String>,
}

impl CheckedSignal {
    /// The least and the most it can tell.
    pub fn range(&self) -> (f64, f64) {
        const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
        if self.signal.noise.is_some() {
            return ANY;
        }
        match &self.signal.signal {
            Signal::RegimeProbability(_) | Signal::Drawdown(_) => (0.0, 1.0),
            Signal::EwmaCorr(_) | Signal::RealisedCorr(_) => (-1.0, 1.0),
            Signal::Trend(trend) if trend.sign => (-1.0, 1.0),
            Signal::EwmaVol(_) | Signal::RealisedVol(_) => (0.0, f64::INFINITY),
            Signal::EwmaCov(_) | Signal::Trend(_) | Signal::Macro(_) => ANY,
        }
    }
}

/// A signal before anybody observes it.
struct Plain {
    signal: Signal,
    observed: String,
    long_run: Option<f64>,
    not_positive: Option<String>,
    /// Its value at `t = 0`.
    start: f64,
    /// Its true value in each joint regime; `None` where there is no such thing.
    truth: Option<Vec<f64>>,
}

/// What a signal is checked against.
pub(crate) struct Setting<'a> {
    pub market: &'a CheckedMarket,
    pub grid: TimeGrid,
    /// Seed of the run.
    pub seed: u64,
    pub scope: &'a Scope<'a>,
}

/// Checks one signal.
pub(crate) fn check(
    name: &str,
    table: &SignalTable,
    setting: &Setting<'_>,
) -> Option<CheckedSignal> {
    let root = Path::root("signal");
    let path = root.key(name);
    let plain = plain(name, table, &path, setting);
    observe::check(table, plain, &path.key("observe"), setting)
}

fn plain(name: &str, table: &SignalTable, path: &Path<'_>, setting: &Setting<'_>) -> Option<Plain> {
    let kinds = table.kinds();
    let [kind] = kinds.as_slice() else {
        let message = format!("signal `{}` needs exactly one kind", quoted(name));
        let known = corridor_simulation::signal::REGISTRY.map(|kind| kind.name);
        setting.scope.error(path, Id::ExactlyOne, message, format!("write one of {}", list(known)));
        return None;
    };
    match *kind {
        SignalKindTable::EwmaVol(table) => volatility::ewma(table, &path.key("ewma_vol"), setting),
        SignalKindTable::RealisedVol(table) => {
            volatility::realised(table, &path.key("realised_vol"), setting)
        }
        SignalKindTable::RelativeVol(table) => {
            volatility::relative(table, &path.key("relative_vol"), setting)
        }
        SignalKindTable::EwmaCorr(table) => {
            correlation::ewma(table, &path.key("ewma_corr"), setting)
        }
        SignalKindTable::EwmaCov(table) => {
            correlation::covariance(table, &path.key("ewma_cov"), setting)
        }
        SignalKindTable::RealisedCorr(table) => {
            correlation::realised(table, &path.key("realised_corr"), setting)
        }
        SignalKindTable::Trend(table) => trend(table, &path.key("trend"), setting),
        SignalKindTable::Drawdown(table) => drawdown(table, &path.key("drawdown"), setting),
        SignalKindTable::Macro(table) => macro_indicator(table, &path.key("macro"), setting),
        SignalKindTable::RegimeProbability(table) => {
            filter::check(table, &path.key("regime_probability"), setting)
        }
    }
}

fn trend(table: &file::Trend, path: &Path<'_>, setting: &Setting<'_>) -> Option<Plain> {
    let asset = setting.asset(&path.key("asset"), &table.asset);
    let against = table.against.as_ref().map(|name| setting.asset(&path.key("against"), name));
    let window_steps = setting.window(table.window_months, &path.key("window_months"));
    let asset = asset?;
    let series = match against {
        None => Series::Asset(asset),
        Some(other) if other? == asset => {
            setting.scope.error(
                &path.key("against"),
                Id::DuplicateName,
                format!("`{path}` names one asset twice"),
                "name two assets, or leave `against` out",
            );
            return None;
        }
        Some(other) => Series::Spread(asset, other?),
    };
    let window_steps = window_steps?;
    Some(Plain {
        signal: Signal::Trend(Trend { series, window_steps, sign: table.tells == TellsWord::Sign }),
        observed: table
            .against
            .as_ref()
            .map_or_else(|| table.asset.clone(), |other| format!("{}/{other}", table.asset)),
        long_run: None,
        not_positive: Some("prices fall as well".to_owned()),
        start: 0.0,
        truth: None,
    })
}

fn drawdown(table: &file::Drawdown, path: &Path<'_>, setting: &Setting<'_>) -> Option<Plain> {
    let asset = setting.asset(&path.key("asset"), &table.asset)?;
    Some(Plain {
        signal: Signal::Drawdown(Drawdown { asset }),
        observed: table.asset.clone(),
        long_run: None,
        not_positive: Some("at a peak there is no drawdown".to_owned()),
        start: 0.0,
        truth: None,
    })
}

fn macro_indicator(table: &file::Macro, path: &Path<'_>, setting: &Setting<'_>) -> Option<Plain> {
    let known: &[Indicator] = if let Declared::Regimes(declared) = &setting.market.declared {
        &declared.dynamics.indicators
    } else {
        &[]
    };
    let Some(place) = known.iter().position(|indicator| indicator.name == table.indicator) else {
        if setting.market.stand_in {
            return None; // the market that would have it is reported
        }
        let names: Vec<&str> = known.iter().map(|indicator| indicator.name.as_str()).collect();
        let message = format!("the market has no indicator `{}`", quoted(&table.indicator));
        let hint = if names.is_empty() {
            "declare it: `dynamics = { indicator = { pmi = { by_regime = { calm = 1.0, storm = \
            -1.0 }, noise_sd = 0.5 } } }`"
                .to_owned()
        } else {
            did_you_mean(&table.indicator, &names)
        };
        setting.scope.error(&path.key("indicator"), Id::UnknownIndicator, message, hint);
        return None;
    };
    let means = &known[place].mean;
    let moments = &setting.market.moments;
    let inner = moments.regimes.len() / means.len().max(1);
    let by_regime: Vec<f64> =
        (0..moments.regimes.len()).map(|joint| means[joint / inner.max(1)]).collect();
    let mean: f64 = by_regime.iter().zip(&moments.stationary).map(|(mean, p)| mean * p).sum();
    Some(Plain {
        signal: Signal::Macro(MacroIndicator { indicator: place }),
        observed: table.indicator.clone(),
        long_run: (mean > 0.0).then_some(mean),
        not_positive: Some("an indicator may have either sign".to_owned()),
        start: mean,
        truth: Some(by_regime),
    })
}

impl Setting<'_> {
    fn asset(&self, path: &Path<'_>, name: &str) -> Option<usize> {
        self.scope.asset(path, name, &self.market.assets)
    }

    /// Two assets that differ.
    fn pair(&self, path: &Path<'_>, names: &[String]) -> Option<[usize; 2]> {
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

    /// Steps of a window: at least one, and no more than there are.
    fn window(&self, months: f64, path: &Path<'_>) -> Option<u32> {
        let steps = self.scope.steps(path, "a window", months, self.grid.step);
        if steps == 0 {
            let message = format!("a window of {months} months is shorter than one step");
            self.scope.error(path, Id::WholeSteps, message, "choose a window of at least one step");
            return None;
        }
        if steps > self.grid.steps {
            let message = format!(
                "a window of {months} months is longer than the horizon, and would never be full"
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

    /// Weight of the past per step: given, or by its half-life.
    fn decay(&self, half_life_months: Option<f64>, lambda_per_step: Option<f64>) -> Option<f64> {
        half_life_months
            .map(|months| exp(-ln(2.0) / (months * f64::from(self.grid.per_year()) / 12.0)))
            .or(lambda_per_step)
    }

    /// Exactly one of the two ways to say how fast the past is forgotten.
    fn one_decay(
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

    /// Reports that a history gives no value to start from, and what the whole of it would suggest.
    fn needs_start(&self, key: &str, path: &Path<'_>, suggestion: &str) {
        let message = format!("`{path}` needs `{key}`: a history gives no value to start from");
        self.scope.error(
            path,
            Id::SignalStart,
            message,
            format!("add `{key} = {suggestion}`, as in the whole history, or another"),
        );
    }

    /// A number of every joint regime's law; `None` without regimes.
    fn by_regime(&self, number: impl Fn(&RegimeLaw) -> f64) -> Option<Vec<f64>> {
        match &self.market.market {
            Market::RegimeSwitching(model) => {
                Some(model.step_law().regimes.iter().map(number).collect())
            }
            Market::Bootstrap(_) => None,
        }
    }

    /// Covariance of one step's log returns, as the market implies it.
    fn covariance(&self, [a, b]: [usize; 2]) -> f64 {
        let moments = &self.market.moments;
        moments.correlation[a][b] * (moments.step_variance[a] * moments.step_variance[b]).sqrt()
    }
}
