//! Says what a run folder holds: written last, it is the commit.

use std::path::{Component, Path};

use corridor_tables::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Malformation, Operation, StoreError};
use crate::layout::{Layout, MANIFEST};
use crate::part::{FileRecord, PartRecord};
use crate::small_file::read_whole;
use crate::storage::Storage;

/// The longest manifest that is read; about a hundred thousand parts.
const MAX_MANIFEST_BYTES: u64 = 128 << 20;

/// What a run folder holds and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What was found: depends on study, seed and numerics version only.
    pub result: ResultSection,
    /// BLAKE3 of the `result` section's bytes as they stand in the file.
    pub result_blake3: String,
    /// On what and how fast: differs from run to run.
    pub execution: ExecutionSection,
}

/// The result: equal results have equal bytes here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultSection {
    /// Version of tables and manifest.
    pub schema_version: u32,
    /// What the caller says of the run.
    #[serde(flatten)]
    pub facts: RunFacts,
    /// Rows of `fact_path`.
    pub rows: u64,
    /// Parts, in order.
    pub parts: Vec<PartRecord>,
    /// All other files, in order of their names.
    pub statistics: Vec<FileRecord>,
}

/// What a run is, apart from its files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Name of the study.
    pub study: String,
    /// Identity of the simulation: the run id of every table.
    pub simulation_id: String,
    /// Identity of the analysis.
    pub analysis_id: String,
    /// Seed.
    pub seed: u64,
    /// Version of the arithmetic.
    pub numerics_version: u32,
    /// Paths.
    pub paths: u64,
    /// Which path rows are kept: `all`, `sample` or `none`.
    pub path_rows: String,
    /// What the reader of the results should know.
    pub warnings: Vec<String>,
}

/// How the run came about. Nothing here is part of the result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecutionSection {
    /// Version of the tool.
    pub tool_version: String,
    /// Compiler, if known.
    pub rustc: Option<String>,
    /// Processor, if known.
    pub cpu: Option<String>,
    /// Instruction set used by the kernels, if known.
    pub cpu_level: Option<String>,
    /// Threads.
    pub threads: u32,
    /// Start of the last attempt: seconds since 1970, UTC.
    pub started_unix_seconds: u64,
    /// Wall time of the simulation in the last attempt.
    pub simulate_seconds: f64,
    /// Processor time of it.
    pub simulate_cpu_seconds: f64,
    /// Wall time of the last attempt up to the commit.
    pub total_seconds: f64,
    /// How often the run was taken up again after an interruption.
    pub resumes: u32,
    /// Parts that an earlier attempt had finished.
    pub parts_reused: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    result: &'a RawValue,
    result_blake3: &'a str,
    execution: &'a ExecutionSection,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
    result_blake3: String,
    execution: ExecutionSection,
}

/// The one key that every version of the section has.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

impl Manifest {
    /// Reads and checks the manifest of a run folder.
    ///
    /// # Errors
    /// [`StoreError::NoManifest`] for a folder that holds no finished run,
    /// [`StoreError::NewerSchema`] for one written by a later version, [`StoreError::Altered`] if
    /// the `result` section is not the one that was written.
    pub fn read(storage: &dyn Storage, folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MANIFEST);
        let bytes = match read_whole(storage, &path, MAX_MANIFEST_BYTES) {
            Err(StoreError::Io { operation: Operation::Open, cause, .. })
                if cause.kind() == std::io::ErrorKind::NotFound =>
            {
                return Err(StoreError::NoManifest { folder: folder.to_path_buf() });
            }
            other => other?,
        };
        Self::parse(&path, &bytes)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self, StoreError> {
        let json = |error| StoreError::malformed(path, Malformation::Json(error));
        let read: Read<'_> = serde_json::from_slice(bytes).map_err(json)?;
        let text = read.result.get();
        let version: Version = serde_json::from_str(text).map_err(json)?;
        if version.schema_version > SCHEMA_VERSION {
            return Err(StoreError::NewerSchema {
                path: path.to_path_buf(),
                found: version.schema_version,
                supported: SCHEMA_VERSION,
            });
        }
        let found = hash(text);
        if found != read.result_blake3 {
            return Err(StoreError::Altered {
                path: path.to_path_buf(),
                expected: read.result_blake3,
                expected_bytes: text.len() as u64,
                found,
                found_bytes: text.len() as u64,
            });
        }
        let result: ResultSection = serde_json::from_str(text).map_err(json)?;
        let manifest = Self { result, result_blake3: found, execution: read.execution };
        match manifest.contradiction(path) {
            Some(reason) => Err(StoreError::malformed(path, reason)),
            None => Ok(manifest),
        }
    }

