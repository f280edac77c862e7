//! Says in one sentence what a comparison shows.

use corridor_tables::{CompareRow, DimPolicyRow};

use crate::comparison::Comparison;
use crate::number::NumberFormat;

/// Names listed before the rest are counted.
const NAMES_MAX: usize = 6;
/// Difference of exposure from which a better policy may owe its gain to it.
const EXPOSURE_MENTIONED: f64 = 0.005;

/// Each verdict in the words of the files, and as the predicate of one and of several policies.
const VERDICTS: [(&str, &str, &str); 4] = [
    (BETTER, "is better", "are better"),
    ("worse", "is worse", "are worse"),
    ("equivalent", "is equivalent", "are equivalent"),
    ("not resolved", "is not resolved", "are not resolved"),
];
const BETTER: &str = "better";

/// A policy, and in how many scenarios it has the verdict.
struct Finding<'a> {
    policy: &'a str,
    scenarios: usize,
}

/// What is found of the policies that the question is about, then which policies are better than
/// their baseline by more than the margin, and what is known of the others.
#[must_use]
pub fn answer(comparison: &Comparison) -> String {
    let metric = &comparison.metric;
    let name = lower_first(&metric.display_name);
    let Some(margin) = metric.margin else {
        return format!(
            "No margin of practical equivalence is declared for {name}, so there is no verdict on \
            it."
        );
    };
    if comparison.lines.iter().all(|line| line.compare.is_none()) {
        return "There is one policy, and nothing to compare it with.".to_owned();
    }
    let without = without_verdict(comparison);
    if without.len() == comparison.lines.iter().filter(|line| line.compare.is_some()).count() {
        return format!(
            "There is no verdict on {name}: {}; another `primary_metric` may have one.",
            reasons(&without)
        );
    }
    let baseline = comparison
        .common_baseline()
        .map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"));
    let mut clauses: Vec<String> = Vec::new();
    for (verdict, one, several) in VERDICTS {
        let found = findings(comparison, verdict);
        match (found.len(), verdict) {
            (0, BETTER) => clauses.push(format!(
                "no policy is shown to be better than {baseline}{}",
                closest(comparison)
            )),
            (0, _) => {}
            (1, BETTER) => clauses.push(format!(
                "{} {one} than {baseline}{}",
                names(&found, comparison),
                largest_gain(comparison)
            )),
            (_, BETTER) => clauses.push(format!(
                "{} {several} than {baseline}{}",
                names(&found, comparison),
                largest_gain(comparison)
            )),
            (1, _) => clauses.push(format!("{} {one}", names(&found, comparison))),
            (_, _) => clauses.push(format!("{} {several}", names(&found, comparison))),
        }
    }
    if !without.is_empty() {
        clauses.push(format!(
            "{} comparisons have no verdict ({})",
            without.len(),
            reasons(&without)
        ));
    }
    let asked: String = asked(comparison).iter().map(|sentence| format!("{sentence} ")).collect();
    format!(
        "{asked}With a margin of {} on {name}, {}.",
        in_unit(comparison, comparison.format().bare(margin)),
        clauses.join("; ")
    )
}

/// One sentence for each policy that the question is about.
fn asked(comparison: &Comparison) -> Vec<String> {
    let of = |policy: &DimPolicyRow| {
        let rows: Vec<&CompareRow> = comparison
            .lines
            .iter()
            .filter_map(|line| line.compare.as_ref())
            .filter(|row| row.policy_id == policy.policy_id)
            .collect();
        let baseline = comparison.policy(rows.first()?.baseline_policy_id);
        let words = |row: &&CompareRow| {
            row.verdict.clone().unwrap_or_else(|| "without a verdict".to_owned())
        };
        let mut verdicts: Vec<(String, usize)> = Vec::new();
        for verdict in rows.iter().map(words) {
            match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
                Some((_, count)) => *count += 1,
                None => verdicts.push((verdict, 1)),
            }
        }
        let verdict = match verdicts.as_slice() {
            [(one, _)] => one.clone(),
            several => several
                .iter()
                .map(|(verdict, count)| format!("{verdict} in {count} of {} scenarios", rows.len()))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let preposition = if verdict.ends_with("equivalent") { "to" } else { "against" };
        Some(format!(
            "`{}` is {verdict} {preposition} `{baseline}`: {}.",
            policy.policy,
            span(comparison, &rows)
        ))
    };
    comparison
        .policies
        .iter()
        .filter(|row| row.asked_about)
        .take(NAMES_MAX)
        .filter_map(of)
        .collect()
}

/// The difference with its interval; of several scenarios the smallest and the largest difference.
fn span(comparison: &Comparison, rows: &[&CompareRow]) -> String {
    let finer = |row: &CompareRow| comparison.format().for_differences().within(row.std_error);
    let shown = |row: &CompareRow| row.diff.map(|diff| finer(row).signed(diff)).unwrap_or_default();
    if let [row] = rows {
        let ends = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
        let interval = ends
            .map(|(low, high)| {
                format!(" ({} to {})", finer(row).signed(low), finer(row).signed(high))
            })
            .unwrap_or_default();
        return in_unit(comparison, shown(row)) + &interval;
    }
    let mut sorted: Vec<&CompareRow> =
        rows.iter().copied().filter(|row| row.diff.is_some()).collect();
    sorted.sort_by(|a, b| a.diff.unwrap_or(0.0).total_cmp(&b.diff.unwrap_or(0.0)));
    match (sorted.first(), sorted.last()) {
        (Some(least), Some(most)) => format!(
            "{} to {} over {} scenarios",
            shown(least),
            in_unit(comparison, shown(most)),
            rows.len()
        ),
        _ => "no value".to_owned(),
    }
}

