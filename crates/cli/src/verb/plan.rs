//! Says what a run would take, from the plan and a short calibration.

use std::time::Duration;

use clap::Args;
use corridor_core::outcome::PathColumn;
use corridor_report::number::{bytes, count, things};
use corridor_study::plan::RunPlan;
use serde_json::{Value, json};

use crate::calibrate::{Cost, calibrate};
use crate::console::Console;
use crate::failure::Failure;
use crate::machine::MachineInput;
use crate::place::{PlaceInput, parts};
use crate::progress::in_words;
use crate::study_input::StudyInput;
use crate::{source, twins};

/// Bytes of a row of `fact_path` on disk: 13 numbers and the ids, lightly compressed.
const PATH_ROW_BYTES: f64 = 90.0;
/// Bytes of a row of `fact_trajectory`.
const TRAJECTORY_ROW_BYTES: f64 = 100.0;
/// Bytes of the sums of one metric over one batch, and of one pair of policies.
const MOMENT_BYTES: f64 = 90.0;
/// Processor seconds to encode, compress, hash and write a row of `fact_path`, and to read it back
/// for exact quantiles.
const WRITE_ROW_SECONDS: f64 = 3.5e-7;
const READ_ROW_SECONDS: f64 = 3.0e-7;
/// Seconds to follow one path for one step, and to write it.
const TRAJECTORY_ROW_SECONDS: f64 = 2.5e-6;
/// Seconds to follow one path for one step by the reference loop, booked by true regime.
const REGIME_STEP_SECONDS: f64 = 6e-7;
/// Memory of the program itself and of the analysis.
const BASE_MEMORY: f64 = 60e6;

/// Which study.
#[derive(Debug, Args)]
pub struct PlanInput {
    #[command(flatten)]
    study: StudyInput,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    place: PlaceInput,
    #[command(flatten)]
    machine: MachineInput,
}

/// What a run would take.
struct Estimate {
    kept_rows: u64,
    trajectory_rows: u64,
    memory_bytes: f64,
    disk_bytes: f64,
    simulate_cpu_seconds: f64,
    total_cpu_seconds: f64,
    seconds: f64,
    threads: usize,
    cost: Cost,
}

/// Says what a run would take.
///
/// # Errors
/// [`Failure::Study`] where the study or the plan is refused.
pub fn plan(input: &PlanInput, console: &Console) -> Result<(), Failure> {
    let level = input.machine.level()?;
    let plan = source::at_level(input.study.load(console)?, level);
    if plan.search.is_some() {
        console.note(
            "this study searches: `corridor search` tries most candidates on few paths; \
        the figures are of all of them on all paths",
        );
    }
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let one =
        one.map_err(|error| Failure::System { what: "start a thread", cause: error.to_string() })?;
    let cost = one.install(|| calibrate(&plan, level));
    let estimate = Estimate::of(&plan, cost, input.machine.threads());
    let folder = input.place.folder(&plan).display().to_string();
    if input.json {
        console.json(&estimate.json(&plan, &folder))
    } else {
        console.result(&estimate.text(&plan, &folder))
    }
}

impl Estimate {
    fn of(plan: &RunPlan, cost: Cost, threads: usize) -> Self {
        let kept_paths: u64 = parts(plan).iter().map(|part| part.kept_paths).sum();
        let kept_rows = kept_paths * plan.cells();
        let lines = |group: &corridor_study::plan::MarketGroup| {
            group.simulation.instances.len() as u64 * (u64::from(group.simulation.grid.steps) + 1)
        };
        let trajectory_rows = plan.trajectories * plan.groups.iter().map(lines).sum::<u64>();
        let threads = threads.min(plan.parts() as usize).max(1);
        let paths = plan.paths as f64;
        let simulate_cpu_seconds = cost.simulate_seconds * paths;
        let writing = kept_rows as f64 * WRITE_ROW_SECONDS;
        // exact quantiles read every row back, where all are kept
        let reading =
            if kept_paths == plan.paths { kept_rows as f64 * READ_ROW_SECONDS } else { 0.0 };
        let steps = plan.groups.iter().map(lines).sum::<u64>() as f64;
        let following = trajectory_rows as f64 * TRAJECTORY_ROW_SECONDS
            + plan.regime_paths.min(plan.paths) as f64 * steps * REGIME_STEP_SECONDS;
        let found = plan.policies.iter().filter(|policy| policy.twin_of.is_some()).count() as f64;
        let per_instance = cost.simulate_seconds
            / plan.groups.iter().map(|group| group.simulation.instances.len()).sum::<usize>().max(1)
                as f64;
        let trials = found * twins::VISITS as f64 * per_instance;
        let total_cpu_seconds = simulate_cpu_seconds
            + trials
            + cost.reduce_seconds * paths
            + writing
            + reading
            + following;
        Self {
            kept_rows,
            trajectory_rows,
            memory_bytes: BASE_MEMORY + threads as f64 * part_bytes(plan),
            disk_bytes: kept_rows as f64 * PATH_ROW_BYTES
                + trajectory_rows as f64 * TRAJECTORY_ROW_BYTES
                + state_bytes(plan),
            simulate_cpu_seconds,
            total_cpu_seconds,
            seconds: total_cpu_seconds / threads as f64,
            threads,
            cost,
        }
    }

