//! Follows one path under one policy step by step, with the cause of each trade.

use clap::Args;
use corridor_core::outcome::PathColumn;
use corridor_report::number::NumberFormat;
use corridor_simulation::plan::Instance;
use corridor_simulation::policy::Trigger;
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::trace::{Cause, Reason, ReasonKind, StepTrace};
use corridor_study::plan::{MarketGroup, RunPlan, Scenario};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::Failure;
use crate::source::{regimes, small_blocks};
use crate::study_input::{StudyInput, policy_id};
use crate::text_table::{Align, TextTable};
use crate::trajectory::{cause_words, subject};

/// Which path, policy and scenario.
#[derive(Debug, Args)]
pub struct ReplayInput {
    #[command(flatten)]
    study: StudyInput,
    /// The path, from 0
    #[arg(long, value_name = "ID")]
    path: u64,
    /// The policy [default: the baseline]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// The scenario, from 0 in the order of `check`
    #[arg(long, value_name = "ID", default_value_t = 0)]
    scenario: u32,
    /// Print one JSON document
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// One path under one policy in one scenario.
struct Replay<'a> {
    scenario: &'a Scenario,
    group: &'a MarketGroup,
    policy: &'a str,
    /// Signals the policy reads, by their places.
    signals: Vec<usize>,
    /// Whether its target moves.
    moves: bool,
    /// Whether its trigger may join several bands.
    joined: bool,
    path: u64,
    traces: Vec<StepTrace>,
    /// Months of each report horizon, and the outcomes there.
    outcomes: Vec<(u32, Vec<f64>)>,
}

/// Follows a path.
///
/// # Errors
/// [`Failure::Unknown`] where there is no such policy or scenario.
pub fn replay(input: &ReplayInput, console: &Console) -> Result<(), Failure> {
    let plan = input.study.load(console)?;
    let replay = Replay::of(&plan, input)?;
    if input.json { console.json(&replay.json()) } else { console.result(&replay.text()) }
}

impl<'a> Replay<'a> {
    fn of(plan: &'a RunPlan, input: &ReplayInput) -> Result<Self, Failure> {
        let scenario =
            plan.scenarios.get(input.scenario as usize).ok_or_else(|| Failure::Unknown {
                what: "scenario",
                name: input.scenario.to_string(),
                known: format!("0 to {}", plan.scenarios.len() - 1),
            })?;
        let policy_id = input
            .policy
            .as_ref()
            .map_or(Ok(plan.comparison.baseline), |name| policy_id(plan, name))?;
        let group = &plan.groups[scenario.group];
        let simulation = &group.simulation;
        let wanted = |instance: &&Instance| {
            (instance.scenario_id, instance.policy_id) == (input.scenario, policy_id)
        };
        let market =
            MarketPath::of_source(small_blocks(&group.market), input.path, simulation.grid.steps);
        let mut traces = Vec::with_capacity(simulation.grid.steps as usize + 1);
        let instance = simulation.instances.iter().find(wanted);
        let found = instance
            .map(|instance| {
                simulate(simulation, instance, &market, |trace| traces.push(trace.clone()))
            })
            .unwrap_or_default();
        let months = simulation.horizons.iter().map(|&t| (simulation.grid.months(t) + 0.5) as u32);
        let outcomes = months.zip(found.iter().map(|values| values.to_vec())).collect();
        let policy = plan.policies[policy_id as usize].policy.as_str();
        let rule = instance.map(|instance| &instance.policy);
        let mut signals: Vec<usize> =
            rule.map(corridor_simulation::policy::Policy::signals).unwrap_or_default();
        signals.sort_unstable();
        signals.dedup();
        let moves = rule.is_some_and(|rule| rule.moving.is_some());
        let joined = rule.is_some_and(|rule| matches!(rule.trigger, Trigger::Joined(_)));
        Ok(Self {
            scenario,
            group,
            policy,
            signals,
            moves,
            joined,
            path: input.path,
            traces,
            outcomes,
        })
    }

    fn text(&self) -> String {
        let trades = self.traces.iter().filter(|trace| trace.cause.is_some()).count();
        let mut text = format!(
            "path {} of `{}` in scenario `{}`: {trades} trades; weights before trading in %, \
            behind them {}the half-width of the {}band\n\n",
            self.path,
            self.policy,
            self.scenario.row.scenario,
            if self.moves { "the target (->) and " } else { "" },
            if self.joined { "narrowest " } else { "" }
        );
        let mut heads = vec![
            ("step", Align::Right),
            ("regime", Align::Left),
            ("wealth", Align::Right),
            ("unit", Align::Right),
        ];
        heads.extend(self.group.assets.iter().map(|asset| (asset.as_str(), Align::Right)));
        heads.extend(self.signal_names().map(|(_, signal)| (signal.as_str(), Align::Right)));
        heads.extend([
            ("flow", Align::Right),
            ("cost", Align::Right),
            ("traded", Align::Right),
            ("cause", Align::Left),
        ]);
        let mut table = TextTable::new(heads);
        self.traces.iter().for_each(|trace| table.row(self.cells(trace)));
        text.push_str(&table.render(0));
        for (months, values) in &self.outcomes {
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
            .and_then(|regime| regimes(&self.group.market).get(regime as usize))
            .cloned();
        let mut cells = vec![
            trace.t.to_string(),
            regime.unwrap_or_default(),
            NumberFormat::of("#,##0.00").bare(trace.wealth),
            format!("{:.4}", trace.unit),
        ];
        for asset in 0..self.group.assets.len() {
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
                .filter(|_| self.moves)
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

    /// The signals the policy reads, with their places among the market's.
    fn signal_names(&self) -> impl Iterator<Item = (usize, &String)> {
        self.group.signal_names.iter().enumerate().filter(|(place, _)| self.signals.contains(place))
    }

    /// Why it traded, in words.
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
        let name = subject(self.group, reason.subject).unwrap_or("");
        let named = |(signal, value): &(usize, f64)| {
            Some(format!("{} at {value:.4}", self.group.signal_names.get(*signal)?))
        };
        let scaled: Vec<String> = reason.scaled_by.iter().filter_map(named).collect();
        let text = match kind {
            ReasonKind::Calendar => "the calendar".to_owned(),
            ReasonKind::Band => {
                format!("{name} {} % off its target, outside ±{}", percent(value), percent(limit))
            }
            ReasonKind::SoftHardBand => {
                format!("{name} {} % off its target, hard band ±{}", percent(value), percent(limit))
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
            self.group
                .assets
                .iter()
                .zip(values)
                .map(|(asset, value)| (asset.clone(), json!(finite(*value))))
                .collect()
        };
        let step = |trace: &StepTrace| {
            json!({
                "step": trace.t,
                "time_months": self.group.simulation.grid.months(trace.t),
                "regime": trace.regime.and_then(
                    |regime| regimes(&self.group.market).get(regime as usize)
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
            "path": self.path,
            "policy": self.policy,
            "scenario": self.scenario.row.scenario,
            "steps": self.traces.iter().map(step).collect::<Vec<_>>(),
            "outcomes": self.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        })
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.2}", fraction * 100.0)
}

/// JSON has no infinities.
fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}
