//! Shows the signals and scale factors of a chunk to a rule, for all lanes or for one.

use corridor_core::lanes::Row;
use corridor_core::path::CHUNK_STEPS;

use crate::policy::view::SignalView;

/// One row for each step of a chunk.
pub(crate) type ChunkRows<const L: usize> = [Row<f64, L>; CHUNK_STEPS];

/// Signals and scale factors of one instance over a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkSignals<'a, const L: usize> {
    /// Value of every signal of the simulation.
    pub signals: &'a [ChunkRows<L>],
    /// Value of every product of scale factors of the simulation.
    pub factors: &'a [ChunkRows<L>],
    /// Index into `factors` for each of the policy's scales; `None` where it has no factor.
    pub scales: &'a [Option<usize>],
}

impl<'a, const L: usize> ChunkSignals<'a, L> {
    /// Returns the factor of one of the policy's scales at every step; empty where it is 1.
    pub fn factors_of(&self, scale: usize) -> &'a [Row<f64, L>] {
        self.scales.get(scale).copied().flatten().map_or(&[], |product| &self.factors[product])
    }

    /// Returns the view of lane `l` at step `k` of the chunk.
    pub fn of_lane(self, k: usize, l: usize) -> LaneSignals<'a, L> {
        LaneSignals { chunk: self, k, l }
    }
}

/// Signals and scale factors of one lane at one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneSignals<'a, const L: usize> {
    chunk: ChunkSignals<'a, L>,
    k: usize,
    l: usize,
}

impl<const L: usize> SignalView for LaneSignals<'_, L> {
    fn signal(&self, signal: usize) -> f64 {
        self.chunk.signals[signal][self.k][self.l]
    }

    fn factor(&self, scale: usize) -> f64 {
        self.chunk.factors_of(scale).get(self.k).map_or(1.0, |row| row[self.l])
    }
}
