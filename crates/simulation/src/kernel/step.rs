//! Describes one step of a chunk to the functions that decide and trade.

use corridor_core::lanes::Row;

use super::prepared::StepPlan;
use super::signals::ChunkSignals;

/// One step of a chunk, as one instance sees it.
#[derive(Clone, Copy)]
pub(super) struct StepAt<'a, const L: usize> {
    /// Step of the path, from 1.
    pub t: u32,
    /// Step of the chunk, from 0.
    pub k: usize,
    pub plan: StepPlan,
    /// Factor of the band's half-width in each lane; `None` for a fixed band.
    pub width_factors: Option<&'a Row<f64, L>>,
    pub signals: ChunkSignals<'a, L>,
}
