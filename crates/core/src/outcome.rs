//! Names the results kept for each path, and hands finished parts of a run to a sink that stores
//! them.

/// A result kept for each path, as an `f64`, in the order of the columns of `fact_path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum PathColumn {
    /// Balance of the account at the horizon, in currency.
    TerminalWealthNominal,
    /// Log growth of the unit value a year: `ln(unit_n) / years`.
    LogGrowthUnitAnnual,
    /// Largest fall of the unit value below its running peak, as a fraction of the peak.
    MaxDrawdownUnitFrac,
    /// Largest fall of the balance below its running peak, as a fraction of the peak; cash flows
    /// move the balance too.
    MaxDrawdownBalanceFrac,
    /// Months in which the unit value was strictly below its running peak, in total.
    MonthsUnderWaterUnit,
    /// Standard deviation of the log returns of the unit value, annualised.
    VolUnitAnnual,
    /// One-way turnover a year: half the traded value over the wealth before the trade.
    TurnoverOneWayAnnual,
    /// Number of steps with a trade.
    RebalanceEvents,
    /// Costs and fees over the wealth before them, in basis points a year.
    CostBpsAnnual,
    /// Mean weight of the growth assets after trading, over `t = 0..n-1`.
    GrowthWeightMeanFrac,
    /// Root mean square over steps of the largest distance of a weight from its target, before
    /// trading.
    WeightDeviationRmsFrac,
    /// Largest distance of a weight from its target before trading, over all steps and assets.
    WeightDeviationMaxFrac,
    /// Months until ruin; NaN on a path without ruin.
    RuinMonth,
}

impl PathColumn {
    /// Number of columns.
    pub const COUNT: usize = 13;

    /// All columns, in the order of `fact_path`.
    pub const ALL: [Self; Self::COUNT] = [
        Self::TerminalWealthNominal,
        Self::LogGrowthUnitAnnual,
        Self::MaxDrawdownUnitFrac,
        Self::MaxDrawdownBalanceFrac,
        Self::MonthsUnderWaterUnit,
        Self::VolUnitAnnual,
        Self::TurnoverOneWayAnnual,
        Self::RebalanceEvents,
        Self::CostBpsAnnual,
        Self::GrowthWeightMeanFrac,
        Self::WeightDeviationRmsFrac,
        Self::WeightDeviationMaxFrac,
        Self::RuinMonth,
    ];

    /// Returns the column's name in every file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TerminalWealthNominal => "terminal_wealth_nominal",
            Self::LogGrowthUnitAnnual => "log_growth_unit_annual",
            Self::MaxDrawdownUnitFrac => "max_drawdown_unit_frac",
            Self::MaxDrawdownBalanceFrac => "max_drawdown_balance_frac",
            Self::MonthsUnderWaterUnit => "months_under_water_unit",
            Self::VolUnitAnnual => "vol_unit_annual",
            Self::TurnoverOneWayAnnual => "turnover_one_way_annual",
            Self::RebalanceEvents => "rebalance_events",
            Self::CostBpsAnnual => "cost_bps_annual",
            Self::GrowthWeightMeanFrac => "growth_weight_mean_frac",
            Self::WeightDeviationRmsFrac => "weight_deviation_rms_frac",
            Self::WeightDeviationMaxFrac => "weight_deviation_max_frac",
            Self::RuinMonth => "ruin_month",
        }
    }
}

/// Number of a scenario, from 0 in the order of `dim_scenario`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScenarioId(pub u32);

/// Number of a policy, from 0 in the order of `dim_policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyId(pub u32);

macro_rules! id {
    ($id:ident) => {
        impl $id {
            /// Returns the index into a list in the order of ids.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// Returns the number that the id has in tables.
            #[must_use]
            pub const fn number(self) -> i32 {
                self.0 as i32
            }

            /// Returns the id with this number in tables.
            #[must_use]
            pub const fn of_number(number: i32) -> Self {
                Self(number as u32)
            }
        }

        impl std::fmt::Display for $id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
id!(ScenarioId);
id!(PolicyId);

/// One (scenario, policy, report horizon) of a study, by the ids of the dimension tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId {
    /// Id of the scenario in `dim_scenario`, from 0.
    pub scenario_id: ScenarioId,
    /// Id of the policy in `dim_policy`, from 0.
    pub policy_id: PolicyId,
    /// Report horizon in months, which is its id in `dim_horizon`.
    pub horizon_months: u32,
}

/// Results of one cell on the paths of one part: every column has one value per path, in path
/// order.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeCell {
    /// The cell of these results.
    pub id: CellId,
    /// Values per path, indexed by `PathColumn as usize`.
    pub columns: [Vec<f64>; PathColumn::COUNT],
}

impl OutcomeCell {
    /// Returns an empty cell with memory reserved for `paths` values per column.
    #[must_use]
    pub fn with_capacity(id: CellId, paths: usize) -> Self {
        Self { id, columns: std::array::from_fn(|_| Vec::with_capacity(paths)) }
    }

    /// Returns the values of one column, in path order.
    #[must_use]
    pub fn column(&self, column: PathColumn) -> &[f64] {
        &self.columns[column as usize]
    }
}

/// Results of all cells on a range of paths: the unit in which a run produces, stores and resumes.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomePart {
    /// Number of the part within the run, from 0.
    pub index: u32,
    /// Number of the first path of the range.
    pub first_path: u64,
    /// Number of paths.
    pub paths: usize,
    /// Results, one entry per cell, sorted by [`CellId`].
    pub cells: Vec<OutcomeCell>,
}

/// Port that takes the finished parts of a run.
///
/// It is called from many threads at once, once for each part, in no particular order.
pub trait OutcomeSink: Sync {
    /// Reason why a part could not be stored.
    type Error: Send;

    /// Stores one part.
    ///
    /// # Errors
    /// If the part could not be stored; the run then stops and reports the error.
    fn accept(&self, part: OutcomePart) -> Result<(), Self::Error>;
}
