//! Prints numbers for people, in the spreadsheet format that a metric declares.

/// A number format: `0.0`, `0.00%`, `#,##0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    decimals: usize,
    percent: bool,
    grouped: bool,
}

impl NumberFormat {
    /// Reads a format as it stands in `dim_metric`.
    #[must_use]
    pub fn of(format: &str) -> Self {
        let decimals = format.split_once('.').map_or(0, |(_, places)| places.chars().take_while(|c| *c == '0').count());
        Self { decimals, percent: format.ends_with('%'), grouped: format.contains(',') }
    }

    /// One decimal more, for differences and errors, which are small beside the numbers themselves; none for money.
    #[must_use]
    pub fn for_differences(self) -> Self {
        Self { decimals: self.decimals + usize::from(!self.grouped), ..self }
    }

    /// The number, percentages without their sign.
    #[must_use]
    pub fn bare(self, value: f64) -> String {
        let scaled = if self.percent { value * 100.0 } else { value };
        let text = format!("{scaled:.*}", self.decimals);
        let text = if text.trim_start_matches('-').bytes().all(|c| matches!(c, b'0' | b'.')) { text.trim_start_matches('-') } else { &text };
        if self.grouped { grouped(text) } else { text.to_owned() }
    }

    /// The number with its sign, for differences.
    #[must_use]
    pub fn signed(self, value: f64) -> String {
        let text = self.bare(value);
        if text.starts_with('-') { text } else { format!("+{text}") }
    }

    /// What stands behind the numbers: ` %`, or nothing.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        if self.percent { " %" } else { "" }
    }
}

/// A whole number with its thousands apart: `1,000,000`.
#[must_use]
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number of things: `1 horizon`, `24 cells`.
#[must_use]
pub fn things(number: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Bytes as people say them.
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
        assert_eq!(NumberFormat::of("0.0").signed(-0.04), "+0.0");
    }

    #[test]
    fn bytes_and_counts_read_well() {
        assert_eq!([0.0, 1023.0, 1536.0, 4e8].map(bytes), ["0 B", "1023 B", "1.5 KiB", "381 MiB"]);
        assert_eq!([0, 999, 1000, 1_000_000].map(count), ["0", "999", "1,000", "1,000,000"]);
    }
}
