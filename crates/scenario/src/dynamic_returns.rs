//! Draws the returns of a market whose shocks have a memory or whose prices jump, and the
//! indicators of its regimes.

use corridor_core::lanes::Row;
use corridor_core::numerics::normal_pair;
use corridor_core::path::PathBlock;
use corridor_core::random::{Paths, Stream, fill_words};

use crate::chain::{MarkovChain, Words, select};
use crate::dynamics::{Dynamics, Garch, Indicator, Jumps};

/// Dynamics laid out for the generator: numbers by regime as bits of f32.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    garch: Option<PreparedGarch>,
    relative: Option<([usize; 2], f32)>,
    jumps: Option<PreparedJumps>,
    indicators: Vec<PreparedIndicator>,
    assets: usize,
    states: usize,
}

#[derive(Clone, Debug)]
struct PreparedGarch {
    floor: f32,
    alpha: f32,
    beta: f32,
    gamma: f32,
    /// Per asset and main regime, the reciprocal of the declared variance; 0 where there is none.
    inverse_variance: Vec<Vec<f32>>,
}

#[derive(Clone, Debug)]
struct PreparedJumps {
    /// Per main regime: it jumps where the word's upper 31 bits are below this.
    threshold: Vec<u32>,
    mean: Vec<f32>,
    vol: Vec<f32>,
}

#[derive(Clone, Debug)]
struct PreparedIndicator {
    mean: Vec<u32>,
    persistence: f32,
    noise_sd: f32,
    start_sd: f32,
    lead_steps: u32,
}

/// What the shocks of one step are made from.
pub(crate) struct Shocks<'a, const L: usize> {
    pub joint: &'a [Row<u32, L>],
    pub main: &'a [Row<u32, L>],
    pub z: &'a [Row<f32, L>],
    pub mixing: &'a Row<f32, L>,
    pub log_mean: &'a [Vec<u32>],
    pub factor: &'a [Vec<Vec<u32>>],
}

impl Prepared {
    /// `vol[asset][main regime]` is the declared one, per step.
    pub fn new(dynamics: &Dynamics, vol: &[Vec<f64>], states: usize) -> Self {
        let garch = dynamics.garch.map(|Garch { alpha, beta, gamma }| PreparedGarch {
            floor: (1.0 - alpha - 0.5 * gamma - beta) as f32,
            alpha: alpha as f32,
            beta: beta as f32,
            gamma: gamma as f32,
            inverse_variance: vol
                .iter()
                .map(|by_regime| {
                    by_regime
                        .iter()
                        .map(|v| if *v > 0.0 { (1.0 / (v * v)) as f32 } else { 0.0 })
                        .collect()
                })
                .collect(),
        });
        let singles = |numbers: &[f64]| -> Vec<f32> { numbers.iter().map(|x| *x as f32).collect() };
        let jumps = dynamics.jumps.as_ref().map(|Jumps { probability, mean, vol }| PreparedJumps {
            threshold: probability.iter().map(|p| (p * 2_147_483_648.0 + 0.5) as u32).collect(),
            mean: singles(mean),
            vol: singles(vol),
        });
        let indicator = |Indicator { mean, persistence, noise_sd, lead_steps, .. }: &Indicator| {
            PreparedIndicator {
                mean: mean.iter().map(|m| (*m as f32).to_bits()).collect(),
                persistence: *persistence as f32,
                noise_sd: *noise_sd as f32,
                start_sd: (noise_sd / (1.0 - persistence * persistence).sqrt()) as f32,
                lead_steps: *lead_steps,
            }
        };
        Self {
            garch,
            relative: dynamics.relative_ar.map(|relative| (relative.assets, relative.phi as f32)),
            jumps,
            indicators: dynamics.indicators.iter().map(indicator).collect(),
            assets: vol.len(),
            states,
        }
    }

    /// Rows a block remembers for it: variances of every asset and regime, the relative return, and
    /// of every indicator its value and the regime it looks at.
    pub fn carry_rows(&self) -> usize {
        self.variance_rows() + 1 + 2 * self.indicators.len()
    }

