//! Folds the states of all parts, in part and batch order, into the sums of every cell and pair.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use corridor_core::outcome::{CellId, PolicyId, ScenarioId};
use corridor_tables::metric::{MetricId, REGISTRY};
use corridor_tables::state::{CountRow, CrossRow, MomentRow, PartState, SectionRow};

use crate::bucket::Grid;
use crate::counts::Counts;
use crate::moments::Moments;
use crate::paired::PairMoments;
use crate::quantile::counted::Counted;
use crate::quantile::{SUMMARY_PERCENTS, position};
use crate::section_sums::{SectionPaths, SectionSums, Sections, THRESHOLDS};

/// The sums of a run. Memory does not depend on the number of paths.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    parts: u32,
    paths: u64,
    cells: BTreeMap<CellId, CellFold>,
    pairs: BTreeMap<PairKey, PairMoments>,
}

/// The sums of all metrics of one cell.
#[derive(Clone, Debug)]
pub struct CellFold {
    moments: [Moments; REGISTRY.len()],
    counts: [Counts; REGISTRY.len()],
    sections: [Sections; REGISTRY.len()],
}

/// A pair of policies of one scenario and horizon, on one metric; the smaller policy id first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PairKey {
    scenario_id: ScenarioId,
    horizon_months: u32,
    metric: MetricId,
    policy_a: PolicyId,
    policy_b: PolicyId,
}

/// Why states are not those of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// A part is missing, repeated or out of order.
    #[error(
        "part {found} of the state comes where part {expected} should\nhint: resume the run to \
        write the missing part"
    )]
    PartOutOfOrder {
        /// Number of the part that should come next.
        expected: u32,
        /// Number of the part that came.
        found: u32,
    },
    /// A part does not begin where the part before it ended.
    #[error("part {part} begins at path {first_path}, the one before it ends at path {expected}")]
    PathGap {
        /// Number of the part.
        part: u32,
        /// First path of the part.
        first_path: u64,
        /// Path that the part should begin at.
        expected: u64,
    },
    /// A row has an id or a count that cannot be.
    #[error(
        "the state of part {part} has a row with {field} {value}\nhint: it was written by another \
        version; run again"
    )]
    BadRow {
        /// Number of the part.
        part: u32,
        /// Name of the column.
        field: &'static str,
        /// Value in the column.
        value: i64,
    },
}

impl Folded {
    /// Adds the next part.
    ///
    /// # Errors
    /// When it is not the next part, or has rows that cannot be.
    pub fn add(&mut self, state: &PartState) -> Result<(), FoldError> {
        if state.part != self.parts {
            return Err(FoldError::PartOutOfOrder { expected: self.parts, found: state.part });
        }
        if state.first_path != self.paths {
            return Err(FoldError::PathGap {
                part: state.part,
                first_path: state.first_path,
                expected: self.paths,
            });
        }
        self.add_rows(state).map_err(|(field, value)| FoldError::BadRow {
            part: state.part,
            field,
            value,
        })?;
        self.parts += 1;
        self.paths += state.paths;
        Ok(())
    }

    /// Adds the next piece of a part: its paths, or further rows of it.
    ///
    /// # Errors
    /// When it is not a piece of the next part, or has rows that cannot be.
    pub(crate) fn add_piece(&mut self, piece: &PartState) -> Result<(), FoldError> {
        if piece.paths > 0 { self.add(piece) } else { self.add_further(piece) }
    }

    /// Adds further rows: sums of some paths of the run outside the order of its parts, or counts and
    /// sections of parts that were added without.
    ///
    /// # Errors
    /// When it has rows that cannot be.
    pub fn add_further(&mut self, state: &PartState) -> Result<(), FoldError> {
        self.add_rows(state).map_err(|(field, value)| FoldError::BadRow {
            part: state.part,
            field,
            value,
        })
    }

