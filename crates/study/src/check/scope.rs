//! Reports problems of one corner at places that checks name by their keys.

use corridor_core::time::{Step, TimeGrid};

use crate::de::read;
use crate::diagnostic::{Hint, Id, MoreHelp, Severity};
use crate::file::shape::PerAsset;
use crate::grid::{Choice, Grid};
use crate::report::{Finding, Reporter};
use crate::tree::{Path, Segment};
use crate::wording::{counted, did_you_mean, number as shown, quoted};

/// A corner of a study under check: names places by their keys, and reports there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub grid: &'a Grid,
    pub choice: &'a Choice,
    pub reporter: &'a Reporter,
    /// Name of the corner; empty without sweeps.
    pub corner: &'a str,
}

impl<'a> Scope<'a> {
    /// Reports an error at `path`, or at its deepest part that the file has.
    pub fn error(
        &self,
        path: &Path<'_>,
        id: Id,
        message: impl Into<String>,
        hint: impl Into<Hint>,
    ) {
        self.report(Severity::Error, path, id, message.into(), hint.into());
    }

    /// Reports a warning at `path`, or at its deepest part that the file has.
    pub fn warning(
        &self,
        path: &Path<'_>,
        id: Id,
        message: impl Into<String>,
        hint: impl Into<Hint>,
    ) {
        self.report(Severity::Warning, path, id, message.into(), hint.into());
    }

    fn report(&self, severity: Severity, path: &Path<'_>, id: Id, message: String, hint: Hint) {
        let span = self.grid.span(path, self.choice);
        self.reporter.in_corner(Finding { severity, span, id, message, hint }, self.corner);
    }

    /// Whether the file has a value at the place `segments`, counted from the root.
    pub fn has(&self, segments: &[Segment<'_>]) -> bool {
        self.grid.find(segments, self.choice).is_some()
    }

    /// The typed value at `path`. A misfit is reported, unless the check of the structure has
    /// reported it already.
    pub fn table<T: serde::Deserialize<'a>>(&self, path: &Path<'_>) -> Option<T> {
        let segments: Vec<Segment<'_>> = path.segments();
        let node = self.grid.find(&segments, self.choice)?;
        match read(self.grid, node, self.choice) {
            Ok(table) => Some(table),
            Err(_) if !self.grid.sound => None,
            Err(misfit) => {
                let span = misfit.span.unwrap_or(node.span);
                let hint = Hint::from("write a value that the schema of study files allows here");
                let finding = Finding {
                    severity: Severity::Error,
                    span,
                    id: Id::WrongType,
                    message: misfit.message,
                    hint: hint.and(MoreHelp::Schema),
                };
                self.reporter.in_corner(finding, self.corner);
                None
            }
        }
    }

    /// Checks a name that becomes a column or a label of a table: 1 to 40 letters, digits, `_` and
    /// `-`.
    pub fn identifier(&self, path: &Path<'_>, what: &str, name: &str) {
        let fine =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !fine || name.is_empty() || name.len() > 40 || name.starts_with('-') || name == "sweep" {
            let message = format!("`{}` cannot be the name of {what}", quoted(name));
            self.error(
                path,
                Id::BadName,
                message,
                "use 1 to 40 letters, digits, `_` and `-`, and not `sweep`",
            );
        }
    }

