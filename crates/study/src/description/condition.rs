//! Describes the condition of a trade: bands, levels of signals, waiting times, and how they are
//! joined.

use super::number::{joined, one_or_more, percent, points, rounded};
use crate::file::scale::{ScaleTable, StepForm};
use crate::file::shape::PerAsset;
use crate::file::trigger::{
    CombineWord, MeasureWord, OnWord, OutsideTable, SoftHardTable, TriggerValue, WaitedTable,
};

/// Describes signals by their names in the study.
pub(super) type Signals<'a> = &'a dyn Fn(&str) -> String;

/// Describes when a trade happens, in words that follow "if"; `None` if at every review or never.
pub(super) fn condition(trigger: &TriggerValue, signals: Signals<'_>) -> Option<String> {
    Some(match trigger {
        TriggerValue::Never | TriggerValue::Always => return None,
        TriggerValue::Outside(outside) => {
            band(outside) + &scaled("the band is", &outside.scale, limits(outside), signals)
        }
        TriggerValue::AnyOf(members) => all(members, " or ", signals),
        TriggerValue::AllOf(members) => all(members, " and ", signals),
        TriggerValue::SoftHardBand(pair) => soft_hard(pair, signals),
        TriggerValue::Level(level) => {
            let side = match (level.above, level.below) {
                (Some(above), _) => format!("above {}", rounded(above, 4)),
                (None, below) => format!("below {}", rounded(below.unwrap_or(0.0), 4)),
            };
            format!("{} is {side}", signals(&level.signal))
        }
        TriggerValue::Moved(moved) => format!(
            "{} has moved by more than {} since the last trade",
            signals(&moved.signal),
            rounded(moved.by, 4)
        ),
        TriggerValue::Waited(waited) => waiting(waited, signals),
        TriggerValue::WithTrend(trend) => {
            let beyond = match trend.beyond {
                0.0 => String::new(),
                beyond => format!(" stronger than {}", rounded(beyond, 4)),
            };
            format!("no trend{beyond} is against the trade ({})", signals(&trend.signal))
        }
    })
}

/// Joins conditions; members that are joined themselves stand in parentheses.
fn all(members: &[TriggerValue], word: &str, signals: Signals<'_>) -> String {
    let one = |member: &TriggerValue| {
        let text = condition(member, signals).unwrap_or_else(|| match member {
            TriggerValue::Never => "never".to_owned(),
            _ => "always".to_owned(),
        });
        match member {
            TriggerValue::AnyOf(_) | TriggerValue::AllOf(_) => format!("({text})"),
            _ => text,
        }
    };
    joined(members.iter().map(one), word)
}

fn band(outside: &OutsideTable) -> String {
    let what = match outside.on {
        OnWord::Assets => "a weight",
        OnWord::Groups => "the weight of a group",
    };
    let absolute = outside.absolute.as_ref();
    match outside.measure {
        MeasureWord::Max => {}
        MeasureWord::L1 => {
            return format!("the weights are {} off in sum", widths(absolute, points));
        }
        MeasureWord::L2 => {
            return format!("the weights are {} off by root of squares", widths(absolute, points));
        }
        MeasureWord::TrackingError => {
            return format!("the tracking error is above {} a year", widths(absolute, percent));
        }
    }
    if let Some(law) = &outside.cost_aware {
        return format!(
            "{what} leaves the band that costs and a risk aversion of {} call for",
            rounded(law.risk_aversion, 3)
        );
    }
    match (absolute, &outside.relative) {
        (Some(_), Some(relative)) => {
            let which = match outside.combine.unwrap_or_default() {
                CombineWord::Tighter => "whichever is less",
                CombineWord::Wider => "whichever is more",
            };
            format!(
                "{what} is off by {} or by {} of its target, {which}",
                widths(absolute, points),
                widths(Some(relative), percent)
            )
        }
        (None, Some(relative)) => {
            format!("{what} is off by {} of its target", widths(Some(relative), percent))
        }
        (_, None) => format!("{what} is {} off", widths(absolute, points)),
    }
}

