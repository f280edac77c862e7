//! Builds all tables of the analysis from the states of a run, and from its path rows where they
//! are kept.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::Level;
use corridor_core::outcome::{CellId, PathColumn, PolicyId, ScenarioId};
use corridor_tables::label::{Method, Reason, Stat};
use corridor_tables::metric::MetricId;
use corridor_tables::state::PartState;
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

/// Analyses a run as [`analyse_by_metric`] does, and keeps the rows of all tables but the longest.
///
/// # Errors
/// Those of [`analyse_by_metric`].
pub fn analyse<E, S>(
    input: &AnalysisInput,
    states: impl IntoIterator<Item = Result<PartState, E>>,
    rows: Option<&S>,
    long: &mut dyn LongTables,
    cancel: Cancel<'_>,
) -> Result<Analysis, AnalysisError<E>>
where
    E: Error + Send,
    S: ColumnSource<Error = E>,
{
    let mut kept = Kept::new(long);
    let wide = analyse_by_metric(input, states, rows, &mut kept, cancel)?;
    Ok(kept.with(wide, input.comparison.dimension()))
}

/// Analyses a run: folds its states, estimates every statistic and compares every policy with its
/// baseline.
///
/// `states` come in part order. `rows` are all path rows; with `None`, where none or only a sample
/// is kept, quantiles come from counts. `tables` takes the rows as they are found. The result does
/// not depend on the number of threads, and sums do not depend on how paths were split into parts.
///
/// # Errors
/// When states or rows cannot be read, do not belong together or do not fit the study; and soon
/// after the caller cancels or `tables` breaks.
pub fn analyse_by_metric<E, S>(
    input: &AnalysisInput,
    states: impl IntoIterator<Item = Result<PartState, E>>,
    rows: Option<&S>,
    tables: &mut dyn MetricTables,
    cancel: Cancel<'_>,
) -> Result<WideTables, AnalysisError<E>>
where
    E: Error + Send,
    S: ColumnSource<Error = E>,
{
    check_baselines(input)?;
    let mut folded = Folded::default();
    for state in states {
        cancel.check()?;
        folded.add(&state.map_err(AnalysisError::Read)?).map_err(AnalysisError::Fold)?;
    }
    let Some(source) = rows else {
        return conclude(input, folded, None, tables, cancel)
            .map_err(|error| error.of_source(None));
    };
    let rows = KeptError { source, first: Mutex::new(None) };
    conclude(input, folded, Some(&rows), tables, cancel)
        .map_err(|error| error.of_source(rows.first()))
}

