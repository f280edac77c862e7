//! Compares every number of six reduced studies with its stored hash.
//!
//! `unchanged.txt` has one line for each table and one hash for each of its columns. A refactoring
//! does not change it. A change that is meant to move numbers writes it anew with
//! `CORRIDOR_BLESS=1`, and its diff shows which columns moved. Columns of text are marked with `t`,
//! because messages and definitions may be rewritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::{Array, BooleanArray, Float64Array, Int32Array, Int64Array, StringArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::bench::Bench;

/// Verb, study, and options that make the study small.
const STUDIES: [(&str, &str, &[&str]); 6] = [
    ("run", "scenarios/first-study.toml", &["--paths", "768", "--set", "output.trajectories=2"]),
    ("run", "scenarios/us-history.toml", &["--paths", "256"]),
    ("search", "scenarios/search-band.toml", &["--paths", "512", "--set", "search.points=24"]),
    ("run", "crates/study/tests/good/every-key.toml", &["--paths", "512"]),
    ("run", "crates/study/tests/good/triggers.toml", &["--paths", "256"]),
    ("run", "crates/study/tests/good/dynamics.toml", &["--paths", "256"]),
];

#[test]
fn every_number_of_the_reduced_studies_is_as_it_was() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let bench = Bench::new();
    let mut found = String::new();
    for (verb, study, options) in STUDIES {
        let path = root.join(study).display().to_string();
        bench.stdout(&[&[verb, &path, "--quiet", "--out", study], options].concat());
        let name = Path::new(study).file_stem().unwrap().to_string_lossy();
        for (table, columns) in hashes(&bench.path(study)) {
            writeln!(found, "{name} {table}:{columns}").unwrap();
        }
    }
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/unchanged.txt");
    if std::env::var_os("CORRIDOR_BLESS").is_some() {
        return fs::write(stored, found).unwrap();
    }
    let known = fs::read_to_string(stored).unwrap();
    let moved = moved(&known, &found);
    assert!(moved.is_empty(), "these columns moved, came or went: {moved:#?}");
}

/// Returns the columns that are missing in one of two texts or differ in their hash.
fn moved(known: &str, found: &str) -> Vec<String> {
    let columns = |text: &str| -> BTreeMap<String, String> {
        let mut columns = BTreeMap::new();
        for line in text.lines() {
            let (table, cells) = line.split_once(':').unwrap();
            for (name, hash) in cells.split_whitespace().map(|cell| cell.split_once('=').unwrap()) {
                columns.insert(format!("{table}.{name}"), hash.to_owned());
            }
        }
        columns
    };
    let (known, found) = (columns(known), columns(found));
    let names: BTreeSet<&String> = known.keys().chain(found.keys()).collect();
    names.into_iter().filter(|name| known.get(*name) != found.get(*name)).cloned().collect()
}

/// Returns the tables below a folder with the hashes of their columns; the parts of a table count
/// as one.
fn hashes(folder: &Path) -> BTreeMap<String, String> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path());
        let (folders, more): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        open.extend(folders);
        files.extend(more.into_iter().filter(|path| path.extension().is_some_and(is_parquet)));
    }
    files.sort();
    assert!(!files.is_empty(), "no tables below {}", folder.display());
    let mut tables: BTreeMap<String, BTreeMap<String, Column>> = BTreeMap::new();
    for path in files {
        let columns = tables.entry(table_of(&path)).or_default();
        let file = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        // A table without rows has no batches, and so no hashes.
        for batch in file.build().unwrap().map(Result::unwrap) {
            for (field, values) in batch.schema().fields().iter().zip(batch.columns()) {
                columns.entry(field.name().clone()).or_default().add(values);
            }
        }
    }
    let line = |columns: BTreeMap<String, Column>| -> String {
        columns.iter().map(|(name, column)| format!(" {name}={}", column.finish())).collect()
    };
    tables.into_iter().map(|(table, columns)| (table, line(columns))).collect()
}

fn is_parquet(extension: &std::ffi::OsStr) -> bool {
    extension == "parquet"
}

/// Returns the table of a file: `fact_path` for `fact_path/part-00003.parquet`, `moments` for
/// `state/moments-00003.parquet`.
fn table_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap().to_string_lossy();
    match stem.split_once('-') {
        Some(("part", _)) => file.parent().unwrap().file_name().unwrap().to_string_lossy().into(),
        Some((table, _)) => table.to_owned(),
        None => stem.into_owned(),
    }
}

#[derive(Default)]
struct Column {
    hasher: blake3::Hasher,
    is_text: bool,
}

impl Column {
    fn add(&mut self, values: &dyn Array) {
        let any = values.as_any();
        if let Some(values) = any.downcast_ref::<BooleanArray>() {
            self.add_each(values, b'b', |value| [u8::from(value)]);
        } else if let Some(values) = any.downcast_ref::<Int32Array>() {
            self.add_each(values, b'i', i32::to_le_bytes);
        } else if let Some(values) = any.downcast_ref::<Int64Array>() {
            self.add_each(values, b'l', i64::to_le_bytes);
        } else if let Some(values) = any.downcast_ref::<Float64Array>() {
            self.add_each(values, b'd', |value| value.to_bits().to_le_bytes());
        } else if let Some(values) = any.downcast_ref::<StringArray>() {
            self.is_text |= values.null_count() < values.len();
            self.add_each(values, b's', |value| [value.as_bytes(), b"\0"].concat());
        } else {
            panic!("no column of a run has the type {}", values.data_type());
        }
    }

    /// Adds values of one kind, or `n` for a missing one.
    fn add_each<T, B: AsRef<[u8]>>(
        &mut self,
        values: impl IntoIterator<Item = Option<T>>,
        kind: u8,
        bytes: impl Fn(T) -> B,
    ) {
        for value in values {
            match value.map(&bytes) {
                Some(value) => self.hasher.update(&[kind]).update(value.as_ref()),
                None => self.hasher.update(b"n"),
            };
        }
    }

    /// Returns the hash, followed by `t` for a column of text.
    fn finish(&self) -> String {
        let kind = if self.is_text { "t" } else { "" };
        format!("{}{kind}", &self.hasher.finalize().to_hex()[..10])
    }
}
