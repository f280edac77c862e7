//! Reads single paths of a market, for the reference loop.

use corridor_core::lanes::Row;
use corridor_core::path::{CHUNK_STEPS, PLACEBO_PATHS, PathBlock, PathSource};

/// One market path. Element `t - 1` of each list belongs to the step from `t - 1` to `t`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarketPath {
    /// Number of the path in its market, from 0.
    pub path: u64,
    /// Gross returns, `[step][asset]`; 1 = unchanged.
    pub gross: Vec<Vec<f64>>,
    /// Log returns that signals observe, `[step][asset]`.
    pub log_return: Vec<Vec<f32>>,
    /// True regime of each step.
    pub regime: Vec<u32>,
    /// Log returns of the unrelated path that placebo signals observe, `[step][asset]`.
    pub placebo: Vec<Vec<f32>>,
    /// Indicators of the market, `[step][indicator]`; empty where it has none.
    pub indicator: Vec<Vec<f32>>,
    /// Indicators of the unrelated path that placebo signals observe, `[step][indicator]`.
    pub placebo_indicator: Vec<Vec<f32>>,
}

impl MarketPath {
    /// Number of paths that [`Self::block_of_source`] reads at once.
    pub const BLOCK: u64 = 16;

    /// Reads the first `steps` steps of path number `path`. This takes as long as a block of
    /// [`Self::BLOCK`] paths.
    #[must_use]
    pub fn of_source(source: &dyn PathSource<16>, path: u64, steps: u32) -> Self {
        Self::block_of_source(source, path / Self::BLOCK, steps)
            .swap_remove((path % Self::BLOCK) as usize)
    }

    /// Reads the first `steps` steps of the [`Self::BLOCK`] paths from number `block * BLOCK` on.
    ///
    /// A caller that reads many blocks can look at a cancellation flag between calls: one takes
    /// milliseconds.
    #[must_use]
    pub fn block_of_source(source: &dyn PathSource<16>, block: u64, steps: u32) -> Vec<Self> {
        let (first, assets) = (block * Self::BLOCK, source.assets().len());
        let (mut block, mut other) = (PathBlock::<16>::new(assets), PathBlock::<16>::new(assets));
        let mut paths: Vec<Self> =
            (first..first + Self::BLOCK).map(|path| Self { path, ..Self::default() }).collect();
        for start in (0..steps).step_by(CHUNK_STEPS) {
            let length = CHUNK_STEPS.min((steps - start) as usize);
            source.fill(first, start, length, &mut block);
            source.fill(first + PLACEBO_PATHS, start, length, &mut other);
            for k in 0..length {
                for (lane, path) in paths.iter_mut().enumerate() {
                    path.push_step(k, lane, &block, &other);
                }
            }
        }
        paths
    }

    /// Appends step `k` of one lane of the chunk, and of the chunk that placebo signals observe.
    fn push_step(&mut self, k: usize, lane: usize, own: &PathBlock<16>, other: &PathBlock<16>) {
        let of_lane = |rows: &[Row<f32, 16>]| rows.iter().map(|row| row[lane]).collect();
        self.gross.push(own.gross(k).iter().map(|row| row[lane]).collect());
        self.log_return.push(of_lane(own.log_return(k)));
        self.regime.push(own.regime(k)[lane]);
        self.placebo.push(of_lane(other.log_return(k)));
        self.indicator.push(of_lane(own.indicator(k)));
        self.placebo_indicator.push(of_lane(other.indicator(k)));
    }
}
