//! Times runs of more paths, steps and policies, and on a second thread.

use std::time::Instant;

use corridor_core::cancel::Cancel;
use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::cost::CostConvention;
use corridor_simulation::plan::Simulation;
use corridor_simulation::run::{Execution, Group, PathRange, run};

use crate::job;

/// A sink that drops every part.
struct Forget;

impl OutcomeSink for Forget {
    type Error = std::convert::Infallible;
    fn accept(&self, part: OutcomePart) -> Result<(), Self::Error> {
        std::hint::black_box(part.cells.len());
        Ok(())
    }
}

/// Prints the tables of time by paths, steps, policies and threads.
pub fn print(model: &RegimeModel, exact: &Simulation) {
    println!(
        "\nshipped kernel, all columns, one thread: growth of the cost\n| what | paths | steps | \
        policies | CPU seconds | ns per path-step-policy |\n|---|---|---|---|---|---|"
    );
    let base = 65_536;
    for paths in [base, 2 * base, 4 * base] {
        row("paths", model, exact, paths);
    }
    for steps in [180, 360, 720] {
        row("steps", model, &job::simulation(CostConvention::Exact, steps, 8), base);
    }
    for policies in [8, 16, 32, 64] {
        row("policies", model, &job::simulation(CostConvention::Exact, 360, policies), base / 2);
    }
    let threads: Vec<(usize, f64)> =
        [1, 2, 1, 2, 1, 2].into_iter().map(|n| (n, throughput(model, exact, n))).collect();
    let best = |n| threads.iter().filter(|t| t.0 == n).map(|t| t.1).fold(0.0, f64::max);
    println!(
        "\nthreads: {:.1} M path-steps/s on one, {:.1} on two (wall time, best of 3): x {:.2}",
        best(1) / 1e6,
        best(2) / 1e6,
        best(2) / best(1)
    );
}

fn row(what: &str, model: &RegimeModel, simulation: &Simulation, paths: u64) {
    let seconds = (0..3).map(|_| run_on(model, simulation, paths, 1)).fold(f64::INFINITY, f64::min);
    let (steps, policies) = (simulation.grid.steps, simulation.instances.len());
    let ns = seconds * 1e9 / (paths as f64 * f64::from(steps) * policies as f64);
    println!("| {what} | {paths} | {steps} | {policies} | {seconds:.2} | {ns:.2} |");
}

/// Returns the processor seconds of the simulation.
fn run_on(model: &RegimeModel, simulation: &Simulation, paths: u64, threads: usize) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads can be started");
    let range = PathRange { paths, paths_per_part: 4096, finished: Vec::new() };
    let execution = Execution { level: Level::best(), cancel: Cancel::NEVER, progress: &|_| () };
    let groups = [Group { source: model, simulation }];
    pool.install(|| run(&groups, &range, execution, &Forget))
        .expect("nothing stops the run")
        .simulate_cpu_seconds
}

fn throughput(model: &RegimeModel, simulation: &Simulation, threads: usize) -> f64 {
    let paths = 65_536 * threads as u64;
    let started = Instant::now();
    run_on(model, simulation, paths, threads);
    paths as f64 * f64::from(simulation.grid.steps) / started.elapsed().as_secs_f64()
}

/// Returns the model name of the processor; `unknown` if the system does not report it.
pub fn cpu_name() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = info.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown").to_string()
}
