//! Shows on the terminal what a run simulates.

use crate::studied::{Rule, Studied};
use crate::text::layout::Layout;

/// Most sentences of one kind that are shown.
const SENTENCES_MAX: usize = 6;

/// Writes markets, accounts, costs and rules in sentences; of the rules the first `rules_max`.
#[must_use]
pub fn render(studied: &Studied, rules_max: usize, layout: &Layout) -> String {
    let mut text = String::new();
    for fact in &studied.facts {
        text.push_str(&format!("\n{}\n", fact.name));
        for (scenarios, sentence) in fact.sentences.iter().take(SENTENCES_MAX) {
            let of = match scenarios.as_slice() {
                [] => String::new(),
                [only] => format!("{only}: "),
                [first, rest @ ..] => format!("{first} and {} more: ", rest.len()),
            };
            text.push_str(&layout.wrap(&format!("{of}{sentence}"), 2, 2));
        }
        let more = fact.sentences.len().saturating_sub(SENTENCES_MAX);
        if more > 0 {
            text.push_str(&format!("  and {more} more, in dim_scenario\n"));
        }
    }
    if studied.rules.is_empty() {
        return text;
    }
    text.push_str("\npolicies\n");
    let shown = &studied.rules[..studied.rules.len().min(rules_max)];
    let longest = shown.iter().map(|rule| rule.policy.chars().count()).max().unwrap_or(0);
    // names of swept policies are long; their sentences then begin on the next column
    let column = longest.min(30) + 2;
    for Rule { policy, sentence, is_baseline } in shown {
        let baseline = if *is_baseline { " (the baseline)" } else { "" };
        if policy.chars().count() + 2 > column {
            // a long name has a line of its own
            text.push_str(&format!("  {policy}\n"));
            text.push_str(&layout.wrap(&format!("{sentence}{baseline}"), 2 + column, 0));
        } else {
            // the name takes the place of the indentation of the first line
            let lines = layout.wrap(&format!("{sentence}{baseline}"), 2 + column, 0);
            text.push_str(&format!("  {policy:<column$}{}", lines.trim_start()));
        }
    }
    text
}
