//! Sets the folder, threads and instruction set that the library uses. No result depends on them.

use std::path::PathBuf;
use std::thread::available_parallelism;

use corridor_core::level::Level;
use corridor_tables::commands::Commands;

/// Folder, threads and instruction set that the library uses; no result depends on them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder that holds the results; a run is in `results/STUDY/RUN_ID`.
    pub results: PathBuf,
    /// Number of threads. Every call starts its own threads and joins them before it returns.
    pub threads: usize,
    /// Instruction set of the kernels and generators.
    pub level: Level,
    /// Whether to continue an interrupted run and to restore damaged files of a finished one.
    pub resume: bool,
    /// Commands that the README and the page of a run mention.
    pub commands: Commands,
    /// Program that uses the library, for the manifest of a run.
    pub program: Program,
}

/// The program that uses the library, as the manifest of a run records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Version of the program.
    pub version: String,
    /// Version of the compiler that built the program, if known.
    pub rustc: Option<String>,
}

impl Default for Settings {
    /// Returns results in `results`, one thread per core and the widest instruction set.
    fn default() -> Self {
        Self {
            results: PathBuf::from("results"),
            threads: available_parallelism().map_or(1, usize::from),
            level: Level::best(),
            resume: false,
            commands: Commands::default(),
            program: Program { version: env!("CARGO_PKG_VERSION").to_owned(), rustc: None },
        }
    }
}
