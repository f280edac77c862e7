//! Finishes a run: analyses its parts and writes its tables, its texts and, last, its manifest.

use std::fs;
use std::mem::take;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Instant, SystemTime};

use corridor_analysis::analyse::{Analysis, LongTables};
use corridor_analysis::attribution::{AttributionTables, attribution_tables};
use corridor_core::NUMERICS_VERSION;
use corridor_report::{Comparison, Tables, answer, render};
use corridor_store::error::StoreError;
use corridor_store::manifest::{ExecutionSection, Manifest, RunFacts};
use corridor_store::run_folder::RunFolder;
use corridor_store::statistics::{OpenTable, Statistics, TextName, WideName};
use corridor_study::diagnostic::Diagnostic;
use corridor_study::plan::RunPlan;
use corridor_tables::column::with_unsigned_zeros;
use corridor_tables::long::{self, Dimensions, Long};
use corridor_tables::swept::SweptColumns;
use corridor_tables::{DimScenarioRow, HistogramRow, QuantileRow, SummaryRow, Table, WideTable};

use crate::analyse::analyse;
use crate::control::controls;
use crate::error::Error;
use crate::followed::{self, Followed};
use crate::monitor::Phase;
use crate::settings::Settings;
use crate::simulate::Simulated;
use crate::state::disk;
use crate::work::Work;
use crate::{by_regime, trajectory, until};

/// Number of statistics that become rows of `bi_long` at a time.
const LONG_ROWS: usize = 1 << 15;

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
    let mut followed = followed::follow(plan, work)?;
    let controls = controls(plan, work)?;
    let comparing = work.phase(Phase::Comparing, 0);
    let mut statistics = Statistics::of(folder);
    let mut long = LongFiles::of(&statistics)?;
    let followed_cells = take(&mut followed.cells);
    let found = analyse(plan, &folder.parts()?, followed_cells, controls, &mut long, work);
    long.add_to(&mut statistics)?;
    let mut findings = found?;
    drop(comparing);
    work.check()?;
    let by_regime = by_regime::follow(plan, work)?;
    let by_regime = attribution_tables(&by_regime::compared_policies(plan), &by_regime);
    let writing = work.phase(Phase::Writing, 0);
    statistics.write_chunks([scenarios(plan)])?;
    let tables = tables(plan, &mut findings, followed, by_regime);
    write(&mut statistics, &tables)?;
    work.check()?;
    let (summary, compare) = (take(&mut findings.bi_summary), take(&mut findings.bi_compare));
    write_labelled(&mut statistics, &tables, plan, [summary, compare])?;
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

/// The files of the longest tables, which are written while the analysis finds their rows.
struct LongFiles<'a> {
    quantiles: OpenTable<'a, QuantileRow>,
    histogram: OpenTable<'a, HistogramRow>,
    failed: Option<StoreError>,
}

impl<'a> LongFiles<'a> {
    fn of(statistics: &Statistics<'a>) -> Result<Self, StoreError> {
        let (quantiles, histogram) = (statistics.begin()?, statistics.begin()?);
        Ok(Self { quantiles, histogram, failed: None })
    }

    /// Adds the tables, or returns the error that ended the analysis.
    fn add_to(self, statistics: &mut Statistics<'a>) -> Result<(), StoreError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        statistics.end(self.quantiles)?;
        statistics.end(self.histogram)
    }