/// A width for all assets, or one for each.
fn widths(width: Option<&PerAsset>, unit: fn(f64) -> String) -> String {
    let finite =
        |width: f64| if width.is_finite() { unit(width) } else { "infinitely far".to_owned() };
    match width {
        None => String::new(),
        Some(PerAsset::Each(width)) => finite(*width),
        Some(PerAsset::Map(map)) => {
            joined(map.iter().map(|(asset, width)| format!("{} ({asset})", finite(*width))), ", ")
        }
    }
}

/// The limits of a scaled width, in points.
fn limits(outside: &OutsideTable) -> String {
    let max = outside.max_width.filter(|max| max.is_finite());
    match (outside.min_width.filter(|min| *min > 0.0), max) {
        (None, None) => String::new(),
        (Some(min), None) => format!(", at least {}", points(min)),
        (None, Some(max)) => format!(", at most {}", points(max)),
        (Some(min), Some(max)) => {
            format!(", from {} to {}", points(min).replace(" points", ""), points(max))
        }
    }
}

/// The factors of `what`, such as `the band is`, and its limits, in parentheses; empty without
/// factors.
pub(super) fn scaled(
    what: &str,
    scale: &[ScaleTable],
    limits: String,
    signals: Signals<'_>,
) -> String {
    if scale.is_empty() {
        return String::new();
    }
    let factors = joined(scale.iter().map(|factor| self::factor(factor, signals)), " and by ");
    format!(" ({what} multiplied by {factors}{limits})")
}

/// A factor that depends on a signal: `(volatility / 0.16)^-1`.
pub(super) fn factor(factor: &ScaleTable, signals: Signals<'_>) -> String {
    let signal = signals(&factor.signal);
    match (&factor.power, &factor.exponential, &factor.step) {
        (Some(form), _, _) => {
            let quotient = match (form.elasticity, rounded(form.reference, 4)) {
                (power, reference) if power < 0.0 => format!("{reference} / {signal}"),
                (_, reference) => format!("{signal} / {reference}"),
            };
            match form.elasticity.abs() {
                0.0 => "1, whatever the signal".to_owned(),
                1.0 => quotient,
                power => format!("({quotient})^{}", rounded(power, 3)),
            }
        }
        (None, Some(form), _) => {
            format!("exp({} x ({signal} - {}))", rounded(form.slope, 4), rounded(form.reference, 4))
        }
        (None, None, Some(form)) => steps(form, &signal, |factor| rounded(factor, 4)),
        (None, None, None) => String::new(),
    }
}

/// Writes the values between thresholds: `1.2 while the probability of storm is below 0.5, else 0.3`;
/// `shown` writes what a factor leads to.
pub(super) fn steps(form: &StepForm, signal: &str, shown: impl Fn(f64) -> String) -> String {
    let mut parts: Vec<String> = form
        .at
        .iter()
        .zip(&form.factors)
        .enumerate()
        .map(|(place, (at, factor))| {
            let of = if place == 0 { format!(" while {signal} is") } else { String::new() };
            format!("{}{of} below {}", shown(*factor), rounded(*at, 4))
        })
        .collect();
    parts.extend(form.factors.last().map(|factor| format!("else {}", shown(*factor))));
    parts.join(", ")
}

fn soft_hard(pair: &SoftHardTable, signals: Signals<'_>) -> String {
    format!(
        "a weight is {} off, until all are within {}{}",
        widths(Some(&pair.hard), points),
        widths(Some(&pair.soft), points),
        scaled("both widths are", &pair.scale, String::new(), signals)
    )
}

fn waiting(waited: &WaitedTable, signals: Signals<'_>) -> String {
    let max = waited.max_months.filter(|max| max.is_finite());
    let limits = match (waited.min_months.filter(|min| *min > 0.0), max) {
        (None, None) => String::new(),
        (Some(min), None) => format!(", at least {}", rounded(min, 4)),
        (None, Some(max)) => format!(", at most {}", rounded(max, 4)),
        (Some(min), Some(max)) => format!(", from {} to {}", rounded(min, 4), rounded(max, 4)),
    };
    let months = one_or_more(rounded(waited.months, 4), "month");
    format!(
        "{months} have passed since the last trade{}",
        scaled("the wait is", &waited.scale, limits, signals)
    )
}
