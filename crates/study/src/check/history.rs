//! Reads a return history from a CSV file and checks its calendar and its numbers, row by row.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path as FilePath;
use std::sync::Arc;

use corridor_core::time::Step;
use corridor_scenario::bootstrap::History;

use super::date::{Date, DateText};
use super::market::{CheckedMarket, built_history};
use super::market_error;
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Id, Severity, did_you_mean, quoted};
use crate::file::market::{BootstrapTable, MarketTable};
use crate::plan::Input;
use crate::tree::{Path, Span, place_in};

/// The largest history read, in bytes: a century of days of a hundred assets.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Histories are looked for in a folder and read once.
#[derive(Debug)]
pub(crate) struct Histories<'a> {
    folder: &'a FilePath,
    texts: RefCell<BTreeMap<String, Result<Arc<str>, String>>>,
}

impl<'a> Histories<'a> {
    /// Histories relative to `folder`.
    pub fn new(folder: &'a FilePath) -> Self {
        Self { folder, texts: RefCell::default() }
    }

    fn text(&self, csv: &str) -> Result<Arc<str>, String> {
        let read = || {
            let named = self.folder.join(csv);
            let copy = self.folder.join("inputs").join(name_of_copy(csv));
            read(if named.exists() || !copy.exists() { &named } else { &copy })
        };
        self.texts.borrow_mut().entry(csv.to_owned()).or_insert_with(read).clone()
    }

    /// Every history that was read.
    pub fn inputs(self) -> Vec<Input> {
        let texts = self.texts.into_inner().into_iter();
        texts
            .filter_map(|(csv, text)| Some(Input { name: name_of_copy(&csv), text: text.ok()? }))
            .collect()
    }
}

/// What a run calls its copy of a history: another name for every other path, and one that a file
/// may have.
fn name_of_copy(csv: &str) -> String {
    const LONGEST: usize = 120;
    let mut name = String::new();
    for byte in csv.bytes() {
        match byte {
            b'/' => name.push('+'),
            b'-' | b'.' | b'_' => name.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    if name.len() > LONGEST {
        format!("{}.csv", blake3::hash(csv.as_bytes()).to_hex())
    } else {
        name
    }
}

fn read(path: &FilePath) -> Result<Arc<str>, String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > BYTES_MAX {
        Err(format!("it is larger than {BYTES_MAX} bytes"))
    } else {
        Ok(Arc::from(text))
    }
}

/// Checks a `[market.bootstrap]` and builds its market.
pub(crate) fn check(
    table: &BootstrapTable,
    market: &MarketTable,
    step: Step,
    seed: u64,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    let root = Path::root("market");
    let path = root.key("bootstrap");
    let before = scope.reporter.errors();
    let assets = path.key("assets");
    for (index, asset) in table.assets.iter().enumerate() {
        scope.identifier(&assets.index(index), "an asset", asset);
    }
    scope.distinct(&assets, "assets", table.assets.iter().map(String::as_str));
    let from =
        bound(table.from.as_deref(), &path.key("from"), scope).map_or(Date::FIRST, DateText::first);
    let to = bound(table.to.as_deref(), &path.key("to"), scope).map_or(Date::LAST, DateText::last);
    let csv = path.key("csv");
    let text = match histories.text(&table.csv) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read the history `{}`: {error}", quoted(&table.csv));
            scope.error(
                &csv,
                Id::CsvUnreadable,
                message,
                "`csv` is a path relative to the study file, to a UTF-8 text file",
            );
            return None;
        }
    };
    let sheet =
        Sheet { name: &table.csv, text: &text, span: scope.grid.span(&csv, scope.choice), scope };
    let columns = sheet.columns(&table.assets, &assets)?;
    let rows: Vec<Row> = sheet.rows(&columns, from, to)?;
    sheet.calendar(&rows, step);
    if rows.len() < 2 {
        let message = format!(
            "the history has {} rows between `from` and `to`; resampling needs at least 2",
            rows.len()
        );
        scope.error(&csv, Id::CsvRange, message, "widen `from` and `to`");
    }
    if scope.reporter.errors() > before {
        return None;
    }
    let mean_block_steps = table.mean_block_months * f64::from(step.per_year()) / 12.0;
    if mean_block_steps < 1.0 {
        let message =
            format!("a mean block of {} months is shorter than one step", table.mean_block_months);
        scope.error(
            &path.key("mean_block_months"),
            Id::OutOfRange,
            message,
            "blocks of one step resample single dates; choose that or longer",
        );
        return None;
    }
    let returns = rows.into_iter().map(|row| row.returns).collect();
    let history = History {
        assets: table.assets.clone(),
        step,
        returns,
        indicators: Vec::new(),
        mean_block_steps,
    };
    match built_history(history, market, seed) {
        Ok(market) => Some(market),
        Err(errors) => {
            for error in errors {
                market_error::report(&error, super::market::Written::RegimeSwitching, scope);
            }
            None
        }
    }
}

