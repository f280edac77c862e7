//! Checks that the tree keeps to its architecture: crates and modules use only what is below them,
//! files are small, and each file opens with a sentence of purpose.

use std::fs;
use std::path::{Path, PathBuf};

const ARROWS: [(&str, &[&str]); 10] = [
    ("core", &[]),
    ("tables", &["core"]),
    ("scenario", &["core"]),
    ("simulation", &["core"]),
    ("study", &["core", "tables", "scenario", "simulation"]),
    ("store", &["core", "tables"]),
    ("analysis", &["core", "tables"]),
    ("report", &["tables"]),
    (
        "workbench",
        &["core", "tables", "scenario", "simulation", "study", "analysis", "store", "report"],
    ),
    ("cli", &["core", "tables", "simulation", "study", "store", "report", "workbench"]),
];
const FOREIGN: [(&str, &[&str]); 1] = [("core", &["rand_core"])];
const SILENT_NAMES: [&str; 6] = ["utils", "util", "common", "helpers", "types", "misc"];
const LINES_MAX: usize = 600;

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dependencies(name: &str) -> toml::Table {
    let text = fs::read_to_string(crates().join(name).join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = text.parse().expect("a manifest is TOML");
    manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default()
}

/// Returns the source files of a crate.
fn sources(name: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    rust_files(&crates().join(name).join("src"), &mut files);
    files.sort();
    files
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn crates_use_only_the_crates_below_them() {
    let mut seen: Vec<String> = fs::read_dir(crates())
        .expect("the crates folder")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    seen.sort();
    let mut drawn: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    drawn.sort_unstable();
    assert_eq!(
        seen, drawn,
        "a crate that the architecture does not draw, or a drawn one that is missing"
    );
    for (name, allowed) in ARROWS {
        for used in dependencies(name).keys().filter_map(|key| key.strip_prefix("corridor-")) {
            assert!(allowed.contains(&used), "`{name}` must not depend on `{used}`");
        }
    }
}

#[test]
fn only_the_store_knows_arrow_and_parquet() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "store") {
        let used = dependencies(name);
        assert!(
            !used.contains_key("arrow") && !used.contains_key("parquet"),
            "`{name}` depends on arrow or parquet"
        );
    }
    assert!(dependencies("store").contains_key("parquet"));
}

#[test]
fn core_uses_no_library_but_the_traits_of_rand() {
    for (name, allowed) in FOREIGN {
        for used in dependencies(name).keys() {
            assert!(allowed.contains(&used.as_str()), "`{name}` must not depend on `{used}`");
        }
    }
}

#[test]
fn modules_import_without_circles() {
    for (name, _) in ARROWS {
        let folder = crates().join(name).join("src");
        let files: Vec<(String, String)> = sources(name)
            .into_iter()
            .map(|file| {
                let text = fs::read_to_string(&file).expect("a source file");
                let inside = file.strip_prefix(&folder).expect("a file of the crate");
                (inside.to_string_lossy().replace('\\', "/"), text)
            })
            .collect();
        assert!(!files.is_empty(), "the sources of `{name}` were not found");
        if let Some(circle) = crate::import_circles::circle(&files) {
            panic!("modules of `{name}` import in a circle: {circle}");
        }
    }
}

#[test]
fn files_are_small_and_say_first_what_they_do() {
    let files: Vec<PathBuf> = ARROWS.iter().flat_map(|(name, _)| sources(name)).collect();
    assert!(files.len() > 50, "the tree was not found");
    for file in files {
        let text = fs::read_to_string(&file).expect("a source file");
        assert!(
            text.starts_with("//! "),
            "{} does not open with a sentence of purpose",
            file.display()
        );
        let product = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(product <= LINES_MAX, "{} has {product} lines outside tests", file.display());
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        assert!(!SILENT_NAMES.contains(&&*stem), "{} has a name that says nothing", file.display());
    }
}
