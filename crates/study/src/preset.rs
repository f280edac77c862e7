//! Lists the shipped markets and verifies the moments that their files state.

use std::collections::BTreeMap;
use std::path::Path;

use corridor_scenario::moments::ImpliedMoments;
use serde::Deserialize;

use crate::compile;
use crate::de::read_text;
use crate::file::market::{GbmTable, RegimeSwitchingTable};
use crate::overrides::Overrides;
use crate::plan::RunPlan;

/// A shipped market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name of the market, as in `preset = ".."`.
    pub name: &'static str,
    /// Text of its file: market, citation, status, units, notes and implied moments.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[
            $(
                Preset {
                    name: $name,
                    text: include_str!(concat!("../../../scenarios/presets/", $name, ".toml")),
                }
            ),
            *,
        ]
    };
}

/// Every shipped market.
#[must_use]
pub fn presets() -> &'static [Preset] {
    shipped![
        "gbm-null",
        "hardy2001-sp500",
        "hardy2001-tse300",
        "rsln2-aaa",
        "guidolin-timmermann-4",
        "us-intl-note-bill-1990-2025",
        "us-intl-note-bill-1990-2025-shrunk",
        "stock-bond-flip",
        "crash-correlation",
        "mean-reverting",
        "trending",
        "depression-1926-2018",
    ]
}

/// The shipped market called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    presets().iter().find(|preset| preset.name == name)
}

/// Description of a shipped market, as its file gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name of the market.
    pub name: String,
    /// Title, in one line.
    pub title: String,
    /// Source of the numbers.
    pub citation: String,
    /// Verification of the numbers: `R` read in the source, `X` recalled and cross-checked but not
    /// quoted from the publication, `D` derived, `O` our own construction.
    pub status: String,
    /// Units of the numbers.
    pub units: String,
    /// Notes for users of the market.
    pub notes: String,
    /// Standard errors of the numbers, if they are known.
    pub standard_errors: Option<String>,
}

/// Assets of a shipped market with their moments, its regimes and its steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Names of the assets, in the order of the file.
    pub assets: Vec<String>,
    /// Mean log return a year, by asset: typical growth.
    pub mean_log_annual: Vec<f64>,
    /// Standard deviation of the log return, annualised, by asset.
    pub vol_annual: Vec<f64>,
    /// Names of the regimes; one for a market without regimes.
    pub regimes: Vec<String>,
    /// Steps that a study of the market may have: `day`, `week`, `month`.
    pub steps: Vec<&'static str>,
}

/// File of a shipped market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PresetFile {
    pub preset: About,
    pub market: PresetMarket,
    pub implied: Implied,
}

/// Market of a preset, in one of two forms.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PresetMarket {
    RegimeSwitching(RegimeSwitchingTable),
    Gbm(GbmTable),
}

/// Moments that a preset implies at monthly steps, as its file states them. They are verified
/// whenever the preset is used.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Implied {
    /// Stationary probability by joint regime.
    pub stationary: BTreeMap<String, f64>,
    /// Mean sojourn by joint regime, in years; `inf` for a regime that is never left.
    pub sojourn_years: BTreeMap<String, f64>,
    /// Mean log return a year, by asset.
    pub mean_log_annual: BTreeMap<String, f64>,
    /// Standard deviation of the monthly log return under the stationary mixture, annualised, by
    /// asset.
    pub vol_annual: BTreeMap<String, f64>,
    /// Correlations by pair of assets, `first/second`.
    pub correlation: BTreeMap<String, f64>,
}

impl Preset {
    /// Reads the file of the preset.
    ///
    /// # Errors
    /// The parser's message; a test ensures that there is none.
    pub(crate) fn read(&self) -> Result<PresetFile, String> {
        read_text(self.text)
    }

    /// Assets, moments, regimes and possible steps of the preset, found by compiling small studies
    /// of it; `None` if its file has a fault, which a test excludes.
    #[must_use]
    pub fn facts(&self) -> Option<Facts> {
        let table = self.read().ok()?.market.table();
        let of_step = |step: &'static str| {
            let text = probe(self.name, &table.assets, step);
            compile(self.name, &text, Path::new(""), &Overrides::default()).ok()
        };
        let plans: Vec<(&'static str, RunPlan)> = ["month", "week", "day"]
            .into_iter()
            .filter_map(|step| Some((step, of_step(step)?)))
            .collect();
        let moments = &plans.first()?.1.groups.first()?.moments;
        Some(Facts {
            assets: moments.assets.clone(),
            mean_log_annual: moments.mean_log_annual.clone(),
            vol_annual: moments.vol_annual.clone(),
            regimes: moments.regimes.clone(),
            steps: plans.iter().map(|(step, _)| *step).collect(),
        })
    }

