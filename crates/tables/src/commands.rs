//! Names the commands that the texts of a run mention, in the words of the program that made it.
//!
//! The library below a command line does not know what its verbs are called. A program that has
//! some hands them down; without them the README and the page of a run say the same without a
//! command.

/// Commands for a reader of a run, each as it is typed; `None` where a program has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// Runs the study of a run again, typed in its folder.
    pub run: Option<&'static str>,
    /// Runs a study, whose path follows it.
    pub run_study: Option<&'static str>,
    /// Shows a finished run; options follow it.
    pub show: Option<&'static str>,
    /// Analyses a finished run again.
    pub analyze: Option<&'static str>,
    /// Follows one path of a run step by step; options for path, policy and scenario follow it.
    pub replay: Option<&'static str>,
}
