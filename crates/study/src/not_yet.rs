//! Lists what the study format has and this version does not run, so that it is refused by name and
//! not as unknown.

/// A key or word of the format: (table or word list it belongs to, word, what it is).
const NOT_YET: &[(&str, &str, &str)] =
    &[("AccountTable", "tax", "taxable accounts"), ("PolicyTable", "cppi", "moving targets")];

/// What `word` of `table` is, where the format has it and this version does not.
pub(crate) fn not_yet(table: &str, word: &str) -> Option<&'static str> {
    NOT_YET.iter().find(|row| row.0 == table && row.1 == word).map(|row| row.2)
}
