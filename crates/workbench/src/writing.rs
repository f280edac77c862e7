//! Writes the tables of an analysis while it goes on, and keeps what the page and the answer show.

use std::ops::ControlFlow;

use corridor_analysis::analyse::{LongTables, MetricRows, MetricTables};
use corridor_report::{Shown, Tables};
use corridor_store::error::StoreError;
use corridor_store::statistics::{OpenTable, Statistics};
use corridor_tables::column::with_unsigned_zeros;
use corridor_tables::long::{self, BiFanRow, Dimensions, Long, LongRow};
use corridor_tables::swept::SweptColumns;
use corridor_tables::{
    BreakEvenRow, CompareRow, ExceedanceRow, FanRow, HistogramRow, QuantileRow, RobustnessRow,
    SummaryRow, Table, TestRow, WorstPathRow,
};

use crate::followed::TakeOverTime;

/// The files of fans and of the worst paths, to which it adds the rows of a few policies after another.
pub(crate) struct OverTime<'a> {
    dimensions: Dimensions<'a>,
    swept: &'a SweptColumns<'a>,
    fan: OpenTable<'a, FanRow>,
    wide: OpenTable<'a, BiFanRow>,
    worst: OpenTable<'a, WorstPathRow>,
    is_shown: &'a Shown,
    shown: Tables,
}

impl<'a> OverTime<'a> {
    /// Begins the files.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub(crate) fn begin(
        statistics: &Statistics<'a>,
        dimensions: Dimensions<'a>,
        swept: &'a SweptColumns<'a>,
        is_shown: &'a Shown,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            dimensions,
            swept,
            fan: statistics.begin()?,
            wide: statistics.begin_with(&swept.of(&[], &[]))?,
            worst: statistics.begin()?,
            is_shown,
            shown: Tables::default(),
        })
    }

    /// Adds the files to the run and returns the rows that a report shows, by scenario and policy.
    pub(crate) fn end(mut self, statistics: &mut Statistics<'a>) -> Result<Tables, StoreError> {
        statistics.end(self.fan)?;
        statistics.end(self.wide)?;
        statistics.end(self.worst)?;
        self.shown.fan.sort_by_key(|row| (row.scenario_id, row.policy_id));
        Ok(self.shown)
    }
}

impl TakeOverTime for OverTime<'_> {
    fn fans(&mut self, rows: Vec<FanRow>) -> Result<(), StoreError> {
        let mut rows = with_unsigned_zeros(rows);
        self.fan.write(&rows)?;
        let wide = long::fan(self.dimensions, &rows);
        let ids = |of: fn(&BiFanRow) -> i32| wide.iter().map(of).collect::<Vec<_>>();
        let extra = self.swept.of(&ids(|row| row.scenario_id), &ids(|row| row.policy_id));
        self.wide.write_table(&Table { extra, rows: wide })?;
        rows.retain(|row| self.is_shown.fan(row));
        self.shown.fan.append(&mut rows);
        Ok(())
    }

    fn worst(&mut self, rows: Vec<WorstPathRow>) -> Result<(), StoreError> {
        let mut rows = with_unsigned_zeros(rows);
        self.worst.write(&rows)?;
        rows.retain(|row| self.is_shown.time(row.time_months));
        self.shown.worst.append(&mut rows);
        Ok(())
    }
}

/// The files of the tables of an analysis, to which it adds the rows of one metric after another.
pub(crate) struct Writing<'a> {
    dimensions: Dimensions<'a>,
    swept: &'a SweptColumns<'a>,
    quantiles: OpenTable<'a, QuantileRow>,
    histogram: OpenTable<'a, HistogramRow>,
    summary: OpenTable<'a, SummaryRow>,
    exceedance: OpenTable<'a, ExceedanceRow>,
    compare: OpenTable<'a, CompareRow>,
    tests: OpenTable<'a, TestRow>,
    robustness: OpenTable<'a, RobustnessRow>,
    break_even: OpenTable<'a, BreakEvenRow>,
    long: OpenTable<'a, LongRow>,
    is_shown: &'a Shown,
    shown: Tables,
    failed: Option<StoreError>,
}

