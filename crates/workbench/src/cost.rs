//! Estimates the cost of a run from its plan and a short calibration on this machine.

use std::time::{Duration, Instant};

use corridor_analysis::attribution::RegimeTotals;
use corridor_analysis::input::SECTIONS_AT_ONCE;
use corridor_analysis::reduce::{ALL_PAIRS_MAX_POLICIES, reduce};
use corridor_analysis::section::Thresholds;
use corridor_core::outcome::{OutcomePart, PathColumn};
use corridor_report::Shown;
use corridor_simulation::run::PathRange;
use corridor_study::plan::{MarketGroup, RunPlan};
use corridor_tables::metric::{FollowedColumn, REGISTRY};
use corridor_tables::state::BATCH_PATHS;

use crate::analyse::{reduce_spec, sections};
use crate::control::controls;
use crate::error::Error;
use crate::monitor::Monitor;
use crate::session::Session;
use crate::simulate::map_parts;
use crate::source::groups;
use crate::work::{Work, in_pool};
use crate::{by_regime, followed, twins};

/// Time that a calibration takes, about.
const BUDGET: Duration = Duration::from_millis(400);
/// Paths of the first trial: one block of the widest kernel.
const FIRST: u64 = 128;
/// Bytes on disk of a row of `fact_path`: 13 numbers and the ids, lightly compressed.
const PATH_ROW_BYTES: f64 = 90.0;
/// Bytes on disk of a row of `fact_trajectory`.
const TRAJECTORY_ROW_BYTES: f64 = 100.0;
/// Bytes of the sums of one metric over one batch, for a policy or a pair of policies.
const MOMENT_BYTES: f64 = 90.0;
/// Processor seconds to encode, compress, hash and write a row of `fact_path`.
const WRITE_ROW_SECONDS: f64 = 3.5e-7;
/// Processor seconds to read a row of `fact_path` back for exact quantiles.
const READ_ROW_SECONDS: f64 = 3.0e-7;
/// Processor seconds to follow one policy for one step and to write its row of `fact_trajectory`.
const TRAJECTORY_ROW_SECONDS: f64 = 2.5e-6;
/// Processor seconds to follow one policy for one step by true regime.
const REGIME_STEP_SECONDS: f64 = 3.5e-8;
/// Processor seconds to follow one policy for one month: its outcomes at the month's end, and its
/// place in the fans.
const FOLLOWED_MONTH_SECONDS: f64 = 8e-8;
/// Processor seconds of the analysis of one cell, with its rows in the tables.
const ANALYSIS_CELL_SECONDS: f64 = 0.02;
/// Memory of the program itself, in bytes.
const BASE_MEMORY: f64 = 35e6;
/// Memory of the analysis for each cell, in bytes, without its sections and followed paths: runs of
/// 24, 256, 1,000, 1,024, 2,048 and 4,096 cells peaked at 0.10, 0.28, 0.53, 0.33, 0.46 and 0.83 GB.
const ANALYSIS_CELL_BYTES: f64 = 1.3e5;
/// Memory of the rows that reports show, for each cell of a run that they show in full, in bytes.
const SHOWN_CELL_BYTES: f64 = 3e5;
/// Memory of the sums of one metric over one section, in bytes, with what is derived from them.
const SECTION_BYTES: f64 = 95.0;

/// Estimated cost of a run, right to within about a third.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCost {
    /// Number of rows of `fact_path` that are kept.
    pub kept_rows: u64,
    /// Number of rows of `fact_trajectory`.
    pub trajectory_rows: u64,
    /// Peak memory, in bytes.
    pub memory_bytes: f64,
    /// Size of the run folder, in bytes.
    pub disk_bytes: f64,
    /// Processor time of generating and simulating, in seconds.
    pub simulate_cpu_seconds: f64,
    /// Processor time of the whole run, in seconds.
    pub total_cpu_seconds: f64,
    /// Wall time of the whole run, in seconds.
    pub seconds: f64,
    /// Processor time of each part of the work, the longest first.
    pub phases: Vec<PhaseCost>,
    /// Number of threads that have work.
    pub threads: usize,
    /// Measured cost of one path.
    pub path: PathCost,
}

/// Processor time of one part of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseCost {
    /// The work, in plain words.
    pub what: &'static str,
    /// Processor time, in seconds.
    pub cpu_seconds: f64,
    /// Setting of the study, as `key=value`, that saves most of it; `None` where none does.
    pub saved_by: Option<&'static str>,
}

