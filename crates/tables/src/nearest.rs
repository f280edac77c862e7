//! Finds the known name that a misspelt one most likely means.
//!
//! ```
//! use corridor_tables::nearest::nearest;
//!
//! assert_eq!(nearest("ruin", ["ruined", "sharpe_ratio"]), Some("ruined"));
//! assert_eq!(nearest("luck", ["ruined", "sharpe_ratio"]), None);
//! ```

/// Least similarity, from 0 to 1, of a name that is offered.
const SIMILAR: f64 = 0.8;
/// Longest word that is compared, in bytes: the time is quadratic, and no name is that long.
const LONGEST: usize = 200;

/// Returns the nearest of `known` to a misspelt word, if one is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let near =
        |candidate: &&str| strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
    let scored = known.into_iter().map(|candidate| (near(&candidate), candidate));
    scored
        .filter(|(score, _)| *score > SIMILAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("revew", ["review", "trigger"]), Some("review"));
        assert_eq!(nearest("zzz", ["review", "trigger"]), None);
        assert_eq!(nearest(&"x".repeat(300), ["x"]), None);
    }
}
