//! Reads the command line, runs the command it names and turns the outcome into an exit code.

use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::console::Console;
use crate::failure::Failure;
use crate::verb::Verb;

const ABOUT: &str =
    "Which rebalancing rule, under which market, at what cost, and how sure are we?";
const AFTER_HELP: &str = "\
Begin with a study that runs:
  corridor init --retire > my.toml
  corridor check my.toml
  corridor run my.toml

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
        after_help = AFTER_HELP,
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
            let shown = if console.color() { text.ansi().to_string() } else { text.to_string() };
            console.complain(&(shown + &misplaced(error)));
            ExitCode::from(Failure::USAGE)
        }
    }
}

/// Words the way out of an option that another verb has, or of a study without a verb; empty for
/// other mistakes.
fn misplaced(error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(_) | None => String::new(),
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let option = text(ContextKind::InvalidArg);
            let takers = verbs_with(option.split('=').next().unwrap_or_default());
            if takers.is_empty() {
                return String::new();
            }
            let takers = takers.iter().map(|verb| format!("`{verb}`")).collect::<Vec<_>>();
            format!("hint: `{option}` is an option of {}\n", takers.join(", "))
        }
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand);
            match Path::new(&word) {
                path if path.is_dir() => {
                    format!("hint: `corridor show {word}` shows a run folder\n")
                }
                path if path.is_file() || word.ends_with(".toml") => {
                    format!("hint: `corridor run {word}` runs a study, `check` explains it\n")
                }
                _ => String::new(),
            }
        }
        _ => String::new(),
    }
}

/// Returns the verbs that have a long option, such as `--metric`.
fn verbs_with(option: &str) -> Vec<String> {
    let Some(long) = option.strip_prefix("--").filter(|long| !long.is_empty()) else {
        return Vec::new();
    };
    definition()
        .get_subcommands()
        .filter(|verb| verb.get_arguments().any(|argument| argument.get_long() == Some(long)))
        .map(|verb| verb.get_name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{CommandLine, misplaced};

    fn hint(arguments: &[&str]) -> String {
        let line = std::iter::once("corridor").chain(arguments.iter().copied());
        misplaced(&CommandLine::try_parse_from(line).expect_err("a mistake"))
    }

    #[test]
    fn an_option_of_another_verb_is_named_with_its_verbs() {
        let metric = hint(&["run", "x.toml", "--metric", "ruined"]);
        assert_eq!(metric, "hint: `--metric` is an option of `show`, `compare`\n");
        assert_eq!(hint(&["run", "x.toml", "--nonsense"]), "");
        assert!(hint(&["x.toml"]).contains("`corridor run x.toml`"));
    }

    #[test]
    fn the_command_line_is_well_defined() {
        super::definition().debug_assert();
    }
}
