//! Reads margins of practical equivalence from the command line.

/// Reads `METRIC=VALUE`; a value in per cent or points is divided by 100.
///
/// # Errors
/// The right form, if the text has another.
pub fn margin(text: &str) -> Result<(String, f64), String> {
    let wrong = || "write METRIC=VALUE, such as `ruined=0.01` or `ruined=1%`".to_owned();
    let (metric, value) = text.split_once('=').ok_or_else(wrong)?;
    let value = value.trim();
    let in_points = ["%", "pp"].iter().find_map(|unit| value.strip_suffix(unit));
    // basis points are the unit of the metrics that have them
    let plain = in_points.or(value.strip_suffix("bp")).unwrap_or(value);
    let number: f64 = plain.trim().replace('_', "").parse().map_err(|_| wrong())?;
    let margin = if in_points.is_some() { number / 100.0 } else { number };
    if margin.is_finite() && margin >= 0.0 {
        Ok((metric.trim().to_owned(), margin))
    } else {
        Err("a margin is a number that is not negative".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_numbers_or_per_cent() {
        assert_eq!(margin("ruined=0.01"), Ok(("ruined".to_owned(), 0.01)));
        assert_eq!(margin("ruined = 1 %"), Ok(("ruined".to_owned(), 0.01)));
        assert_eq!(margin("terminal_wealth_real=10_000").map(|(_, value)| value), Ok(10_000.0));
        for wrong in ["ruined", "ruined=", "ruined=x", "ruined=-1", "ruined=inf", "ruined=nan"] {
            assert!(margin(wrong).is_err(), "{wrong}");
        }
    }
}
