//! Sums a tail while the search for order statistics reads its values: exactly, in path order, with
//! compensated sums.

use crate::bucket::{self, KeyRange};

use super::heap::Heap;
use super::{End, Mismatch, Position, Tail, TailSums};

/// The sums of a tail in progress.
#[derive(Debug)]
pub(super) struct TailSearch {
    tail: Tail,
    /// Position of the quantile that cuts the tail off.
    pub(super) position: Position,
    /// Number of values in the tail: those with a rank beyond the quantile.
    in_tail: u64,
    last_rank: u64,
    progress: Progress,
    /// Value from which distances are taken while the quantile is not known.
    pivot: f64,
    count: u64,
    powers: [Sum; 3],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Progress {
    Waiting,
    /// Summing, until the heap of this number is complete.
    Running(u16),
    Complete,
    Done(TailSums),
}

impl TailSearch {
    /// Prepares to sum a tail of `n > 0` values.
    pub(super) fn new(tail: Tail, n: u64) -> Self {
        let position = tail.position(n);
        let in_tail = match tail.end {
            End::Low => position.rank + 1,
            End::High => n - (position.rank + 1).min(n - 1),
        };
        Self {
            tail,
            position,
            in_tail,
            last_rank: n - 1,
            progress: Progress::Waiting,
            pivot: 0.0,
            count: 0,
            powers: [Sum::default(); 3],
        }
    }

    /// Returns the first rank of the tail, counted from the quantile; `None` once the sum has
    /// begun.
    pub(super) fn wanted_rank(&self) -> Option<u64> {
        (self.progress == Progress::Waiting).then_some(self.cutting_rank())
    }

    /// Starts to sum the values beyond a heap, which is collected meanwhile; `keys` are its ordered
    /// integers. Returns a range; values outside it are to be [added](Self::add).
    pub(super) fn aim(&mut self, heap: u16, keys: KeyRange) -> KeyRange {
        let KeyRange { first, last } = keys;
        let (pivot, edges) = match self.tail.end {
            End::Low => (first, KeyRange { first, last: i64::MAX }),
            End::High => (last, KeyRange { first: i64::MIN, last }),
        };
        // In the bucket around zero nearly all values are exactly zero.
        self.pivot = if first <= 0 && last >= 0 { 0.0 } else { bucket::from_ordered(pivot) };
        self.count = 0;
        self.powers = [Sum::default(); 3];
        self.progress = Progress::Running(heap);
        edges
    }

    /// Adds a value beyond the edge `count` times.
    pub(super) fn add(&mut self, value: f64, count: u64) {
        let (y, times) = (self.outward(value), count as f64);
        self.count += count;
        self.powers[0].add(times * y);
        self.powers[1].add(times * (y * y));
        self.powers[2].add(times * (y * y * y));
    }

    /// Adds the values of the collected heap that lie in the tail.
    pub(super) fn finish(&mut self, number: u16, heap: &Heap) {
        if self.progress != Progress::Running(number) {
            return;
        }
        self.progress = Progress::Complete;
        let cut = self.cutting_rank();
        let mut before = heap.before;
        for &(key, count) in &heap.joined {
            let (first, after) = (before, before + count);
            before = after;
            let taken = match self.tail.end {
                End::Low => after.min(cut + 1) - first.min(cut + 1),
                End::High => after.max(cut) - first.max(cut),
            };
            if taken > 0 {
                self.add(bucket::from_ordered(key), taken);
            }
        }
    }

    /// Discards the sums of an unfinished pass.
    pub(super) fn restart(&mut self) {
        if matches!(self.progress, Progress::Running(_)) {
            self.progress = Progress::Waiting;
        }
    }

    /// Turns distances from the pivot into distances from the quantile.
    pub(super) fn conclude(&mut self, quantile: f64) -> Result<(), Mismatch> {
        if self.progress != Progress::Complete {
            return Ok(());
        }
        if self.count != self.in_tail {
            return Err(Mismatch);
        }
        let (n, c) = (self.count as f64, self.outward(quantile));
        let [s1, s2, s3] = self.powers.map(Sum::value);
        let beyond = [
            s1 - n * c,
            s2 - 2.0 * c * s1 + n * c * c,
            s3 - 3.0 * c * s2 + 3.0 * c * c * s1 - n * c * c * c,
        ];
        self.progress =
            Progress::Done(TailSums { quantile, beyond: beyond.map(|sum| sum.max(0.0)) });
        Ok(())
    }

    /// Returns the sums; `None` unless they were concluded.
    pub(super) fn result(self) -> Option<TailSums> {
        match self.progress {
            Progress::Done(sums) => Some(sums),
            Progress::Waiting | Progress::Running(_) | Progress::Complete => None,
        }
    }

    fn cutting_rank(&self) -> u64 {
        match self.tail.end {
            End::Low => self.position.rank,
            End::High => (self.position.rank + 1).min(self.last_rank),
        }
    }

    /// Distance from the pivot, positive away from the middle of the distribution.
    fn outward(&self, value: f64) -> f64 {
        match self.tail.end {
            End::Low => self.pivot - value,
            End::High => value - self.pivot,
        }
    }
}

/// A sum that carries its rounding error along (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sum: f64,
    error: f64,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, x: f64) {
        let total = self.sum + x;
        self.error +=
            if self.sum.abs() >= x.abs() { (self.sum - total) + x } else { (x - total) + self.sum };
        self.sum = total;
    }

    fn value(self) -> f64 {
        self.sum + self.error
    }
}
