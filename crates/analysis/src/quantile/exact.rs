//! Finds exact order statistics and tail sums of all cells, in as few passes over the path rows as
//! possible.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use corridor_core::cancel::Cancel;
use corridor_core::outcome::{CellId, PathColumn};

use super::tree::{Finder, Found, Wanted};
use super::{Mismatch, Tail, TailSums};
use crate::counts::Counts;

/// Most values and grid cells held at a time by all searches together: 30 to 80 MB.
const BUDGET: u64 = 1 << 22;
/// Least share of the budget for one cell.
const LEAST_BUDGET: u64 = 1 << 12;

/// Takes slices of columns of one cell, one per column and of the same paths; breaks when it wants
/// no more of them.
pub type ColumnVisitor<'a> = dyn FnMut(CellId, &[&[f64]]) -> ControlFlow<()> + 'a;

/// Stored path rows, read by column.
pub trait ColumnSource: Sync {
    /// Why rows could not be read.
    type Error;

    /// Shows every stored value of these columns, which are in the order of [`PathColumn::ALL`], for
    /// these cells, which are sorted, as one slice per column of the same paths. The paths of one
    /// cell come in order; cells come in any order or mixture, and others may come among them. A
    /// missing value (`ruin_month`) is NaN. After `visit` breaks, it should return soon; further
    /// calls of `visit` do nothing.
    ///
    /// # Errors
    /// When the rows cannot be read.
    fn stream(
        &self,
        columns: &[PathColumn],
        cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), Self::Error>;
}

/// A source of one value per stored path.
pub trait ValueSource {
    /// Why values could not be read.
    type Error;

    /// Shows every value, in slices. The paths of one cell come in order; cells come in any order
    /// or mixture. A missing value is NaN.
    ///
    /// # Errors
    /// When the rows behind the values cannot be read.
    fn stream(
        &self,
        visit: &mut dyn FnMut(CellId, &[f64]) -> ControlFlow<()>,
    ) -> Result<(), Self::Error>;
}

/// Path rows that are not kept.
#[derive(Clone, Copy, Debug)]
pub struct NoRows<E>(std::marker::PhantomData<fn() -> E>);

impl<E: 'static> NoRows<E> {
    /// The rows to pass to an analysis without any.
    pub const NONE: Option<&'static Self> = None;
}

impl<E> ColumnSource for NoRows<E> {
    type Error = E;

    fn stream(
        &self,
        _columns: &[PathColumn],
        _cells: &[CellId],
        _visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), E> {
        Ok(())
    }
}

/// The order statistics and the tail that are searched in one cell.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Counts of all values of the cell.
    pub counts: &'a Counts,
    /// Ranks from 0, in any order.
    pub ranks: Vec<u64>,
    /// Tail to sum up, if any.
    pub tail: Option<Tail>,
}

/// Order statistics and tail sums, exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Exact {
    /// Value of each requested rank.
    pub order_statistics: BTreeMap<u64, f64>,
    /// Sums of the requested tail; `None` without a request or a value.
    pub tail: Option<TailSums>,
}

/// Why a search failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExactError<E> {
    /// The rows cannot be read.
    Source(E),
    /// The rows of this cell are not those that were counted.
    Mismatch(CellId),
    /// The caller asked to stop.
    Cancelled,
}

/// Finds the requested order statistics and tail sums of every cell.
///
/// It takes two passes over the rows as a rule, and one for small runs. Memory does not grow with
/// the number of paths.
///
/// # Errors
/// When the rows cannot be read, are not those that were counted, or the caller cancels.
pub fn search<S: ValueSource>(
    source: &S,
    requests: &BTreeMap<CellId, Request<'_>>,
    cancel: Cancel<'_>,
) -> Result<BTreeMap<CellId, Exact>, ExactError<S::Error>> {
    // The budget decides the number of passes, not the result.
    let at_once = rayon::current_num_threads().min(PathColumn::COUNT) * requests.len();
    let budget = (BUDGET / at_once.max(1) as u64).max(LEAST_BUDGET);
    search_within(source, requests, budget, cancel)
}

