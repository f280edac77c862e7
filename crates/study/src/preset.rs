//! Lists the shipped markets and verifies the moments that their files state.

use std::collections::BTreeMap;

use corridor_scenario::moments::ImpliedMoments;
use serde::Deserialize;

use crate::de::read_text;
use crate::file::market::{GbmTable, RegimeSwitchingTable};

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

    /// Description of the preset; `None` if its file has a fault, which a test excludes.
    #[must_use]
    pub fn about(&self) -> Option<About> {
        self.read().ok().map(|file| file.preset)
    }
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
