//! Names what a run lacks, and what it has instead.

/// A name that a run does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`\nhint: choose one of {known}")]
pub struct Unknown {
    /// Kind of thing that the name is of: `policy`, `metric`.
    pub what: &'static str,
    /// Name that was asked for.
    pub name: String,
    /// Names that the run has, in backticks.
    pub known: String,
}
