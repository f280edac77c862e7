//! Finds order statistics in values that are read more than once, keeping no more of them than a
//! budget.
//!
//! The integer counts of the state show the bucket of each requested rank. Where these buckets hold
//! more values than the budget, one pass counts them on a finer grid of ordered integers, and a
//! last pass collects the values of the few grid cells that hold a requested rank. Equal values are
//! kept once with their number, so ties cost nothing. A grid cell that still holds too many
//! different values is refined again.

use std::collections::BTreeMap;
use std::ops::Range;

use corridor_core::level::{Kernel, Level};

use crate::bucket::{self, Grid as Buckets, KeyRange};
use crate::counts::Counts;

use super::heap::Heap;
use super::tail_search::TailSearch;
use super::{Mismatch, Position, Tail, TailSums, between};

/// Most values that are collected at once: to sort more of them costs more than another pass.
const COLLECT_MAX: u64 = 1 << 16;
/// Intended number of values per finer cell.
const CELL_AIM: u64 = 64;
/// Most cells to cut one cell into.
const CELLS_MAX: u64 = 1 << 20;
/// Range that contains every value.
const EVERYTHING: KeyRange = KeyRange { first: i64::MIN, last: i64::MAX };
/// Values whose buckets are computed in one vectorised pass.
const BLOCK: usize = 512;

/// The order statistics and the tail that are searched in one column.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    /// Counts of the column, as in the state.
    pub(super) counts: &'a Counts,
    /// Ranks from 0, sorted, below the number of values.
    pub(super) ranks: Vec<u64>,
    /// Tail to sum up, if any.
    pub(super) tail: Option<Tail>,
}

/// The result of a search.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Value of each requested rank.
    pub(super) values: BTreeMap<u64, f64>,
    /// Sums of the requested tail.
    pub(super) tail: Option<TailSums>,
}

/// The search in one column.
#[derive(Debug)]
pub(super) struct Finder {
    /// Grid of the buckets.
    on: Buckets,
    first_bucket: i32,
    /// Number of buckets, which are the first grid cells.
    buckets: usize,
    /// Route of the values of each bucket.
    routes: Vec<Route>,
    /// Role of each grid cell in this pass.
    roles: Vec<Role>,
    /// Number of values in each grid cell, known or being counted.
    counts: Vec<u64>,
    /// Number of values below each grid cell, within the cell that its grid cuts.
    before: Vec<u64>,
    grids: Vec<Grid>,
    heaps: Vec<Heap>,
    /// Ranks not found yet: the requested ones and those that the tail needs.
    open: Vec<u64>,
    found: BTreeMap<u64, f64>,
    tail: Option<TailSearch>,
    /// Range of this pass; values outside it are added to the tail.
    tail_edges: KeyRange,
    budget: u64,
    level: Level,
    /// Whether this pass only counts values in the cells of cut buckets.
    is_plain_counting: bool,
    /// Whether a value was outside of every counted bucket.
    is_stray: bool,
}

/// Maps an ordered integer to its grid cell: `first_cell + (key - first_key) >> shift`. An uncut
/// bucket maps to itself.
#[derive(Clone, Copy, Debug)]
struct Route {
    first_key: i64,
    first_cell: u32,
    shift: u32,
}

impl Route {
    fn cell(self, key: i64) -> usize {
        self.first_cell as usize + ((key - self.first_key) >> self.shift) as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// No requested rank lies in the cell.
    Ignored,
    /// Values are counted in this pass.
    Counting,
    /// Values are collected in this heap in this pass.
    Collecting(u16),
    /// Cut into the cells of this grid.
    Cut(u16),
}

/// Cells of equal size into which a cell is cut.
#[derive(Clone, Copy, Debug)]
struct Grid {
    route: Route,
    last_key: i64,
    cells: u32,
    /// Index of the cell that is cut.
    of_cell: u32,
    /// Whether values are counted in this pass.
    is_counting: bool,
}

impl Finder {
    /// Prepares a search that keeps about `budget` values or grid cells at a time.
    pub(super) fn new(wanted: &Wanted<'_>, budget: u64) -> Self {
        let (on, n) = (wanted.counts.grid(), wanted.counts.total());
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
            open.extend([tail.position.rank, (tail.position.rank + 1).min(n - 1)]);
        }
        open.sort_unstable();
        open.dedup();
        let itself = |(cell, bucket)| Route {
            first_key: on.key_range(bucket).first,
            first_cell: cell,
            shift: 63,
        };
        let mut finder = Self {
            on,
            first_bucket,
            buckets: counts.len(),
            routes: (0..).zip(first_bucket..=last_bucket).map(itself).collect(),
            roles: vec![Role::Ignored; counts.len()],
            before: vec![0; counts.len()],
            counts,
            grids: Vec::new(),
            heaps: Vec::new(),
            open,
            found: BTreeMap::new(),
            tail,
            tail_edges: EVERYTHING,
            budget: budget.max(64),
            level: Level::best(),
            is_plain_counting: false,
            is_stray: false,
        };
        finder.number(0..finder.buckets);
        finder.prepare_pass();
        finder
    }

