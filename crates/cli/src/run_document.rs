//! Describes a run as one JSON document: its identity, the work it took and its findings.

use std::time::Instant;

use corridor_report::{Comparison, answer, text};
use corridor_workbench::{Run, Settings};
use cpu_time::ProcessTime;
use serde_json::{Value, json};

use crate::machine;

/// Returns the JSON document of a run. Times and rates are those of this command, so they are 0 or
/// null if it simulated nothing.
#[must_use]
pub fn run_document(
    run: &Run,
    settings: &Settings,
    started: Instant,
    comparison: &Comparison,
) -> Value {
    let (plan, manifest) = (&run.plan, run.stored.manifest());
    let simulated = run.status.simulated();
    let paths = simulated.paths as f64;
    let steps: u64 = plan.groups.iter().map(|group| u64::from(group.simulation.grid.steps)).sum();
    let visits = plan.path_step_policies() as f64 / plan.paths as f64 * paths;
    let rate = |number: f64| {
        Some(number / simulated.seconds).filter(|rate| rate.is_finite() && *rate > 0.0)
    };
    let nanoseconds = simulated.cpu_seconds * 1e9 / visits;
    let mut document = json!({
        "status": run.status.name(),
        "run_dir": run.stored.folder().display().to_string(),
        "run_id": plan.simulation_id,
        "analysis_id": plan.analysis_id,
        "study": plan.name,
        "paths": plan.paths,
        "scenarios": plan.scenarios.len(),
        "policies": plan.policies.len(),
        "markets": plan.groups.len(),
        "horizons": plan.horizons.len(),
        "steps": plan.groups.iter().map(|group| group.simulation.grid.steps).max(),
        "cells": plan.cells(),
        "rows": manifest.result.rows,
        "parts": plan.parts(),
        "parts_reused": manifest.execution.parts_reused,
        "threads": settings.threads,
        "cpu_level": settings.level.name(),
        "paths_simulated": simulated.paths,
        "simulate_seconds": simulated.seconds,
        "simulate_cpu_seconds": simulated.cpu_seconds,
        "total_seconds": started.elapsed().as_secs_f64(),
        "total_cpu_seconds": ProcessTime::now().as_duration().as_secs_f64(),
        "path_steps_per_second": rate(paths * steps as f64),
        "path_step_policies_per_second": rate(visits),
        "cpu_ns_per_path_step_policy": Some(nanoseconds).filter(|ns| ns.is_finite()),
        "peak_memory_bytes": machine::peak_memory_bytes(),
        "warnings": manifest.result.facts.warnings,
    });
    if let Some(document) = document.as_object_mut() {
        document.extend(text::run::findings(comparison, &answer(comparison)));
    }
    document
}
