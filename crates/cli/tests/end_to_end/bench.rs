//! Sets a study up in a folder of its own and takes fingerprints of the files that runs leave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A study that runs for about a second, in many small parts.
pub const STUDY: &str = r#"
corridor = 1
[study]
name = "small"
[time]
horizon_years = 5
step = "month"
report_horizons_years = [2, 5]
[market.regime_switching]
assets = ["equity", "bond"]
regimes_change = "month"
moments_per = "month"
mean_is = "log"
transition = [[0.97, 0.03], [0.12, 0.88]]
regime = [
  { name = "calm", mean = [0.01, 0.003], vol = [0.034, 0.014], correlation = -0.1 },
  { name = "storm", mean = [-0.008, 0.005], vol = [0.08, 0.022], correlation = -0.4 },
]
[account]
initial = 1000
target = { equity = 0.6, bond = 0.4 }
[costs]
one_way_bps = { sweep = [0, 20] }
[signal.vol]
ewma_vol = { asset = "equity", half_life_months = 11 }
[[policy]]
name = "never"
trigger = "never"
[[policy]]
name = "annual"
review = "year"
trigger = "always"
[[policy]]
name = "scaled"
review = "month"
trigger = { outside = { absolute = 0.05, min_width = 0.02, max_width = 0.10, scale = [
  { signal = "vol", power = { elasticity = -1.0, reference = 0.16 } } ] } }
[comparison]
baseline = "annual"
[run]
paths = 5000
seed = 1
paths_per_part = 128
[output]
path_rows = "all"
trajectories = 3
"#;

/// BLAKE3 hash of each file of a run, by path within the run folder. The manifest counts with its
/// hash of the result alone.
pub type Fingerprint = BTreeMap<String, String>;

/// A temporary folder with `study.toml` in it.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    /// Makes a folder with [`STUDY`].
    pub fn new() -> Self {
        Self::with(STUDY)
    }

    /// Makes a folder with [`STUDY`] in ten parts, for tests of bytes, not of statistics.
    pub fn small() -> Self {
        Self::with(&STUDY.replace("paths = 5000", "paths = 1280"))
    }

    /// Makes a folder with another study.
    pub fn with(study: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("study.toml"), study).unwrap();
        Self { folder }
    }

    /// Returns the path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the program with arguments, to be started in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corridor"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end; returns its status and output.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program, which must succeed; returns its standard output.
    pub fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs the program, which must succeed and print a JSON document.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }

    /// Starts the program with its output kept.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Returns the only run folder below `out`.
    pub fn run_folder(&self, out: &str) -> PathBuf {
        let studies = folders(&self.path(out));
        assert_eq!(studies.len(), 1, "{studies:?}");
        let runs = folders(&studies[0]);
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs[0].clone()
    }

    /// Returns the fingerprint of the only run below `out`.
    pub fn fingerprint(&self, out: &str) -> Fingerprint {
        fingerprint(&self.run_folder(out))
    }

    /// Waits until the run below `out` has finished at least `parts` parts.
    pub fn wait_for_parts(&self, out: &str, parts: usize) {
        let finished = || {
            let studies =
                if self.path(out).is_dir() { folders(&self.path(out)) } else { Vec::new() };
            let state =
                studies.iter().flat_map(|study| folders(study)).map(|run| run.join("state")).next();
            let names =
                state.and_then(|state| fs::read_dir(state).ok()).into_iter().flatten().flatten();
            names.filter(|entry| entry.file_name().to_string_lossy().ends_with(".json")).count()
        };
        let since = Instant::now();
        while finished() < parts {
            assert!(since.elapsed() < Duration::from_secs(60), "no part after a minute");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Returns the fingerprint of a run folder.
pub fn fingerprint(folder: &Path) -> Fingerprint {
    let mut found = Fingerprint::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                open.push(path);
            } else if name == "manifest.json" {
                found.insert(name, result_of(&fs::read(&path).unwrap()));
            } else if name != ".lock" && name != "state/attempts.json" {
                found.insert(name, blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string());
            }
        }
    }
    found
}

/// Returns the hash of the result in a manifest; the hash of the whole file if a killed writer left
/// it half written.
fn result_of(manifest: &[u8]) -> String {
    let document: Option<serde_json::Value> = serde_json::from_slice(manifest).ok();
    let result = document.as_ref().and_then(|document| document["result_blake3"].as_str());
    result.map_or_else(|| blake3::hash(manifest).to_hex().to_string(), str::to_owned)
}

/// Decodes output of the program.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}
