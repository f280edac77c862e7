//! Turns a table of regimes into a declared market in machine units.

use corridor_core::numerics::{exp, ln};
use corridor_core::time::Step;
use corridor_scenario::regime_model::RegimeModel;
use corridor_scenario::regime_switching::{
    CorrelationChain, Initial, Innovations, MeanIs, Regime, RegimeSwitching,
};

use super::dynamics;
use super::values::{matrix, values};
use super::written::Written;
use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::market::{
    CorrelationChainTable, InnovationsValue, MeanIsWord, PeriodWord, RegimeSwitchingTable,
    RegimeTable, VolIsWord,
};
use crate::file::shape::InitialValue;
use crate::tree::Path;
use crate::wording::{did_you_mean, list, quoted};

/// Declares the market in machine units. A value that does not fit is reported where it was
/// written, and the market is `None`.
pub(super) fn regime_switching(
    table: &RegimeSwitchingTable,
    written: Written,
    step: Step,
    scope: &Scope<'_>,
) -> Option<RegimeSwitching> {
    let root = Path::root("market");
    let path = root.key(written.key());
    let overriding = root.key("override");
    let before = scope.reporter.errors();
    names(table, &path, scope);
    finite_simple_vol(table, &path, scope);
    let regimes = regimes(table, written, &path, scope);
    let names: Vec<&str> = table.regime.iter().map(|regime| regime.name.as_str()).collect();
    let period = match written {
        Written::Gbm => Some(1),
        Written::RegimeSwitching | Written::Preset => {
            clock(table.regimes_change, step, &path, scope)
        }
    };
    let chain_path = path.key("correlation_chain");
    let correlation_chain = table
        .correlation_chain
        .as_ref()
        .map(|chain| correlation_chain(chain, table.assets.len(), step, &chain_path, scope));
    let dynamics_path = if written == Written::Preset { overriding } else { path };
    let market = RegimeSwitching {
        assets: table.assets.clone(),
        step,
        chain_period_steps: period.unwrap_or(1),
        moments_per_year: table.moments_per.per_year(),
        mean_is: mean_is(table.mean_is),
        transition: table.transition.clone(),
        initial: initial(&table.initial, &names, &path, scope),
        innovations: innovations(&table.innovations),
        regimes,
        correlation_chain,
        dynamics: dynamics::check(table, step, &dynamics_path.key("dynamics"), scope),
    };
    (scope.reporter.errors() == before).then_some(market)
}

