//! Estimates the cost of a run from its plan and a short calibration.

use std::time::Duration;

use clap::Args;
use corridor_report::number::{bytes, count, things};
use corridor_study::plan::RunPlan;
use corridor_workbench::{PhaseCost, RunCost, Silent};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::MachineInput;
use crate::place::PlaceInput;
use crate::progress::in_words;
use crate::study_input::StudyInput;

/// Smallest share of the processor time at which a part of the work is mentioned.
const MENTIONED: f64 = 0.1;

/// Arguments of `plan`.
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

/// Estimates the memory, disk space and time of a run and prints them.
///
/// # Errors
/// [`Failure::Work`] if the study or the plan is refused.
pub fn plan(input: &PlanInput, console: &Console) -> Result<(), Failure> {
    let session = input.study.load(input.machine.settings(&input.place)?, console)?;
    let plan = session.plan();
    if plan.search.is_some() {
        console.note(
            "this study searches: `corridor search` tries most candidates on few paths; the \
            figures are of all of them on all paths",
        );
    }
    let cost = session.cost(&Silent)?;
    let folder = session.run_folder().display().to_string();
    if input.json {
        console.json(&document(&cost, plan, &folder))
    } else {
        console.result(&text(&cost, plan, &folder))
    }
}

fn text(cost: &RunCost, plan: &RunPlan, folder: &str) -> String {
    let steps =
        plan.groups.iter().map(|group| group.simulation.grid.steps).max().unwrap_or_default();
    let policies = things(plan.policies.len() as u64, "policy");
    let cells = format!(
        "{} x {policies} x {}",
        things(plan.scenarios.len() as u64, "scenario"),
        things(plan.horizons.len() as u64, "horizon")
    );
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
                count(cost.kept_rows),
                plan.path_rows.name()
            ),
        ),
        (
            "trajectories",
            format!(
                "{} rows, every step of the first {} paths",
                count(cost.trajectory_rows),
                count(plan.trajectories)
            ),
        ),
        ("memory", format!("about {} with {} threads", bytes(cost.memory_bytes), cost.threads)),
        ("disk", format!("about {}", bytes(cost.disk_bytes))),
        (
            "time",
            format!(
                "about {} with {} threads; {} of processor time, {} of it simulation",
                time(cost.seconds),
                cost.threads,
                time(cost.total_cpu_seconds),
                time(cost.simulate_cpu_seconds)
            ),
        ),
        (
            "",
            format!(
                "(measured on {} paths: {:.2} ns per path, step and policy)",
                count(cost.path.paths),
                cost.ns_per_visit(plan)
            ),
        ),
        ("folder", folder.to_owned()),
    ];
    let text: String = lines.iter().map(|(name, value)| format!("{name:<13} {value}\n")).collect();
    text + &most_time(cost)
}

/// Writes what takes most of the processor time, and the settings that save it.
fn most_time(cost: &RunCost) -> String {
    let mut text = String::new();
    let large = |phase: &&PhaseCost| phase.cpu_seconds > MENTIONED * cost.total_cpu_seconds;
    for (place, phase) in cost.phases.iter().filter(large).enumerate() {
        let name = if place == 0 { "most time" } else { "" };
        let saved = phase
            .saved_by
            .map(|setting| format!("; `--set {setting}` saves most of it"))
            .unwrap_or_default();
        let seconds = time(phase.cpu_seconds);
        text.push_str(&format!("{name:<13} {} {seconds}{saved}\n", phase.what));
    }
    text
}

/// Words a number of seconds.
fn time(seconds: f64) -> String {
    in_words(Duration::from_secs_f64(seconds.min(1e15)))
}

fn document(cost: &RunCost, plan: &RunPlan, folder: &str) -> Value {
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
        "rows_kept": cost.kept_rows,
        "trajectory_rows": cost.trajectory_rows,
        "path_step_policies": plan.path_step_policies(),
        "threads": cost.threads,
        "memory_bytes": cost.memory_bytes,
        "disk_bytes": cost.disk_bytes,
        "simulate_cpu_seconds": cost.simulate_cpu_seconds,
        "total_cpu_seconds": cost.total_cpu_seconds,
        "total_seconds": cost.seconds,
        "phases": cost.phases.iter().map(|phase| json!({
            "what": phase.what,
            "cpu_seconds": phase.cpu_seconds,
            "saved_by": phase.saved_by,
        })).collect::<Vec<_>>(),
        "calibration_paths": cost.path.paths,
        "cpu_ns_per_path_step_policy": cost.ns_per_visit(plan),
    })
}
