//! Draws the log returns of a market whose shocks have a memory or whose prices jump.

use corridor_core::lanes::Row;
use corridor_core::numerics::normal_pair;
use corridor_core::random::{Stream, fill_words};

use crate::chain::select;
use crate::dynamics::{Dynamics, Garch, Jumps};
use crate::returns::Shocks;
use crate::step_at::StepAt;

/// GARCH, memory and jumps as the generator reads them: single-precision numbers by regime.
#[derive(Clone, Debug)]
pub(crate) struct DynamicReturns {
    garch: Option<PreparedGarch>,
    relative: Option<PreparedRelative>,
    jumps: Option<PreparedJumps>,
    assets: usize,
    states: usize,
}

#[derive(Clone, Debug)]
struct PreparedGarch {
    /// Weight of the declared variance: `1 - alpha - gamma/2 - beta`.
    floor: f32,
    alpha: f32,
    beta: f32,
    gamma: f32,
    /// Reciprocal of the declared variance, `[asset][main regime]`; 0 for an asset without risk.
    inverse_variance: Vec<Vec<f32>>,
}

#[derive(Clone, Copy, Debug)]
struct PreparedRelative {
    assets: [usize; 2],
    phi: f32,
}

#[derive(Clone, Debug)]
struct PreparedJumps {
    /// Per main regime: prices jump if the upper 31 bits of a word are below this.
    threshold: Vec<u32>,
    mean: Vec<f32>,
    vol: Vec<f32>,
}

impl DynamicReturns {
    /// Prepares the dynamics of a market with `states` main regimes; `vol` are the declared vols of
    /// a step, `[asset][main regime]`.
    pub fn new(dynamics: &Dynamics, vol: &[Vec<f64>], states: usize) -> Self {
        Self {
            garch: dynamics.garch.map(|garch| PreparedGarch::new(garch, vol)),
            relative: dynamics.relative_ar.map(|relative| PreparedRelative {
                assets: relative.assets,
                phi: relative.phi as f32,
            }),
            jumps: dynamics.jumps.as_ref().map(PreparedJumps::new),
            assets: vol.len(),
            states,
        }
    }

    /// Returns the number of rows a block carries: a variance for every asset and main regime, and
    /// the relative return.
    pub fn carry_rows(&self) -> usize {
        self.variance_rows() + 1
    }

    fn variance_rows(&self) -> usize {
        if self.garch.is_some() { self.assets * self.states } else { 0 }
    }

    /// Sets all carried rows of a block, those of indicators included, to their values before the
    /// first step.
    pub fn restart<const L: usize>(&self, carry: &mut [Row<u32, L>]) {
        let variances = self.variance_rows();
        carry[..variances].fill(Row::splat(1.0f32.to_bits()));
        carry[variances..].fill(Row::splat(0));
    }

    /// Whether returns depend on more than regimes and shocks.
    pub fn moves_returns(&self) -> bool {
        self.garch.is_some() || self.relative.is_some() || self.jumps.is_some()
    }

    /// Turns the shocks of a step into log returns, before truncation.
    #[inline(always)]
    pub fn log_returns<const L: usize>(
        &self,
        shocks: &Shocks<'_, L>,
        step: StepAt,
        carry: &mut [Row<u32, L>],
        out: &mut [Row<f32, L>],
    ) {
        let (variances, rest) = carry.split_at_mut(self.variance_rows());
        self.correlated_shocks(shocks, variances, out);
        let before = self.relative.map(|relative| relative.remember(&mut rest[0], out));
        let mut selected = Row::<u32, L>::splat(0);
        for (i, out) in out.iter_mut().enumerate().take(self.assets) {
            select(shocks.joint, &shocks.log_mean[i], &mut selected);
            for l in 0..L {
                out[l] += f32::from_bits(selected[l]);
            }
        }
        if let (Some(relative), Some(before)) = (self.relative, before) {
            relative.add(&before, out);
        }
        if let Some(jumps) = &self.jumps {
            jumps.step(shocks.main, step, out);
        }
    }

    /// Writes the shocks of all assets, correlated and scaled to their variances.
    #[inline(always)]
    fn correlated_shocks<const L: usize>(
        &self,
        shocks: &Shocks<'_, L>,
        variances: &mut [Row<u32, L>],
        out: &mut [Row<f32, L>],
    ) {
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
                let own = &mut variances[i * self.states..(i + 1) * self.states];
                garch.step(i, shocks.main, own, out);
            }
        }
    }
}

impl PreparedGarch {
    fn new(Garch { alpha, beta, gamma }: Garch, vol: &[Vec<f64>]) -> Self {
        let inverse = |v: &f64| if *v > 0.0 { (1.0 / (v * v)) as f32 } else { 0.0 };
        Self {
            floor: (1.0 - alpha - 0.5 * gamma - beta) as f32,
            alpha: alpha as f32,
            beta: beta as f32,
            gamma: gamma as f32,
            inverse_variance: vol
                .iter()
                .map(|by_regime| by_regime.iter().map(inverse).collect())
                .collect(),
        }
    }

    /// Scales the shocks of asset `i` by its variance in the current regime, and moves its
    /// variances in all regimes.
    ///
    /// Variances are ratios to the declared ones, one row per main regime.
    #[inline(always)]
    fn step<const L: usize>(
        &self,
        i: usize,
        main: &[Row<u32, L>],
        variances: &mut [Row<u32, L>],
        shock: &mut Row<f32, L>,
    ) {
        let mut current = Row::<u32, L>::splat(0);
        for (mask, variance) in main.iter().zip(variances.iter()) {
            for l in 0..L {
                current[l] |= mask[l] & variance[l];
            }
        }
        for l in 0..L {
            shock[l] *= f32::from_bits(current[l]).sqrt();
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

impl PreparedRelative {
    /// Moves the relative return by the shocks of a step, and returns its previous value.
    #[inline(always)]
    fn remember<const L: usize>(
        self,
        relative: &mut Row<u32, L>,
        shocks: &[Row<f32, L>],
    ) -> Row<f32, L> {
        let Self { assets: [a, b], phi } = self;
        let mut before = Row::splat(0.0);
        for l in 0..L {
            before[l] = f32::from_bits(relative[l]);
            relative[l] = (phi * before[l] + (shocks[a][l] - shocks[b][l])).to_bits();
        }
        before
    }

    /// Adds half of `phi` times the previous relative return to the first asset, and subtracts it
    /// from the second.
    #[inline(always)]
    fn add<const L: usize>(self, before: &Row<f32, L>, out: &mut [Row<f32, L>]) {
        let Self { assets: [a, b], phi } = self;
        for l in 0..L {
            let half = 0.5 * phi * before[l];
            out[a][l] += half;
            out[b][l] -= half;
        }
    }
}

impl PreparedJumps {
    fn new(Jumps { probability, mean, vol }: &Jumps) -> Self {
        let singles = |numbers: &[f64]| -> Vec<f32> { numbers.iter().map(|x| *x as f32).collect() };
        Self {
            threshold: probability.iter().map(|p| (p * 2_147_483_648.0 + 0.5) as u32).collect(),
            mean: singles(mean),
            vol: singles(vol),
        }
    }

    /// Adds the jump of a step, if there is one, to the log returns.
    #[inline(always)]
    fn step<const L: usize>(&self, main: &[Row<u32, L>], step: StepAt, out: &mut [Row<f32, L>]) {
        let mut words = [Row::<u32, L>::splat(0); 4];
        fill_words(step.paths, step.t, Stream::Jumps, &mut words);
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
