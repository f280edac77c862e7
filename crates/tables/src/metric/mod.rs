//! Registers every metric: its name, unit, direction, definition and how it follows from the
//! numbers kept per path.
//!
//! One file per family; [`REGISTRY`] is the one list, and a metric's place in it is its `metric_id`
//! in every file. New metrics go to the end, so that ids keep their meaning.

mod certainty;
mod derived;
mod drawdown;
mod followed;
mod growth;
mod ruin;
mod trading;
mod volatility;
mod wealth;
mod weights;

pub use derived::Derived;
pub use followed::FollowedColumn;

use std::collections::BTreeMap;

use corridor_core::outcome::PathColumn;

use crate::DimMetricRow;

/// All metrics; a metric's place is its [`MetricId`].
pub static REGISTRY: [&Metric; 38] = [
    &wealth::TERMINAL_WEALTH_NOMINAL,
    &growth::LOG_GROWTH_UNIT_ANNUAL,
    &drawdown::MAX_DRAWDOWN_UNIT_FRAC,
    &drawdown::MAX_DRAWDOWN_BALANCE_FRAC,
    &drawdown::MONTHS_UNDER_WATER_UNIT,
    &volatility::VOL_UNIT_ANNUAL,
    &trading::TURNOVER_ONE_WAY_ANNUAL,
    &trading::REBALANCE_EVENTS,
    &trading::COST_BPS_ANNUAL,
    &weights::GROWTH_WEIGHT_MEAN_FRAC,
    &weights::WEIGHT_DEVIATION_RMS_FRAC,
    &weights::WEIGHT_DEVIATION_MAX_FRAC,
    &ruin::RUIN_MONTH,
    &ruin::RUINED,
    &certainty::GROWTH_GAMMA_2,
    &certainty::GROWTH_GAMMA_3,
    &certainty::GROWTH_GAMMA_5,
    &followed::TRACKING_ERROR_ANNUAL,
    &followed::INFORMATION_RATIO,
    &followed::RELATIVE_DRAWDOWN_MAX_FRAC,
    &followed::UNDERPERFORMED_1Y,
    &followed::UNDERPERFORMED_3Y,
    &followed::UNDERPERFORMED_5Y,
    &followed::UNDERPERFORMED_10Y,
    &followed::OUTSIDE_RANGE_FRAC,
    &followed::LARGEST_TRADE_FRAC,
    &followed::ULCER_INDEX_UNIT_FRAC,
    &derived::CAGR_UNIT_ANNUAL,
    &derived::SHARPE_RATIO,
    &derived::TERMINAL_WEALTH_REAL,
    &derived::FUNDED_RATIO,
    &derived::SHORTFALL_FRAC,
    &derived::GOAL_REACHED,
    &certainty::WEALTH_GAMMA_2,
    &certainty::WEALTH_GAMMA_3,
    &certainty::WEALTH_GAMMA_5,
    &followed::SORTINO_RATIO,
    &followed::REBALANCING_PREMIUM_ANNUAL,
];

/// The place of a metric in [`REGISTRY`], `metric_id` in every file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(u8);

impl MetricId {
    /// `terminal_wealth_nominal`.
    pub const TERMINAL_WEALTH: Self = Self(PathColumn::TerminalWealthNominal as u8);
    /// `log_growth_unit_annual`.
    pub const LOG_GROWTH: Self = Self(PathColumn::LogGrowthUnitAnnual as u8);
    /// `growth_weight_mean_frac`.
    pub const GROWTH_WEIGHT: Self = Self(PathColumn::GrowthWeightMeanFrac as u8);

    /// All ids, in order.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        (0..REGISTRY.len() as u8).map(Self)
    }

    /// The metric of this name, if there is one.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|id| id.metric().name == name)
    }

    /// The metric that is this column of the path rows.
    #[must_use]
    pub fn of_column(column: PathColumn) -> Option<Self> {
        Self::all().find(|id| id.metric().source == Source::Column(column))
    }

    /// The metric with this `metric_id`, if there is one.
    #[must_use]
    pub fn of_number(number: i32) -> Option<Self> {
        u8::try_from(number).ok().filter(|&place| usize::from(place) < REGISTRY.len()).map(Self)
    }

    /// `metric_id` in every file.
    #[must_use]
    pub fn number(self) -> i32 {
        i32::from(self.0)
    }

    /// Place in [`REGISTRY`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// What it stands for.
    #[must_use]
    pub fn metric(self) -> &'static Metric {
        REGISTRY[self.index()]
    }
}

