//! Reads the command line, runs the command it names and turns the outcome into an exit code.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::console::Console;
use crate::failure::Failure;
use crate::verb::Verb;

const ABOUT: &str =
    "Which rebalancing rule, under which market, at what cost, and how sure are we?";
const EXIT_CODES: &str = "\
Results go to standard output, everything else to standard error. NO_COLOR is respected.

Exit codes:
  0         done
  2         bad usage, bad study or refused plan
  73        the run folder is taken
  74        reading or writing failed
  130, 143  stopped by a signal; `run --resume` continues
  134       memory ran out: `plan` says how much a run takes, `run --resume` continues";

/// The parsed command line: one verb and the options that every verb takes.
#[derive(Debug, Parser)]
#[command(
        name = "corridor",
        version,
        about = ABOUT,
        after_help = EXIT_CODES,
        propagate_version = true,
        max_term_width = 110,
)]
struct CommandLine {
    /// Print results, warnings and errors only
    #[arg(long, short, global = true, help_heading = "Output")]
    quiet: bool,
    #[command(subcommand)]
    verb: Verb,
}

/// Runs the command line of this process and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let (console, outcome) = match CommandLine::try_parse() {
        Ok(line) => {
            let console = Console::new(line.quiet);
            let outcome = line.verb.run(&console);
            (console, outcome)
        }
        Err(error) => return usage(&error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.complain(&failure.render(console.color()));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Returns the definition of the command line, from which completion scripts are generated.
#[must_use]
pub fn definition() -> clap::Command {
    CommandLine::command()
}

/// Prints the answer of clap: help and version to standard output, errors to standard error.
fn usage(error: &clap::Error) -> ExitCode {
    let console = Console::new(false);
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match console.result(&text.to_string()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => ExitCode::from(failure.exit_code()),
            }
        }
        _ => {
            console.complain(&if console.color() {
                text.ansi().to_string()
            } else {
                text.to_string()
            });
            ExitCode::from(Failure::USAGE)
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_defined() {
        super::definition().debug_assert();
    }
}
