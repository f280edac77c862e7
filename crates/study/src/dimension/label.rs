//! Writes weights and horizons as the text of a label.

/// Weights as text, `equity 0.6, bond 0.4`; an asset without weight is left out.
pub(super) fn mix(assets: &[String], weights: &[f64]) -> String {
    let parts = assets
        .iter()
        .zip(weights)
        .filter(|(_, weight)| **weight != 0.0)
        .map(|(asset, weight)| format!("{asset} {weight}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// A horizon in years and months, `1 year 6 months`.
pub(super) fn horizon_label(months: u32) -> String {
    let words = [count(months / 12, "year"), count(months % 12, "month")];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn count(number: u32, what: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{number} {what}s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_are_called_by_years_where_they_are_whole() {
        assert_eq!(
            [1, 6, 12, 18, 360].map(horizon_label),
            ["1 month", "6 months", "1 year", "1 year 6 months", "30 years"]
        );
    }
}