/// Cost of one path under every policy of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathCost {
    /// Processor seconds to generate and simulate the path.
    pub simulate_seconds: f64,
    /// Processor seconds to sum up the outcomes of the path.
    pub reduce_seconds: f64,
    /// Processor seconds to generate the path once more for its controls; 0 without any.
    pub control_seconds: f64,
    /// Number of paths that the cost was measured on.
    pub paths: u64,
}

impl Session {
    /// Estimates the cost of running the study from a calibration of less than a second on one
    /// thread. Nothing is kept.
    ///
    /// # Errors
    /// [`Error::TooManyAssets`], [`Error::Cancelled`], [`Error::Threads`].
    pub fn cost(&self, monitor: &(dyn Monitor + Sync)) -> Result<RunCost, Error> {
        let work = Work::new(self.settings().level, monitor);
        let path = in_pool(1, || calibrate(self.plan(), &work))?;
        Ok(RunCost::of(self.plan(), path, self.settings().threads))
    }
}

impl RunCost {
    fn of(plan: &RunPlan, path: PathCost, threads: usize) -> Self {
        let kept_rows = plan.kept_paths() * plan.cells();
        let steps = |group: &MarketGroup| {
            group.simulation.instances.len() as u64 * (u64::from(group.simulation.grid.steps) + 1)
        };
        let steps = plan.groups.iter().map(steps).sum::<u64>();
        let months = |group: &MarketGroup| {
            let grid = group.simulation.grid;
            group.simulation.instances.len() as f64 * grid.months(grid.steps)
        };
        let months = plan.groups.iter().map(months).sum::<f64>();
        let trajectory_rows = plan.trajectories * steps;
        let threads = threads.min(plan.parts() as usize).max(1);
        let paths = plan.paths as f64;
        let simulate_cpu_seconds = path.simulate_seconds * paths;
        let writing = kept_rows as f64 * WRITE_ROW_SECONDS;
        // exact quantiles read every row back if all are kept
        let all_kept = plan.kept_paths() == plan.paths;
        let reading = if all_kept { kept_rows as f64 * READ_ROW_SECONDS } else { 0.0 };
        let followed = plan.followed_paths.min(plan.paths) as f64;
        let by_regime = plan.regime_paths.min(plan.paths) as f64 * steps as f64;
        let phase = |what, cpu_seconds, saved_by| PhaseCost { what, cpu_seconds, saved_by };
        let mut phases = vec![
            phase("simulation", simulate_cpu_seconds, None),
            phase("summing up outcomes", path.reduce_seconds * paths, None),
            phase(
                "control variates",
                path.control_seconds * paths,
                Some("comparison.control_variate=false"),
            ),
            phase("finding twins", twin_trials(plan, path), None),
            phase("analysis and tables", plan.cells() as f64 * ANALYSIS_CELL_SECONDS, None),
            phase("path rows", writing + reading, Some("output.path_rows=sample")),
            phase(
                "paths followed month by month",
                followed * months * FOLLOWED_MONTH_SECONDS,
                Some("output.followed_paths=0"),
            ),
            phase(
                "paths followed by regime",
                by_regime * REGIME_STEP_SECONDS,
                Some("output.regime_paths=0"),
            ),
            phase(
                "trajectories",
                trajectory_rows as f64 * TRAJECTORY_ROW_SECONDS,
                Some("output.trajectories=0"),
            ),
        ];
        phases.sort_by(|a, b| b.cpu_seconds.total_cmp(&a.cpu_seconds));
        let total_cpu_seconds = phases.iter().map(|phase| phase.cpu_seconds).sum();
        Self {
            kept_rows,
            trajectory_rows,
            memory_bytes: BASE_MEMORY + analysis_bytes(plan).max(threads as f64 * part_bytes(plan)),
            disk_bytes: kept_rows as f64 * PATH_ROW_BYTES
                + trajectory_rows as f64 * TRAJECTORY_ROW_BYTES
                + state_bytes(plan),
            simulate_cpu_seconds,
            total_cpu_seconds,
            seconds: total_cpu_seconds / threads as f64,
            phases,
            threads,
            path,
        }
    }

    /// Returns the processor nanoseconds per path, step and policy.
    #[must_use]
    pub fn ns_per_visit(&self, plan: &RunPlan) -> f64 {
        let visits = plan.path_step_policies() as f64 / plan.paths as f64;
        self.path.simulate_seconds * 1e9 / visits
    }
}

