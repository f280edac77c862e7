//! Says that a run has nothing of the name asked for, and what it has.

/// A name that a run does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`\nhint: choose one of {known}")]
pub struct Unknown {
    /// Kind of thing: `policy`, `metric`.
    pub what: &'static str,
    /// The name asked for.
    pub name: String,
    /// The names there are, in backticks.
    pub known: String,
}