/// The regimes with their numbers in asset order.
fn regimes(
    table: &RegimeSwitchingTable,
    written: Written,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<Regime> {
    let assets = &table.assets;
    let has_chain = table.correlation_chain.is_some();
    let list = path.key("regime");
    let regime = |(index, regime): (usize, &RegimeTable)| {
        let numbered = list.index(index);
        let here = if written == Written::Gbm { *path } else { numbered };
        one_correlation(regime, assets.len(), has_chain, &here, scope);
        let mean = values(&regime.mean, assets, &here.key("mean"), scope);
        let mut vol = values(&regime.vol, assets, &here.key("vol"), scope);
        if table.vol_is == VolIsWord::Arithmetic {
            let of_log = |(vol, mean): (&f64, &f64)| log_vol(*vol, *mean, table.mean_is);
            vol = vol.iter().zip(&mean).map(of_log).collect();
        }
        Regime {
            name: regime.name.clone(),
            mean,
            vol,
            correlation: if has_chain {
                Vec::new()
            } else {
                matrix(regime.correlation.as_ref(), assets.len())
            },
        }
    };
    table.regime.iter().enumerate().map(regime).collect()
}

/// Standard deviation of the log return of a lognormal law whose simple return has the standard
/// deviation `vol`.
///
/// The variance of the log return is the logarithm of 1 plus the squared ratio of `vol` to the
/// expected gross return. With a mean log return, on which the expected gross return depends, it is
/// the logarithm of the solution of a quadratic equation; docs/model/02 has both. A vol that is not
/// possible is returned unchanged, for the market to refuse.
fn log_vol(vol: f64, mean: f64, mean_is: MeanIsWord) -> f64 {
    if !(vol > 0.0 && vol.is_finite() && mean.is_finite()) {
        return vol;
    }
    let relative = |growth: f64| 1.0 + vol * vol / (growth * growth);
    let ratio = match mean_is {
        MeanIsWord::Arithmetic if mean <= -1.0 => return vol,
        MeanIsWord::Arithmetic => relative(1.0 + mean),
        MeanIsWord::Drift => relative(exp(mean)),
        MeanIsWord::Log => 0.5 + (0.25 + vol * vol * exp(-2.0 * mean)).sqrt(),
    };
    ln(ratio).sqrt()
}

/// Reports Student-t shocks beside volatilities of simple returns, which would be infinite.
fn finite_simple_vol(table: &RegimeSwitchingTable, path: &Path<'_>, scope: &Scope<'_>) {
    let is_student_t = matches!(table.innovations, InnovationsValue::StudentT(_));
    if is_student_t && table.vol_is == VolIsWord::Arithmetic {
        let message = "with `student_t` only `vol_is = \"log\"` is possible: the simple return of \
        a t law has no standard deviation";
        let hint = "leave `vol_is` out, and write the standard deviation of the log return";
        scope.error(&path.key("vol_is"), Id::Innovations, message, hint);
    }
}

/// Reports a regime without a correlation, and one that has its own beside a correlation chain.
fn one_correlation(
    regime: &RegimeTable,
    assets: usize,
    has_chain: bool,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    if regime.correlation.is_none() && assets > 1 && !has_chain {
        scope.error(
            path,
            Id::MissingKey,
            format!("`{path}` needs `correlation`"),
            "give a matrix, its lower triangle, or one number for all pairs",
        );
    }
    if regime.correlation.is_some() && has_chain {
        let message = format!(
            "regime `{}` has a correlation of its own beside a correlation chain",
            quoted(&regime.name)
        );
        scope.error(
            &path.key("correlation"),
            Id::Correlation,
            message,
            "leave it out: the correlation chain owns the correlations",
        );
    }
}

/// The correlation chain in machine units.
fn correlation_chain(
    chain: &CorrelationChainTable,
    assets: usize,
    step: Step,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> CorrelationChain {
    let names: Vec<&str> = chain.regime.iter().map(|regime| regime.name.as_str()).collect();
    CorrelationChain {
        chain_period_steps: clock(chain.regimes_change, step, path, scope).unwrap_or(1),
        transition: chain.transition.clone(),
        initial: initial(&chain.initial, &names, path, scope),
        regimes: chain
            .regime
            .iter()
            .map(|regime| (regime.name.clone(), matrix(Some(&regime.correlation), assets)))
            .collect(),
    }
}

/// Checks the names of assets and regimes.
fn names(table: &RegimeSwitchingTable, path: &Path<'_>, scope: &Scope<'_>) {
    let assets = path.key("assets");
    for (index, asset) in table.assets.iter().enumerate() {
        scope.identifier(&assets.index(index), "an asset", asset);
    }
    scope.distinct(&assets, "assets", table.assets.iter().map(String::as_str));
    let regimes = path.key("regime");
    for (index, regime) in table.regime.iter().enumerate() {
        scope.identifier(&regimes.index(index).key("name"), "a regime", &regime.name);
    }
    scope.distinct(&regimes, "regimes", table.regime.iter().map(|regime| regime.name.as_str()));
    if let Some(chain) = &table.correlation_chain {
        let chain_path = path.key("correlation_chain");
        let regimes = chain_path.key("regime");
        for (index, regime) in chain.regime.iter().enumerate() {
            scope.identifier(&regimes.index(index).key("name"), "a regime", &regime.name);
        }
        scope.distinct(&regimes, "regimes", chain.regime.iter().map(|regime| regime.name.as_str()));
    }
}

/// Number of steps in a period of a chain, which must be whole.
fn clock(word: PeriodWord, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<u32> {
    let (steps, periods) = (step.per_year(), word.per_year());
    if steps % periods == 0 {
        return Some(steps / periods);
    }
    let message = format!(
        "a {word} is not a whole number of steps: a year has {periods} {word}s and {steps} steps \
        of a {step}",
        word = word.name(),
        step = step.name()
    );
    let possible = PeriodWord::ALL.into_iter().filter(|word| steps % word.per_year() == 0);
    let hint = format!("choose one of {}", list(possible.map(PeriodWord::name)));
    scope.error(&path.key("regimes_change"), Id::Clock, message, hint);
    None
}

/// The law of the first regime; an unknown regime is reported.
fn initial(value: &InitialValue, names: &[&str], path: &Path<'_>, scope: &Scope<'_>) -> Initial {
    match value {
        InitialValue::Word(word) if word == "stationary" => Initial::Stationary,
        InitialValue::Word(word) => match names.iter().position(|name| name == word) {
            Some(place) => Initial::Regime(place),
            None => {
                let known: Vec<&str> =
                    std::iter::once("stationary").chain(names.iter().copied()).collect();
                let message = format!("there is no regime `{}` to start in", quoted(word));
                scope.error(
                    &path.key("initial"),
                    Id::UnknownRegime,
                    message,
                    did_you_mean(word, &known),
                );
                Initial::Stationary
            }
        },
        InitialValue::Law(law) => Initial::Law(law.clone()),
    }
}

const fn mean_is(word: MeanIsWord) -> MeanIs {
    match word {
        MeanIsWord::Log => MeanIs::Log,
        MeanIsWord::Drift => MeanIs::Drift,
        MeanIsWord::Arithmetic => MeanIs::Arithmetic,
    }
}

fn innovations(value: &InnovationsValue) -> Innovations {
    match value {
        InnovationsValue::Gaussian => Innovations::Gaussian,
        InnovationsValue::StudentT(law) => Innovations::StudentT { df: law.df },
    }
}

/// Builds a model whose paths are not simulated: a preset whose moments are verified, or a market
/// that a filter assumes.
pub(super) fn bare_model(
    table: &RegimeSwitchingTable,
    step: Step,
    scope: &Scope<'_>,
) -> Option<RegimeModel> {
    let declared = regime_switching(table, Written::Preset, step, scope)?;
    RegimeModel::new(&declared, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vol_of_simple_returns_is_that_of_a_lognormal_law() {
        for (mean_is, mean) in
            [(MeanIsWord::Arithmetic, 0.095), (MeanIsWord::Drift, 0.09), (MeanIsWord::Log, 0.05)]
        {
            for vol in [0.01, 0.3, 1.5] {
                let log_vol = log_vol(vol, mean, mean_is);
                let growth = match mean_is {
                    MeanIsWord::Arithmetic => 1.0 + mean,
                    MeanIsWord::Drift => exp(mean),
                    MeanIsWord::Log => exp(mean + 0.5 * log_vol * log_vol),
                };
                let simple = growth * (exp(log_vol * log_vol) - 1.0).sqrt();
                assert!((simple - vol).abs() < 1e-14, "{mean_is:?} {vol} {simple}");
            }
        }
        assert_eq!(log_vol(0.0, 0.1, MeanIsWord::Log), 0.0);
        assert_eq!(log_vol(-0.1, 0.1, MeanIsWord::Log), -0.1);
        assert_eq!(log_vol(0.1, -1.0, MeanIsWord::Arithmetic), 0.1);
    }
}
