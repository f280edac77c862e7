//! Pins the schema of every artefact, because a change is a change for every reader.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corridor_store::manifest::ExecutionSection;
use corridor_store::run_folder::RunFolder;
use corridor_store::statistics::{Statistics, WideName};
use corridor_store::storage::Disk;
use corridor_tables::SCHEMA_VERSION;
use corridor_tables::column::TableRow;
use corridor_tables::commands::Commands;
use corridor_tables::{
    AttributionRow, BiFanRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, ExceedanceRow, FanRow, HistogramRow, LongRow,
    PolicyAxisRow, QuantileRow, RegimeRow, RobustnessRow, ScenarioAxisRow, SignalRow, SummaryRow,
    TestRow, TrajectoryRow, WorstPathRow,
};
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::printer::print_schema;

use crate::support;
use crate::support::{SMALL, faulty::files_under, plan, run_id, state};

fn write_rows<R: TableRow>(statistics: &mut Statistics<'_>) {
    statistics.write_rows::<R>(&support::synthetic_rows(3)).unwrap();
}

fn write_everything(folder: &Path) {
    let run = RunFolder::create(Arc::new(Disk), folder, run_id(), &plan(SMALL)).unwrap();
    for range in plan(SMALL) {
        let part = support::part(range);
        run.commit_part(&part, [state(&part)]).unwrap();
    }
    let mut statistics = Statistics::of(&run);
    write_rows::<SummaryRow>(&mut statistics);
    write_rows::<CompareRow>(&mut statistics);
    write_rows::<QuantileRow>(&mut statistics);
    write_rows::<HistogramRow>(&mut statistics);
    write_rows::<ExceedanceRow>(&mut statistics);
    write_rows::<DimRunRow>(&mut statistics);
    write_rows::<DimPolicyRow>(&mut statistics);
    write_rows::<DimMetricRow>(&mut statistics);
    write_rows::<DimHorizonRow>(&mut statistics);
    write_rows::<DimRegimeRow>(&mut statistics);
    write_rows::<ScenarioAxisRow>(&mut statistics);
    write_rows::<PolicyAxisRow>(&mut statistics);
    write_rows::<BreakEvenRow>(&mut statistics);
    write_rows::<FanRow>(&mut statistics);
    write_rows::<WorstPathRow>(&mut statistics);
    write_rows::<TestRow>(&mut statistics);
    write_rows::<RobustnessRow>(&mut statistics);
    write_rows::<RegimeRow>(&mut statistics);
    write_rows::<AttributionRow>(&mut statistics);
    write_rows::<SignalRow>(&mut statistics);
    write_rows::<LongRow>(&mut statistics);
    write_rows::<BiFanRow>(&mut statistics);
    statistics.write_chunks::<DimScenarioRow>([support::scenarios()]).unwrap();
    statistics.write_chunks::<TrajectoryRow>([support::trajectories(0)]).unwrap();
    statistics.write_wide(WideName::BiSummary, &support::wide()).unwrap();
    statistics.write_wide(WideName::BiCompare, &support::wide()).unwrap();
    let answer = "`b` is better than `a`.";
    statistics
        .commit(support::facts(), ExecutionSection::default(), answer, &Commands::default())
        .unwrap();
}

fn metadata(path: &Path) -> ParquetMetaData {
    let file = std::fs::File::open(path).unwrap();
    SerializedFileReader::new(file).unwrap().metadata().clone()
}

/// Lists every Parquet file of the run except those of later parts.
fn artefacts(folder: &Path) -> Vec<String> {
    let names =
        files_under(folder).into_iter().map(|path| path.to_str().unwrap().replace('\\', "/"));
    names
        .filter(|name| {
            name.ends_with(".parquet") && !name.contains("-0000") | name.contains("-00000")
        })
        .collect()
}

/// Path of the golden schema of an artefact: the schema version, then a line for each column.
fn golden(name: &str) -> PathBuf {
    let name = name.trim_end_matches(".parquet").replace('/', "__").replace("-00000", "");
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.schema"))
}

fn columns(metadata: &ParquetMetaData) -> Vec<String> {
    let mut text = Vec::new();
    print_schema(&mut text, metadata.file_metadata().schema_descr().root_schema());
    let text = String::from_utf8(text).unwrap();
    text.lines().filter(|line| line.ends_with(';')).map(|line| line.trim().to_owned()).collect()
}

