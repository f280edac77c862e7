//! Explains a trade by the conditions that hold, the numbers they look at, and their limits.

use crate::policy::condition::{Condition, ConditionSet, Reading};
use crate::policy::distance::Measure;
use crate::policy::view::{PortfolioView, SignalView};
use crate::policy::{Corridor, ScaleFactor, Trigger};
use crate::trace::{Reason, ReasonKind, Subject};

/// Lists the reasons of a trigger that fires while the conditions `holding` hold.
pub(crate) fn reasons(
    trigger: &Trigger,
    holding: ConditionSet,
    portfolio: &PortfolioView<'_>,
    signals: &impl SignalView,
    memory: &[f64],
) -> Vec<Reason> {
    match trigger {
        Trigger::Never | Trigger::Always => vec![calendar()],
        Trigger::Outside(corridor) => vec![band(ReasonKind::Band, corridor, 0, portfolio, signals)],
        Trigger::Joined(joined) => {
            let conditions = joined.conditions.iter().enumerate();
            conditions
                .filter(|(index, _)| holding.contains(*index))
                .map(|(index, one)| reason(one, index, portfolio, signals, memory[index]))
                .collect()
        }
    }
}

fn reason(
    condition: &Condition,
    index: usize,
    portfolio: &PortfolioView<'_>,
    signals: &impl SignalView,
    memory: f64,
) -> Reason {
    let Reading { value, limit } = condition.reading(index, portfolio, signals, memory);
    let (kind, subject) = match condition {
        Condition::Always => return calendar(),
        Condition::Outside(corridor) => {
            return band(ReasonKind::Band, corridor, index, portfolio, signals);
        }
        Condition::Hysteresis { enter, .. } => {
            return band(ReasonKind::SoftHardBand, enter, index, portfolio, signals);
        }
        Condition::Beyond(distance) => (measure(&distance.measure), Subject::Portfolio),
        Condition::Above { signal, .. } => (ReasonKind::SignalAbove, Subject::Signal(*signal)),
        Condition::Below { signal, .. } => (ReasonKind::SignalBelow, Subject::Signal(*signal)),
        Condition::Moved { signal, .. } => (ReasonKind::SignalMoved, Subject::Signal(*signal)),
        Condition::Waited(_) => (ReasonKind::Waited, Subject::Portfolio),
        Condition::WithTrend { signal, .. } => (ReasonKind::WithTrend, Subject::Signal(*signal)),
    };
    Reason { kind, subject, value, limit, scaled_by: scaled_by(condition.scale(), signals) }
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

/// Names the asset that is furthest outside its band, in half-widths.
fn band(
    kind: ReasonKind,
    corridor: &Corridor,
    index: usize,
    portfolio: &PortfolioView<'_>,
    signals: &impl SignalView,
) -> Reason {
    let factor = signals.factor(index);
    let asset = portfolio.furthest(|i| corridor.width(i, factor)).unwrap_or(0);
    Reason {
        kind,
        subject: Subject::Asset(asset),
        value: portfolio.deviation(asset),
        limit: corridor.width(asset, factor),
        scaled_by: scaled_by(&corridor.scale, signals),
    }
}

/// Lists the signals of a scale, each with its value.
fn scaled_by(scale: &[ScaleFactor], signals: &impl SignalView) -> Vec<(usize, f64)> {
    scale.iter().map(|factor| (factor.signal, signals.signal(factor.signal))).collect()
}
