//! Says what was studied: the market, the account, the costs and the rules, in words.

use std::collections::BTreeMap;

use corridor_tables::{DimPolicyRow, DimScenarioRow};
use serde::Serialize;

use crate::number::NumberFormat;
use crate::tables::Tables;

/// Largest number of rules that are listed above the fold.
const RULES_SHOWN: usize = 10;

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
        entry("Market", &|row| row.market.clone()),
        entry("Account", &account),
        entry("Costs", &costs),
    ];
    entries.retain(|entry| !entry.lines.is_empty());
    let mut rules: Vec<Rule> = tables.policies.iter().map(rule).collect();
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
        names.entry(place).or_default().push(&row.scenario);
    }
    if texts.len() <= 1 {
        return texts.into_iter().filter(|text| !text.is_empty()).collect();
    }
    let more = texts.len().saturating_sub(LINES_MAX);
    let line = |(place, text): (usize, &String)| {
        let names = names.get(&place).map(|names| names.join("; ")).unwrap_or_default();
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

fn rule(row: &DimPolicyRow) -> Rule {
    let words = |text: &str| text.replace('_', " ");
    let description = match row.review.as_str() {
        "" => words(&row.family),
        review => format!("{}; reviewed every {}", words(&row.family), words(review)),
    };
    Rule { name: row.policy.clone(), description, is_baseline: row.is_baseline }
}
