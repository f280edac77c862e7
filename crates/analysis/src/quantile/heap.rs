//! Collects the values of one grid cell; equal values are kept once, with their number.

use crate::bucket::KeyRange;

/// Number of new values after which equal ones are joined.
const JOIN_AT: usize = 4096;

/// The collected values of a grid cell, as ordered integers.
#[derive(Debug)]
pub(super) struct Heap {
    /// Index of the grid cell.
    pub(super) cell: usize,
    /// Number of values below the cell.
    pub(super) before: u64,
    /// First and last ordered integer of the cell.
    pub(super) keys: KeyRange,
    fresh: Vec<i64>,
    /// Different values with their numbers, sorted.
    pub(super) joined: Vec<(i64, u64)>,
    /// Most different values to keep.
    limit: usize,
    /// Whether there are more different values than the limit; then none is kept.
    pub(super) overflown: bool,
}

impl Heap {
    /// Prepares to collect at most `limit` different values of a cell.
    pub(super) fn new(cell: usize, before: u64, keys: KeyRange, limit: usize) -> Self {
        Self { cell, before, keys, fresh: Vec::new(), joined: Vec::new(), limit, overflown: false }
    }

    /// Takes a value.
    #[inline]
    pub(super) fn push(&mut self, key: i64) {
        self.fresh.push(key);
        if self.fresh.len() >= JOIN_AT {
            self.join();
            if self.joined.len() > self.limit {
                self.overflown = true;
                self.joined = Vec::new();
            }
        }
    }

    /// Joins equal values; to be called before they are read.
    pub(super) fn join(&mut self) {
        if self.overflown {
            self.fresh.clear();
            return;
        }
        self.fresh.sort_unstable();
        let before = std::mem::take(&mut self.joined);
        let mut old = before.into_iter().peekable();
        for run in self.fresh.chunk_by(|a, b| a == b) {
            let (key, mut count) = (run[0], run.len() as u64);
            while let Some(entry) = old.next_if(|&(smaller, _)| smaller < key) {
                self.joined.push(entry);
            }
            if let Some((_, more)) = old.next_if(|&(same, _)| same == key) {
                count += more;
            }
            self.joined.push((key, count));
        }
        self.joined.extend(old);
        self.fresh.clear();
    }

    /// Returns the number of values.
    pub(super) fn total(&self) -> u64 {
        self.joined.iter().map(|&(_, count)| count).sum()
    }
}
