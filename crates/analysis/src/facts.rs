//! Holds the facts of a scenario at a horizon that the values of a path depend on: length, initial
//! balance, prices, the return of cash, and a goal.

use std::collections::BTreeMap;

use corridor_core::numerics::{ln, pow};
use corridor_core::outcome::{CellId, ScenarioId};

/// A report horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Months from the start: the id of the horizon in every table.
    pub months: u32,
    /// Years from the start, as used for growth rates: steps over steps a year.
    pub years: f64,
}

/// A scenario at one of its report horizons: the cells of all policies that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// Scenario, as in `dim_scenario`.
    pub scenario_id: ScenarioId,
    /// Report horizon in months, as in `dim_horizon`.
    pub horizon_months: u32,
}

impl From<CellId> for Setting {
    fn from(cell: CellId) -> Self {
        Self { scenario_id: cell.scenario_id, horizon_months: cell.horizon_months }
    }
}

/// Facts of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioFacts {
    /// Label, as in `dim_scenario`.
    pub name: String,
    /// Initial balance, in currency; above 0.
    pub initial_balance: f64,
    /// Inflation a year, as an effective rate: 0.02 = 2 %; above -1.
    pub inflation_annual: f64,
    /// Return of cash a year, as an effective rate: 0.02 = 2 %; above -1.
    pub risk_free_annual: f64,
    /// Balance that the account should reach, if there is a goal.
    pub goal: Option<Goal>,
}

impl ScenarioFacts {
    /// Returns a scenario without inflation, return of cash or goal.
    #[must_use]
    pub fn plain(name: String, initial_balance: f64) -> Self {
        Self { name, initial_balance, inflation_annual: 0.0, risk_free_annual: 0.0, goal: None }
    }
}

/// A balance to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    /// Balance, in currency; above 0.
    pub amount: f64,
    /// Whether the amount is in money of the start and grows with prices.
    pub indexed: bool,
}

/// The facts of a scenario at one of its horizons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellFacts {
    /// Years to the horizon: steps / steps a year.
    pub years: f64,
    /// Initial balance, in currency.
    pub initial_balance: f64,
    /// Price level at the horizon, `(1 + inflation)^years`; 1 at the start.
    pub price_level: f64,
    /// Log return of cash a year, `ln(1 + rate)`.
    pub log_risk_free: f64,
    /// Balance to reach at the horizon, in currency.
    pub goal: Option<f64>,
}

impl CellFacts {
    /// Returns the facts `years` after an initial balance of 1, without inflation, return of cash
    /// or goal.
    #[must_use]
    pub fn plain(years: f64) -> Self {
        Self { years, initial_balance: 1.0, price_level: 1.0, log_risk_free: 0.0, goal: None }
    }
}

/// The facts of every scenario at every horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    years: BTreeMap<u32, f64>,
    scenarios: Vec<ScenarioFacts>,
}

impl Facts {
    /// Takes scenarios by id; an unknown one is [`ScenarioFacts::plain`] with a balance of 1.
    #[must_use]
    pub fn new(horizons: &[Horizon], scenarios: &[ScenarioFacts]) -> Self {
        Self {
            years: horizons.iter().map(|horizon| (horizon.months, horizon.years)).collect(),
            scenarios: scenarios.to_vec(),
        }
    }

    /// Returns the years to a horizon; `None` if it is not in the list.
    #[must_use]
    pub fn years(&self, horizon_months: u32) -> Option<f64> {
        self.years.get(&horizon_months).copied()
    }

    /// Returns the facts of a scenario at a horizon.
    #[must_use]
    pub fn at(&self, setting: Setting) -> CellFacts {
        let Setting { scenario_id, horizon_months } = setting;
        let plain = CellFacts::plain(
            self.years(horizon_months).unwrap_or(f64::from(horizon_months) / 12.0),
        );
        let Some(scenario) = self.scenarios.get(scenario_id.index()) else { return plain };
        let price_level = pow(1.0 + scenario.inflation_annual, plain.years);
        CellFacts {
            initial_balance: scenario.initial_balance,
            price_level,
            log_risk_free: ln(1.0 + scenario.risk_free_annual),
            goal: scenario
                .goal
                .map(|goal| if goal.indexed { goal.amount * price_level } else { goal.amount }),
            ..plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indexed_goal_grows_with_prices_and_a_plain_one_does_not() {
        let goal = |indexed| Some(Goal { amount: 100.0, indexed });
        let scenario = |indexed| ScenarioFacts {
            inflation_annual: 0.1,
            risk_free_annual: 0.02,
            goal: goal(indexed),
            ..ScenarioFacts::plain("s".to_owned(), 50.0)
        };
        let facts =
            Facts::new(&[Horizon { months: 24, years: 2.0 }], &[scenario(false), scenario(true)]);
        let at = |scenario_id, horizon_months| facts.at(Setting { scenario_id, horizon_months });
        let (plain, indexed) = (at(ScenarioId(0), 24), at(ScenarioId(1), 24));
        assert_eq!((plain.goal, plain.years, plain.initial_balance), (Some(100.0), 2.0, 50.0));
        assert!(
            (indexed.goal.expect("a goal") - 121.0).abs() < 1e-12
                && (indexed.price_level - 1.21).abs() < 1e-14
        );
        assert!((plain.log_risk_free - 0.02_f64.ln_1p()).abs() < 1e-15);
        assert_eq!(at(ScenarioId(7), 60), CellFacts::plain(5.0), "neither is known");
    }
}
