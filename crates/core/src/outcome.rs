//! Names the numbers kept for each path, and hands finished parts of a run to whoever stores them.

/// A number kept per path, in the order of the columns of `fact_path`.
///
/// Every value is an `f64` here; `ruin_month` is NaN where the path was not ruined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(usize)]
pub enum PathColumn {
    /// Balance at the horizon, in currency.
    TerminalWealthNominal,
    /// `ln(unit_n) / years`.
    LogGrowthUnitAnnual,
    /// Largest fall of the unit value below its running peak.
    MaxDrawdownUnitFrac,
    /// Largest fall of the balance below its running peak, flows included.
    MaxDrawdownBalanceFrac,
    /// Time spent strictly below the running peak of the unit value, in total.
    MonthsUnderWaterUnit,
    /// Standard deviation of the unit's log returns, annualised.
    VolUnitAnnual,
    /// Half the traded value over wealth before the trade, per year.
    TurnoverOneWayAnnual,
    /// Steps in which something was traded.
    RebalanceEvents,
    /// Costs and fees over wealth before them, basis points a year.
    CostBpsAnnual,
    /// Mean weight of the growth assets after trading, `t = 0..n-1`.
    GrowthWeightMeanFrac,
    /// Root mean square over steps of the largest distance of a weight from its target, before
    /// trading.
    WeightDeviationRmsFrac,
    /// Largest such distance.
    WeightDeviationMaxFrac,
    /// Months until ruin; NaN if there was none.
    RuinMonth,
}

impl PathColumn {
    /// Number of columns.
    pub const COUNT: usize = 13;

    /// All columns, in order.
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

    /// The column's name in every file.
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

/// One (scenario, policy, report horizon) of a study, by its places in the dimensions (all from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellId {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: u32,
    /// Policy, as in `dim_policy`.
    pub policy_id: u32,
    /// Report horizon in months, as in `dim_horizon`.
    pub horizon_months: u32,
}

/// The per-path results of one cell over the paths of one part: each column has one value per path,
/// in path order.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeCell {
    /// Which cell.
    pub id: CellId,
    /// Indexed by `PathColumn as usize`.
    pub columns: [Vec<f64>; PathColumn::COUNT],
}

impl OutcomeCell {
    /// An empty cell with room for `paths`.
    #[must_use]
    pub fn with_capacity(id: CellId, paths: usize) -> Self {
        Self { id, columns: std::array::from_fn(|_| Vec::with_capacity(paths)) }
    }

    /// The values of one column.
    #[must_use]
    pub fn column(&self, column: PathColumn) -> &[f64] {
        &self.columns[column as usize]
    }
}

/// A finished range of paths: what a run produces, keeps and resumes by.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomePart {
    /// Place of the part in the run, from 0.
    pub index: u32,
    /// First path of the range.
    pub first_path: u64,
    /// Number of paths.
    pub paths: usize,
    /// One entry per cell, sorted by [`CellId`].
    pub cells: Vec<OutcomeCell>,
}

/// Takes finished parts. Called from many threads at once, each part exactly once, in no particular
/// order.
pub trait OutcomeSink: Sync {
    /// Why a part could not be kept.
    type Error: Send;

    /// Keeps one part.
    ///
    /// # Errors
    /// When the part could not be stored; the run stops and reports it.
    fn accept(&self, part: OutcomePart) -> Result<(), Self::Error>;
}
