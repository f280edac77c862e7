//! Builds all tables of the analysis from the states of a run, and from its path rows where they
//! are kept.

mod pass;
mod source;
mod tables;

use std::error::Error;
use std::ops::ControlFlow;

use corridor_core::cancel::Cancel;
use corridor_core::outcome::{CellId, PolicyId, ScenarioId};
use corridor_tables::label::{Method, Reason, Stat};
use corridor_tables::metric::MetricId;
use corridor_tables::state::{PartState, StateRows};

use self::pass::{Pass, go_on};
use self::source::{KeptError, Unreadable};
use crate::cell::MetricEstimates;
use crate::compare::Influence;
use crate::comparison::{Families, paired_error};
use crate::error::AnalysisError;
use crate::estimate::Estimate;
use crate::facts::{CellFacts, Facts};
use crate::fold::{FoldError, Folded};
use crate::input::AnalysisInput;
use crate::quantile::exact::ColumnSource;
use crate::reduce::{ReduceSpec, fold_followed};
use crate::table::{
    BiCompare, BiSummary, Tests, break_even_rows, compare_rows, exceedance_rows, robustness_rows,
    summary_rows,
};

pub use self::source::{KeptStates, StateSource};
pub use self::tables::{
    Analysis, Kept, KeptTables, LongTables, MetricRows, MetricTables, WideTables,
};

/// Analyses a run as [`analyse_by_metric`] does, and keeps the rows of all tables but the longest.
///
/// # Errors
/// Those of [`analyse_by_metric`].
pub fn analyse<E, P, S>(
    input: &AnalysisInput,
    states: &P,
    rows: Option<&S>,
    long: &mut dyn LongTables,
    cancel: Cancel<'_>,
) -> Result<Analysis, AnalysisError<E>>
where
    E: Error + Send,
    P: StateSource<Error = E>,
    S: ColumnSource<Error = E>,
{
    let mut kept = Kept::new(long);
    let wide = analyse_by_metric(input, states, rows, &mut kept, cancel)?;
    Ok(kept.with(wide, input.comparison.dimension()))
}

/// Analyses a run: folds its states, estimates every statistic and compares every policy with its
/// baseline.
///
/// `rows` are all path rows; with `None`, where none or only a sample is kept, quantiles come from
/// counts. `tables` takes the rows as they are found. Only a few metrics are in memory together where
/// cells are many. The result does not depend on that, nor on the number of threads, and
/// sums do not depend on how paths were split into parts.
///
/// # Errors
/// When states or rows cannot be read, do not belong together or do not fit the study; and soon
/// after the caller cancels or `tables` breaks.
pub fn analyse_by_metric<E, P, S>(
    input: &AnalysisInput,
    states: &P,
    rows: Option<&S>,
    tables: &mut dyn MetricTables,
    cancel: Cancel<'_>,
) -> Result<WideTables, AnalysisError<E>>
where
    E: Error + Send,
    P: StateSource<Error = E>,
    S: ColumnSource<Error = E>,
{
    check_baselines(input)?;
    let states = KeptError::of(states);
    let rows = rows.map(KeptError::of);
    let source = rows.as_ref().map(|rows| rows as &dyn ColumnSource<Error = Unreadable>);
    let found = Run { input, states: &states, rows: source, cancel }.analyse(tables);
    found.map_err(|error| {
        error.of_source(states.first().or_else(|| rows.and_then(KeptError::first)))
    })
}

/// A run that is analysed. Not generic, so that it is compiled once, with this crate.
struct Run<'a> {
    input: &'a AnalysisInput,
    states: &'a dyn StateSource<Error = Unreadable>,
    rows: Option<&'a dyn ColumnSource<Error = Unreadable>>,
    cancel: Cancel<'a>,
}

/// Metrics whose counts tell the tails of certainty equivalents; they are kept.
const WITH_TAILS: [MetricId; 2] = [MetricId::LOG_GROWTH, MetricId::TERMINAL_WEALTH];

