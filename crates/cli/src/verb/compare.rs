//! Compares any two policies of a finished run, on every metric.

use clap::Args;
use corridor_workbench::PairQuestion;

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::Target;
use crate::terminal::Terminal;

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareInput {
    #[command(flatten)]
    target: Target,
    /// The policy to compare
    #[arg(value_name = "POLICY")]
    policy: String,
    /// The policy to compare it with
    #[arg(value_name = "AGAINST")]
    against: String,
    /// Compare at this report horizon instead of the last one
    #[arg(long, value_name = "YEARS", help_heading = "Output")]
    horizon: Option<f64>,
    /// Compare every statistic of this metric (quantiles, tail, spread) instead of the mean of
    /// every metric
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    metric: Option<String>,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Compares two policies of a finished run and prints the differences.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished, lacks the policy, metric or horizon, or keeps no
/// sums of the pair.
pub fn compare(input: &CompareInput, console: &Console) -> Result<(), Failure> {
    let settings = settings(&input.target.place);
    let run = input.target.open(settings.clone(), console)?;
    let question = PairQuestion {
        policy: &input.policy,
        against: &input.against,
        years: input.horizon,
        metric: input.metric.as_deref(),
    };
    let pair = run.compare(&question, &settings, &Terminal::new(console, None))?;
    if input.json {
        console.json(&pair.json())
    } else {
        console.result(&pair.text(&console.layout()))
    }
}
