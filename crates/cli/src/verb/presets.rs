//! Lists the shipped markets, or prints one with its citation, status, units and moments.

use clap::Args;
use corridor_report::Thing;
use corridor_report::text::table::{Align, TextTable};
use corridor_study::Preset;
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
    let mut table =
        TextTable::new([("preset", Align::Left), ("status", Align::Left), ("market", Align::Left)]);
    for preset in all {
        let (status, title) =
            preset.about().map(|about| (about.status, about.title)).unwrap_or_default();
        table.row(vec![preset.name.to_owned(), status, title]);
    }
    console.result(&table.render(0))?;
    console.note(
        "\nstatus: R read in the source named, X recalled and cross-checked, D derived, O our own \
        construction",
    );
    console
        .note("use one as `[market] preset = \"NAME\"`; `corridor presets NAME` prints it in full");
    Ok(())
}

fn document(preset: &Preset) -> serde_json::Value {
    let about = preset.about();
    json!({
        "name": preset.name,
        "status": about.as_ref().map(|about| about.status.as_str()),
        "title": about.as_ref().map(|about| about.title.as_str()),
        "citation": about.as_ref().map(|about| about.citation.as_str()),
        "units": about.as_ref().map(|about| about.units.as_str()),
        "notes": about.as_ref().map(|about| about.notes.as_str()),
        "toml": preset.text,
    })
}