fn bound(text: Option<&str>, path: &Path<'_>, scope: &Scope<'_>) -> Option<DateText> {
    let text = text?;
    let date = DateText::parse(text);
    if date.is_none() {
        let message = format!("`{}` is not a date", quoted(text));
        scope.error(path, Id::CsvDate, message, "write `1926-07` or `1926-07-31`");
    }
    date
}

/// A date's returns and where they stand.
#[derive(Debug)]
struct Row {
    date: Date,
    returns: Vec<f64>,
    start: usize,
}

/// A history's text and where the study names it.
struct Sheet<'a> {
    name: &'a str,
    text: &'a str,
    span: Span,
    scope: &'a Scope<'a>,
}

impl Sheet<'_> {
    /// Reports a problem at byte `start` of the history; `field` is what is wrong on that line.
    fn error(&self, start: usize, field: &str, id: Id, message: String, hint: &str) {
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let offset = line.find(field).unwrap_or(0);
        let range = start + offset..start + offset + field.len().max(1);
        let place = place_in(self.name, self.text, range);
        self.scope.reporter.push(
            self.span,
            Diagnostic { severity: Severity::Error, id, message, hint: hint.to_owned(), place },
        );
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes())
    }

    /// Places of the date column and of each asset's.
    fn columns(&self, assets: &[String], path: &Path<'_>) -> Option<(usize, Vec<usize>)> {
        let headers = self.reader().headers().cloned().unwrap_or_default();
        let place = |name: &str| {
            headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name)
        };
        let known: Vec<&str> = headers.iter().filter(|header| *header != "date").collect();
        if place("date").is_none() {
            self.error(
                0,
                "",
                Id::CsvColumn,
                format!("the history `{}` has no column `date`", quoted(self.name)),
                "name the column of dates `date` in the first line",
            );
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
        Some((place("date")?, columns.into_iter().collect::<Option<_>>()?))
    }

    /// All rows between two dates; `None` where some could not be read.
    fn rows(
        &self,
        (date_column, columns): &(usize, Vec<usize>),
        from: Date,
        to: Date,
    ) -> Option<Vec<Row>> {
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
                        "write plain comma-separated text",
                    );
                    break;
                }
            };
            let start = record.position().map_or(0, |position| position.byte() as usize);
            let text = record.get(*date_column).unwrap_or_default();
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
            if date >= from && date <= to {
                let returns = columns
                    .iter()
                    .map(|&column| self.number(start, record.get(column).unwrap_or_default()))
                    .collect();
                rows.push(Row { date, returns, start });
            }
        }
        (self.scope.reporter.errors() == before).then_some(rows)
    }

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
                    "returns are simple decimals above -1: 0.01 = 1 %",
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
    fn calendar(&self, rows: &[Row], step: Step) {
        let mut gaps: Vec<i64> =
            rows.windows(2).map(|pair| pair[1].date.days() - pair[0].date.days()).collect();
        gaps.sort_unstable();
        let Some(&typical) = gaps.get(gaps.len() / 2) else { return };
        let found = match typical {
            1..=4 => Some(Step::Day),
            5..=10 => Some(Step::Week),
            25..=35 => Some(Step::Month),
            _ => None, // a number of days, not one of our enums
        };
        if found.is_some_and(|found| found != step) || (found.is_none() && typical > 0) {
            let what = found
                .map_or_else(|| format!("{typical} days"), |found| format!("a {}", found.name()));
            let message = format!(
                "the rows of the history are {what} apart, the study's step is a {}",
                step.name()
            );
            let hint = found.map_or_else(
                || "use a daily, weekly or monthly history".to_owned(),
                |found| format!("write `step = \"{}\"`", found.name()),
            );
            let path = Path::root("time");
            return self.scope.error(&path.key("step"), Id::CsvStep, message, hint);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_different_files_have_different_names() {
        let long = "x".repeat(500);
        let paths =
            ["a/b.csv", "a_b.csv", "a+b.csv", "a b.csv", "a%20b.csv", "../b.csv", "ä.csv", &long];
        let names: std::collections::BTreeSet<String> = paths.map(name_of_copy).into();
        assert_eq!(names.len(), paths.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 120 && !name.contains(['/', ' '])));
    }
}
