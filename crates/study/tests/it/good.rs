//! Compiles every file of tests/good and every shipped study, writes each out and compiles it
//! again.
//!
//! `#^ id: words` in a file expects a warning on the line above, `#@ file:line id: words` one
//! in a history. No other warning may be found.

use std::fs;
use std::path::{Path, PathBuf};

use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, compile, load};

fn files() -> Vec<PathBuf> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in [crate_folder.join("tests/good"), crate_folder.join("../../scenarios")] {
        files.extend(
            fs::read_dir(folder)
                .expect("a folder of studies")
                .map(|entry| entry.expect("an entry").path()),
        );
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn plan(path: &Path) -> RunPlan {
    load(path, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_good_file_compiles_with_the_warnings_it_says_inside() {
    assert!(files().len() >= 8);
    for path in files() {
        let mut warnings: Vec<String> = plan(&path)
            .warnings
            .iter()
            .map(|one| {
                let in_history =
                    if one.place.file.ends_with(".csv") { "in a history " } else { "" };
                format!("{in_history}{} {}: {}", one.place.line, one.id.name(), one.message)
            })
            .collect();
        let mut last = 0;
        for (index, line) in fs::read_to_string(&path).expect("a study").lines().enumerate() {
            let line = line.trim_start();
            let elsewhere = line
                .strip_prefix("#@ ")
                .and_then(|rest| rest.split_once(".csv:"))
                .and_then(|(_, rest)| rest.split_once(' '));
            let Some(expected) = line.strip_prefix("#^ ").or(line.strip_prefix("#@ ")) else {
                if !line.starts_with("#=") {
                    last = index + 1;
                }
                continue;
            };
            let expected = match elsewhere {
                Some((line, rest)) => format!("in a history {line} {rest}"),
                None => format!("{last} {expected}"),
            };
            let place = warnings.iter().position(|warning| warning.contains(&expected));
            let place = place
                .unwrap_or_else(|| panic!("{}: no `{expected}` in {warnings:#?}", path.display()));
            warnings.remove(place);
        }
        assert!(warnings.is_empty(), "{}: not expected: {warnings:#?}", path.display());
    }
}

#[test]
fn a_run_that_keeps_its_inputs_can_be_compiled_again_elsewhere() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/us-history.toml");
    let first = plan(&path);
    let folder = tempfile::tempdir().expect("a folder");
    assert!(
        compile("study.toml", &first.resolved_toml, folder.path(), &Overrides::default()).is_err()
    );
    for input in &first.inputs {
        let copy = folder.path().join("inputs").join(&input.name);
        fs::create_dir_all(copy.parent().expect("a folder")).expect("inputs");
        fs::write(copy, input.text.as_bytes()).expect("a copy");
    }
    let again = compile("study.toml", &first.resolved_toml, folder.path(), &Overrides::default());
    assert_eq!(
        again.unwrap_or_else(|problems| panic!("{problems}")).simulation_id,
        first.simulation_id
    );
}

fn none() -> Overrides {
    Overrides::default()
}

#[test]
fn a_study_written_out_is_the_same_study() {
    for path in files() {
        let first = plan(&path);
        if first.search.is_some() {
            // a run never keeps all candidates of a search; an end-to-end test covers the study of
            // its winner
            let again = compile("resolved", &first.resolved_toml, Path::new(""), &none());
            let again = again.unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(again.policies.len(), first.policies.len());
            continue;
        }
        let folder = path.parent().expect("a folder");
        let again = compile("resolved", &first.resolved_toml, folder, &Overrides::default());
        let again = again.unwrap_or_else(|problems| {
            panic!("{}\n{}\n{problems}", path.display(), first.resolved_toml)
        });
        assert_eq!(first.resolved_toml, again.resolved_toml, "{}", path.display());
        // written out, all policies are valid, so skipped ones are not warned of again
        let bare = |plan: RunPlan| format!("{:#?}", RunPlan { warnings: Vec::new(), ..plan });
        let (first, again) = (bare(first), bare(again));
        let line = first.lines().zip(again.lines()).find(|(a, b)| a != b);
        assert!(first == again, "{}: {line:?}", path.display());
    }
}
