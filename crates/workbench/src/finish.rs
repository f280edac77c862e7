//! Finishes a run: analyses its parts and writes its tables, its texts and, last, its manifest.

use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime};

use corridor_analysis::analyse::WideTables;
use corridor_analysis::attribution::{AttributionTables, attribution_tables};
use corridor_core::NUMERICS_VERSION;
use corridor_report::{Comparison, Shown, Tables, answer, render};
use corridor_store::error::StoreError;
use corridor_store::manifest::{ExecutionSection, Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::statistics::{Statistics, TextName, WideName};
use corridor_study::diagnostic::Diagnostic;
use corridor_study::plan::RunPlan;
use corridor_tables::column::with_unsigned_zeros;
use corridor_tables::long::Dimensions;
use corridor_tables::swept::SweptColumns;
use corridor_tables::{
    DimHorizonRow, DimMetricRow, DimPolicyRow, DimRunRow, DimScenarioRow, Table, WideTable,
};

use crate::analyse::{analyse_by_metric, input};
use crate::control::controls;
use crate::error::Error;
use crate::monitor::Phase;
use crate::settings::Settings;
use crate::simulate::Simulated;
use crate::state::disk;
use crate::work::Work;
use crate::writing::{OverTime, Writing};
use crate::{by_regime, followed, trajectory, until};

/// Circumstances of a run, which are not part of its result.
pub(crate) struct Circumstances<'a> {
    /// Time at which the work began.
    pub started: Instant,
    /// Settings of the library.
    pub settings: &'a Settings,
    /// Number of paths and time of the simulation.
    pub simulated: Simulated,
}

/// Analyses the parts in `folder`, writes every table and text, and commits the manifest.
///
/// # Errors
/// [`Error::Store`], [`Error::Analysis`], [`Error::Cancelled`]. The parts are kept in any case.
pub(crate) fn finish(
    plan: &RunPlan,
    folder: &RunFolder,
    circumstances: &Circumstances<'_>,
    work: &Work<'_>,
) -> Result<Manifest, Error> {
    work.check()?;
    let mut statistics = Statistics::of(folder);
    let labels = Labels::of(plan)?;
    let dimensions = labels.dimensions();
    let swept = SweptColumns::new(&plan.swept, &plan.policy_axis, plan.policies.len());
    let is_shown = Shown::of(plan.cells(), &labels.metrics, &labels.horizons, &[]);
    let mut over_time = OverTime::begin(&statistics, dimensions, &swept, &is_shown)?;
    let cells = followed::follow(plan, work, &mut over_time)?;
    let shown = over_time.end(&mut statistics)?;
    let controls = controls(plan, work)?;
    let comparing = work.phase(Phase::Comparing, 0);
    let mut writing = Writing::begin(&statistics, dimensions, &swept, &is_shown, shown)?;
    let found = analyse_by_metric(plan, &folder.parts()?, cells, controls, &mut writing, work);
    let shown = writing.end(&mut statistics)?;
    let WideTables { bi_summary, bi_compare } = found?;
    drop(comparing);
    work.check()?;
    let by_regime = by_regime::follow(plan, work)?;
    let by_regime = attribution_tables(&by_regime::compared_policies(plan), &by_regime);
    let writing = work.phase(Phase::Writing, 0);
    let tables = tables(plan, &labels, shown, by_regime);
    let wide = [bi_summary, bi_compare];
    write(&mut statistics, plan, &tables, wide, (dimensions, &swept))?;
    work.check()?;
    let warnings = warnings(plan, &tables);
    let answer = answer(&Comparison::of(&tables, None, None)?);
    let commands = &circumstances.settings.commands;
    let page = render(&tables, &answer, &warnings, commands)?;
    statistics.write_text(TextName::Report, &page)?;
    work.check()?;
    drop(writing);
    if plan.trajectories > 0 {
        let meter = work.phase(Phase::Tracing, trajectory::batches_of(plan));
        let batches = trajectory::batches(plan)
            .take_while(|_| !work.is_cancelled())
            .inspect(|_| meter.advance(1));
        statistics.write_chunks(batches)?;
    }
    statistics.write_text(TextName::Study, &plan.resolved_toml)?;
    for input in &plan.inputs {
        statistics.write_input(&input.name, &input.text)?;
    }
    work.check()?;
    let execution = execution(folder, circumstances);
    Ok(statistics.commit(facts(plan, warnings), execution, &answer, commands)?)
}

