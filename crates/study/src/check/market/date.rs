//! Reads calendar dates, and counts days and months between them.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// A date as written, a day or a whole month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DateText {
    Day(Date),
    Month(Date),
}

impl DateText {
    /// Reads `1926-07-31` or `1926-07`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| {
            part.parse::<i64>().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()))
        });
        let year = parts.next()??;
        let month = parts.next()??;
        let day = parts.next().map_or(Some(None), |day| day.map(Some))?;
        let first = Date { year, month, day: 1 };
        if parts.next().is_some() || !(1..=12).contains(&month) || !(1000..=9999).contains(&year) {
            return None;
        }
        match day {
            Some(day) if (1..=first.month_length()).contains(&day) => {
                Some(Self::Day(Date { day, ..first }))
            }
            Some(_) => None,
            None => Some(Self::Month(first)),
        }
    }

    /// First day of the date.
    pub fn first(self) -> Date {
        match self {
            Self::Day(date) | Self::Month(date) => date,
        }
    }

    /// Last day of the date.
    pub fn last(self) -> Date {
        match self {
            Self::Day(date) => date,
            Self::Month(date) => Date { day: date.month_length(), ..date },
        }
    }
}

impl Date {
    /// Before every date that can be written.
    pub const FIRST: Self = Self { year: 0, month: 1, day: 1 };
    /// After every date that can be written.
    pub const LAST: Self = Self { year: 10_000, month: 1, day: 1 };

    /// Number of days since a fixed day of the proleptic Gregorian calendar, by Hinnant's
    /// `days_from_civil` without its shift.
    pub fn days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let month = (self.month + 9) % 12;
        year * 365 + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + self.day
            - 1
    }

    /// Number of months since year 0.
    pub fn month_number(self) -> i64 {
        self.year * 12 + self.month
    }

    fn month_length(self) -> i64 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31, // a number, not one of our enums
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_across_leap_years_and_centuries() {
        let day = |text| DateText::parse(text).map(DateText::last).map(Date::days);
        let between = |a, b| Some(day(b)? - day(a)?);
        assert_eq!(between("2000-02-28", "2000-03-01"), Some(2));
        assert_eq!(between("1900-02-28", "1900-03-01"), Some(1));
        assert_eq!(between("1926-07", "2018-11"), Some(33_725));
        assert_eq!(DateText::parse("2001-02-29"), None);
        assert_eq!(DateText::parse("2001-2-x"), None);
    }
}