/// Comparisons without a verdict.
fn without_verdict(comparison: &Comparison) -> Vec<&CompareRow> {
    comparison
        .lines
        .iter()
        .filter_map(|line| line.compare.as_ref())
        .filter(|row| row.verdict.is_none())
        .collect()
}

/// Why they have none, each reason once, as people read it.
fn reasons(rows: &[&CompareRow]) -> String {
    let mut reasons: Vec<String> = rows
        .iter()
        .map(|row| row.reason.as_deref().unwrap_or("no value").replace('_', " "))
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.join(", ")
}

/// Policies with this verdict in any scenario, in the order of the policies.
fn findings<'a>(comparison: &'a Comparison, verdict: &str) -> Vec<Finding<'a>> {
    let reached = |policy_id: i32| {
        with_verdict(comparison, verdict).filter(|row| row.policy_id == policy_id).count()
    };
    let all = comparison
        .policies
        .iter()
        .map(|row| Finding { policy: &row.policy, scenarios: reached(row.policy_id) });
    all.filter(|finding| finding.scenarios > 0).collect()
}

fn with_verdict<'a>(
    comparison: &'a Comparison,
    verdict: &str,
) -> impl Iterator<Item = &'a CompareRow> {
    let rows = comparison.lines.iter().filter_map(|line| line.compare.as_ref());
    rows.filter(move |row| row.verdict.as_deref() == Some(verdict))
}

fn names(findings: &[Finding<'_>], comparison: &Comparison) -> String {
    let scenarios = comparison.scenarios.len();
    let name = |finding: &Finding<'_>| match finding.scenarios {
        all if all == scenarios => format!("`{}`", finding.policy),
        some => format!("`{}` (in {some} of {scenarios} scenarios)", finding.policy),
    };
    let mut names: Vec<String> = findings.iter().take(NAMES_MAX).map(name).collect();
    if findings.len() > NAMES_MAX {
        names.push(format!("{} more", findings.len() - NAMES_MAX));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

/// The largest difference among the better ones, and the exposure it may be owed to.
fn largest_gain(comparison: &Comparison) -> String {
    let Some(row) = largest(with_verdict(comparison, BETTER), comparison) else {
        return String::new();
    };
    let exposure = row.exposure_diff_frac.filter(|diff| diff.abs() >= EXPOSURE_MENTIONED);
    let exposure = exposure.map(|diff| {
        format!(" with {} points of growth exposure", NumberFormat::of("0.0%").signed(diff))
    });
    format!(", by at most {}{}", amount(comparison, row), exposure.unwrap_or_default())
}

/// Where none is better: the one that leads all the same, if one does.
fn closest(comparison: &Comparison) -> String {
    let judged = comparison
        .lines
        .iter()
        .filter_map(|line| line.compare.as_ref())
        .filter(|row| row.verdict.is_some());
    let leads = |row: &&CompareRow| gain(row, comparison) > 0.0;
    let Some(row) = largest(judged, comparison).filter(leads) else { return String::new() };
    format!(" (`{}` comes closest, {})", comparison.policy(row.policy_id), amount(comparison, row))
}

/// The row with the largest gain, the first of equally large ones.
fn largest<'a>(
    rows: impl Iterator<Item = &'a CompareRow>,
    comparison: &Comparison,
) -> Option<&'a CompareRow> {
    rows.reduce(
        |largest, row| {
            if gain(row, comparison) > gain(largest, comparison) { row } else { largest }
        },
    )
}

/// The difference, positive where the policy does better.
fn gain(row: &CompareRow, comparison: &Comparison) -> f64 {
    let sign = if comparison.metric.higher_is_better == Some(false) { -1.0 } else { 1.0 };
    sign * row.diff.unwrap_or(0.0)
}

/// A difference with its interval, and whether that can be relied on.
fn amount(comparison: &Comparison, row: &CompareRow) -> String {
    let finer = comparison.format().for_differences().within(row.std_error);
    let diff = in_unit(comparison, finer.signed(row.diff.unwrap_or(0.0)));
    let interval = row.ci_low_simultaneous.zip(row.ci_high_simultaneous).map(|(low, high)| {
        let doubt = match row.precision.as_str() {
            "precise" => "",
            "indicative" => ", its error indicative only",
            _ => ", an error that cannot be trusted",
        };
        format!(" ({} to {}{doubt})", finer.signed(low), finer.signed(high))
    });
    diff + &interval.unwrap_or_default()
}

/// A difference with its unit.
fn in_unit(comparison: &Comparison, number: String) -> String {
    match comparison.format().difference_suffix() {
        "" => format!("{number} {}", comparison.metric.unit),
        suffix => number + suffix,
    }
}

/// `Certainty-equivalent growth` in the middle of a sentence.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
