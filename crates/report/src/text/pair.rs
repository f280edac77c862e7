//! Shows two policies of a run on every metric, as a table and as JSON.

use corridor_tables::metric::{MetricId, Source};
use corridor_tables::{CompareRow, DimMetricRow, SummaryRow};
use serde_json::{Value, json};

use crate::number::{NumberFormat, count};
use crate::text::layout::Layout;
use crate::text::table::{Align, TextTable};
use crate::wording::{MEAN, mark, verdict};

/// Two policies of a run on every metric.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// Name of the study.
    pub study: String,
    /// Identity of the run.
    pub run_id: String,
    /// Names of the scenarios, by id.
    pub scenarios: Vec<String>,
    /// Labels of the scenarios for people, by id.
    pub labels: Vec<String>,
    /// Number of paths that are followed month by month.
    pub followed_paths: u64,
    /// Metrics of the run.
    pub metrics: Vec<DimMetricRow>,
    /// Differences at the chosen horizon, by scenario, metric and statistic.
    pub rows: Vec<CompareRow>,
    /// Metrics that are relative to the other policy already, tracking error for one.
    pub relative: Vec<SummaryRow>,
    /// Id of the chosen metric; `None` for all metrics.
    pub only: Option<i32>,
    /// Policy that the question is about.
    pub policy: String,
    /// Policy that it is compared with.
    pub against: String,
    /// Policy of the two that sees the future, if one does.
    pub looks_ahead: Option<String>,
}

impl Pair {
    /// Writes the comparison as tables for a terminal, one for each scenario.
    #[must_use]
    pub fn text(&self, layout: &Layout) -> String {
        let paths = self.paths();
        let head = format!(
            "{}: `{}` less `{}`, on the same {} paths",
            self.study,
            self.policy,
            self.against,
            count(paths)
        );
        let mut text = layout.wrap(&head, 0, 0);
        let mut dropped: Vec<String> = Vec::new();
        for (scenario_id, scenario) in (0..).zip(&self.labels) {
            let rows: Vec<&CompareRow> =
                self.rows.iter().filter(|row| row.scenario_id == scenario_id).collect();
            let months = rows.first().map_or(0, |row| row.horizon_months);
            text.push_str(&format!("\n{}, after {} years\n", scenario, f64::from(months) / 12.0));
            let mut table = TextTable::new([
                ("metric", Align::Left),
                (self.policy.as_str(), Align::Right),
                (self.against.as_str(), Align::Right),
                ("difference ± s.e.", Align::Right),
                ("95 %", Align::Right),
                ("better on", Align::Right),
                ("verdict", Align::Left),
            ])
            .may_drop([5, 4]);
            let shown = |row: &&&CompareRow| {
                self.only.map_or(row.stat == MEAN, |metric| row.metric_id == metric)
            };
            rows.iter()
                .filter(shown)
                .filter_map(|row| self.cells(row))
                .for_each(|cells| table.row(cells));
            let fitted = table.fit(2, layout);
            text.push_str(&fitted.text);
            dropped = fitted.dropped;
            if self.only.is_none() {
                text.push_str(&self.relative_text(scenario_id));
            }
        }
        let notes = self.notes(&text, &dropped, layout);
        text + &notes
    }

    /// Writes the notes below the tables `shown`: columns without room, doubtful errors, followed
    /// paths, foresight.
    fn notes(&self, shown: &str, dropped: &[String], layout: &Layout) -> String {
        let mut text = String::new();
        if !dropped.is_empty() {
            text.push_str(&format!("\nno room for the columns: {}\n", dropped.join(", ")));
        }
        text.push('\n');
        text.push_str(&layout.wrap(
            &format!(
                "verdicts are on `{}`, where there is a margin; intervals are of each metric by \
                itself",
                self.policy
            ),
            0,
            0,
        ));
        if shown.contains(" ?") {
            text.push_str(&layout.wrap(
                "? the error is rough; ?? the error cannot be trusted, so nothing is \
                resolved",
                0,
                0,
            ));
        }
        if self.rows.iter().any(|row| self.is_followed(row.metric_id)) {
            let followed = self.followed_paths.min(self.paths());
            text.push_str(&format!(
                "* on the first {} paths, which are followed month by month\n",
                count(followed)
            ));
        }
        if let Some(seer) = &self.looks_ahead {
            text.push_str(&format!(
                "`{seer}` looks ahead: nobody can follow it, and it has no verdict\n"
            ));
        }
        text
    }

    /// Number of paths of the run.
    fn paths(&self) -> u64 {
        self.rows.iter().map(|row| row.n_paths.unsigned_abs()).max().unwrap_or(0)
    }

