//! Keeps the invalid corners of sweeps that `run.skip_invalid` leaves out.

use crate::diagnostic::{Diagnostic, Id, Severity};
use crate::report::Reporter;
use crate::tree::Span;
use crate::wording::quoted;

/// An invalid corner and its problems.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub name: String,
    pub problems: Vec<Diagnostic>,
}

/// The corners left out so far.
#[derive(Debug)]
pub(super) struct Skipped<'a> {
    reporter: &'a Reporter,
    /// Place of the study as a whole, for problems whose place is not in the study.
    root: Span,
    corners: Vec<LeftOut>,
}

impl<'a> Skipped<'a> {
    /// No corner yet, of a study that stands at `root`.
    pub fn new(root: Span, reporter: &'a Reporter) -> Self {
        Self { reporter, root, corners: Vec::new() }
    }

    /// Keeps corners that were left out, or reports their problems after all where nothing remains.
    pub fn add(&mut self, left_out: Vec<LeftOut>, nothing_remains: bool) {
        if nothing_remains {
            for diagnostic in left_out.into_iter().flat_map(|corner| corner.problems) {
                self.reporter.push(self.root, diagnostic);
            }
        } else {
            self.corners.extend(left_out);
        }
    }

    /// Warns of every corner that was left out, with its first problem.
    pub fn warn(&self) {
        for LeftOut { name, problems } in &self.corners {
            let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
            let Some(first) = problems.iter().find(is_error) else { continue };
            let warning = Diagnostic {
                severity: Severity::Warning,
                id: Id::SkippedCorner,
                message: format!("`{}` was left out: {}", quoted(name), first.message),
                hint: "write `run.skip_invalid = false` to refuse it instead".to_owned(),
                more: None,
                place: first.place.clone(),
            };
            self.reporter.push(self.root, warning);
        }
    }
}
