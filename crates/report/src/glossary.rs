//! Explains the words of the results: a plain sentence and an example for each.
//!
//! The terminal and the page explain words from this one list. Metrics are explained by their
//! catalogue in `corridor_tables::metric`.
//!
//! ```
//! use corridor_report::glossary;
//!
//! let term = glossary::find("Exposure").unwrap();
//! assert_eq!(term.name, "equity share");
//! assert!(glossary::find("xyzzy").is_none());
//! ```

mod judging;
mod market;
mod money;
mod rules;

use serde_json::{Value, json};

/// The explanation of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word, as results spell it.
    pub name: &'static str,
    /// Other words for the same thing, in results, study files or books.
    pub other_names: &'static [&'static str],
    /// The meaning, in one or two sentences.
    pub meaning: &'static str,
    /// An example, in one or two sentences.
    pub example: &'static str,
}

impl Term {
    /// Iterates over the name and the other names of the term.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.other_names.iter().copied())
    }

    /// Returns the term as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "name": self.name,
            "other_names": self.other_names,
            "meaning": self.meaning,
            "example": self.example,
        })
    }
}

/// A topic of the glossary with its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Name of the topic, for people.
    pub name: &'static str,
    /// Terms of the topic.
    pub terms: &'static [Term],
}

/// All topics, in the order in which a reader of a result meets them.
pub const TOPICS: [Topic; 4] = [
    Topic { name: "comparison and verdict", terms: judging::TERMS },
    Topic { name: "money and growth", terms: money::TERMS },
    Topic { name: "rules", terms: rules::TERMS },
    Topic { name: "market and paths", terms: market::TERMS },
];

/// Iterates over all terms, topic by topic.
pub fn terms() -> impl Iterator<Item = &'static Term> {
    TOPICS.iter().flat_map(|topic| topic.terms)
}

/// Finds the term that has `word` as one of its names. Case, plurals, hyphens and underscores do
/// not matter.
#[must_use]
pub fn find(word: &str) -> Option<&'static Term> {
    let wanted = spelt_plainly(word);
    let is_it = |term: &&Term| term.names().any(|name| spelt_plainly(name) == wanted);
    terms().find(is_it)
}

/// Writes a word in lower case and in the singular, with single spaces between its parts.
pub(crate) fn spelt_plainly(word: &str) -> String {
    let words: Vec<String> = word
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '-' | '`'))
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect();
    let joined = words.join(" ");
    match joined.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        Some(_) | None => joined,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use corridor_tables::label::{Precision, Verdict};

    use super::*;

    #[test]
    fn every_name_belongs_to_one_term() {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for term in terms() {
            for name in term.names() {
                let other = owners.insert(spelt_plainly(name), term.name);
                assert_eq!(other, None, "`{name}` is a name of `{}`, too", term.name);
                assert_eq!(find(name), Some(term), "{name}");
            }
        }
    }

    #[test]
    fn texts_are_whole_sentences() {
        for term in terms() {
            for text in [term.meaning, term.example] {
                let first = text.chars().next().unwrap();
                assert!(first.is_uppercase() || !first.is_alphabetic(), "{}: {text}", term.name);
                assert!(text.ends_with('.'), "{}: {text}", term.name);
                assert!(!text.contains("  "), "{}: {text}", term.name);
            }
        }
    }

    #[test]
    fn words_are_found_however_they_are_written() {
        for word in ["Equity share", "growth_exposure", "exposures", "EXPOSURE"] {
            assert_eq!(find(word).map(|term| term.name), Some("equity share"), "{word}");
        }
        assert_eq!(find("bps").map(|term| term.name), Some("basis point"));
        assert_eq!(find(""), None);
    }

    #[test]
    fn verdicts_and_precisions_are_explained() {
        let words = Verdict::ALL.map(Verdict::name).into_iter();
        for word in words.chain(Precision::ALL.map(Precision::name)) {
            assert!(find(word).is_some(), "{word}");
        }
    }
}