    /// Checks that names are distinct, ignoring case, as column names do.
    pub fn distinct<'n>(
        &self,
        path: &Path<'_>,
        what: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        let mut seen = std::collections::BTreeSet::new();
        for (index, name) in names.into_iter().enumerate() {
            if !seen.insert(name.to_ascii_lowercase()) {
                let message = format!("two {what} are called `{}`", quoted(name));
                self.error(
                    &path.index(index),
                    Id::DuplicateName,
                    message,
                    "give each its own name; case does not count",
                );
            }
        }
    }

    /// Index of the asset `name`; an unknown one is reported at `path`.
    pub fn asset(&self, path: &Path<'_>, name: &str, assets: &[String]) -> Option<usize> {
        let place = assets.iter().position(|asset| asset == name);
        if place.is_none() {
            let known: Vec<&str> = assets.iter().map(String::as_str).collect();
            let message = format!("the market has no asset `{}`", quoted(name));
            self.error(path, Id::UnknownAsset, message, did_you_mean(name, &known));
        }
        place
    }

    /// A number for each asset; `None` if a map leaves the asset out. Numbers outside `limits` are
    /// reported.
    pub fn per_asset(
        &self,
        path: &Path<'_>,
        value: &PerAsset,
        assets: &[String],
        limits: Limits,
    ) -> Vec<Option<f64>> {
        match value {
            PerAsset::Each(number) => {
                self.within(path, *number, limits);
                vec![Some(*number); assets.len()]
            }
            PerAsset::Map(map) => {
                let mut values = vec![None; assets.len()];
                for (name, number) in map {
                    let here = path.key(name);
                    self.within(&here, *number, limits);
                    if let Some(place) = self.asset(&here, name, assets) {
                        values[place] = Some(*number);
                    }
                }
                values
            }
        }
    }

    /// Warns of a fraction above `usual`, which may have been written in percent. From `refused` on it
    /// means nothing as a fraction, and is refused.
    pub fn usual_fraction(&self, path: &Path<'_>, fraction: f64, usual: f64, refused: f64) {
        if fraction <= usual || !fraction.is_finite() {
            return;
        }
        let message =
            format!("`{path}` is {}, which is {} %", shown(fraction), shown(fraction * 100.0));
        let hint = format!("write {} % as {}", shown(fraction), shown(fraction / 100.0));
        if fraction >= refused {
            self.error(path, Id::Percent, message, hint);
        } else {
            self.warning(path, Id::Percent, message, hint);
        }
    }

    /// Whole steps of a duration, rounded down with a warning. `what` names the duration: `a
    /// window`.
    pub fn steps(&self, path: &Path<'_>, what: &str, months: f64, step: Step) -> u32 {
        let grid = TimeGrid { step, steps: 1 };
        let steps = grid.step_of_months(months);
        let exact = months * f64::from(step.per_year()) / 12.0;
        if steps > 0 && (exact - f64::from(steps)).abs() > 1e-6 && exact < f64::from(u32::MAX) {
            let message = format!(
                "{what} of {} months is {exact:.2} steps, and is rounded to {steps}",
                shown(months)
            );
            let whole = (grid.months(steps) * 1e4).round() / 1e4;
            let hint =
                format!("write {}, which is a whole number of steps", counted(whole, "month"));
            self.warning(path, Id::WholeSteps, message, hint);
        }
        steps
    }

    /// Reports a number outside `limits`.
    pub fn within(&self, path: &Path<'_>, number: f64, limits: Limits) {
        let Limits { min, max, infinite } = limits;
        if number.is_nan() || number < min || number > max || (number.is_infinite() && !infinite) {
            let words = match (max.is_finite(), infinite) {
                (true, _) => format!("from {min} to {max}"),
                (false, true) => format!("at least {min}"),
                (false, false) => format!("finite and at least {min}"),
            };
            let message = format!("`{path}` is {}, it must be {words}", shown(number));
            self.error(path, Id::OutOfRange, message, format!("choose a number that is {words}"));
        }
    }
}

/// Limits of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub min: f64,
    pub max: f64,
    /// Whether infinity is allowed.
    pub infinite: bool,
}

impl Limits {
    /// From 0 to 1.
    pub const SHARE: Self = Self { min: 0.0, max: 1.0, infinite: false };
    /// At least 0, `inf` included.
    pub const WIDTH: Self = Self { min: 0.0, max: f64::INFINITY, infinite: true };
    /// From 0 to just below 10,000 basis points.
    pub const BPS: Self = Self { min: 0.0, max: 9_999.0, infinite: false };
}