fn search_within<S: ValueSource>(
    source: &S,
    requests: &BTreeMap<CellId, Request<'_>>,
    budget: u64,
    cancel: Cancel<'_>,
) -> Result<BTreeMap<CellId, Exact>, ExactError<S::Error>> {
    let finder = |request: &Request<'_>| {
        let wanted =
            Wanted { counts: request.counts, ranks: request.ranks.clone(), tail: request.tail };
        Finder::new(&wanted, budget)
    };
    let mut finders: BTreeMap<CellId, Finder> =
        requests.iter().map(|(&id, request)| (id, finder(request))).collect();
    while finders.values().any(Finder::is_open) {
        let mut flow = ControlFlow::Continue(());
        let mut visit = |id: CellId, values: &[f64]| {
            if flow.is_continue() && cancel.is_requested() {
                flow = ControlFlow::Break(());
            }
            if flow.is_continue()
                && let Some(finder) = finders.get_mut(&id).filter(|finder| finder.is_open())
            {
                finder.take(values);
            }
            flow
        };
        source.stream(&mut visit).map_err(ExactError::Source)?;
        if flow.is_break() {
            return Err(ExactError::Cancelled);
        }
        for (&id, finder) in finders.iter_mut().filter(|(_, finder)| finder.is_open()) {
            cancel.check().map_err(|_| ExactError::Cancelled)?;
            finder.end_pass().map_err(|Mismatch| ExactError::Mismatch(id))?;
        }
    }
    let exact = |finder: Finder| {
        let Found { values, tail } = finder.found();
        Exact { order_statistics: values, tail }
    };
    Ok(finders.into_iter().map(|(id, finder)| (id, exact(finder))).collect())
}

#[cfg(test)]
mod tests {
    use corridor_core::outcome::{PolicyId, ScenarioId};
    use proptest::prelude::*;

    use super::*;
    use crate::quantile::{End, between, of_sorted};

    const CELL: CellId =
        CellId { scenario_id: ScenarioId(0), policy_id: PolicyId(0), horizon_months: 12 };
    const OTHER: CellId =
        CellId { scenario_id: ScenarioId(0), policy_id: PolicyId(1), horizon_months: 12 };

    /// Two cells, the second one reversed, in slices of uneven length.
    struct Memory(Vec<f64>);

    impl ValueSource for Memory {
        type Error = std::convert::Infallible;

        fn stream(
            &self,
            visit: &mut dyn FnMut(CellId, &[f64]) -> ControlFlow<()>,
        ) -> Result<(), Self::Error> {
            let reversed: Vec<f64> = self.0.iter().rev().copied().collect();
            for (a, b) in self.0.chunks(37).zip(reversed.chunks(37)) {
                if visit(CELL, a).is_break() || visit(OTHER, b).is_break() {
                    break;
                }
            }
            Ok(())
        }
    }

    fn check(values: &[f64], tail: Tail, budget: u64) {
        let counts = Counts::of(values);
        let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len() as u64;
        let ranks: Vec<u64> = if n == 0 {
            vec![]
        } else {
            (1..100)
                .map(|p| super::super::position(n, f64::from(p) / 100.0).rank)
                .chain([n - 1])
                .collect()
        };
        let request = Request { counts: &counts, ranks: ranks.clone(), tail: Some(tail) };
        let requests = BTreeMap::from([(CELL, request.clone()), (OTHER, request)]);
        let found = search_within(&Memory(values.to_vec()), &requests, budget, Cancel::NEVER)
            .expect("no mismatch");
        for (id, exact) in &found {
            for &rank in &ranks {
                assert_eq!(
                    exact.order_statistics[&rank], sorted[rank as usize],
                    "{id:?} rank {rank} of {n}"
                );
            }
            let Some(sums) = exact.tail else {
                assert_eq!(n, 0, "no tail");
                continue;
            };
            check_tail(&sorted, tail, sums);
        }
    }

