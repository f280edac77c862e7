//! Analyses a finished run again, from its stored sums and rows.

use clap::Args;
use corridor_report::{answer, text};
use corridor_workbench::StoredRun;

use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::machine::MachineInput;
use crate::margin::margin;
use crate::place::{Named, Target, warn_of_unlisted};
use crate::resume;
use crate::terminal::Terminal;
use crate::verb::show::identity;

/// Arguments of `analyze`.
#[derive(Debug, Args)]
pub struct AnalyzeInput {
    #[command(flatten)]
    target: Target,
    /// Judge a metric by this margin of practical equivalence, in the metric's unit: `ruined=0.01`,
    /// `ruined=1%`; may be repeated
    #[arg(long, value_name = "METRIC=VALUE", value_parser = margin, help_heading = "Study")]
    margin: Vec<(String, f64)>,
    #[command(flatten)]
    machine: MachineInput,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Analyses a run again and shows it.
///
/// # Errors
/// [`Failure::Work`] if the run is not finished, or if the study now asks for rows that were not
/// simulated or kept; [`Failure::Interrupted`].
pub fn analyze(input: &AnalyzeInput, console: &Console) -> Result<(), Failure> {
    let settings = input.machine.settings(&input.target.place)?;
    let interrupt = Interrupt::listen(&resume::command_line(None)).map_err(resume::no_signals)?;
    let target = input.target.with_margins(&input.margin);
    let named = target.find_to_analyse(settings.clone())?;
    let terminal = Terminal::new(console, Some(&interrupt));
    let changes = target.changes.overrides();
    let analysed = match &named {
        Named::Folder(folder) => StoredRun::open(folder)?.analyse(&changes, &settings, &terminal),
        Named::Study(session) => session.analyse(&terminal),
    };
    let run = analysed.map_err(|error| interrupt.failure_of(error))?;
    warn_of_unlisted(&run, console);
    let comparison = run.comparison(None, None)?;
    let reading = answer(&comparison);
    if input.json {
        console.json(&text::run::document(&identity(&run), &comparison, &reading))
    } else {
        console.result(&text::run::render(run.folder(), &comparison, &reading, &console.view()))
    }
}
