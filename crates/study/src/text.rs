//! Reads the text of a study into a tree without sweeps: overrides in, searches and sweeps out, the
//! structure checked.

use std::io::Read as _;
use std::path::Path;

use crate::diagnostic::{Diagnostic, Id, Place, Problems, Severity};
use crate::grid::Grid;
use crate::overrides::{self, Overrides};
use crate::report::Reporter;
use crate::tree::{FILE_BYTES_MAX, Item, Node, Span};
use crate::{search, structure, sweep};

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
        Err(error) => Err(Problems {
            diagnostics: vec![Diagnostic {
                severity: Severity::Error,
                id: Id::Unreadable,
                message: format!("cannot read the study: {error}"),
                hint: "name a UTF-8 text file of a few kilobytes; scenarios/first-study.toml is a \
                small one"
                    .to_owned(),
                more: None,
                place: Place { file: path.display().to_string(), ..Place::default() },
            }],
        }),
    }
}

/// The tree of the study with overrides applied and sweeps taken out. A value that does not fit its
/// type is reported, and unreadable in the tree.
pub(crate) fn parse(
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
    overrides::apply(&mut root, overrides, reporter);
    if !is_format_1(&root, reporter) {
        return None;
    }
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
