//! Mirrors `trigger` as written: bands, other conditions, and how they are joined.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scale::ScaleTable;
use super::shape::PerAsset;

/// Condition under which a rule trades at a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerValue {
    /// Never: buy and hold.
    Never,
    /// At every review: calendar rebalancing.
    Always,
    /// When a weight is outside its band.
    Outside(OutsideTable),
    /// When at least one of these conditions holds.
    AnyOf(#[schemars(length(min = 1, max = 16))] Vec<TriggerValue>),
    /// When all of these conditions hold.
    AllOf(#[schemars(length(min = 1, max = 16))] Vec<TriggerValue>),
    /// From the moment a weight leaves the hard band until all are back inside the soft band.
    SoftHardBand(SoftHardTable),
    /// While a signal is above or below a level.
    Level(LevelTable),
    /// When a signal has moved since the last trade.
    Moved(MovedTable),
    /// When a time has passed since the last trade.
    Waited(WaitedTable),
    /// Unless the trade would be against a trend.
    WithTrend(TrendTable),
}

/// A tolerance band, given by `absolute`, `relative` or both, or by `cost_aware`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideTable {
    /// Half-width as a fraction of the portfolio, 0.05 = 5 points; a number or a map by asset.
    #[schemars(extend("x-infinite" = true))]
    pub absolute: Option<PerAsset>,
    /// Half-width as a fraction of the target weight; a number or a map by asset.
    #[schemars(extend("x-infinite" = true))]
    pub relative: Option<PerAsset>,
    /// Half-widths by the cube-root law, which follow from the costs and the target.
    pub cost_aware: Option<CostAwareTable>,
    /// Band that counts if `absolute` and `relative` are given (default: the tighter).
    pub combine: Option<CombineWord>,
    /// Whether the weights of assets or of groups are watched.
    #[serde(default)]
    pub on: OnWord,
    /// How the distance from the target is measured: for every asset by itself, or as one number
    /// for all, whose band is `absolute`.
    #[serde(default)]
    pub measure: MeasureWord,
    /// Half-life of the covariance behind a tracking error (default: the constant covariance that
    /// the market implies).
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub covariance_half_life_months: Option<f64>,
    /// Factors of the width.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub scale: Vec<ScaleTable>,
    /// Lower limit of a scaled width (default: 0).
    #[schemars(range(min = 0.0))]
    pub min_width: Option<f64>,
    /// Upper limit of a scaled width (default: none).
    #[schemars(range(min = 0.0), extend("x-infinite" = true))]
    pub max_width: Option<f64>,
}

impl OutsideTable {
    /// Whether the band is one of assets, each watched by itself.
    pub fn watches_single_assets(&self) -> bool {
        self.on == OnWord::Assets && self.measure == MeasureWord::Max
    }
}

/// Choice between two bands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CombineWord {
    /// The narrower band.
    #[default]
    Tighter,
    /// The wider band.
    Wider,
}

impl CombineWord {
    /// The width that counts: the narrower or the wider of two, the only one given, or infinity.
    pub fn width(self, absolute: Option<f64>, relative: Option<f64>) -> f64 {
        match (absolute, relative, self) {
            (Some(a), Some(r), Self::Tighter) => a.min(r),
            (Some(a), Some(r), Self::Wider) => a.max(r),
            (Some(only), None, _) | (None, Some(only), _) => only,
            (None, None, _) => f64::INFINITY,
        }
    }
}

/// Weights that are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnWord {
    /// The weight of each asset.
    #[default]
    Assets,
    /// The weight of each of `account.groups`; maps of widths name groups.
    Groups,
}

/// How the distance from the target is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureWord {
    /// For every asset by itself: the asset furthest from its target counts.
    #[default]
    Max,
    /// Sum of the absolute deviations, which is twice the turnover of a trade to the target.
    L1,
    /// Root of the sum of squared deviations.
    L2,
    /// Ex-ante tracking error a year, 0.01 = 1 %.
    TrackingError,
}

/// The band of the cube-root law, `D^3 = 3 c w^2 (1-w)^2 / (2 risk_aversion)`, where `w` is the
/// target weight and `c` the cost of moving a unit of weight between the asset and the others. For
/// trades to the target it is wider by the cube root of 4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CostAwareTable {
    /// Constant relative risk aversion, above 0.
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub risk_aversion: f64,
}

