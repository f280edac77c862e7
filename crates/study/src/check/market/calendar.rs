//! Checks the dates of a history against the step of the study.

use corridor_core::time::Step;

use super::date::Date;
use super::sheet::{Fault, Period, Row, Sheet};
use crate::diagnostic::{Id, Severity};
use crate::tree::Path;

/// Days of an average year of the calendar.
const DAYS_A_YEAR: f64 = 365.2425;

/// Share by which the rows of a year may differ from the steps of a year without a warning: forex
/// has 261 days a year, China 243.
const USUAL_SHARE: f64 = 0.05;

/// Share by which the rows of a year may differ from the steps of a year at all: exchanges that
/// open on Saturdays have up to 313 days.
const POSSIBLE_SHARE: f64 = 0.25;

/// Rows by which a short history may differ from the steps of its span.
const ROWS_OF_EDGE: f64 = 5.0;

/// How a row follows the row before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// One step later.
    Next,
    /// More than one step later.
    Gap,
    /// Less than one step later.
    TooSoon,
    /// On the same date or an earlier one.
    Back,
}

impl Sheet<'_> {
    /// Reports dates that do not follow each other by one step, and rows that are not as many a
    /// year as the step says.
    pub fn calendar(&self, rows: &[Row], step: Step) {
        let mut gaps: Vec<i64> =
            rows.windows(2).map(|pair| days_between(&pair[0], &pair[1])).collect();
        gaps.sort_unstable();
        let Some(&typical) = gaps.get(gaps.len() / 2) else { return };
        if gaps.last().is_some_and(|longest| *longest < 0) {
            let message = "the dates of the history run backwards".to_owned();
            let hint = "sort the rows by date, the earliest first".to_owned();
            let fault = Fault { id: Id::CsvGap, message, hint };
            return self.report(Severity::Error, rows[1].start, &rows[1].date.to_string(), fault);
        }
        if typical > 0 && !self.has_step(typical, step) {
            return;
        }
        let before = self.scope.reporter.errors();
        for order in [Order::Back, Order::TooSoon, Order::Gap] {
            self.breaks(rows, step, order);
        }
        if self.scope.reporter.errors() == before {
            self.rows_a_year(rows, step);
        }
    }

    /// Reports the first row that follows another in `order`, with the number of the others.
    fn breaks(&self, rows: &[Row], step: Step, order: Order) {
        let mut found = rows.windows(2).filter(|pair| order_of(&pair[0], &pair[1], step) == order);
        let Some([last, next]) = found.next() else { return };
        let what = match order {
            Order::Back => "does not come after",
            Order::TooSoon => "comes too soon after",
            Order::Gap | Order::Next => "leaves a gap after",
        };
        let mut message = format!("the row of {} {what} the row of {}", next.date, last.date);
        match found.count() {
            0 => {}
            1 => message += ", and one more row does so",
            others => message += &format!(", and {others} more rows do so"),
        }
        let hint = "give every period one row, in order, or narrow `from` and `to`".to_owned();
        let fault = Fault { id: Id::CsvGap, message, hint };
        self.report(Severity::Error, next.start, &next.date.to_string(), fault);
    }

    /// Compares the number of rows with the number of steps of their span. A wrong clock scales
    /// every yearly figure.
    fn rows_a_year(&self, rows: &[Row], step: Step) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
        let years = (last.date.days() - first.date.days()) as f64 / DAYS_A_YEAR;
        let (found, expected) = ((rows.len() - 1) as f64, years * f64::from(step.per_year()));
        let off = (found - expected).abs() - ROWS_OF_EDGE;
        if off <= USUAL_SHARE * expected {
            return;
        }
        let message = format!(
            "the history has {:.0} rows a year, and `step = \"{}\"` counts {} a year",
            found / years,
            step.name(),
            step.per_year()
        );
        let hint = match step {
            Step::Day if found > expected => {
                "leave out days without trading and compound their returns into the next, or use \
                weekly or monthly returns with `step = \"week\"` or `step = \"month\"`"
            }
            Step::Week | Step::Month if found > expected => "keep one row for each step",
            Step::Day | Step::Week | Step::Month => {
                "complete the rows, or use monthly returns with `step = \"month\"`"
            }
        };
        let root = Path::root("time");
        let (place, hint) = (root.key("step"), hint.to_owned());
        if off > POSSIBLE_SHARE * expected {
            self.scope.error(&place, Id::CsvStep, message, hint);
        } else {
            self.scope.warning(&place, Id::CsvStep, message, hint);
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

    /// Warns of a bound of the period that the history does not reach.
    pub fn reaches(&self, rows: &[Row], period: Period, step: Step) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
        // a month is written by its last day
        let allowed = match step {
            Step::Day => 12,
            Step::Week => 9,
            Step::Month => 31,
        };
        let root = Path::root("market");
        let table = root.key("bootstrap");
        let short = |key: &str, bound: Date, missing: i64, word: &str, date: Date| {
            if bound != Date::FIRST && bound != Date::LAST && missing > allowed {
                let message = format!("`{key}` is {bound}, and the history {word} {date}");
                let hint = format!("write `{key} = \"{date}\"`, or add the rows");
                self.scope.warning(&table.key(key), Id::CsvRange, message, hint);
            }
        };
        short("from", period.from, first.date.days() - period.from.days(), "begins", first.date);
        short("to", period.to, period.to.days() - last.date.days(), "ends", last.date);
    }
}

fn days_between(last: &Row, next: &Row) -> i64 {
    next.date.days() - last.date.days()
}

fn order_of(last: &Row, next: &Row, step: Step) -> Order {
    let days = days_between(last, next);
    let months = next.date.month_number() - last.date.month_number();
    let (least, most, found) = match step {
        Step::Month => (1, 1, months),
        Step::Week => (5, 9, days),
        // the longest closing of an exchange since 1915
        Step::Day => (1, 12, days),
    };
    if days <= 0 {
        Order::Back
    } else if found < least {
        Order::TooSoon
    } else if found > most {
        Order::Gap
    } else {
        Order::Next
    }
}
