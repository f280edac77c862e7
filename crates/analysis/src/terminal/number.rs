//! Writes numbers with the digits that their error leaves them.

/// Digits after the point that leave two significant digits to the error, at most 8; with no error, those of the value.
pub(super) fn decimals(error: f64, value: f64) -> usize {
    let mut scale = if error > 0.0 { error } else { value.abs() / 1000.0 };
    if !(scale > 0.0 && scale.is_finite()) {
        return 1;
    }
    let mut digits = 0;
    while scale < 9.5 && digits < 8 {
        scale *= 10.0;
        digits += 1;
    }
    digits
}

/// A number with its thousands set apart.
pub(super) fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    match rest {
        Some(rest) => format!("{sign}{grouped}.{rest}"),
        None => format!("{sign}{grouped}"),
    }
}

/// The same with a sign even if positive.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = plain(value, decimals);
    if text.starts_with('-') || text.chars().all(|c| matches!(c, '0' | '.')) { text } else { format!("+{text}") }
}

/// A count with its thousands set apart.
pub(super) fn count(n: u64) -> String {
    plain(n as f64, 0)
}

/// Years without needless digits.
pub(super) fn years(years: f64) -> String {
    let digits = if (years - years.round()).abs() < 1e-9 { 0 } else { 2 };
    format!("{years:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_error() {
        assert_eq!([0.0123, 0.94, 1.2, 9.4, 9.6, 1234.0].map(|error| decimals(error, 500.0)), [3, 2, 1, 1, 0, 0]);
        assert_eq!(decimals(0.0, 0.0), 1);
        assert_eq!(decimals(f64::NAN, f64::NAN), 1);
        assert_eq!(plain(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(plain(-1234.0, 0), "-1,234");
        assert_eq!(plain(-0.04, 1), "0.0");
        assert_eq!(signed(0.04, 1), "0.0");
        assert_eq!(signed(3.0, 1), "+3.0");
        assert_eq!(signed(-3.0, 1), "-3.0");
        assert_eq!((years(30.0), years(0.25)), ("30".to_owned(), "0.25".to_owned()));
    }
}
