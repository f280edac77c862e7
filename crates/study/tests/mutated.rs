//! Mutates good studies and expects a plan, or errors with place and hint, but never a panic.

use std::path::Path;

use corridor_study::plan::MarketGroup;
use corridor_study::{Overrides, compile};
use proptest::prelude::*;

const GOOD: [&str; 5] = [
    include_str!("../../../scenarios/first-study.toml"),
    include_str!("good/every-key.toml"),
    include_str!("good/sweeps.toml"),
    include_str!("good/preset-changed.toml"),
    include_str!("good/history.toml"),
];

/// Tokens that replace others: other types, extreme numbers, words of other places, syntax.
const TOKENS: [&str; 36] = [
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-308",
    "inf",
    "-inf",
    "nan",
    "18446744073709551616",
    "0.1",
    "2",
    "\"\"",
    "\"storm\"",
    "\"equity\"",
    "[]",
    "{}",
    "[[]]",
    "[1, [2, [3]]]",
    "{ sweep = [1, 2] }",
    "{ sweep = { from = 0, to = 1, count = 3 } }",
    "{ sweep = [] }",
    "true",
    "1979-05-27",
    "\"never\"",
    "\"outside\"",
    "{ outside = { absolute = 0.05 } }",
    "{ outside = { relative = {} } }",
    "policy",
    "run",
    "name",
    "market",
    "=",
    ",",
    "]",
    "}",
    "\n[[policy]]\n",
];

#[derive(Clone, Debug)]
enum Mutation {
    /// Replaces the token at a place by one of [`TOKENS`].
    Replace(prop::sample::Index, prop::sample::Index),
    /// Drops a line.
    Drop(prop::sample::Index),
    /// Writes a line twice.
    Twice(prop::sample::Index),
    /// Swaps two lines.
    Swap(prop::sample::Index, prop::sample::Index),
    /// Cuts the text.
    Cut(prop::sample::Index),
    /// Changes a character.
    Character(prop::sample::Index, char),
    /// Multiplies a number.
    Scale(prop::sample::Index, f64),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        6 => (place(), place()).prop_map(|(at, token)| Mutation::Replace(at, token)),
        2 => place().prop_map(Mutation::Drop),
        1 => place().prop_map(Mutation::Twice),
        1 => (place(), place()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        1 => place().prop_map(Mutation::Cut),
        2 => (place(), any::<char>()).prop_map(|(at, c)| Mutation::Character(at, c)),
        4 => (
            place(),
            prop::sample::select(vec![-1.0, 0.0, 1e-6, 0.5, 10.0, 1e6]),
        ).prop_map(|(at, by)| Mutation::Scale(at, by)),
    ]
}

/// Byte ranges of the tokens, which are longest runs of letters, digits, quotes and `_.-`.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric() || "_.-\"".contains(c);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                tokens.push((from, at));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    tokens
}

fn apply(text: String, mutation: &Mutation) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return text;
    }
    match mutation {
        Mutation::Replace(at, token) => {
            let places = tokens(&text);
            if places.is_empty() {
                return text;
            }
            let (from, to) = *at.get(&places);
            format!("{}{}{}", &text[..from], token.get(&TOKENS), &text[to..])
        }
        Mutation::Scale(at, by) => {
            let numbers: Vec<(usize, usize, f64)> = tokens(&text)
                .into_iter()
                .filter_map(|(from, to)| Some((from, to, text[from..to].parse().ok()?)))
                .collect();
            if numbers.is_empty() {
                return text;
            }
            let (from, to, number) = *at.get(&numbers);
            format!("{}{:?}{}", &text[..from], number * by, &text[to..])
        }
        Mutation::Drop(at) => {
            let at = at.index(lines.len());
            [&lines[..at], &lines[at + 1..]].concat().join("\n")
        }
        Mutation::Twice(at) => {
            let at = at.index(lines.len());
            [&lines[..=at], &lines[at..]].concat().join("\n")
        }
        Mutation::Swap(a, b) => {
            let mut lines = lines.clone();
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
            lines.join("\n")
        }
        Mutation::Cut(at) => text.chars().take(at.index(text.len().max(1))).collect(),
        Mutation::Character(at, c) => {
            let at = at.index(text.chars().count().max(1));
            text.chars()
                .enumerate()
                .map(|(place, old)| if place == at { *c } else { old })
                .collect()
        }
    }
}

/// Runs 1,500 cases, or the number in `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(1500),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_mutated_study_is_a_plan_or_a_typed_error(
        which in 0..GOOD.len(),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let text = mutations.iter().fold(GOOD[which].to_owned(), apply);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good");
        match compile("mutated.toml", &text, &folder, &Overrides::default()) {
            Ok(plan) => {
                // an accepted study can be written out and read again, and stays the same
                let overrides = Overrides::default();
                let again = compile("resolved.toml", &plan.resolved_toml, &folder, &overrides)
                    .map_err(|problems| {
                        let resolved = &plan.resolved_toml;
                        TestCaseError::fail(format!("{text}\n---\n{resolved}\n---\n{problems}"))
                    })?;
                let lines = plan.resolved_toml.lines().zip(again.resolved_toml.lines());
                let differs = lines.clone().find(|(a, b)| a != b);
                let same = plan.resolved_toml == again.resolved_toml
                    && plan.simulation_id == again.simulation_id;
                prop_assert!(same, "{differs:?}\n{text}");
                prop_assert!(plan.paths_per_part % 128 == 0);
                let is_whole = |group: &MarketGroup| {
                    let cells = group.scenario_ids.len() * plan.policies.len();
                    group.simulation.instances.len() == cells
                };
                prop_assert!(plan.groups.iter().all(is_whole));
            }
            Err(problems) => {
                prop_assert!(problems.errors() >= 1);
                for one in &problems.diagnostics {
                    let stated = !one.message.is_empty() && !one.hint.is_empty();
                    prop_assert!(stated && one.place.line >= 1 && one.place.column >= 1, "{one}");
                    let excerpt = one.place.excerpt.get(one.place.start..one.place.end);
                    prop_assert!(excerpt.is_some(), "{one:?}");
                }
                prop_assert!(!problems.render(false).is_empty());
            }
        }
    }
}
