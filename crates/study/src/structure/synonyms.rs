//! Knows words of everyday language for words of the format, such as `yearly` for `year`.

/// Words of the format, each with everyday words for it.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("day", &["daily", "days"]),
    ("week", &["weekly", "weeks"]),
    ("two_weeks", &["biweekly", "fortnight"]),
    ("month", &["monthly", "months"]),
    ("quarter", &["quarterly", "quarters"]),
    ("half_year", &["semiannual", "semi-annual", "semiannually", "half-yearly"]),
    ("year", &["yearly", "annual", "annually", "years"]),
    ("never", &["none", "hold", "off"]),
    ("always", &["every", "calendar", "true", "on"]),
    ("to_target", &["target", "full", "fully"]),
    ("to_edge", &["edge", "band"]),
];

/// Periods, which a trigger does not have.
const PERIODS: [&str; 7] = ["day", "week", "two_weeks", "month", "quarter", "half_year", "year"];

/// The hint for a word that means one of `known` in everyday language, or a word of another key.
pub(super) fn meant(word: &str, known: &[&str]) -> Option<String> {
    let word = word.to_lowercase();
    let is_for = |(name, words): &&(&str, &[&str])| *name == word || words.contains(&word.as_str());
    let mut meant = SYNONYMS.iter().filter(is_for).map(|(name, _)| *name);
    if let Some(name) = meant.clone().find(|name| known.contains(name)) {
        return Some(format!("did you mean `{name}`?"));
    }
    let is_trigger = known.contains(&"always") && known.contains(&"outside");
    let is_trade = known.contains(&"to_target") && known.contains(&"part_way");
    match meant.find(|name| PERIODS.contains(name)) {
        Some(period) if is_trigger => Some(format!(
            "a period is a review: write `review = \"{period}\"` and `trigger = \"always\"`"
        )),
        _ if is_trade && ["half", "halfway", "partial"].contains(&word.as_str()) => {
            Some("write `{ part_way = 0.5 }` to trade half of the way".to_owned())
        }
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_words_lead_to_words_of_the_format() {
        let review = ["step", "day", "week", "month", "year"];
        assert_eq!(meant("Annually", &review).as_deref(), Some("did you mean `year`?"));
        assert_eq!(meant("zzz", &review), None);
        let trigger = ["never", "always", "outside"];
        let hint = meant("yearly", &trigger).unwrap();
        assert!(hint.contains("`review = \"year\"`"), "{hint}");
        let trade = ["to_target", "to_edge", "part_way"];
        assert!(meant("half", &trade).unwrap().contains("part_way = 0.5"));
    }
}
