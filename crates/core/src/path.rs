//! Carries a chunk of generated market paths from a scenario to the simulation, which meet nowhere
//! else.

use crate::lanes::Row;

/// Steps of one chunk. Cost is flat between 8 and 120; 24 keeps the returns of a block in the first
/// two cache levels and every random counter whole.
pub const CHUNK_STEPS: usize = 24;

/// Path numbers from here on are other paths for placebo signals: no run has so many of its own.
pub const PLACEBO_PATHS: u64 = 1 << 62;

/// Market returns of a block of `L` paths over one chunk of steps.
///
/// Rows are indexed `[step within the chunk][asset]`; only the first `steps` of them are
/// meaningful. Regimes travel apart from the returns: they reach cost models and diagnosis, never a
/// policy.
#[derive(Clone, Debug)]
pub struct PathBlock<const L: usize> {
    assets: usize,
    /// First step of the chunk: row `k` holds the return earned from `start + k` to `start + k +
    /// 1`.
    pub start: u32,
    /// Number of meaningful steps, at most [`CHUNK_STEPS`].
    pub steps: usize,
    gross: Vec<Row<f64, L>>,
    log_return: Vec<Row<f32, L>>,
    regime: Vec<Row<u32, L>>,
    /// Indicators of the market and their rows, `[step within the chunk][indicator]`.
    indicators: usize,
    indicator: Vec<Row<f32, L>>,
    /// What the source must remember from chunk to chunk: one row per remembered number.
    pub carry: Vec<Row<u32, L>>,
    /// Rows of room for the source; their content means nothing between calls.
    pub scratch: Scratch<L>,
}

/// Working rows of a path source.
#[derive(Clone, Debug, Default)]
pub struct Scratch<const L: usize> {
    /// Random words, then anything else of 32 bits.
    pub words: Vec<Row<u32, L>>,
    /// Normals and log returns in the making.
    pub reals: Vec<Row<f32, L>>,
}

impl<const L: usize> PathBlock<L> {
    /// Room for a chunk of `assets` assets.
    #[must_use]
    pub fn new(assets: usize) -> Self {
        Self {
            assets,
            start: 0,
            steps: 0,
            gross: vec![Row::splat(1.0); CHUNK_STEPS * assets],
            log_return: vec![Row::splat(0.0); CHUNK_STEPS * assets],
            regime: vec![Row::splat(0); CHUNK_STEPS],
            indicators: 0,
            indicator: Vec::new(),
            carry: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.assets
    }

    /// Gross returns (1 = unchanged) of step `k` of the chunk, one row per asset.
    #[must_use]
    #[inline(always)]
    pub fn gross(&self, k: usize) -> &[Row<f64, L>] {
        &self.gross[k * self.assets..(k + 1) * self.assets]
    }

    /// Log returns of step `k` as generated, one row per asset: what signals observe.
    #[must_use]
    #[inline(always)]
    pub fn log_return(&self, k: usize) -> &[Row<f32, L>] {
        &self.log_return[k * self.assets..(k + 1) * self.assets]
    }

    /// True regime of step `k`, numbered as in [`PathSource::regimes`].
    #[must_use]
    #[inline(always)]
    pub fn regime(&self, k: usize) -> &Row<u32, L> {
        &self.regime[k]
    }

    /// What can be seen at the end of step `k` besides returns, one row per indicator of the
    /// market.
    #[must_use]
    #[inline(always)]
    pub fn indicator(&self, k: usize) -> &[Row<f32, L>] {
        &self.indicator[k * self.indicators..(k + 1) * self.indicators]
    }

    /// Makes room for so many indicators.
    pub fn set_indicators(&mut self, indicators: usize) {
        self.indicators = indicators;
        self.indicator.resize(CHUNK_STEPS * indicators, Row::splat(0.0));
    }

    /// The row of one indicator at step `k`, for writing.
    #[inline(always)]
    pub fn indicator_mut(&mut self, k: usize, indicator: usize) -> &mut Row<f32, L> {
        &mut self.indicator[k * self.indicators + indicator]
    }

    /// The rows of step `k` for writing: gross returns, log returns, regime and the source's room.
    #[inline(always)]
    pub fn step_mut(&mut self, k: usize) -> StepMut<'_, L> {
        let rows = k * self.assets..(k + 1) * self.assets;
        StepMut {
            gross: &mut self.gross[rows.clone()],
            log_return: &mut self.log_return[rows],
            regime: &mut self.regime[k],
            carry: &mut self.carry,
            scratch: &mut self.scratch,
        }
    }
}

/// Everything a source writes for one step.
#[derive(Debug)]
pub struct StepMut<'a, const L: usize> {
    /// Gross returns, one row per asset.
    pub gross: &'a mut [Row<f64, L>],
    /// Log returns, one row per asset.
    pub log_return: &'a mut [Row<f32, L>],
    /// True regime.
    pub regime: &'a mut Row<u32, L>,
    /// Memory of the source.
    pub carry: &'a mut Vec<Row<u32, L>>,
    /// Room of the source.
    pub scratch: &'a mut Scratch<L>,
}

/// A market that can produce any block of its paths, chunk after chunk.
///
/// The contract: chunks of a block are asked for in order from `start = 0`, each [`CHUNK_STEPS`]
/// long but the last; the result depends on nothing but (market, seed, path, step).
pub trait PathSource<const L: usize>: Send + Sync {
    /// Names of the assets, in the order of the rows.
    fn assets(&self) -> &[String];

    /// Names of the true regimes, in the order of their numbers; one entry where the market knows
    /// none.
    fn regimes(&self) -> &[String];

    /// Fills `block` with steps `start .. start + steps` of the paths `first_path ..`, setting
    /// `start` and `steps`.
    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>);
}
