//! Explains words and metrics on the terminal and as JSON.

use std::fmt::Write as _;

use corridor_tables::label::{
    Adjustment, AttributionPart, Dominance, FanMeasure, FieldTest, Method, Reason,
};
use corridor_tables::metric::{DefaultMargin, Metric, REGISTRY};
use serde_json::{Value, json};

use crate::glossary::{self, Term, spelt_plainly};
use crate::number::NumberFormat;
use crate::text::layout::Layout;
use crate::unknown::{Thing, Unknown};
use crate::wording;

/// The explanations of one word: a term of the glossary, metrics of that name, a word that a column
/// may hold, or several of these.
#[derive(Clone, Debug)]
pub struct Explained {
    term: Option<&'static Term>,
    metrics: Vec<&'static Metric>,
    /// The word, its column and its meaning.
    label: Option<(&'static str, &'static str, &'static str)>,
}

impl Explained {
    /// Finds the explanations of a word: a term of the glossary, or the name of a metric.
    ///
    /// # Errors
    /// [`Unknown`] if the word is neither, with the names that exist.
    pub fn of(word: &str) -> Result<Self, Unknown> {
        let term = glossary::find(word);
        let wanted = spelt_plainly(word);
        let is_it = |metric: &&&Metric| {
            [metric.name, metric.display_name].map(spelt_plainly).contains(&wanted)
        };
        let metrics: Vec<&'static Metric> = REGISTRY.iter().filter(is_it).copied().collect();
        let label = labels().find(|(name, ..)| term.is_none() && spelt_plainly(name) == wanted);
        if term.is_none() && metrics.is_empty() && label.is_none() {
            let names = glossary::terms().flat_map(Term::names);
            let known = names.chain(REGISTRY.iter().map(|metric| metric.name));
            return Err(Unknown::new(Thing::Word, word, known));
        }
        Ok(Self { term, metrics, label })
    }

    /// Writes the explanations.
    #[must_use]
    pub fn text(&self, layout: &Layout) -> String {
        let term = self.term.iter().map(|term| of_term(term, layout));
        let metrics = self.metrics.iter().map(|metric| of_metric(metric, layout));
        let label = self.label.iter().map(|(name, column, meaning)| {
            let text = meaning.trim().replace('\n', " ");
            format!("{name}\n{}", layout.wrap(&format!("in the column `{column}`: {text}"), 2, 0))
        });
        term.chain(metrics).chain(label).collect::<Vec<_>>().join("\n")
    }

    /// Returns the explanations as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "term": self.term.map(Term::json),
            "metrics": self.metrics.iter().map(|metric| metric_json(metric)).collect::<Vec<_>>(),
            "label": self.label.map(|(name, column, meaning)| {
                json!({ "name": name, "column": column, "meaning": meaning.trim() })
            }),
        })
    }
}

/// The words of label columns, each with its column and its meaning.
fn labels() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let reasons = Reason::ALL.map(|word| (word.name(), "reason", word.meaning()));
    let methods = Method::ALL.map(|word| (word.name(), "method", word.meaning()));
    let adjustments = Adjustment::ALL.map(|word| (word.name(), "p_adjust_method", word.meaning()));
    let tests = FieldTest::ALL.map(|word| (word.name(), "test", word.meaning()));
    let dominances = Dominance::ALL.map(|word| (word.name(), "verdict", word.meaning()));
    let parts = AttributionPart::ALL.map(|word| (word.name(), "part", word.meaning()));
    let measures = FanMeasure::ALL.map(|word| (word.name(), "measure", word.meaning()));
    reasons
        .into_iter()
        .chain(methods)
        .chain(adjustments)
        .chain(tests)
        .chain(dominances)
        .chain(parts)
        .chain(measures)
}

/// Writes the list of all words of the glossary by topic.
#[must_use]
pub fn all_words(layout: &Layout) -> String {
    let mut text = String::new();
    for topic in glossary::TOPICS {
        let names: Vec<&str> = topic.terms.iter().map(|term| term.name).collect();
        text.push_str(&layout.bold(topic.name));
        text.push('\n');
        text.push_str(&layout.wrap(&names.join(", "), 2, 0));
    }
    text
}

/// Returns all words of the glossary as JSON.
#[must_use]
pub fn all_words_json() -> Value {
    let topic = |topic: glossary::Topic| {
        json!({
            "topic": topic.name,
            "terms": topic.terms.iter().map(Term::json).collect::<Vec<_>>(),
        })
    };
    glossary::TOPICS.into_iter().map(topic).collect()
}

/// Finds the metrics that a word means: the one of that name, else all whose names or meaning have
/// the word in them; all metrics without a word.
///
/// # Errors
/// [`Unknown`] if no metric has to do with the word.
pub fn find_metrics(word: Option<&str>) -> Result<Vec<&'static Metric>, Unknown> {
    let Some(word) = word else { return Ok(REGISTRY.to_vec()) };
    let wanted = spelt_plainly(word);
    let named =
        |metric: &&&Metric| [metric.name, metric.display_name].map(spelt_plainly).contains(&wanted);
    if let Some(metric) = REGISTRY.iter().find(named) {
        return Ok(vec![metric]);
    }
    let has_it = |metric: &&&Metric| {
        [metric.name, metric.display_name, metric.meaning()]
            .iter()
            .any(|text| spelt_plainly(text).contains(&wanted))
    };
    let found: Vec<&'static Metric> = REGISTRY.iter().filter(has_it).copied().collect();
    if found.is_empty() || wanted.is_empty() {
        return Err(Unknown::new(Thing::Metric, word, REGISTRY.iter().map(|metric| metric.name)));
    }
    Ok(found)
}

