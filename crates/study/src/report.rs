//! Collects the problems of a study while it is checked.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Id, Problems, Severity};
use crate::tree::{Sources, Span};

/// Problems listed at once; more would only bury the first.
const SHOWN_MAX: usize = 100;

/// Where checks put what they find.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    pub sources: Sources,
    found: RefCell<Found>,
}

/// Where, what kind, and the words without the corner.
type Key = (Span, Id, String);

#[derive(Debug, Default)]
struct Found {
    entries: Vec<Entry>,
    /// What was said already, and its place among the entries: corners of a sweep repeat each
    /// other's problems.
    said: BTreeMap<Key, usize>,
    errors: usize,
}

/// A diagnostic and the corners of sweeps it was found in.
#[derive(Debug)]
struct Entry {
    key: Key,
    diagnostic: Diagnostic,
    /// The first corner; empty for what is wrong whatever the corner.
    corner: String,
    /// The last one, and how many there were after the first.
    last: String,
    others: usize,
}

impl Entry {
    fn into_diagnostic(self) -> Diagnostic {
        let Self { mut diagnostic, corner, others, .. } = self;
        match (corner.is_empty(), others) {
            (true, _) => {}
            (false, 0) => diagnostic.message += &format!(", in `{corner}`"),
            (false, 1) => diagnostic.message += &format!(", in `{corner}` and one more corner"),
            (false, _) => {
                diagnostic.message += &format!(", in `{corner}` and {others} more corners")
            }
        }
        diagnostic
    }
}

impl Reporter {
    /// Reports an error at `span`.
    pub fn error(&self, span: Span, id: Id, message: impl Into<String>, hint: impl Into<String>) {
        self.in_corner(Severity::Error, span, id, message.into(), hint.into(), "");
    }

    /// Reports what is wrong in one corner of a sweep. Corners repeat each other: the first speaks
    /// for all that say the same, with their number.
    pub fn in_corner(
        &self,
        severity: Severity,
        span: Span,
        id: Id,
        message: String,
        hint: String,
        corner: &str,
    ) {
        if self.is_full() {
            // counted, not worth a place
            self.found.borrow_mut().errors += usize::from(severity == Severity::Error);
            return;
        }
        let place = self.sources.place(span);
        self.add(
            (span, id, message.clone()),
            Diagnostic { severity, id, message, hint, place },
            corner,
        );
    }

    /// Takes over a diagnostic that knows its place, sorted as if it stood at `span`.
    pub fn push(&self, span: Span, diagnostic: Diagnostic) {
        let said =
            format!("{}:{} {}", diagnostic.place.line, diagnostic.place.column, diagnostic.message);
        self.add((span, diagnostic.id, said), diagnostic, "");
    }

    fn add(&self, key: Key, diagnostic: Diagnostic, corner: &str) {
        let Found { entries, said, errors } = &mut *self.found.borrow_mut();
        *errors += usize::from(diagnostic.severity == Severity::Error);
        if let Some(&place) = said.get(&key) {
            let entry = &mut entries[place];
            if entry.last != corner {
                corner.clone_into(&mut entry.last);
                entry.others += 1;
            }
        } else if entries.len() < SHOWN_MAX {
            said.insert(key.clone(), entries.len());
            entries.push(Entry {
                key,
                diagnostic,
                corner: corner.to_owned(),
                last: corner.to_owned(),
                others: 0,
            });
        }
    }

    /// Number of errors so far.
    pub fn errors(&self) -> usize {
        self.found.borrow().errors
    }

    /// Whether so much is wrong that looking further tells nothing new.
    pub fn is_full(&self) -> bool {
        self.found.borrow().entries.len() >= SHOWN_MAX
    }

    /// Takes out the errors reported since there were `before`, so that an invalid corner can be
    /// left out.
    pub fn take_since(&self, before: &Mark) -> Vec<Diagnostic> {
        let mut found = self.found.borrow_mut();
        let new = found.entries.split_off(before.entries);
        found.errors = before.errors;
        for entry in &new {
            found.said.remove(&entry.key);
        }
        new.into_iter().map(Entry::into_diagnostic).collect()
    }

    /// Remembers how much was found so far.
    pub fn mark(&self) -> Mark {
        let found = self.found.borrow();
        Mark { entries: found.entries.len(), errors: found.errors }
    }

    /// The warnings, where there is no error.
    ///
    /// # Errors
    /// Everything found, in file order, where there is an error.
    pub fn finish(self) -> Result<Vec<Diagnostic>, Problems> {
        let mut found = self.found.into_inner();
        found.entries.sort_by_key(|entry| entry.key.0);
        let diagnostics = found.entries.into_iter().map(Entry::into_diagnostic).collect();
        if found.errors == 0 { Ok(diagnostics) } else { Err(Problems { diagnostics }) }
    }
}

/// How much was found at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    entries: usize,
    errors: usize,
}

impl Mark {
    /// Errors at that moment.
    pub fn errors(&self) -> usize {
        self.errors
    }
}