    /// Returns whether another pass over the values is needed.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Reads the next values of the pass, in path order.
    pub(super) fn take(&mut self, values: &[f64]) {
        let (mut keys, mut places) = ([0; BLOCK], [0; BLOCK]);
        for block in values.chunks(BLOCK) {
            self.level.run(Places {
                on: self.on,
                values: block,
                first_bucket: self.first_bucket,
                keys: &mut keys,
                places: &mut places,
            });
            let placed = keys.iter().zip(&places).zip(block);
            if self.is_plain_counting {
                for ((&key, &place), &value) in placed {
                    self.count(key, place, value);
                }
            } else {
                for ((&key, &place), &value) in placed {
                    self.take_one(key, place, value);
                }
            }
        }
    }

    #[inline(always)]
    fn count(&mut self, key: i64, place: u32, value: f64) {
        let Some(route) = self.routes.get(place as usize) else {
            self.is_stray |= value.is_finite();
            return;
        };
        let cell = route.cell(key);
        if cell >= self.buckets {
            self.counts[cell] += 1;
        }
    }

    #[inline(always)]
    fn take_one(&mut self, key: i64, place: u32, value: f64) {
        let Some(mut route) = self.routes.get(place as usize).copied() else {
            self.is_stray |= value.is_finite();
            return;
        };
        if key < self.tail_edges.first || key > self.tail_edges.last {
            self.take_tail(value);
        }
        loop {
            let cell = route.cell(key);
            match self.roles[cell] {
                Role::Ignored => return,
                Role::Counting => {
                    self.counts[cell] += 1;
                    return;
                }
                Role::Collecting(heap) => {
                    self.heaps[usize::from(heap)].push(key);
                    return;
                }
                Role::Cut(grid) => route = self.grids[usize::from(grid)].route,
            }
        }
    }

    #[cold]
    fn take_tail(&mut self, value: f64) {
        if let Some(tail) = &mut self.tail {
            tail.add(value, 1);
        }
    }

