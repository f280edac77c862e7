//! Reads the rows of a return history and checks its calendar and its numbers.

use corridor_core::time::Step;

use super::date::{Date, DateText};
use crate::check::scope::Scope;
use crate::diagnostic::{Diagnostic, Id, Place, Severity};
use crate::tree::{Path, Span, place_in};
use crate::wording::{did_you_mean, quoted};

/// The returns of one date.
#[derive(Debug)]
pub(super) struct Row {
    pub date: Date,
    /// Simple returns as decimals, in asset order.
    pub returns: Vec<f64>,
    /// First byte of the row in the text.
    start: usize,
}

/// Columns of the history that are read.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    date: usize,
    /// One for each asset, in asset order.
    assets: Vec<usize>,
}

/// The dates that are read, the first and the last included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub from: Date,
    pub to: Date,
}

/// A history's text and where the study names it.
pub(super) struct Sheet<'a> {
    pub name: &'a str,
    pub text: &'a str,
    /// Place of the history's name in the study, by which its problems are sorted.
    pub span: Span,
    pub scope: &'a Scope<'a>,
}

impl Sheet<'_> {
    /// Reports a problem in the row at byte `start` of the history, at its text `field`.
    fn error(&self, start: usize, field: &str, id: Id, message: String, hint: &str) {
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let offset = line.find(field).unwrap_or(0);
        let range = start + offset..start + offset + field.len().max(1);
        let place = place_in(self.name, self.text, range);
        self.scope.reporter.push(
            self.span,
            Diagnostic {
                severity: Severity::Error,
                id,
                message,
                hint: hint.to_owned(),
                more: None,
                place,
            },
        );
    }

    /// Reports that the history has no dates. Its first line is not shown, nor the names of its
    /// columns: the file may be no table but one whose content is nobody's business.
    fn refuse_without_dates(&self) {
        let place = Place { file: self.name.to_owned(), line: 1, column: 1, ..Place::default() };
        self.scope.reporter.push(
            self.span,
            Diagnostic {
                severity: Severity::Error,
                id: Id::CsvColumn,
                message: format!("the history `{}` has no column `date`", quoted(self.name)),
                hint: "name the column of dates `date` in the first line".to_owned(),
                more: None,
                place,
            },
        );
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes())
    }

    /// Finds the date column and the column of each asset.
    pub fn columns(&self, assets: &[String], path: &Path<'_>) -> Option<Columns> {
        let headers = self.reader().headers().cloned().unwrap_or_default();
        let place = |name: &str| {
            headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name)
        };
        let known: Vec<&str> = headers.iter().filter(|header| *header != "date").collect();
        if place("date").is_none() {
            self.refuse_without_dates();
            return None;
        }
        let column = |(index, asset): (usize, &String)| {
            let column = place(asset);
            if column.is_none() {
                let message = format!(
                    "the history `{}` has no column `{}`",
                    quoted(self.name),
                    quoted(asset)
                );
                self.scope.error(
                    &path.index(index),
                    Id::CsvColumn,
                    message,
                    did_you_mean(asset, &known),
                );
            }
            column
        };
        let columns: Vec<Option<usize>> = assets.iter().enumerate().map(column).collect();
        Some(Columns { date: place("date")?, assets: columns.into_iter().collect::<Option<_>>()? })
    }

    /// All rows of a period; `None` where some could not be read.
    pub fn rows(&self, columns: &Columns, period: Period) -> Option<Vec<Row>> {
        let before = self.scope.reporter.errors();
        let mut rows = Vec::new();
        for record in self.reader().records() {
            if self.scope.reporter.is_full() {
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let start = error.position().map_or(0, |position| position.byte() as usize);
                    self.error(
                        start,
                        "",
                        Id::CsvUnreadable,
                        format!("the row cannot be read: {error}"),
                        "write comma-separated text in UTF-8",
                    );
                    break;
                }
            };
            let start = record.position().map_or(0, |position| position.byte() as usize);
            let text = record.get(columns.date).unwrap_or_default();
            let Some(date) = DateText::parse(text).map(DateText::last) else {
                self.error(
                    start,
                    text,
                    Id::CsvDate,
                    format!("`{}` is not a date", quoted(text)),
                    "write dates as `1926-07-31` or `1926-07`",
                );
                continue;
            };
            if date >= period.from && date <= period.to {
                let returns = columns
                    .assets
                    .iter()
                    .map(|&column| self.number(start, record.get(column).unwrap_or_default()))
                    .collect();
                rows.push(Row { date, returns, start });
            }
        }
        (self.scope.reporter.errors() == before).then_some(rows)
    }

    /// Reads a return; one that is missing, no number or ruinous is reported.
    fn number(&self, start: usize, text: &str) -> f64 {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number > -1.0 => return number,
            Ok(number) if number.is_finite() => {
                let message = format!("the return {number} loses everything or more");
                self.error(
                    start,
                    text,
                    Id::CsvReturn,
                    message,
                    "write simple returns as decimals above -1: 0.01 is 1 %",
                );
            }
            Ok(_) | Err(_) => {
                let what = if text.is_empty() {
                    "a return is missing".to_owned()
                } else {
                    format!("`{}` is not a number", quoted(text))
                };
                self.error(
                    start,
                    text,
                    Id::CsvNumber,
                    what,
                    "give every date of the chosen span a \
                decimal return, or narrow `from` and `to`",
                );
            }
        }
        0.0
    }

    /// Reports dates that do not follow each other by one step.
    pub fn calendar(&self, rows: &[Row], step: Step) {
        let mut gaps: Vec<i64> =
            rows.windows(2).map(|pair| pair[1].date.days() - pair[0].date.days()).collect();
        gaps.sort_unstable();
        let Some(&typical) = gaps.get(gaps.len() / 2) else { return };
        if typical > 0 && !self.has_step(typical, step) {
            return;
        }
        for pair in rows.windows(2) {
            let (last, next) = (&pair[0].date, &pair[1].date);
            let days = next.days() - last.days();
            let follows = match step {
                Step::Month => next.month_number() == last.month_number() + 1,
                Step::Week => (5..=9).contains(&days),
                // the longest closing of an exchange since 1915
                Step::Day => (1..=12).contains(&days),
            };
            if !follows {
                let what = if days <= 0 { "does not come after" } else { "leaves a gap after" };
                let message = format!("the row of {next} {what} the row of {last}");
                self.error(
                    pair[1].start,
                    &next.to_string(),
                    Id::CsvGap,
                    message,
                    "give every period one row, in order, or narrow `from` and `to`",
                );
            }
        }
    }

    /// Whether rows that are `typical` days apart are one step apart; reports those that are not.
    fn has_step(&self, typical: i64, step: Step) -> bool {
        let found = match typical {
            1..=4 => Some(Step::Day),
            5..=10 => Some(Step::Week),
            25..=35 => Some(Step::Month),
            _ => None, // a number of days, not one of our enums
        };
        if found == Some(step) {
            return true;
        }
        let apart =
            found.map_or_else(|| format!("{typical} days"), |found| format!("a {}", found.name()));
        let message = format!(
            "the rows of the history are {apart} apart, the study's step is a {}",
            step.name()
        );
        let hint = found.map_or_else(
            || "use a daily, weekly or monthly history".to_owned(),
            |found| format!("write `step = \"{}\"`", found.name()),
        );
        let path = Path::root("time");
        self.scope.error(&path.key("step"), Id::CsvStep, message, hint);
        false
    }
}
