//! Says in one sentence what the comparison table shows, with its numbers and nothing more.

use std::collections::BTreeSet;

use crate::compare::Verdict;
use crate::estimate::Precision;

use super::number::{count, decimals, plain, signed, years};
use super::text::short;
use super::{ComparisonTable, Shown};

/// Exposure differences from which a sentence that names a winner must mention them.
const EXPOSURE_MENTIONED: f64 = 0.005;

/// Most policies named.
const NAMES_MAX: usize = 3;

pub(super) fn reading(table: &ComparisonTable) -> String {
    let shown: Vec<Shown<'_>> = table.comparisons().collect();
    if shown.is_empty() {
        return "There is one policy and nothing to compare it with.".to_owned();
    }
    let mut sentence = format!("{}, {}", opening(table, &shown), finding(table, &shown));
    if let Some(best) = best(table, &shown) {
        sentence.push_str(&format!("; {}", best_in_words(table, &best)));
    }
    sentence.push_str(&reservations(&shown));
    sentence.push('.');
    sentence
}

fn opening(table: &ComparisonTable, shown: &[Shown<'_>]) -> String {
    let baselines: BTreeSet<&str> = shown.iter().map(|s| s.against.baseline.as_str()).collect();
    let against = match baselines.first() {
        Some(one) if baselines.len() == 1 => format!("`{one}`"),
        _ => "their baselines".to_owned(),
    };
    let paths = shown.iter().map(|s| s.against.comparison.difference.estimate.n_paths).max().unwrap_or(0);
    let horizons: BTreeSet<String> = table.scenarios.iter().map(|block| years(block.horizon_years)).collect();
    let horizons: Vec<String> = horizons.into_iter().collect();
    let scenarios = match table.scenarios.len() {
        1 => "1 scenario".to_owned(),
        n => format!("{n} scenarios"),
    };
    format!("Against {against} on {} paired paths over {} years in {scenarios}", count(paths), horizons.join(" or "))
}

fn finding(table: &ComparisonTable, shown: &[Shown<'_>]) -> String {
    let metric = table.metric();
    let Some(margin) = table.margin else {
        return format!("no verdict is given on {}, for which no margin is declared", lower(metric.display_name));
    };
    let number = |verdict| shown.iter().filter(|s| s.verdict() == Some(verdict)).count();
    let tally = format!(
        "of {} comparisons {} better, {} worse, {} equivalent, {} not resolved",
        shown.len(),
        number(Verdict::Better),
        number(Verdict::Worse),
        number(Verdict::Equivalent),
        number(Verdict::NotResolved),
    );
    let beyond = format!("better by more than {} {} in {}", short(margin), metric.unit, lower(metric.display_name));
    let winners: BTreeSet<&str> = shown.iter().filter(|s| s.verdict() == Some(Verdict::Better)).map(|s| s.line.policy.as_str()).collect();
    if winners.is_empty() {
        return format!("no policy is shown to be {beyond} ({tally})");
    }
    let named: Vec<String> = winners.iter().take(NAMES_MAX).map(|name| with_scenarios(name, table, shown)).collect();
    let more = match winners.len().saturating_sub(NAMES_MAX) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let is = if winners.len() == 1 { "is" } else { "are" };
    format!("{}{more} {is} {beyond} ({tally})", named.join(", "))
}

fn with_scenarios(name: &str, table: &ComparisonTable, shown: &[Shown<'_>]) -> String {
    let wins = shown.iter().filter(|s| s.line.policy == name && s.verdict() == Some(Verdict::Better)).count();
    match table.scenarios.len() {
        1 => format!("`{name}`"),
        n => format!("`{name}` (in {wins} of {n})"),
    }
}

/// The comparison with the largest difference in favour of the policy.
fn best<'a>(table: &ComparisonTable, shown: &[Shown<'a>]) -> Option<Shown<'a>> {
    let direction = if table.metric().higher_is_better? { 1.0 } else { -1.0 };
    let gain = |s: &Shown<'_>| s.diff().map(|diff| direction * diff);
    let gains = shown.iter().filter(|s| gain(s).is_some_and(|gain| gain > 0.0));
    gains.copied().max_by(|a, b| gain(a).unwrap_or(0.0).total_cmp(&gain(b).unwrap_or(0.0)))
}

fn best_in_words(table: &ComparisonTable, best: &Shown<'_>) -> String {
    let found = &best.against.comparison.difference.estimate;
    let diff = found.value.unwrap_or(0.0);
    let digits = decimals(found.std_error.unwrap_or(0.0), diff);
    let place = if table.scenarios.len() == 1 { String::new() } else { format!(" in {}", best.scenario.name) };
    let mut words = format!("the largest difference in favour is that of `{}`{place}, {} {}", best.line.policy, signed(diff, digits), table.metric().unit);
    if let Some((low, high)) = best.against.comparison.simultaneous {
        let (low, high) = (signed(low, digits), signed(high, digits));
        words.push_str(&format!(" (95 % simultaneous interval {low} to {high})"));
    }
    if let Some(effect) = best.against.effect_currency {
        words.push_str(&format!(", worth {} at the horizon", plain(effect, 0)));
    }
    if let Some(exposure) = best.against.exposure_diff_frac.filter(|diff| diff.abs() >= EXPOSURE_MENTIONED) {
        let more = if exposure > 0.0 { "more" } else { "less" };
        words.push_str(&format!(", with {} points {more} growth exposure", plain(100.0 * exposure.abs(), 1)));
    }
    words
}

fn reservations(shown: &[Shown<'_>]) -> String {
    let missing = shown.iter().filter(|s| s.diff().is_none()).count();
    let doubtful = shown.iter().filter(|s| s.diff().is_some() && s.against.comparison.difference.estimate.precision == Precision::Insufficient).count();
    let mut words = String::new();
    if missing > 0 {
        words.push_str(&format!("; {missing} have no value (see `reason` in fact_compare)"));
    }
    if doubtful > 0 {
        words.push_str(&format!("; {doubtful} rest on too few paths for their error to be trusted"));
    }
    words
}

/// A name inside a sentence.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
