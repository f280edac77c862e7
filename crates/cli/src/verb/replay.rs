//! Follows one path under one policy step by step, with the cause of each trade.

mod trades;

use clap::Args;
use corridor_core::outcome::{PathColumn, ScenarioId};
use corridor_report::Thing;
use corridor_report::number::NumberFormat;
use corridor_report::text::table::{Align, TextTable};
use corridor_report::wording::scenario_name;
use corridor_simulation::trace::{Cause, Reason, ReasonKind, StepTrace};
use corridor_study::plan::{RunPlan, Scenario};
use corridor_tables::metric::MetricId;
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
    /// Name of the scenario, or its number from 0 in the order that `check` lists
    #[arg(long, value_name = "NAME|ID", default_value = "0")]
    scenario: String,
    /// Print the steps that trade alone, each with a sentence that says why
    #[arg(long, conflicts_with = "json", help_heading = "Output")]
    trades: bool,
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
    let scenario = scenario_id(session.plan(), &input.scenario)?;
    let replay = session.replay(input.path, input.policy.as_deref(), scenario)?;
    let shown = ReplayView { replay: &replay };
    if input.json {
        return console.json(&shown.json());
    }
    let steps = if input.trades { shown.trades(&console.layout()) } else { shown.text() };
    console.result(&(steps + &shown.outcomes()))
}

/// Finds a scenario by its name or label, else by its number.
fn scenario_id(plan: &RunPlan, name: &str) -> Result<ScenarioId, Failure> {
    let names = || plan.scenarios.iter().map(|scenario| scenario.row.scenario.as_str());
    let is_called =
        |scenario: &Scenario| scenario.row.scenario == name || scenario_name(&scenario.row) == name;
    let by_name = plan.scenarios.iter().position(is_called).and_then(|place| place.try_into().ok());
    match by_name.or_else(|| name.parse().ok()) {
        Some(id) => Ok(ScenarioId(id)),
        None => Err(Failure::unknown(Thing::Scenario, name, names())),
    }
}

/// Writes a replay as a table or as JSON.
struct ReplayView<'a> {
    replay: &'a Replay<'a>,
}

impl ReplayView<'_> {
    fn text(&self) -> String {
        let trades = self.replay.traces.iter().filter(|trace| trace.cause.is_some()).count();
        let text = format!(
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
        text + &table.render(0)
    }

    /// Writes the metrics of the path at each report horizon, in the formats of the catalogue.
    fn outcomes(&self) -> String {
        let ends: Vec<String> = self
            .replay
            .outcomes
            .iter()
            .map(|(months, _)| format!("after {} years", f64::from(*months) / 12.0))
            .collect();
        let heads = ends.iter().map(|end| (end.as_str(), Align::Right));
        let mut table = TextTable::new(std::iter::once(("of the path", Align::Left)).chain(heads));
        for (place, column) in PathColumn::ALL.into_iter().enumerate() {
            let Some(metric) = MetricId::of_column(column).map(MetricId::metric) else { continue };
            let format = NumberFormat::of(metric.number_format);
            let value = |(_, values): &(u32, Vec<f64>)| match values.get(place) {
                Some(value) if !value.is_nan() => format.bare(*value),
                Some(_) | None => "none".to_owned(),
            };
            let unit = if format.suffix().is_empty() { metric.unit } else { "%" };
            let mut cells = vec![format!("{}, {unit}", metric.display_name)];
            cells.extend(self.replay.outcomes.iter().map(value));
            table.row(cells);
        }
        format!("\n{}", table.render(0))
    }

    /// Returns the name of the true regime of a step; `None` at the start.
    fn regime(&self, trace: &StepTrace) -> Option<&String> {
        self.replay.group.market.regimes().get(trace.regime? as usize)
    }

    fn cells(&self, trace: &StepTrace) -> Vec<String> {
        let money = |value: f64| {
            if value == 0.0 { String::new() } else { NumberFormat::of("#,##0.00").bare(value) }
        };
        let regime = self.regime(trace).cloned();
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
                format!(
                    "{name} {} points off its target, outside ±{}",
                    percent(value),
                    percent(limit)
                )
            }
            ReasonKind::SoftHardBand => {
                let (off, width) = (percent(value), percent(limit));
                format!("{name} {off} points off its target, hard band ±{width}")
            }
            ReasonKind::GroupBand => {
                format!(
                    "a group {} points off its target, outside ±{}",
                    percent(value),
                    percent(limit)
                )
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
                "regime": self.regime(trace),
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
