//! Turns a study file into what the machine runs: text, then a checked study, then a
//! [`plan::RunPlan`].
//!
//! ```text
//! TOML ─tree─► spanned tree ─structure─► same tree, known to fit the types
//!      ─sweep─► one tree per corner ─file─► StudyFile (typed) ─check─► Study ─compile─► RunPlan
//! ```
//! Every problem of a file is found in one pass and named with its place, a stable
//! [`diagnostic::Id`] and a way out.

use std::io::Read as _;
use std::path::Path;

mod axis;
mod catalogue;
mod check;
mod compile;
mod de;
pub mod diagnostic;
mod dimension;
mod faults;
mod file;
mod id;
mod not_yet;
mod overrides;
pub mod plan;
mod preset;
mod report;
mod resolve;
mod schema;
mod search;
mod short_hash;
mod structure;
mod sweep;
mod tree;
mod value;

use check::Histories;
use diagnostic::{Diagnostic, Id, Place, Problems, Severity};
use plan::RunPlan;
use report::Reporter;
use sweep::Grid;
use tree::{FILE_BYTES_MAX, Item, Span};

pub use catalogue::{CATALOGUE, Entry, Number};
pub use preset::{About, Preset, presets};

/// What the command line changes in a study before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `key=value` as given to `--set`: a dotted key, in which `policy.NAME` and `regime.NAME`
    /// address by name, and a TOML value (a bare word counts as text).
    pub set: Vec<String>,
    /// `--paths`.
    pub paths: Option<u64>,
    /// `--seed`.
    pub seed: Option<u64>,
}

/// Reads, checks and compiles the study at `path`; histories are looked for relative to it.
///
/// # Errors
/// Every problem of the study at once.
pub fn load(path: &Path, overrides: &Overrides) -> Result<RunPlan, Problems> {
    let name = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    match read(path) {
        Ok(text) => compile(&name, &text, folder, overrides),
        Err((id, message)) => {
            let hint = "a study is a UTF-8 text file of a few kilobytes; \
            scenarios/first-study.toml is the smallest complete one"
                .to_owned();
            let place = Place { file: name, ..Place::default() };
            Err(Problems {
                diagnostics: vec![Diagnostic {
                    severity: Severity::Error,
                    id,
                    message,
                    hint,
                    place,
                }],
            })
        }
    }
}

/// Checks and compiles the study `text`, called `name` in messages; histories are looked for
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
    let Some(grid) = read_tree(name, text, overrides, &mut reporter) else {
        return Err(problems(reporter));
    };
    let histories = Histories::new(folder);
    let study = check::check(&grid, &histories, &reporter);
    let compiled = study.map(|study| (compile::compile(&study, &grid), study));
    match (compiled, reporter.finish()) {
        (Some((Some(plan), _)), Ok(warnings)) => {
            Ok(RunPlan { inputs: histories.inputs(), warnings, ..plan })
        }
        (_, Err(problems)) => Err(problems),
        // a gap in the checks, not a fault of the user
        (_, Ok(diagnostics)) => Err(Problems { diagnostics }),
    }
}

/// A resolved study with no policies but these and the signals they read, on the paths of another
/// seed.
///
/// # Errors
/// The text of the fault where `resolved` is no study, which no plan's is.
pub fn with_policies(resolved: &str, keep: &[&str], seed: u64) -> Result<String, String> {
    let mut document: toml::Table = toml::from_str(resolved).map_err(|error| error.to_string())?;
    let kept = |name: Option<&toml::Value>| {
        name.and_then(toml::Value::as_str).is_some_and(|name| keep.contains(&name))
    };
    if let Some(toml::Value::Array(policies)) = document.get_mut("policy") {
        policies.retain(|policy| kept(policy.get("name")));
        let mut read = Vec::new();
        policies.iter().for_each(|policy| texts(policy, &mut read));
        if let Some(toml::Value::Table(signals)) = document.get_mut("signal") {
            signals.retain(|name, _| read.iter().any(|text| text == name));
        }
    }
    if let Some(toml::Value::Table(run)) = document.get_mut("run") {
        run.insert("seed".to_owned(), toml::Value::Integer(i64::try_from(seed).unwrap_or(0)));
    }
    if let Some(toml::Value::Table(own)) =
        document.get_mut("comparison").and_then(|comparison| comparison.get_mut("compare_with"))
    {
        own.retain(|name, with| keep.contains(&name) && kept(Some(with)));
    }
    toml::to_string(&document).map_err(|error| error.to_string())
}

/// All texts in `value`.
fn texts(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
        toml::Value::Table(table) => table.values().for_each(|value| texts(value, found)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}

/// The JSON Schema of a study file, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::schema()
}

fn read(path: &Path) -> Result<String, (Id, String)> {
    let unreadable =
        |error: std::io::Error| (Id::Unreadable, format!("cannot read the study: {error}"));
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// The tree of the study with overrides in and sweeps out; what does not fit its type is reported
/// and unreadable in it.
fn read_tree(
    name: &str,
    text: &str,
    overrides: &Overrides,
    reporter: &mut Reporter,
) -> Option<Grid> {
    if text.len() > FILE_BYTES_MAX {
        reporter.sources.add(name, "");
        let message = format!("the study is larger than {FILE_BYTES_MAX} bytes");
        reporter.error(
            Span::default(),
            Id::TooLarge,
            message,
            "write ranges, `{ sweep = { from, to, count } }`, instead of long lists",
        );
        return None;
    }
    let mut root = match reporter.sources.parse(name, text) {
        Ok(root) => root,
        Err(errors) => {
            for error in errors {
                reporter.push(Span::default(), error);
            }
            return None;
        }
    };
    overrides::apply(&mut root, overrides, reporter);
    if let Some(version) = root
        .get("corridor")
        .filter(|node| matches!(node.item, Item::Integer(version) if version != 1))
    {
        let hint = "this program reads `corridor = 1`";
        reporter.error(
            version.span,
            Id::FormatVersion,
            "the study is written in another version of the format",
            hint,
        );
        return None;
    }
    let before = reporter.errors();
    search::expand(&mut root, reporter);
    structure::check(&root, reporter).mend(&mut root);
    if reporter.is_full() {
        // the check of the structure ends there, and what it has not seen may be anything
        return None;
    }
    let sweeps = sweep::take(&mut root);
    Some(Grid { root, sweeps, sound: reporter.errors() == before })
}

fn problems(reporter: Reporter) -> Problems {
    match reporter.finish() {
        Ok(diagnostics) => Problems { diagnostics },
        Err(problems) => problems,
    }
}
