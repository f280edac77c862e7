//! Describes a run as one JSON document: what it is, what it took, what it found.

use std::path::Path;

use corridor_store::manifest::Manifest;
use corridor_study::plan::RunPlan;
use cpu_time::ProcessTime;
use serde_json::{Value, json};

use crate::comparison::Comparison;
use crate::finish::Circumstances;
use crate::machine;
use crate::reading::reading;
use crate::simulate::Simulated;

/// What a `run` had to do.
#[derive(Clone, Copy, Debug)]
pub enum Status {
    /// Everything.
    Simulated(Simulated),
    /// What an interrupted run had left.
    Resumed(Simulated),
    /// The analysis only.
    Analysed,
    /// Nothing.
    Complete,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Simulated(_) => "simulated",
            Self::Resumed(_) => "resumed",
            Self::Analysed => "analysed",
            Self::Complete => "complete",
        }
    }

    /// What was simulated now.
    fn simulated(self) -> Simulated {
        match self {
            Self::Simulated(simulated) | Self::Resumed(simulated) => simulated,
            Self::Analysed | Self::Complete => Simulated::default(),
        }
    }
}

/// The document. Times and rates are those of this command, so they are 0 or null where nothing was
/// simulated.
#[must_use]
pub fn run_document(
    plan: &RunPlan,
    folder: &Path,
    status: Status,
    circumstances: &Circumstances,
    manifest: &Manifest,
    comparison: &Comparison,
) -> Value {
    let simulated = status.simulated();
    let paths = simulated.paths as f64;
    let steps: u64 = plan.groups.iter().map(|group| u64::from(group.simulation.grid.steps)).sum();
    let visits = plan.path_step_policies() as f64 / plan.paths as f64 * paths;
    let rate = |number: f64| {
        Some(number / simulated.seconds).filter(|rate| rate.is_finite() && *rate > 0.0)
    };
    json!({
        "status": status.name(),
        "run_dir": folder.display().to_string(),
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
        "threads": circumstances.threads,
        "cpu_level": circumstances.level.name(),
        "paths_simulated": simulated.paths,
        "simulate_seconds": simulated.seconds,
        "simulate_cpu_seconds": simulated.cpu_seconds,
        "total_seconds": circumstances.started.elapsed().as_secs_f64(),
        "total_cpu_seconds": ProcessTime::now().as_duration().as_secs_f64(),
        "path_steps_per_second": rate(paths * steps as f64),
        "path_step_policies_per_second": rate(visits),
        "cpu_ns_per_path_step_policy": Some(
            simulated.cpu_seconds * 1e9 / visits
        ).filter(|ns| ns.is_finite()),
        "peak_memory_bytes": machine::peak_memory_bytes(),
        "warnings": manifest.result.facts.warnings,
        "metric": comparison.metric.metric,
        "unit": comparison.metric.unit,
        "comparison": comparison.json(),
        "break_even": comparison.break_even_json(),
        "attribution": crate::attribution_text::json(comparison),
        "signals": crate::attribution_text::signals_json(comparison),
        "reading": reading(comparison),
    })
}
