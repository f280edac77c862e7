//! Builds all tables of the analysis from the states of a run, and from its path rows where they
//! are kept.

use std::collections::BTreeMap;
use std::error::Error;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::Level;
use corridor_core::outcome::{CellId, PathColumn, PolicyId, ScenarioId};
use corridor_tables::label::{Method, Reason, Stat};
use corridor_tables::metric::MetricId;
use corridor_tables::state::{PartState, StateRows};
use corridor_tables::{
    BreakEvenRow, CompareRow, DimMetricRow, ExceedanceRow, HistogramRow, QuantileRow,
    RobustnessRow, SummaryRow, TestRow, WideTable,
};
use rayon::prelude::*;

use crate::bucket::Grid;
use crate::cell::{CELLS_AT_ONCE, Estimates, MetricEstimates, RankTable, estimate};
use crate::compare::Influence;
use crate::comparison::{Families, paired_error};
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::estimate::Estimate;
use crate::facts::{CellFacts, Facts};
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::path_value::values;
use crate::quantile::exact::{
    ColumnSource, ColumnVisitor, Exact, ExactError, Request, ValueSource, search,
};
use crate::reduce::{ReduceSpec, fold_followed};
use crate::statistic::worst_tail;
use crate::table::{
    BiCompare, BiSummary, Tests, break_even_rows, compare_rows, exceedance_rows, histogram_rows,
    quantile_rows, robustness_rows, summary_rows,
};

/// The tables of an analysis, but for the two longest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analysis {
    /// `fact_summary`.
    pub summary: Vec<SummaryRow>,
    /// `fact_exceedance`.
    pub exceedance: Vec<ExceedanceRow>,
    /// `fact_compare`.
    pub compare: Vec<CompareRow>,
    /// `fact_test`.
    pub tests: Vec<TestRow>,
    /// `fact_robustness`.
    pub robustness: Vec<RobustnessRow>,
    /// `fact_break_even`.
    pub break_even: Vec<BreakEvenRow>,
    /// The wide table of estimates, `bi_summary`.
    pub bi_summary: WideTable,
    /// The wide table of comparisons, `bi_compare`.
    pub bi_compare: WideTable,
    /// `dim_metric`.
    pub metrics: Vec<DimMetricRow>,
}

/// Takes the rows of the two longest tables while they are found, so that they need not be in memory
/// as a whole.
///
/// Either method breaks to end the analysis, which then fails as if it were cancelled.
pub trait LongTables {
    /// Whether any rows are wanted; if not, only the quantiles that other tables show are estimated.
    fn are_wanted(&self) -> bool {
        true
    }

    /// Takes the next rows of `fact_quantile`.
    fn quantiles(&mut self, rows: Vec<QuantileRow>) -> ControlFlow<()>;

    /// Takes the next rows of `fact_histogram`.
    fn histogram(&mut self, rows: Vec<HistogramRow>) -> ControlFlow<()>;
}

/// Wants no rows.
impl LongTables for () {
    fn are_wanted(&self) -> bool {
        false
    }

    fn quantiles(&mut self, _rows: Vec<QuantileRow>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn histogram(&mut self, _rows: Vec<HistogramRow>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Takes the rows of all tables metric by metric, in the order of the metrics.
pub trait MetricTables: LongTables {
    /// Takes the rows of the next metric. It breaks to end the analysis, which then fails as if it
    /// were cancelled.
    fn metric(&mut self, rows: MetricRows) -> ControlFlow<()>;
}

/// The rows of all tables on one metric, but for the two longest.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricRows {
    /// `fact_summary`.
    pub summary: Vec<SummaryRow>,
    /// `fact_exceedance`.
    pub exceedance: Vec<ExceedanceRow>,
    /// `fact_compare`.
    pub compare: Vec<CompareRow>,
    /// `fact_test`.
    pub tests: Vec<TestRow>,
    /// `fact_robustness`.
    pub robustness: Vec<RobustnessRow>,
    /// `fact_break_even`.
    pub break_even: Vec<BreakEvenRow>,
}

/// The tables with a column for each metric.
#[derive(Clone, Debug, PartialEq)]
pub struct WideTables {
    /// The wide table of estimates, `bi_summary`.
    pub bi_summary: WideTable,
    /// The wide table of comparisons, `bi_compare`.
    pub bi_compare: WideTable,
}

/// The two longest tables, kept in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptTables {
    /// `fact_quantile`.
    pub quantiles: Vec<QuantileRow>,
    /// `fact_histogram`.
    pub histogram: Vec<HistogramRow>,
}

impl LongTables for KeptTables {
    fn quantiles(&mut self, mut rows: Vec<QuantileRow>) -> ControlFlow<()> {
        self.quantiles.append(&mut rows);
        ControlFlow::Continue(())
    }