impl<'a> Writing<'a> {
    /// Begins the files; rows that a report shows are added to `shown`.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub(crate) fn begin(
        statistics: &Statistics<'a>,
        dimensions: Dimensions<'a>,
        swept: &'a SweptColumns<'a>,
        is_shown: &'a Shown,
        shown: Tables,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            dimensions,
            swept,
            is_shown,
            shown,
            quantiles: statistics.begin()?,
            histogram: statistics.begin()?,
            summary: statistics.begin()?,
            exceedance: statistics.begin()?,
            compare: statistics.begin()?,
            tests: statistics.begin()?,
            robustness: statistics.begin()?,
            break_even: statistics.begin()?,
            long: statistics.begin_with(&swept.of(&[], &[]))?,
            failed: None,
        })
    }

    /// Adds the files to the run and returns the rows that a report shows; or returns the error that
    /// ended the analysis.
    pub(crate) fn end(self, statistics: &mut Statistics<'a>) -> Result<Tables, StoreError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        statistics.end(self.quantiles)?;
        statistics.end(self.histogram)?;
        statistics.end(self.summary)?;
        statistics.end(self.exceedance)?;
        statistics.end(self.compare)?;
        statistics.end(self.tests)?;
        statistics.end(self.robustness)?;
        statistics.end(self.break_even)?;
        statistics.end(self.long)?;
        Ok(self.shown)
    }

    fn write(&mut self, rows: MetricRows) -> Result<(), StoreError> {
        let MetricRows { summary, exceedance, compare, tests, robustness, break_even } = rows;
        let mut summary = with_unsigned_zeros(summary);
        let mut compare = with_unsigned_zeros(compare);
        let mut exceedance = with_unsigned_zeros(exceedance);
        let mut tests = with_unsigned_zeros(tests);
        let mut robustness = with_unsigned_zeros(robustness);
        let mut break_even = with_unsigned_zeros(break_even);
        self.summary.write(&summary)?;
        self.exceedance.write(&exceedance)?;
        self.compare.write(&compare)?;
        self.tests.write(&tests)?;
        self.robustness.write(&robustness)?;
        self.break_even.write(&break_even)?;
        let rows = Long::new(self.dimensions, &compare).rows(&summary);
        let scenarios: Vec<i32> = rows.iter().map(|row| row.scenario_id).collect();
        let policies: Vec<i32> = rows.iter().map(|row| row.policy_id).collect();
        self.long.write_table(&Table { extra: self.swept.of(&scenarios, &policies), rows })?;
        let (shown, is_shown) = (&mut self.shown, self.is_shown);
        summary.retain(|row| is_shown.summary(row));
        exceedance.retain(|row| is_shown.metric(row.metric_id));
        compare.retain(|row| is_shown.comparison(row));
        tests.retain(|row| is_shown.test(row));
        robustness.retain(|row| is_shown.metric(row.metric_id));
        break_even.retain(|row| is_shown.metric(row.metric_id));
        shown.summary.append(&mut summary);
        shown.exceedance.append(&mut exceedance);
        shown.compare.append(&mut compare);
        shown.tests.append(&mut tests);
        shown.robustness.append(&mut robustness);
        shown.break_even.append(&mut break_even);
        Ok(())
    }

    fn keep(&mut self, written: Result<(), StoreError>) -> ControlFlow<()> {
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

impl LongTables for Writing<'_> {
    fn quantiles(&mut self, rows: Vec<QuantileRow>) -> ControlFlow<()> {
        let written = self.quantiles.write(&rows);
        self.keep(written)
    }

    fn histogram(&mut self, rows: Vec<HistogramRow>) -> ControlFlow<()> {
        let written = self.histogram.write(&rows);
        self.keep(written)
    }
}

impl MetricTables for Writing<'_> {
    fn metric(&mut self, rows: MetricRows) -> ControlFlow<()> {
        let written = self.write(rows);
        self.keep(written)
    }
}
