//! Says why a rule trades: the conditions that hold, what they read, and the limit held against it.

use crate::policy::condition::{Condition, Position, Sight};
use crate::policy::distance::Measure;
use crate::policy::{Corridor, ScaleFactor, Trigger};
use crate::trace::{Reason, ReasonKind, Subject};

/// The reasons of a trigger that fires; `holding` has a bit for each condition that holds.
pub(crate) fn why(
    trigger: &Trigger,
    holding: u32,
    position: &Position<'_>,
    sight: &impl Sight,
    memory: &[f64],
) -> Vec<Reason> {
    match trigger {
        Trigger::Never | Trigger::Always => vec![calendar()],
        Trigger::Outside(corridor) => vec![band(ReasonKind::Band, corridor, 0, position, sight)],
        Trigger::Joined(joined) => {
            let held =
                joined.conditions.iter().enumerate().filter(|(place, _)| holding >> place & 1 != 0);
            held.map(|(place, condition)| reason(condition, place, position, sight, memory[place]))
                .collect()
        }
    }
}

fn reason(
    condition: &Condition,
    place: usize,
    position: &Position<'_>,
    sight: &impl Sight,
    memory: f64,
) -> Reason {
    let (value, limit) = condition.reading(place, position, sight, memory);
    let (kind, subject) = match condition {
        Condition::Always => return calendar(),
        Condition::Outside(corridor) => {
            return band(ReasonKind::Band, corridor, place, position, sight);
        }
        Condition::Hysteresis { enter, .. } => {
            return band(ReasonKind::SoftHardBand, enter, place, position, sight);
        }
        Condition::Beyond(distance) => (measure(&distance.measure), Subject::Portfolio),
        Condition::Above { signal, .. } => (ReasonKind::SignalAbove, Subject::Signal(*signal)),
        Condition::Below { signal, .. } => (ReasonKind::SignalBelow, Subject::Signal(*signal)),
        Condition::Moved { signal, .. } => (ReasonKind::SignalMoved, Subject::Signal(*signal)),
        Condition::Waited(_) => (ReasonKind::Waited, Subject::Portfolio),
        Condition::WithTrend { signal, .. } => (ReasonKind::WithTrend, Subject::Signal(*signal)),
    };
    Reason { kind, subject, value, limit, scaled_by: scaled_by(condition.scale(), sight) }
}

const fn measure(measure: &Measure) -> ReasonKind {
    match measure {
        Measure::Group(_) => ReasonKind::GroupBand,
        Measure::L1 => ReasonKind::L1,
        Measure::L2 => ReasonKind::L2,
        Measure::TrackingError(_) => ReasonKind::TrackingError,
    }
}

fn calendar() -> Reason {
    Reason {
        kind: ReasonKind::Calendar,
        subject: Subject::Portfolio,
        value: 0.0,
        limit: 0.0,
        scaled_by: Vec::new(),
    }
}

/// The asset furthest outside its band, in band widths.
fn band(
    kind: ReasonKind,
    corridor: &Corridor,
    place: usize,
    position: &Position<'_>,
    sight: &impl Sight,
) -> Reason {
    let off = |i: usize| (position.weights[i] - position.target[i]).abs();
    let factor = sight.factor(place);
    let excess = |i: usize| off(i) / corridor.width(i, factor);
    let asset =
        (0..position.weights.len()).max_by(|&a, &b| excess(a).total_cmp(&excess(b))).unwrap_or(0);
    Reason {
        kind,
        subject: Subject::Asset(asset),
        value: off(asset),
        limit: corridor.width(asset, factor),
        scaled_by: scaled_by(&corridor.scale, sight),
    }
}

/// The signals of a scale and what they said.
fn scaled_by(scale: &[ScaleFactor], sight: &impl Sight) -> Vec<(usize, f64)> {
    scale.iter().map(|factor| (factor.signal, sight.signal(factor.signal))).collect()
}
