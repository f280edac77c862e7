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
    /// Starts without corners, for a study at `root`.
    pub fn new(root: Span, reporter: &'a Reporter) -> Self {
        Self { reporter, root, corners: Vec::new() }
    }

    /// Keeps corners that were left out, or reports their problems after all where nothing remains:
    /// once for each cause, with the number of the other corners.
    pub fn add(&mut self, left_out: Vec<LeftOut>, nothing_remains: bool) {
        if nothing_remains {
            let mut causes: Vec<(Diagnostic, usize)> = Vec::new();
            for problem in left_out.into_iter().flat_map(|corner| corner.problems) {
                let is_known =
                    |known: &Diagnostic| (known.id, &known.place) == (problem.id, &problem.place);
                match causes.iter_mut().find(|(known, _)| is_known(known)) {
                    Some((_, others)) => *others += 1,
                    None => causes.push((problem, 0)),
                }
            }
            for (mut first, others) in causes {
                match others {
                    0 => {}
                    1 => first.message += " and one more corner",
                    _ => first.message += &format!(" and {others} more corners"),
                }
                self.reporter.push(self.root, first);
            }
        } else {
            self.corners.extend(left_out);
        }
    }

    /// Warns of the corners that were left out: once for each first problem, with the first corner
    /// and the number of the others.
    pub fn warn(&self) {
        let mut causes: Vec<(&str, &Diagnostic, usize)> = Vec::new();
        for LeftOut { name, problems } in &self.corners {
            let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
            let Some(first) = problems.iter().find(is_error) else { continue };
            let is_known =
                |known: &Diagnostic| (known.id, &known.place) == (first.id, &first.place);
            match causes.iter_mut().find(|(_, known, _)| is_known(known)) {
                Some((_, _, others)) => *others += 1,
                None => causes.push((name, first, 0)),
            }
        }
        for (name, first, others) in causes {
            let and = match others {
                0 => "was".to_owned(),
                1 => "and one more corner were".to_owned(),
                _ => format!("and {others} more corners were"),
            };
            let warning = Diagnostic {
                severity: Severity::Warning,
                id: Id::SkippedCorner,
                message: format!("`{}` {and} left out: {}", quoted(name), first.message),
                hint: "write `run.skip_invalid = false` to refuse such corners instead".to_owned(),
                more: None,
                place: first.place.clone(),
            };
            self.reporter.push(self.root, warning);
        }
    }
}