    fn histogram(&mut self, mut rows: Vec<HistogramRow>) -> ControlFlow<()> {
        self.histogram.append(&mut rows);
        ControlFlow::Continue(())
    }
}

/// Keeps the rows of all metrics, and passes those of the longest tables on.
pub struct Kept<'a> {
    long: &'a mut dyn LongTables,
    analysis: Analysis,
}

impl<'a> Kept<'a> {
    /// Starts without rows; `long` takes those of the longest tables.
    #[must_use]
    pub fn new(long: &'a mut dyn LongTables) -> Self {
        Self { long, analysis: Analysis::default() }
    }

    /// Returns what was kept, with the tables that end an analysis and the rows of `dim_metric`.
    #[must_use]
    pub fn with(self, wide: WideTables, metrics: Vec<DimMetricRow>) -> Analysis {
        let WideTables { bi_summary, bi_compare } = wide;
        Analysis { bi_summary, bi_compare, metrics, ..self.analysis }
    }
}

impl LongTables for Kept<'_> {
    fn are_wanted(&self) -> bool {
        self.long.are_wanted()
    }

    fn quantiles(&mut self, rows: Vec<QuantileRow>) -> ControlFlow<()> {
        self.long.quantiles(rows)
    }

    fn histogram(&mut self, rows: Vec<HistogramRow>) -> ControlFlow<()> {
        self.long.histogram(rows)
    }
}

impl MetricTables for Kept<'_> {
    fn metric(&mut self, mut rows: MetricRows) -> ControlFlow<()> {
        let kept = &mut self.analysis;
        kept.summary.append(&mut rows.summary);
        kept.exceedance.append(&mut rows.exceedance);
        kept.compare.append(&mut rows.compare);
        kept.tests.append(&mut rows.tests);
        kept.robustness.append(&mut rows.robustness);
        kept.break_even.append(&mut rows.break_even);
        ControlFlow::Continue(())
    }
}

/// The states of the parts of a run, of which some rows are read at a time.
pub trait StateSource: Sync {
    /// Why states could not be read.
    type Error;

    /// Number of paths of all parts.
    fn paths(&self) -> u64;

    /// Reads some rows of the state of every part, in part order.
    fn states<'s>(&'s self, wanted: StateRows<'s>) -> StateIter<'s, Self::Error>;
}

/// States in part order.
pub type StateIter<'s, E> = Box<dyn Iterator<Item = Result<PartState, E>> + 's>;

/// States that are in memory; reading them cannot fail, and `E` is the error of the rows beside them.
#[derive(Clone, Copy, Debug)]
pub struct KeptStates<'a, E> {
    states: &'a [PartState],
    error: PhantomData<fn() -> E>,
}

impl<'a, E> KeptStates<'a, E> {
    /// Takes the states of all parts in part order.
    #[must_use]
    pub const fn new(states: &'a [PartState]) -> Self {
        Self { states, error: PhantomData }
    }
}