/// What is known about a metric.
#[derive(Debug)]
pub struct Metric {
    /// Name; for a metric of single paths also its column in `fact_path`.
    pub name: &'static str,
    /// Name for people.
    pub display_name: &'static str,
    /// Unit of the values.
    pub unit: &'static str,
    /// How to print it, as a spreadsheet format.
    pub number_format: &'static str,
    /// Direction; `None` where neither is better as such.
    pub higher_is_better: Option<bool>,
    /// Grid on which it is observed.
    pub grid: Grid,
    /// Index it is read from, if any.
    pub index: Option<Index>,
    /// What it is, in words.
    pub definition: &'static str,
    /// What it is, as a formula.
    pub formula: &'static str,
    /// How a path's value follows from the columns of its row.
    pub source: Source,
    /// Margin of practical equivalence where the study declares none, in the metric's unit.
    pub default_margin: Option<f64>,
    /// Whether a histogram has edges in equal steps or in equal ratios.
    pub scale: Scale,
    /// Whether its values are whole numbers.
    pub whole_numbers: bool,
    /// Whether `prob_below`, the probability of a negative value, says something.
    pub shows_probability_below_zero: bool,
}

impl Metric {
    /// Whether policies are compared on it.
    ///
    /// The month of ruin exists on ruined paths only, and those differ by policy: a paired
    /// difference would be over the paths ruined under both. A metric that is relative to the
    /// baseline is a difference already.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        match self.source {
            Source::Column(column) => column != PathColumn::RuinMonth,
            Source::Followed(column) => !column.is_relative(),
            Source::Event(_) | Source::CertaintyEquivalent { .. } | Source::Derived(_) => true,
        }
    }

    /// Whether an answer may rest on it: every simulated path has it.
    #[must_use]
    pub const fn may_be_primary(&self) -> bool {
        !self.source.is_followed()
    }
}

/// The grid on which a metric is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grid {
    /// Every step of the study's clock, `t = 0` included where the definition says so.
    Step,
    /// The ends of months.
    Month,
    /// The report horizon only.
    Horizon,
}

impl Grid {
    /// The word in `dim_metric`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Month => "month",
            Self::Horizon => "horizon",
        }
    }
}

/// The two indices of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Currency, with flows.
    Balance,
    /// Time-weighted unit value: 1 at `t = 0`, flows removed, costs and fees in.
    Unit,
}

impl Index {
    /// The word in `dim_metric`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Unit => "unit",
        }
    }
}

/// The spacing of a histogram's edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps.
    Linear,
    /// Equal ratios, for positive values of several orders of magnitude.
    Log,
}

/// How a path's value follows from its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The column as it is; NaN where there is no value.
    Column(PathColumn),
    /// 1 where something happened, else 0; the mean is its probability.
    Event(Event),
    /// `x^(1-gamma)`, NaN where the path was ruined; the metric is the certainty equivalent of its
    /// mean.
    CertaintyEquivalent {
        /// Relative risk aversion; at least 2.
        gamma: u8,
        /// What `x` is.
        worth: Worth,
    },
    /// Computed from the row and facts of the scenario.
    Derived(Derived),
    /// Found on the paths that are followed month by month; NaN where there is no value.
    Followed(FollowedColumn),
}

/// What may happen to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The account was emptied.
    Ruined,
    /// The balance at the horizon is at least the goal.
    GoalReached,
}

/// What an investor cares about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The unit value at the horizon, `exp(log growth x years)`; the certainty equivalent is a
    /// growth rate.
    Growth,
    /// The balance at the horizon; the certainty equivalent is in currency.
    Wealth,
}