/// Within a schema version columns are only added, so that a reader of old files reads new ones. A
/// new column makes the golden file stale, and `CORRIDOR_BLESS=1` rewrites it. A column that is
/// gone, moved or of another type fails the test in any case.
#[test]
fn schemas_only_grow() {
    let folder = tempfile::tempdir().unwrap();
    write_everything(folder.path());
    let mut known: BTreeSet<PathBuf> = std::fs::read_dir(golden("x").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for name in artefacts(folder.path()) {
        let found = columns(&metadata(&folder.path().join(&name)));
        let place = golden(&name);
        known.remove(&place);
        let before = std::fs::read_to_string(&place).unwrap_or_default();
        let mut lines = before.lines();
        if lines.next() == Some(version().as_str()) {
            let mut rest = found.iter();
            let gone: Vec<&str> = lines.filter(|old| !rest.any(|column| column == old)).collect();
            assert!(
                gone.is_empty(),
                "{name}: {gone:?} is gone, moved or changed; that needs another SCHEMA_VERSION"
            );
        }
        let after = format!("{}\n{}\n", version(), found.join("\n"));
        if std::env::var_os("CORRIDOR_BLESS").is_some() {
            std::fs::write(&place, &after).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&place).unwrap_or_default(),
            after,
            "{name}: the golden schema is stale"
        );
    }
    assert!(known.is_empty(), "artefacts that are gone: {known:?}");
}

fn version() -> String {
    format!("schema_version {SCHEMA_VERSION}")
}

#[test]
fn texts_are_as_pinned() {
    let folder = tempfile::tempdir().unwrap();
    write_everything(folder.path());
    insta::assert_snapshot!(
        "views",
        std::fs::read_to_string(folder.path().join("views.sql")).unwrap()
    );
    insta::assert_snapshot!(
        "readme",
        std::fs::read_to_string(folder.path().join("README.md")).unwrap()
    );
    insta::assert_snapshot!(
        "dictionary",
        std::fs::read_to_string(folder.path().join("COLUMNS.md")).unwrap()
    );
}

#[test]
fn manifest_is_as_pinned() {
    let folder = tempfile::tempdir().unwrap();
    write_everything(folder.path());
    // Hashes depend on the version of the encoder, so they are masked.
    let text = std::fs::read_to_string(folder.path().join("manifest.json")).unwrap();
    let masked: Vec<String> = text
        .lines()
        .map(|line| match line.split_once("\": ") {
            Some((key, _)) if key.ends_with("blake3") || key.ends_with("\"bytes") => {
                format!("{key}\": ..")
            }
            _ => line.to_owned(),
        })
        .collect();
    insta::assert_snapshot!(masked.join("\n"));
}

#[test]
fn files_are_encoded_as_old_readers_need_it() {
    let folder = tempfile::tempdir().unwrap();
    write_everything(folder.path());
    for name in artefacts(folder.path()) {
        let metadata = metadata(&folder.path().join(&name));
        let file = metadata.file_metadata();
        assert_eq!(file.version(), 1, "{name}");
        assert!(file.created_by().is_some_and(|by| by.starts_with("corridor version ")), "{name}");
        let values = file.key_value_metadata().unwrap();
        let keys: Vec<&str> = values.iter().map(|value| value.key.as_str()).collect();
        assert_eq!(keys, ["schema_version", "run_id", "study"], "{name}");
        for group in metadata.row_groups() {
            for column in group.columns() {
                let place = format!("{name} {}", column.column_path());
                let is_float = column.column_type() == parquet::basic::Type::DOUBLE;
                assert_eq!(column.compression(), Compression::SNAPPY, "{place}");
                assert!(column.bloom_filter_offset().is_none(), "{place}");
                assert!(
                    column.statistics().is_some() && column.offset_index_offset().is_some(),
                    "{place}"
                );
                assert!(!is_float || column.dictionary_page_offset().is_none(), "{place}");
                let plain = [Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY];
                let is_own = name.starts_with("state/"); // read by this program alone
                let is_allowed = |encoding| {
                    plain.contains(&encoding)
                        || (is_own && encoding == Encoding::DELTA_BINARY_PACKED)
                };
                assert!(column.encodings().all(is_allowed), "{place}");
            }
            let sorted = group
                .sorting_columns()
                .map(|columns| columns.iter().map(|c| c.column_idx).collect::<Vec<_>>());
            assert_eq!(sorted, name.starts_with("fact_path/").then(|| vec![1, 2, 3, 4]), "{name}");
        }
    }
}

#[test]
fn column_names_are_snake_case_and_unique() {
    let folder = tempfile::tempdir().unwrap();
    write_everything(folder.path());
    for name in artefacts(folder.path()) {
        let metadata = metadata(&folder.path().join(&name));
        let schema = metadata.file_metadata().schema_descr();
        let mut names: Vec<&str> = schema.columns().iter().map(|column| column.name()).collect();
        assert!(name.starts_with("state/") || names[0] == "run_id", "{name}");
        let good = |name: &&str| {
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        assert!(names.iter().all(good), "{names:?}");
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "{name}");
    }
}
