//! Finishes a run: analyses its parts and puts tables, texts and the manifest in place.

use std::mem::take;
use std::time::{Instant, SystemTime};

use corridor_analysis::analyse::Analysis;
use corridor_core::NUMERICS_VERSION;
use corridor_core::level::Level;
use corridor_report::{Tables, render};
use corridor_store::error::StoreError;
use corridor_store::manifest::{ExecutionSection, Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::statistics::{Statistics, TextName, WideName};
use corridor_study::plan::RunPlan;
use corridor_tables::{DimScenarioRow, Table};

use crate::analyse::analyse;
use crate::commands::COMMANDS;
use crate::comparison::Comparison;
use crate::control::controls;
use crate::failure::Failure;
use crate::followed::Followed;
use crate::interrupt::Interrupt;
use crate::reading::reading;
use crate::simulate::Simulated;
use crate::{attribution, by_regime, followed, machine, trajectory, until};

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
/// [`Failure::Store`], [`Failure::Analysis`]; [`Failure::Interrupted`] after a signal. The parts
/// stay whatever happens.
pub fn finish(
    plan: &RunPlan,
    folder: &RunFolder,
    circumstances: &Circumstances,
    interrupt: &Interrupt,
) -> Result<Manifest, Failure> {
    interrupt.check()?;
    let mut followed = followed::follow(plan, circumstances.level);
    interrupt.check()?;
    let controls = controls(plan, circumstances.level, interrupt.flag());
    interrupt.check()?;
    let mut findings = analyse(plan, &folder.parts()?, take(&mut followed.cells), controls)?;
    interrupt.check()?;
    let mut statistics = Statistics::of(folder);
    let by_regime = attribution::rows(plan, &by_regime::follow(plan));
    statistics.write_chunks([scenarios(plan)])?;
    let tables = tables(plan, &mut findings, followed, by_regime);
    write(&mut statistics, &tables)?;
    statistics.write_rows(findings.quantiles)?;
    statistics.write_wide(WideName::BiSummary, &findings.bi_summary)?;
    statistics.write_wide(WideName::BiCompare, &findings.bi_compare)?;
    let warnings = warnings(plan, &tables);
    statistics.write_text(TextName::Report, &report(tables, &warnings)?)?;
    if plan.trajectories > 0 {
        statistics.write_chunks(trajectory::batches(plan))?;
    }
    statistics.write_text(TextName::Study, &plan.resolved_toml)?;
    for input in &plan.inputs {
        statistics.write_input(&input.name, &input.text)?;
    }
    interrupt.check()?;
    Ok(statistics.commit(facts(plan, warnings), execution(folder, circumstances), &COMMANDS)?)
}

/// `dim_scenario`, with one more column for each swept key.
fn scenarios(plan: &RunPlan) -> Table<DimScenarioRow> {
    let rows = plan.scenarios.iter().map(|scenario| scenario.row.clone()).collect();
    Table { rows, extra: plan.swept.clone() }
}

/// The tables that are shown, too.
fn tables(
    plan: &RunPlan,
    findings: &mut Analysis,
    followed: Followed,
    by_regime: attribution::Rows,
) -> Tables {
    Tables {
        run_id: plan.simulation_id.clone(),
        run: plan.run_row(),
        scenarios: scenarios(plan).rows,
        policies: plan.policies.clone(),
        metrics: take(&mut findings.metrics),
        horizons: plan.horizons.clone(),
        regimes: plan.regimes.clone(),
        scenario_axis: plan.scenario_axis.clone(),
        policy_axis: plan.policy_axis.clone(),
        summary: take(&mut findings.summary),
        compare: take(&mut findings.compare),
        histogram: take(&mut findings.histogram),
        fan: followed.fan,
        worst: followed.worst,
        break_even: take(&mut findings.break_even),
        by_regime: by_regime.regimes,
        attribution: by_regime.attribution,
        signals: by_regime.signals,
        tests: take(&mut findings.tests),
        robustness: take(&mut findings.robustness),
    }
}

fn write(statistics: &mut Statistics<'_>, tables: &Tables) -> Result<(), StoreError> {
    statistics.write_rows(vec![tables.run.clone()])?;
    statistics.write_rows(tables.policies.clone())?;
    statistics.write_rows(tables.metrics.clone())?;
    statistics.write_rows(tables.horizons.clone())?;
    statistics.write_rows(tables.regimes.clone())?;
    statistics.write_rows(tables.scenario_axis.clone())?;
    statistics.write_rows(tables.policy_axis.clone())?;
    statistics.write_rows(tables.summary.clone())?;
    statistics.write_rows(tables.histogram.clone())?;
    statistics.write_rows(tables.compare.clone())?;
    statistics.write_rows(tables.fan.clone())?;
    statistics.write_rows(tables.worst.clone())?;
    statistics.write_rows(tables.tests.clone())?;
    statistics.write_rows(tables.robustness.clone())?;
    statistics.write_rows(tables.break_even.clone())?;
    statistics.write_rows(tables.by_regime.clone())?;
    statistics.write_rows(tables.attribution.clone())?;
    statistics.write_rows(tables.signals.clone())
}

/// The page that shows the run.
fn report(tables: Tables, warnings: &[String]) -> Result<String, Failure> {
    let answer = reading(&Comparison::of(tables.clone(), None, None)?);
    Ok(render(&tables, &answer, warnings, &COMMANDS)?)
}

/// Those of the study, without the place: where it lies on this machine is no part of the result.
/// And what the run missed.
fn warnings(plan: &RunPlan, tables: &Tables) -> Vec<String> {
    let warning = |warning: &corridor_study::diagnostic::Diagnostic| {
        format!("{}: {}", warning.id.name(), warning.message)
    };
    plan.warnings
        .iter()
        .map(warning)
        .chain(until::missed(plan, &tables.metrics, &tables.compare))
        .collect()
}

fn facts(plan: &RunPlan, warnings: Vec<String>) -> RunFacts {
    RunFacts {
        study: plan.name.clone(),
        simulation_id: plan.simulation_id.clone(),
        analysis_id: plan.analysis_id.clone(),
        seed: plan.seed,
        numerics_version: NUMERICS_VERSION,
        paths: plan.paths,
        path_rows: plan.path_rows.name().to_owned(),
        warnings,
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
