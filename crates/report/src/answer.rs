//! States the finding of a comparison in a sentence.

use corridor_tables::label::{Precision, Verdict};
use corridor_tables::metric::Metric;
use corridor_tables::{CompareRow, DimPolicyRow};

use crate::comparison::Comparison;
use crate::number::NumberFormat;

/// Largest number of names in a list; the others are counted.
const NAMES_MAX: usize = 6;
/// Smallest difference of exposure that is mentioned with the gain of a better policy.
const EXPOSURE_MENTIONED: f64 = 0.005;

/// A policy with the number of scenarios in which it has a verdict.
struct Finding<'a> {
    policy: &'a str,
    scenarios: usize,
}

/// States the finding on the policies that the question is about, then which policies are better
/// than their baseline by more than the margin, and what is known of the others.
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
    for verdict in Verdict::ALL {
        clauses.extend(clause(comparison, verdict, &baseline));
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
        difference_in_unit(&metric.number_format, &metric.unit, margin),
        clauses.join("; ")
    )
}

/// The clause on all policies with a verdict; none where no policy has it, unless it is `better`.
fn clause(comparison: &Comparison, verdict: Verdict, baseline: &str) -> Option<String> {
    let found = findings(comparison, verdict);
    let verb = if found.len() == 1 { "is" } else { "are" };
    let names = names(&found, comparison);
    match verdict {
        Verdict::Better if found.is_empty() => {
            Some(format!("no policy is shown to be better than {baseline}{}", closest(comparison)))
        }
        Verdict::Better => {
            Some(format!("{names} {verb} better than {baseline}{}", largest_gain(comparison)))
        }
        Verdict::Worse | Verdict::Equivalent | Verdict::NotResolved => {
            (!found.is_empty()).then(|| format!("{names} {verb} {}", verdict.name()))
        }
    }
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

/// The reasons why comparisons have no verdict, each once, in plain words.
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
fn findings(comparison: &Comparison, verdict: Verdict) -> Vec<Finding<'_>> {
    let reached = |policy_id: i32| {
        with_verdict(comparison, verdict).filter(|row| row.policy_id == policy_id).count()
    };
    let all = comparison
        .policies
        .iter()
        .map(|row| Finding { policy: &row.policy, scenarios: reached(row.policy_id) });
    all.filter(|finding| finding.scenarios > 0).collect()
}

fn with_verdict(comparison: &Comparison, verdict: Verdict) -> impl Iterator<Item = &CompareRow> {
    let rows = comparison.lines.iter().filter_map(|line| line.compare.as_ref());
    rows.filter(move |row| row.verdict.as_deref() == Some(verdict.name()))
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

/// The largest gain of the better policies, and the difference of exposure that may explain it.
fn largest_gain(comparison: &Comparison) -> String {
    let Some(row) = largest(with_verdict(comparison, Verdict::Better), comparison) else {
        return String::new();
    };
    let exposure = row.exposure_diff_frac.filter(|diff| diff.abs() >= EXPOSURE_MENTIONED);
    let exposure = exposure.map(|diff| {
        format!(" with {} points of growth exposure", NumberFormat::of("0.0%").signed(diff))
    });
    format!(", by at most {}{}", amount(comparison, row), exposure.unwrap_or_default())
}

/// The policy that leads although none is shown to be better; empty where none leads.
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

/// The difference from the baseline, positive where the policy is ahead.
fn gain(row: &CompareRow, comparison: &Comparison) -> f64 {
    let sign = if comparison.metric.higher_is_better == Some(false) { -1.0 } else { 1.0 };
    sign * row.diff.unwrap_or(0.0)
}

/// A difference with its interval, and whether that can be relied on.
fn amount(comparison: &Comparison, row: &CompareRow) -> String {
    let finer = comparison.format().for_differences().within(row.std_error);
    let diff = in_unit(comparison, finer.signed(row.diff.unwrap_or(0.0)));
    let interval = row.ci_low_simultaneous.zip(row.ci_high_simultaneous).map(|(low, high)| {
        let doubt = match Precision::of_name(&row.precision) {
            Some(Precision::Precise) => "",
            Some(Precision::Indicative) => ", its error indicative only",
            Some(Precision::Insufficient) | None => ", an error that cannot be trusted",
        };
        format!(" ({} to {}{doubt})", finer.signed(low), finer.signed(high))
    });
    diff + &interval.unwrap_or_default()
}

/// A difference with its unit.
fn in_unit(comparison: &Comparison, number: String) -> String {
    with_unit(comparison.format(), &comparison.metric.unit, number)
}

fn with_unit(format: NumberFormat, unit: &str, number: String) -> String {
    match format.difference_suffix() {
        "" => format!("{number} {unit}"),
        suffix => number + suffix,
    }
}

/// Prints a difference without its sign, such as a margin, in a metric's number format and unit.
fn difference_in_unit(number_format: &str, unit: &str, difference: f64) -> String {
    let format = NumberFormat::of(number_format);
    with_unit(format, unit, format.bare(difference))
}

/// Says on which metric policies are judged, and by which margin.
#[must_use]
pub fn judged_by(metric: &Metric, margin: Option<f64>) -> String {
    let name = lower_first(metric.display_name);
    let by = match margin {
        Some(margin) => {
            let margin = difference_in_unit(metric.number_format, metric.unit, margin);
            format!("margin {margin}")
        }
        None => "without a margin, so there is no verdict".to_owned(),
    };
    format!("{name} (`{}`), {by}", metric.name)
}

/// Writes a display name as in the middle of a sentence.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
