//! Shows the comparison of a finished run.

use std::collections::BTreeMap;

use clap::Args;
use corridor_report::text::run::RunIdentity;
use corridor_report::text::view::View;
use corridor_report::{Comparison, Selection, Thing, answer, text};
use corridor_tables::DimPolicyRow;
use corridor_workbench::{Error, StoredRun};

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::margin::margin;
use crate::place::{Named, Target};

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct ShowInput {
    #[command(flatten)]
    target: Target,
    /// Compare on this metric instead of the study's primary one; `corridor metrics` lists all
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    metric: Option<String>,
    /// Compare at this report horizon instead of the last one
    #[arg(long, value_name = "YEARS", help_heading = "Output")]
    horizon: Option<f64>,
    /// Judge a metric by this margin of practical equivalence, in the metric's unit: `ruined=0.01`,
    /// `ruined=1%`; may be repeated. The first metric is shown unless `--metric` names one
    #[arg(long, value_name = "METRIC=VALUE", value_parser = margin, help_heading = "Output")]
    margin: Vec<(String, f64)>,
    #[command(flatten)]
    selected: SelectedInput,
    /// Print tables as Markdown, to be pasted into a document
    #[arg(long, conflicts_with_all = ["json", "plots"], help_heading = "Output")]
    markdown: bool,
    /// Draw the wealth of POLICY over time, and the distribution of the metric over paths; of the
    /// baseline if POLICY is left out
    #[arg(
            long,
            value_name = "POLICY",
            num_args = 0..=1,
            default_missing_value = "",
            conflicts_with = "json",
            help_heading = "Output",
)]
    plots: Option<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// The part of a comparison that is shown; the answer rests on all of it.
#[derive(Debug, Args)]
struct SelectedInput {
    /// Show this scenario alone; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    scenario: Vec<String>,
    /// Show this policy beside the baseline; the name of a swept policy means all of its corners;
    /// may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    policy: Vec<String>,
    /// Show the N policies of each scenario that gain most over the baseline
    #[arg(long, value_name = "N", help_heading = "Output")]
    top: Option<usize>,
}

impl SelectedInput {
    fn selection(&self) -> Selection {
        Selection { scenarios: self.scenario.clone(), policies: self.policy.clone(), top: self.top }
    }
}

/// Prints the comparison of a finished run.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished or cannot be read, or lacks the metric, horizon,
/// scenario or policy.
pub fn show(input: &ShowInput, console: &Console) -> Result<(), Failure> {
    let named = input.target.find(settings(&input.target.place), console)?;
    let run = named.open(console)?;
    if let Named::Study(session) = &named
        && !session.has_analysis_of(&run)
    {
        console.complain(
            "warning: the run was analysed with other settings than the study has now\nhint: \
            `corridor analyze` brings it up to date",
        );
    }
    let first_judged = input.margin.first().map(|(metric, _)| metric.as_str());
    let metric = input.metric.as_deref().or(first_judged);
    let margins: BTreeMap<&str, f64> =
        input.margin.iter().map(|(metric, margin)| (metric.as_str(), *margin)).collect();
    let mut comparison = run.comparison_judged_by(metric, input.horizon, &margins)?;
    let reading = answer(&comparison);
    let selection = input.selected.selection();
    comparison.select(&selection).map_err(Error::from)?;
    if !selection.is_everything() {
        console.note("the answer rests on all policies and scenarios of the run");
    }
    if input.json {
        return console.json(&text::run::document(&identity(&run), &comparison, &reading));
    }
    let view = View { markdown: input.markdown, ..console.view() };
    let shown = text::run::render(run.folder(), &comparison, &reading, &view);
    console.result(&(shown + &plots(input, &run, &comparison)?))
}

/// Draws the plots that are asked for; empty if none are.
fn plots(input: &ShowInput, run: &StoredRun, comparison: &Comparison) -> Result<String, Failure> {
    let Some(policy) = &input.plots else { return Ok(String::new()) };
    let tables = run.tables()?;
    let is_wanted = |row: &&DimPolicyRow| match policy.as_str() {
        "" => row.is_baseline,
        name => row.policy == name,
    };
    let Some(wanted) = tables.policies.iter().find(is_wanted) else {
        let known = tables.policies.iter().map(|row| row.policy.as_str());
        return Err(Failure::unknown(Thing::Policy, policy, known));
    };
    let (fan, metric) = (run.fan(wanted.policy_id)?, &comparison.metric);
    Ok(text::plot::plots(&tables, wanted, &fan, &run.histogram(metric.metric_id)?, metric))
}

/// Returns the identity of a run, for its JSON document.
#[must_use]
pub fn identity(run: &StoredRun) -> RunIdentity<'_> {
    let facts = &run.manifest().result.facts;
    RunIdentity {
        folder: run.folder(),
        run_id: &facts.simulation_id,
        analysis_id: &facts.analysis_id,
        paths: facts.paths,
        warnings: &facts.warnings,
    }
}
