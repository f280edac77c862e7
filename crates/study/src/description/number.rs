//! Writes numbers in the words of a description: percent, points, money and times.

use crate::wording::number;

/// `value` rounded to `digits` significant digits, in the fewest decimals.
pub(super) fn rounded(value: f64, digits: u32) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(if value == 0.0 { 0.0 } else { value });
    }
    let before = value.abs().log10().floor() as i32 + 1;
    let decimals = (digits as i32 - before).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0') } else { &text };
    text.trim_end_matches('.').to_owned()
}

/// A fraction in per cent, `2.5 %`.
pub(super) fn percent(fraction: f64) -> String {
    format!("{} %", rounded(fraction * 100.0, 4))
}

/// A fraction of the portfolio in points, `5 points`.
pub(super) fn points(fraction: f64) -> String {
    let text = rounded(fraction * 100.0, 4);
    if text == "1" { "1 point".to_owned() } else { format!("{text} points") }
}

/// An amount of money, `1,000,000`; cents only where it has them.
pub(super) fn money(amount: f64) -> String {
    let cents = format!("{amount:.2}");
    let (whole, cents) = cents.split_once('.').unwrap_or((&cents, "00"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let cents = if cents == "00" { String::new() } else { format!(".{cents}") };
    format!("{sign}{grouped}{cents}")
}

/// A length of time, `8 months` or `2.5 years`.
pub(super) fn time(years: f64) -> String {
    let months = years * 12.0;
    match months {
        _ if !months.is_finite() => "ever".to_owned(),
        ..1.95 => one_or_more(rounded(months * 30.4, 2), "day"),
        ..23.5 => one_or_more(rounded(months, 2), "month"),
        _ => one_or_more(rounded(years, 2), "year"),
    }
}

/// A number of `unit`s, `1 month` or `3 months`.
pub(super) fn one_or_more(count: String, unit: &str) -> String {
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// A rhythm, `every month` or `every 3 months`.
pub(super) fn every(count: u32, unit: &str) -> String {
    match count {
        1 => format!("every {unit}"),
        _ => format!("every {count} {unit}s"),
    }
}

/// Parts with `between` between them.
pub(super) fn joined(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_people_use() {
        assert_eq!(
            [0.0, 0.6, 0.0171, 0.1, 1.0, 0.333333].map(percent),
            ["0 %", "60 %", "1.71 %", "10 %", "100 %", "33.33 %"]
        );
        assert_eq!([0.01, 0.05, 0.0175].map(points), ["1 point", "5 points", "1.75 points"]);
        assert_eq!(
            [0.0, 950.0, 1e6, 12_345.5, -1e3].map(money),
            ["0", "950", "1,000,000", "12,345.50", "-1,000"]
        );
        assert_eq!(
            [1.0 / 52.0, 1.0 / 12.0, 0.66, 1.0, 2.0, 17.3, f64::INFINITY].map(time),
            ["7 days", "30 days", "7.9 months", "12 months", "2 years", "17 years", "ever"]
        );
        assert_eq!(rounded(-0.00012345, 2), "-0.00012");
        assert_eq!(rounded(f64::NAN, 2), "NaN");
    }
}