    fn variance_rows(&self) -> usize {
        if self.garch.is_some() { self.assets * self.states } else { 0 }
    }

    /// Sets what is remembered to what it is at the start.
    pub fn restart<const L: usize>(&self, carry: &mut [Row<u32, L>]) {
        let variances = self.variance_rows();
        carry[..variances].fill(Row::splat(1.0f32.to_bits()));
        carry[variances..].fill(Row::splat(0));
    }

    /// Turns the shocks of step `t` into log returns, before they are cut.
    #[inline(always)]
    pub fn log_returns<const L: usize>(
        &self,
        shocks: &Shocks<'_, L>,
        (paths, t): (Paths, u32),
        carry: &mut [Row<u32, L>],
        out: &mut [Row<f32, L>],
    ) {
        let (variances, rest) = carry.split_at_mut(self.variance_rows());
        let mut selected = Row::<u32, L>::splat(0);
        for (i, out) in out.iter_mut().enumerate().take(self.assets) {
            *out = Row::splat(0.0);
            for (z, table) in shocks.z.iter().zip(&shocks.factor[i]) {
                select(shocks.joint, table, &mut selected);
                for l in 0..L {
                    out[l] += f32::from_bits(selected[l]) * z[l];
                }
            }
            for l in 0..L {
                out[l] *= shocks.mixing[l];
            }
            if let Some(garch) = &self.garch {
                garch.step(
                    i,
                    shocks.main,
                    &mut variances[i * self.states..(i + 1) * self.states],
                    out,
                );
            }
        }
        let before =
            self.relative.map(|(pair, phi)| remember_relative(pair, phi, &mut rest[0], out));
        for (i, out) in out.iter_mut().enumerate().take(self.assets) {
            select(shocks.joint, &shocks.log_mean[i], &mut selected);
            for l in 0..L {
                out[l] += f32::from_bits(selected[l]);
            }
        }
        if let (Some((pair, phi)), Some(before)) = (self.relative, before) {
            for l in 0..L {
                let half = 0.5 * phi * before[l];
                out[pair[0]][l] += half;
                out[pair[1]][l] -= half;
            }
        }
        if let Some(jumps) = &self.jumps {
            jumps.step(shocks.main, (paths, t), out);
        }
    }

    /// Draws the indicators of step `t`, row `k` of the chunk.
    #[inline(always)]
    pub fn indicate<const L: usize>(
        &self,
        chain: &MarkovChain,
        (paths, t): (Paths, u32),
        k: usize,
        block: &mut PathBlock<L>,
        first_row: usize,
    ) {
        let mut masks = vec![Row::<u32, L>::splat(0); self.states];
        for (number, indicator) in self.indicators.iter().enumerate() {
            let row = first_row + self.variance_rows() + 1 + 2 * number;
            indicator.look_ahead(chain, (paths, t), &mut block.carry[row + 1], &mut masks);
            let mut mean = Row::<u32, L>::splat(0);
            select(&masks, &indicator.mean, &mut mean);
            let mut words = [Row::<u32, L>::splat(0); 4];
            fill_words(
                paths,
                t * self.indicators.len() as u32 + number as u32,
                Stream::Indicators,
                &mut words,
            );
            let (sd, persistence) = (
                if t == 0 { indicator.start_sd } else { indicator.noise_sd },
                if t == 0 { 0.0 } else { indicator.persistence },
            );
            let value = &mut block.carry[row];
            for l in 0..L {
                let (m, before) = (f32::from_bits(mean[l]), f32::from_bits(value[l]));
                value[l] =
                    (m + persistence * (before - m) + sd * normal_pair(words[0][l], words[1][l]).0)
                        .to_bits();
            }
            let value = block.carry[row];
            let out = block.indicator_mut(k, number);
            for l in 0..L {
                out[l] = f32::from_bits(value[l]);
            }
        }
    }

