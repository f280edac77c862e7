//! Derives the input of the analysis from a plan, and passes the stored parts to it.

use std::collections::BTreeMap;

use corridor_analysis::analyse::{self, Analysis, Kept, MetricTables, WideTables};
use corridor_analysis::control::Control;
use corridor_analysis::facts::{Goal, ScenarioFacts};
use corridor_analysis::input::{AnalysisInput, ComparisonSpec, Over, SECTIONS_AT_ONCE, Series};
use corridor_analysis::reduce::{FollowedCell, Horizon, ReduceSpec};
use corridor_analysis::section::{SectionSpec, Thresholds};
use corridor_core::cancel::Cancel;
use corridor_core::outcome::PolicyId;
use corridor_store::stored_parts::StoredParts;
use corridor_study::plan::RunPlan;

use crate::error::Error;
use crate::stored_rows::{StoredRows, StoredStates};
use crate::work::Work;

/// Analyses the stored parts of a run metric by metric; `tables` takes the rows.
///
/// # Errors
/// [`Error::Store`] if parts cannot be read, [`Error::Analysis`] if they do not fit the plan.
pub fn analyse_by_metric(
    plan: &RunPlan,
    parts: &StoredParts,
    followed: Vec<FollowedCell>,
    controls: Vec<Control>,
    tables: &mut dyn MetricTables,
    work: &Work<'_>,
) -> Result<WideTables, Error> {
    let rows = StoredRows::of(parts)?;
    let input = AnalysisInput { followed, controls, ..input(plan)? };
    let is_cancelled = || work.is_cancelled();
    let cancel = Cancel::new(&is_cancelled);
    Ok(analyse::analyse_by_metric(&input, &StoredStates(parts), rows.as_ref(), tables, cancel)?)
}

/// Analyses the stored parts of a run and keeps the rows of all tables but the longest.
///
/// # Errors
/// [`Error::Store`] if parts cannot be read, [`Error::Analysis`] if they do not fit the plan.
pub fn analyse(
    plan: &RunPlan,
    parts: &StoredParts,
    followed: Vec<FollowedCell>,
    controls: Vec<Control>,
    work: &Work<'_>,
) -> Result<Analysis, Error> {
    let mut none = ();
    let mut kept = Kept::new(&mut none);
    let wide = analyse_by_metric(plan, parts, followed, controls, &mut kept, work)?;
    Ok(kept.with(wide, input(plan)?.comparison.dimension()))
}

/// Returns the input of an analysis of the plan, without followed cells and controls.
///
/// # Errors
/// [`Error::Comparison`] if policies cannot be compared as the study asks.
pub fn input(plan: &RunPlan) -> Result<AnalysisInput, Error> {
    let comparison = &plan.comparison;
    let margins = comparison.margins.iter().map(|(metric, margin)| (metric.as_str(), *margin));
    Ok(AnalysisInput {
        scenarios: scenario_facts(plan),
        policies: plan.policies.iter().map(|row| row.policy.clone()).collect(),
        look_ahead: plan
            .policies
            .iter()
            .filter(|row| row.look_ahead)
            .map(|row| PolicyId::of_number(row.policy_id))
            .collect(),
        horizons: horizons(plan),
        series: of(&plan.policy_series, Over::Policies)
            .chain(of(&plan.scenario_series, Over::Scenarios))
            .collect(),
        comparison: ComparisonSpec {
            further: comparison.tried_before.unwrap_or(0),
            ..ComparisonSpec::new(
                comparison.compare_with.clone(),
                &comparison.primary_metric,
                margins,
            )?
        },
        replicate_paths: plan.replicate_paths,
        controls: Vec::new(),
        followed: Vec::new(),
        sections_at_once: SECTIONS_AT_ONCE,
    })
}

/// Returns the facts of each scenario that metrics depend on, by scenario id.
#[must_use]
pub fn scenario_facts(plan: &RunPlan) -> Vec<ScenarioFacts> {
    let facts = plan.scenarios.iter().map(|row| ScenarioFacts {
        name: row.row.scenario.clone(),
        initial_balance: row.initial,
        inflation_annual: row.inflation_annual,
        risk_free_annual: row.risk_free_annual,
        goal: row.goal.map(|goal| Goal { amount: goal.amount, indexed: goal.indexed }),
    });
    facts.collect()
}

fn of(series: &[corridor_study::plan::Series], over: Over) -> impl Iterator<Item = Series> {
    series.iter().map(move |one| Series {
        over,
        axis: one.axis.clone(),
        title: one.title.clone(),
        key: one.key.clone(),
        label: one.label.clone(),
        points: one.points.clone(),
    })
}

/// Returns the sums that are taken over every part; sums over sections are added once thresholds
/// are known.
#[must_use]
pub fn reduce_spec(plan: &RunPlan) -> ReduceSpec {
    ReduceSpec::new(&horizons(plan), &scenario_facts(plan), &plan.comparison.compare_with)
}

/// Returns how parts are cut into sections, whose paths are counted at these thresholds.
#[must_use]
pub fn sections(plan: &RunPlan, thresholds: Thresholds) -> SectionSpec {
    SectionSpec { paths: plan.section_paths as usize, thresholds }
}

/// Returns the report horizons of all markets in increasing order.
fn horizons(plan: &RunPlan) -> Vec<Horizon> {
    let grids = plan.groups.iter().map(|group| (group.simulation.grid, &group.simulation.horizons));
    let of_grid = grids.flat_map(|(grid, steps)| {
        steps.iter().map(move |&t| ((grid.months(t) + 0.5) as u32, grid.years(t)))
    });
    let years: BTreeMap<u32, f64> = of_grid.collect();
    years.into_iter().map(|(months, years)| Horizon { months, years }).collect()
}