/// Analyses folded states. Not generic, so that it is compiled once, with this crate.
fn conclude(
    input: &AnalysisInput,
    mut folded: Folded,
    rows: Option<&dyn ColumnSource<Error = Unreadable>>,
    tables: &mut dyn MetricTables,
    cancel: Cancel<'_>,
) -> Result<WideTables, AnalysisError<Unreadable>> {
    let spec = ReduceSpec::new(&input.horizons, &input.scenarios, &input.comparison.compare_with)
        .with_replicates(input.replicate_paths);
    fold_followed(&input.followed, &spec, &mut folded, cancel)?;
    let facts = input.facts();
    check_cells(input, &facts, &folded)?;
    let cells: Vec<CellId> = folded.cells().keys().copied().collect();
    let families = Families::of(input, &facts, &folded);
    let sections =
        folded.cells().values().next().map_or(0, |cell| cell.sections(MetricId::LOG_GROWTH).len());
    let tests = Tests::of(input, &folded, sections);
    let mut summary = BiSummary::new(input, &facts, &cells);
    let mut compare = BiCompare::new(input, &facts, &folded, families.baselines());
    for metrics in passes(cells.len() * sections) {
        let pass = Pass { input, facts: &facts, folded: &folded, cells: &cells, rows, cancel };
        let mut estimates = pass.estimates(&metrics, tables.are_wanted())?;
        for (metric, found) in &mut estimates {
            if tables.are_wanted() {
                pass.long_tables(*metric, found, tables)?;
            }
            found.values_mut().for_each(MetricEstimates::keep_summary);
        }
        let compared = families.compare(input, &folded, &estimates, cancel)?;
        let tests = tests.rows(input, &facts, &folded, &estimates, cancel)?;
        for (((metric, found), compared), tests) in estimates.iter().zip(&compared).zip(tests) {
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
    }
    Ok(WideTables { bi_summary: summary.finish(), bi_compare: compare.finish() })
}

/// Most sections, over all cells and metrics, that are analysed at a time: a section takes about 200
/// bytes with the counts and estimates beside it.
const SECTIONS_AT_ONCE: usize = 1 << 20;

/// Lists the metrics that are analysed together, given the number of sections of all cells. The
/// results of a metric do not depend on the others.
fn passes(sections: usize) -> Vec<Vec<MetricId>> {
    let metrics: Vec<MetricId> = MetricId::all().collect();
    let at_once = (SECTIONS_AT_ONCE / sections.max(1)).max(1);
    metrics.chunks(at_once).map(<[MetricId]>::to_vec).collect()
}

/// Ends the analysis where a table takes no more rows.
fn go_on(flow: ControlFlow<()>) -> Result<(), Cancelled> {
    if flow.is_break() { Err(Cancelled) } else { Ok(()) }
}

/// What the estimates of some metrics are made of.
struct Pass<'a> {
    input: &'a AnalysisInput,
    facts: &'a Facts,
    folded: &'a Folded,
    cells: &'a [CellId],
    rows: Option<&'a dyn ColumnSource<Error = Unreadable>>,
    cancel: Cancel<'a>,
}

impl Pass<'_> {
    /// Estimates some metrics of all cells, in parallel; the result does not depend on the number of
    /// threads.
    fn estimates(
        &self,
        metrics: &[MetricId],
        all_percents: bool,
    ) -> Result<Vec<(MetricId, Estimates)>, AnalysisError<Unreadable>> {
        let ranks = RankTable::new(self.folded, metrics, all_percents, self.cancel)?;
        let chunks: Vec<(usize, &[CellId])> = (0..metrics.len())
            .flat_map(|place| self.cells.chunks(CELLS_AT_ONCE).map(move |cells| (place, cells)))
            .collect();
        let found = chunks.into_par_iter().map(|(place, cells)| {
            let exact = self.search(metrics[place], cells, &ranks)?;
            let known = |id: &CellId| self.folded.cells().get_key_value(id);
            let estimate = |(id, fold): (&CellId, &CellFold)| {
                self.cancel.check()?;
                let (metric, exact) = (metrics[place], exact.get(id));
                Ok((*id, estimate((*id, fold), metric, self.facts, &ranks, exact, self.input)))
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
            self.cancel.check()?;
            go_on(tables.quantiles(quantile_rows(metric, cells.iter().copied())))?;
        }
        histogram_rows(self.folded, metric, &mut |rows| tables.histogram(rows), self.cancel)
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
        let Some(rows) = self.rows.filter(|_| has_rows && !Grid::from(spacing).is_exact()) else {
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
        search(&values, &requests, self.cancel).map_err(|error| match error {
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

/// Rows that keep the first error of their source, whose type the analysis does not depend on.
struct KeptError<'a, S: ColumnSource> {
    source: &'a S,
    first: Mutex<Option<S::Error>>,
}

impl<S: ColumnSource> KeptError<'_, S> {
    /// Returns the error that is kept.
    fn first(self) -> Option<S::Error> {
        self.first.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: ColumnSource<Error: Send>> ColumnSource for KeptError<'_, S> {
    type Error = Unreadable;

    fn stream(
        &self,
        columns: &[PathColumn],
        cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), Unreadable> {
        self.source.stream(columns, cells, visit).map_err(|error| {
            self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            Unreadable
        })
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
