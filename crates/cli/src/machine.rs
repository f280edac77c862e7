//! Asks the machine for threads and instructions, and describes it for the manifest.

use std::fs;
use std::thread::available_parallelism;

use clap::Args;
use corridor_core::level::Level;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::failure::Failure;

/// How the machine is used; no result depends on it.
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
    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// The threads.
    ///
    /// # Errors
    /// [`Failure::System`] where the system refuses them.
    pub fn pool(&self) -> Result<ThreadPool, Failure> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(self.threads())
            .thread_name(|index| format!("worker {index}"));
        pool.build()
            .map_err(|error| Failure::System { what: "start threads", cause: error.to_string() })
    }

    /// The instruction set asked for, else the widest.
    ///
    /// # Errors
    /// [`Failure::Unknown`] where this machine does not have it.
    pub fn level(&self) -> Result<Level, Failure> {
        let Some(name) = &self.level else { return Ok(Level::best()) };
        let levels = Level::available();
        levels.iter().copied().find(|level| level.name() == name).ok_or_else(|| Failure::Unknown {
            what: "instruction set of this machine called",
            name: name.clone(),
            known: levels
                .iter()
                .map(|level| format!("`{}`", level.name()))
                .collect::<Vec<_>>()
                .join(", "),
        })
    }
}

/// The compiler this program was built with.
#[must_use]
pub fn rustc() -> Option<String> {
    option_env!("CORRIDOR_RUSTC").filter(|version| !version.is_empty()).map(str::to_owned)
}

/// The processor's name, where the system tells (Linux).
#[must_use]
pub fn cpu() -> Option<String> {
    field("/proc/cpuinfo", "model name")
}

/// The largest memory this process has had so far in bytes, where the system tells (Linux).
#[must_use]
pub fn peak_memory_bytes() -> Option<u64> {
    let kib = field("/proc/self/status", "VmHWM")?;
    let kib: u64 = kib.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

fn field(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line =
        text.lines().find(|line| line.split(':').next().is_some_and(|name| name.trim() == key))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
