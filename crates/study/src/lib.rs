//! Turns a study file into a plan that the machine can run: text, then a checked study, then a
//! [`plan::RunPlan`].
//!
//! ```text
//! TOML ─tree─► spanned tree ─structure─► tree that is known to fit the types
//!      ─sweep─► a tree for each corner ─file─► typed tables ─check─► Study ─compile─► RunPlan
//! ```
//! A study may sweep values. A *corner* is one choice of a value for every sweep: corners of the
//! market, account, costs and horizon are scenarios, and corners of a `[[policy]]` are policies.
//!
//! Every problem of a file is found in one pass, and reported with its place, a stable
//! [`diagnostic::Id`] and a way out.
//!
//! # Example
//!
//! A band of 5 points around 60 % equity, against a portfolio that never trades, at three costs:
//!
//! ```
//! use std::path::Path;
//!
//! use corridor_study::diagnostic::Id;
//! use corridor_study::{Overrides, compile};
//!
//! let text = r#"
//!     corridor = 1
//!     study = { name = "band" }
//!     time = { horizon_years = 10, step = "month" }
//!     market = { preset = "stock-bond-flip" }
//!     account = { initial = 100_000, target = { equity = 0.6, bond = 0.4 } }
//!     costs = { one_way_bps = { sweep = [0, 10, 50] } }
//!     comparison = { baseline = "hold" }
//!     run = { paths = 10_000, seed = 1 }
//!
//!     [[policy]]
//!     name = "hold"
//!     trigger = "never"
//!
//!     [[policy]]
//!     name = "band"
//!     trigger = { outside = { absolute = 0.05 } }
//! "#;
//! let plan = compile("band.toml", text, Path::new(""), &Overrides::default())?;
//! assert_eq!((plan.scenarios.len(), plan.policies.len(), plan.cells()), (3, 2, 6));
//!
//! // a problem has a place, a stable id and a way out
//! let misspelt = text.replace("absolute", "absolut");
//! let problems =
//!     compile("band.toml", &misspelt, Path::new(""), &Overrides::default()).unwrap_err();
//! let first = &problems.diagnostics[0];
//! assert_eq!((first.id, first.place.line), (Id::UnknownKey, 17));
//! assert_eq!(first.hint, "did you mean `absolute`?");
//! # Ok::<(), corridor_study::diagnostic::Problems>(())
//! ```

use std::path::Path;

mod catalogue;
mod check;
mod compile;
mod de;
mod description;
pub mod diagnostic;
mod dimension;
mod faults;
mod file;
mod grid;
mod hidden_characters;
mod id;
mod misread;
mod not_yet;
mod overrides;
pub mod plan;
mod preset;
mod preset_facts;
mod report;
mod resolve;
mod schema;
mod search;
mod selection;
mod series;
mod short_hash;
mod slips;
mod structure;
mod sweep;
mod template;
mod text;
mod tree;
mod value;
mod wording;

use check::Histories;
use diagnostic::{Id, Problems};
use grid::Grid;
use plan::RunPlan;
use report::Reporter;

pub use catalogue::{CATALOGUE, Entry, Number};
pub use overrides::{Overrides, whole_number};
pub use preset::{About, Preset, presets};
pub use preset_facts::Facts;
pub use selection::with_policies;
pub use template::{Template, templates};

/// Reads, checks and compiles the study at `path`; paths of histories in it are relative to its
/// folder.
///
/// # Errors
/// Every problem of the study at once.
pub fn load(path: &Path, overrides: &Overrides) -> Result<RunPlan, Problems> {
    let text = text::read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    compile(&path.display().to_string(), &text, folder, overrides)
}

/// Checks and compiles the study `text`, which messages call `name`; paths of histories in it are
/// relative to `folder`.
///
/// # Errors
/// Every problem of the study at once.
pub fn compile(
    name: &str,
    text: &str,
    folder: &Path,
    overrides: &Overrides,
) -> Result<RunPlan, Problems> {
    let mut reporter = Reporter::default();
    let Some(grid) = text::parse(name, text, overrides, &mut reporter) else {
        return Err(reporter.into_problems());
    };
    let histories = Histories::new(folder);
    let study = check::check(&grid, &histories, &reporter);
    let plan = study.and_then(|study| compile::compile(&study, &grid));
    if let Some(plan) = &plan {
        can_be_read_back(plan, &grid, &reporter);
    }
    match (plan, reporter.finish()) {
        (Some(plan), Ok(warnings)) => Ok(RunPlan { inputs: histories.inputs(), warnings, ..plan }),
        (_, Err(problems)) => Err(problems),
        // a gap in the checks, not a fault of the user
        (None, Ok(diagnostics)) => Err(Problems { diagnostics }),
    }
}

/// Reports a study that its run could not read back, since a run keeps the study written out. A
/// search keeps the study of its winner alone.
fn can_be_read_back(plan: &RunPlan, grid: &Grid, reporter: &Reporter) {
    let limit = text::too_large(&plan.resolved_toml).filter(|_| plan.search.is_none());
    if let Some(limit) = limit {
        let message = format!("with every policy written out the study is larger than {limit}");
        let hint = "sweep fewer values, or split the study";
        reporter.error(grid.root.span, Id::TooLarge, message, hint);
    }
}

/// The JSON Schema of a study file, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::schema()
}
