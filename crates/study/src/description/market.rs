//! Describes a market: the returns of its assets, its regimes, and how shocks and correlations come
//! about.

use corridor_core::numerics::exp;
use corridor_scenario::moments::ImpliedMoments;
use corridor_scenario::regime_switching::{Innovations, RegimeSwitching};

use super::number::{joined, one_or_more, rounded, time};
use crate::check::{CheckedMarket, CheckedScenario, Declared};
use crate::file::market::MarketTable;

/// Most assets, regimes or pairs that are listed one by one.
const LISTED: usize = 4;

/// Describes the market of a scenario.
pub(crate) fn market(scenario: &CheckedScenario) -> String {
    let market = &scenario.market;
    let mut parts = vec![returns(market, scenario.clock.grid.per_year())];
    match &market.declared {
        Declared::Regimes(declared) => {
            parts.extend(regimes(declared, &market.moments));
            parts.push(correlations(declared, &market.moments));
            parts.extend(shocks(declared));
        }
        Declared::History(history) => {
            parts.push(correlation(&pairs(&market.moments.correlation)));
            parts.push(resampled(&scenario.tables.market, history.returns.len()));
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    format!("{}: {}", market.label, joined(parts, "; "))
}

/// The mean return and the volatility of every asset: `equity 8.7 % a year (volatility 15 %), mean
/// returns before inflation`.
fn returns(market: &CheckedMarket, steps_per_year: u32) -> String {
    let moments = &market.moments;
    let assets = moments.assets.iter().enumerate().map(|(place, asset)| {
        // some laws have no finite mean of the gross return
        let (growth, kind) = match market.market.year_return(place, steps_per_year) {
            Some(year) => (year.mean, ""),
            None => (exp(moments.mean_log_annual[place]) - 1.0, " typical"),
        };
        let growth = percent_of_three(growth);
        let vol = moments.vol_annual[place];
        match vol {
            0.0 => format!("{asset} {growth}{kind} a year without risk"),
            _ => format!("{asset} {growth}{kind} a year (volatility {})", percent_of_three(vol)),
        }
    });
    format!("{}, mean returns before inflation", joined(assets, ", "))
}

fn percent_of_three(fraction: f64) -> String {
    let decimals = if fraction.abs() < 0.0995 { 1 } else { 0 };
    let text = format!("{:.decimals$}", fraction * 100.0);
    let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
    format!("{} %", if text == "-0" { "0" } else { &text })
}

/// The regimes: `storm 20 % of the time, 8 months on average`; the first regime is what is left.
fn regimes(declared: &RegimeSwitching, moments: &ImpliedMoments) -> Vec<String> {
    let names: Vec<&str> = declared.regimes.iter().map(|regime| regime.name.as_str()).collect();
    let years = f64::from(declared.chain_period_steps) / f64::from(declared.step.per_year());
    let stays: Vec<f64> = stays(&declared.transition, years);
    if names.len() < 2 {
        return Vec::new();
    }
    if names.len() > LISTED {
        return vec![format!("{} regimes", names.len())];
    }
    let inner = moments.regimes.len() / names.len();
    let share = |place: usize| moments.stationary[place * inner..][..inner].iter().sum::<f64>();
    let each = names.iter().enumerate().map(|(place, name)| {
        format!(
            "{name} {} of the time, {} at a stretch",
            percent_of_three(share(place)),
            time(stays[place])
        )
    });
    vec![joined(each, ", ")]
}

/// Mean length of a stay in each regime, in years.
fn stays(transition: &[Vec<f64>], period_years: f64) -> Vec<f64> {
    let stay = |(place, row): (usize, &Vec<f64>)| period_years / (1.0 - row[place]);
    transition.iter().enumerate().map(stay).collect()
}

/// Correlations above the diagonal.
fn pairs(matrix: &[Vec<f64>]) -> Vec<f64> {
    matrix.iter().enumerate().flat_map(|(place, row)| row[..place].to_vec()).collect()
}

/// The correlation of all pairs, or their range: `-0.20` or `from -0.20 to +0.50`; empty for a
/// single asset.
fn range(pairs: &[f64]) -> String {
    let known = || pairs.iter().copied().filter(|value| value.is_finite());
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    let signed =
        |value: f64| if value.abs() < 0.005 { "0".to_owned() } else { format!("{value:+.2}") };
    match known().count() {
        0 => String::new(),
        _ if high - low < 0.005 => signed(low),
        _ => format!("from {} to {}", signed(low), signed(high)),
    }
}

/// `correlation -0.20`; empty for a single asset.
fn correlation(pairs: &[f64]) -> String {
    match range(pairs).as_str() {
        "" => String::new(),
        range => format!("correlation {range}"),
    }
}

/// The correlations: by state of their own chain, by regime, or one for all.
fn correlations(declared: &RegimeSwitching, moments: &ImpliedMoments) -> String {
    if let Some(chain) = &declared.correlation_chain {
        let years = f64::from(chain.chain_period_steps) / f64::from(declared.step.per_year());
        let states = chain.regimes.iter().zip(stays(&chain.transition, years));
        let each = states.map(|((name, matrix), stay)| {
            let range = range(&pairs(matrix));
            format!("{range} in its regime {name}, which lasts {} on average", time(stay))
        });
        return match chain.regimes.len() {
            ..=LISTED => format!("correlation {}", joined(each, ", ")),
            count => format!("the correlation has {count} regimes of its own"),
        };
    }
    let by_regime: Vec<String> =
        declared.regimes.iter().map(|regime| range(&pairs(&regime.correlation))).collect();
    let is_first = |range: &String| Some(range) == by_regime.first();
    if by_regime.iter().all(is_first) {
        let first = declared.regimes.first().map(|regime| pairs(&regime.correlation));
        return correlation(&first.unwrap_or_default());
    }
    if by_regime.len() > LISTED {
        return correlation(&pairs(&moments.correlation));
    }
    let each = declared.regimes.iter().zip(by_regime);
    format!(
        "correlation {}",
        joined(each.map(|(regime, range)| format!("{range} in {}", regime.name)), ", ")
    )
}

/// Names what else moves the returns: fat tails, memory, jumps.
fn shocks(declared: &RegimeSwitching) -> Vec<String> {
    let mut parts = Vec::new();
    if let Innovations::StudentT { df } = declared.innovations {
        parts.push(format!("fat tails (Student-t, {} degrees of freedom)", rounded(df, 3)));
    }
    let dynamics = &declared.dynamics;
    if dynamics.garch.is_some() {
        parts.push("volatility clusters within regimes (GARCH)".to_owned());
    }
    if let Some(relative) = &dynamics.relative_ar {
        let [a, b] = relative.assets.map(|place| declared.assets[place].as_str());
        let how = if relative.phi < 0.0 { "reverts" } else { "trends" };
        parts.push(format!("the return of {a} over {b} {how}"));
    }
    if dynamics.jumps.is_some() {
        parts.push("prices jump".to_owned());
    }
    if !dynamics.indicators.is_empty() {
        let names = dynamics.indicators.iter().map(|indicator| indicator.name.clone());
        parts.push(format!("indicators {}", joined(names, ", ")));
    }
    parts
}

/// Where a resampled history comes from: its file, its span and the length of its blocks.
fn resampled(table: &MarketTable, rows: usize) -> String {
    let Some(bootstrap) = &table.bootstrap else { return String::new() };
    let span = match (&bootstrap.from, &bootstrap.to) {
        (None, None) => String::new(),
        (from, to) => format!(
            " from {} to {}",
            from.as_deref().unwrap_or("its start"),
            to.as_deref().unwrap_or("its end")
        ),
    };
    let file = bootstrap.csv.rsplit(['/', '\\']).next().unwrap_or_default();
    let months = one_or_more(rounded(bootstrap.mean_block_months, 3), "month");
    format!("{rows} dates of {file}{span}, resampled in blocks of {months} on average")
}
