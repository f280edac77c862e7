//! Estimates a few metrics of all cells, and makes the rows of the longest tables.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::Level;
use corridor_core::outcome::CellId;
use corridor_tables::metric::MetricId;
use rayon::prelude::*;

use super::source::Unreadable;
use super::tables::MetricTables;
use crate::bucket::Grid;
use crate::cell::{CELLS_AT_ONCE, Estimates, MetricEstimates, RankTable, estimate};
use crate::counts::Counts;
use crate::error::AnalysisError;
use crate::facts::Facts;
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::path_value::values;
use crate::quantile::exact::{ColumnSource, Exact, ExactError, Request, ValueSource, search};
use crate::statistic::worst_tail;
use crate::table::{histogram_rows, quantile_rows};

/// Ends the analysis where a table takes no more rows.
pub(super) fn go_on(flow: ControlFlow<()>) -> Result<(), Cancelled> {
    if flow.is_break() { Err(Cancelled) } else { Ok(()) }
}

/// Sums, rows and facts from which the estimates of some metrics are made.
pub(super) struct Pass<'a> {
    pub(super) input: &'a AnalysisInput,
    pub(super) facts: &'a Facts,
    pub(super) folded: &'a Folded,
    pub(super) cells: &'a [CellId],
    pub(super) rows: Option<&'a dyn ColumnSource<Error = Unreadable>>,
    pub(super) cancel: Cancel<'a>,
}

impl Pass<'_> {
    /// Estimates some metrics of all cells, in parallel; the result does not depend on the number of
    /// threads.
    pub(super) fn estimates(
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
    pub(super) fn long_tables(
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
