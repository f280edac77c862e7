//! Draws the indicators of a market's regimes.

use corridor_core::lanes::Row;
use corridor_core::numerics::normal_pair;
use corridor_core::path::PathBlock;
use corridor_core::random::{Stream, fill_words};

use crate::chain::{MarkovChain, Words, mask_states, select};
use crate::dynamics::Indicator;
use crate::step_at::StepAt;

/// Rows a block carries for one indicator: its value, and the regime it knows.
const ROWS: usize = 2;

/// The indicators of a market as the generator reads them.
#[derive(Clone, Debug)]
pub(crate) struct IndicatorPaths {
    indicators: Vec<PreparedIndicator>,
    states: usize,
}

#[derive(Clone, Debug)]
struct PreparedIndicator {
    /// Mean per main regime, as bits of `f32`.
    mean: Vec<u32>,
    persistence: f32,
    noise_sd: f32,
    /// Standard deviation of the first value: that of the long run.
    start_sd: f32,
    lead_steps: u32,
}

impl IndicatorPaths {
    /// Prepares the indicators of a market with `states` main regimes.
    pub fn new(indicators: &[Indicator], states: usize) -> Self {
        Self { indicators: indicators.iter().map(PreparedIndicator::new).collect(), states }
    }

    /// Returns the number of rows a block carries.
    pub fn carry_rows(&self) -> usize {
        ROWS * self.indicators.len()
    }

    /// Returns the number of indicators.
    pub fn count(&self) -> usize {
        self.indicators.len()
    }

    /// Draws the indicators of a step into row `k` of the chunk; their carried rows start at
    /// `first_row`.
    #[inline(always)]
    pub fn fill<const L: usize>(
        &self,
        chain: &MarkovChain,
        step: StepAt,
        k: usize,
        block: &mut PathBlock<L>,
        first_row: usize,
    ) {
        let mut masks = vec![Row::<u32, L>::splat(0); self.states];
        for (number, indicator) in self.indicators.iter().enumerate() {
            let row = first_row + ROWS * number;
            indicator.look_ahead(chain, step, &mut block.carry[row + 1], &mut masks);
            let mut words = [Row::<u32, L>::splat(0); 4];
            let place = step.t * self.indicators.len() as u32 + number as u32;
            fill_words(step.paths, place, Stream::Indicators, &mut words);
            indicator.step(step.t, &masks, &words, &mut block.carry[row]);
            let value = block.carry[row];
            let out = block.indicator_mut(k, number);
            for l in 0..L {
                out[l] = f32::from_bits(value[l]);
            }
        }
    }
}

impl PreparedIndicator {
    fn new(Indicator { mean, persistence, noise_sd, lead_steps, .. }: &Indicator) -> Self {
        Self {
            mean: mean.iter().map(|m| (*m as f32).to_bits()).collect(),
            persistence: *persistence as f32,
            noise_sd: *noise_sd as f32,
            start_sd: (noise_sd / (1.0 - persistence * persistence).sqrt()) as f32,
            lead_steps: *lead_steps,
        }
    }

    /// Moves the regime that the indicator knows to that of step `t + lead`, with the words that
    /// the chain itself draws later.
    #[inline(always)]
    fn look_ahead<const L: usize>(
        &self,
        chain: &MarkovChain,
        step: StepAt,
        state: &mut Row<u32, L>,
        masks: &mut [Row<u32, L>],
    ) {
        mask_states(state, masks);
        let mut words = Words::new();
        let StepAt { paths, t } = step;
        let from = if t == 0 { 0 } else { t + self.lead_steps };
        for ahead in (from..=t + self.lead_steps)
            .filter(|&ahead| chain.moves_before(ahead) && (chain.states() > 1 || ahead == 0))
        {
            chain.advance(StepAt { paths, t: ahead }, &mut words, state, masks);
        }
    }

    /// Moves the value of the indicator into step `t`.
    #[inline(always)]
    fn step<const L: usize>(
        &self,
        t: u32,
        masks: &[Row<u32, L>],
        words: &[Row<u32, L>; 4],
        value: &mut Row<u32, L>,
    ) {
        let mut mean = Row::<u32, L>::splat(0);
        select(masks, &self.mean, &mut mean);
        let (sd, persistence) =
            if t == 0 { (self.start_sd, 0.0) } else { (self.noise_sd, self.persistence) };
        for l in 0..L {
            let (m, before) = (f32::from_bits(mean[l]), f32::from_bits(value[l]));
            value[l] =
                (m + persistence * (before - m) + sd * normal_pair(words[0][l], words[1][l]).0)
                    .to_bits();
        }
    }
}
