//! Computes the value of a metric on each path, from the numbers kept per path and the facts of the
//! scenario.
//!
//! The catalogue [`corridor_tables::metric`] lists the metrics and the columns that each one needs.

use std::borrow::Cow;

use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{exp, ln};
use corridor_core::outcome::OutcomeCell;
use corridor_tables::metric::{Derived, Event, Source, Worth};

use crate::facts::CellFacts;

/// Volatility a year that counts as 0: rounding leaves about as much of a riskless asset.
pub const LEAST_VOL: f64 = 1e-9;

/// Returns whether a metric has values on path rows, given the facts of their scenario.
pub(crate) const fn is_defined(source: Source, facts: &CellFacts) -> bool {
    !source.is_followed() && (!source.needs_goal() || facts.goal.is_some())
}

/// Returns the values of a metric on all paths of a cell, in path order; empty for a metric that
/// does not follow from path rows.
pub(crate) fn values_of<'a>(
    source: Source,
    cell: &'a OutcomeCell,
    facts: &CellFacts,
    level: Level,
) -> Cow<'a, [f64]> {
    let inputs: Vec<&[f64]> = source.inputs().iter().map(|&column| cell.column(column)).collect();
    values(source, &inputs, facts, level)
}

/// Returns the values of a metric on some paths. `inputs` are the columns of [`Source::inputs`], in
/// order.
pub(crate) fn values<'a>(
    source: Source,
    inputs: &[&'a [f64]],
    facts: &CellFacts,
    level: Level,
) -> Cow<'a, [f64]> {
    let flags = |is: &dyn Fn(f64) -> bool| {
        Cow::Owned(inputs[0].iter().map(|&x| f64::from(u8::from(is(x)))).collect())
    };
    match source {
        Source::Column(_) => Cow::Borrowed(inputs[0]),
        Source::Event(Event::Ruined) => flags(&|month| !month.is_nan()),
        Source::Event(Event::GoalReached) => {
            let goal = facts.goal.unwrap_or(f64::INFINITY);
            flags(&|wealth| wealth >= goal)
        }
        Source::CertaintyEquivalent { gamma, worth } => {
            let power = 1.0 - f64::from(gamma);
            let (values, ruin_month) = (inputs[0], inputs[1]);
            Cow::Owned(level.run(Utility { worth, values, ruin_month, power, facts }))
        }
        Source::Derived(derived) => Cow::Owned(level.run(DerivedValues { derived, inputs, facts })),
        Source::Followed(_) => Cow::Borrowed(&[]),
    }
}

struct Utility<'a> {
    worth: Worth,
    /// Log growth a year or wealth.
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
            // In units of the initial balance, so that no currency over- or underflows.
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

/// The values of a derived metric, path by path.
struct DerivedValues<'a> {
    derived: Derived,
    /// Columns of [`Derived::inputs`], in order.
    inputs: &'a [&'a [f64]],
    facts: &'a CellFacts,
}

impl Kernel for DerivedValues<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run(self) -> Vec<f64> {
        let Self { derived, inputs, facts } = self;
        let [first, rest @ ..] = inputs else { return Vec::new() };
        let of = |value: &dyn Fn(f64) -> f64| first.iter().map(|&x| value(x)).collect();
        let goal = facts.goal.unwrap_or(f64::NAN);
        match derived {
            Derived::Cagr => first.iter().map(|&growth| exp(growth) - 1.0).collect(),
            Derived::Sharpe => {
                let vols = rest.first().copied().unwrap_or_default();
                let ratio = |(&growth, &vol): (&f64, &f64)| {
                    if vol > LEAST_VOL { (growth - facts.log_risk_free) / vol } else { f64::NAN }
                };
                first.iter().zip(vols).map(ratio).collect()
            }
            Derived::WealthReal => of(&|wealth| wealth / facts.price_level),
            Derived::FundedRatio => of(&|wealth| wealth / goal),
            Derived::Shortfall => of(&|wealth| (1.0 - wealth / goal).max(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::outcome::{PathColumn, PolicyId, ScenarioId};
    use corridor_tables::metric::MetricId;

    use super::*;

    #[test]
    fn utility_is_null_for_ruined_paths_only() {
        let id = corridor_core::outcome::CellId {
            scenario_id: ScenarioId(0),
            policy_id: PolicyId(0),
            horizon_months: 24,
        };
        let mut cell = OutcomeCell::with_capacity(id, 2);
        for column in &mut cell.columns {
            column.extend([0.0, 0.0]);
        }
        cell.columns[PathColumn::LogGrowthUnitAnnual as usize] = vec![0.05, 0.05];
        cell.columns[PathColumn::RuinMonth as usize] = vec![f64::NAN, 7.0];
        cell.columns[PathColumn::TerminalWealthNominal as usize] = vec![5e6, 0.0];
        let facts = CellFacts { initial_balance: 1e7, ..CellFacts::plain(2.0) };
        for (worth, expected) in [(Worth::Growth, exp(-0.2)), (Worth::Wealth, 4.0)] {
            let values = values_of(
                Source::CertaintyEquivalent { gamma: 3, worth },
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
            values_of(Source::Event(Event::Ruined), &cell, &facts, Level::BASELINE).as_ref(),
            [0.0, 1.0]
        );
    }

    #[test]
    fn derived_values_follow_their_formulas() {
        let id = corridor_core::outcome::CellId {
            scenario_id: ScenarioId(0),
            policy_id: PolicyId(0),
            horizon_months: 24,
        };
        let mut cell = OutcomeCell::with_capacity(id, 3);
        for column in &mut cell.columns {
            column.extend([0.0; 3]);
        }
        cell.columns[PathColumn::LogGrowthUnitAnnual as usize] = vec![0.05, -0.01, 0.02];
        // A volatility that only rounding leaves counts as 0.
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
            assert!(is_defined(source, &facts));
            values_of(source, &cell, &facts, Level::best()).into_owned()
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
                !is_defined(
                    MetricId::of_name(name).expect("registered").metric().source,
                    &CellFacts::plain(2.0)
                ),
                "{name} without a goal"
            );
        }
    }
}
