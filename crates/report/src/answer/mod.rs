//! States the finding of a comparison in a few sentences: what is known of the policies that the
//! question is about, where they break even, and what is known of the others.

use std::fmt::Write as _;

use corridor_tables::label::Reason::LookAhead;
use corridor_tables::label::Verdict;
use corridor_tables::metric::{DefaultMargin, Metric};
use corridor_tables::{CompareRow, DimMetricRow, DimPolicyRow};

use crate::comparison::Comparison;
use crate::number::NumberFormat;
use crate::text::break_even::crossing;
use crate::wording::{margin_of_baseline, scenario_name};

use amount::Amounts;
use names::{family, joined, list};

mod amount;
mod names;

/// Largest number of policies that have a sentence of their own.
const SENTENCES_MAX: usize = 2;
/// Largest number of break-even points that are mentioned.
const CROSSINGS_MAX: usize = 3;
/// Largest number of policies whose verdicts differ by scenario that are told one by one.
const MIXED_MAX: usize = 3;
/// Most scenarios that are told one by one where a policy is better in some and worse in others.
const SCENARIOS_TOLD: usize = 3;
/// Smallest difference of trading costs, in bp a year, that is mentioned with a difference.
const COST_MENTIONED: f64 = 0.05;
/// Smallest difference of exposure that is mentioned with a difference.
const EXPOSURE_MENTIONED: f64 = 0.005;

/// Says on which metric policies are judged, and by which margin.
#[must_use]
pub fn judged_by(metric: &Metric, margin: Option<f64>) -> String {
    let share = metric.default_margin.and_then(DefaultMargin::of_baseline);
    let by = match (margin, share) {
        (Some(margin), _) => format!("margin {}", Amounts::of_metric(metric).margin(margin)),
        (None, Some(share)) => format!("margin {}", margin_of_baseline(share)),
        (None, None) => "without a margin, so there is no verdict".to_owned(),
    };
    format!("{} (`{}`), {by}", lower_first(metric.display_name), metric.name)
}

/// States the finding: the policies that the question is about, else the best one, with their
/// levels, differences and break-even points; then the verdicts on the others.
#[must_use]
pub fn answer(comparison: &Comparison) -> String {
    let metric = &comparison.metric;
    let name = lower_first(&metric.display_name);
    let amounts = Amounts::of(metric);
    let margin = metric.margin.map(|margin| amounts.margin(margin));
    let Some(margin) = margin.or(metric.margin_of_baseline_frac.map(margin_of_baseline)) else {
        return format!(
            "No margin of practical equivalence is declared for {name}, so there is no verdict on \
            it."
        );
    };
    let compared = comparison.lines.iter().filter(|line| line.compare.is_some()).count();
    if compared == 0 {
        return "There is one policy, and nothing to compare it with.".to_owned();
    }
    let without = without_verdict(comparison);
    if without.len() == compared {
        return format!(
            "There is no verdict on {name}: {}; another `primary_metric` may have one.",
            reasons(&without)
        );
    }
    let finding = Finding { comparison, amounts, margin };
    finding.sentences(&without)
}

/// A policy with its verdicts, each with the number of scenarios that have it.
struct Judged<'a> {
    policy: &'a str,
    verdicts: Vec<(String, usize)>,
}

/// A comparison with verdicts.
struct Finding<'a> {
    comparison: &'a Comparison,
    amounts: Amounts<'a>,
    /// The margin in words.
    margin: String,
}