    /// Lists of files that no run of ours has: the file may come from anywhere.
    fn contradiction(&self, path: &Path) -> Option<Malformation> {
        let layout = Layout::new(path.parent().unwrap_or(path).to_path_buf());
        let part = self.result.parts.iter().find(|part| !part.is_consistent(&layout));
        let file = self.result.statistics.iter().find(|file| !is_inside(&file.file));
        part.map(|part| Malformation::Part(part.range.part))
            .or_else(|| file.map(|file| Malformation::FileName(file.file.clone())))
    }

    /// The manifest's text, and itself as it will be read.
    pub(crate) fn compose(
        path: &Path,
        result: ResultSection,
        execution: ExecutionSection,
    ) -> Result<(Self, Vec<u8>), StoreError> {
        let json = |error| StoreError::malformed(path, Malformation::Json(error));
        let text = serde_json::to_string_pretty(&result).map_err(json)?;
        let result_blake3 = hash(&text);
        let raw = RawValue::from_string(text).map_err(json)?;
        let written =
            Written { result: &raw, result_blake3: &result_blake3, execution: &execution };
        let mut bytes = serde_json::to_vec_pretty(&written).map_err(json)?;
        bytes.push(b'\n');
        Ok((Self { result, result_blake3, execution }, bytes))
    }

    /// Every file the manifest answers for.
    pub fn files(&self) -> impl Iterator<Item = &FileRecord> {
        self.result.parts.iter().flat_map(PartRecord::files).chain(&self.result.statistics)
    }
}

/// Whether a listed file lies in the run folder.
fn is_inside(file: &str) -> bool {
    !file.is_empty()
        && Path::new(file).components().all(|part| matches!(part, Component::Normal(_)))
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part::PartRange;

    fn sample() -> ResultSection {
        ResultSection {
            schema_version: SCHEMA_VERSION,
            facts: RunFacts { study: "s".into(), seed: u64::MAX, ..RunFacts::default() },
            rows: 0,
            parts: Vec::new(),
            statistics: Vec::new(),
        }
    }

    fn composed(result: ResultSection) -> String {
        let (_, bytes) =
            Manifest::compose(Path::new("m"), result, ExecutionSection::default()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn reads_back_what_was_composed() {
        let (manifest, bytes) =
            Manifest::compose(Path::new("m"), sample(), ExecutionSection::default()).unwrap();
        assert_eq!(Manifest::parse(Path::new("m"), &bytes).unwrap(), manifest);
    }

    #[test]
    fn refuses_the_next_schema_version() {
        let text = composed(ResultSection { schema_version: SCHEMA_VERSION + 1, ..sample() });
        let error = Manifest::parse(Path::new("m"), text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, StoreError::NewerSchema { found, .. } if found == SCHEMA_VERSION + 1),
            "{error}"
        );
    }

    #[test]
    fn refuses_an_altered_result() {
        let text = composed(sample()).replace("\"paths\": 0", "\"paths\": 1");
        let error = Manifest::parse(Path::new("m"), text.as_bytes()).unwrap_err();
        assert!(matches!(error, StoreError::Altered { .. }), "{error}");
    }

    #[test]
    fn refuses_a_file_outside_the_folder() {
        let outside =
            FileRecord { file: "../x".into(), rows: None, bytes: 0, blake3: String::new() };
        let text = composed(ResultSection { statistics: vec![outside], ..sample() });
        let error = Manifest::parse(Path::new("m"), text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, StoreError::Malformed { reason: Malformation::FileName(_), .. }),
            "{error}"
        );
    }

    #[test]
    fn refuses_a_part_that_contradicts_itself() {
        let range = PartRange { part: 3, first_path: 0, paths: 5, kept_paths: 5, cells: u64::MAX };
        let part = PartRecord { range, path_rows: None, state: Vec::new() };
        let text = composed(ResultSection { parts: vec![part], ..sample() });
        let error = Manifest::parse(Path::new("m"), text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, StoreError::Malformed { reason: Malformation::Part(3), .. }),
            "{error}"
        );
    }

    #[test]
    fn does_not_mind_another_execution() {
        let text = composed(sample()).replace("\"threads\": 0", "\"threads\": 7");
        assert_eq!(Manifest::parse(Path::new("m"), text.as_bytes()).unwrap().execution.threads, 7);
    }
}
