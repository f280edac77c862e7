//! Finishes a run: analyses its parts and puts tables, texts and the manifest in place.

use std::time::{Instant, SystemTime};

use corridor_core::NUMERICS_VERSION;
use corridor_core::level::Level;
use corridor_store::manifest::{ExecutionSection, Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::statistics::{TextName, WideName};
use corridor_study::plan::RunPlan;

use crate::analyse::analyse;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::simulate::Simulated;
use crate::{attribution, by_regime, dimension, followed, machine, trajectory};

/// Circumstances of a run that are no part of its result.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// When the command started.
    pub started: Instant,
    /// Threads in use.
    pub threads: usize,
    /// Instruction set in use.
    pub level: Level,
    /// What the simulation took.
    pub simulated: Simulated,
}

/// Analyses the parts in `folder` and commits everything.
///
/// # Errors
/// [`Failure::Store`], [`Failure::Analysis`]; [`Failure::Interrupted`] after a signal. The parts stay whatever happens.
pub fn finish(plan: &RunPlan, folder: &RunFolder, circumstances: &Circumstances, interrupt: &Interrupt) -> Result<Manifest, Failure> {
    interrupt.check()?;
    let followed = followed::follow(plan, circumstances.level);
    interrupt.check()?;
    let findings = analyse(plan, &folder.parts()?, followed.cells)?;
    interrupt.check()?;
    let mut statistics = folder.statistics();
    statistics.write_rows(dimension::run(plan))?;
    statistics.write_chunks([dimension::scenarios(plan)])?;
    statistics.write_chunks([dimension::policies(plan)])?;
    statistics.write_rows(findings.metrics)?;
    statistics.write_rows(dimension::horizons(plan))?;
    statistics.write_rows(dimension::regime_rows(plan))?;
    statistics.write_rows(dimension::scenario_axis(plan))?;
    statistics.write_rows(dimension::policy_axis(plan))?;
    statistics.write_rows(findings.summary)?;
    statistics.write_rows(findings.quantiles)?;
    statistics.write_rows(findings.histogram)?;
    statistics.write_rows(findings.compare)?;
    statistics.write_rows(followed.fan)?;
    statistics.write_rows(findings.tests)?;
    statistics.write_rows(findings.robustness)?;
    statistics.write_rows(findings.break_even)?;
    let by_regime = attribution::rows(plan, &by_regime::follow(plan));
    statistics.write_rows(by_regime.regimes)?;
    statistics.write_rows(by_regime.attribution)?;
    statistics.write_rows(by_regime.signals)?;
    statistics.write_wide(WideName::BiSummary, &findings.bi_summary)?;
    statistics.write_wide(WideName::BiCompare, &findings.bi_compare)?;
    if plan.trajectories > 0 {
        statistics.write_chunks(trajectory::batches(plan))?;
    }
    statistics.write_text(TextName::Study, &plan.resolved_toml)?;
    for input in &plan.inputs {
        statistics.write_input(&input.name, &input.text)?;
    }
    interrupt.check()?;
    Ok(statistics.commit(facts(plan), execution(folder, circumstances))?)
}

fn facts(plan: &RunPlan) -> RunFacts {
    // Without the place: where the study lies on this machine is no part of the result.
    let warning = |warning: &corridor_study::diagnostic::Diagnostic| format!("{}: {}", warning.id.name(), warning.message);
    RunFacts {
        study: plan.name.clone(),
        simulation_id: plan.simulation_id.clone(),
        analysis_id: plan.analysis_id.clone(),
        seed: plan.seed,
        numerics_version: NUMERICS_VERSION,
        paths: plan.paths,
        path_rows: plan.path_rows.name().to_owned(),
        warnings: plan.warnings.iter().map(warning).collect(),
    }
}

fn execution(folder: &RunFolder, circumstances: &Circumstances) -> ExecutionSection {
    let elapsed = circumstances.started.elapsed();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    ExecutionSection {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        rustc: machine::rustc(),
        cpu: machine::cpu(),
        cpu_level: Some(circumstances.level.name().to_owned()),
        threads: circumstances.threads as u32,
        started_unix_seconds: now.saturating_sub(elapsed).as_secs(),
        simulate_seconds: circumstances.simulated.seconds,
        simulate_cpu_seconds: circumstances.simulated.cpu_seconds,
        total_seconds: elapsed.as_secs_f64(),
        resumes: folder.resumes(),
        parts_reused: folder.parts_reused(),
    }
}
