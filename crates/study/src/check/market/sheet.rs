//! Reads the rows of a return history, and reports what cannot be read: once for each cause, with
//! the first row and the number of rows.

use std::collections::BTreeMap;

use super::date::{Date, DateText};
use crate::check::scope::Scope;
use crate::diagnostic::{Diagnostic, Id, Severity};
use crate::tree::{Path, Span, place_in};
use crate::wording::{did_you_mean, list, quoted};

/// Bytes that may separate the columns of a history.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The returns of one date.
#[derive(Debug)]
pub(super) struct Row {
    pub date: Date,
    /// Simple returns as decimals, in asset order.
    pub returns: Vec<f64>,
    /// First byte of the row in the text.
    pub start: usize,
    /// Whether every return could be read.
    is_complete: bool,
}

/// Columns of the history that are read.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    date: usize,
    /// One for each asset, in asset order.
    assets: Vec<usize>,
    /// Number of columns in the first line.
    count: usize,
    /// Names of the columns that are not read.
    unused: Vec<String>,
}

impl Columns {
    /// Describes what is read of the history `csv`: rows, span and columns left out.
    pub fn about(&self, csv: &str, rows: &[Row]) -> String {
        let mut text = format!("{}: {} rows", quoted(csv), rows.len());
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            text += &format!(" from {} to {}", first.date, last.date);
        }
        if !self.unused.is_empty() {
            text += &format!("; not used: {}", list(self.unused.iter().map(String::as_str)));
        }
        text
    }
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

/// A problem of a history, before its place is known.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub id: Id,
    pub message: String,
    pub hint: String,
}

/// Rows with the same fault.
#[derive(Debug)]
struct SameFault {
    first: Fault,
    start: usize,
    field: String,
    rows: usize,
}

/// Faults of rows by cause, so that each cause is reported once.
#[derive(Debug, Default)]
struct RowFaults {
    by_cause: BTreeMap<(Id, usize), SameFault>,
}

impl RowFaults {
    /// Adds a fault of the row at byte `start`, in the given column.
    fn add(&mut self, column: usize, start: usize, field: &str, fault: Fault) {
        let same = self.by_cause.entry((fault.id, column)).or_insert_with(|| SameFault {
            first: fault,
            start,
            field: field.to_owned(),
            rows: 0,
        });
        same.rows += 1;
    }
}

