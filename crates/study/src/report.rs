//! Collects the problems of a study while it is checked.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Hint, Id, Problems, Severity};
use crate::tree::{Sources, Span};

/// Number of problems listed at once; more would only bury the first.
const SHOWN_MAX: usize = 100;

/// Collects the errors and warnings of one study.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    pub sources: Sources,
    found: RefCell<Found>,
}

/// A problem at a place in the text.
#[derive(Debug)]
pub(crate) struct Finding {
    pub severity: Severity,
    pub span: Span,
    pub id: Id,
    pub message: String,
    pub hint: Hint,
}

/// Tells one problem from another, whatever corner it was found in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    span: Span,
    id: Id,
    /// The message without the corner.
    said: String,
}

#[derive(Debug, Default)]
struct Found {
    entries: Vec<Entry>,
    /// Index in `entries` of every problem reported so far: corners of a sweep repeat each other's
    /// problems.
    known: BTreeMap<Key, usize>,
    /// Number of errors, also of those that repeat each other.
    errors: usize,
}

/// A diagnostic and the corners of sweeps it was found in.
#[derive(Debug)]
struct Entry {
    key: Key,
    diagnostic: Diagnostic,
    /// The first corner; empty where the problem does not depend on a corner.
    corner: String,
    /// The last corner.
    last: String,
    /// Number of corners after the first.
    others: usize,
}

impl Entry {
    /// Whether this is the problem `key` with the numbers of another corner.
    fn is_of_another_corner(&self, key: &Key, severity: Severity, corner: &str) -> bool {
        (self.key.span, self.key.id, self.diagnostic.severity) == (key.span, key.id, severity)
            && !self.corner.is_empty()
            && self.last != corner
    }

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
    pub fn error(&self, span: Span, id: Id, message: impl Into<String>, hint: impl Into<Hint>) {
        let (message, hint) = (message.into(), hint.into());
        self.in_corner(Finding { severity: Severity::Error, span, id, message, hint }, "");
    }

    /// Reports a problem in one corner of a sweep; `corner` is empty without sweeps. Corners repeat
    /// each other, so the first one speaks for all that find the same, with their number.
    pub fn in_corner(&self, finding: Finding, corner: &str) {
        let Finding { severity, span, id, message, hint } = finding;
        if self.is_full() {
            // counted, not worth a place
            self.found.borrow_mut().errors += usize::from(severity == Severity::Error);
            return;
        }
        let key = Key { span, id, said: message.clone() };
        let place = self.sources.place(span);
        let Hint { text: hint, more } = hint;
        self.add(key, Diagnostic { severity, id, message, hint, more, place }, corner);
    }

    /// Adds a diagnostic that knows its place, sorted as if it were at `span`.
    pub fn push(&self, span: Span, diagnostic: Diagnostic) {
        let said =
            format!("{}:{} {}", diagnostic.place.line, diagnostic.place.column, diagnostic.message);
        self.add(Key { span, id: diagnostic.id, said }, diagnostic, "");
    }

    fn add(&self, key: Key, diagnostic: Diagnostic, corner: &str) {
        let Found { entries, known, errors } = &mut *self.found.borrow_mut();
        *errors += usize::from(diagnostic.severity == Severity::Error);
        let elsewhere = || {
            let severity = diagnostic.severity;
            let is_same = |entry: &Entry| entry.is_of_another_corner(&key, severity, corner);
            entries.iter().position(is_same).filter(|_| !corner.is_empty())
        };
        if let Some(index) = known.get(&key).copied().or_else(elsewhere) {
            known.insert(key, index);
            let entry = &mut entries[index];
            if entry.last != corner {
                corner.clone_into(&mut entry.last);
                entry.others += 1;
            }
        } else if entries.len() < SHOWN_MAX {
            known.insert(key.clone(), entries.len());
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

    /// Whether the list of problems is full, so that looking further adds nothing.
    pub fn is_full(&self) -> bool {
        self.found.borrow().entries.len() >= SHOWN_MAX
    }

    /// Takes back the problems reported since `before`, so that an invalid corner can be left out.
    pub fn take_since(&self, before: &Mark) -> Vec<Diagnostic> {
        let mut found = self.found.borrow_mut();
        let new = found.entries.split_off(before.entries);
        found.errors = before.errors;
        found.known.retain(|_, index| *index < before.entries);
        new.into_iter().map(Entry::into_diagnostic).collect()
    }

    /// Marks the present moment, for [`Reporter::take_since`].
    pub fn mark(&self) -> Mark {
        let found = self.found.borrow();
        Mark { entries: found.entries.len(), errors: found.errors }
    }

    /// Everything found, in file order.
    pub fn into_problems(self) -> Problems {
        match self.finish() {
            Ok(diagnostics) => Problems { diagnostics },
            Err(problems) => problems,
        }
    }

    /// The warnings of a study without errors, in file order.
    ///
    /// # Errors
    /// Everything found, in file order, if there is an error.
    pub fn finish(self) -> Result<Vec<Diagnostic>, Problems> {
        let mut found = self.found.into_inner();
        found.entries.sort_by_key(|entry| entry.key.span);
        let diagnostics =
            once_for_each_cause(found.entries.into_iter().map(Entry::into_diagnostic).collect());
        if found.errors == 0 { Ok(diagnostics) } else { Err(Problems { diagnostics }) }
    }
}

/// Joins more than three diagnostics that differ in their places alone, such as the same mistake in
/// many policies. The first names the lines of the others.
fn once_for_each_cause(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    const SHOWN: usize = 3;
    let mut causes: Vec<Vec<Diagnostic>> = Vec::new();
    for diagnostic in diagnostics {
        match causes.iter_mut().find(|cause| is_like(&cause[0], &diagnostic)) {
            Some(cause) => cause.push(diagnostic),
            None => causes.push(vec![diagnostic]),
        }
    }
    let joined = |cause: Vec<Diagnostic>| {
        if cause.len() <= SHOWN {
            return cause;
        }
        let mut lines: Vec<String> =
            cause[1..].iter().map(|other| other.place.line.to_string()).collect();
        lines.dedup();
        let others = cause.len() - 1;
        let mut first = cause.into_iter().next().map_or_else(Vec::new, |first| vec![first]);
        for first in &mut first {
            first.message +=
                &format!("; {others} more places are like this, in lines {}", lines.join(", "));
        }
        first
    };
    causes.into_iter().flat_map(joined).collect()
}

/// Whether two diagnostics are the same but for their places and the numbers of list entries.
fn is_like(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.severity, a.id, &a.hint, &a.place.file) == (b.severity, b.id, &b.hint, &b.place.file)
        && without_indices(&a.message) == without_indices(&b.message)
}

/// A message with the number of every list entry, `[3]`, left out.
fn without_indices(message: &str) -> String {
    let part = |part: &str| match part.split_once(']') {
        Some((index, rest)) if index.bytes().all(|byte| byte.is_ascii_digit()) => rest.to_owned(),
        _ => part.to_owned(),
    };
    message.split('[').map(part).collect::<Vec<_>>().join("[")
}

/// Numbers of problems and errors at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    entries: usize,
    errors: usize,
}

impl Mark {
    /// Number of errors at that moment.
    pub fn errors(&self) -> usize {
        self.errors
    }
}
