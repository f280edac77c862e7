//! Collects the problems of a study while it is checked.

use std::cell::RefCell;
use std::collections::BTreeSet;

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
    diagnostics: Vec<(Key, Diagnostic)>,
    /// What was said already: corners of a sweep repeat each other's problems.
    said: BTreeSet<Key>,
    errors: usize,
}

impl Reporter {
    /// Reports an error at `span`.
    pub fn error(&self, span: Span, id: Id, message: impl Into<String>, hint: impl Into<String>) {
        self.in_corner(Severity::Error, span, id, message.into(), hint.into(), "");
    }

    /// Reports what is wrong in one corner of a sweep. Corners repeat each other: the first speaks for all that would say
    /// the same, but every one counts.
    pub fn in_corner(&self, severity: Severity, span: Span, id: Id, message: String, hint: String, corner: &str) {
        if self.is_full() {
            self.found.borrow_mut().errors += usize::from(severity == Severity::Error); // counted, not worth a place
            return;
        }
        let place = self.sources.place(span);
        let said = message.clone();
        let message = if corner.is_empty() { message } else { format!("{message}, in `{corner}`") };
        self.add(span, said, Diagnostic { severity, id, message, hint, place });
    }

    /// Takes over a diagnostic that knows its place, sorted as if it stood at `span`.
    pub fn push(&self, span: Span, diagnostic: Diagnostic) {
        let said = format!("{}:{} {}", diagnostic.place.line, diagnostic.place.column, diagnostic.message);
        self.add(span, said, diagnostic);
    }

    fn add(&self, span: Span, said: String, diagnostic: Diagnostic) {
        let mut found = self.found.borrow_mut();
        found.errors += usize::from(diagnostic.severity == Severity::Error);
        let key = (span, diagnostic.id, said);
        if found.diagnostics.len() < SHOWN_MAX && found.said.insert(key.clone()) {
            found.diagnostics.push((key, diagnostic));
        }
    }

    /// Number of errors so far.
    pub fn errors(&self) -> usize {
        self.found.borrow().errors
    }

    /// Whether so much is wrong that looking further tells nothing new.
    pub fn is_full(&self) -> bool {
        self.found.borrow().diagnostics.len() >= SHOWN_MAX
    }

    /// Takes out the errors reported since there were `before`, so that an invalid corner can be left out.
    pub fn take_since(&self, before: &Mark) -> Vec<Diagnostic> {
        let mut found = self.found.borrow_mut();
        let new = found.diagnostics.split_off(before.diagnostics);
        found.errors = before.errors;
        for (key, _) in &new {
            found.said.remove(key);
        }
        new.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }

    /// Remembers how much was found so far.
    pub fn mark(&self) -> Mark {
        let found = self.found.borrow();
        Mark { diagnostics: found.diagnostics.len(), errors: found.errors }
    }

    /// The warnings, where there is no error.
    ///
    /// # Errors
    /// Everything found, in file order, where there is an error.
    pub fn finish(self) -> Result<Vec<Diagnostic>, Problems> {
        let mut found = self.found.into_inner();
        found.diagnostics.sort_by_key(|((span, ..), _)| *span);
        let diagnostics = found.diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect();
        if found.errors == 0 { Ok(diagnostics) } else { Err(Problems { diagnostics }) }
    }
}

/// How much was found at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    diagnostics: usize,
    errors: usize,
}

impl Mark {
    /// Errors at that moment.
    pub fn errors(&self) -> usize {
        self.errors
    }
}
