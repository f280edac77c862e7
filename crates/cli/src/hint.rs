//! Adds a helpful command to errors and diagnostics, which name no command themselves.
//!
//! There is one table for each kind of help that the crates below can ask for. The matches are
//! exhaustive, so a new kind does not compile until its hint is written here.

use corridor_store::error::Remedy;
use corridor_study::diagnostic::{Diagnostic, MoreHelp, Problems};
use corridor_workbench::Error;

/// Returns the hint line with the command that helps; empty if the error needs none.
#[must_use]
pub fn command_for(error: &Error) -> &'static str {
    match error {
        Error::Store(error) => error.remedy().map_or("", command_of),
        Error::IsASearch { .. } => {
            "\nhint: `corridor search STUDY` finds the best one and writes a study of it; leave \
            `[search]` and every `{ search = .. }` out to compare policies"
        }
        Error::OtherRows { .. } => "\nhint: `corridor run` simulates the parts that differ again",
        Error::RowsWouldGo { .. } => {
            "\nhint: keep them with the `path_rows` it was run with, run elsewhere with `--out \
            DIR`, or delete the folder"
        }
        Error::Study(_)
        | Error::Analysis(_)
        | Error::Comparison(_)
        | Error::Report(_)
        | Error::Unknown(_)
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

/// Returns the hint line for a remedy that the store suggests.
const fn command_of(remedy: Remedy) -> &'static str {
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
        Remedy::RewriteTables => {
            "\nhint: `corridor analyze RUN_DIR` writes tables again, also those of an older version"
        }
        Remedy::RemakeParts => "\nhint: `corridor run STUDY --resume` makes it again",
        Remedy::FreeSpaceAndResume => {
            "\nhint: finished parts are kept; once there is room, `corridor run STUDY --resume` \
            continues"
        }
        Remedy::UseNewerVersion => "\nhint: use a newer corridor",
        Remedy::MoveFileAway => "\nhint: move it away",
        Remedy::CorrectLedger => {
            "\nhint: mend or remove it; policies that only it has are then no longer counted"
        }
    }
}

/// Returns the words that name the command for further help on a problem of a study.
const fn command_about(more: MoreHelp) -> &'static str {
    match more {
        MoreHelp::Presets => "; `corridor presets` lists the shipped markets",
        MoreHelp::Schema => "; `corridor schema` lists every key and its limits",
        MoreHelp::Search => "; `corridor search` writes it",
    }
}

/// Returns the diagnostic with the command for further help added to its hint.
#[must_use]
pub fn worded(diagnostic: &Diagnostic) -> Diagnostic {
    let mut worded = diagnostic.clone();
    if let Some(more) = diagnostic.more {
        worded.hint.push_str(command_about(more));
    }
    worded
}

/// Returns the problems of a study, each with the command for further help.
#[must_use]
pub fn worded_problems(problems: &Problems) -> Problems {
    Problems { diagnostics: problems.diagnostics.iter().map(worded).collect() }
}