/// Writes metrics: one in full, several with two lines each.
#[must_use]
pub fn metrics(found: &[&'static Metric], layout: &Layout) -> String {
    if let [metric] = found {
        return of_metric(metric, layout);
    }
    let mut text = String::new();
    for metric in found {
        let facts = facts(metric).join("; ");
        text.push_str(&layout.bold(metric.name));
        // writing to a string does not fail
        let _ = writeln!(text, "  ({facts})");
        text.push_str(&layout.wrap(metric.meaning(), 4, 0));
    }
    text
}

/// Returns metrics as JSON.
#[must_use]
pub fn metrics_json(found: &[&'static Metric]) -> Value {
    found.iter().map(|metric| metric_json(metric)).collect()
}

fn of_term(term: &Term, layout: &Layout) -> String {
    let mut text = layout.bold(term.name) + "\n";
    if !term.other_names.is_empty() {
        let also = format!("also called {}", term.other_names.join(", "));
        text.push_str(&layout.wrap(&also, 2, 2));
    }
    text.push_str(&layout.wrap(term.meaning, 2, 0));
    text + &layout.wrap(&format!("Example: {}", term.example), 2, 0)
}

fn of_metric(metric: &Metric, layout: &Layout) -> String {
    let mut text = format!("{}: {}\n", layout.bold(metric.name), metric.display_name);
    text.push_str(&layout.wrap(metric.meaning(), 2, 0));
    text.push_str(&layout.wrap(&facts(metric).join("; "), 2, 0));
    if !metric.is_compared() {
        text.push_str(&layout.wrap("policies are not compared on it", 2, 0));
    }
    text.push_str(&layout.wrap(&format!("Exactly: {}", metric.definition), 2, 2));
    text + &layout.wrap(&format!("Formula: {}", metric.formula), 2, 2)
}

/// Words the unit, the direction and the usual margin of a metric.
fn facts(metric: &Metric) -> Vec<String> {
    let direction = match metric.higher_is_better {
        Some(true) => "more is better",
        Some(false) => "less is better",
        None => "neither more nor less is better",
    };
    let format = NumberFormat::of(metric.number_format);
    let margin = metric.default_margin.map_or_else(
        || "no usual margin".to_owned(),
        |margin| match margin {
            DefaultMargin::Absolute(width) => {
                format!("usual margin {}", wording::margin(format, metric.unit, width))
            }
            DefaultMargin::OfBaseline(share) => {
                format!("usual margin {}", wording::margin_of_baseline(share))
            }
        },
    );
    vec![metric.unit.to_owned(), direction.to_owned(), margin]
}

fn metric_json(metric: &Metric) -> Value {
    json!({
        "name": metric.name,
        "display_name": metric.display_name,
        "meaning": metric.meaning(),
        "unit": metric.unit,
        "higher_is_better": metric.higher_is_better,
        "default_margin": metric.default_margin.and_then(DefaultMargin::absolute),
        "default_margin_of_baseline_frac":
            metric.default_margin.and_then(DefaultMargin::of_baseline),
        "is_compared": metric.is_compared(),
        "may_be_primary": metric.may_be_primary(),
        "definition": metric.definition,
        "formula": metric.formula,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_as_a_term_as_a_metric_or_as_both() {
        let layout = Layout::default();
        let both = Explained::of("ruined").unwrap().text(&layout);
        assert!(both.contains("running out of money\n") && both.contains("Formula: 1{W_n = 0}"));
        let metric = Explained::of("Ulcer index").unwrap().text(&layout);
        assert!(metric.starts_with("ulcer_index_unit_frac: Ulcer index\n"), "{metric}");
        let label = Explained::of("heavy_tail").unwrap().text(&layout);
        assert!(label.starts_with("heavy_tail\n  in the column `reason`: "), "{label}");
        let unknown = Explained::of("exposur").unwrap_err().to_string();
        assert!(unknown.ends_with("did you mean `exposure`?"), "{unknown}");
    }

    #[test]
    fn metrics_are_found_by_a_word_of_their_meaning() {
        let found = find_metrics(Some("goal")).unwrap();
        let names: Vec<&str> = found.iter().map(|metric| metric.name).collect();
        assert_eq!(names, ["funded_ratio", "shortfall_frac", "goal_reached"]);
        assert_eq!(find_metrics(None).unwrap().len(), REGISTRY.len());
        let one = metrics(&find_metrics(Some("ruined")).unwrap(), &Layout::default());
        assert!(one.contains("probability; less is better; usual margin 1 point"), "{one}");
        let unknown = find_metrics(Some("luck")).unwrap_err().to_string();
        assert!(unknown.starts_with("there is no metric `luck`"), "{unknown}");
        assert!(find_metrics(Some("")).is_err());
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        let layout = Layout::terminal(60, false);
        let all = all_words(&layout) + &metrics(&find_metrics(None).unwrap(), &layout);
        let of_metrics = |line: &&str| line.contains("  (");
        for line in all.lines().filter(|line| !of_metrics(line)) {
            assert!(line.chars().count() <= 60, "{line}");
        }
        for term in glossary::terms() {
            let text = of_term(term, &layout);
            assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        }
    }
}