    /// Number of indicators.
    pub fn indicators(&self) -> usize {
        self.indicators.len()
    }

    /// Whether returns are more than regimes and shocks.
    pub fn moves_returns(&self) -> bool {
        self.garch.is_some() || self.relative.is_some() || self.jumps.is_some()
    }
}

/// The relative return remembers itself; returns what it was.
#[inline(always)]
fn remember_relative<const L: usize>(
    pair: [usize; 2],
    phi: f32,
    memory: &mut Row<u32, L>,
    shocks: &[Row<f32, L>],
) -> Row<f32, L> {
    let mut before = Row::splat(0.0);
    for l in 0..L {
        before[l] = f32::from_bits(memory[l]);
        memory[l] = (phi * before[l] + (shocks[pair[0]][l] - shocks[pair[1]][l])).to_bits();
    }
    before
}

impl PreparedGarch {
    /// Scales the shocks of asset `i` by its variance in the regime that holds, and lets all its
    /// variances learn of them.
    #[inline(always)]
    fn step<const L: usize>(
        &self,
        i: usize,
        main: &[Row<u32, L>],
        variances: &mut [Row<u32, L>],
        shock: &mut Row<f32, L>,
    ) {
        let mut held = Row::<u32, L>::splat(0);
        for (mask, variance) in main.iter().zip(variances.iter()) {
            for l in 0..L {
                held[l] |= mask[l] & variance[l];
            }
        }
        for l in 0..L {
            shock[l] *= f32::from_bits(held[l]).sqrt();
        }
        let Self { floor, alpha, beta, gamma, .. } = *self;
        for (variance, &inverse) in variances.iter_mut().zip(&self.inverse_variance[i]) {
            for l in 0..L {
                let weight = alpha + if shock[l] < 0.0 { gamma } else { 0.0 };
                variance[l] = (floor
                    + weight * (shock[l] * shock[l] * inverse)
                    + beta * f32::from_bits(variance[l]))
                .to_bits();
            }
        }
    }
}

impl PreparedJumps {
    #[inline(always)]
    fn step<const L: usize>(
        &self,
        main: &[Row<u32, L>],
        (paths, t): (Paths, u32),
        out: &mut [Row<f32, L>],
    ) {
        let mut words = [Row::<u32, L>::splat(0); 4];
        fill_words(paths, t, Stream::Jumps, &mut words);
        let mut threshold = Row::<u32, L>::splat(0);
        select(main, &self.threshold, &mut threshold);
        let mut size = Row::<f32, L>::splat(0.0);
        let mut jumps = Row::<f32, L>::splat(0.0);
        for l in 0..L {
            size[l] = normal_pair(words[1][l], words[2][l]).0;
            jumps[l] = if words[0][l] >> 1 < threshold[l] { 1.0 } else { 0.0 };
        }
        for ((mean, vol), out) in self.mean.iter().zip(&self.vol).zip(out) {
            for l in 0..L {
                out[l] += jumps[l] * (mean + vol * size[l]);
            }
        }
    }
}

impl PreparedIndicator {
    /// Moves the regime it looks at to that of step `t + lead`: the same words as the chain's own,
    /// drawn earlier.
    #[inline(always)]
    fn look_ahead<const L: usize>(
        &self,
        chain: &MarkovChain,
        (paths, t): (Paths, u32),
        state: &mut Row<u32, L>,
        masks: &mut [Row<u32, L>],
    ) {
        for (j, mask) in masks.iter_mut().enumerate() {
            for l in 0..L {
                mask[l] = u32::from(state[l] == j as u32).wrapping_neg();
            }
        }
        let mut words = Words::new();
        let from = if t == 0 { 0 } else { t + self.lead_steps };
        for ahead in (from..=t + self.lead_steps)
            .filter(|&ahead| chain.moves_before(ahead) && (chain.states() > 1 || ahead == 0))
        {
            chain.advance(paths, ahead, &mut words, state, masks);
        }
    }
}
