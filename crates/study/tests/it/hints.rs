//! Follows the hint of every kind of problem, and expects that the problem has gone.
//!
//! Lines `#= text` in a file of tests/bad or tests/good stand below a line with a problem, and
//! replace it by what the hint says; `#=` alone removes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use corridor_study::diagnostic::{Diagnostic, Id};
use corridor_study::{Overrides, compile};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

/// The text with every line that has `#=` lines below it replaced by them; `None` without any.
fn followed(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = Vec::new();
    let mut last = None;
    let mut is_replaced = false;
    for line in text.lines() {
        let written = line.trim_start();
        if let Some(new) = written.strip_prefix("#=") {
            if let Some(place) = last.take() {
                lines.truncate(place);
            }
            lines.push(new.trim_start());
            is_replaced = true;
        } else if !written.starts_with("#^") && !written.starts_with("#@") {
            last = Some(lines.len());
            lines.push(line);
        }
    }
    is_replaced.then(|| lines.join("\n") + "\n")
}

fn diagnostics(path: &Path, text: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let folder = path.parent().expect("a folder");
    compile(&path.display().to_string(), text, folder, &Overrides::default())
        .map(|plan| plan.warnings)
        .map_err(|problems| problems.diagnostics)
}

fn count(found: &[Diagnostic], id: Id) -> usize {
    found.iter().filter(|one| one.id == id).count()
}

/// Follows the hints of one file, and returns the kinds of problems that went. A suggested word
/// must be among what the file follows.
fn follow(path: &Path) -> Result<Vec<Id>, String> {
    let text = fs::read_to_string(path).expect("a study");
    let Some(mended) = followed(&text) else { return Ok(Vec::new()) };
    let (Ok(before) | Err(before)) = diagnostics(path, &text);
    let after = diagnostics(path, &mended).map_err(|after| {
        let after: Vec<String> = after.iter().map(ToString::to_string).collect();
        format!("{}: still refused: {}", path.display(), after.join("\n"))
    })?;
    let gone: Vec<Id> =
        Id::ALL.iter().copied().filter(|&id| count(&after, id) < count(&before, id)).collect();
    if gone.is_empty() {
        return Err(format!("{}: no problem has gone", path.display()));
    }
    for one in before.iter().filter(|one| count(&after, one.id) == 0) {
        let suggested =
            one.hint.strip_prefix("did you mean `").and_then(|rest| rest.split_once('`'));
        if suggested.is_some_and(|(word, _)| !mended.contains(word)) {
            return Err(format!("{}: `{}` is not followed", path.display(), one.hint));
        }
    }
    Ok(gone)
}

#[test]
fn the_hint_of_every_kind_of_problem_works() {
    // no text of a study leads to these: the file is absent or too large, an override is wrong, a
    // preset is broken, a corner is left out because the study asks for it
    let elsewhere = [
        Id::Unreadable,
        Id::TooLarge,
        Id::BadOverride,
        Id::PresetBroken,
        Id::SkippedCorner,
        // a note on how to read the results, not on what to write
        Id::FilterApproximates,
    ];
    let paths = files("bad").into_iter().chain(files("good"));
    let (mut gone, mut failures) = (BTreeSet::new(), Vec::new());
    for path in paths {
        match follow(&path) {
            Ok(ids) => gone.extend(ids),
            Err(failure) => failures.push(failure),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let without: Vec<&str> = Id::ALL
        .iter()
        .filter(|id| !gone.contains(id) && !elsewhere.contains(id))
        .map(|id| id.name())
        .collect();
    assert!(without.is_empty(), "no file follows the hint of {without:?}");
}
