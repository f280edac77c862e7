//! Checks the band of a rule and turns it into half-widths per asset.

use corridor_core::numerics::pow;
use corridor_simulation::policy::Corridor;

use super::context::PolicyContext;
use super::scale::scale_factors;
use crate::check::scope::{Limits, Scope};
use crate::diagnostic::Id;
use crate::file::policy::TradeValue;
use crate::file::shape::PerAsset;
use crate::file::trigger::{CostAwareTable, OutsideTable};
use crate::tree::Path;
use crate::wording::number as shown;

/// Half-width of a band, as a fraction of the portfolio, from which on it is unusual.
const WIDE: f64 = 0.3;

/// Checks `outside = { .. }`, a band of single assets, and compiles it.
pub(super) fn check(
    table: &OutsideTable,
    trade: Option<&TradeValue>,
    target: &[f64],
    context: &PolicyContext<'_>,
    path: &Path<'_>,
    scope: &Scope<'_>,
) -> Option<Corridor> {
    let before = scope.reporter.errors();
    let band = Band { table, target, context, path, scope };
    let half_width = match &table.cost_aware {
        Some(aware) => band.cost_aware(aware, trade),
        None => band.half_widths(),
    };
    band.no_covariance();
    let (min_width, max_width) = band.limits();
    band.base_within_limits(&half_width, min_width, max_width);
    scope.usual_fraction(
        &path.key("max_width"),
        table.max_width.unwrap_or(0.0),
        1.0,
        f64::INFINITY,
    );
    let scale = scale_factors(&table.scale, context, &path.key("scale"), scope)?;
    (scope.reporter.errors() == before).then_some(Corridor {
        half_width,
        scale,
        min_width,
        max_width,
    })
}

/// A band of single assets under check.
struct Band<'a> {
    table: &'a OutsideTable,
    /// Target weights of the rule, in asset order.
    target: &'a [f64],
    context: &'a PolicyContext<'a>,
    path: &'a Path<'a>,
    scope: &'a Scope<'a>,
}

/// The widths of one key, as given: `None` without the key, and for an asset left out of its map.
type Given = Option<Vec<Option<f64>>>;

