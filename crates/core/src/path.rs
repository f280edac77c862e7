//! Carries generated market paths from a scenario to the simulation, one chunk at a time.
//!
//! Generators and policies meet in [`PathBlock`] and [`PathSource`] and nowhere else.

use crate::lanes::Row;

/// Number of steps of one chunk; results do not depend on it.
///
/// Any number between 8 and 120 is equally fast, measured as in `benches/METHODOLOGY.md`. 24 keeps
/// the returns of a block in the first two cache levels, and is a multiple of the four words of a
/// random block.
pub const CHUNK_STEPS: usize = 24;

/// Number of the first path that only placebo signals read: the paths of a run have lower numbers.
pub const PLACEBO_PATHS: u64 = 1 << 62;

/// Market returns, true regimes and indicators of a block of `L` paths over one chunk of steps.
///
/// Rows are indexed `[step within the chunk][asset]`; only the first `steps` of them are
/// meaningful. Regimes are kept apart from the returns, because they reach cost models and
/// diagnosis but never a policy.
#[derive(Clone, Debug)]
pub struct PathBlock<const L: usize> {
    assets: usize,
    /// First step of the chunk, from 0. Row `k` is the return from `t = start + k` to the end of
    /// that step.
    pub start: u32,
    /// Number of meaningful steps, at most [`CHUNK_STEPS`].
    pub steps: usize,
    gross: Vec<Row<f64, L>>,
    log_return: Vec<Row<f32, L>>,
    regime: Vec<Row<u32, L>>,
    /// Number of indicators of the market.
    indicators: usize,
    /// Rows of the indicators, `[step within the chunk][indicator]`.
    indicator: Vec<Row<f32, L>>,
    /// State that the source carries from chunk to chunk: one row per number.
    pub carry: Vec<Row<u32, L>>,
    /// Working rows of the source; their content means nothing between two calls.
    pub scratch: Scratch<L>,
}

/// Working rows of a path source, kept from chunk to chunk so that generating allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Scratch<const L: usize> {
    /// Rows of 32-bit words: random words and masks.
    pub words: Vec<Row<u32, L>>,
    /// Rows of single-precision numbers: normal shocks.
    pub reals: Vec<Row<f32, L>>,
}

impl<const L: usize> PathBlock<L> {
    /// Returns a block for `assets` assets in which nothing is generated yet: every gross return is
    /// 1, and there are no indicators.
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

    /// Returns the number of assets.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.assets
    }

    /// Returns the gross returns of step `k` of the chunk, one row per asset; 1 is an unchanged
    /// price.
    #[must_use]
    #[inline(always)]
    pub fn gross(&self, k: usize) -> &[Row<f64, L>] {
        &self.gross[k * self.assets..(k + 1) * self.assets]
    }

    /// Returns the log returns of step `k` of the chunk, one row per asset. Signals observe these.
    #[must_use]
    #[inline(always)]
    pub fn log_return(&self, k: usize) -> &[Row<f32, L>] {
        &self.log_return[k * self.assets..(k + 1) * self.assets]
    }

    /// Returns the true regime of step `k`, numbered as in [`PathSource::regimes`].
    #[must_use]
    #[inline(always)]
    pub fn regime(&self, k: usize) -> &Row<u32, L> {
        &self.regime[k]
    }

    /// Returns the indicators that can be observed at the end of step `k`, one row for each name of
    /// [`PathSource::indicators`].
    #[must_use]
    #[inline(always)]
    pub fn indicator(&self, k: usize) -> &[Row<f32, L>] {
        &self.indicator[k * self.indicators..(k + 1) * self.indicators]
    }

    /// Sets the number of indicators, with zeros in new rows. A source calls it before it writes
    /// any.
    pub fn set_indicators(&mut self, indicators: usize) {
        self.indicators = indicators;
        self.indicator.resize(CHUNK_STEPS * indicators, Row::splat(0.0));
    }

    /// Returns the row of one indicator at step `k`, for writing.
    #[inline(always)]
    pub fn indicator_mut(&mut self, k: usize, indicator: usize) -> &mut Row<f32, L> {
        &mut self.indicator[k * self.indicators + indicator]
    }

    /// Returns the rows of step `k` for writing, together with the state and the working rows of
    /// the source.
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

/// The rows that a source writes for one step.
#[derive(Debug)]
pub struct StepMut<'a, const L: usize> {
    /// Gross returns, one row per asset.
    pub gross: &'a mut [Row<f64, L>],
    /// Log returns, one row per asset.
    pub log_return: &'a mut [Row<f32, L>],
    /// True regime.
    pub regime: &'a mut Row<u32, L>,
    /// State that the source carries from chunk to chunk.
    pub carry: &'a mut Vec<Row<u32, L>>,
    /// Working rows of the source.
    pub scratch: &'a mut Scratch<L>,
}

/// Port of a market: it generates any block of its paths, chunk after chunk.
///
/// A caller asks for the chunks of a block in order from `start = 0`, each of [`CHUNK_STEPS`] steps
/// except the last. The numbers depend on nothing but (market, seed, path, step).
pub trait PathSource<const L: usize>: Send + Sync {
    /// Returns the names of the assets, in the order of the rows.
    fn assets(&self) -> &[String];

    /// Returns the names of the true regimes, in the order of their numbers. A market without
    /// regimes has one name.
    fn regimes(&self) -> &[String];

    /// Returns the names of the indicators, in the order of their rows; none by default.
    fn indicators(&self) -> &[String] {
        &[]
    }

    /// Fills `block` with steps `start .. start + steps` of the paths `first_path ..`, and sets its
    /// `start` and `steps`.
    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>);
}
