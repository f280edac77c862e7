//! Loads every file of tests/bad and compares its problems with those that the file expects.
//!
//! `#^ id: words` expects a problem on the line above, `#@ file:line id: words` one in another
//! file. No other problem may be found. `#=` lines follow the hint; `hints.rs` reads them.

use std::fs;
use std::path::{Path, PathBuf};

use corridor_study::diagnostic::{Diagnostic, Id};
use corridor_study::{Overrides, load};

#[derive(Debug)]
struct Expected {
    file: String,
    line: usize,
    id: String,
    words: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("tests/bad")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn expectations(path: &Path) -> Vec<Expected> {
    let text = fs::read_to_string(path).expect("a bad study");
    let mut expected = Vec::new();
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if let Some((id, words)) =
            line.strip_prefix("#^ ").and_then(|rest| rest.split_once(": ").or(rest.split_once(':')))
        {
            expected.push(Expected {
                file: path.display().to_string(),
                line: last,
                id: id.to_owned(),
                words: words.to_owned(),
            });
        } else if let Some(rest) = line.strip_prefix("#@ ") {
            let (place, rest) = rest.split_once(' ').expect("a place");
            let (file, line) = place.rsplit_once(':').expect("file:line");
            let (id, words) = rest.split_once(": ").expect("id: words");
            expected.push(Expected {
                file: file.to_owned(),
                line: line.parse().expect("a line"),
                id: id.to_owned(),
                words: words.to_owned(),
            });
        } else if !line.starts_with("#=") {
            last = index + 1;
        }
    }
    expected
}

fn check(path: &Path) -> Result<Vec<Diagnostic>, String> {
    let expected = expectations(path);
    let found = match load(path, &Overrides::default()) {
        Ok(plan) => return Err(format!("accepted, with {} cells", plan.cells())),
        Err(problems) => problems.diagnostics,
    };
    let matches = |expected: &Expected, found: &Diagnostic| {
        found.place.file == expected.file
            && found.place.line == expected.line
            && found.id.name() == expected.id
            && found.message.contains(&expected.words)
    };
    let mut report = String::new();
    for one in &expected {
        if !found.iter().any(|found| matches(one, found)) {
            report +=
                &format!("  not found: {}:{} {}: {}\n", one.file, one.line, one.id, one.words);
        }
    }
    for one in &found {
        if !expected.iter().any(|expected| matches(expected, one)) {
            report += &format!("  not expected: {one}\n");
        }
        if one.hint.is_empty() || one.place.column == 0 {
            report += &format!("  without hint or column: {one}\n");
        }
    }
    if expected.is_empty() {
        report += "  the file expects nothing\n";
    }
    if report.is_empty() { Ok(found) } else { Err(report) }
}

#[test]
fn every_bad_file_is_refused_with_what_it_says_inside() {
    let files = files();
    assert!(files.len() >= 60, "{} files", files.len());
    let failures: Vec<String> = files
        .iter()
        .filter_map(|path| check(path).err().map(|why| format!("{}\n{why}", path.display())))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} files:\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}

#[test]
fn every_kind_of_problem_has_a_bad_file() {
    // tested in refusals.rs, history.rs and good.rs, without a file or as warnings
    let elsewhere = [
        Id::Unreadable,
        Id::TooLarge,
        Id::BadOverride,
        Id::PresetBroken,
        Id::Truncation,
        Id::ReferenceOff,
        Id::PrimaryMetric,
        Id::Percent,
        Id::FilterApproximates,
        Id::Foresight,
        Id::UnusedSignal,
        Id::IdleCondition,
        Id::SkippedCorner,
        Id::CsvUnusual,
        Id::Unusual,
    ];
    let named: Vec<String> =
        files().iter().flat_map(|path| expectations(path)).map(|expected| expected.id).collect();
    let without: Vec<&str> = Id::ALL
        .iter()
        .filter(|id| !elsewhere.contains(id))
        .map(|id| id.name())
        .filter(|name| !named.iter().any(|named| named == name))
        .collect();
    assert!(without.is_empty(), "no bad file for {without:?}");
}

#[test]
fn rendering_shows_the_line_and_the_way_out_and_no_colour_unless_asked() {
    for path in files() {
        let Err(problems) = load(&path, &Overrides::default()) else { continue };
        let plain = problems.render(false);
        assert!(!plain.contains('\u{1b}'), "{plain}");
        for diagnostic in &problems.diagnostics {
            assert!(plain.contains(&diagnostic.message) && plain.contains("hint: "), "{plain}");
        }
        assert!(problems.render(true).contains('\u{1b}'));
    }
}
