//! Prints numbers for people, in the spreadsheet format that a metric declares.
//!
//! ```
//! use corridor_report::number::{NumberFormat, things};
//!
//! let percent = NumberFormat::of("0.0%");
//! assert_eq!(percent.bare(0.123) + percent.suffix(), "12.3 %");
//! assert_eq!(things(2, "policy"), "2 policies");
//! ```

use std::cmp::Ordering;

/// A spreadsheet format for numbers: `0.0`, `0.00%`, `#,##0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    /// Number of decimals; a negative one rounds to tens, hundreds and so on.
    decimals: i32,
    percent: bool,
    grouped: bool,
}

impl NumberFormat {
    /// Reads a format of the column `number_format`.
    #[must_use]
    pub fn of(format: &str) -> Self {
        let decimals = format
            .split_once('.')
            .map_or(0, |(_, places)| places.chars().take_while(|c| *c == '0').count());
        Self {
            decimals: decimals as i32,
            percent: format.ends_with('%'),
            grouped: format.contains(','),
        }
    }

    /// Returns the format for differences and errors, which are small beside the numbers: one
    /// decimal more, but none for money.
    #[must_use]
    pub fn for_differences(self) -> Self {
        Self { decimals: self.decimals + i32::from(!self.grouped), ..self }
    }

    /// Reduces the decimals to those that a number with this standard error deserves: the last
    /// digit is the second significant digit of the error.
    #[must_use]
    pub fn within(self, error: Option<f64>) -> Self {
        let scaled = error.map_or(0.0, |error| if self.percent { error * 100.0 } else { error });
        if !(scaled > 0.0 && scaled.is_finite()) {
            return self;
        }
        // The exponent after rounding to two digits: 0.0996 is 1.0e-1.
        let exponent = format!("{scaled:.1e}")
            .split_once('e')
            .and_then(|(_, power)| power.parse().ok())
            .unwrap_or(0);
        Self { decimals: self.decimals.min(1 - exponent), ..self }
    }

    /// Prints a number, percentages without the percent sign.
    #[must_use]
    pub fn bare(self, value: f64) -> String {
        let scaled = if self.percent { value * 100.0 } else { value };
        let text = match usize::try_from(self.decimals) {
            Ok(decimals) => format!("{scaled:.decimals$}"),
            Err(_) => {
                let unit = (0..-self.decimals).fold(1.0, |unit, _| 10.0 * unit);
                format!("{:.0}", (scaled / unit).round() * unit)
            }
        };
        let text = if text.trim_start_matches('-').bytes().all(|c| matches!(c, b'0' | b'.')) {
            text.trim_start_matches('-')
        } else {
            &text
        };
        if self.grouped { grouped(text) } else { text.to_owned() }
    }

    /// Prints a difference: a number with its sign, which also one has that rounds to zero, as an
    /// interval that includes zero must show it. Zero itself has none.
    #[must_use]
    pub fn signed(self, value: f64) -> String {
        let text = self.bare(value.abs());
        match value.partial_cmp(&0.0) {
            Some(Ordering::Greater) => format!("+{text}"),
            Some(Ordering::Less) => format!("-{text}"),
            Some(Ordering::Equal) | None => text,
        }
    }

    /// Returns the unit after a number: ` %`, or nothing.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        if self.percent { " %" } else { "" }
    }

    /// Returns the unit after a difference: ` pp`, percentage points, or nothing.
    #[must_use]
    pub fn difference_suffix(self) -> &'static str {
        if self.percent { " pp" } else { "" }
    }
}

/// Prints a whole number with separated thousands: `1,000,000`.
#[must_use]
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// Prints a number with its noun: `1 horizon`, `24 cells`, `2 policies`.
#[must_use]
pub fn things(number: u64, thing: &str) -> String {
    let things = match thing.strip_suffix('y') {
        _ if number == 1 => thing.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{thing}s"),
    };
    format!("{} {things}", count(number))
}

/// Prints a number of bytes with a binary unit: `1.5 KiB`.
#[must_use]
pub fn bytes(number: f64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let decimals = usize::from(value < 10.0 && unit > 0);
    format!("{value:.decimals$} {}", UNITS[unit])
}

fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(fraction);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_those_of_a_spreadsheet() {
        let check = |format: &str, value: f64| NumberFormat::of(format).bare(value);
        assert_eq!(check("0.0", 12.345), "12.3");
        assert_eq!(check("0.00%", 0.05123), "5.12");
        assert_eq!(check("#,##0", 1_234_567.8), "1,234,568");
        assert_eq!(check("#,##0", -999_999.6), "-1,000,000");
        assert_eq!(check("0.0", -0.04), "0.0");
        let signed =
            [-0.04, 0.04, 0.0, -0.0, -1234.5].map(|x| NumberFormat::of("#,##0.0").signed(x));
        assert_eq!(signed, ["-0.0", "+0.0", "0.0", "0.0", "-1,234.5"]);
    }

    #[test]
    fn digits_end_where_the_error_does() {
        let check = |format: &str, value: f64, error: f64| {
            let format = NumberFormat::of(format);
            let (own, finer) =
                (format.within(Some(error)), format.for_differences().within(Some(error)));
            format!("{} ± {}", own.bare(value), finer.bare(error))
        };
        assert_eq!(check("#,##0", 442_330.5, 1057.7), "442,300 ± 1,100");
        assert_eq!(check("#,##0", 442_330.5, 996.0), "442,300 ± 1,000");
        assert_eq!(check("#,##0", 12.3, 0.004), "12 ± 0");
        assert_eq!(check("0.0", 548.83, 0.783), "548.8 ± 0.78");
        assert_eq!(check("0.0", 548.83, 12.34), "549 ± 12");
        assert_eq!(check("0.0", 548.83, 0.0), "548.8 ± 0.00");
        assert_eq!(check("0.00%", 0.068_141, 0.012), "6.8 ± 1.2");
        assert_eq!(NumberFormat::of("0.0").within(None).bare(1.25), "1.2");
    }

    #[test]
    fn bytes_and_counts_read_well() {
        assert_eq!([0.0, 1023.0, 1536.0, 4e8].map(bytes), ["0 B", "1023 B", "1.5 KiB", "381 MiB"]);
        assert_eq!([0, 999, 1000, 1_000_000].map(count), ["0", "999", "1,000", "1,000,000"]);
        assert_eq!(
            [things(1, "policy"), things(2, "policy"), things(0, "path")],
            ["1 policy", "2 policies", "0 paths"]
        );
    }
}
