//! Builds the rows of `fact_histogram`: integer counts joined into few buckets, with edges that all
//! cells of a metric and horizon share.
//!
//! Edges lie on the fixed grid, so joined counts are exact. From the 0.1 % to the 99.9 % quantile
//! of all cells together they are about equally spaced, or in equal ratios for wealth; the first
//! and last bucket reach to the smallest and largest value. An edge belongs to the bucket above it;
//! a negative edge, where the grid is mirrored, to the bucket below it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::outcome::CellId;
use corridor_tables::HistogramRow;
use corridor_tables::metric::{Metric, MetricId, Scale};
use rayon::prelude::*;

use crate::bucket::Grid;
use crate::cell::CELLS_AT_ONCE;
use crate::counts::Counts;
use crate::fold::{CellFold, Folded};

/// Largest number of buckets of a histogram.
pub const BUCKETS_MAX: usize = 64;

/// Share of the values in the first bucket, and in the last.
const OUTER_SHARE: f64 = 0.001;

/// Builds the rows of `fact_histogram` of a metric, with a row for every empty bucket too; none for a
/// metric without a distribution.
pub(crate) fn histogram_rows(
    folded: &Folded,
    metric: MetricId,
    take: &mut dyn FnMut(Vec<HistogramRow>) -> ControlFlow<()>,
    cancel: Cancel<'_>,
) -> Result<(), Cancelled> {
    if !metric.metric().source.has_distribution() {
        return Ok(());
    }
    let horizons: BTreeSet<u32> = folded.cells().keys().map(|id| id.horizon_months).collect();
    let edges: BTreeMap<u32, Vec<i32>> = horizons
        .into_par_iter()
        .map(|months| {
            cancel.check()?;
            Ok((months, shared_edges(folded, months, metric)))
        })
        .collect::<Result<_, Cancelled>>()?;
    let cells: Vec<(&CellId, &CellFold)> = folded.cells().iter().collect();
    for cells in cells.chunks(CELLS_AT_ONCE) {
        cancel.check()?;
        let rows = cells.iter().flat_map(|&(&id, cell)| {
            let edges = edges.get(&id.horizon_months).map_or(&[][..], Vec::as_slice);
            rows_of(id, metric, cell.counts(metric), edges)
        });
        if take(rows.collect()).is_break() {
            return Err(Cancelled);
        }
    }
    Ok(())
}

/// Builds the rows of one cell from the edges of its horizon.
fn rows_of(id: CellId, metric: MetricId, counts: &Counts, edges: &[i32]) -> Vec<HistogramRow> {
    let n_paths = counts.total() as i64;
    let row = |(place, (edges, count)): (i32, (&[i32], u64))| HistogramRow {
        scenario_id: id.scenario_id.number(),
        policy_id: id.policy_id.number(),
        horizon_months: id.horizon_months as i32,
        metric_id: metric.number(),
        bucket: place,
        bucket_low: Some(counts.grid().low_edge(edges[0])),
        bucket_high: Some(counts.grid().low_edge(edges[1])),
        count: count as i64,
        n_paths,
    };
    (0..).zip(edges.windows(2).zip(joined(counts, edges))).map(row).collect()
}

fn shared_edges(folded: &Folded, months: u32, metric: MetricId) -> Vec<i32> {
    let mut merged = Counts::empty(Grid::from(metric.metric().spacing));
    for (_, cell) in folded.cells().iter().filter(|(id, _)| id.horizon_months == months) {
        merged.merge(cell.counts(metric));
    }
    edges(&merged, metric.metric())
}

/// Returns the grid buckets at which the joined buckets begin, and one after the last.
fn edges(counts: &Counts, metric: &Metric) -> Vec<i32> {
    let (Some(&(first, _)), Some(&(last, _))) = (counts.entries().first(), counts.entries().last())
    else {
        return Vec::new();
    };
    let mut edges = vec![first];
    let inner = match metric.scale {
        Scale::Log if last > 0 => log_edges(counts),
        Scale::Log | Scale::Linear => linear_edges(counts, metric.spacing.is_whole()),
    };
    // Bucket 1 begins at 1e-12, which a reader cannot distinguish from zero.
    let is_nothing = |edge: i32| edge == 1 && !counts.grid().is_exact();
    let inner = inner.into_iter().filter(|&edge| edge > first && edge <= last && !is_nothing(edge));
    edges.extend(inner);
    edges.push(last + 1);
    edges.dedup();
    edges
}

