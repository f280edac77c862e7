//! Adds a helpful command to errors and diagnostics, which name no command themselves.
//!
//! There is one table for each kind of help that the crates below can ask for. The matches are
//! exhaustive, so a new kind does not compile until its hint is written here.

use corridor_report::Thing;
use corridor_store::error::Remedy;
use corridor_study::diagnostic::{Diagnostic, MoreHelp, Problems};
use corridor_workbench::Error;

/// Returns the hint with the command that helps; empty where no command does.
#[must_use]
pub fn for_error(error: &Error) -> &'static str {
    match error {
        Error::Store(error) => error.remedy().map_or("", for_remedy),
        Error::IsASearch { .. } => {
            "\nhint: `corridor search STUDY` finds the best one and writes a study of it; leave \
            `[search]` and every `{ search = .. }` out to compare policies"
        }
        Error::Unknown(unknown) => for_unknown(unknown.what),
        Error::OtherRows { .. } => "\nhint: `corridor run` simulates the parts that differ again",
        Error::RowsWouldBeDeleted { .. } => {
            "\nhint: keep them with the `path_rows` it was run with, run elsewhere with `--out \
            DIR`, or delete the folder"
        }
        Error::Study(_)
        | Error::Analysis(_)
        | Error::Comparison(_)
        | Error::Report(_)
        | Error::Cancelled
        | Error::Threads { .. }
        | Error::TooManyAssets { .. }
        | Error::SamePolicy { .. }
        | Error::NoTwin { .. }
        | Error::NothingToSearch
        | Error::NoDirection { .. }
        | Error::AnotherSimulation { .. }
        | Error::Csv { .. }
        | Error::Winner { .. } => "",
    }
}

/// Returns the hint with the command that lists the names of a kind; empty where no command does.
const fn for_unknown(what: Thing) -> &'static str {
    match what {
        Thing::Metric | Thing::ComparedMetric => "\nhint: `corridor metrics` explains all of them",
        Thing::Preset => "\nhint: `corridor presets` lists the shipped markets",
        Thing::Word => "\nhint: `corridor explain` lists all words",
        Thing::Policy
        | Thing::Scenario
        | Thing::Horizon
        | Thing::HorizonOfMetric
        | Thing::InstructionSet => "",
    }
}

/// Returns the hint with the command for a way out of a failure of the store.
const fn for_remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::WaitOrUseAnotherFolder => {
            "\nhint: wait for it to end, or choose another folder with `--out`"
        }
        Remedy::ShowOrAnalyseAgain => {
            "\nhint: `corridor show` prints it; `--resume` analyses it again"
        }
        Remedy::ResumeRun => "\nhint: continue it with `--resume`",
        Remedy::FinishRun => "\nhint: finish it with `corridor run STUDY --resume`",
        Remedy::RemakeFile => "\nhint: `corridor run STUDY --resume` makes it again",
        Remedy::SimulateAgain => {
            "\nhint: `corridor run STUDY --resume` simulates it again and restores them"
        }
        Remedy::RewriteTables => {
            "\nhint: `corridor analyze RUN_DIR` writes tables again, also those of an older version"
        }
        Remedy::RemakeParts => "\nhint: `corridor run STUDY --resume` makes it again",
        Remedy::FreeSpaceAndResume => {
            "\nhint: finished parts are kept; once there is room, `corridor run STUDY --resume` \
            continues"
        }
        Remedy::UseNewerVersion => "\nhint: use a newer corridor",
        Remedy::MoveFileAway => {
            "\nhint: move it away; `corridor run STUDY --resume` removes files and links like it"
        }
        Remedy::MoveAwayAndRepeat => "\nhint: move it away or remove it, and repeat the command",
        Remedy::RepeatLater => {
            "\nhint: repeat the command once that has ended; finished work is not done again"
        }
        Remedy::CorrectLedger => {
            "\nhint: mend or remove it; policies that only it has are then no longer counted"
        }
    }
}

/// Returns the end of a hint: the command that shows further help on a problem of a study.
const fn further_help(more: MoreHelp) -> &'static str {
    match more {
        MoreHelp::Presets => "`corridor presets` lists the shipped markets",
        MoreHelp::Schema => "`corridor schema` lists every key and its limits",
        MoreHelp::Search => "`corridor search` writes it",
        MoreHelp::Metrics => "`corridor metrics` explains all of them",
        MoreHelp::Templates => "`corridor init --retire > my.toml` writes one to start from",
    }
}

/// Appends the command for further help, if there is one, to the hint of a diagnostic.
#[must_use]
pub fn with_command(diagnostic: &Diagnostic) -> Diagnostic {
    let mut diagnostic = diagnostic.clone();
    if let Some(more) = diagnostic.more {
        // a question ends a sentence
        diagnostic.hint.push_str(if diagnostic.hint.ends_with('?') { " " } else { "; " });
        diagnostic.hint.push_str(further_help(more));
    }
    diagnostic
}

/// Appends to the hint of each problem of a study its command for further help.
#[must_use]
pub fn problems_with_commands(problems: &Problems) -> Problems {
    Problems { diagnostics: problems.diagnostics.iter().map(with_command).collect() }
}