impl Run<'_> {
    fn analyse(
        &self,
        tables: &mut dyn MetricTables,
    ) -> Result<WideTables, AnalysisError<Unreadable>> {
        let Self { input, cancel, .. } = *self;
        let passes = passes(self.sections_of_a_metric(), input.sections_at_once);
        let mut folded = Folded::default();
        let sums = match passes.as_slice() {
            [_] => StateRows::ALL,
            _ => StateRows { sums: true, counts: Some(&WITH_TAILS), sections: Some(&[]) },
        };
        self.visit(sums, &mut |piece| folded.add_piece(&piece))?;
        let spec =
            ReduceSpec::new(&input.horizons, &input.scenarios, &input.comparison.compare_with)
                .with_replicates(input.replicate_paths);
        let facts = input.facts();
        check_cells(input, &facts, &folded)?;
        let cells: Vec<CellId> = folded.cells().keys().copied().collect();
        let families = Families::of(input, &facts, &folded);
        let mut tests = None;
        let mut summary = BiSummary::new(input, &facts, &cells);
        let mut compare = BiCompare::new(input, &facts, &folded, families.baselines());
        for metrics in &passes {
            if passes.len() > 1 {
                self.fold_further(metrics, &mut folded)?;
            }
            fold_followed(&input.followed, metrics, &spec, &mut folded, cancel)?;
            let tests = tests.get_or_insert_with(|| Tests::of(input, &folded, metrics[0]));
            let (facts, rows) = (&facts, self.rows);
            let pass = Pass { input, facts, folded: &folded, cells: &cells, rows, cancel };
            let mut estimates = pass.estimates(metrics, tables.are_wanted())?;
            for (metric, found) in &mut estimates {
                if tables.are_wanted() {
                    pass.long_tables(*metric, found, tables)?;
                }
                found.values_mut().for_each(MetricEstimates::keep_summary);
            }
            let compared = families.compare(input, &folded, &estimates, cancel)?;
            let tested = tests.rows(input, facts, &folded, &estimates, cancel)?;
            for (((metric, found), compared), tests) in estimates.iter().zip(&compared).zip(tested)
            {
                summary.add(*metric, found);
                compare.add(*metric, compared);
                let rows = MetricRows {
                    summary: summary_rows(*metric, found),
                    exceedance: exceedance_rows(&folded, *metric, input.replicate_paths),
                    compare: compare_rows(compared),
                    tests,
                    robustness: robustness_rows(input, *metric, found, compared),
                    break_even: break_even_rows(input, *metric, compared),
                };
                go_on(tables.metric(rows))?;
            }
            folded.forget(metrics, &WITH_TAILS);
        }
        Ok(WideTables { bi_summary: summary.finish(), bi_compare: compare.finish() })
    }

    /// About the number of sections of one metric, over all cells.
    fn sections_of_a_metric(&self) -> usize {
        let AnalysisInput { scenarios, policies, horizons, .. } = self.input;
        let cells = scenarios.len() * policies.len() * horizons.len();
        cells.saturating_mul(self.states.paths().min(SECTIONS_OF_A_RUN) as usize)
    }

    /// Reads counts and sections of some metrics.
    fn fold_further(
        &self,
        metrics: &[MetricId],
        folded: &mut Folded,
    ) -> Result<(), AnalysisError<Unreadable>> {
        let counts: Vec<MetricId> =
            metrics.iter().copied().filter(|metric| !WITH_TAILS.contains(metric)).collect();
        let wanted = StateRows { sums: false, counts: Some(&counts), sections: Some(metrics) };
        self.visit(wanted, &mut |piece| folded.add_further(&piece))
    }

    /// Passes pieces of states to `add` until it fails.
    fn visit(
        &self,
        wanted: StateRows<'_>,
        add: &mut dyn FnMut(PartState) -> Result<(), FoldError>,
    ) -> Result<(), AnalysisError<Unreadable>> {
        let mut stopped = Ok(());
        let mut visit = |piece: PartState| {
            let added = || self.cancel.check().map_err(AnalysisError::Cancelled);
            stopped = added().and_then(|()| add(piece).map_err(AnalysisError::Fold));
            if stopped.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        self.states.visit(wanted, &mut visit).map_err(AnalysisError::Read)?;
        stopped
    }
}

/// About the number of sections of a run.
const SECTIONS_OF_A_RUN: u64 = 1 << 10;

/// Lists the metrics that are analysed together, given the number of sections of a metric and the
/// largest one of all together. The results of a metric do not depend on the others.
fn passes(sections: usize, most: usize) -> Vec<Vec<MetricId>> {
    let metrics: Vec<MetricId> = MetricId::all().collect();
    let at_once = (most / sections.max(1)).max(1);
    metrics.chunks(at_once).map(<[MetricId]>::to_vec).collect()
}

/// Returns the largest standard error of a policy's difference from its baseline on the primary
/// metric, over all scenarios at their longest horizon; `None` before any is known. The sums may be
/// those of a run that is still going on.
#[must_use]
pub fn widest_error(input: &AnalysisInput, folded: &Folded) -> Option<f64> {
    let end = |scenario: ScenarioId| {
        folded
            .cells()
            .keys()
            .filter(|id| id.scenario_id == scenario)
            .map(|id| id.horizon_months)
            .max()
    };
    let facts = input.facts();
    let error = |id: &CellId| {
        let with = *input.comparison.compare_with.get(id.policy_id.index())?;
        (with != id.policy_id && end(id.scenario_id) == Some(id.horizon_months)).then_some(())?;
        let facts = facts.at((*id).into());
        let of = |id: CellId| error_of(folded, id, input.comparison.primary, &facts);
        match input.replicate_paths {
            1 => paired_error(folded, *id, with, input.comparison.primary, &facts),
            _ => of(*id)?.minus(&of(CellId { policy_id: with, ..*id })?)?.std_error(),
        }
    };
    folded.cells().keys().filter_map(error).reduce(f64::max)
}

/// Contributions of the sections to the error of a metric's mean.
fn error_of(folded: &Folded, id: CellId, metric: MetricId, facts: &CellFacts) -> Option<Influence> {
    let cell = folded.cells().get(&id)?;
    let value = Estimate::without_error(
        cell.moments(metric).mean()?,
        cell.moments(metric).n,
        Method::SumsT,
        Reason::NoValues,
    );
    Influence::of(cell, metric, Stat::Mean, facts, &value, None)
}

fn check_baselines<E>(input: &AnalysisInput) -> Result<(), AnalysisError<E>> {
    let policies = input.policies.len();
    let unknown =
        (0..).zip(&input.comparison.compare_with).find(|&(_, &with)| with.index() >= policies);
    match unknown {
        Some((policy, &with)) => {
            Err(AnalysisError::UnknownBaseline { policy: PolicyId(policy), with, policies })
        }
        None => Ok(()),
    }
}

fn check_cells(
    input: &AnalysisInput,
    facts: &Facts,
    folded: &Folded,
) -> Result<(), AnalysisError<Unreadable>> {
    if folded.cells().is_empty() {
        return Err(AnalysisError::Empty);
    }
    let is_known = |id: &CellId| {
        (id.scenario_id.index()) < input.scenarios.len()
            && (id.policy_id.index()) < input.policies.len()
            && facts.years(id.horizon_months).is_some()
    };
    match folded.cells().keys().find(|id| !is_known(id)) {
        Some(id) => Err(AnalysisError::UnknownCell(*id)),
        None => Ok(()),
    }
}
