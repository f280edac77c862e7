//! Checks `dynamics` and converts it to numbers per step.

use corridor_core::numerics::{exp, ln};
use corridor_core::time::Step;
use corridor_scenario::dynamics::{Dynamics, Garch, Indicator, Jumps, RelativeAr};

use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::dynamics::{DynamicsTable, IndicatorTable, JumpsTable};
use crate::file::market::RegimeSwitchingTable;
use crate::file::shape::PerAsset;
use crate::tree::Path;
use crate::wording::{did_you_mean, quoted};

/// Any finite number.
const ANY: Limits = Limits { min: f64::NEG_INFINITY, max: f64::INFINITY, infinite: false };

/// Checks the dynamics of `market`, which are written at `path`.
pub(super) fn check(
    market: &RegimeSwitchingTable,
    step: Step,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Dynamics {
    let Some(table) = &market.dynamics else { return Dynamics::default() };
    let regimes: Vec<&str> = market.regime.iter().map(|regime| regime.name.as_str()).collect();
    let checked = Checked { market, regimes, step, scope };
    let per_step = |key: &str, given: bool| {
        if given && market.moments_per.per_year() != step.per_year() {
            let message = format!(
                "`{key}` needs moments per step: `moments_per` is not the step, a {}",
                step.name()
            );
            scope.error(
                &path.key(key),
                Id::Clock,
                message,
                "declare the market with `moments_per` equal to `time.step`",
            );
        }
    };
    per_step("garch", table.garch.is_some());
    per_step("relative_ar", table.relative_ar.is_some());
    Dynamics {
        garch: table.garch.as_ref().map(|garch| Garch {
            alpha: garch.alpha,
            beta: garch.beta,
            gamma: garch.gamma,
        }),
        relative_ar: table.relative_ar.as_ref().and_then(|relative| {
            let table = path.key("relative_ar");
            let here = table.key("assets");
            let places: Vec<Option<usize>> = relative
                .assets
                .iter()
                .enumerate()
                .map(|(index, name)| scope.asset(&here.index(index), name, &market.assets))
                .collect();
            let [a, b] = <[Option<usize>; 2]>::try_from(places).ok()?;
            if a == b && a.is_some() {
                scope.error(
                    &here,
                    Id::DuplicateName,
                    format!("`{here}` names one asset twice"),
                    "name two assets",
                );
            }
            Some(RelativeAr { assets: [a?, b?], phi: relative.phi })
        }),
        jumps: table.jumps.as_ref().map(|jumps| checked.jumps(jumps, &path.key("jumps"))),
        indicators: checked.indicators(table, &path.key("indicator")),
    }
}

struct Checked<'a> {
    market: &'a RegimeSwitchingTable,
    regimes: Vec<&'a str>,
    step: Step,
    scope: &'a Scope<'a>,
}

impl Checked<'_> {
    fn jumps(&self, jumps: &JumpsTable, path: &Path<'_>) -> Jumps {
        let assets = &self.market.assets;
        let by_asset = |key: &str, value: &PerAsset, limits| -> Vec<f64> {
            self.scope
                .per_asset(&path.key(key), value, assets, limits)
                .into_iter()
                .map(|number| number.unwrap_or(0.0))
                .collect()
        };
        let rates = path.key("per_year");
        let rate = match &jumps.per_year {
            PerAsset::Each(rate) => {
                self.scope.within(&rates, *rate, Limits { infinite: false, ..Limits::WIDTH });
                vec![*rate; self.regimes.len()]
            }
            PerAsset::Map(map) => {
                map.iter().for_each(|(name, rate)| {
                    self.known_regime(&rates.key(name), name);
                    self.scope.within(
                        &rates.key(name),
                        *rate,
                        Limits { infinite: false, ..Limits::WIDTH },
                    );
                });
                self.regimes.iter().map(|name| map.get(*name).copied().unwrap_or(0.0)).collect()
            }
        };
        // a step has at most one jump: the probability of at least one
        let per_step = |rate: f64| 1.0 - exp(-rate / f64::from(self.step.per_year()));
        Jumps {
            probability: rate.into_iter().map(per_step).collect(),
            mean: by_asset("mean", &jumps.mean, ANY),
            vol: by_asset("vol", &jumps.vol, Limits { infinite: false, ..Limits::WIDTH }),
        }
    }

    fn indicators(&self, table: &DynamicsTable, path: &Path<'_>) -> Vec<Indicator> {
        table
            .indicator
            .iter()
            .map(|(name, indicator)| self.indicator(name, indicator, &path.key(name)))
            .collect()
    }

    fn indicator(&self, name: &str, table: &IndicatorTable, path: &Path<'_>) -> Indicator {
        self.scope.identifier(path, "an indicator", name);
        let means = path.key("by_regime");
        table.by_regime.iter().for_each(|(regime, mean)| {
            self.known_regime(&means.key(regime), regime);
            self.scope.within(&means.key(regime), *mean, ANY);
        });
        let misspelt =
            table.by_regime.keys().any(|regime| !self.regimes.contains(&regime.as_str()));
        let mean = |regime: &&str| {
            table.by_regime.get(*regime).copied().unwrap_or_else(|| {
                if misspelt {
                    return 0.0; // the misspelt one is reported, and may be this one
                }
                let message =
                    format!("`{means}` has no number for the regime `{}`", quoted(regime));
                self.scope.error(
                    &means,
                    Id::UnknownRegime,
                    message,
                    "give every main regime a number",
                );
                0.0
            })
        };
        let steps = |months: f64| months * f64::from(self.step.per_year()) / 12.0;
        let persistence = if table.half_life_months > 0.0 {
            exp(-ln(2.0) / steps(table.half_life_months))
        } else {
            0.0
        };
        let lead_steps =
            self.scope.steps(&path.key("lead_months"), "a lead", table.lead_months, self.step);
        if lead_steps > 0 && table.noise_sd == 0.0 {
            let message = format!(
                "indicator `{}` leads by {lead_steps} steps without noise, so it reveals the \
                coming regime",
                quoted(name)
            );
            self.scope.warning(
                &path.key("lead_months"),
                Id::Foresight,
                message,
                "add `noise_sd`, or read results of rules that use it as those of an oracle",
            );
        }
        Indicator {
            name: name.to_owned(),
            mean: self.regimes.iter().map(mean).collect(),
            persistence,
            noise_sd: table.noise_sd * (1.0 - persistence * persistence).sqrt(),
            lead_steps,
        }
    }

    fn known_regime(&self, path: &Path<'_>, name: &str) {
        if !self.regimes.contains(&name) {
            let message = format!("the market has no regime `{}`", quoted(name));
            self.scope.error(path, Id::UnknownRegime, message, did_you_mean(name, &self.regimes));
        }
    }
}
