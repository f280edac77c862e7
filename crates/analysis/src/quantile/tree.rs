//! Finds order statistics in values that pass by more than once, keeping no more of them than a budget.
//!
//! It starts from the integer counts of the state: they say in which bucket each wanted rank lies. Where those buckets
//! hold more values than the budget, one pass counts them on a finer grid of bit patterns; a last pass collects the
//! values of the few cells that hold a wanted rank. Equal values are kept once with their number, so ties cost nothing.
//! Values so crowded that a cell still holds too many different ones are refined again.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::bucket;
use crate::counts::Counts;

use super::tail_search::TailSearch;
use super::{Tail, TailSums, between};

/// Values worth collecting rather than to look for the right ones in another pass, which costs less than to sort them.
const COLLECT_MAX: u64 = 1 << 16;
/// Values per finer cell to aim for.
const CELL_AIM: u64 = 64;
/// Most cells to cut one cell into.
const CELLS_MAX: u64 = 1 << 20;
/// Fresh values of a cell before equal ones are joined.
const JOIN_AT: usize = 4096;

/// What is wanted of one column of one cell.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    /// Its counts, as in the state.
    pub(super) counts: &'a Counts,
    /// Ranks from 0, sorted, below the number of values.
    pub(super) ranks: Vec<u64>,
    /// A tail to sum up.
    pub(super) tail: Option<Tail>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The order statistics of the wanted ranks.
    pub(super) values: BTreeMap<u64, f64>,
    /// The wanted tail.
    pub(super) tail: Option<TailSums>,
}

/// The values that passed by are not those that were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mismatch;

/// The search in one column of one cell.
#[derive(Debug)]
pub(super) struct Finder {
    first_bucket: i32,
    /// The first cells are the buckets.
    buckets: usize,
    /// What to do with a value, per cell. This, `counts` and `grids` are all that a value touches: small, to stay cached.
    roles: Vec<Role>,
    /// Values in each cell, known or being counted.
    counts: Vec<u64>,
    /// Values below each cell, within the cell that its grid cuts.
    before: Vec<u64>,
    grids: Vec<Grid>,
    heaps: Vec<Heap>,
    /// Wanted ranks not found yet, with the ranks the tail needs.
    open: Vec<u64>,
    found: BTreeMap<u64, f64>,
    tail: Option<TailSearch>,
    /// Bit patterns below and above which a value is summed into the tail in this pass.
    tail_edges: (i64, i64),
    budget: u64,
    stray: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Nothing wanted lies here.
    Ignored,
    /// Values are collected in this heap in this pass.
    Collecting(u16),
    /// Cut into the cells of this grid.
    Cut(u16),
}

/// Equal cells inside one cell.
#[derive(Clone, Copy, Debug)]
struct Grid {
    first_key: i64,
    last_key: i64,
    first_cell: u32,
    cells: u32,
    /// The cell that is cut.
    of_cell: u32,
    shift: u8,
    /// Whether values are counted in this pass.
    is_counting: bool,
}

/// The collected values of a cell, as ordered integers.
#[derive(Debug)]
pub(super) struct Heap {
    cell: usize,
    /// Values below the cell, in all.
    pub(super) before: u64,
    keys: (i64, i64),
    fresh: Vec<i64>,
    /// Different values with their numbers, sorted after [`Heap::join`].
    pub(super) joined: Vec<(i64, u64)>,
    /// Most different values to keep.
    limit: usize,
    overflown: bool,
}

impl Heap {
    fn new(leaf: &Leaf, limit: usize) -> Self {
        Self { cell: leaf.cell, before: leaf.before, keys: leaf.keys, fresh: Vec::new(), joined: Vec::new(), limit, overflown: false }
    }

    fn push(&mut self, key: i64) {
        self.fresh.push(key);
        if self.fresh.len() >= JOIN_AT {
            self.join();
            if self.joined.len() > self.limit {
                self.overflown = true;
                self.joined = Vec::new();
            }
        }
    }