impl Source {
    /// The columns of a row that the value follows from, in their order; none where it is not found
    /// in rows.
    #[must_use]
    pub const fn inputs(self) -> &'static [PathColumn] {
        match self {
            Self::Column(column) => std::slice::from_ref(&PathColumn::ALL[column as usize]),
            Self::Event(Event::Ruined) => &[PathColumn::RuinMonth],
            Self::Event(Event::GoalReached) => &[PathColumn::TerminalWealthNominal],
            Self::CertaintyEquivalent { worth: Worth::Growth, .. } => {
                &[PathColumn::LogGrowthUnitAnnual, PathColumn::RuinMonth]
            }
            Self::CertaintyEquivalent { worth: Worth::Wealth, .. } => {
                &[PathColumn::TerminalWealthNominal, PathColumn::RuinMonth]
            }
            Self::Derived(derived) => derived.inputs(),
            Self::Followed(_) => &[],
        }
    }

    /// Whether it exists only where the account has a goal.
    #[must_use]
    pub const fn needs_goal(self) -> bool {
        match self {
            Self::Event(Event::GoalReached) => true,
            Self::Derived(derived) => derived.needs_goal(),
            Self::Column(_)
            | Self::Event(Event::Ruined)
            | Self::CertaintyEquivalent { .. }
            | Self::Followed(_) => false,
        }
    }

    /// Whether it is known of the first paths of a run only, which are followed month by month.
    #[must_use]
    pub const fn is_followed(self) -> bool {
        matches!(self, Self::Followed(_))
    }

    /// Whether single paths have a distribution worth showing (quantiles, histogram).
    #[must_use]
    pub const fn is_column(self) -> bool {
        match self {
            Self::Column(_) | Self::Derived(_) => true,
            Self::Followed(column) => !column.is_event(),
            Self::Event(_) | Self::CertaintyEquivalent { .. } => false,
        }
    }

    /// Whether values are 0 or 1, their mean a probability.
    #[must_use]
    pub const fn is_event(self) -> bool {
        match self {
            Self::Event(_) => true,
            Self::Followed(column) => column.is_event(),
            Self::Column(_) | Self::CertaintyEquivalent { .. } | Self::Derived(_) => false,
        }
    }

    /// Whether a smaller path value means a better path, given the metric's own direction.
    ///
    /// `x^(1-gamma)` falls where `x` rises.
    #[must_use]
    pub const fn is_reversed(self) -> bool {
        match self {
            Self::CertaintyEquivalent { .. } => true,
            Self::Column(_) | Self::Event(_) | Self::Derived(_) | Self::Followed(_) => false,
        }
    }
}

/// The rows of `dim_metric`, given the primary metric and the margins declared by the study.
#[must_use]
pub fn dimension(primary: MetricId, margins: &BTreeMap<MetricId, f64>) -> Vec<DimMetricRow> {
    let row = |id: MetricId| {
        let metric = id.metric();
        DimMetricRow {
            metric_id: id.number(),
            metric: metric.name.to_owned(),
            display_name: metric.display_name.to_owned(),
            unit: metric.unit.to_owned(),
            number_format: metric.number_format.to_owned(),
            higher_is_better: metric.higher_is_better,
            grid: metric.grid.name().to_owned(),
            index: metric.index.map(|index| index.name().to_owned()),
            is_primary: id == primary,
            margin: margins.get(&id).copied().or(metric.default_margin),
            definition: metric.definition.to_owned(),
            formula: metric.formula.to_owned(),
        }
    };
    MetricId::all().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_column_is_a_metric_under_its_own_name_and_in_its_order() {
        for (place, column) in PathColumn::ALL.into_iter().enumerate() {
            let id = MetricId::of_column(column).expect("registered");
            assert_eq!((id.index(), id.metric().name), (place, column.name()));
            assert_eq!(MetricId::of_name(column.name()), Some(id));
        }
    }

    #[test]
    fn names_are_unique_snake_case_and_ids_round_trip() {
        for id in MetricId::all() {
            let metric = id.metric();
            assert!(
                metric
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{}",
                metric.name
            );
            assert_eq!(MetricId::of_name(metric.name), Some(id), "{} stands twice", metric.name);
            assert_eq!(MetricId::of_number(id.number()), Some(id));
            for text in [
                metric.display_name,
                metric.unit,
                metric.number_format,
                metric.definition,
                metric.formula,
            ] {
                assert!(!text.is_empty() && text.is_ascii(), "{}: {text}", metric.name);
            }
        }
        assert_eq!(MetricId::of_number(REGISTRY.len() as i32), None);
        assert_eq!(MetricId::of_number(-1), None);
    }
}
