//! Lists keys and words of the study format that this version does not run, so that they are
//! refused by name and not as unknown.

/// A key or word of the format that this version does not run.
struct NotYet {
    /// Type of the table or word list that it belongs to.
    table: &'static str,
    word: &'static str,
    /// Its subject, as a message names it.
    subject: &'static str,
}

const NOT_YET: &[NotYet] = &[
    NotYet { table: "AccountTable", word: "tax", subject: "taxable accounts" },
    NotYet { table: "PolicyTable", word: "cppi", subject: "moving targets" },
];

/// Subject of `word` in `table`, if the format has it and this version does not run it.
pub(crate) fn not_yet(table: &str, word: &str) -> Option<&'static str> {
    NOT_YET.iter().find(|row| row.table == table && row.word == word).map(|row| row.subject)
}
