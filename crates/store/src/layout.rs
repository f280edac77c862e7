//! Names the files of a run folder.

use std::path::{Path, PathBuf};

use corridor_tables::path_columns::FACT_PATH;

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const LOCK: &str = ".lock";
pub(crate) const INPUTS: &str = "inputs";
pub(crate) const STATE: &str = "state";

/// A table of the state of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateTable {
    Moments,
    Crosses,
    Counts,
    Sections,
}

impl StateTable {
    pub(crate) const ALL: [Self; 4] = [Self::Moments, Self::Crosses, Self::Counts, Self::Sections];

    const fn name(self) -> &'static str {
        match self {
            Self::Moments => "moments",
            Self::Crosses => "crosses",
            Self::Counts => "counts",
            Self::Sections => "sections",
        }
    }
}

/// The paths of the files in a run folder.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn path_folder(&self) -> PathBuf {
        self.folder.join(FACT_PATH)
    }

    pub(crate) fn state_folder(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    pub(crate) fn input_folder(&self) -> PathBuf {
        self.folder.join(INPUTS)
    }

    pub(crate) fn path_rows(&self, part: u32) -> PathBuf {
        self.path_folder().join(format!("part-{part:05}.parquet"))
    }

    pub(crate) fn state(&self, table: StateTable, part: u32) -> PathBuf {
        self.state_folder().join(format!("{}-{part:05}.parquet", table.name()))
    }

    pub(crate) fn part_record(&self, part: u32) -> PathBuf {
        self.state_folder().join(format!("part-{part:05}.json"))
    }

    /// File that counts how often the run was resumed. The manifest does not list it, because
    /// it is not a result.
    pub(crate) fn attempts(&self) -> PathBuf {
        self.state_folder().join("attempts.json")
    }

    /// Names of the files of a part, in the order of its record.
    pub(crate) fn part_files(&self, part: u32, with_rows: bool) -> Vec<String> {
        let rows = with_rows.then(|| self.path_rows(part));
        let state = StateTable::ALL.map(|table| self.state(table, part));
        rows.iter().chain(&state).map(|path| self.relative(path)).collect()
    }

    /// Path relative to the run folder with `/`, as records and the manifest have it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.folder).unwrap_or(path);
        let names: Vec<_> =
            relative.components().map(|name| name.as_os_str().to_string_lossy()).collect();
        names.join("/")
    }
}

/// Whether a file, named relative to the run folder, is one of the sums of a part.
pub(crate) fn is_of_state(file: &str) -> bool {
    file.strip_prefix(STATE).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a name in `fact_path/` or `state/` is that of a file of a part.
pub(crate) fn is_part_file(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let Some((kind, number)) = stem.split_once('-') else { return false };
    let known = match ending {
        "parquet" => kind == "part" || StateTable::ALL.iter().any(|table| table.name() == kind),
        "json" => kind == "part",
        _ => false,
    };
    known && number.len() >= 5 && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// Index of the part whose record has this name.
pub(crate) fn part_of_record(name: &str) -> Option<u32> {
    let number = name.strip_prefix("part-")?.strip_suffix(".json")?;
    number.parse().ok().filter(|part| name == format!("part-{part:05}.json"))
}