    /// Ends a pass: reads off the ranks that are known now, and prepares the next pass for the
    /// rest.
    pub(super) fn end_pass(&mut self) -> Result<(), Mismatch> {
        if self.is_stray {
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
            if heap.total() != self.counts[heap.cell] {
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

    /// Returns the result, once no pass is needed any more.
    pub(super) fn found(self) -> Found {
        Found { values: self.found, tail: self.tail.and_then(|tail| tail.result()) }
    }

    fn end_counting(&mut self) -> Result<(), Mismatch> {
        for number in 0..self.grids.len() {
            let grid = self.grids[number];
            if grid.is_counting {
                self.grids[number].is_counting = false;
                self.roles[grid.range()].fill(Role::Ignored);
                if self.number(grid.range()) != self.counts[grid.of_cell as usize] {
                    return Err(Mismatch);
                }
            }
        }
        Ok(())
    }

    /// Computes `before` of consecutive cells; returns the number of their values.
    fn number(&mut self, cells: Range<usize>) -> u64 {
        let mut before = 0;
        for cell in cells {
            self.before[cell] = before;
            before += self.counts[cell];
        }
        before
    }

    /// Gives every cell with an open rank a role: to be cut finer, or to be collected.
    fn prepare_pass(&mut self) {
        let leaves = self.open.iter().map(|&rank| self.leaf(rank));
        let wanted: BTreeMap<usize, Leaf> = leaves.map(|leaf| (leaf.cell, leaf)).collect();
        let held: u64 = wanted.keys().map(|&cell| self.counts[cell]).sum();
        for leaf in wanted.values() {
            let is_too_much = leaf.is_bucket
                && held > self.budget.min(COLLECT_MAX)
                && self.counts[leaf.cell] > CELL_AIM;
            if is_too_much && self.cut(leaf.cell, leaf.keys) {
                continue;
            }
            if let (Role::Ignored, Ok(number)) =
                (self.roles[leaf.cell], u16::try_from(self.heaps.len()))
            {
                self.roles[leaf.cell] = Role::Collecting(number);
                self.heaps.push(Heap::new(leaf.cell, leaf.before, leaf.keys, self.budget as usize));
            }
        }
        let is_nested = self.grids.iter().any(|grid| grid.of_cell as usize >= self.buckets);
        self.is_plain_counting = self.heaps.is_empty() && !is_nested;
        self.aim_tail();
    }

    /// Cuts a cell into finer ones of about `CELL_AIM` values, within the budget; returns false if
    /// the indices are used up.
    fn cut(&mut self, cell: usize, keys: KeyRange) -> bool {
        let KeyRange { first: first_key, last: last_key } = keys;
        let (Ok(number), Ok(first_cell)) =
            (u16::try_from(self.grids.len()), u32::try_from(self.counts.len()))
        else {
            return false;
        };
        let width = last_key.wrapping_sub(first_key) as u64;
        let width_bits = 64 - width.leading_zeros();
        let count = self.counts[cell];
        let affordable =
            u128::from(count) * u128::from(self.budget) / u128::from(self.total().max(1));
        let aim = (count / CELL_AIM).min(affordable as u64).clamp(2, CELLS_MAX);
        let shift = width_bits - (64 - aim.leading_zeros()).min(width_bits);
        let route = Route { first_key, first_cell, shift };
        let grid = Grid {
            route,
            last_key,
            cells: (width >> shift) as u32 + 1,
            of_cell: cell as u32,
            is_counting: true,
        };
        self.roles[cell] = Role::Cut(number);
        if let Some(bucket) = self.routes.get_mut(cell) {
            *bucket = route;
        }
        self.roles.resize(grid.range().end, Role::Counting);
        self.counts.resize(grid.range().end, 0);
        self.before.resize(grid.range().end, 0);
        self.grids.push(grid);
        true
    }

    /// Returns the cell that holds a rank: an uncut one, or one that is cut in this pass.
    fn leaf(&self, rank: u64) -> Leaf {
        let cell = self.holder(0..self.buckets, rank);
        let keys = self.on.key_range(self.first_bucket + cell as i32);
        let mut leaf = Leaf { cell, before: self.before[cell], keys, is_bucket: true };
        while let Role::Cut(number) = self.roles[leaf.cell] {
            let grid = self.grids[usize::from(number)];
            if grid.is_counting {
                break;
            }
            let cell = self.holder(grid.range(), rank - leaf.before);
            let Route { first_key, shift, .. } = grid.route;
            let first = first_key + (((cell - grid.range().start) as i64) << shift);
            let last = first.saturating_add((1 << shift) - 1).min(grid.last_key);
            let keys = KeyRange { first, last };
            leaf = Leaf { cell, before: leaf.before + self.before[cell], keys, is_bucket: false };
        }
        leaf
    }

    /// Returns the last of consecutive cells with at most `rank` values before it.
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

    /// Starts the sum of the tail in this pass, if the cell in which the tail is cut off is
    /// collected.
    fn aim_tail(&mut self) {
        self.tail_edges = EVERYTHING;
        let Some(rank) = self.tail.as_ref().and_then(TailSearch::wanted_rank) else { return };
        let leaf = self.leaf(rank);
        if let (Some(tail), Role::Collecting(heap)) = (&mut self.tail, self.roles[leaf.cell]) {
            self.tail_edges = tail.aim(heap, leaf.keys);
        }
    }

    fn close_tail(&mut self) -> Result<(), Mismatch> {
        let Some(tail) = &mut self.tail else { return Ok(()) };
        let Position { rank, share } = tail.position;
        let Some(&low) = self.found.get(&rank) else { return Ok(()) };
        let high = self.found.get(&(rank + 1)).copied().unwrap_or(low);
        tail.conclude(between(low, high, share))
    }

    /// Returns the number of values.
    fn total(&self) -> u64 {
        self.buckets.checked_sub(1).map_or(0, |last| self.before[last] + self.counts[last])
    }
}

impl Grid {
    fn range(&self) -> Range<usize> {
        let first = self.route.first_cell as usize;
        first..first + self.cells as usize
    }
}

/// A cell on the way to a rank.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    cell: usize,
    /// Number of values below the cell.
    before: u64,
    /// First and last ordered integer of the cell.
    keys: KeyRange,
    is_bucket: bool,
}

/// Computes the ordered integers and the bucket indices of a block.
struct Places<'a> {
    on: Buckets,
    values: &'a [f64],
    first_bucket: i32,
    keys: &'a mut [i64; BLOCK],
    /// Bucket indices, from `first_bucket`; beyond every bucket for a value that is not finite.
    places: &'a mut [u32; BLOCK],
}

impl Places<'_> {
    #[inline(always)]
    fn fill(self, bucket: impl Fn(f64) -> i32) {
        for ((key, place), &value) in self.keys.iter_mut().zip(self.places).zip(self.values) {
            // -0.0 becomes 0.0
            let value = value + 0.0;
            *key = bucket::ordered(value);
            *place = bucket(value).wrapping_sub(self.first_bucket) as u32;
        }
    }
}

impl Kernel for Places<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.on {
            // A grid for each loop, so that each vectorises.
            Buckets::Plain => self.fill(|value| Buckets::Plain.of(value)),
            Buckets::Weights => self.fill(|value| Buckets::Weights.of(value)),
            Buckets::Whole | Buckets::Months => {
                let on = self.on;
                self.fill(|value| on.of(value));
            }
        }
    }
}
