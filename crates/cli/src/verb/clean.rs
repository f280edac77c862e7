//! Makes the folder of a finished run small.

use clap::Args;
use corridor_report::number::{bytes, things};

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::Target;

/// Arguments of `clean`.
#[derive(Debug, Args)]
pub struct CleanInput {
    #[command(flatten)]
    target: Target,
}

/// Removes the sums that only a new analysis and a comparison of two rules need, and prints what was removed and what is no
/// longer possible.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished or in use, if another file of it is damaged, or if
/// a file cannot be removed.
pub fn clean(input: &CleanInput, console: &Console) -> Result<(), Failure> {
    let run = input.target.open(settings(&input.target.place), console)?;
    let removed = run.clean()?;
    let folder = run.folder().display();
    if removed.files == 0 {
        return console.result(&format!("`{folder}` has no `state/` to remove\n"));
    }
    console.result(&format!(
        "removed `state/` of `{folder}`: {}, {}\n\
        `show`, `report`, `export` and BI tools read the run as before; `analyze` and `compare` need \
        what was removed, and `corridor run STUDY --resume` makes it again\n",
        things(removed.files, "file"),
        bytes(removed.bytes as f64),
    ))
}
