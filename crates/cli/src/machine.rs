//! Reads the number of threads and the instruction set from the command line, and describes this
//! process.

use std::fs;
use std::thread::available_parallelism;

use clap::Args;
use corridor_core::level::Level;
use corridor_report::Thing;
use corridor_workbench::{Program, Settings};

use crate::commands::COMMANDS;
use crate::failure::Failure;
use crate::place::PlaceInput;

/// Options for the use of the machine, on which no result depends.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct MachineInput {
    /// Use N threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Use the kernels of one instruction set: baseline, avx2, avx512 (for tests: the results are
    /// the same)
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    level: Option<String>,
}

impl MachineInput {
    /// Returns the number of threads; one per core unless the user names another.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// Returns the settings of the library, with results under `place`.
    ///
    /// # Errors
    /// [`Failure::Work`] if this machine lacks the instruction set.
    pub fn settings(&self, place: &PlaceInput) -> Result<Settings, Failure> {
        let level = match &self.level {
            None => Level::best(),
            Some(name) => level(name)?,
        };
        Ok(Settings { threads: self.threads(), level, ..settings(place) })
    }
}

/// Returns the settings of the library with all threads and the widest instruction set.
#[must_use]
pub fn settings(place: &PlaceInput) -> Settings {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Settings {
        results: place.out.clone(),
        commands: COMMANDS,
        program: Program { version, rustc: rustc() },
        ..Settings::default()
    }
}

fn level(name: &str) -> Result<Level, Failure> {
    let levels = Level::available();
    levels.iter().copied().find(|level| level.name() == name).ok_or_else(|| {
        let known = levels.iter().map(|level| level.name());
        Failure::unknown(Thing::InstructionSet, name, known)
    })
}

/// Returns the version of the compiler that built this program, if known.
fn rustc() -> Option<String> {
    option_env!("CORRIDOR_RUSTC").filter(|version| !version.is_empty()).map(str::to_owned)
}

/// Returns the peak memory of this process in bytes; `None` if the system is not Linux.
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