impl Band<'_> {
    /// Half-widths by the cube-root law; an asset that is all or nothing of the target is not
    /// watched.
    fn cost_aware(&self, aware: &CostAwareTable, trade: Option<&TradeValue>) -> Vec<f64> {
        let Self { table, target, context, path, scope } = *self;
        if table.absolute.is_some() || table.relative.is_some() || table.combine.is_some() {
            scope.error(
                path,
                Id::BandCombine,
                format!("`{path}` has `cost_aware` and a width of its own"),
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
                .map(|other| target[other] * context.one_way[other])
                .sum();
            let cost = context.one_way[asset] + others / rest;
            pow(wider * 3.0 * cost * w * w * rest * rest / (2.0 * aware.risk_aversion), 1.0 / 3.0)
        };
        (0..target.len()).map(width).collect()
    }

    /// Absolute half-width of every asset, infinite where it is not watched.
    fn half_widths(&self) -> Vec<f64> {
        let table = self.table;
        let absolute = self.given("absolute", table.absolute.as_ref());
        let relative = self.given("relative", table.relative.as_ref());
        self.plausible(&absolute, &relative);
        if table.combine.is_some() && (absolute.is_none() || relative.is_none()) {
            self.scope.error(
                &self.path.key("combine"),
                Id::BandCombine,
                "`combine` needs both `absolute` and `relative`",
                "add the other band, or leave `combine` out",
            );
        }
        let of = |given: &Given, asset: usize| given.as_ref().and_then(|widths| widths[asset]);
        let mut watched = false;
        let width = |asset: usize| {
            let (absolute, share) = (of(&absolute, asset), of(&relative, asset));
            watched |= absolute.is_some() || share.is_some();
            self.half_width(asset, absolute, share)
        };
        let widths = (0..self.context.assets.len()).map(width).collect();
        if !watched && (absolute.is_some() || relative.is_some()) {
            self.scope.error(
                self.path,
                Id::NothingWatched,
                format!("`{}` watches no asset", self.path),
                "name an asset, or write `trigger = \"never\"`",
            );
        }
        widths
    }

    fn given(&self, key: &str, width: Option<&PerAsset>) -> Given {
        let path = self.path.key(key);
        width.map(|width| self.scope.per_asset(&path, width, self.context.assets, Limits::WIDTH))
    }

    /// Reports a band without a width and widths that can be no fraction.
    fn plausible(&self, absolute: &Given, relative: &Given) {
        let (path, scope) = (self.path, self.scope);
        if absolute.is_none() && relative.is_none() {
            scope.error(
                path,
                Id::MissingKey,
                format!("`{path}` needs `absolute`, `relative` or both"),
                "give the half-width: `absolute = 0.05` is 5 points, `relative = 0.2` a fifth of \
                the target",
            );
        }
        scope.usual_fraction(&path.key("relative"), widest(relative), 2.0, 10.0);
        let widest = widest(absolute);
        if widest >= 1.0 {
            let path = path.key("absolute");
            let message = format!(
                "`{path}` is {}: no weight can leave a band of the whole portfolio",
                shown(widest)
            );
            scope.error(
                &path,
                Id::OutOfRange,
                message,
                "write a fraction of the portfolio: 5 points are 0.05, and `inf` watches nothing",
            );
        } else if widest >= WIDE {
            let path = path.key("absolute");
            let message = format!(
                "`{path}` is {}, a band of {} points on each side of the target",
                shown(widest),
                shown((widest * 1000.0).round() / 10.0)
            );
            let hint = "check the width: 5 points are 0.05";
            scope.warning(&path, Id::Unusual, message, hint);
        }
    }

    /// The half-width of one asset from its absolute width and its share of the target weight.
    fn half_width(&self, asset: usize, absolute: Option<f64>, share: Option<f64>) -> f64 {
        if share.is_some() && self.target[asset] == 0.0 {
            let name = &self.context.assets[asset];
            let message = format!("a relative band watches `{name}`, whose target is 0");
            let hint = "give the watched assets a map, `relative = { asset = 0.2 }`, and leave \
            this one out";
            self.scope.error(&self.path.key("relative"), Id::RelativeOfZero, message, hint);
        }
        let relative = share.map(|share| share * self.target[asset]);
        self.table.combine.unwrap_or_default().width(absolute, relative)
    }

    /// Reports the half-life of a covariance, which a band of single assets does not use.
    fn no_covariance(&self) {
        if self.table.covariance_half_life_months.is_some() {
            let message = format!(
                "`{}` has `covariance_half_life_months`, which belongs to a tracking error",
                self.path
            );
            self.scope.error(
                &self.path.key("covariance_half_life_months"),
                Id::Measure,
                message,
                "add `measure = \"tracking_error\"`, or leave it out",
            );
        }
    }

    /// The limits of a scaled width, crossed ones being reported.
    fn limits(&self) -> (f64, f64) {
        let min_width = self.table.min_width.unwrap_or(0.0);
        let max_width = self.table.max_width.unwrap_or(f64::INFINITY);
        if min_width > max_width {
            self.scope.error(
                &self.path.key("min_width"),
                Id::WidthOutsideClamp,
                format!("`min_width` {min_width} is above `max_width` {max_width}"),
                "choose limits with the base width between them",
            );
        }
        (min_width, max_width)
    }

    /// Reports the first base width that its own limits would change at a factor of 1.
    fn base_within_limits(&self, half_width: &[f64], min_width: f64, max_width: f64) {
        let table = self.table;
        let is_for_all = matches!(table.absolute, Some(PerAsset::Each(_)));
        let is_outside = |width: f64| {
            // an infinite width is meant only where it was written for all assets
            let watched = width.is_finite() || is_for_all && table.relative.is_none();
            watched
                && width >= 0.0
                && min_width <= max_width
                && !(min_width..=max_width).contains(&width)
        };
        let first =
            self.context.assets.iter().zip(half_width).find(|(_, width)| is_outside(**width));
        let Some((asset, width)) = first else { return };
        let message = format!(
            "the base width {width} of `{asset}` is outside its limits, {min_width} to {max_width}"
        );
        let key = if table.cost_aware.is_some() {
            "cost_aware"
        } else if table.absolute.is_some() {
            "absolute"
        } else {
            "relative"
        };
        self.scope.error(
            &self.path.key(key),
            Id::WidthOutsideClamp,
            message,
            "move `min_width` or `max_width`, so that a factor of 1 leaves the width unchanged",
        );
    }
}

/// The widest finite width; 0 without any.
fn widest(given: &Given) -> f64 {
    let widths = given.iter().flatten().flatten().copied();
    widths.filter(|width| width.is_finite()).fold(0.0, f64::max)
}