    /// Joins equal values.
    fn join(&mut self) {
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
}

impl Finder {
    /// Prepares the search; it keeps about `budget` values or cells at a time.
    pub(super) fn new(wanted: &Wanted<'_>, budget: u64) -> Self {
        let n = wanted.counts.total();
        let entries = wanted.counts.entries();
        let first_bucket = entries.first().map_or(0, |&(bucket, _)| bucket);
        let last_bucket = entries.last().map_or(-1, |&(bucket, _)| bucket);
        let mut counts = vec![0; (last_bucket - first_bucket + 1).max(0) as usize];
        for &(bucket, count) in entries {
            counts[(bucket - first_bucket) as usize] = count;
        }
        let mut open: Vec<u64> = wanted.ranks.iter().copied().filter(|&rank| rank < n).collect();
        let tail = wanted.tail.filter(|_| n > 0).map(|tail| TailSearch::new(tail, n));
        if let Some(tail) = &tail {
            open.extend([tail.position.0, (tail.position.0 + 1).min(n - 1)]);
        }
        open.sort_unstable();
        open.dedup();
        let mut finder = Self {
            first_bucket,
            buckets: counts.len(),
            roles: vec![Role::Ignored; counts.len()],
            before: vec![0; counts.len()],
            counts,
            grids: Vec::new(),
            heaps: Vec::new(),
            open,
            found: BTreeMap::new(),
            tail,
            tail_edges: (i64::MIN, i64::MAX),
            budget: budget.max(64),
            stray: false,
        };
        finder.number(0..finder.buckets);
        finder.prepare_pass();
        finder
    }

    /// Whether the values must pass by (again).
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Takes the next values of the pass, in path order.
    pub(super) fn take(&mut self, values: &[f64]) {
        for &value in values {
            if value.abs() <= f64::MAX {
                // -0.0 becomes 0.0
                self.take_one(value + 0.0);
            }
        }
    }

    #[inline(always)]
    fn take_one(&mut self, value: f64) {
        let key = bucket::ordered(value);
        if key < self.tail_edges.0 || key > self.tail_edges.1 {
            self.take_tail(value);
        }
        let Some(role) = usize::try_from(bucket::of(value) - self.first_bucket).ok().and_then(|cell| self.roles.get(cell)) else {
            self.stray = true;
            return;
        };
        let mut role = *role;
        loop {
            match role {
                Role::Ignored => return,
                Role::Collecting(heap) => {
                    self.heaps[usize::from(heap)].push(key);
                    return;
                }
                Role::Cut(grid) => {
                    let grid = &self.grids[usize::from(grid)];
                    let cell = grid.first_cell as usize + ((key - grid.first_key) >> grid.shift) as usize;
                    if grid.is_counting {
                        self.counts[cell] += 1;
                        return;
                    }
                    role = self.roles[cell];
                }
            }
        }
    }

    #[cold]
    fn take_tail(&mut self, value: f64) {
        if let Some(tail) = &mut self.tail {
            tail.add(value, 1);
        }
    }

    /// Ends a pass: finds what can be found, and prepares the next pass for the rest.
    pub(super) fn end_pass(&mut self) -> Result<(), Mismatch> {
        if self.stray {
            return Err(Mismatch);
        }
        self.end_counting()?;
        let heaps = std::mem::take(&mut self.heaps);
        for (number, mut heap) in (0..).zip(heaps) {
            self.roles[heap.cell] = Role::Ignored;
            if heap.overflown {
                self.cut(heap.cell, heap.keys);
                continue;
            }
            heap.join();
            if heap.joined.iter().map(|&(_, count)| count).sum::<u64>() != self.counts[heap.cell] {
                return Err(Mismatch);
            }
            self.read_off(&heap);
            if let Some(tail) = &mut self.tail {
                tail.finish(number, &heap);
            }
        }
        self.open.retain(|rank| !self.found.contains_key(rank));
        if let Some(tail) = &mut self.tail {
            tail.restart();
        }
        self.close_tail()?;
        self.prepare_pass();
        Ok(())
    }

    /// What was found, once no pass is wanted any more.
    pub(super) fn found(self) -> Found {
        Found { values: self.found, tail: self.tail.and_then(|tail| tail.result()) }
    }

    fn end_counting(&mut self) -> Result<(), Mismatch> {
        for number in 0..self.grids.len() {
            let grid = self.grids[number];
            if grid.is_counting {
                self.grids[number].is_counting = false;
                if self.number(grid.range()) != self.counts[grid.of_cell as usize] {
                    return Err(Mismatch);
                }
            }
        }
        Ok(())
    }

    /// Works out `before` of consecutive cells; returns their total.
    fn number(&mut self, cells: Range<usize>) -> u64 {
        let mut before = 0;
        for cell in cells {
            self.before[cell] = before;
            before += self.counts[cell];
        }
        before
    }

    /// Gives every cell with an open rank something to do: to be cut finer, or to be collected.
    fn prepare_pass(&mut self) {
        let leaves = self.open.iter().map(|&rank| self.leaf(rank));
        let wanted: BTreeMap<usize, Leaf> = leaves.map(|leaf| (leaf.cell, leaf)).collect();
        let held: u64 = wanted.keys().map(|&cell| self.counts[cell]).sum();
        for leaf in wanted.values() {
            let is_too_much = leaf.is_bucket && held > self.budget.min(COLLECT_MAX) && self.counts[leaf.cell] > CELL_AIM;
            if is_too_much && self.cut(leaf.cell, leaf.keys) {
                continue;
            }
            if let (Role::Ignored, Ok(number)) = (self.roles[leaf.cell], u16::try_from(self.heaps.len())) {
                self.roles[leaf.cell] = Role::Collecting(number);
                self.heaps.push(Heap::new(leaf, self.budget as usize));
            }
        }
        self.aim_tail();
    }

