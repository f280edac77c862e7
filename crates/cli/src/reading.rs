//! Says in one sentence what a comparison shows.

use crate::comparison::Comparison;

/// Names listed before the rest are counted.
const NAMES_MAX: usize = 6;

/// One verdict: its word in the files, and the predicate for one and for several policies.
const VERDICTS: [(&str, &str, &str); 4] = [
    ("better", "is better", "are better"),
    ("worse", "is worse", "are worse"),
    ("equivalent", "is equivalent", "are equivalent"),
    ("not resolved", "is not resolved", "are not resolved"),
];

/// A policy's verdict and in how many scenarios it holds.
struct Finding<'a> {
    policy: &'a str,
    scenarios: usize,
}

/// One sentence: which policies are better, worse, equivalent or not resolved, by more or less than which margin.
#[must_use]
pub fn sentence(comparison: &Comparison) -> String {
    let name = &comparison.metric.display_name;
    let Some(margin) = comparison.metric.margin else {
        return format!("No margin of practical equivalence is declared for {name}, so there is no verdict on it.");
    };
    let format = comparison.format();
    let baseline = comparison.common_baseline().map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"));
    let mut clauses: Vec<String> = Vec::new();
    for (verdict, one, several) in VERDICTS {
        let findings = findings(comparison, verdict);
        if findings.is_empty() {
            if verdict == "better" {
                clauses.push(format!("no policy is better than {baseline}"));
            }
            continue;
        }
        clauses.push(clause(&findings, comparison.scenarios.len(), if findings.len() == 1 { one } else { several }));
    }
    let margin = format!("{}{} ({})", format.bare(margin), format.suffix(), comparison.metric.unit);
    format!("With a margin of {margin} on {}, {}.", lower_first(name), clauses.join("; "))
}

/// Policies with this verdict in any scenario, in the order of the policies.
fn findings<'a>(comparison: &'a Comparison, verdict: &str) -> Vec<Finding<'a>> {
    let reached = |policy_id: i32| {
        let own = comparison.lines.iter().filter_map(|line| line.compare.as_ref()).filter(|row| row.policy_id == policy_id);
        own.filter(|row| row.verdict.as_deref() == Some(verdict)).count()
    };
    let finding = |policy_id: i32, policy: &'a str| Finding { policy, scenarios: reached(policy_id) };
    let all = comparison.policies.iter().map(|row| finding(row.policy_id, &row.policy));
    all.filter(|finding| finding.scenarios > 0).collect()
}

fn clause(findings: &[Finding<'_>], scenarios: usize, predicate: &str) -> String {
    let name = |finding: &Finding<'_>| {
        if finding.scenarios == scenarios {
            format!("`{}`", finding.policy)
        } else {
            format!("`{}` (in {} of {scenarios} scenarios)", finding.policy, finding.scenarios)
        }
    };
    let mut names: Vec<String> = findings.iter().take(NAMES_MAX).map(name).collect();
    if findings.len() > NAMES_MAX {
        names.push(format!("{} more", findings.len() - NAMES_MAX));
    }
    let last = names.pop().unwrap_or_default();
    let list = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    format!("{list} {predicate}")
}

/// `Certainty-equivalent growth` in the middle of a sentence.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
