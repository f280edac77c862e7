//! Says what was studied: the market, the account, the costs and the rules, in words.

use std::collections::BTreeMap;

use corridor_tables::{DimPolicyRow, DimScenarioRow};
use serde::Serialize;

use crate::number::NumberFormat;
use crate::studied::beside;
use crate::tables::Tables;
use crate::wording::scenario_name;

/// Largest number of rules that are listed above the fold.
const RULES_SHOWN: usize = 10;

/// Smallest number of values of a swept rule that are joined.
const FAMILY_MIN: usize = 4;

/// Largest number of different markets, accounts or costs that are described.
const LINES_MAX: usize = 4;

/// The box at the head of the page.
#[derive(Serialize)]
pub(super) struct Studied {
    entries: Vec<Entry>,
    rules: Vec<Rule>,
    more_rules: Vec<Rule>,
}

/// A line of the box, such as the market, with one text for each group of scenarios.
#[derive(Serialize)]
struct Entry {
    name: &'static str,
    lines: Vec<String>,
}

/// A rule and its description.
#[derive(Serialize)]
struct Rule {
    name: String,
    description: String,
    is_baseline: bool,
}

/// Makes the box.
pub(super) fn boxed(tables: &Tables) -> Studied {
    let entry = |name, describe: &dyn Fn(&DimScenarioRow) -> String| Entry {
        name,
        lines: by_scenario(&tables.scenarios, describe),
    };
    let mut entries = vec![
        entry("Market", &|row| {
            row.market_description.clone().unwrap_or_else(|| row.market.clone())
        }),
        entry("Account", &|row| row.account_description.clone().unwrap_or_else(|| account(row))),
        entry("Costs", &|row| row.cost_description.clone().unwrap_or_else(|| costs(row))),
    ];
    entries.retain(|entry| !entry.lines.is_empty());
    let mut rules = rules(&tables.policies);
    let more_rules = rules.split_off(RULES_SHOWN.min(rules.len()));
    Studied { entries, rules, more_rules }
}

/// The description that all scenarios share, or each with the scenarios that have it.
fn by_scenario(
    scenarios: &[DimScenarioRow],
    describe: &dyn Fn(&DimScenarioRow) -> String,
) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut names: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for row in scenarios {
        let text = describe(row);
        let place = texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        });
        names.entry(place).or_default().push(scenario_name(row));
    }
    if texts.len() <= 1 {
        return texts.into_iter().filter(|text| !text.is_empty()).collect();
    }
    let more = texts.len().saturating_sub(LINES_MAX);
    let line = |(place, text): (usize, &String)| {
        let names = names.get(&place).map(|names| names.join("; ")).unwrap_or_default();
        let text = if place == 0 { text.clone() } else { beside(&texts[0], text) };
        format!("{names}: {text}")
    };
    let mut lines: Vec<String> = texts.iter().enumerate().take(LINES_MAX).map(line).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn account(row: &DimScenarioRow) -> String {
    let percent = |rate: f64| format!("{} %", NumberFormat::of("0.0%").bare(rate));
    let mut parts = vec![row.target.clone()];
    parts.extend(row.inflation_annual.map(|rate| format!("inflation {}", percent(rate))));
    parts.extend(
        row.goal_amount.map(|goal| format!("goal {}", NumberFormat::of("#,##0").bare(goal))),
    );
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn costs(row: &DimScenarioRow) -> String {
    match row.cost_one_way_bps {
        Some(bps) => format!("trades cost {bps} bp of the value traded"),
        None => String::new(),
    }
}

/// The rules in their order; of a swept rule with many values the first stands for all.
fn rules(policies: &[DimPolicyRow]) -> Vec<Rule> {
    let family = |row: &DimPolicyRow| row.policy.split_once('[').map(|(name, _)| name.to_owned());
    let mut rules = Vec::new();
    for group in policies.chunk_by(|a, b| family(a).is_some() && family(a) == family(b)) {
        match group {
            [first, .., last] if group.len() >= FAMILY_MIN => {
                let Rule { name, description, is_baseline } = rule(first);
                let more = group.len() - 1;
                let description = format!("{description}; {more} more like it, to {}", last.policy);
                rules.push(Rule { name, description, is_baseline });
            }
            all => rules.extend(all.iter().map(rule)),
        }
    }
    rules
}

fn rule(row: &DimPolicyRow) -> Rule {
    let description = row.description.clone().unwrap_or_else(|| review_of(row));
    Rule { name: row.policy.clone(), description, is_baseline: row.is_baseline }
}

/// Describes the rule of a run of earlier versions, which has no description.
fn review_of(row: &DimPolicyRow) -> String {
    let words = |text: &str| text.replace('_', " ");
    match row.review.as_str() {
        "" => words(&row.family),
        review => format!(
            "{}; reviewed every {}",
            words(&row.family),
            words(review.trim_start_matches("every").trim_start())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swept_rules_are_joined_and_others_are_not() {
        let names = ["a", "b", "f[x=1]", "f[x=2]", "f[x=3]", "f[x=4]", "g[x=1]", "g[x=2]"];
        let policy =
            |name: &str| DimPolicyRow { policy: name.to_owned(), ..DimPolicyRow::default() };
        let found = rules(&names.map(policy));
        let found: Vec<&str> = found.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(found, ["a", "b", "f[x=1]", "g[x=1]", "g[x=2]"]);
    }

    #[test]
    fn scenarios_share_a_line_where_they_are_alike() {
        let scenario = |scenario: &str, market: &str| DimScenarioRow {
            scenario: scenario.to_owned(),
            market: market.to_owned(),
            ..DimScenarioRow::default()
        };
        let market = |row: &DimScenarioRow| row.market.clone();
        let alike = [scenario("cost=0", "flip"), scenario("cost=10", "flip")];
        assert_eq!(by_scenario(&alike, &market), ["flip"]);
        let apart = [scenario("a", "flip"), scenario("b", "crash"), scenario("c", "flip")];
        assert_eq!(by_scenario(&apart, &market), ["a; c: flip", "b: crash"]);
    }
}