fn linear_edges(counts: &Counts, whole_numbers: bool) -> Vec<i32> {
    let (low, high) = inner_range(counts.entries(), counts.total());
    let grid = counts.grid();
    let (low, high) = (grid.low_edge(low), grid.high_edge(high));
    let steps = BUCKETS_MAX - 2;
    let step = (high - low) / steps as f64;
    let step = if whole_numbers { step.ceil().max(1.0) } else { step };
    (0..=steps)
        .map(|i| low + i as f64 * step)
        .filter(|edge| edge.is_finite())
        .map(|edge| grid.of(edge))
        .collect()
}

fn log_edges(counts: &Counts) -> Vec<i32> {
    let from = counts.entries().partition_point(|&(bucket, _)| bucket <= 0);
    let positive = &counts.entries()[from..];
    let (low, high) = inner_range(positive, positive.iter().map(|&(_, count)| count).sum());
    let steps = BUCKETS_MAX as i32 - 2;
    let step = (high + 1 - low + steps - 1) / steps;
    (0..=steps).map(|i| low + i * step).take_while(|&edge| edge <= high + 1).collect()
}

/// Returns the buckets of the two outer quantiles.
fn inner_range(entries: &[(i32, u64)], total: u64) -> (i32, i32) {
    let outer = (total as f64 * OUTER_SHARE) as u64;
    let mut below = 0;
    let (mut low, mut high) = (None, 0);
    for &(bucket, count) in entries {
        below += count;
        if below > outer && low.is_none() {
            low = Some(bucket);
        }
        if below - count < total - outer {
            high = bucket;
        }
    }
    (low.unwrap_or(high), high)
}

fn joined(counts: &Counts, edges: &[i32]) -> Vec<u64> {
    let mut joined = vec![0; edges.len().saturating_sub(1)];
    for &(bucket, count) in counts.entries() {
        let place = edges.partition_point(|&edge| edge <= bucket);
        if let Some(sum) = place.checked_sub(1).and_then(|place| joined.get_mut(place)) {
            *sum += count;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use corridor_tables::metric::REGISTRY;

    proptest! {
        #[test]
        fn every_value_is_counted_once_in_few_rising_buckets(
            values in prop::collection::vec(
                prop_oneof![Just(0.0), -0.1..0.2_f64, 1e4..1e8_f64, 0.0..400.0_f64],
                1..2000,
            ),
            metric in prop::sample::select(REGISTRY.to_vec()),
        ) {
            let counts = Counts::of(&values);
            let edges = edges(&counts, metric);
            prop_assert!(edges.len() - 1 <= BUCKETS_MAX, "{} buckets", edges.len() - 1);
            prop_assert!(
                edges
                    .windows(2)
                    .map(|pair| [pair[0], pair[1]].map(|edge| counts.grid().low_edge(edge)))
                    .all(|[low, high]| low < high),
                "{edges:?}",
            );
            prop_assert_eq!(joined(&counts, &edges).iter().sum::<u64>(), values.len() as u64);
        }
    }

    #[test]
    fn whole_numbers_get_buckets_of_whole_numbers() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i % 30)).collect();
        let counts = Counts::of(&values);
        let edges =
            edges(&counts, MetricId::of_name("rebalance_events").expect("registered").metric());
        assert_eq!(edges.len(), 31);
        assert!(joined(&counts, &edges).iter().all(|&count| (33..=34).contains(&count)));
    }

    #[test]
    fn no_value_means_no_bucket() {
        assert_eq!(edges(&Counts::default(), REGISTRY[0]), Vec::<i32>::new());
    }
}