    /// Drops the sections of some metrics, and their counts but for those of `kept`.
    pub(crate) fn forget(&mut self, metrics: &[MetricId], kept: &[MetricId]) {
        for cell in self.cells.values_mut() {
            for metric in metrics {
                cell.sections[metric.index()] = Sections::Sums(Vec::new());
                if !kept.contains(metric) {
                    let grid = Grid::from(metric.metric().spacing);
                    cell.counts[metric.index()] = Counts::empty(grid);
                }
            }
        }
    }

    /// Cuts the values of a metric on all its paths, whose sums were added, into sections of a few
    /// paths each.
    pub(crate) fn set_section_paths(
        &mut self,
        id: CellId,
        metric: MetricId,
        values: Arc<[f64]>,
        paths: usize,
    ) {
        let cell = self.cell_mut(id);
        let thresholds = cell.thresholds(metric).unwrap_or([f64::NAN; THRESHOLDS]);
        cell.sections[metric.index()] =
            Sections::Paths(SectionPaths { metric, values, thresholds, paths });
    }

    /// Returns the number of paths.
    #[must_use]
    pub fn paths(&self) -> u64 {
        self.paths
    }

    /// Returns the sums of all cells, by id.
    #[must_use]
    pub fn cells(&self) -> &BTreeMap<CellId, CellFold> {
        &self.cells
    }

    /// Returns the sums of the differences policy - baseline; `None` if they were not kept.
    #[must_use]
    pub fn pair(
        &self,
        policy: CellId,
        baseline: PolicyId,
        metric: MetricId,
    ) -> Option<PairMoments> {
        let key = |policy_a, policy_b| PairKey {
            scenario_id: policy.scenario_id,
            horizon_months: policy.horizon_months,
            metric,
            policy_a,
            policy_b,
        };
        if policy.policy_id < baseline {
            self.pairs.get(&key(policy.policy_id, baseline)).copied()
        } else {
            self.pairs.get(&key(baseline, policy.policy_id)).map(PairMoments::reversed)
        }
    }

    /// Adds rows, which are sorted by batch first, so the sums of a cell are merged in batch order.
    fn add_rows(&mut self, state: &PartState) -> Result<(), BadField> {
        state.moments.iter().try_for_each(|row| self.add_moments(row))?;
        state.crosses.iter().try_for_each(|row| self.add_cross(row))?;
        self.add_counts(&state.counts)?;
        state.sections.iter().try_for_each(|row| self.add_section(row))
    }

    fn add_moments(&mut self, row: &MomentRow) -> Result<(), BadField> {
        let id = cell(row.scenario_id, row.policy_id, row.horizon_months)?;
        let metric = metric(row.metric_id)?;
        let moments = Moments {
            n: count("n", row.n)?,
            n_null: count("n_null", row.n_null)?,
            sum: row.sum,
            squares: row.sum_squares,
            cubes: row.sum_cubes,
            fourths: row.sum_fourths,
            min: row.min,
            max: row.max,
        };
        self.cell_mut(id).moments[metric.index()].merge(&moments);
        Ok(())
    }

    fn add_cross(&mut self, row: &CrossRow) -> Result<(), BadField> {
        let key = PairKey {
            scenario_id: ScenarioId(id("scenario_id", row.scenario_id)?),
            horizon_months: id("horizon_months", row.horizon_months)?,
            metric: metric(row.metric_id)?,
            policy_a: PolicyId(id("policy_a", row.policy_a)?),
            policy_b: PolicyId(id("policy_b", row.policy_b)?),
        };
        let pair = PairMoments {
            n: count("n", row.n)?,
            sum: row.sum_diff,
            squares: row.sum_diff_squares,
            cubes: row.sum_diff_cubes,
            a_above_b: count("a_above_b", row.a_above_b)?,
            b_above_a: count("b_above_a", row.b_above_a)?,
        };
        self.pairs.entry(key).or_default().merge(&pair);
        Ok(())
    }