    fn text(&self, plan: &RunPlan, folder: &str) -> String {
        let steps =
            plan.groups.iter().map(|group| group.simulation.grid.steps).max().unwrap_or_default();
        let policies = things(plan.policies.len() as u64, "policy");
        let cells = format!(
            "{} x {policies} x {}",
            things(plan.scenarios.len() as u64, "scenario"),
            things(plan.horizons.len() as u64, "horizon")
        );
        let time = |seconds: f64| in_words(Duration::from_secs_f64(seconds.min(1e15)));
        let lines = [
            (
                "grid",
                format!(
                    "{cells} = {} on {}",
                    things(plan.cells(), "cell"),
                    things(plan.groups.len() as u64, "market")
                ),
            ),
            (
                "paths",
                format!(
                    "{} of {} steps, in {} parts of {}",
                    count(plan.paths),
                    count(u64::from(steps)),
                    count(plan.parts()),
                    count(plan.paths_per_part)
                ),
            ),
            (
                "outcomes",
                format!(
                    "{}, of which {} rows are kept (path_rows = \"{}\")",
                    count(plan.rows()),
                    count(self.kept_rows),
                    plan.path_rows.name()
                ),
            ),
            (
                "trajectories",
                format!(
                    "{} rows, every step of the first {} paths",
                    count(self.trajectory_rows),
                    count(plan.trajectories)
                ),
            ),
            ("memory", format!("about {} with {} threads", bytes(self.memory_bytes), self.threads)),
            ("disk", format!("about {}", bytes(self.disk_bytes))),
            (
                "time",
                format!(
                    "about {} with {} threads; {} of processor time, {} of it simulation",
                    time(self.seconds),
                    self.threads,
                    time(self.total_cpu_seconds),
                    time(self.simulate_cpu_seconds)
                ),
            ),
            (
                "",
                format!(
                    "(measured on {} paths: {:.2} ns per path, step and policy)",
                    count(self.cost.paths),
                    self.ns_per_visit(plan)
                ),
            ),
            ("folder", folder.to_owned()),
        ];
        lines.iter().map(|(name, value)| format!("{name:<13} {value}\n")).collect()
    }

    fn json(&self, plan: &RunPlan, folder: &str) -> Value {
        json!({
            "study": plan.name,
            "run_id": plan.simulation_id,
            "run_dir": folder,
            "scenarios": plan.scenarios.len(),
            "policies": plan.policies.len(),
            "horizons": plan.horizons.len(),
            "markets": plan.groups.len(),
            "cells": plan.cells(),
            "paths": plan.paths,
            "parts": plan.parts(),
            "paths_per_part": plan.paths_per_part,
            "outcomes": plan.rows(),
            "rows_kept": self.kept_rows,
            "trajectory_rows": self.trajectory_rows,
            "path_step_policies": plan.path_step_policies(),
            "threads": self.threads,
            "memory_bytes": self.memory_bytes,
            "disk_bytes": self.disk_bytes,
            "simulate_cpu_seconds": self.simulate_cpu_seconds,
            "total_cpu_seconds": self.total_cpu_seconds,
            "total_seconds": self.seconds,
            "calibration_paths": self.cost.paths,
            "cpu_ns_per_path_step_policy": self.ns_per_visit(plan),
        })
    }

    fn ns_per_visit(&self, plan: &RunPlan) -> f64 {
        let visits = plan.path_step_policies() as f64 / plan.paths as f64;
        self.cost.simulate_seconds * 1e9 / visits
    }
}

/// A part in memory: its outcomes, and its file as it is written.
fn part_bytes(plan: &RunPlan) -> f64 {
    let rows = plan.paths_per_part.min(plan.paths) * plan.cells();
    rows as f64 * (PathColumn::COUNT * size_of::<f64>()) as f64 * 1.5
}

/// The sums that are kept for further analyses.
fn state_bytes(plan: &RunPlan) -> f64 {
    let batch = corridor_tables::state::BATCH_PATHS as u64;
    let batches = (plan.parts() * plan.paths_per_part.min(plan.paths).div_ceil(batch)) as f64;
    let policies = plan.policies.len() as f64;
    let pairs = if plan.policies.len() > corridor_analysis::reduce::ALL_PAIRS_MAX_POLICIES {
        1.0
    } else {
        (policies - 1.0) / 2.0
    };
    let metrics = corridor_tables::metric::REGISTRY.len() as f64;
    batches * plan.cells() as f64 * metrics * (1.0 + pairs) * MOMENT_BYTES
}
