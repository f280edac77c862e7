//! Shows the comparison of a finished run.

use clap::Args;
use corridor_report::text::run::RunIdentity;
use corridor_report::{Thing, text};
use corridor_workbench::StoredRun;

use crate::commands::COMMANDS;
use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::{Named, Target};

/// Arguments of `show`.
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

/// Prints the comparison of a finished run.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished or cannot be read, or lacks the metric, horizon or
/// policy.
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
    let comparison = run.comparison(input.metric.as_deref(), input.horizon)?;
    if input.json {
        return console.json(&text::run::document(&identity(&run), &comparison));
    }
    let shown = text::run::render(run.folder(), &comparison, &COMMANDS);
    let Some(policy) = &input.plots else { return console.result(&shown) };
    let tables = run.tables()?;
    let wanted = Some(policy.as_str()).filter(|name| !name.is_empty());
    let drawn = text::plot::plots(&tables, &comparison.metric, wanted).ok_or_else(|| {
        let known = tables.policies.iter().map(|row| row.policy.as_str());
        Failure::unknown(Thing::Policy, policy, known)
    })?;
    console.result(&(shown + &drawn))
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
