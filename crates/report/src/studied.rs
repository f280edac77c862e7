//! Collects in sentences what a run simulates: its markets, accounts, costs and rules.

use corridor_tables::{DimPolicyRow, DimScenarioRow};

use crate::wording::scenario_name;

/// Describes in sentences what a run simulates.
#[derive(Clone, Debug, PartialEq)]
pub struct Studied {
    /// Facts about the scenarios: the market, the account and the costs, in this order.
    pub facts: Vec<Fact>,
    /// The rules, in the order of the policies.
    pub rules: Vec<Rule>,
}

/// A kind of fact about the scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Kind of the fact: `market`, `account` or `costs`.
    pub name: &'static str,
    /// Each different sentence, behind the names of its scenarios; the names are left out where all
    /// scenarios share one sentence.
    pub sentences: Vec<(Vec<String>, String)>,
}

/// Says in one sentence what was studied: what all scenarios have in common, and the first of several
/// markets; empty for runs of earlier versions, which have no words for it.
pub(crate) fn common(scenarios: &[DimScenarioRow]) -> String {
    let short = |fact: Fact| {
        let several = fact.sentences.len();
        let (_, first) = fact.sentences.into_iter().next()?;
        match (fact.name, several) {
            // of a market the means and volatilities; `check` has the rest
            ("market", 1) => Some(first.split(';').next().unwrap_or_default().to_owned()),
            ("market", _) => Some(format!(
                "{} (the first of {several} markets)",
                first.split(';').next().unwrap_or_default()
            )),
            (_, 1) => Some(first),
            (_, _) => None,
        }
    };
    let facts = Studied::of(scenarios, []).facts;
    facts.into_iter().filter_map(short).collect::<Vec<_>>().join("; ")
}

/// The parts of a description, between semicolons, that another one does not have; the whole where
/// they share nothing.
pub(crate) fn beside(first: &str, other: &str) -> String {
    let known: Vec<&str> = first.split("; ").collect();
    let parts: Vec<&str> = other.split("; ").collect();
    let own: Vec<&str> = parts.iter().copied().filter(|part| !known.contains(part)).collect();
    if own.is_empty() || own.len() == parts.len() {
        return other.to_owned();
    }
    format!("{}; the rest is the same", own.join("; "))
}

/// A policy in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Name of the policy.
    pub policy: String,
    /// When it looks, when it trades, and where to.
    pub sentence: String,
    /// Whether it is the baseline of the study.
    pub is_baseline: bool,
}

impl Studied {
    /// Collects the sentences of dimension tables. Runs of earlier versions have none, and the facts
    /// and rules are then left out.
    #[must_use]
    pub fn of<'a>(
        scenarios: impl IntoIterator<Item = &'a DimScenarioRow> + Clone,
        policies: impl IntoIterator<Item = &'a DimPolicyRow>,
    ) -> Self {
        type Of = fn(&DimScenarioRow) -> &Option<String>;
        let kinds: [(&'static str, Of); 3] = [
            ("market", |row| &row.market_description),
            ("account", |row| &row.account_description),
            ("costs", |row| &row.cost_description),
        ];
        let fact = |(name, of): (&'static str, Of)| {
            let mut sentences: Vec<(Vec<String>, String)> = Vec::new();
            for row in scenarios.clone() {
                let Some(sentence) = of(row) else { continue };
                match sentences.iter_mut().find(|(_, known)| known == sentence) {
                    Some((names, _)) => names.push(scenario_name(row).to_owned()),
                    None => sentences.push((vec![scenario_name(row).to_owned()], sentence.clone())),
                }
            }
            match sentences.as_mut_slice() {
                [(names, _)] => names.clear(),
                [(_, first), others @ ..] => {
                    others.iter_mut().for_each(|(_, other)| *other = beside(first, other));
                }
                [] => {}
            }
            Fact { name, sentences }
        };
        let rule = |row: &DimPolicyRow| {
            Some(Rule {
                policy: row.policy.clone(),
                sentence: row.description.clone()?,
                is_baseline: row.is_baseline,
            })
        };
        Self {
            facts: kinds.into_iter().map(fact).filter(|fact| !fact.sentences.is_empty()).collect(),
            rules: policies.into_iter().filter_map(rule).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(name: &str, cost: &str) -> DimScenarioRow {
        DimScenarioRow {
            scenario: name.to_owned(),
            market_description: Some("one market".to_owned()),
            cost_description: Some(cost.to_owned()),
            ..DimScenarioRow::default()
        }
    }

    #[test]
    fn sentences_that_scenarios_share_are_said_once() {
        let rows = [scenario("a", "free"), scenario("b", "10 bp"), scenario("c", "10 bp")];
        let studied = Studied::of(&rows, []);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(
            studied.facts,
            [
                Fact { name: "market", sentences: vec![(vec![], "one market".to_owned())] },
                Fact {
                    name: "costs",
                    sentences: vec![
                        (names(&["a"]), "free".to_owned()),
                        (names(&["b", "c"]), "10 bp".to_owned())
                    ]
                },
            ]
        );
    }

    #[test]
    fn a_second_sentence_says_what_differs() {
        let first = "flip: equity 9 %; calm 80 % of the time; correlation 0";
        let other = "flip: equity 12 %; calm 80 % of the time; correlation 0";
        assert_eq!(beside(first, other), "flip: equity 12 %; the rest is the same");
        assert_eq!(beside(first, "another market"), "another market");
        assert_eq!(beside("10 bp", "20 bp"), "20 bp");
    }

    #[test]
    fn runs_without_descriptions_have_no_sentences() {
        let policy = DimPolicyRow::default();
        let studied = Studied::of(&[DimScenarioRow::default()], [&policy]);
        assert_eq!(studied, Studied { facts: vec![], rules: vec![] });
    }
}