impl<E> StateSource for KeptStates<'_, E> {
    type Error = E;

    fn paths(&self) -> u64 {
        self.states.iter().map(|state| state.paths).sum()
    }

    fn states<'s>(&'s self, wanted: StateRows<'s>) -> StateIter<'s, E> {
        Box::new(self.states.iter().map(move |state| Ok(state.only(wanted))))
    }
}

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
    let states = KeptError { source: states, first: Mutex::new(None) };
    let rows = rows.map(|source| KeptError { source, first: Mutex::new(None) });
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
        for state in self.states.states(sums) {
            cancel.check()?;
            folded.add(&state.map_err(AnalysisError::Read)?).map_err(AnalysisError::Fold)?;
        }
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
            let pass = Pass { run: self, facts: &facts, folded: &folded, cells: &cells };
            let mut estimates = pass.estimates(metrics, tables.are_wanted())?;
            for (metric, found) in &mut estimates {
                if tables.are_wanted() {
                    pass.long_tables(*metric, found, tables)?;
                }
                found.values_mut().for_each(MetricEstimates::keep_summary);
            }
            let compared = families.compare(input, &folded, &estimates, cancel)?;
            let tested = tests.rows(input, &facts, &folded, &estimates, cancel)?;
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
        for state in self.states.states(wanted) {
            self.cancel.check()?;
            let state = state.map_err(AnalysisError::Read)?;
            folded.add_further(&state).map_err(AnalysisError::Fold)?;
        }
        Ok(())
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

/// Ends the analysis where a table takes no more rows.
fn go_on(flow: ControlFlow<()>) -> Result<(), Cancelled> {
    if flow.is_break() { Err(Cancelled) } else { Ok(()) }
}

/// What the estimates of some metrics are made of.
struct Pass<'a> {
    run: &'a Run<'a>,
    facts: &'a Facts,
    folded: &'a Folded,
    cells: &'a [CellId],
}

impl Pass<'_> {
    /// Estimates some metrics of all cells, in parallel; the result does not depend on the number of
    /// threads.
    fn estimates(
        &self,
        metrics: &[MetricId],
        all_percents: bool,
    ) -> Result<Vec<(MetricId, Estimates)>, AnalysisError<Unreadable>> {
        let ranks = RankTable::new(self.folded, metrics, all_percents, self.run.cancel)?;
        let chunks: Vec<(usize, &[CellId])> = (0..metrics.len())
            .flat_map(|place| self.cells.chunks(CELLS_AT_ONCE).map(move |cells| (place, cells)))
            .collect();
        let found = chunks.into_par_iter().map(|(place, cells)| {
            let exact = self.search(metrics[place], cells, &ranks)?;
            let known = |id: &CellId| self.folded.cells().get_key_value(id);
            let estimate = |(id, fold): (&CellId, &CellFold)| {
                self.run.cancel.check()?;
                let (metric, exact) = (metrics[place], exact.get(id));
                Ok((*id, estimate((*id, fold), metric, self.facts, &ranks, exact, self.run.input)))
            };
            let found = cells.iter().filter_map(known).map(estimate);
            Ok((place, found.collect::<Result<Vec<_>, AnalysisError<Unreadable>>>()?))
        });
        let found = found.collect::<Result<Vec<_>, AnalysisError<Unreadable>>>()?;
        let mut estimates: Vec<(MetricId, Estimates)> =
            metrics.iter().map(|&metric| (metric, Estimates::new())).collect();
        for (place, found) in found {
            estimates[place].1.extend(found);
        }
        Ok(estimates)
    }

    /// Passes the rows of a metric for the longest tables on.
    fn long_tables(
        &self,
        metric: MetricId,
        estimates: &Estimates,
        tables: &mut dyn MetricTables,
    ) -> Result<(), Cancelled> {
        let cells: Vec<(&CellId, &MetricEstimates)> = estimates.iter().collect();
        for cells in cells.chunks(CELLS_AT_ONCE) {
            self.run.cancel.check()?;
            go_on(tables.quantiles(quantile_rows(metric, cells.iter().copied())))?;
        }
        histogram_rows(self.folded, metric, &mut |rows| tables.histogram(rows), self.run.cancel)
    }

    /// Searches a metric in the path rows of some cells; finds nothing without rows, and for a metric
    /// whose counts tell its order statistics exactly, as those of whole numbers do.
    fn search(
        &self,
        metric: MetricId,
        cells: &[CellId],
        ranks: &RankTable,
    ) -> Result<BTreeMap<CellId, Exact>, AnalysisError<Unreadable>> {
        let (source, spacing) = (metric.metric().source, metric.metric().spacing);
        let has_rows = source.has_distribution() && !source.inputs().is_empty();
        let Some(rows) = self.run.rows.filter(|_| has_rows && !Grid::from(spacing).is_exact())
        else {
            return Ok(BTreeMap::new());
        };
        let request = |counts| {
            let n = Counts::total(counts);
            let ranks = ranks.of(n).iter().flat_map(|(_, ranks)| ranks.ranks()).collect();
            Request { counts, ranks, tail: worst_tail(metric.metric()).filter(|_| n > 1) }
        };
        let requests: BTreeMap<CellId, Request<'_>> = cells
            .iter()
            .filter_map(|id| Some((*id, request(self.folded.cells().get(id)?.counts(metric)))))
            .collect();
        let values = MetricValues { rows, metric, facts: self.facts, cells };
        search(&values, &requests, self.run.cancel).map_err(|error| match error {
            ExactError::Source(error) => AnalysisError::Read(error),
            ExactError::Cancelled => AnalysisError::Cancelled(Cancelled),
            ExactError::Mismatch(cell) => {
                AnalysisError::RowsDisagree { metric: metric.metric().name, cell }
            }
        })
    }
}