    fn keep(&mut self, written: Result<(), StoreError>) -> ControlFlow<()> {
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

impl LongTables for LongFiles<'_> {
    fn quantiles(&mut self, rows: Vec<QuantileRow>) -> ControlFlow<()> {
        let written = self.quantiles.write(&rows);
        self.keep(written)
    }

    fn histogram(&mut self, rows: Vec<HistogramRow>) -> ControlFlow<()> {
        let written = self.histogram.write(&rows);
        self.keep(written)
    }
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

/// Returns the table `dim_scenario`, with one more column for each swept key.
fn scenarios(plan: &RunPlan) -> Table<DimScenarioRow> {
    let rows = plan.scenarios.iter().map(|scenario| scenario.row.clone()).collect();
    Table { rows, extra: plan.swept.clone() }
}

/// Collects the tables that the page shows, which are also written to the run folder.
fn tables(
    plan: &RunPlan,
    findings: &mut Analysis,
    followed: Followed,
    by_regime: AttributionTables,
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
        summary: with_unsigned_zeros(take(&mut findings.summary)),
        compare: with_unsigned_zeros(take(&mut findings.compare)),
        exceedance: with_unsigned_zeros(take(&mut findings.exceedance)),
        fan: with_unsigned_zeros(followed.fan),
        worst: with_unsigned_zeros(followed.worst),
        break_even: with_unsigned_zeros(take(&mut findings.break_even)),
        by_regime: with_unsigned_zeros(by_regime.regimes),
        attribution: with_unsigned_zeros(by_regime.attribution),
        signals: with_unsigned_zeros(by_regime.signals),
        tests: with_unsigned_zeros(take(&mut findings.tests)),
        robustness: with_unsigned_zeros(take(&mut findings.robustness)),
    }
}

fn write(statistics: &mut Statistics<'_>, tables: &Tables) -> Result<(), StoreError> {
    statistics.write_rows(std::slice::from_ref(&tables.run))?;
    statistics.write_rows(&tables.policies)?;
    statistics.write_rows(&tables.metrics)?;
    statistics.write_rows(&tables.horizons)?;
    statistics.write_rows(&tables.regimes)?;
    statistics.write_rows(&tables.scenario_axis)?;
    statistics.write_rows(&tables.policy_axis)?;
    statistics.write_rows(&tables.summary)?;
    statistics.write_rows(&tables.exceedance)?;
    statistics.write_rows(&tables.compare)?;
    statistics.write_rows(&tables.fan)?;
    statistics.write_rows(&tables.worst)?;
    statistics.write_rows(&tables.tests)?;
    statistics.write_rows(&tables.robustness)?;
    statistics.write_rows(&tables.break_even)?;
    statistics.write_rows(&tables.by_regime)?;
    statistics.write_rows(&tables.attribution)?;
    statistics.write_rows(&tables.signals)
}

/// Writes the tables in which every number stands with its labels: the long ones, and the wide ones of
/// estimates and comparisons.
fn write_labelled(
    statistics: &mut Statistics<'_>,
    tables: &Tables,
    plan: &RunPlan,
    [summary, compare]: [WideTable; 2],
) -> Result<(), StoreError> {
    let dimensions = Dimensions {
        run: &tables.run,
        scenarios: &tables.scenarios,
        policies: &tables.policies,
        metrics: &tables.metrics,
        horizons: &tables.horizons,
    };
    let long = Long::new(dimensions, &tables.compare);
    let swept = SweptColumns::new(&plan.swept, &plan.policy_axis, plan.policies.len());
    let chunk = |summary: &[SummaryRow]| {
        let rows = long.rows(summary);
        let scenarios: Vec<i32> = rows.iter().map(|row| row.scenario_id).collect();
        let policies: Vec<i32> = rows.iter().map(|row| row.policy_id).collect();
        Table { extra: swept.of(&scenarios, &policies), rows }
    };
    statistics.write_chunks(tables.summary.chunks(LONG_ROWS).map(chunk))?;
    let rows = long::fan(dimensions, &tables.fan);
    let scenarios: Vec<i32> = rows.iter().map(|row| row.scenario_id).collect();
    let policies: Vec<i32> = rows.iter().map(|row| row.policy_id).collect();
    statistics.write_chunks([Table { extra: swept.of(&scenarios, &policies), rows }])?;
    statistics.write_wide(WideName::BiSummary, &dimensions.labelled(summary, &swept))?;
    statistics.write_wide(WideName::BiCompare, &dimensions.labelled(compare, &swept))
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