    fn check_tail(sorted: &[f64], tail: Tail, sums: TailSums) {
        let super::super::Position { rank, share } = tail.position(sorted.len() as u64);
        let next = sorted[(rank as usize + 1).min(sorted.len() - 1)];
        let quantile = between(sorted[rank as usize], next, share);
        assert_eq!(sums.quantile, quantile);
        let beyond = |x: &f64| match tail.end {
            End::Low => (quantile - x).max(0.0),
            End::High => (x - quantile).max(0.0),
        };
        // distances are taken from the edge of a bucket, at most 1/128 away, or 1e-12 where that is
        // zero's
        let scale =
            sorted.iter().fold((quantile.abs() / 128.0).max(crate::bucket::SMALLEST), |most, x| {
                most.max(beyond(x))
            });
        for (power, found) in (1..).zip(sums.beyond) {
            let plain: f64 = sorted.iter().map(|x| beyond(x).powi(power)).sum();
            let slack = 1e-11 * sorted.len() as f64 * scale.powi(power);
            assert!((found - plain).abs() <= slack, "power {power}: {found} is not {plain}");
        }
    }

    fn crowded() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => Just(0.0),
            1 => Just(-0.0),
            2 => (0..9_i32).prop_map(f64::from),
            3 => -2.0..2.0_f64,
            3 => (0..1000_u64).prop_map(|i| f64::from_bits(1.0_f64.to_bits() + i)),
            1 => -1e-13..1e-13_f64,
            1 => 1e5..1e9_f64,
            1 => Just(f64::NAN),
        ]
    }

    proptest! {
        #[test]
        fn streaming_equals_sorting(
            values in prop::collection::vec(crowded(), 0..3000),
            budget in prop::sample::select(vec![64, 300, 1 << 20]),
            end in prop::sample::select(vec![End::Low, End::High]),
        ) {
            check(&values, Tail { end, probability: 0.05 }, budget);
        }
    }

    #[test]
    fn small_samples_and_pure_ties() {
        for end in [End::Low, End::High] {
            let tail = Tail { end, probability: 0.05 };
            for n in 1..50 {
                check(&(0..n).map(|i| f64::from(i * 7 % 5) - 2.0).collect::<Vec<f64>>(), tail, 64);
            }
            check(&[0.0; 9000], tail, 64);
            check(&[-3.5; 9000], tail, 64);
        }
    }

    #[test]
    fn values_crowded_beyond_the_grid_and_the_budget_are_refined_until_found() {
        // 30,000 different values within 1e-11 of each other: one bucket, one fine cell
        let values: Vec<f64> = (0..30_000_u64)
            .map(|i| f64::from_bits(1.0_f64.to_bits() + i * 7919 % 65_536))
            .collect();
        check(&values, Tail { end: End::Low, probability: 0.05 }, 64);
    }

    #[test]
    fn rows_that_were_not_counted_are_refused() {
        let values: Vec<f64> = (0..5000).map(|i| f64::from(i).sqrt()).collect();
        let counts = Counts::of(&values);
        let request = Request { counts: &counts, ranks: vec![2500], tail: None };
        let mut changed = values;
        changed.retain(|x| (*x - 50.0).abs() > 0.01);
        let requests = BTreeMap::from([(CELL, request)]);
        let search = |cancel| search(&Memory(changed.clone()), &requests, cancel);
        assert_eq!(search(Cancel::NEVER), Err(ExactError::Mismatch(CELL)));
        assert_eq!(search(Cancel::new(&|| true)), Err(ExactError::Cancelled));
    }

    #[test]
    fn the_definition_is_type_7() {
        // numpy.quantile([1, 2, 4, 8], [0.1, 0.25, 0.5, 0.9])
        for (p, value) in [(0.1, 1.3), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8)] {
            let found = of_sorted(&[1.0, 2.0, 4.0, 8.0], p).expect("not empty");
            assert!((found - value).abs() < 1e-15, "{p}: {found}");
        }
        assert_eq!(of_sorted(&[], 0.5), None);
    }
}