impl Finding<'_> {
    fn sentences(&self, without: &[&CompareRow]) -> String {
        let mut asked: Vec<&DimPolicyRow> =
            self.comparison.policies.iter().filter(|row| row.asked_about).collect();
        // what is better comes first
        let is_better = |row: &&CompareRow| row.verdict.as_deref() == Some(Verdict::Better.name());
        asked.sort_by_key(|policy| !self.rows_of(policy.policy_id).iter().any(is_better));
        let mut subjects: Vec<i32> = asked.iter().map(|policy| policy.policy_id).collect();
        let mut sentences: Vec<String> = if asked.len() <= SENTENCES_MAX {
            asked.iter().filter_map(|policy| self.of_policy(policy)).collect()
        } else {
            self.of_group(&asked).into_iter().collect()
        };
        if sentences.is_empty() {
            let (sentence, subject) = self.of_best();
            sentences.push(sentence);
            subjects.extend(subject);
        }
        // a sentence on one policy has its break-even points already
        if asked.len() > SENTENCES_MAX {
            sentences.extend(self.crossings(&subjects, true));
        } else if asked.is_empty() {
            sentences.extend(self.crossings(&subjects, false));
        }
        sentences.extend(self.of_others(&subjects, without));
        sentences.join(" ")
    }

    /// One sentence on a policy in every scenario; none for a policy that is not compared.
    fn of_policy(&self, policy: &DimPolicyRow) -> Option<String> {
        let rows = self.rows_of(policy.policy_id);
        let baseline = self.comparison.policy(rows.first()?.baseline_policy_id);
        let name = &policy.policy;
        if let [row] = rows.as_slice() {
            return Some(self.in_one(row, &format!("`{name}` {}", self.verb(row)), baseline));
        }
        let range = self.range(&rows).map(|range| format!(": {range}")).unwrap_or_default();
        let more = self.besides(&rows);
        let scenarios = rows.len();
        Some(match verdicts(&rows).as_slice() {
            [(one, _)] => format!(
                "`{name}` is {one} {} `{baseline}` in all {scenarios} scenarios{range}{more}.",
                preposition(one)
            ),
            several if scenarios <= SCENARIOS_TOLD => {
                let told = self.scenario_by_scenario(several, &rows);
                format!("Beside `{baseline}`, `{name}` is {told}{more}.")
            }
            several => {
                let in_some = in_some(several, scenarios);
                format!("Beside `{baseline}`, `{name}` is {in_some}{range}{more}.")
            }
        })
    }

    /// Tells in which scenarios each verdict holds: "better with cost 0 bp (3.10 bp a year more) and
    /// worse with cost 50 bp (8.20 less)".
    fn scenario_by_scenario(&self, verdicts: &[(String, usize)], rows: &[&CompareRow]) -> String {
        let told = |verdict: &str| {
            let has_it = |row: &&&CompareRow| verdict_of(row) == verdict;
            let places: Vec<String> =
                rows.iter().filter(has_it).map(|row| self.with_difference(row)).collect();
            format!("{verdict} with {}", joined(&places))
        };
        joined(&verdicts.iter().map(|(verdict, _)| told(verdict)).collect::<Vec<_>>())
    }

    /// The scenario of a row, and its difference in brackets.
    fn with_difference(&self, row: &CompareRow) -> String {
        let place = self.scenario(row).unwrap_or_default();
        let difference = self.amounts.directed(row);
        difference.map_or_else(|| place.to_owned(), |by| format!("{place} ({by})"))
    }

    /// Lists what else is known of one policy, in clauses: its exposure, what it gains or costs on other
    /// metrics for which the study declares a margin, and where it breaks even.
    fn besides(&self, rows: &[&CompareRow]) -> String {
        let Some(first) = rows.first() else { return String::new() };
        let mut text = match rows {
            [only] => self.price(only),
            _ => String::new(),
        };
        for (metric, others) in &self.comparison.also {
            let amounts = Amounts::of(metric);
            let own: Vec<&CompareRow> =
                others.iter().filter(|row| row.policy_id == first.policy_id).collect();
            let amount = match own.as_slice() {
                [only] => amounts.difference(only),
                several if several.len() <= SCENARIOS_TOLD => {
                    amounts.in_order(several).or_else(|| self.range_in(amounts, several))
                }
                several => self.range_in(amounts, several),
            };
            if let Some(amount) = amount {
                let direction = direction(metric, &own);
                // writing to a string does not fail
                let _ = write!(text, "; {} {amount}{direction}", lower_first(&metric.display_name));
            }
        }
        let is_asked = self.comparison.policies.iter().any(|row| row.asked_about);
        if is_asked && let Some(points) = self.crossing_phrases(&[first.policy_id], true) {
            let _ = write!(text, "; it breaks even {}", joined(&points));
        }
        text
    }

    /// Lists what a difference comes with: more or less exposure, the twin of equal exposure, and trading
    /// costs.
    fn price(&self, row: &CompareRow) -> String {
        let mut text = exposure(row)
            .map(|exposure| format!(", with {exposure} in growth assets"))
            .unwrap_or_default();
        if let Some(twin) = self.twin(row) {
            text.push_str(&twin);
        }
        let costs = |policy: i32| {
            let line = self.comparison.lines.iter().find(|line| {
                (line.summary.scenario_id, line.summary.policy_id) == (row.scenario_id, policy)
            });
            line.and_then(|line| line.beside.cost_bps_annual)
        };
        if let Some((own, baseline)) = costs(row.policy_id).zip(costs(row.baseline_policy_id))
            && (own - baseline).abs() >= COST_MENTIONED
        {
            let format = NumberFormat::of("0.0");
            let (own, baseline) = (format.bare(own), format.bare(baseline));
            text.push_str(&format!(", at costs of {own} instead of {baseline} bp a year"));
        }
        text
    }

    /// Says how the static twin of a policy, a fixed mix of equal exposure, differs from the baseline.
    fn twin(&self, row: &CompareRow) -> Option<String> {
        let policy = self.comparison.policy(row.policy_id);
        let twin = self
            .comparison
            .policies
            .iter()
            .find(|other| other.twin_of.as_deref() == Some(policy))?;
        let is_beside = |other: &&CompareRow| {
            (other.scenario_id, other.baseline_policy_id)
                == (row.scenario_id, row.baseline_policy_id)
        };
        let rows = self.rows_of(twin.policy_id);
        let amount = self.amounts.bare(rows.into_iter().find(is_beside)?)?;
        let baseline = self.comparison.policy(row.baseline_policy_id);
        Some(format!(
            " (`{}`, a fixed mix of equal exposure: {amount} than `{baseline}`)",
            twin.policy
        ))
    }

    /// One sentence on many policies: how many have each verdict, and their differences.
    fn of_group(&self, policies: &[&DimPolicyRow]) -> Option<String> {
        let rows: Vec<&CompareRow> =
            policies.iter().flat_map(|policy| self.rows_of(policy.policy_id)).collect();
        let is_compared =
            |policy: &&&DimPolicyRow| rows.iter().any(|row| row.policy_id == policy.policy_id);
        let names: Vec<&str> =
            policies.iter().filter(is_compared).map(|policy| policy.policy.as_str()).collect();
        let several = self.comparison.scenarios.len() > 1;
        let counts: Vec<String> =
            verdicts(&rows).iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let range = self.range(&rows).map(|range| format!(", {range}")).unwrap_or_default();
        let of = if several { format!(" of {} comparisons", rows.len()) } else { String::new() };
        (!rows.is_empty()).then(|| {
            let beside = self.baseline();
            format!(
                "Beside {beside}, {}: {}{of}{range}.",
                list(&names, &self.comparison.policies),
                joined(&counts)
            )
        })
    }

    /// A sentence on one comparison, which begins with its subject and verb.
    fn in_one(&self, row: &CompareRow, subject: &str, baseline: &str) -> String {
        let amounts = self.amounts.levels_and_difference(row);
        let amounts = amounts.map(|amounts| format!(": {amounts}")).unwrap_or_default();
        format!("{subject} `{baseline}`{amounts}{}.", self.besides(&[row]))
    }

    /// The verb and preposition between a policy and its baseline.
    fn verb(&self, row: &CompareRow) -> String {
        let verdict = row.verdict.as_deref().and_then(Verdict::of_name);
        let is_better = verdict == Some(Verdict::Better);
        match (self.comparison.metric.metric.as_str(), verdict) {
            ("ruined", Some(Verdict::Better | Verdict::Worse)) => {
                format!("runs out of money {} often than", if is_better { "less" } else { "more" })
            }
            ("goal_reached", Some(Verdict::Better | Verdict::Worse)) => {
                format!("reaches the goal {} often than", if is_better { "more" } else { "less" })
            }
            ("ruined", Some(Verdict::Equivalent)) => {
                "runs out of money about as often as".to_owned()
            }
            ("goal_reached", Some(Verdict::Equivalent)) => {
                "reaches the goal about as often as".to_owned()
            }
            (_, Some(verdict)) => format!("is {} {}", verdict.name(), preposition(verdict.name())),
            (_, None) => "has no verdict against".to_owned(),
        }
    }

    /// A sentence on the policy that gains most, and its id if it is better than its baseline.
    fn of_best(&self) -> (String, Option<i32>) {
        let comparison = self.comparison;
        let judged = self.rows().filter(|row| row.verdict.is_some());
        let of = |row: &CompareRow| comparison.policy(row.policy_id).to_owned();
        let at = |row: &CompareRow| {
            self.scenario(row).map(|name| format!(" ({name})")).unwrap_or_default()
        };
        let Some(row) = self.largest(judged.clone()) else { return (String::new(), None) };
        let baseline = comparison.policy(row.baseline_policy_id);
        let is_better = row.verdict.as_deref() == Some(Verdict::Better.name());
        let best = comparison.policies.iter().find(|policy| policy.policy_id == row.policy_id);
        if is_better
            && comparison.scenarios.len() > 1
            && let Some(sentence) = best.and_then(|best| self.of_policy(best))
        {
            return (sentence, Some(row.policy_id));
        }
        if is_better {
            let others = judged
                .filter(|other| other.verdict.as_deref() == Some(Verdict::Better.name()))
                .any(|other| other.policy_id != row.policy_id);
            let verb = if others { "gains most over".to_owned() } else { self.verb(row) };
            let looks_ahead = LookAhead.name();
            let is_foreseen = self.rows().any(|row| row.reason.as_deref() == Some(looks_ahead));
            let among = if is_foreseen { "Of the rules that can be followed, " } else { "" };
            let subject = format!("{among}`{}` {verb}", of(row));
            return (self.in_one(row, &subject, baseline), Some(row.policy_id));
        }
        let closest = if self.gain(row) > 0.0 {
            let difference = self.amounts.difference(row).unwrap_or_default();
            // above zero and yet not better: what matters begins at the margin
            let is_above = |(low, high): (f64, f64)| low > 0.0 || high < 0.0;
            let ends = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
            let is_equivalent = row.verdict.as_deref() == Some(Verdict::Equivalent.name());
            let but = match (ends.is_some_and(is_above), is_equivalent) {
                (true, true) => format!(", less than the margin of {}", self.margin),
                (true, false) => format!(", perhaps less than the margin of {}", self.margin),
                (false, _) => String::new(),
            };
            format!("; `{}` comes closest{}: {difference}{but}", of(row), at(row))
        } else {
            String::new()
        };
        let than = self.baseline();
        (format!("No policy is shown to be better than {than}{closest}."), None)
    }

    /// The common baseline; words for it where policies have their own.
    fn baseline(&self) -> String {
        let common = self.comparison.common_baseline();
        common.map_or_else(|| "its baseline".to_owned(), |name| format!("`{name}`"))
    }

    /// Where the told policies break even with their baseline; where any do if the question is
    /// about none.
    fn crossings(&self, told: &[i32], asks: bool) -> Option<String> {
        let phrases = self.crossing_phrases(told, asks)?;
        Some(format!("Break-even with the baseline: {}.", joined(&phrases)))
    }

    /// The break-even points of the told policies, or of any, in phrases: with one policy told,
    /// without its name.
    fn crossing_phrases(&self, told: &[i32], asks: bool) -> Option<Vec<String>> {
        let alone = told.len() == 1 && asks;
        let higher = self.comparison.metric.higher_is_better;
        let told: Vec<&str> = told.iter().map(|&id| self.comparison.policy(id)).collect();
        let is_told =
            |series: &str| told.iter().any(|name| family(name) == series || *name == series);
        // A point for each of many scenarios stands below the table.
        let phrases: Vec<String> = self
            .comparison
            .break_even
            .iter()
            .filter(|row| self.comparison.scenarios.len() == 1 || row.scenario.is_empty())
            .filter(|row| !asks || is_told(&row.series))
            .filter_map(|row| crossing(row, !alone, higher))
            .take(CROSSINGS_MAX)
            .collect();
        (!phrases.is_empty()).then_some(phrases)
    }

    /// The verdicts on the policies without a sentence of their own, and the margin.
    fn of_others(&self, told: &[i32], without: &[&CompareRow]) -> Option<String> {
        let margin = &self.margin;
        let mut clauses = Vec::new();
        let mut said = false;
        let others = self.others(told);
        let (alike, mixed): (Vec<&Judged<'_>>, Vec<&Judged<'_>>) =
            others.iter().partition(|judged| judged.verdicts.len() == 1);
        for verdict in Verdict::ALL {
            let has_it = |judged: &&&Judged<'_>| judged.verdicts[0].0 == verdict.name();
            let found: Vec<&str> =
                alike.iter().filter(has_it).map(|judged| judged.policy).collect();
            let is = if found.len() == 1 { "is" } else { "are" };
            let within = match verdict {
                Verdict::Equivalent => format!(" (within {margin})"),
                Verdict::Better | Verdict::Worse | Verdict::NotResolved => String::new(),
            };
            if !found.is_empty() {
                said |= !within.is_empty();
                let names = list(&found, &self.comparison.policies);
                clauses.push(format!("{names} {is} {}{within}", verdict.name()));
            }
        }
        for Judged { policy, verdicts } in mixed.iter().take(MIXED_MAX) {
            let scenarios = verdicts.iter().map(|(_, count)| count).sum();
            clauses.push(format!("`{policy}` is {}", in_some(verdicts, scenarios)));
        }
        if mixed.len() > MIXED_MAX {
            let more = mixed.len() - MIXED_MAX;
            clauses.push(format!("the verdicts on {more} more differ between scenarios"));
        }
        if !without.is_empty() {
            let (count, reasons) = (without.len(), reasons(without));
            let have = if count == 1 { "comparison has" } else { "comparisons have" };
            clauses.push(format!("{count} {have} no verdict ({reasons})"));
        }
        clauses.extend((!said).then(|| format!("the margin is {margin}")));
        (!clauses.is_empty()).then(|| upper_first(&clauses.join("; ")) + ".")
    }

    /// The policies that are not told yet and have verdicts.
    fn others(&self, told: &[i32]) -> Vec<Judged<'_>> {
        let judged = |policy: &'_ DimPolicyRow| {
            let mut rows = self.rows_of(policy.policy_id);
            rows.retain(|row| row.verdict.is_some());
            verdicts(&rows)
        };
        self.comparison
            .policies
            .iter()
            .filter(|row| !told.contains(&row.policy_id))
            .map(|row| Judged { policy: &row.policy, verdicts: judged(row) })
            .filter(|judged| !judged.verdicts.is_empty())
            .collect()
    }

    fn rows(&self) -> impl Iterator<Item = &CompareRow> + Clone {
        self.comparison.lines.iter().filter_map(|line| line.compare.as_ref())
    }

    fn rows_of(&self, policy: i32) -> Vec<&CompareRow> {
        self.rows().filter(|row| row.policy_id == policy).collect()
    }

    /// Smallest and largest difference, each with its scenario, and its policy if there are several.
    fn range(&self, rows: &[&CompareRow]) -> Option<String> {
        self.range_in(self.amounts, rows)
    }

    fn range_in(&self, amounts: Amounts<'_>, rows: &[&CompareRow]) -> Option<String> {
        let by_diff = |a: &&&CompareRow, b: &&&CompareRow| {
            a.diff.unwrap_or(0.0).total_cmp(&b.diff.unwrap_or(0.0))
        };
        let known = || rows.iter().filter(|row| row.diff.is_some());
        let (least, most) = (known().min_by(by_diff)?, known().max_by(by_diff)?);
        let several = rows.iter().any(|row| row.policy_id != least.policy_id);
        let at = |row: &CompareRow| {
            let policy = several.then(|| format!("`{}`", self.comparison.policy(row.policy_id)));
            let scenario = self.scenario(row).map(str::to_owned);
            policy.into_iter().chain(scenario).collect::<Vec<_>>().join(", ")
        };
        amounts.range((least, &at(least)), (most, &at(most)))
    }

    /// Name of a row's scenario; `None` where there is only one.
    fn scenario(&self, row: &CompareRow) -> Option<&str> {
        let scenarios = &self.comparison.scenarios;
        let of = scenarios.iter().find(|scenario| scenario.scenario_id == row.scenario_id)?;
        (scenarios.len() > 1).then(|| scenario_name(of))
    }

    /// The row with the largest gain, the first of equally large ones.
    fn largest<'r>(&self, rows: impl Iterator<Item = &'r CompareRow>) -> Option<&'r CompareRow> {
        rows.reduce(|best, row| if self.gain(row) > self.gain(best) { row } else { best })
    }

    /// The difference from the baseline, positive where the policy is ahead.
    fn gain(&self, row: &CompareRow) -> f64 {
        let sign = if self.comparison.metric.higher_is_better == Some(false) { -1.0 } else { 1.0 };
        sign * row.diff.unwrap_or(0.0)
    }
}

