//! Names the commands that the README and the page of a run mention.
//!
//! The library does not know the verbs of the program that uses it, so the program hands its
//! commands down. Without them the texts are complete but mention no command.

/// Commands for the reader of a run, spelled as a user types them; `None` where the program has no
/// such command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Runs the study again from inside the run folder.
    pub run: Option<&'static str>,
    /// Runs a study, whose path follows it.
    pub run_study: Option<&'static str>,
    /// Shows a finished run; options follow it.
    pub show: Option<&'static str>,
    /// Analyses a finished run again.
    pub analyze: Option<&'static str>,
    /// Follows one path of a run step by step; options for path, policy and scenario are appended.
    pub replay: Option<&'static str>,
}
