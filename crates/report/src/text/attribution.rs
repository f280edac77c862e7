//! Says in words what differences are made of, and how well signals tell the regime.

use corridor_tables::{AttributionRow, DimPolicyRow, SignalRow};
use serde_json::{Value, json};

use crate::comparison::Comparison;
use crate::number::count;

/// Lines printed of each kind; the rest is in the files.
const LINES_MAX: usize = 8;

/// What policies with a twin of the same exposure gain, and through what; empty without any.
#[must_use]
pub fn render(comparison: &Comparison) -> String {
    let mut text = section(
        "mean log growth, in bp a year, on the first paths, and what it is made of",
        &parts(comparison),
        "fact_attribution",
    );
    text.push_str(&section(
        "signals, of the regime of the step they decide for",
        &signals(comparison),
        "fact_signal",
    ));
    text
}

fn section(head: &str, lines: &[String], file: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{head}:\n");
    lines.iter().take(LINES_MAX).for_each(|line| text.push_str(&format!("  {line}\n")));
    if lines.len() > LINES_MAX {
        text.push_str(&format!("  {} more are in {file}.parquet\n", lines.len() - LINES_MAX));
    }
    text
}

fn parts(comparison: &Comparison) -> Vec<String> {
    let rows = &comparison.attribution;
    let of = |row: &AttributionRow, part: &str| -> Vec<&AttributionRow> {
        rows.iter()
            .filter(|other| {
                (other.scenario_id, other.policy_id) == (row.scenario_id, row.policy_id)
                    && other.part == part
            })
            .collect()
    };
    let mut lines = Vec::new();
    for row in rows.iter().filter(|row| row.part == "total") {
        let against = row.against_policy_id.map_or("", |id| comparison.policy(id));
        let mut made_of: Vec<String> = of(row, "exposure")
            .iter()
            .map(|part| format!("{} {}", exposure(comparison, row), number(part)))
            .collect();
        made_of.extend(
            of(row, "timing")
                .iter()
                .map(|part| format!("timing in {} {}", regime(comparison, part), number(part))),
        );
        made_of.extend(of(row, "cost").iter().map(|part| format!("cost {}", number(part))));
        let head = format!(
            "`{}` less `{against}`{}",
            comparison.policy(row.policy_id),
            scenario(comparison, row.scenario_id)
        );
        lines.push(format!(
            "{head}: {} = {} ({} paths)",
            number(row),
            made_of.join(", "),
            count(row.n_paths as u64)
        ));
    }
    for (part, words) in
        [("oracle_gap", "an oracle would add"), ("placebo_gap", "the signal adds, over a placebo,")]
    {
        for row in rows.iter().filter(|row| row.part == part) {
            lines.push(format!(
                "`{}`{}: {words} {}",
                comparison.policy(row.policy_id),
                scenario(comparison, row.scenario_id),
                number(row)
            ));
        }
    }
    lines
}

/// What the first part is: the twin less the baseline, which is exposure alone where both follow
/// one rule.
fn exposure(comparison: &Comparison, row: &AttributionRow) -> &'static str {
    let find = |wanted: &dyn Fn(&DimPolicyRow) -> bool| {
        comparison.policies.iter().find(|policy| wanted(policy))
    };
    let name = comparison.policy(row.policy_id);
    let twin = find(&|policy| {
        policy.twin_of.as_deref() == Some(name) && policy.twin_same.as_deref() == Some("exposure")
    });
    let baseline = find(&|policy| Some(policy.policy_id) == row.against_policy_id);
    let rule = |policy: &DimPolicyRow| {
        (
            policy.review.clone(),
            policy.trigger.clone(),
            policy.band_kind.clone(),
            policy.band_width,
            policy.trade_rule.clone(),
        )
    };
    if twin.map(rule) == baseline.map(rule) {
        "exposure"
    } else {
        "exposure and the twin's other rule"
    }
}

fn number(row: &AttributionRow) -> String {
    let error = row.std_error.map(|error| format!(" ± {error:.2}")).unwrap_or_default();
    format!("{:+.2}{error}", row.value_bps_annual)
}

fn regime<'a>(comparison: &'a Comparison, row: &AttributionRow) -> &'a str {
    let found = comparison.regimes.iter().find(|known| {
        known.scenario_id == row.scenario_id && Some(known.regime_id) == row.regime_id
    });
    found.map_or("", |known| known.regime.as_str())
}

fn scenario(comparison: &Comparison, id: i32) -> String {
    let named = comparison
        .scenarios
        .iter()
        .find(|row| row.scenario_id == id)
        .filter(|_| comparison.scenarios.len() > 1);
    named.map(|row| format!(" ({})", row.scenario)).unwrap_or_default()
}

fn signals(comparison: &Comparison) -> Vec<String> {
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "none".to_owned(), |value| format!("{:.1} %", 100.0 * value))
    };
    let line = |row: &SignalRow| {
        let late =
            row.delay_months.map(|months| format!(", {months:.1} months late")).unwrap_or_default();
        let scenario = scenario(comparison, row.scenario_id);
        let (hits, alarms, missed) =
            (percent(row.hit_rate), percent(row.false_alarm_rate), percent(row.missed_frac));
        format!(
            "`{}` tells {}{scenario}: hits {hits}, false alarms {alarms}{late}, misses {missed} of \
            the stays",
            row.signal, row.regimes
        )
    };
    comparison.signals.iter().map(line).collect()
}

/// The parts as JSON, labels in place.
#[must_use]
pub fn json(comparison: &Comparison) -> Value {
    let one = |row: &AttributionRow| {
        json!({
            "policy": comparison.policy(row.policy_id),
            "scenario": comparison.scenarios.iter().find(
                |known| known.scenario_id == row.scenario_id
            ).map(|known| known.scenario.as_str()),
            "part": row.part,
            "regime": row.regime_id.map(|_| regime(comparison, row)),
            "against": row.against_policy_id.map(|id| comparison.policy(id)),
            "value_bps_annual": row.value_bps_annual,
            "std_error": row.std_error,
            "ci_low": row.ci_low,
            "ci_high": row.ci_high,
            "n_paths": row.n_paths,
        })
    };
    comparison.attribution.iter().map(one).collect()
}

/// The signals as JSON.
#[must_use]
pub fn signals_json(comparison: &Comparison) -> Value {
    let one = |row: &SignalRow| {
        json!({
            "signal": row.signal, "scenario_id": row.scenario_id, "regimes": row.regimes,
            "hit_rate": row.hit_rate, "hit_std_error": row.hit_std_error,
            "false_alarm_rate": row.false_alarm_rate,
            "false_alarm_std_error": row.false_alarm_std_error, "delay_months": row.delay_months,
            "delay_std_error": row.delay_std_error, "missed_frac": row.missed_frac,
            "n_paths": row.n_paths,
        })
    };
    comparison.signals.iter().map(one).collect()
}