impl Sheet<'_> {
    /// Reports a problem in the row at byte `start` of the history, at its text `field`.
    pub fn report(&self, severity: Severity, start: usize, field: &str, fault: Fault) {
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default();
        let offset = line.find(field).unwrap_or(0);
        let range = start + offset..start + offset + field.len().max(1);
        let place = place_in(self.name, self.text, range);
        let Fault { id, message, hint } = fault;
        let diagnostic = Diagnostic { severity, id, message, hint, more: None, place };
        self.scope.reporter.push(self.span, diagnostic);
    }

    fn report_rows(&self, faults: RowFaults) {
        for SameFault { mut first, start, field, rows } in faults.by_cause.into_values() {
            match rows {
                1 => {}
                2 => first.message += ", and one more row has this fault",
                _ => first.message += &format!(", and {} more rows have this fault", rows - 1),
            }
            self.report(Severity::Error, start, &field, first);
        }
    }

    fn reader(&self, separator: u8) -> csv::Reader<&[u8]> {
        csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes())
    }

    /// Names of the columns, if `separator` separates them.
    fn headers(&self, separator: u8) -> Vec<String> {
        let headers = self.reader(separator).headers().cloned().unwrap_or_default();
        headers.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect()
    }

    /// The separator with which the first line has a column `date`; a comma if none does.
    fn separator(&self) -> u8 {
        let has_date = |separator: &u8| self.headers(*separator).iter().any(|name| name == "date");
        SEPARATORS.into_iter().find(has_date).unwrap_or(SEPARATORS[0])
    }

    /// Finds the date column and the column of each asset.
    ///
    /// A file without a column `date` may be anything, so that nothing of it is quoted.
    pub fn columns(&self, assets: &[String], path: &Path<'_>) -> Option<Columns> {
        let headers = self.headers(self.separator());
        let Some(date) = headers.iter().position(|name| name == "date") else {
            self.no_dates();
            return None;
        };
        let known: Vec<&str> =
            headers.iter().map(String::as_str).filter(|name| *name != "date").collect();
        let column = |(index, asset): (usize, &String)| {
            let column = headers.iter().position(|name| name == asset);
            if column.is_none() {
                let message = format!(
                    "the history `{}` has no column `{}`",
                    quoted(self.name),
                    quoted(asset)
                );
                let hint = did_you_mean(asset, &known);
                self.scope.error(&path.index(index), Id::CsvColumn, message, hint);
            }
            column
        };
        let columns: Vec<Option<usize>> = assets.iter().enumerate().map(column).collect();
        for name in std::iter::once("date").chain(assets.iter().map(String::as_str)) {
            self.one_column(name, &headers);
        }
        let assets: Vec<usize> = columns.into_iter().collect::<Option<_>>()?;
        let unused = headers.iter().enumerate();
        let unused = unused.filter(|(place, _)| *place != date && !assets.contains(place));
        Some(Columns {
            date,
            unused: unused.map(|(_, name)| name.clone()).collect(),
            assets,
            count: headers.len(),
        })
    }

    /// Reports that the history has no column of dates.
    fn no_dates(&self) {
        let written = SEPARATORS.into_iter().find_map(|separator| {
            self.headers(separator).into_iter().find(|name| name.eq_ignore_ascii_case("date"))
        });
        let hint = match written {
            Some(written) => format!("rename its column `{written}` to `date`"),
            None => "name the column of dates `date` in the first line, and separate columns by \
            commas, semicolons or tabs"
                .to_owned(),
        };
        let root = Path::root("market");
        let message = format!("the history `{}` has no column `date`", quoted(self.name));
        self.scope.error(&root.key("bootstrap").key("csv"), Id::CsvColumn, message, hint);
    }

    /// Reports a column that the first line names twice.
    fn one_column(&self, name: &str, headers: &[String]) {
        if headers.iter().filter(|known| *known == name).count() > 1 {
            let message = format!("the history has two columns `{}`", quoted(name));
            let hint = "give every column that the study reads its own name".to_owned();
            let fault = Fault { id: Id::CsvColumn, message, hint };
            self.report(Severity::Error, 0, name, fault);
        }
    }

    /// All rows of a period; `None` where some could not be read. A return that loses everything or
    /// more counts as read.
    pub fn rows(&self, columns: &Columns, period: Period) -> Option<Vec<Row>> {
        let before = self.scope.reporter.errors();
        let mut rows = Vec::new();
        let mut faults = RowFaults::default();
        for record in self.reader(self.separator()).records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let start = error.position().map_or(0, |position| position.byte() as usize);
                    let message = format!("the row cannot be read: {error}");
                    let hint = "write comma-separated text in UTF-8".to_owned();
                    let fault = Fault { id: Id::CsvUnreadable, message, hint };
                    self.report(Severity::Error, start, "", fault);
                    break;
                }
            };
            let start = record.position().map_or(0, |position| position.byte() as usize);
            if record.len() != columns.count {
                faults.add(0, start, "", wrong_length(record.len(), columns.count));
                continue;
            }
            let text = record.get(columns.date).unwrap_or_default();
            let Some(date) = DateText::parse(text).map(DateText::last) else {
                faults.add(columns.date, start, text, not_a_date(text));
                continue;
            };
            if date >= period.from && date <= period.to {
                rows.push(read_row(&record, columns, date, start, &mut faults));
            }
        }
        complete_span(&rows, &mut faults);
        self.report_rows(faults);
        (self.scope.reporter.errors() == before).then_some(rows)
    }

    /// Reports returns that lose everything or more, except those of the assets `implausible`,
    /// whose columns are refused as a whole.
    pub fn ruinous(&self, rows: &[Row], implausible: &[usize]) {
        let mut faults = RowFaults::default();
        for row in rows {
            let lost = row.returns.iter().enumerate().filter(|(_, number)| **number <= -1.0);
            for (asset, number) in lost.filter(|(asset, _)| !implausible.contains(asset)) {
                let fault = Fault {
                    id: Id::CsvReturn,
                    message: format!("the return {number} loses everything or more"),
                    hint: "write simple returns as decimals above -1: 0.01 is 1 %".to_owned(),
                };
                faults.add(asset, row.start, &row.date.to_string(), fault);
            }
        }
        self.report_rows(faults);
    }
}