    /// The table of metrics that are relative to the other policy already.
    fn relative_text(&self, scenario: i32) -> String {
        let mut table = TextTable::new([
            ("relative to it", Align::Left),
            ("value ± s.e.", Align::Right),
            ("95 %", Align::Right),
            ("paths", Align::Right),
        ]);
        let rows: Vec<&SummaryRow> =
            self.relative.iter().filter(|row| row.scenario_id == scenario).collect();
        for row in &rows {
            let Some(metric) = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id)
            else {
                continue;
            };
            let format = NumberFormat::of(&metric.number_format).within(row.std_error);
            let (value, error) = (
                row.value.unwrap_or(f64::NAN),
                row.std_error.map(|error| format!(" ± {}", format.for_differences().bare(error))),
            );
            let ends = row
                .ci_low
                .zip(row.ci_high)
                .map(|(low, high)| format!("[{}, {}]", format.bare(low), format.bare(high)));
            table.row(vec![
                metric.display_name.clone(),
                format!(
                    "{}{}{}{}",
                    format.bare(value),
                    error.unwrap_or_default(),
                    format.suffix(),
                    mark(&row.precision)
                ),
                ends.unwrap_or_default(),
                count(row.n_paths.unsigned_abs()),
            ]);
        }
        if rows.is_empty() { String::new() } else { format!("\n{}", table.render(2)) }
    }

    fn is_followed(&self, metric_id: i32) -> bool {
        MetricId::of_number(metric_id)
            .is_some_and(|id| matches!(id.metric().source, Source::Followed(_)))
    }

    fn cells(&self, row: &CompareRow) -> Option<Vec<String>> {
        let metric = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id)?;
        let format = NumberFormat::of(&metric.number_format);
        let finer = format.for_differences().within(row.std_error);
        let bare = |value: Option<f64>| value.map(|value| format.bare(value)).unwrap_or_default();
        let diff = row.diff.zip(row.std_error).map(|(diff, error)| {
            format!("{} ± {}{}", finer.signed(diff), finer.bare(error), mark(&row.precision))
        });
        let ends = row
            .ci_low
            .zip(row.ci_high)
            .map(|(low, high)| format!("[{}, {}]", finer.signed(low), finer.signed(high)));
        let unit = if format.suffix().is_empty() { metric.unit.as_str() } else { "%" };
        Some(vec![
            if row.stat == MEAN {
                format!(
                    "{}, {unit}{}",
                    metric.display_name,
                    if self.is_followed(row.metric_id) { " *" } else { "" }
                )
            } else {
                format!("{}, {}", stat_words(&row.stat), metric.display_name)
            },
            bare(row.policy_value),
            bare(row.baseline_value),
            diff.unwrap_or_else(|| {
                format!("none: {}", row.reason.as_deref().unwrap_or("no value").replace('_', " "))
            }),
            ends.unwrap_or_default(),
            row.share_better.map(|share| format!("{:.1} %", 100.0 * share)).unwrap_or_default(),
            if metric.margin.or(metric.margin_of_baseline_frac).is_some() {
                verdict(row)
            } else {
                String::new()
            },
        ])
    }

    /// Returns the comparison as one JSON document.
    #[must_use]
    pub fn json(&self) -> Value {
        let row = |row: &CompareRow| {
            let metric = self.metrics.iter().find(|metric| metric.metric_id == row.metric_id);
            json!({
                "scenario": self.scenarios.get(row.scenario_id as usize),
                "horizon_months": row.horizon_months,
                "metric": metric.map(|metric| metric.metric.as_str()),
                "unit": metric.map(|metric| metric.unit.as_str()),
                "stat": row.stat,
                "policy_value": row.policy_value,
                "against_value": row.baseline_value,
                "diff": row.diff,
                "std_error": row.std_error,
                "ci_low": row.ci_low,
                "ci_high": row.ci_high,
                "p_value": row.p_value,
                "share_better": row.share_better,
                "correlation": row.correlation,
                "effect_currency": row.effect_currency,
                "effect_currency_low": row.effect_currency_low,
                "effect_currency_high": row.effect_currency_high,
                "n_paths": row.n_paths,
                "precision": row.precision,
                "verdict": row.verdict,
                "n_paths_needed": row.n_paths_needed,
                "reason": row.reason,
            })
        };
        let is_asked = |row: &&CompareRow| self.only.is_none_or(|metric| row.metric_id == metric);
        json!({
            "study": self.study,
            "run_id": self.run_id,
            "policy": self.policy,
            "against": self.against,
            "looks_ahead": self.looks_ahead,
            "rows": self.rows.iter().filter(is_asked).map(row).collect::<Vec<_>>(),
        })
    }
}

/// Puts a word of the column `stat` into plain words.
fn stat_words(stat: &str) -> String {
    match stat {
        "sd" => "st. dev.".to_owned(),
        "cvar_05" => "mean of the worst 5 %".to_owned(),
        "prob_below" => "probability below 0".to_owned(),
        quantile => {
            format!("{} % quantile", quantile.trim_start_matches('p').trim_start_matches('0'))
        }
    }
}
