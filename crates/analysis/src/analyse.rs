//! Turns the states of a run, and its path rows where they are kept, into all tables of the analysis.

use std::collections::BTreeMap;
use std::error::Error;

use corridor_core::outcome::{CellId, PathColumn};
use corridor_store::state::PartState;
use corridor_store::tables::{BreakEvenRow, CompareRow, DimMetricRow, HistogramRow, QuantileRow, RobustnessRow, SummaryRow, TestRow, WideTable};
use rayon::prelude::*;

use crate::cell::{ExactColumns, RankTable, estimate_all, worst_tail};
use crate::comparison::{compare_all, paired_error};
use crate::error::AnalysisError;
use crate::fold::Folded;
use crate::input::AnalysisInput;
use crate::metric::{MetricId, dimension};
use crate::quantile::exact::{ColumnSource, Exact, ExactError, Request, search};
use crate::reduce::{ReduceSpec, reduce_followed};
use crate::table::{bi_compare, bi_summary, break_even_rows, compare_rows, histogram_rows, quantile_rows, robustness_rows, summary_rows, test_rows};

/// What an analysis returns: rows for the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// `fact_summary`.
    pub summary: Vec<SummaryRow>,
    /// `fact_quantile`.
    pub quantiles: Vec<QuantileRow>,
    /// `fact_histogram`.
    pub histogram: Vec<HistogramRow>,
    /// `fact_compare`.
    pub compare: Vec<CompareRow>,
    /// `fact_test`.
    pub tests: Vec<TestRow>,
    /// `fact_robustness`.
    pub robustness: Vec<RobustnessRow>,
    /// `fact_break_even`.
    pub break_even: Vec<BreakEvenRow>,
    /// `bi_summary`.
    pub bi_summary: WideTable,
    /// `bi_compare`.
    pub bi_compare: WideTable,
    /// `dim_metric`.
    pub metrics: Vec<DimMetricRow>,
}

/// Analyses a run.
///
/// `states` come in part order. `rows` are all path rows; give `None` where none or only a sample is kept, and quantiles
/// come from counts. The result does not depend on the number of threads, nor do sums depend on how paths were split.
///
/// # Errors
/// When states or rows cannot be read, do not belong together or do not fit the study.
pub fn analyse<E, S>(input: &AnalysisInput, states: impl IntoIterator<Item = Result<PartState, E>>, rows: Option<&S>) -> Result<Analysis, AnalysisError<E>>
where
    E: Error + Send,
    S: ColumnSource<Error = E>,
{
    check_baselines(input)?;
    let mut folded = Folded::default();
    for state in states {
        folded.add(&state.map_err(AnalysisError::Read)?).map_err(AnalysisError::Fold)?;
    }
    let spec = ReduceSpec::new(&input.horizons, &input.comparison.compare_with);
    folded.add_followed(&reduce_followed(&input.followed, &spec)).map_err(AnalysisError::Fold)?;
    let years: BTreeMap<u32, f64> = input.horizons.iter().map(|horizon| (horizon.months, horizon.years)).collect();
    check_cells(input, &years, &folded)?;
    let ranks = RankTable::new(&folded);
    let exact = match rows {
        Some(rows) => search_all(rows, &folded, &ranks)?,
        None => ExactColumns::new(),
    };
    let estimates = estimate_all(&folded, &years, &ranks, &exact);
    let compared = compare_all(input, &years, &folded, &estimates)?;
    Ok(Analysis {
        summary: summary_rows(&estimates),
        quantiles: quantile_rows(&estimates),
        histogram: histogram_rows(&folded),
        compare: compare_rows(&compared),
        tests: test_rows(input, &years, &folded, &estimates),
        robustness: robustness_rows(input, &estimates, &compared),
        break_even: break_even_rows(input, &compared),
        bi_summary: bi_summary(input, &years, &estimates),
        bi_compare: bi_compare(input, &years, &compared),
        metrics: dimension(input.comparison.primary, &input.comparison.margins),
    })
}

/// The largest standard error of a policy's difference from its baseline on the primary metric, in any scenario at its end,
/// from sums that need not be whole; `None` before there is one.
#[must_use]
pub fn widest_error(input: &AnalysisInput, folded: &Folded) -> Option<f64> {
    let end = |scenario: u32| folded.cells().keys().filter(|id| id.scenario_id == scenario).map(|id| id.horizon_months).max();
    let years = |months: u32| input.horizons.iter().find(|horizon| horizon.months == months).map(|horizon| horizon.years);
    let error = |id: &CellId| {
        let with = *input.comparison.compare_with.get(id.policy_id as usize)?;
        (with != id.policy_id && end(id.scenario_id) == Some(id.horizon_months)).then_some(())?;
        paired_error(folded, *id, with, input.comparison.primary, years(id.horizon_months)?)
    };
    folded.cells().keys().filter_map(error).reduce(f64::max)
}

fn check_baselines<E>(input: &AnalysisInput) -> Result<(), AnalysisError<E>> {
    let policies = input.policies.len();
    let unknown = (0..).zip(&input.comparison.compare_with).find(|&(_, &with)| with as usize >= policies);
    match unknown {
        Some((policy, &with)) => Err(AnalysisError::UnknownBaseline { policy, with, policies }),
        None => Ok(()),
    }
}

fn check_cells<E>(input: &AnalysisInput, years: &BTreeMap<u32, f64>, folded: &Folded) -> Result<(), AnalysisError<E>> {
    if folded.cells().is_empty() {
        return Err(AnalysisError::Empty);
    }
    let is_known = |id: &CellId| {
        (id.scenario_id as usize) < input.scenarios.len() && (id.policy_id as usize) < input.policies.len() && years.contains_key(&id.horizon_months)
    };
    match folded.cells().keys().find(|id| !is_known(id)) {
        Some(id) => Err(AnalysisError::UnknownCell(*id)),
        None => Ok(()),
    }
}

/// Searches all columns, several at a time; what is found does not depend on how many.
fn search_all<E: Send, S: ColumnSource<Error = E>>(rows: &S, folded: &Folded, ranks: &RankTable) -> Result<ExactColumns, AnalysisError<E>> {
    let search = |column: PathColumn| search_column(rows, folded, ranks, column);
    let found: Vec<_> = PathColumn::ALL.into_par_iter().map(search).collect();
    found.into_iter().filter_map(Result::transpose).collect()
}

type Column = (MetricId, BTreeMap<CellId, Exact>);

fn search_column<E, S: ColumnSource<Error = E>>(rows: &S, folded: &Folded, ranks: &RankTable, column: PathColumn) -> Result<Option<Column>, AnalysisError<E>> {
    let Some(metric) = MetricId::of_column(column) else { return Ok(None) };
    let request = |cell: &crate::fold::CellFold| {
        let n = cell.counts(metric).total();
        let wanted = ranks.of(n).iter().flat_map(|(_, ranks)| ranks.ranks()).collect();
        (n, wanted)
    };
    let requests: BTreeMap<CellId, Request<'_>> = folded
        .cells()
        .iter()
        .map(|(&id, cell)| {
            let (n, ranks) = request(cell);
            let tail = worst_tail(metric.metric()).filter(|_| n > 1);
            (id, Request { counts: cell.counts(metric), ranks, tail })
        })
        .collect();
    match search(rows, column, &requests) {
        Ok(found) => Ok(Some((metric, found))),
        Err(ExactError::Source(error)) => Err(AnalysisError::Read(error)),
        Err(ExactError::Mismatch(cell)) => Err(AnalysisError::RowsDisagree { column: column.name(), cell }),
    }
}
