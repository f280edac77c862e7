//! Lists the shipped markets, or prints one with its citation, status, units and moments.

use clap::Args;
use corridor_report::Thing;
use corridor_study::{Facts, Preset};
use serde_json::json;

use crate::console::Console;
use crate::failure::Failure;

/// Arguments of `presets`.
#[derive(Debug, Args)]
pub struct PresetsInput {
    /// Print this market's file instead of the list
    name: Option<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Prints the list of the shipped markets, or the file of one.
///
/// # Errors
/// [`Failure::Work`] if no shipped market has the name.
pub fn presets(input: &PresetsInput, console: &Console) -> Result<(), Failure> {
    let all = corridor_study::presets();
    let Some(name) = &input.name else { return list(all, input.json, console) };
    let preset = all.iter().find(|preset| preset.name == name).ok_or_else(|| {
        Failure::unknown(Thing::Preset, name, all.iter().map(|preset| preset.name))
    })?;
    if input.json { console.json(&document(preset)) } else { console.result(preset.text) }
}

fn list(all: &[Preset], as_json: bool, console: &Console) -> Result<(), Failure> {
    if as_json {
        return console.json(&all.iter().map(document).collect());
    }
    let layout = console.layout();
    let mut text = String::new();
    for preset in all {
        let (status, title) =
            preset.about().map(|about| (about.status, about.title)).unwrap_or_default();
        text.push_str(&format!("{}  ({status})\n", layout.bold(preset.name)));
        text.push_str(&layout.wrap(&title, 4, 0));
        if let Some(facts) = preset.facts() {
            text.push_str(&layout.wrap(&in_words(&facts), 4, 0));
        }
    }
    console.result(&text)?;
    console.note(
        "\nbehind an asset: its mean log return and its volatility, a year\nstatus in parentheses: \
        R read in the source named, X recalled and cross-checked, D derived, O our own \
        construction",
    );
    console
        .note("use one as `[market] preset = \"NAME\"`; `corridor presets NAME` prints it in full");
    Ok(())
}

/// Words the facts of a market: `equity 7.2 % (vol 15.2), bond 3.8 % (vol 5.5); 4 regimes; steps
/// month, day`.
fn in_words(facts: &Facts) -> String {
    let moments = facts.mean_log_annual.iter().zip(&facts.vol_annual);
    let assets: Vec<String> = facts
        .assets
        .iter()
        .zip(moments)
        .map(|(asset, (mean, vol))| {
            format!("{asset} {:.1} % (vol {:.1})", 100.0 * mean, 100.0 * vol)
        })
        .collect();
    let regimes = match facts.regimes.len() {
        0 | 1 => "no regimes".to_owned(),
        several => format!("{several} regimes"),
    };
    format!("{}; {regimes}; step {}", assets.join(", "), facts.steps.join(", "))
}

fn document(preset: &Preset) -> serde_json::Value {
    let about = preset.about();
    let facts = preset.facts();
    json!({
        "name": preset.name,
        "assets": facts.as_ref().map(|facts| facts.assets.clone()),
        "mean_log_annual": facts.as_ref().map(|facts| facts.mean_log_annual.clone()),
        "vol_annual": facts.as_ref().map(|facts| facts.vol_annual.clone()),
        "regimes": facts.as_ref().map(|facts| facts.regimes.clone()),
        "steps": facts.as_ref().map(|facts| facts.steps.clone()),
        "status": about.as_ref().map(|about| about.status.as_str()),
        "title": about.as_ref().map(|about| about.title.as_str()),
        "citation": about.as_ref().map(|about| about.citation.as_str()),
        "units": about.as_ref().map(|about| about.units.as_str()),
        "notes": about.as_ref().map(|about| about.notes.as_str()),
        "toml": preset.text,
    })
}
