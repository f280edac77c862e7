//! Lists the columns of `fact_path`: ids, then the numbers kept per path, then whether the path was
//! ruined.

use corridor_core::outcome::PathColumn;

use crate::column::{Additive, ColumnInfo, ColumnType, run_id_column};

/// Name of the table `fact_path` and of its folder.
pub const FACT_PATH: &str = "fact_path";

/// Contents of the table `fact_path`, in whole sentences.
pub const ABOUT: &str = "One row per scenario, policy, report horizon and path. Rows of one path \
    are paired: all policies and scenarios of a market run on the same paths.";

/// Columns by which the rows of a part are sorted.
pub const SORTED_BY: [&str; 4] = ["scenario_id", "policy_id", "horizon_months", "path_id"];

/// Number of id columns, which come before the first number.
pub const IDS: usize = 5;

/// Returns all columns of `fact_path`, in the order of the file.
#[must_use]
pub fn path_columns() -> Vec<ColumnInfo> {
    let mut columns = vec![
        run_id_column(),
        id("scenario_id", ColumnType::Int32, "id", "Scenario, as in `dim_scenario`."),
        id("policy_id", ColumnType::Int32, "id", "Policy, as in `dim_policy`."),
        id("horizon_months", ColumnType::Int32, "months", "Report horizon, as in `dim_horizon`."),
        id(
            "path_id",
            ColumnType::Int64,
            "id",
            "Path, from 0; path k does not depend on the number of paths.",
        ),
    ];
    columns.extend(PathColumn::ALL.map(|column| {
        let (unit, about) = describe(column);
        ColumnInfo {
            name: column.name().into(),
            column_type: column_type(column),
            nullable: column == PathColumn::RuinMonth,
            unit: unit.into(),
            additive: if column == PathColumn::RebalanceEvents {
                Additive::Yes
            } else {
                Additive::No
            },
            about: about.into(),
        }
    }));
    columns.push(id(
        "ruined",
        ColumnType::Boolean,
        "flag",
        "Whether the account was empty by the horizon.",
    ));
    columns
}

/// Returns the type of a number kept per path.
#[must_use]
pub const fn column_type(column: PathColumn) -> ColumnType {
    match column {
        PathColumn::RebalanceEvents => ColumnType::Int64,
        PathColumn::TerminalWealthNominal
        | PathColumn::LogGrowthUnitAnnual
        | PathColumn::MaxDrawdownUnitFrac
        | PathColumn::MaxDrawdownBalanceFrac
        | PathColumn::MonthsUnderWaterUnit
        | PathColumn::VolUnitAnnual
        | PathColumn::TurnoverOneWayAnnual
        | PathColumn::CostBpsAnnual
        | PathColumn::GrowthWeightMeanFrac
        | PathColumn::WeightDeviationRmsFrac
        | PathColumn::WeightDeviationMaxFrac
        | PathColumn::RuinMonth => ColumnType::Double,
    }
}

/// Unit and meaning of a number kept per path.
const fn describe(column: PathColumn) -> (&'static str, &'static str) {
    match column {
        PathColumn::TerminalWealthNominal => {
            ("currency", "Balance at the horizon, flows included; 0 after ruin.")
        }
        PathColumn::LogGrowthUnitAnnual => (
            "log return a year",
            "ln(unit_n) / years, over the years before ruin. The unit value is time-weighted: 1 at \
            the start, flows removed, net of costs and fees.",
        ),
        PathColumn::MaxDrawdownUnitFrac => (
            "fraction",
            "Largest fall of the unit value below its running peak, positive, seen at step ends.",
        ),
        PathColumn::MaxDrawdownBalanceFrac => (
            "fraction",
            "Largest fall of the balance below its running peak, flows included, positive.",
        ),
        PathColumn::MonthsUnderWaterUnit => (
            "months",
            "Time spent strictly below the running peak of the unit value: the total, not the \
            longest spell.",
        ),
        PathColumn::VolUnitAnnual => (
            "log return a year",
            "Standard deviation of the log returns of the unit value per step, times the square \
            root of the number of steps a year.",
        ),
        PathColumn::TurnoverOneWayAnnual => (
            "fraction a year",
            "Half the traded value over the wealth before the trade, per year; flows do not count.",
        ),
        PathColumn::RebalanceEvents => {
            ("events", "Number of steps in which the rule traded; flows do not count.")
        }
        PathColumn::CostBpsAnnual => (
            "basis points a year",
            "Costs and fees over the wealth before them, per year, costs of flows included; \
            positive when paid.",
        ),
        PathColumn::GrowthWeightMeanFrac => {
            ("fraction", "Mean weight of the growth assets after trading.")
        }
        PathColumn::WeightDeviationRmsFrac => (
            "fraction",
            "Root mean square over steps of the largest distance of a weight from its target, \
            before trading.",
        ),
        PathColumn::WeightDeviationMaxFrac => (
            "fraction",
            "Largest distance of a weight from its target at any step, before trading.",
        ),
        PathColumn::RuinMonth => ("months", "Time of ruin; null if the path was not ruined."),
    }
}

fn id(
    name: &'static str,
    column_type: ColumnType,
    unit: &'static str,
    about: &'static str,
) -> ColumnInfo {
    ColumnInfo {
        name: name.into(),
        column_type,
        nullable: false,
        unit: unit.into(),
        additive: Additive::No,
        about: about.into(),
    }
}