    /// Adds counts, which come in runs of one cell and metric, in any order.
    fn add_counts(&mut self, rows: &[CountRow]) -> Result<(), BadField> {
        let same = |a: &CountRow, b: &CountRow| {
            (a.scenario_id, a.policy_id, a.horizon_months, a.metric_id)
                == (b.scenario_id, b.policy_id, b.horizon_months, b.metric_id)
        };
        for run in rows.chunk_by(same) {
            let first = run[0];
            let id = cell(first.scenario_id, first.policy_id, first.horizon_months)?;
            let metric = metric(first.metric_id)?;
            let pairs = run.iter().map(|row| Ok((row.bucket, count("count", row.count)?)));
            let grid = Grid::from(metric.metric().spacing);
            let counts = Counts::from_pairs(grid, pairs.collect::<Result<_, BadField>>()?);
            self.cell_mut(id).counts[metric.index()].merge(&counts);
        }
        Ok(())
    }

    /// Adds a section; rows are sorted by section first, so those of a cell come in order.
    fn add_section(&mut self, row: &SectionRow) -> Result<(), BadField> {
        let id = cell(row.scenario_id, row.policy_id, row.horizon_months)?;
        let metric = metric(row.metric_id)?;
        let sums = SectionSums::of_row(row);
        match &mut self.cell_mut(id).sections[metric.index()] {
            Sections::Sums(known) => known.push(sums),
            // sections are kept as one or the other
            paths @ Sections::Paths(_) => *paths = Sections::Sums(vec![sums]),
        }
        Ok(())
    }

    fn cell_mut(&mut self, id: CellId) -> &mut CellFold {
        self.cells.entry(id).or_insert_with(|| CellFold {
            moments: [Moments::EMPTY; REGISTRY.len()],
            counts: REGISTRY.map(|metric| Counts::empty(Grid::from(metric.spacing))),
            sections: std::array::from_fn(|_| Sections::Sums(Vec::new())),
        })
    }
}

impl CellFold {
    /// Returns the sums of a metric.
    #[must_use]
    pub fn moments(&self, metric: MetricId) -> &Moments {
        &self.moments[metric.index()]
    }

    /// Returns the sums of a metric over each section, in order; empty if they were not kept.
    #[must_use]
    pub fn sections(&self, metric: MetricId) -> Cow<'_, [SectionSums]> {
        self.sections[metric.index()].sums()
    }

    /// Returns the counts of a metric with its smallest and largest value.
    #[must_use]
    pub fn counted(&self, metric: MetricId) -> Counted<'_> {
        let moments = self.moments(metric);
        Counted { counts: self.counts(metric), min: moments.min, max: moments.max }
    }

    /// Returns approximate quantiles of a metric, at the percents of `SUMMARY_PERCENTS`; `None` without
    /// a value.
    pub(crate) fn thresholds(&self, metric: MetricId) -> Option<[f64; THRESHOLDS]> {
        let counted = self.counted(metric);
        let n = counted.counts.total();
        (n > 0).then(|| {
            SUMMARY_PERCENTS.map(|percent| counted.at(position(n, f64::from(percent) / 100.0)))
        })
    }

    /// Returns the counts of a metric; empty for an event or a certainty equivalent.
    #[must_use]
    pub fn counts(&self, metric: MetricId) -> &Counts {
        &self.counts[metric.index()]
    }
}

/// Name of a column of a state row, and its impossible value.
type BadField = (&'static str, i64);

fn id(field: &'static str, value: i32) -> Result<u32, BadField> {
    u32::try_from(value).map_err(|_| (field, i64::from(value)))
}

fn count(field: &'static str, value: i64) -> Result<u64, BadField> {
    u64::try_from(value).map_err(|_| (field, value))
}

fn metric(number: i32) -> Result<MetricId, BadField> {
    MetricId::of_number(number).ok_or(("metric_id", i64::from(number)))
}

fn cell(scenario: i32, policy: i32, horizon: i32) -> Result<CellId, BadField> {
    Ok(CellId {
        scenario_id: ScenarioId(id("scenario_id", scenario)?),
        policy_id: PolicyId(id("policy_id", policy)?),
        horizon_months: id("horizon_months", horizon)?,
    })
}
