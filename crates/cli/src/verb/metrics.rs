//! Lists the metrics: what each tells, its unit, which way is better and its usual margin.

use clap::Args;
use corridor_report::text::words;
use corridor_workbench::Error;

use crate::console::Console;
use crate::failure::Failure;

/// Arguments of `metrics`.
#[derive(Debug, Args)]
pub struct MetricsInput {
    /// A metric, to explain it in full, or a word, to list the metrics that have to do with it
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Lists metrics, or explains one.
///
/// # Errors
/// [`Failure::Work`] if no metric has to do with the word.
pub fn metrics(input: &MetricsInput, console: &Console) -> Result<(), Failure> {
    let word = Some(input.words.join(" ")).filter(|_| !input.words.is_empty());
    let found = words::find_metrics(word.as_deref()).map_err(Error::from)?;
    if input.json {
        return console.json(&words::metrics_json(&found));
    }
    console.result(&words::metrics(&found, &console.layout()))?;
    if word.is_none() {
        console.note(
            "\n`corridor metrics NAME` explains one in full; `corridor show RUN_DIR --metric NAME` \
            compares on it",
        );
    }
    Ok(())
}
