//! Explains a word of the results, or lists all words.

use clap::Args;
use corridor_report::text::words::{Explained, all_words, all_words_json};
use corridor_workbench::Error;

use crate::console::Console;
use crate::failure::Failure;

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainInput {
    /// The word, such as `exposure`, `one-way cost` or the name of a metric; without it all words
    /// are listed
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Explains a word with an example.
///
/// # Errors
/// [`Failure::Work`] if the word is not known.
pub fn explain(input: &ExplainInput, console: &Console) -> Result<(), Failure> {
    let layout = console.layout();
    if input.words.is_empty() {
        if input.json {
            return console.json(&all_words_json());
        }
        console.result(&all_words(&layout))?;
        console.note("\n`corridor explain WORD` explains one; `corridor metrics` lists metrics");
        return Ok(());
    }
    let explained = Explained::of(&input.words.join(" ")).map_err(Error::from)?;
    if input.json {
        console.json(&explained.json())
    } else {
        console.result(&explained.text(&layout))
    }
}