/// The difference of exposure: "6.1 points more"; `None` where it is small.
fn exposure(row: &CompareRow) -> Option<String> {
    let diff = row.exposure_diff_frac.filter(|diff| diff.abs() >= EXPOSURE_MENTIONED)?;
    let points = NumberFormat::of("0.0%").bare(diff.abs());
    Some(format!("{points} points {}", if diff < 0.0 { "less" } else { "more" }))
}

/// The verdicts of a policy, each with the number of scenarios that have it; the best come first.
fn verdicts(rows: &[&CompareRow]) -> Vec<(String, usize)> {
    let count = |verdict: Option<Verdict>| {
        let word = verdict.map_or(NO_VERDICT, Verdict::name);
        (word.to_owned(), rows.iter().filter(|row| verdict_of(row) == word).count())
    };
    let all = Verdict::ALL.into_iter().map(Some).chain([None]);
    all.map(count).filter(|(_, count)| *count > 0).collect()
}

const NO_VERDICT: &str = "without a verdict";

fn verdict_of(row: &CompareRow) -> &str {
    row.verdict.as_deref().and_then(Verdict::of_name).map_or(NO_VERDICT, Verdict::name)
}

/// Says whether differences of a metric that all go one way are better or worse.
fn direction(metric: &DimMetricRow, rows: &[&CompareRow]) -> &'static str {
    let all = |test: fn(f64) -> bool| rows.iter().all(|row| row.diff.is_some_and(test));
    match (metric.higher_is_better, all(|diff| diff > 0.0), all(|diff| diff < 0.0)) {
        (Some(true), true, _) | (Some(false), _, true) => ", which is better",
        (Some(true), _, true) | (Some(false), true, _) => ", which is worse",
        _ => "",
    }
}

