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
use corridor_tables::metric::{MetricId, dimension};
use corridor_tables::state::PartState;
use corridor_tables::{
    BreakEvenRow, CompareRow, DimMetricRow, ExceedanceRow, HistogramRow, QuantileRow,
    RobustnessRow, SummaryRow, TestRow, WideTable,
};
use rayon::prelude::*;

use crate::bucket::Grid;
use crate::cell::{
    CELLS_AT_ONCE, Estimates, ExactColumns, MetricEstimates, RankTable, estimate_all,
};
use crate::compare::Influence;
use crate::comparison::{compare_all, paired_error};
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::estimate::Estimate;
use crate::facts::{CellFacts, Facts};
use crate::fold::Folded;
use crate::input::AnalysisInput;
use crate::path_value::values;
use crate::quantile::exact::{
    ColumnSource, ColumnVisitor, Exact, ExactError, Request, ValueSource, search,
};
use crate::reduce::{ReduceSpec, fold_followed};
use crate::statistic::worst_tail;
use crate::table::{
    bi_compare, bi_summary, break_even_rows, compare_rows, exceedance_rows, histogram_rows,
    quantile_rows, robustness_rows, summary_rows, test_rows,
};

/// The tables of an analysis, but for the two longest.
#[derive(Clone, Debug, PartialEq)]
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

/// Analyses a run: folds its states, estimates every statistic and compares every policy with its
/// baseline.
///
/// `states` come in part order. `rows` are all path rows; with `None`, where none or only a sample
/// is kept, quantiles come from counts. `long` takes the rows of the longest tables. The result does
/// not depend on the number of threads, and sums do not depend on how paths were split into parts.
///
/// # Errors
/// When states or rows cannot be read, do not belong together or do not fit the study; and soon
/// after the caller cancels or `long` breaks.
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
    check_baselines(input)?;
    let mut folded = Folded::default();
    for state in states {
        cancel.check()?;
        folded.add(&state.map_err(AnalysisError::Read)?).map_err(AnalysisError::Fold)?;
    }
    let Some(source) = rows else {
        return conclude(input, folded, None, long, cancel).map_err(|error| error.of_source(None));
    };
    let rows = KeptError { source, first: Mutex::new(None) };
    conclude(input, folded, Some(&rows), long, cancel)
        .map_err(|error| error.of_source(rows.first()))
}

/// Analyses folded states. Not generic, so that it is compiled once, with this crate.
fn conclude(
    input: &AnalysisInput,
    mut folded: Folded,
    rows: Option<&dyn ColumnSource<Error = Unreadable>>,
    long: &mut dyn LongTables,
    cancel: Cancel<'_>,
) -> Result<Analysis, AnalysisError<Unreadable>> {
    let spec = ReduceSpec::new(&input.horizons, &input.scenarios, &input.comparison.compare_with)
        .with_replicates(input.replicate_paths);
    fold_followed(&input.followed, &spec, &mut folded, cancel)?;
    let facts = input.facts();
    check_cells(input, &facts, &folded)?;
    let ranks = RankTable::new(&folded, long.are_wanted(), cancel)?;
    let cells: Vec<CellId> = folded.cells().keys().copied().collect();
    let mut estimates = Estimates::new();
    for cells in cells.chunks(CELLS_AT_ONCE) {
        let exact = match rows {
            Some(rows) => search_all(rows, &facts, &folded, cells, &ranks, cancel)?,
            None => ExactColumns::new(),
        };
        let mut found = estimate_all(&folded, cells, &facts, &ranks, &exact, input, cancel)?;
        if long.are_wanted() && long.quantiles(quantile_rows(&found)).is_break() {
            return Err(Cancelled.into());
        }
        found.values_mut().flatten().for_each(MetricEstimates::keep_summary);
        estimates.append(&mut found);
    }
    if long.are_wanted() {
        histogram_rows(&folded, &mut |rows| long.histogram(rows), cancel)?;
    }
    let compared = compare_all(input, &facts, &folded, &estimates, cancel)?;
    let tests = test_rows(input, &facts, &folded, &estimates, cancel)?;
    let exceedance = exceedance_rows(&folded, input.replicate_paths);
    drop(folded); // the largest part by far, before the rows are made
    Ok(Analysis {
        robustness: robustness_rows(input, &estimates, &compared),
        break_even: break_even_rows(input, &compared),
        bi_summary: bi_summary(input, &facts, &estimates),
        bi_compare: bi_compare(input, &facts, &compared),
        compare: compare_rows(compared),
        summary: summary_rows(estimates),
        tests,
        exceedance,
        metrics: dimension(input.comparison.primary, &input.comparison.margins),
    })
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

/// Searches all metrics that have path rows in some cells, in parallel; the result does not depend on the number
/// of threads.
fn search_all(
    rows: &dyn ColumnSource<Error = Unreadable>,
    facts: &Facts,
    folded: &Folded,
    cells: &[CellId],
    ranks: &RankTable,
    cancel: Cancel<'_>,
) -> Result<ExactColumns, AnalysisError<Unreadable>> {
    // Counts of whole numbers and steps tell their order statistics exactly.
    let in_rows = |id: &MetricId| {
        let metric = id.metric();
        let has_rows = metric.source.has_distribution() && !metric.source.inputs().is_empty();
        has_rows && !Grid::from(metric.spacing).is_exact()
    };
    let metrics: Vec<MetricId> = MetricId::all().filter(in_rows).collect();
    let found: Vec<_> = metrics
        .into_par_iter()
        .map(|metric| {
            let rows = MetricRows { rows, metric, facts, cells };
            search_metric(&rows, folded, ranks, cancel)
        })
        .collect();
    found.into_iter().collect()
}

type Found = (MetricId, BTreeMap<CellId, Exact>);

fn search_metric(
    rows: &MetricRows<'_>,
    folded: &Folded,
    ranks: &RankTable,
    cancel: Cancel<'_>,
) -> Result<Found, AnalysisError<Unreadable>> {
    let metric = rows.metric;
    let request = |counts| {
        let n = Counts::total(counts);
        let ranks = ranks.of(n).iter().flat_map(|(_, ranks)| ranks.ranks()).collect();
        Request { counts, ranks, tail: worst_tail(metric.metric()).filter(|_| n > 1) }
    };
    let requests: BTreeMap<CellId, Request<'_>> = rows
        .cells
        .iter()
        .filter_map(|id| Some((*id, request(folded.cells().get(id)?.counts(metric)))))
        .collect();
    match search(rows, &requests, cancel) {
        Ok(found) => Ok((metric, found)),
        Err(ExactError::Source(error)) => Err(AnalysisError::Read(error)),
        Err(ExactError::Cancelled) => Err(AnalysisError::Cancelled(Cancelled)),
        Err(ExactError::Mismatch(cell)) => {
            Err(AnalysisError::RowsDisagree { metric: metric.metric().name, cell })
        }
    }
}

/// Values of one metric of some cells on all stored paths, computed from their rows.
struct MetricRows<'a> {
    rows: &'a dyn ColumnSource<Error = Unreadable>,
    metric: MetricId,
    facts: &'a Facts,
    cells: &'a [CellId],
}

impl ValueSource for MetricRows<'_> {
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
