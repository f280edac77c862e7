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

pub use derived::{Derived, LEAST_VOL};
pub use followed::FollowedColumn;

use std::borrow::Cow;
use std::collections::BTreeMap;

use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::{OutcomeCell, PathColumn};
use corridor_store::tables::DimMetricRow;

use crate::facts::CellFacts;

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

    /// Whether single paths have a value at all, given the facts of their scenario.
    pub(crate) const fn is_defined(self, facts: &CellFacts) -> bool {
        match self {
            Self::Event(Event::GoalReached) => facts.goal.is_some(),
            Self::Derived(derived) => !derived.needs_goal() || facts.goal.is_some(),
            Self::Column(_) | Self::Event(Event::Ruined) | Self::CertaintyEquivalent { .. } => true,
            Self::Followed(_) => false,
        }
    }

    /// The values of all paths of a cell, in path order; none where they are not found in its rows.
    pub(crate) fn values_of<'a>(
        self,
        cell: &'a OutcomeCell,
        facts: &CellFacts,
        level: Level,
    ) -> Cow<'a, [f64]> {
        let inputs: Vec<&[f64]> = self.inputs().iter().map(|&column| cell.column(column)).collect();
        self.values(&inputs, facts, level)
    }

    /// The values of some paths, from their [`Source::inputs`].
    pub(crate) fn values<'a>(
        self,
        inputs: &[&'a [f64]],
        facts: &CellFacts,
        level: Level,
    ) -> Cow<'a, [f64]> {
        let flags = |is: &dyn Fn(f64) -> bool| {
            Cow::Owned(inputs[0].iter().map(|&x| f64::from(u8::from(is(x)))).collect())
        };
        match self {
            Self::Column(_) => Cow::Borrowed(inputs[0]),
            Self::Event(Event::Ruined) => flags(&|month| !month.is_nan()),
            Self::Event(Event::GoalReached) => {
                let goal = facts.goal.unwrap_or(f64::INFINITY);
                flags(&|wealth| wealth >= goal)
            }
            Self::CertaintyEquivalent { gamma, worth } => Cow::Owned(level.run(Utility {
                worth,
                values: inputs[0],
                ruin_month: inputs[1],
                power: 1.0 - f64::from(gamma),
                facts,
            })),
            Self::Derived(derived) => {
                Cow::Owned(level.run(derived::Values { derived, inputs, facts }))
            }
            Self::Followed(_) => Cow::Borrowed(&[]),
        }
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
    pub(crate) const fn is_event(self) -> bool {
        match self {
            Self::Event(_) => true,
            Self::Followed(column) => column.is_event(),
            Self::Column(_) | Self::CertaintyEquivalent { .. } | Self::Derived(_) => false,
        }
    }

    /// Whether a smaller path value means a better path, given the metric's own direction.
    ///
    /// `x^(1-gamma)` falls where `x` rises.
    pub(crate) const fn is_reversed(self) -> bool {
        match self {
            Self::CertaintyEquivalent { .. } => true,
            Self::Column(_) | Self::Event(_) | Self::Derived(_) | Self::Followed(_) => false,
        }
    }
}

struct Utility<'a> {
    worth: Worth,
    /// Log growth or wealth.
    values: &'a [f64],
    ruin_month: &'a [f64],
    /// `1 - gamma`.
    power: f64,
    facts: &'a CellFacts,
}

impl Kernel for Utility<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run(self) -> Vec<f64> {
        let Self { worth, values, ruin_month, power, facts } = self;
        let mut utilities = vec![0.0; values.len()];
        let paths = utilities.iter_mut().zip(values).zip(ruin_month);
        match worth {
            Worth::Growth => {
                let factor = power * facts.years;
                for ((utility, growth), ruin) in paths {
                    let u = exp(factor * growth);
                    *utility = if ruin.is_nan() { u } else { f64::NAN };
                }
            }
            // In units of the initial balance, so that no currency is too small or too large.
            Worth::Wealth => {
                for ((utility, wealth), ruin) in paths {
                    let u = exp(power * ln(wealth / facts.initial_balance));
                    *utility = if ruin.is_nan() { u } else { f64::NAN };
                }
            }
        }
        utilities
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

    #[test]
    fn utility_is_null_for_ruined_paths_only() {
        let id =
            corridor_core::outcome::CellId { scenario_id: 0, policy_id: 0, horizon_months: 24 };
        let mut cell = OutcomeCell::with_capacity(id, 2);
        for column in &mut cell.columns {
            column.extend([0.0, 0.0]);
        }
        cell.columns[PathColumn::LogGrowthUnitAnnual as usize] = vec![0.05, 0.05];
        cell.columns[PathColumn::RuinMonth as usize] = vec![f64::NAN, 7.0];
        cell.columns[PathColumn::TerminalWealthNominal as usize] = vec![5e6, 0.0];
        let facts = CellFacts { initial_balance: 1e7, ..CellFacts::plain(2.0) };
        for (worth, expected) in [(Worth::Growth, exp(-0.2)), (Worth::Wealth, 4.0)] {
            let values = Source::CertaintyEquivalent { gamma: 3, worth }.values_of(
                &cell,
                &facts,
                Level::BASELINE,
            );
            assert!(
                (values[0] - expected).abs() < 1e-14 && values[1].is_nan(),
                "{worth:?} {values:?}"
            );
        }
        assert_eq!(
            Source::Event(Event::Ruined).values_of(&cell, &facts, Level::BASELINE).as_ref(),
            [0.0, 1.0]
        );
    }

    #[test]
    fn derived_values_follow_their_formulas() {
        let id =
            corridor_core::outcome::CellId { scenario_id: 0, policy_id: 0, horizon_months: 24 };
        let mut cell = OutcomeCell::with_capacity(id, 3);
        for column in &mut cell.columns {
            column.extend([0.0; 3]);
        }
        cell.columns[PathColumn::LogGrowthUnitAnnual as usize] = vec![0.05, -0.01, 0.02];
        // what rounding leaves of no volatility is none
        cell.columns[PathColumn::VolUnitAnnual as usize] = vec![0.10, 0.20, 2.5e-16];
        cell.columns[PathColumn::TerminalWealthNominal as usize] = vec![150.0, 90.0, 0.0];
        let facts = CellFacts {
            price_level: 1.25,
            log_risk_free: 0.01,
            goal: Some(120.0),
            ..CellFacts::plain(2.0)
        };
        let of = |name: &str| {
            let source = MetricId::of_name(name).expect("registered").metric().source;
            assert!(source.is_defined(&facts));
            source.values_of(&cell, &facts, Level::best()).into_owned()
        };
        let close = |name: &str, expected: [f64; 3]| {
            let found = of(name);
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-14 || (found.is_nan() && expected.is_nan()),
                    "{name}: {found} {expected}"
                );
            }
        };
        close("cagr_unit_annual", [0.05_f64.exp_m1(), (-0.01_f64).exp_m1(), 0.02_f64.exp_m1()]);
        close("sharpe_ratio", [0.4, -0.1, f64::NAN]);
        close("terminal_wealth_real", [120.0, 72.0, 0.0]);
        close("funded_ratio", [1.25, 0.75, 0.0]);
        close("shortfall_frac", [0.0, 0.25, 1.0]);
        close("goal_reached", [1.0, 0.0, 0.0]);
        for name in ["funded_ratio", "shortfall_frac", "goal_reached"] {
            assert!(
                !MetricId::of_name(name)
                    .expect("registered")
                    .metric()
                    .source
                    .is_defined(&CellFacts::plain(2.0)),
                "{name} without a goal"
            );
        }
    }
}
