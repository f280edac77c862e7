//! Measures the time and memory of writing path rows and reading them back: `cargo run --release
//! --example path_rows -- DIR`.
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, PathColumn, PolicyId, ScenarioId};
use corridor_store::part::PartRange;
use corridor_store::run_folder::RunFolder;
use corridor_store::schema::RunId;
use corridor_store::storage::Disk;
use corridor_tables::state::PartState;

const PARTS: u32 = 16;
const POLICIES: u32 = 8;
const PATHS: usize = 1 << 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: path_rows DIR (it will be made)")?;
    let plan: Vec<PartRange> = (0..PARTS)
        .map(|part| PartRange {
            part,
            first_path: u64::from(part) * PATHS as u64,
            paths: PATHS as u64,
            kept_paths: PATHS as u64,
            cells: u64::from(POLICIES),
        })
        .collect();
    let run = RunId { study: "bench".to_owned(), run_id: "0123456789ab".to_owned() };
    let folder = RunFolder::create(Arc::new(Disk), Path::new(&folder), run, &plan)?;
    let mut part = synthetic_part();
    let before = peak_mib();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    for range in &plan {
        part.index = range.part;
        part.first_path = range.first_path;
        let state = PartState {
            part: range.part,
            first_path: range.first_path,
            paths: range.paths,
            ..PartState::default()
        };
        folder.commit_part(&part, [state])?;
    }
    let rows = f64::from(PARTS * POLICIES) * PATHS as f64 / 1e6;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!(
        "write: {rows:.2} M rows, {:.3} CPU-s and {:.3} s per M rows",
        cpu / rows,
        wall / rows
    );
    println!(
        "peak memory: {:.0} MiB with one part in memory, {:.0} MiB after writing",
        before,
        peak_mib()
    );

    let parts = folder.parts()?;
    for (name, cells) in [("all cells", 0..POLICIES as usize), ("one cell", 3..4)] {
        let cpu = cpu_seconds();
        let mut values = 0_usize;
        let mut sum = 0.0;
        parts.read_path_columns(&[PathColumn::TerminalWealthNominal], cells, &mut |slice| {
            values += slice.columns[0].len();
            sum += slice.columns[0].iter().sum::<f64>();
            ControlFlow::Continue(())
        })?;
        let cpu = cpu_seconds() - cpu;
        println!(
            "read one column of {name}: {:.2} ns a value, {values} values, mean {:.4}",
            cpu / values as f64 * 1e9,
            sum / values as f64
        );
    }
    Ok(())
}

/// Makes a part of random numbers, which compress as little as simulated ones.
fn synthetic_part() -> OutcomePart {
    let mut state = 1_u64;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let cells = (0..POLICIES).map(|policy_id| {
        let mut cell = OutcomeCell::with_capacity(
            CellId {
                scenario_id: ScenarioId(0),
                policy_id: PolicyId(policy_id),
                horizon_months: 360,
            },
            PATHS,
        );
        for column in PathColumn::ALL {
            let values = (0..PATHS).map(|_| match column {
                PathColumn::RebalanceEvents => (uniform() * 60.0).floor(),
                PathColumn::MonthsUnderWaterUnit => (uniform() * 360.0).floor(),
                PathColumn::RuinMonth => f64::NAN,
                _ => uniform(),
            });
            cell.columns[column as usize].extend(values);
        }
        cell
    });
    OutcomePart { index: 0, first_path: 0, paths: PATHS, cells: cells.collect() }
}

/// Returns the processor time of this process in seconds on Linux, 0 elsewhere.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// Returns the largest resident size so far in MiB on Linux, 0 elsewhere.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .and_then(|kib| kib.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}
