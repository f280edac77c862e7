//! Shows a rule what it sees in one lane: signals, and the products of its scale factors.

use corridor_core::lanes::Row;
use corridor_core::path::CHUNK_STEPS;

use crate::policy::view::SignalView;

/// Rows of one chunk, one for each step.
pub(crate) type ChunkRows<const L: usize> = [Row<f64, L>; CHUNK_STEPS];

/// Everything the rules of a chunk see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkSight<'a, const L: usize> {
    /// Every signal of the simulation.
    pub signals: &'a [ChunkRows<L>],
    /// Every product of scale factors.
    pub factors: &'a [ChunkRows<L>],
    /// Which product stands at each place of the policy's scales; none where there is no factor.
    pub places: &'a [Option<usize>],
}

impl<'a, const L: usize> ChunkSight<'a, L> {
    /// The product at `place`, at every step; empty where it is 1.
    pub fn factors_at(&self, place: usize) -> &'a [Row<f64, L>] {
        self.places.get(place).copied().flatten().map_or(&[], |product| &self.factors[product])
    }

    /// What lane `l` sees at step `k` of the chunk.
    pub fn of_lane(self, k: usize, l: usize) -> LaneSight<'a, L> {
        LaneSight { chunk: self, k, l }
    }
}

/// What one lane sees at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneSight<'a, const L: usize> {
    chunk: ChunkSight<'a, L>,
    k: usize,
    l: usize,
}

impl<const L: usize> SignalView for LaneSight<'_, L> {
    fn signal(&self, signal: usize) -> f64 {
        self.chunk.signals[signal][self.k][self.l]
    }

    fn factor(&self, place: usize) -> f64 {
        self.chunk.factors_at(place).get(self.k).map_or(1.0, |row| row[self.l])
    }
}
