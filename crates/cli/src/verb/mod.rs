//! Lists the verbs of the command line; each verb has a module.

mod analyze;
mod check;
mod clean;
mod compare;
mod completions;
mod explain;
mod export;
mod init;
mod metrics;
mod plan;
mod presets;
mod replay;
mod report;
mod run;
mod schema;
mod search;
mod show;

use clap::Subcommand;

use crate::console::Console;
use crate::failure::Failure;

/// A verb of the command line with its arguments.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print a commented study to start from: `corridor init --retire > my.toml`
    Init(init::InitInput),
    /// Simulate a study, analyse it and show the comparison
    Run(run::RunInput),
    /// Search the policies of a study for the best one, and score it again on fresh paths
    Search(search::SearchInput),
    /// Estimate the cost of a run: grid, paths, rows, memory, disk and time; nothing is kept
    Plan(plan::PlanInput),
    /// Explain every mistake of a study, or list its policies and scenarios and the moments that
    /// its market implies
    Check(check::CheckInput),
    /// Explain a word of the results in plain words, or list all words
    Explain(explain::ExplainInput),
    /// List what policies can be compared on: meaning, unit, which way is better, usual margin
    Metrics(metrics::MetricsInput),
    /// List the shipped markets, or print one
    Presets(presets::PresetsInput),
    /// Print the JSON Schema of study files, for editors
    Schema,
    /// Show the comparison of a finished run
    Show(show::ShowInput),
    /// Compare any two policies of a finished run, on every metric
    Compare(compare::CompareInput),
    /// Analyse a finished run again, with another baseline or margin, without simulating
    Analyze(analyze::AnalyzeInput),
    /// Name the HTML page of a finished run, or write it elsewhere
    Report(report::ReportInput),
    /// Write the tables of a finished run as CSV
    Export(export::ExportInput),
    /// Remove the sums that only a new analysis needs, so that the folder of a run is small
    Clean(clean::CleanInput),
    /// Follow one path step by step, with the cause of each trade
    Replay(replay::ReplayInput),
    /// Print a completion script for a shell
    Completions(completions::CompletionsInput),
}

impl Verb {
    /// Runs the verb and prints its result.
    ///
    /// # Errors
    /// Every [`Failure`] of the verb.
    pub fn run(&self, console: &Console) -> Result<(), Failure> {
        match self {
            Self::Init(input) => init::init(input, console),
            Self::Run(input) => run::run(input, console),
            Self::Search(input) => search::search(input, console),
            Self::Plan(input) => plan::plan(input, console),
            Self::Check(input) => check::check(input, console),
            Self::Explain(input) => explain::explain(input, console),
            Self::Metrics(input) => metrics::metrics(input, console),
            Self::Presets(input) => presets::presets(input, console),
            Self::Schema => schema::schema(console),
            Self::Show(input) => show::show(input, console),
            Self::Compare(input) => compare::compare(input, console),
            Self::Analyze(input) => analyze::analyze(input, console),
            Self::Report(input) => report::report(input, console),
            Self::Export(input) => export::export(input, console),
            Self::Clean(input) => clean::clean(input, console),
            Self::Replay(input) => replay::replay(input, console),
            Self::Completions(input) => completions::completions(input, console),
        }
    }
}
