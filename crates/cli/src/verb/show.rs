//! Shows the comparison of a finished run.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use corridor_report::number::things;
use corridor_store::run_reader::{RunReader, is_run, runs_below};
use corridor_study::plan::RunPlan;
use corridor_workbench::run_tables::run_tables;
use serde_json::{Value, json};

use crate::comparison::Comparison;
use crate::comparison_text::render;
use crate::console::Console;
use crate::failure::Failure;
use crate::place::{PlaceInput, disk};
use crate::reading::reading;
use crate::study_input::Changes;
use crate::text_plot::plots;

/// A run, by its folder or by its study.
#[derive(Debug, Args)]
pub struct Target {
    /// A run folder, or the study it was made from
    #[arg(value_name = "RUN_DIR|STUDY", value_hint = ValueHint::AnyPath)]
    pub target: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub place: PlaceInput,
}

/// Which run, and what of it.
#[derive(Debug, Args)]
pub struct ShowInput {
    #[command(flatten)]
    target: Target,
    /// Compare on this metric instead of the study's primary one
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    metric: Option<String>,
    /// Compare at this report horizon instead of the last one
    #[arg(long, value_name = "YEARS", help_heading = "Output")]
    horizon: Option<f64>,
    /// Draw the wealth of POLICY (the baseline) over time, and how the metric spreads over paths
    #[
        arg(
            long,
            value_name = "POLICY",
            num_args = 0..=1,
            default_missing_value = "",
            conflicts_with = "json",
            help_heading = "Output",
        )
    ]
    plots: Option<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

impl Target {
    /// The folder, and the plan where a study was named. `may_change`: changes are taken for the
    /// study of a run folder too.
    ///
    /// # Errors
    /// [`Failure::Study`] where the study is refused, [`Failure::NotOfARun`] for options that a run
    /// folder does not take, [`Failure::NotARun`] for another folder.
    pub fn find(&self, may_change: bool) -> Result<(PathBuf, Option<RunPlan>), Failure> {
        if self.target.is_dir() {
            if self.place.is_given() || (!may_change && self.changes.are_given()) {
                return Err(Failure::NotOfARun);
            }
            if !is_run(&self.target) {
                return Err(Failure::NotARun {
                    folder: self.target.clone(),
                    below: runs_below(&self.target),
                });
            }
            return Ok((self.target.clone(), None));
        }
        let plan = self.changes.load_counted(&self.target, &self.place)?;
        Ok((self.place.folder(&plan), Some(plan)))
    }
}

/// Shows a run.
///
/// # Errors
/// [`Failure::Store`] where there is no finished run, or it cannot be read.
pub fn show(input: &ShowInput, console: &Console) -> Result<(), Failure> {
    let (folder, plan) = input.target.find(false)?;
    let run = RunReader::open(disk(), &folder)?;
    let facts = &run.manifest().result.facts;
    if plan.is_some_and(|plan| plan.analysis_id != facts.analysis_id) {
        console.complain(
            "warning: the run was analysed with other settings than the study has \
        now\nhint: `corridor analyze` brings it up to date",
        );
    }
    let comparison = Comparison::read(&run, input.metric.as_deref(), input.horizon)?;
    if input.json {
        return console.json(&document(&folder, &comparison, &run));
    }
    let Some(policy) = &input.plots else { return console.result(&text(&folder, &comparison)) };
    let tables = run_tables(&run)?;
    let wanted = Some(policy.as_str()).filter(|name| !name.is_empty());
    let known = || {
        tables.policies.iter().map(|row| format!("`{}`", row.policy)).collect::<Vec<_>>().join(", ")
    };
    let drawn = plots(&tables, &comparison.metric, wanted);
    let drawn = drawn.ok_or_else(|| Failure::Unknown {
        what: "policy",
        name: policy.clone(),
        known: known(),
    })?;
    console.result(&(text(&folder, &comparison) + &drawn))
}

/// What the terminal shows of a run: table, sentence and where the files are.
#[must_use]
pub fn text(folder: &Path, comparison: &Comparison) -> String {
    let run = &comparison.run;
    let many = |number: i64, thing: &str| things(number.unsigned_abs(), thing);
    let policies = many(i64::from(run.policies), "policy");
    let question =
        run.question.as_ref().map(|question| format!("{question}\n")).unwrap_or_default();
    let head = format!(
        "{}: {policies}, {}, {}\n{question}\n",
        run.study,
        many(i64::from(run.scenarios), "scenario"),
        many(run.paths, "path")
    );
    let files = format!("\nfiles: {} (README.md explains every column)\n", folder.display());
    head + &render(comparison) + &files
}

/// The same as one JSON document.
#[must_use]
pub fn document(folder: &Path, comparison: &Comparison, run: &RunReader) -> Value {
    let facts = &run.manifest().result.facts;
    json!({
        "run_dir": folder.display().to_string(),
        "run_id": facts.simulation_id,
        "analysis_id": facts.analysis_id,
        "study": facts.study,
        "question": comparison.run.question,
        "paths": facts.paths,
        "metric": comparison.metric.metric,
        "unit": comparison.metric.unit,
        "horizon_months": comparison.common_horizon().map(|row| row.horizon_months),
        "comparison": comparison.json(),
        "break_even": comparison.break_even_json(),
        "attribution": crate::attribution_text::json(comparison),
        "signals": crate::attribution_text::signals_json(comparison),
        "reading": reading(comparison),
        "warnings": facts.warnings,
    })
}
