//! Lists the content of a run folder. The manifest is written last, so it is the commit of the run.

use std::path::{Component, Path};

use corridor_tables::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Malformation, Operation, StoreError};
use crate::layout::{Layout, MANIFEST};
use crate::part::{FileRecord, PartRecord};
use crate::small_file::read_whole;
use crate::storage::Storage;

/// Largest manifest that is read, in bytes: about a hundred thousand parts.
const MAX_MANIFEST_BYTES: u64 = 128 << 20;

/// The content of a run folder, and how it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Result, which depends on study, seed and numerics version only.
    pub result: ResultSection,
    /// BLAKE3 hash of the bytes of the `result` section in the file.
    pub result_blake3: String,
    /// Circumstances of the execution, which differ from run to run.
    pub execution: ExecutionSection,
}

/// The section `result`: equal results have equal bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultSection {
    /// Version of the tables and the manifest.
    pub schema_version: u32,
    /// Facts about the run, from the caller.
    #[serde(flatten)]
    pub facts: RunFacts,
    /// Number of rows in `fact_path`.
    pub rows: u64,
    /// Parts in increasing order.
    pub parts: Vec<PartRecord>,
    /// All other files, in the order of their names.
    pub statistics: Vec<FileRecord>,
}

/// Facts about a run apart from its files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Name of the study.
    pub study: String,
    /// Identity of the simulation: `run_id` in every table.
    pub simulation_id: String,
    /// Identity of the analysis.
    pub analysis_id: String,
    /// Master seed.
    pub seed: u64,
    /// Version of the arithmetic: equal versions give equal bits.
    pub numerics_version: u32,
    /// Number of simulated paths.
    pub paths: u64,
    /// Extent of `fact_path`: `all`, `sample` or `none`.
    pub path_rows: String,
    /// Warnings for the reader of the results.
    pub warnings: Vec<String>,
}

/// The section `execution`: how the run was made. None of it is part of the result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExecutionSection {
    /// Version of the program.
    pub tool_version: String,
    /// Version of the compiler, if known.
    pub rustc: Option<String>,
    /// Name of the processor, if known.
    pub cpu: Option<String>,
    /// Instruction set that the kernels used, if known.
    pub cpu_level: Option<String>,
    /// Number of threads.
    pub threads: u32,
    /// Start of the last attempt, in seconds since 1970, UTC.
    pub started_unix_seconds: u64,
    /// Wall time of the simulation in the last attempt, in seconds.
    pub simulate_seconds: f64,
    /// Processor time of the simulation in the last attempt, in seconds.
    pub simulate_cpu_seconds: f64,
    /// Wall time of the last attempt up to the commit, in seconds.
    pub total_seconds: f64,
    /// Number of times that the run was resumed after an interruption.
    pub resumes: u32,
    /// Number of parts that an earlier attempt had finished.
    pub parts_reused: u32,
}

/// The layout of the file for writing.
#[derive(Serialize)]
struct Written<'a> {
    result: &'a RawValue,
    result_blake3: &'a str,
    execution: &'a ExecutionSection,
}

/// The layout of the file for reading.
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
    result_blake3: String,
    execution: ExecutionSection,
}

/// The key of the section `result` that every version has.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

impl Manifest {
    /// Reads and checks the manifest of a run folder.
    ///
    /// # Errors
    /// [`StoreError::NoManifest`] for a folder that holds no finished run,
    /// [`StoreError::NewerSchema`] for a run of a later version, [`StoreError::Altered`] if the
    /// section `result` does not have its hash, and [`StoreError::Malformed`] if it is
    /// inconsistent.
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

    /// Finds a list of files that no run has: the manifest may come from anywhere.
    fn contradiction(&self, path: &Path) -> Option<Malformation> {
        let layout = Layout::new(path.parent().unwrap_or(path).to_path_buf());
        let part = self.result.parts.iter().find(|part| !part.is_consistent(&layout));
        let file = self.result.statistics.iter().find(|file| !is_inside(&file.file));
        part.map(|part| Malformation::Part(part.range.part))
            .or_else(|| file.map(|file| Malformation::FileName(file.file.clone())))
    }

    /// Makes the manifest and the bytes of its file.
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

    /// Iterates over all files that the manifest lists.
    pub fn files(&self) -> impl Iterator<Item = &FileRecord> {
        self.result.parts.iter().flat_map(PartRecord::files).chain(&self.result.statistics)
    }
}

/// Whether a listed file is in the run folder.
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
