//! Checks the band of a rule and turns it into half-widths per asset.

use corridor_core::numerics::pow;
use corridor_simulation::policy::{Corridor, ScaleFactor, ScaleForm};

use super::policy::Setting;
use super::scope::{Limits, Scope};
use crate::diagnostic::{Id, did_you_mean, number as shown, quoted};
use crate::file::policy::TradeValue;
use crate::file::scale::{ExponentialForm, PowerForm, ScaleTable, StepForm};
use crate::file::trigger::{CombineWord, CostAwareTable, OutsideTable};
use crate::tree::Path;

/// How many times a reference may be off the signal's long-run mean before `check` warns.
const REFERENCE_OFF: f64 = 3.0;

/// Checks `outside = { .. }` and compiles it.
pub(crate) fn check(
    table: &OutsideTable,
    trade: Option<&TradeValue>,
    target: &[f64],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Corridor> {
    let before = scope.reporter.errors();
    let half_width = match &table.cost_aware {
        Some(aware) => cost_aware(aware, table, trade, target, setting, path, scope),
        None => half_widths(table, target, setting, path, scope),
    };
    if table.covariance_half_life_months.is_some() {
        let message =
            format!("`{path}` has `covariance_half_life_months`, which a tracking error has");
        scope.error(
            &path.key("covariance_half_life_months"),
            Id::Measure,
            message,
            "add `measure = \"tracking_error\"`, or leave it out",
        );
    }
    let (min_width, max_width) =
        (table.min_width.unwrap_or(0.0), table.max_width.unwrap_or(f64::INFINITY));
    if min_width > max_width {
        let message = format!("`min_width` {min_width} is above `max_width` {max_width}");
        scope.error(
            &path.key("min_width"),
            Id::WidthOutsideClamp,
            message,
            "let the limits hold the base width between them",
        );
    }
    for (asset, &width) in setting.assets.iter().zip(&half_width) {
        let watched = width.is_finite()
            || table.absolute.is_some() && table.relative.is_none() && setting.all_watched(table);
        if watched
            && width >= 0.0
            && min_width <= max_width
            && !(min_width..=max_width).contains(&width)
        {
            let message = format!(
                "the base width {width} of `{asset}` is outside its limits, {min_width} to \
                {max_width}"
            );
            let key = if table.cost_aware.is_some() {
                "cost_aware"
            } else if table.absolute.is_some() {
                "absolute"
            } else {
                "relative"
            };
            scope.error(
                &path.key(key),
                Id::WidthOutsideClamp,
                message,
                "move `min_width` or `max_width`: the width must be its own limit at a factor of 1",
            );
            break;
        }
    }
    scope.usual_fraction(&path.key("max_width"), table.max_width.unwrap_or(0.0), 1.0);
    let scale = scale_factors(&table.scale, setting, &path.key("scale"), scope);
    (scope.reporter.errors() == before).then_some(Corridor {
        half_width,
        scale,
        min_width,
        max_width,
    })
}

/// Half-widths by the cube-root law; an asset that is all or nothing of the target is not watched.
fn cost_aware(
    aware: &CostAwareTable,
    table: &OutsideTable,
    trade: Option<&TradeValue>,
    target: &[f64],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    if table.absolute.is_some() || table.relative.is_some() || table.combine.is_some() {
        let message = format!("`{path}` has `cost_aware` and a width of its own");
        scope.error(
            path,
            Id::BandCombine,
            message,
            "keep one of `absolute`, `relative` and `cost_aware`",
        );
    }
    let wider = if matches!(trade, None | Some(TradeValue::ToTarget)) { 4.0 } else { 1.0 };
    let width = |asset: usize| {
        let (w, rest) = (target[asset], 1.0 - target[asset]);
        if w <= 0.0 || rest <= 0.0 {
            return f64::INFINITY;
        }
        let others: f64 = (0..target.len())
            .filter(|&other| other != asset)
            .map(|other| target[other] * setting.one_way[other])
            .sum();
        let cost = setting.one_way[asset] + others / rest;
        pow(wider * 3.0 * cost * w * w * rest * rest / (2.0 * aware.risk_aversion), 1.0 / 3.0)
    };
    (0..target.len()).map(width).collect()
}

/// Absolute half-width of every asset, infinite where it is not watched.
fn half_widths(
    table: &OutsideTable,
    target: &[f64],
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<f64> {
    let assets = setting.assets;
    let absolute_path = path.key("absolute");
    let relative_path = path.key("relative");
    let absolute = table
        .absolute
        .as_ref()
        .map(|width| scope.per_asset(&absolute_path, width, assets, Limits::WIDTH));
    let relative = table
        .relative
        .as_ref()
        .map(|width| scope.per_asset(&relative_path, width, assets, Limits::WIDTH));
    if absolute.is_none() && relative.is_none() {
        let message = format!("`{path}` needs `absolute`, `relative` or both");
        scope.error(
            path,
            Id::MissingKey,
            message,
            "give the half-width: `absolute = 0.05` is 5 \
        points, `relative = 0.2` a fifth of the target",
        );
    }
    let widest = absolute
        .iter()
        .flatten()
        .flatten()
        .copied()
        .filter(|width| width.is_finite())
        .fold(0.0, f64::max);
    let widest_share = relative
        .iter()
        .flatten()
        .flatten()
        .copied()
        .filter(|width| width.is_finite())
        .fold(0.0, f64::max);
    scope.usual_fraction(&relative_path, widest_share, 2.0);
    if widest >= 1.0 {
        let message = format!(
            "`{absolute_path}` is {}: no weight can leave a band of the whole portfolio",
            shown(widest)
        );
        scope.error(
            &absolute_path,
            Id::OutOfRange,
            message,
            "a width is a fraction of the portfolio: 5 points are 0.05; `inf` watches nothing",
        );
    }
    if table.combine.is_some() && (absolute.is_none() || relative.is_none()) {
        scope.error(
            &path.key("combine"),
            Id::BandCombine,
            "`combine` needs both `absolute` and `relative`",
            "add the other band, or leave `combine` out",
        );
    }
    let mut widths = vec![f64::INFINITY; assets.len()];
    let mut watched = false;
    for (asset, width) in widths.iter_mut().enumerate() {
        let absolute = absolute.as_ref().and_then(|widths| widths[asset]);
        let relative = relative.as_ref().and_then(|widths| widths[asset]);
        if relative.is_some() && target[asset] == 0.0 {
            let message = format!("a relative band watches `{}`, whose target is 0", assets[asset]);
            let hint = "give the watched assets a map, `relative = { asset = 0.2 }`, and leave \
            this one out";
            scope.error(&relative_path, Id::RelativeOfZero, message, hint);
        }
        let relative = relative.map(|share| share * target[asset]);
        *width = match (absolute, relative, table.combine.unwrap_or_default()) {
            (Some(a), Some(r), CombineWord::Tighter) => a.min(r),
            (Some(a), Some(r), CombineWord::Wider) => a.max(r),
            (Some(only), None, _) | (None, Some(only), _) => only,
            (None, None, _) => f64::INFINITY,
        };
        watched |= absolute.is_some() || relative.is_some();
    }
    if !watched && (absolute.is_some() || relative.is_some()) {
        scope.error(
            path,
            Id::NothingWatched,
            format!("`{path}` watches no asset"),
            "name an asset, or write `trigger = \"never\"`",
        );
    }
    widths
}

/// Checks factors and compiles those that are not refused.
pub(crate) fn scale_factors(
    table: &[ScaleTable],
    setting: &Setting<'_>,
    list: &Path<'_>,
    scope: &Scope<'_>,
) -> Vec<ScaleFactor> {
    table
        .iter()
        .enumerate()
        .filter_map(|(index, factor)| scale_factor(factor, setting, &list.index(index), scope))
        .collect()
}

/// Checks a factor and compiles it.
pub(crate) fn scale_factor(
    table: &ScaleTable,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleFactor> {
    let signal = setting.signals.iter().position(|known| known.meant == table.signal);
    if signal.is_none() && !setting.declared.contains(&table.signal.as_str()) {
        let message = format!("no signal is called `{}`", quoted(&table.signal));
        scope.error(
            &path.key("signal"),
            Id::UnknownSignal,
            message,
            did_you_mean(&table.signal, setting.declared),
        );
    }
    let form = match table {
        ScaleTable { power: Some(form), exponential: None, step: None, .. } => {
            power(form, signal, setting, &path.key("power"), scope)
        }
        ScaleTable { power: None, exponential: Some(form), step: None, .. } => {
            exponential(form, signal, setting, &path.key("exponential"), scope)
        }
        ScaleTable { power: None, exponential: None, step: Some(form), .. } => {
            step(form, signal, setting, &path.key("step"), scope)
        }
        ScaleTable { power, exponential, step, .. } => {
            let given = usize::from(power.is_some())
                + usize::from(exponential.is_some())
                + usize::from(step.is_some());
            let message = format!(
                "`{path}` needs exactly one of `power`, `exponential` and `step`, it has {given}"
            );
            scope.error(
                path,
                Id::ExactlyOne,
                message,
                "keep one; several factors are several entries of `scale`",
            );
            return None;
        }
    };
    Some(ScaleFactor { signal: setting.signals.get(signal?)?.place, form: form? })
}

fn power(
    form: &PowerForm,
    signal: Option<usize>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    let known = signal.and_then(|signal| setting.signals.get(signal));
    if let Some((known, why)) =
        known.and_then(|known| Some((known, known.checked.not_positive.as_ref()?)))
    {
        let message = format!(
            "`power` is taken of signal `{}`, which can be 0 or negative: {why}",
            known.name
        );
        scope.error(
            path,
            Id::PowerOfSign,
            message,
            "use `exponential` or `step`, or a volatility of assets with risk",
        );
        return None;
    }
    reference(form.reference, signal, setting, path, scope);
    Some(ScaleForm::Power { elasticity: form.elasticity, reference: form.reference })
}

fn exponential(
    form: &ExponentialForm,
    signal: Option<usize>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    reference(form.reference, signal, setting, path, scope);
    Some(ScaleForm::Exponential { slope: form.slope, reference: form.reference })
}

/// Warns of a reference in the wrong unit: a monthly vol, a per cent.
fn reference(
    reference: f64,
    signal: Option<usize>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) {
    let Some(known) = signal.and_then(|signal| setting.signals.get(signal)) else { return };
    if setting.stand_in {
        return;
    }
    let (low, high) = known.checked.range();
    if reference < low || reference > high {
        let message = format!(
            "the reference {} is no number that signal `{}` tells, which are from {low} to {high}",
            shown(reference),
            known.name
        );
        scope.warning(
            &path.key("reference"),
            Id::ReferenceOff,
            message,
            "probabilities, drawdowns and correlations are fractions: 20 % is 0.2",
        );
        return;
    }
    let Some(long_run) = known.checked.long_run else { return };
    if !(1.0 / REFERENCE_OFF..=REFERENCE_OFF).contains(&(reference / long_run)) {
        let message = format!(
            "the reference {} is over {REFERENCE_OFF} times off the long-run mean {long_run:.3} of \
            signal `{}`",
            shown(reference),
            known.name
        );
        scope.warning(
            &path.key("reference"),
            Id::ReferenceOff,
            message,
            "volatility signals are annualised decimals: 0.16 = 16 % a year",
        );
    }
}

fn step(
    form: &StepForm,
    signal: Option<usize>,
    setting: &Setting<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<ScaleForm> {
    let before = scope.reporter.errors();
    if let Some(known) = signal.and_then(|signal| setting.signals.get(signal)) {
        let (low, high) = known.checked.range();
        for (index, at) in form.at.iter().enumerate().filter(|(_, at)| **at < low || **at > high) {
            let message = format!(
                "the threshold {} is never crossed: signal `{}` tells numbers from {low} to {high}",
                shown(*at),
                known.name
            );
            let hint = "probabilities, drawdowns and volatilities are fractions: 50 % is 0.5";
            scope.warning(&path.key("at").index(index), Id::IdleCondition, message, hint);
        }
    }
    if form.factors.len() != form.at.len() + 1 {
        let message =
            format!("`{path}` has {} thresholds and {} factors", form.at.len(), form.factors.len());
        scope.error(
            &path.key("factors"),
            Id::StepScale,
            message,
            "give one factor more than thresholds: below, between and above them",
        );
    }
    if form.at.windows(2).any(|pair| pair[0] >= pair[1]) {
        scope.error(
            &path.key("at"),
            Id::StepScale,
            format!("the thresholds of `{path}` do not increase"),
            "write them from low to high",
        );
    }
    for (index, factor) in form.factors.iter().enumerate() {
        scope.within(
            &path.key("factors").index(index),
            *factor,
            Limits { infinite: false, ..Limits::WIDTH },
        );
    }
    (scope.reporter.errors() == before)
        .then(|| ScaleForm::Step { at: form.at.clone(), factors: form.factors.clone() })
}
