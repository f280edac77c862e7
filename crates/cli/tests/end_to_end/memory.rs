//! Holds the memory of wide studies to what `plan` says of them.
//!
//! `CORRIDOR_LONG=1` takes 4,096 cells, which take minutes.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::bench::{Bench, STUDY};

/// The study with so many widths of a band, at as many costs.
fn wide(widths: usize, costs: usize) -> String {
    let list = |count: usize, step: f64| {
        let values = (0..count).map(|i| format!("{:.5}", 0.005 + step * i as f64));
        values.collect::<Vec<_>>().join(", ")
    };
    let band = format!("absolute = {{ sweep = [{}] }}, min_width", list(widths, 0.00009));
    let study = STUDY
        .replace("sweep = [0, 20]", &format!("sweep = [{}]", list(costs, 1.0)))
        .replace("absolute = 0.05, min_width = 0.02", &format!("{band} = 0.001"))
        .replace("report_horizons_years = [2, 5]\n", "")
        .replace("paths = 5000", "paths = 256")
        .replace("trajectories = 3", "trajectories = 0");
    assert!(study.contains("sweep = [0.005"), "the study has another text");
    study
}

/// The largest resident size of a process so far, in bytes; `None` once it has ended, or where the
/// system does not say.
fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}

#[test]
fn a_wide_study_takes_about_the_memory_that_is_planned() {
    let is_long = std::env::var_os("CORRIDOR_LONG").is_some();
    let (widths, costs) = if is_long { (1022, 4) } else { (62, 2) };
    let bench = Bench::with(&wide(widths, costs));
    let plan = bench.json(&["plan", "study.toml", "--json"]);
    let planned = plan["memory_bytes"].as_f64().unwrap();
    let mut run = bench
        .command(&["run", "study.toml", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most: f64 = 0.0;
    let status = loop {
        most = peak(run.id()).unwrap_or(0.0).max(most);
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success());
    if cfg!(target_os = "linux") {
        let ratio = most / planned;
        assert!(ratio > 1.0 / 1.5 && ratio < 1.25, "{most:e} bytes, planned {planned:e}");
    }
}