/// The rows could not be read; [`KeptError`] has the error.
#[derive(Debug)]
struct Unreadable;

/// A source that keeps its first error, on whose type the analysis does not depend.
struct KeptError<'a, S, E> {
    source: &'a S,
    first: Mutex<Option<E>>,
}

impl<S, E> KeptError<'_, S, E> {
    fn keep(&self, error: E) -> Unreadable {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        Unreadable
    }

    /// Returns the error that is kept.
    fn first(self) -> Option<E> {
        self.first.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: StateSource<Error = E>, E: Send> StateSource for KeptError<'_, S, E> {
    type Error = Unreadable;

    fn paths(&self) -> u64 {
        self.source.paths()
    }

    fn states<'s>(&'s self, wanted: StateRows<'s>) -> StateIter<'s, Unreadable> {
        let states = self.source.states(wanted);
        Box::new(states.map(|state| state.map_err(|error| self.keep(error))))
    }
}

impl<S: ColumnSource<Error = E>, E: Send> ColumnSource for KeptError<'_, S, E> {
    type Error = Unreadable;

    fn stream(
        &self,
        columns: &[PathColumn],
        cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), Unreadable> {
        self.source.stream(columns, cells, visit).map_err(|error| self.keep(error))
    }
}

impl AnalysisError<Unreadable> {
    /// Puts the error of the source in its place.
    fn of_source<E>(self, first: Option<E>) -> AnalysisError<E> {
        match (self, first) {
            (Self::Read(Unreadable), Some(error)) => AnalysisError::Read(error),
            // Unreadable rows have kept their error.
            (Self::Read(Unreadable), None) | (Self::Cancelled(Cancelled), _) => {
                AnalysisError::Cancelled(Cancelled)
            }
            (Self::Fold(error), _) => AnalysisError::Fold(error),
            (Self::Empty, _) => AnalysisError::Empty,
            (Self::UnknownCell(cell), _) => AnalysisError::UnknownCell(cell),
            (Self::UnknownBaseline { policy, with, policies }, _) => {
                AnalysisError::UnknownBaseline { policy, with, policies }
            }
            (Self::PairNotKept { policy, with }, _) => AnalysisError::PairNotKept { policy, with },
            (Self::RowsDisagree { metric, cell }, _) => {
                AnalysisError::RowsDisagree { metric, cell }
            }
        }
    }
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

/// Values of one metric of some cells on all stored paths, computed from their rows.
struct MetricValues<'a> {
    rows: &'a dyn ColumnSource<Error = Unreadable>,
    metric: MetricId,
    facts: &'a Facts,
    cells: &'a [CellId],
}

impl ValueSource for MetricValues<'_> {
    type Error = Unreadable;

    fn stream(
        &self,
        visit: &mut dyn FnMut(CellId, &[f64]) -> ControlFlow<()>,
    ) -> Result<(), Unreadable> {
        let source = self.metric.metric().source;
        self.rows.stream(source.inputs(), self.cells, &mut |id, inputs| {
            visit(id, &values(source, inputs, &self.facts.at(id.into()), Level::best()))
        })
    }
}
