//! Says how and where the library works. No result depends on any of it.

use std::path::PathBuf;
use std::thread::available_parallelism;

use corridor_core::level::Level;
use corridor_tables::commands::Commands;

/// How and where work is done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder that holds the results: a run lies in `results/STUDY/RUN_ID`.
    pub results: PathBuf,
    /// Number of threads; every call starts its own and joins them before it returns.
    pub threads: usize,
    /// Instruction set of the kernels.
    pub level: Level,
    /// Whether an interrupted run is continued, and damaged files of a finished one are restored.
    pub resume: bool,
    /// Commands that the README and the page of a run mention.
    pub commands: Commands,
    /// The program that asks, for the manifest of a run.
    pub program: Program,
}

/// The program that uses the library, as the manifest of a run records it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// The compiler it was built with, if known.
    pub rustc: Option<String>,
}

impl Default for Settings {
    /// Results in `results`, one thread per core, the widest instruction set of the machine.
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