/// Describes a row that has more or fewer fields than the first line.
fn wrong_length(found: usize, expected: usize) -> Fault {
    let hint = if found + 1 == 2 * expected {
        "a number with a decimal comma takes two fields: write decimal points, or separate the \
        columns by semicolons"
    } else {
        "give every row one field for each column of the first line"
    };
    let fields = if found == 1 { "1 field".to_owned() } else { format!("{found} fields") };
    let message = format!("the row has {fields}, and the first line has {expected}");
    Fault { id: Id::CsvFields, message, hint: hint.to_owned() }
}

fn not_a_date(text: &str) -> Fault {
    Fault {
        id: Id::CsvDate,
        message: format!("`{}` is not a date", quoted(text)),
        hint: "write dates as `1926-07-31` or `1926-07`".to_owned(),
    }
}

/// Reads the returns of a row; one that is missing or no number is added to `faults`.
fn read_row(
    record: &csv::StringRecord,
    columns: &Columns,
    date: Date,
    start: usize,
    faults: &mut RowFaults,
) -> Row {
    let mut row = Row { date, returns: Vec::new(), start, is_complete: true };
    for &column in &columns.assets {
        let text = record.get(column).unwrap_or_default();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            row.is_complete = false;
            faults.add(column, start, text, not_a_number(text));
        }
        row.returns.push(number.unwrap_or(0.0));
    }
    row
}

/// Describes a field that is not a number, with the likely cause.
fn not_a_number(text: &str) -> Fault {
    let shown = quoted(text);
    let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
    let (message, hint) = if text.is_empty() {
        let hint = "give every date of the chosen span a decimal return, or narrow `from` and `to`";
        ("a return is missing".to_owned(), hint)
    } else if text.strip_suffix('%').is_some_and(is_number) {
        (format!("`{shown}` is not a number"), "write decimals without a sign: 1.2 % is 0.012")
    } else if text.matches(',').count() == 1 && is_number(&text.replace(',', ".")) {
        (format!("`{shown}` has a decimal comma"), "write decimal points: `0.012`, not `0,012`")
    } else {
        let hint = "give every date of the chosen span a decimal return, or narrow `from` and `to`";
        (format!("`{shown}` is not a number"), hint)
    };
    Fault { id: Id::CsvNumber, message, hint: hint.to_owned() }
}

/// Adds to the hint of missing returns the longest span in which every column is complete.
fn complete_span(rows: &[Row], faults: &mut RowFaults) {
    let spans = rows.split(|row| !row.is_complete);
    let Some([first, .., last]) = spans.max_by_key(|span| span.len()) else { return };
    let narrowed = format!(
        "give every date of the chosen span a decimal return, or write `from = \"{}\"` and `to = \
        \"{}\"`, between which every column has one",
        first.date, last.date
    );
    for fault in faults.by_cause.values_mut() {
        if fault.first.hint.contains("narrow `from`") {
            fault.first.hint.clone_from(&narrowed);
        }
    }
}