/// Says in how many scenarios each verdict holds: "better in 1 and worse in 2 of 3 scenarios".
fn in_some(verdicts: &[(String, usize)], scenarios: usize) -> String {
    let phrases: Vec<String> =
        verdicts.iter().map(|(verdict, count)| format!("{verdict} in {count}")).collect();
    format!("{} of {scenarios} scenarios", joined(&phrases))
}

fn preposition(verdict: &str) -> &'static str {
    match Verdict::of_name(verdict) {
        Some(Verdict::Better | Verdict::Worse) => "than",
        Some(Verdict::Equivalent) => "to",
        Some(Verdict::NotResolved) | None => "against",
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

/// Writes the beginning of a sentence.
fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Writes a display name as in the middle of a sentence.
fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use corridor_tables::{BreakEvenRow, DimRunRow, DimScenarioRow, SummaryRow};

    use super::*;
    use crate::comparison::{Beside, Line};

    /// Policies and their levels by scenario, the first being the baseline; a level further than
    /// the margin of 5 from it is better or worse.
    fn growth(policies: &[(&str, &[f64])], asked: &[&str]) -> Comparison {
        let mut comparison = Comparison {
            run: DimRunRow::default(),
            metric: DimMetricRow {
                metric: "ce_growth_gamma_3".to_owned(),
                display_name: "Growth".to_owned(),
                unit: "bp a year".to_owned(),
                number_format: "0.0".to_owned(),
                higher_is_better: Some(true),
                margin: Some(5.0),
                ..DimMetricRow::default()
            },
            horizons: Vec::new(),
            scenarios: Vec::new(),
            policies: Vec::new(),
            lines: Vec::new(),
            also: Vec::new(),
            break_even: Vec::new(),
            attribution: Vec::new(),
            signals: Vec::new(),
            regimes: Vec::new(),
        };
        for scenario_id in 0..policies[0].1.len() as i32 {
            let scenario = format!("cost={scenario_id}");
            comparison.scenarios.push(DimScenarioRow {
                scenario_id,
                scenario,
                ..DimScenarioRow::default()
            });
        }
        for (policy_id, (policy, levels)) in (0..).zip(policies) {
            comparison.policies.push(DimPolicyRow {
                policy_id,
                policy: (*policy).to_owned(),
                asked_about: asked.contains(policy),
                ..DimPolicyRow::default()
            });
            for (scenario_id, (&level, &baseline)) in (0..).zip(levels.iter().zip(policies[0].1)) {
                let diff = level - baseline;
                let verdict = match diff {
                    _ if diff.abs() < 5.0 => Verdict::Equivalent,
                    _ if diff > 0.0 => Verdict::Better,
                    _ => Verdict::Worse,
                };
                let compare = (policy_id > 0).then(|| CompareRow {
                    scenario_id,
                    policy_id,
                    policy_value: Some(level),
                    baseline_value: Some(baseline),
                    diff: Some(diff),
                    std_error: Some(0.25),
                    ci_low_simultaneous: Some(diff - 0.5),
                    ci_high_simultaneous: Some(diff + 0.5),
                    verdict: Some(verdict.name().into()),
                    precision: "precise".into(),
                    ..CompareRow::default()
                });
                let summary = SummaryRow { scenario_id, policy_id, ..SummaryRow::default() };
                comparison.lines.push(Line { summary, beside: Beside::default(), compare });
            }
        }
        comparison
    }

    #[test]
    fn the_policy_asked_about_comes_first_and_families_are_one_phrase() {
        let policies: [(&str, &[f64]); 5] = [
            ("annual", &[500.0]),
            ("band[w=1]", &[501.0]),
            ("band[w=2]", &[502.0]),
            ("guard", &[490.0]),
            ("lucky", &[510.0]),
        ];
        assert_eq!(
            answer(&growth(&policies, &["guard"])),
            "`guard` is worse than `annual`: 490.0 instead of 500.0 bp a year, 10.00 less (9.50 to \
            10.50). `lucky` is better; both of `band` are equivalent (within 5 bp a year)."
        );
    }

    #[test]
    fn without_a_question_the_best_comes_first_with_its_range_over_scenarios() {
        let policies: [(&str, &[f64]); 3] =
            [("annual", &[500.0, 500.0]), ("target", &[520.0, 480.0]), ("never", &[493.0, 507.0])];
        assert_eq!(
            answer(&growth(&policies, &[])),
            "Beside `annual`, `target` is better with cost=0 (20.00 bp a year more) and worse with \
            cost=1 (20.00 bp a year less). `never` is better in 1 and worse in 1 of 2 scenarios; \
            the margin is 5 bp a year."
        );
    }

    #[test]
    fn many_policies_asked_about_are_told_as_a_group_with_their_break_even() {
        let policies: [(&str, &[f64]); 4] = [
            ("annual", &[500.0]),
            ("hold[e=1]", &[470.0]),
            ("hold[e=2]", &[490.0]),
            ("hold[e=3]", &[501.0]),
        ];
        let names = policies.map(|(name, _)| name);
        let mut comparison = growth(&policies, &names);
        comparison.break_even.push(BreakEvenRow {
            series: "hold".to_owned(),
            axis: "e".to_owned(),
            value: Some(2.81),
            ci_low: Some(2.79),
            ci_high: Some(2.83),
            swept_from: 1.0,
            swept_to: 3.0,
            ..BreakEvenRow::default()
        });
        assert_eq!(
            answer(&comparison),
            "Beside `annual`, all 3 of `hold`: 2 worse and 1 equivalent, from 30.00 bp a year less \
            (`hold[e=1]`) to 1.00 more (`hold[e=3]`). Break-even with the baseline: `hold` at e \
            2.81 (2.79 to 2.83). The margin is 5 bp a year."
        );
    }

    #[test]
    fn where_none_is_better_the_closest_is_named() {
        let policies: [(&str, &[f64]); 3] =
            [("annual", &[500.0]), ("near", &[503.0]), ("far", &[480.0])];
        assert_eq!(
            answer(&growth(&policies, &[])),
            "No policy is shown to be better than `annual`; `near` comes closest: 3.00 bp a year \
            more (2.50 to 3.50), less than the margin of 5 bp a year. `far` is worse; `near` is equivalent (within 5 bp a year)."
        );
    }

    #[test]
    fn running_out_less_often_is_better() {
        let mut comparison = growth(&[("annual", &[0.13]), ("target", &[0.10])], &["target"]);
        comparison.metric = DimMetricRow {
            metric: "ruined".to_owned(),
            unit: "probability".to_owned(),
            number_format: "0.0%".to_owned(),
            higher_is_better: Some(false),
            margin: Some(0.01),
            ..comparison.metric
        };
        for row in comparison.lines.iter_mut().filter_map(|line| line.compare.as_mut()) {
            row.verdict = Some("better".into());
            (row.std_error, row.exposure_diff_frac) = (Some(0.002), Some(0.061));
            (row.ci_low_simultaneous, row.ci_high_simultaneous) = (Some(-0.034), Some(-0.026));
        }
        assert_eq!(
            answer(&comparison),
            "`target` runs out of money less often than `annual`: 10.0 % instead of 13.0 %, 3.00 \
            points less (2.60 to 3.40), with 6.1 points more in growth assets. The margin is 1 \
            point."
        );
    }

    #[test]
    fn what_another_metric_gains_and_the_break_even_stand_beside_the_price() {
        let policies: [(&str, &[f64]); 2] =
            [("annual", &[500.0, 500.0]), ("guard", &[490.0, 450.0])];
        let mut comparison = growth(&policies, &["guard"]);
        let fall = DimMetricRow {
            metric_id: 3,
            display_name: "Largest fall".to_owned(),
            unit: "fraction".to_owned(),
            number_format: "0.0%".to_owned(),
            ..DimMetricRow::default()
        };
        let falls = |scenario_id, diff| CompareRow {
            scenario_id,
            policy_id: 1,
            diff: Some(diff),
            std_error: Some(0.0005),
            ..CompareRow::default()
        };
        comparison.also.push((fall, vec![falls(0, -0.04), falls(1, -0.01)]));
        comparison.break_even.push(BreakEvenRow {
            series: "guard".to_owned(),
            axis: "equity".to_owned(),
            axis_label: Some("storm mean".to_owned()),
            value: Some(0.0062),
            ci_low: Some(0.0060),
            ci_high: Some(0.0064),
            swept_to: 0.02,
            ..BreakEvenRow::default()
        });
        assert_eq!(
            answer(&comparison),
            "`guard` is worse than `annual` in all 2 scenarios: from 10.00 bp a year less (cost=0) \
            to 50.00 less (cost=1); largest fall 4.00 and 1.00 points less; it breaks even at storm mean 0.0062 (0.0060 to 0.0064). The margin is 5 bp a \
            year."
        );
    }

    #[test]
    fn a_margin_may_be_a_share_of_the_baseline() {
        let mut comparison = growth(&[("annual", &[500.0]), ("never", &[490.0])], &[]);
        comparison.metric.margin = None;
        assert!(answer(&comparison).starts_with("No margin"));
        comparison.metric.margin_of_baseline_frac = Some(0.01);
        assert!(answer(&comparison).ends_with("the margin is 1 % of the baseline's value."));
    }
}
