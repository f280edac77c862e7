//! Lists what an analysis finds, and who takes it.

use std::ops::ControlFlow;

use corridor_tables::{
    BreakEvenRow, CompareRow, DimMetricRow, ExceedanceRow, HistogramRow, QuantileRow,
    RobustnessRow, SummaryRow, TestRow, WideTable,
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
