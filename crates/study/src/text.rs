//! Reads the text of a study into a tree without sweeps: overrides in, searches and sweeps out, the
//! structure checked.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Hint, Id, MoreHelp, Place, Problems, Severity};
use crate::grid::Grid;
use crate::overrides::{self, Overrides};
use crate::report::Reporter;
use crate::tree::{FILE_BYTES_MAX, FILE_VALUES_MAX, Item, Node, Span};
use crate::wording::{nearest, quoted};
use crate::{hidden_characters, misread, search, structure, sweep};

/// Largest number of files of a folder among which a misspelt study is looked for.
const FILES_LOOKED_AT: usize = 1_000;

/// The text of the study at `path`, cut where it is larger than a study may be.
///
/// # Errors
/// One problem: the file cannot be read, or is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<String, Problems> {
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => {
            let Hint { text: hint, more } = hint_on_unreadable(path, &error);
            Err(Problems {
                diagnostics: vec![Diagnostic {
                    severity: Severity::Error,
                    id: Id::Unreadable,
                    message: format!("cannot read the study: {error}"),
                    hint,
                    more,
                    place: Place { file: path.display().to_string(), ..Place::default() },
                }],
            })
        }
    }
}

/// The way out of a study that cannot be read: the file that was most likely meant, else a
/// template.
fn hint_on_unreadable(path: &Path, error: &io::Error) -> Hint {
    let is_absent = error.kind() == io::ErrorKind::NotFound;
    match nearest_study(path).filter(|_| is_absent) {
        Some(near) => {
            Hint::from(format!("did you mean `{}`?", quoted(&near.display().to_string())))
        }
        None if is_absent => Hint::from("name a study, a TOML file").and(MoreHelp::Templates),
        None => Hint::from("name a UTF-8 text file of a few kilobytes").and(MoreHelp::Templates),
    }
}

/// The TOML file in the folder of `path` whose name is nearest to it.
fn nearest_study(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let readable = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let name = path.file_name()?.to_str()?;
    let files = std::fs::read_dir(readable).ok()?.take(FILES_LOOKED_AT).flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| file.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort(); // folders have no order of their own
    let with_ending = format!("{}.toml", name.trim_end_matches(".toml"));
    let near = nearest(&with_ending, names.iter().map(String::as_str))?;
    Some(folder.join(near))
}

/// The limit that the text of a study exceeds, in words; `None` if it can be read.
pub(crate) fn too_large(text: &str) -> Option<String> {
    if text.len() > FILE_BYTES_MAX {
        return Some(format!("{FILE_BYTES_MAX} bytes"));
    }
    // a value has one of these before it, and a line one at its end
    let count = |wanted: &[u8]| text.bytes().filter(|byte| wanted.contains(byte)).count();
    // each part of a dotted key is a table
    let values = count(b"=,[{\n").max(count(b"."));
    (values > FILE_VALUES_MAX).then(|| format!("{FILE_VALUES_MAX} values and lines"))
}

/// The tree of the study with overrides applied and sweeps taken out. A value that does not fit its
/// type is reported, and unreadable in the tree.
pub(crate) fn parse(
    name: &str,
    text: &str,
    overrides: &Overrides,
    reporter: &mut Reporter,
) -> Option<Grid> {
    if let Some(limit) = too_large(text) {
        reporter.sources.add(name, "");
        reporter.error(
            Span::default(),
            Id::TooLarge,
            format!("the study is larger than {limit}"),
            "write ranges, `{ sweep = { from = .., to = .., count = .. } }`, instead of long lists",
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
    if root.entries().is_some_and(<[_]>::is_empty) && overrides == &Overrides::default() {
        let hint = Hint::from("begin with a study that runs").and(MoreHelp::Templates);
        reporter.error(root.span, Id::MissingKey, "the study is empty", hint);
        return None;
    }
    overrides::apply(&mut root, overrides, reporter);
    if !is_format_1(&root, reporter) {
        return None;
    }
    hidden_characters::check(&mut root, reporter);
    misread::check(&root, reporter);
    let before = reporter.errors();
    search::expand(&mut root, reporter);
    structure::check(&root, reporter).mend(&mut root);
    if reporter.is_full() {
        // the check of the structure stopped, so what follows has not been checked at all
        return None;
    }
    let sweeps = sweep::take(&mut root);
    Some(Grid { root, sweeps, sound: reporter.errors() == before })
}

/// Whether the study is written in this version of the format; another one is reported.
fn is_format_1(root: &Node, reporter: &Reporter) -> bool {
    let Some(version) = root.get("corridor") else { return true };
    let is_other = matches!(version.item, Item::Integer(version) if version != 1);
    if is_other {
        reporter.error(
            version.span,
            Id::FormatVersion,
            "the study is written in another version of the format",
            "write the study in version 1, `corridor = 1`",
        );
    }
    !is_other
}