    /// Description of the preset; `None` if its file has a fault, which a test excludes.
    #[must_use]
    pub fn about(&self) -> Option<About> {
        self.read().ok().map(|file| file.preset)
    }
}

/// Writes the smallest study of a market: equal weights that are bought once.
fn probe(preset: &str, assets: &[String], step: &str) -> String {
    let share = 1.0 / assets.len().max(1) as f64;
    let target: Vec<String> = assets.iter().map(|asset| format!("{asset:?} = {share}")).collect();
    let target = target.join(", ");
    format!(
        "corridor = 1\nstudy = {{ name = \"probe\" }}\n\
        time = {{ horizon_years = 1, step = \"{step}\" }}\nmarket = {{ preset = \"{preset}\" }}\n\
        account = {{ initial = 1, target = {{ {target} }} }}\ncosts = {{ one_way_bps = 0 }}\n\
        comparison = {{ baseline = \"hold\" }}\nrun = {{ paths = 1, seed = 1 }}\n\
        [[policy]]\nname = \"hold\"\ntrigger = \"never\"\n"
    )
}

impl PresetMarket {
    /// The market as a table of regimes; gbm has one regime.
    pub fn table(&self) -> RegimeSwitchingTable {
        match self {
            Self::RegimeSwitching(table) => table.clone(),
            Self::Gbm(table) => table.as_regimes(),
        }
    }
}

impl Implied {
    /// Differences between the stated and the implied moments, to six decimals, and moments that
    /// are not stated.
    pub fn differences(&self, moments: &ImpliedMoments) -> Vec<String> {
        let mut pairs = Vec::new();
        for (index, name) in moments.assets.iter().enumerate() {
            for (other, second) in moments.assets.iter().enumerate().skip(index + 1) {
                pairs.push((format!("{name}/{second}"), moments.correlation[index][other]));
            }
        }
        let named = |names: &[String], values: &[f64]| {
            names.iter().cloned().zip(values.iter().copied()).collect::<Vec<_>>()
        };
        let mut found = Vec::new();
        compare(
            "stationary",
            &self.stationary,
            &named(&moments.regimes, &moments.stationary),
            &mut found,
        );
        compare(
            "sojourn_years",
            &self.sojourn_years,
            &named(&moments.regimes, &moments.sojourn_years),
            &mut found,
        );
        compare(
            "mean_log_annual",
            &self.mean_log_annual,
            &named(&moments.assets, &moments.mean_log_annual),
            &mut found,
        );
        compare(
            "vol_annual",
            &self.vol_annual,
            &named(&moments.assets, &moments.vol_annual),
            &mut found,
        );
        compare("correlation", &self.correlation, &pairs, &mut found);
        found
    }
}

/// Adds the differences between stated and implied numbers to `found`.
fn compare(
    what: &str,
    stated: &BTreeMap<String, f64>,
    implied: &[(String, f64)],
    found: &mut Vec<String>,
) {
    const DIGITS: f64 = 1e-6;
    if stated.len() != implied.len() {
        found.push(format!(
            "{what} states {} numbers, the market has {}",
            stated.len(),
            implied.len()
        ));
    }
    for (name, value) in implied {
        match stated.get(name) {
            Some(number) if number == value || (number - value).abs() <= DIGITS => {}
            Some(number) => found.push(format!("{what} of {name} is {value}, stated {number}")),
            None => found.push(format!("{what} of {name} is not stated")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_facts_and_a_step() {
        for preset in presets() {
            let facts = preset.facts().unwrap();
            assert!(!facts.steps.is_empty() && !facts.regimes.is_empty(), "{}", preset.name);
            assert_eq!(facts.assets.len(), facts.vol_annual.len(), "{}", preset.name);
        }
    }

    #[test]
    fn the_facts_of_a_preset_are_those_of_its_file() {
        let facts = find("rsln2-aaa").unwrap().facts().unwrap();
        assert_eq!((facts.assets.as_slice(), facts.regimes.len()), (&["equity".to_owned()][..], 2));
        assert!((facts.mean_log_annual[0] - 0.072_922).abs() < 1e-6, "{facts:?}");
        assert!(facts.steps.contains(&"month"), "{facts:?}");
    }
}
