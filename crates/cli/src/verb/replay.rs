//! Follows one path under one policy step by step, with the cause of each trade.

use clap::Args;
use corridor_core::outcome::{PathColumn, ScenarioId};
use corridor_report::number::NumberFormat;
use corridor_report::text::table::{Align, TextTable};
use corridor_simulation::trace::{Cause, Reason, ReasonKind, StepTrace};
use corridor_workbench::Replay;
use corridor_workbench::trajectory::{cause_words, subject};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::Failure;
use crate::machine::settings;
use crate::place::PlaceInput;
use crate::study_input::StudyInput;

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayInput {
    #[command(flatten)]
    study: StudyInput,
    /// Number of the path, from 0
    #[arg(long, value_name = "ID")]
    path: u64,
    /// Name of the policy [default: the baseline]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Number of the scenario, from 0 in the order that `check` lists
    #[arg(long, value_name = "ID", default_value_t = 0)]
    scenario: u32,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// Follows a path under a policy and prints every step.
///
/// # Errors
/// [`Failure::Work`] if the study lacks the policy or scenario.
pub fn replay(input: &ReplayInput, console: &Console) -> Result<(), Failure> {
    let session = input.study.load(settings(&PlaceInput::default()), console)?;
    let replay = session.replay(input.path, input.policy.as_deref(), ScenarioId(input.scenario))?;
    let shown = ReplayView { replay: &replay };
    if input.json { console.json(&shown.json()) } else { console.result(&shown.text()) }
}

/// Writes a replay as a table or as JSON.
struct ReplayView<'a> {
    replay: &'a Replay<'a>,
}

