//! Measures on a few blocks of a plan what a path costs on this machine.

use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use corridor_analysis::reduce::{ReduceSpec, reduce};
use corridor_analysis::section::Thresholds;
use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_simulation::run::{Execution, PathRange, run};
use corridor_study::plan::RunPlan;

use crate::analyse::{reduce_spec, sections};
use crate::source::groups;

/// Time a calibration may take, about.
const BUDGET: Duration = Duration::from_millis(400);
/// Paths of the first trial: one block of the widest kind.
const FIRST: u64 = 128;

/// What a path costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Processor seconds to generate and simulate one path under everything.
    pub simulate_seconds: f64,
    /// Processor seconds to sum its outcomes up.
    pub reduce_seconds: f64,
    /// Paths it was measured on.
    pub paths: u64,
}

/// Simulates ever more of the plan's own paths on one thread until the time is long enough to be
/// trusted. Nothing is kept.
#[must_use]
pub fn calibrate(plan: &RunPlan, level: Level) -> Cost {
    let started = Instant::now();
    let mut paths = FIRST.min(plan.paths.max(1));
    loop {
        let cost = measure(plan, level, paths);
        let next = (paths * 4).min(plan.paths).min(plan.paths_per_part);
        if started.elapsed() > BUDGET / 4 || next <= paths {
            return cost;
        }
        paths = next;
    }
}

fn measure(plan: &RunPlan, level: Level, paths: u64) -> Cost {
    let sink = Summing {
        spec: reduce_spec(plan)
            .with_sections(sections(plan, Thresholds::default()))
            .at_level(level),
        seconds: Mutex::new(0.0),
    };
    let range =
        PathRange { paths, paths_per_part: paths.next_multiple_of(FIRST), finished: Vec::new() };
    let execution = Execution { level, cancel: &AtomicBool::new(false), progress: &|_| {} };
    // A checked plan runs: nothing stops it and the sink takes everything.
    let report = run(&groups(plan), &range, execution, &sink).unwrap_or_default();
    let reduce_seconds = sink.seconds.into_inner().unwrap_or_default();
    Cost {
        simulate_seconds: report.simulate_cpu_seconds / paths as f64,
        reduce_seconds: reduce_seconds / paths as f64,
        paths,
    }
}

/// Sums parts up and forgets them.
struct Summing {
    spec: ReduceSpec,
    seconds: Mutex<f64>,
}

impl OutcomeSink for Summing {
    type Error = Infallible;

    fn accept(&self, part: OutcomePart) -> Result<(), Infallible> {
        let started = Instant::now();
        drop(reduce(&part, &self.spec));
        if let Ok(mut seconds) = self.seconds.lock() {
            *seconds += started.elapsed().as_secs_f64();
        }
        Ok(())
    }
}