/// A pair of bands with hysteresis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SoftHardTable {
    /// Half-width outside which trading begins, as a fraction of the portfolio; a number or a map
    /// by asset.
    #[schemars(extend("x-infinite" = true))]
    pub hard: PerAsset,
    /// Half-width inside which trading ends, as a fraction of the portfolio; a number or a map by
    /// asset.
    #[schemars(extend("x-infinite" = true))]
    pub soft: PerAsset,
    /// Factors of both widths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub scale: Vec<ScaleTable>,
}

/// A level that a signal is above or below, exactly one of the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LevelTable {
    /// Name of a signal.
    pub signal: String,
    /// Level that the signal is strictly above, in its own unit.
    pub above: Option<f64>,
    /// Level that the signal is strictly below, in its own unit.
    pub below: Option<f64>,
}

/// A change of a signal since the last trade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MovedTable {
    /// Name of a signal.
    pub signal: String,
    /// Change since the last trade, up or down, that must be exceeded, in the signal's own unit.
    #[schemars(range(min = 0.0))]
    pub by: f64,
}

/// A time since the last trade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaitedTable {
    /// Months since the last trade, at a factor of 1.
    #[schemars(range(max = 2400.0), extend("exclusiveMinimum" = 0.0))]
    pub months: f64,
    /// Factors of the waiting time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub scale: Vec<ScaleTable>,
    /// Least waiting time in months (default: 0).
    #[schemars(range(min = 0.0, max = 2400.0))]
    pub min_months: Option<f64>,
    /// Longest waiting time in months (default: no limit).
    #[schemars(range(min = 0.0), extend("x-infinite" = true))]
    pub max_months: Option<f64>,
}

/// A trend that puts off the trades against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendTable {
    /// Name of a signal: the trend of the growth assets against the others.
    pub signal: String,
    /// Strength above which a trend counts, in the signal's unit (default: 0).
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub beyond: f64,
}

impl TriggerValue {
    /// The conditions that are joined here at any depth; a condition that joins none is its own.
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::AnyOf(members) | Self::AllOf(members) => {
                members.iter().flat_map(Self::leaves).collect()
            }
            Self::Never
            | Self::Always
            | Self::Outside(_)
            | Self::SoftHardBand(_)
            | Self::Level(_)
            | Self::Moved(_)
            | Self::Waited(_)
            | Self::WithTrend(_) => {
                vec![self]
            }
        }
    }

    /// The first band among the conditions.
    pub fn outside(&self) -> Option<&OutsideTable> {
        self.leaves()
            .into_iter()
            .find_map(|leaf| if let Self::Outside(outside) = leaf { Some(outside) } else { None })
    }

    /// The factors of all widths and waiting times.
    pub fn scales(&self) -> Vec<&ScaleTable> {
        let of_leaf = |leaf| match leaf {
            &Self::Outside(OutsideTable { ref scale, .. })
            | &Self::SoftHardBand(SoftHardTable { ref scale, .. })
            | &Self::Waited(WaitedTable { ref scale, .. }) => scale.as_slice(),
            Self::Never
            | Self::Always
            | Self::AnyOf(_)
            | Self::AllOf(_)
            | Self::Level(_)
            | Self::Moved(_)
            | Self::WithTrend(_) => &[],
        };
        self.leaves().into_iter().flat_map(of_leaf).collect()
    }

    /// All bands among the conditions, except soft and hard pairs.
    pub fn bands(&mut self) -> Vec<&mut OutsideTable> {
        match self {
            Self::Outside(outside) => vec![outside],
            Self::AnyOf(members) | Self::AllOf(members) => {
                members.iter_mut().flat_map(Self::bands).collect()
            }
            Self::Never
            | Self::Always
            | Self::SoftHardBand(_)
            | Self::Level(_)
            | Self::Moved(_)
            | Self::Waited(_)
            | Self::WithTrend(_) => Vec::new(),
        }
    }

    /// Names of the signals that the conditions read, in the order of use.
    pub fn signals(&mut self) -> Vec<&mut String> {
        match self {
            Self::Never | Self::Always => Vec::new(),
            Self::Outside(OutsideTable { scale, .. })
            | Self::SoftHardBand(SoftHardTable { scale, .. })
            | Self::Waited(WaitedTable { scale, .. }) => {
                scale.iter_mut().map(|factor| &mut factor.signal).collect()
            }
            Self::AnyOf(members) | Self::AllOf(members) => {
                members.iter_mut().flat_map(Self::signals).collect()
            }
            Self::Level(LevelTable { signal, .. })
            | Self::Moved(MovedTable { signal, .. })
            | Self::WithTrend(TrendTable { signal, .. }) => vec![signal],
        }
    }
}