/// Analyses the parts of a finished run again under `plan`.
///
/// # Errors
/// [`Error::Store`], [`Error::Analysis`], [`Error::Cancelled`].
pub(crate) fn analyse_again(
    plan: &RunPlan,
    folder: &Path,
    settings: &Settings,
    started: Instant,
    work: &Work<'_>,
) -> Result<(), Error> {
    let folder = RunFolder::reopen(disk(), folder)?;
    work.warn_of(folder.repairs());
    folder.require_state()?; // before anything is followed, which takes long
    // the manifest keeps the time of the original simulation
    let simulated = folder.manifest().map_or_else(Simulated::default, |manifest| Simulated {
        paths: 0,
        seconds: manifest.execution.simulate_seconds,
        cpu_seconds: manifest.execution.simulate_cpu_seconds,
    });
    finish(plan, &folder, &Circumstances { started, settings, simulated }, work).map(drop)
}

/// The tables that label the others.
struct Labels {
    run: DimRunRow,
    scenarios: Vec<DimScenarioRow>,
    policies: Vec<DimPolicyRow>,
    metrics: Vec<DimMetricRow>,
    horizons: Vec<DimHorizonRow>,
}

impl Labels {
    fn of(plan: &RunPlan) -> Result<Self, Error> {
        Ok(Self {
            run: plan.run_row(),
            scenarios: plan.scenarios.iter().map(|scenario| scenario.row.clone()).collect(),
            policies: plan.policies.clone(),
            metrics: input(plan)?.comparison.dimension(),
            horizons: plan.horizons.clone(),
        })
    }

    fn dimensions(&self) -> Dimensions<'_> {
        Dimensions {
            run: &self.run,
            scenarios: &self.scenarios,
            policies: &self.policies,
            metrics: &self.metrics,
            horizons: &self.horizons,
        }
    }
}

/// Collects the tables that the page shows: those rows of the analysis, and all others.
fn tables(plan: &RunPlan, labels: &Labels, shown: Tables, by_regime: AttributionTables) -> Tables {
    Tables {
        run_id: plan.simulation_id.clone(),
        run: labels.run.clone(),
        scenarios: labels.scenarios.clone(),
        policies: labels.policies.clone(),
        metrics: labels.metrics.clone(),
        horizons: labels.horizons.clone(),
        regimes: plan.regimes.clone(),
        scenario_axis: plan.scenario_axis.clone(),
        policy_axis: plan.policy_axis.clone(),
        by_regime: with_unsigned_zeros(by_regime.regimes),
        attribution: with_unsigned_zeros(by_regime.attribution),
        signals: with_unsigned_zeros(by_regime.signals),
        ..shown
    }
}

/// Writes all tables but those that were written while the analysis went on.
fn write(
    statistics: &mut Statistics<'_>,
    plan: &RunPlan,
    tables: &Tables,
    [summary, compare]: [WideTable; 2],
    (dimensions, swept): (Dimensions<'_>, &SweptColumns<'_>),
) -> Result<(), StoreError> {
    statistics.write_rows(std::slice::from_ref(&tables.run))?;
    let scenarios = Table { rows: tables.scenarios.clone(), extra: plan.swept.clone() };
    statistics.write_chunks([scenarios])?;
    statistics.write_rows(&tables.policies)?;
    statistics.write_rows(&tables.metrics)?;
    statistics.write_rows(&tables.horizons)?;
    statistics.write_rows(&tables.regimes)?;
    statistics.write_rows(&tables.scenario_axis)?;
    statistics.write_rows(&tables.policy_axis)?;
    statistics.write_rows(&tables.by_regime)?;
    statistics.write_rows(&tables.attribution)?;
    statistics.write_rows(&tables.signals)?;
    statistics.write_wide(WideName::BiSummary, &dimensions.labelled(summary, swept))?;
    statistics.write_wide(WideName::BiCompare, &dimensions.labelled(compare, swept))
}

/// Returns the warnings of the study, and one more if the run is less precise than the study asks.
/// File names and lines are left out, because they are not part of the result.
fn warnings(plan: &RunPlan, tables: &Tables) -> Vec<String> {
    let warning = |warning: &Diagnostic| format!("{}: {}", warning.id.name(), warning.message);
    plan.warnings
        .iter()
        .map(warning)
        .chain(until::precision_warning(plan, &tables.compare))
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

fn execution(folder: &RunFolder, circumstances: &Circumstances<'_>) -> ExecutionSection {
    let settings = circumstances.settings;
    let elapsed = circumstances.started.elapsed();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    ExecutionSection {
        tool_version: settings.program.version.clone(),
        rustc: settings.program.rustc.clone(),
        cpu: cpu(),
        cpu_level: Some(settings.level.name().to_owned()),
        threads: settings.threads as u32,
        started_unix_seconds: now.saturating_sub(elapsed).as_secs(),
        simulate_seconds: circumstances.simulated.seconds,
        simulate_cpu_seconds: circumstances.simulated.cpu_seconds,
        total_seconds: elapsed.as_secs_f64(),
        resumes: folder.resumes(),
        parts_reused: folder.parts_reused(),
    }
}

/// Returns the name of the processor; `None` if the system is not Linux.
fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, value)| value.trim().to_owned())
}
