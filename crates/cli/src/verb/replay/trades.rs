//! Lists the trades of a replay, each in one sentence.

use corridor_core::time::Step;
use corridor_report::number::{NumberFormat, things};
use corridor_report::text::layout::Layout;
use corridor_simulation::trace::{Cause, StepTrace};

use super::ReplayView;

/// Largest distance of a weight from its target that counts as none.
const ON_TARGET: f64 = 5e-4;

impl ReplayView<'_> {
    /// Writes a sentence for each step that trades.
    pub(super) fn trades(&self, layout: &Layout) -> String {
        let sentences: Vec<String> = self
            .replay
            .traces
            .iter()
            .filter_map(|trace| Some(self.sentence(trace, trace.cause.as_ref()?)))
            .collect();
        let mut text = layout.wrap(
            &format!(
                "path {} of `{}` in scenario `{}`: {}",
                self.replay.path,
                self.replay.policy,
                self.replay.scenario.row.scenario,
                things(sentences.len() as u64, "trade")
            ),
            0,
            0,
        );
        text.push('\n');
        for sentence in sentences {
            text.push_str(&layout.wrap(&sentence, 0, 2));
        }
        text
    }

    /// Words one trade: when, why, to which weights, and what it cost.
    fn sentence(&self, trace: &StepTrace, cause: &Cause) -> String {
        let step = match self.replay.group.simulation.grid.step {
            Step::Day => "day",
            Step::Week => "week",
            Step::Month => "month",
        };
        let regime = self.regime(trace).map(|regime| format!(" ({regime})")).unwrap_or_default();
        let money =
            |value: f64| NumberFormat::of(if value < 100.0 { "0.00" } else { "#,##0" }).bare(value);
        format!(
            "{step} {}{regime}: {}: {}; {} traded, cost of the {step}{} {}",
            trace.t,
            self.cause(cause, trace.t),
            self.destination(trace),
            money(trace.traded),
            if trace.flow == 0.0 { "" } else { " with its payments" },
            money(trace.cost)
        )
    }

    /// Words the weights that a trade led to.
    fn destination(&self, trace: &StepTrace) -> String {
        let is_on_target = !trace.weights.is_empty()
            && trace
                .weights
                .iter()
                .zip(&trace.target)
                .all(|(weight, target)| (weight - target).abs() <= ON_TARGET);
        let weights: Vec<String> = self
            .replay
            .group
            .assets
            .iter()
            .zip(trace.weights_before.iter().zip(&trace.weights))
            .map(|(asset, (before, after))| {
                format!("{asset} {:.1} to {:.1} %", 100.0 * before, 100.0 * after)
            })
            .collect();
        let to = if is_on_target { "back to target, " } else { "" };
        to.to_owned() + &weights.join(", ")
    }
}