/// Estimates the processor seconds to find the twins of a plan.
fn twin_trials(plan: &RunPlan, path: PathCost) -> f64 {
    let twins = plan.policies.iter().filter(|policy| policy.twin_of.is_some()).count() as f64;
    let instances: usize = plan.groups.iter().map(|group| group.simulation.instances.len()).sum();
    let per_instance = path.simulate_seconds / instances.max(1) as f64;
    twins * twins::VISITS as f64 * per_instance
}

/// Estimates the bytes of the analysis in memory: what it keeps of each cell, the sections of the
/// metrics that are analysed together, and the paths that are followed.
fn analysis_bytes(plan: &RunPlan) -> f64 {
    let sections = plan.cells() * plan.paths.div_ceil(plan.section_paths.max(1));
    let together = (sections * REGISTRY.len() as u64).min(sections.max(SECTIONS_AT_ONCE as u64));
    let instances = |group: &MarketGroup| group.simulation.instances.len() as u64;
    let months = plan.groups.iter().map(instances).sum::<u64>()
        * followed::paths_of(plan) as u64
        * (FollowedColumn::COUNT * size_of::<f64>()) as u64;
    let regimes = |group: &MarketGroup| {
        instances(group) * group.market.regimes().len() as u64 * by_regime::paths_of(plan, group)
    };
    let regimes = plan.groups.iter().map(regimes).sum::<u64>() * size_of::<RegimeTotals>() as u64;
    let shown = if Shown::is_in_full(plan.cells()) { SHOWN_CELL_BYTES } else { 0.0 };
    plan.cells() as f64 * (ANALYSIS_CELL_BYTES + shown)
        + together as f64 * SECTION_BYTES
        + (months + regimes) as f64
}

/// Estimates the bytes of a part in memory: its outcomes and the buffer of its file.
fn part_bytes(plan: &RunPlan) -> f64 {
    let rows = plan.paths_per_part.min(plan.paths) * plan.cells();
    rows as f64 * (PathColumn::COUNT * size_of::<f64>()) as f64 * 1.5
}

/// Estimates the bytes of the sums that are kept for further analyses.
fn state_bytes(plan: &RunPlan) -> f64 {
    let paths = plan.paths_per_part.min(plan.paths);
    let batches = (plan.parts() * paths.div_ceil(BATCH_PATHS as u64)) as f64;
    let policies = plan.policies.len() as f64;
    let all_pairs = plan.policies.len() <= ALL_PAIRS_MAX_POLICIES;
    let pairs = if all_pairs { (policies - 1.0) / 2.0 } else { 1.0 };
    batches * plan.cells() as f64 * REGISTRY.len() as f64 * (1.0 + pairs) * MOMENT_BYTES
}

/// Simulates paths of the plan on one thread, four times as many in each trial, until a trial is
/// long enough to time.
fn calibrate(plan: &RunPlan, work: &Work<'_>) -> Result<PathCost, Error> {
    let started = Instant::now();
    let mut paths = FIRST.min(plan.paths.max(1));
    loop {
        let cost = measure(plan, paths, work)?;
        let next = (paths * 4).min(plan.paths).min(plan.paths_per_part);
        if started.elapsed() > BUDGET / 4 || next <= paths {
            return Ok(cost);
        }
        paths = next;
    }
}

fn measure(plan: &RunPlan, paths: u64, work: &Work<'_>) -> Result<PathCost, Error> {
    let spec =
        reduce_spec(plan).with_sections(sections(plan, Thresholds::default())).at_level(work.level);
    let range =
        PathRange { paths, paths_per_part: paths.next_multiple_of(FIRST), finished: Vec::new() };
    let seconds = |part: OutcomePart| {
        let started = Instant::now();
        drop(reduce(&part, &spec));
        started.elapsed().as_secs_f64()
    };
    let (reduced, report) = map_parts(&groups(plan), &range, work, &|_| (), seconds)?;
    let started = Instant::now();
    controls(&plan.stopped_at(paths), work)?;
    let control_seconds = started.elapsed().as_secs_f64();
    Ok(PathCost {
        simulate_seconds: report.simulate_cpu_seconds / paths as f64,
        reduce_seconds: reduced.iter().sum::<f64>() / paths as f64,
        control_seconds: control_seconds / paths as f64,
        paths,
    })
}