    /// Cuts a cell so that a finer cell holds about `CELL_AIM` values, within the budget; false if no number is left.
    fn cut(&mut self, cell: usize, (first_key, last_key): (i64, i64)) -> bool {
        let (Ok(number), Ok(first_cell)) = (u16::try_from(self.grids.len()), u32::try_from(self.counts.len())) else {
            return false;
        };
        let width = last_key.wrapping_sub(first_key) as u64;
        let width_bits = 64 - width.leading_zeros();
        let count = self.counts[cell];
        let affordable = u128::from(count) * u128::from(self.budget) / u128::from(self.total().max(1));
        let aim = (count / CELL_AIM).min(affordable as u64).clamp(2, CELLS_MAX);
        let shift = width_bits - (64 - aim.leading_zeros()).min(width_bits);
        let cells = (width >> shift) as u32 + 1;
        let grid = Grid { first_key, last_key, first_cell, cells, of_cell: cell as u32, shift: shift as u8, is_counting: true };
        self.roles[cell] = Role::Cut(number);
        self.roles.resize(grid.range().end, Role::Ignored);
        self.counts.resize(grid.range().end, 0);
        self.before.resize(grid.range().end, 0);
        self.grids.push(grid);
        true
    }

    /// The cell that holds a rank, uncut or cut in this pass.
    fn leaf(&self, rank: u64) -> Leaf {
        let cell = self.holder(0..self.buckets, rank);
        let keys = bucket::key_range(self.first_bucket + cell as i32);
        let mut leaf = Leaf { cell, before: self.before[cell], keys, is_bucket: true };
        while let Role::Cut(number) = self.roles[leaf.cell] {
            let grid = self.grids[usize::from(number)];
            if grid.is_counting {
                break;
            }
            let cell = self.holder(grid.range(), rank - leaf.before);
            let first = grid.first_key + (((cell - grid.range().start) as i64) << grid.shift);
            let keys = (first, first.saturating_add((1 << grid.shift) - 1).min(grid.last_key));
            leaf = Leaf { cell, before: leaf.before + self.before[cell], keys, is_bucket: false };
        }
        leaf
    }

    /// The last of consecutive cells that has at most `rank` values before it.
    fn holder(&self, cells: Range<usize>, rank: u64) -> usize {
        cells.start + self.before[cells].partition_point(|&before| before <= rank) - 1
    }

    fn read_off(&mut self, heap: &Heap) {
        let last = heap.before + self.counts[heap.cell];
        let from = self.open.partition_point(|&rank| rank < heap.before);
        let mut entries = heap.joined.iter();
        let mut below = heap.before;
        let mut current = None;
        for &rank in self.open[from..].iter().take_while(|&&rank| rank < last) {
            while below <= rank {
                let Some(&(key, count)) = entries.next() else { return };
                below += count;
                current = Some(key);
            }
            if let Some(key) = current {
                self.found.insert(rank, bucket::from_ordered(key));
            }
        }
    }

    /// Sums up, in this pass, what lies beyond the cell in which the tail is cut off, if that cell is collected.
    fn aim_tail(&mut self) {
        self.tail_edges = (i64::MIN, i64::MAX);
        let Some(rank) = self.tail.as_ref().and_then(TailSearch::wanted_rank) else { return };
        let leaf = self.leaf(rank);
        if let (Some(tail), Role::Collecting(heap)) = (&mut self.tail, self.roles[leaf.cell]) {
            self.tail_edges = tail.aim(heap, leaf.keys);
        }
    }

    fn close_tail(&mut self) -> Result<(), Mismatch> {
        let Some(tail) = &mut self.tail else { return Ok(()) };
        let (rank, share) = tail.position;
        let Some(&low) = self.found.get(&rank) else { return Ok(()) };
        let high = self.found.get(&(rank + 1)).copied().unwrap_or(low);
        tail.conclude(between(low, high, share))
    }

    /// Number of values.
    fn total(&self) -> u64 {
        self.buckets.checked_sub(1).map_or(0, |last| self.before[last] + self.counts[last])
    }
}

impl Grid {
    fn range(&self) -> Range<usize> {
        self.first_cell as usize..self.first_cell as usize + self.cells as usize
    }
}

/// A cell on the way to a rank.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    cell: usize,
    /// Values below it, in all.
    before: u64,
    /// Its first and last bit pattern.
    keys: (i64, i64),
    is_bucket: bool,
}