impl ReplayView<'_> {
    fn text(&self) -> String {
        let trades = self.replay.traces.iter().filter(|trace| trace.cause.is_some()).count();
        let mut text = format!(
            "path {} of `{}` in scenario `{}`: {trades} trades; weights before trading in %, \
            behind them {}the half-width of the {}band\n\n",
            self.replay.path,
            self.replay.policy,
            self.replay.scenario.row.scenario,
            if self.replay.moves { "the target (->) and " } else { "" },
            if self.replay.joined { "narrowest " } else { "" }
        );
        let mut heads = vec![
            ("step", Align::Right),
            ("regime", Align::Left),
            ("wealth", Align::Right),
            ("unit", Align::Right),
        ];
        heads.extend(self.replay.group.assets.iter().map(|asset| (asset.as_str(), Align::Right)));
        heads.extend(self.signal_names().map(|(_, signal)| (signal.as_str(), Align::Right)));
        heads.extend([
            ("flow", Align::Right),
            ("cost", Align::Right),
            ("traded", Align::Right),
            ("cause", Align::Left),
        ]);
        let mut table = TextTable::new(heads);
        self.replay.traces.iter().for_each(|trace| table.row(self.cells(trace)));
        text.push_str(&table.render(0));
        for (months, values) in &self.replay.outcomes {
            text.push_str(&format!("\nafter {months} months\n"));
            for (column, value) in PathColumn::ALL.into_iter().zip(values) {
                let value = if value.is_nan() { "none".to_owned() } else { format!("{value}") };
                text.push_str(&format!("  {:<26} {value}\n", column.name()));
            }
        }
        text
    }

    fn cells(&self, trace: &StepTrace) -> Vec<String> {
        let money = |value: f64| {
            if value == 0.0 { String::new() } else { NumberFormat::of("#,##0.00").bare(value) }
        };
        let regime = trace
            .regime
            .and_then(|regime| self.replay.group.market.regimes().get(regime as usize))
            .cloned();
        let mut cells = vec![
            trace.t.to_string(),
            regime.unwrap_or_default(),
            NumberFormat::of("#,##0.00").bare(trace.wealth),
            format!("{:.4}", trace.unit),
        ];
        for asset in 0..self.replay.group.assets.len() {
            let width = trace
                .widths
                .get(asset)
                .filter(|width| width.is_finite())
                .map(|width| format!(" ±{}", percent(*width)));
            let weight =
                trace.weights_before.get(asset).map(|weight| percent(*weight)).unwrap_or_default();
            let target = trace
                .target
                .get(asset)
                .filter(|_| self.replay.moves)
                .map(|target| format!(" -> {}", percent(*target)));
            cells.push(weight + &target.unwrap_or_default() + &width.unwrap_or_default());
        }
        let signal = |(place, _): (usize, &String)| {
            trace.signals.get(place).map(|value| format!("{value:.4}")).unwrap_or_default()
        };
        cells.extend(self.signal_names().map(signal));
        cells.extend([money(trace.flow), money(trace.cost), money(trace.traded)]);
        cells
            .push(trace.cause.as_ref().map(|cause| self.cause(cause, trace.t)).unwrap_or_default());
        cells
    }

    /// Returns the signals that the policy reads, each with its index among the market's signals.
    fn signal_names(&self) -> impl Iterator<Item = (usize, &String)> {
        self.replay
            .group
            .signal_names
            .iter()
            .enumerate()
            .filter(|(place, _)| self.replay.signals.contains(place))
    }

    /// Words the reasons of a trade and the step of the decision.
    fn cause(&self, cause: &Cause, t: u32) -> String {
        let reasons: Vec<String> = cause.reasons.iter().map(|reason| self.reason(reason)).collect();
        let decided = if cause.decided_at == t {
            String::new()
        } else {
            format!(", decided at step {}", cause.decided_at)
        };
        reasons.join("; ") + &decided
    }

    fn reason(&self, reason: &Reason) -> String {
        let Reason { kind, value, limit, .. } = reason.clone();
        let name = subject(self.replay.group, reason.subject).unwrap_or("");
        let named = |(signal, value): &(usize, f64)| {
            Some(format!("{} at {value:.4}", self.replay.group.signal_names.get(*signal)?))
        };
        let scaled: Vec<String> = reason.scaled_by.iter().filter_map(named).collect();
        let text = match kind {
            ReasonKind::Calendar => "the calendar".to_owned(),
            ReasonKind::Band => {
                format!("{name} {} % off its target, outside ±{}", percent(value), percent(limit))
            }
            ReasonKind::SoftHardBand => {
                let (off, width) = (percent(value), percent(limit));
                format!("{name} {off} % off its target, hard band ±{width}")
            }
            ReasonKind::GroupBand => {
                format!("a group {} % off its target, outside ±{}", percent(value), percent(limit))
            }
            ReasonKind::L1 => {
                format!("deviations sum to {} %, above {}", percent(value), percent(limit))
            }
            ReasonKind::L2 => {
                format!("deviations measure {} %, above {}", percent(value), percent(limit))
            }
            ReasonKind::TrackingError => {
                format!("tracking error {} %, above {}", percent(value), percent(limit))
            }
            ReasonKind::SignalAbove => format!("{name} at {value:.4}, above {limit}"),
            ReasonKind::SignalBelow => format!("{name} at {value:.4}, below {limit}"),
            ReasonKind::SignalMoved => format!("{name} moved by {value:.4}, more than {limit}"),
            ReasonKind::Waited => format!("{value} steps since the last trade, of {limit:.1}"),
            ReasonKind::WithTrend => format!("not against the trend, {name} at {value:.4}"),
        };
        if scaled.is_empty() { text } else { format!("{text} ({})", scaled.join(", ")) }
    }

    fn json(&self) -> Value {
        let named = |values: &[f64]| -> Value {
            self.replay
                .group
                .assets
                .iter()
                .zip(values)
                .map(|(asset, value)| (asset.clone(), json!(finite(*value))))
                .collect()
        };
        let step = |trace: &StepTrace| {
            json!({
                "step": trace.t,
                "time_months": self.replay.group.simulation.grid.months(trace.t),
                "regime": trace.regime.and_then(
                    |regime| self.replay.group.market.regimes().get(regime as usize)
                ),
                "wealth": trace.wealth,
                "unit": trace.unit,
                "target": named(&trace.target),
                "weights_before": named(&trace.weights_before),
                "weights": named(&trace.weights),
                "band_half_widths": named(&trace.widths),
                "signals": self.signal_names().filter_map(
                    |(place, name)| Some((name.clone(), json!(trace.signals.get(place)?)))
                ).collect::<Value>(),
                "flow": trace.flow,
                "cost": trace.cost,
                "traded": trace.traded,
                "cause": trace.cause.as_ref().map(cause_words),
                "cause_text": trace.cause.as_ref().map(|cause| self.cause(cause, trace.t)),
                "decided_at": trace.cause.as_ref().map(|cause| cause.decided_at),
            })
        };
        let outcome = |(months, values): &(u32, Vec<f64>)| {
            let columns = PathColumn::ALL.into_iter().zip(values);
            let columns: Value = columns
                .map(|(column, value)| (column.name().to_owned(), json!(finite(*value))))
                .collect();
            json!({ "horizon_months": months, "columns": columns })
        };
        json!({
            "path": self.replay.path,
            "policy": self.replay.policy,
            "scenario": self.replay.scenario.row.scenario,
            "steps": self.replay.traces.iter().map(step).collect::<Vec<_>>(),
            "outcomes": self.replay.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        })
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.2}", fraction * 100.0)
}

/// Returns `None` for infinities and NaN, which JSON lacks.
fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
