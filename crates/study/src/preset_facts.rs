//! Finds the assets, moments, regimes and possible steps of a shipped market by compiling small
//! studies of it.

use std::path::Path;

use crate::compile;
use crate::overrides::Overrides;
use crate::plan::RunPlan;
use crate::preset::Preset;

/// Assets of a shipped market with their moments, its regimes and its steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Names of the assets, in the order of the file.
    pub assets: Vec<String>,
    /// Mean log return a year, by asset.
    pub mean_log_annual: Vec<f64>,
    /// Standard deviation of the log return, annualised, by asset.
    pub vol_annual: Vec<f64>,
    /// Names of the regimes; one for a market without regimes.
    pub regimes: Vec<String>,
    /// Steps that a study of the market may have: `day`, `week`, `month`.
    pub steps: Vec<&'static str>,
}

impl Preset {
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

#[cfg(test)]
mod tests {
    use crate::preset::{find, presets};

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
