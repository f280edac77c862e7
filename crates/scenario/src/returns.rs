//! Turns the shocks of one step into log returns and gross returns.

use corridor_core::lanes::Row;
use corridor_core::numerics::expm1_small;

use crate::chain::select;

/// Shocks of one step, with the coefficients of the regimes.
pub(crate) struct Shocks<'a, const L: usize> {
    /// Mask of each joint regime.
    pub joint: &'a [Row<u32, L>],
    /// Mask of each main regime.
    pub main: &'a [Row<u32, L>],
    /// Standard normals, one row per asset.
    pub z: &'a [Row<f32, L>],
    /// Mixing variable of a Student-t law; 1 for Gaussian shocks.
    pub mixing: &'a Row<f32, L>,
    /// Mean log returns as bits of `f32`, `[asset][joint regime]`.
    pub log_mean: &'a [Vec<u32>],
    /// Cholesky factors of the covariances as bits of `f32`, `[asset][normal][joint regime]`.
    pub factor: &'a [Vec<Vec<u32>>],
}

impl<const L: usize> Shocks<'_, L> {
    /// Writes the returns of asset `i`, from 0, for a market without dynamics.
    ///
    /// With few assets and regimes one loop holds all coefficients of a lane; more of them would
    /// not fit into the registers.
    #[inline(always)]
    pub fn returns(&self, i: usize, log_return: &mut Row<f32, L>, gross: &mut Row<f64, L>) {
        match (i + 1, self.joint.len()) {
            (1, 1) => self.fused::<1, 1>(log_return, gross),
            (2, 1) => self.fused::<2, 1>(log_return, gross),
            (1, 2) => self.fused::<1, 2>(log_return, gross),
            (2, 2) => self.fused::<2, 2>(log_return, gross),
            (3, 2) => self.fused::<3, 2>(log_return, gross),
            (4, 2) => self.fused::<4, 2>(log_return, gross),
            (1, 3) => self.fused::<1, 3>(log_return, gross),
            (2, 3) => self.fused::<2, 3>(log_return, gross),
            (3, 3) => self.fused::<3, 3>(log_return, gross),
            (4, 3) => self.fused::<4, 3>(log_return, gross),
            _ => self.coefficient_by_coefficient(i, log_return, gross),
        }
    }

    /// Writes the returns of asset number `K`, from 1, with `S` regimes, in one loop over lanes.
    #[inline(always)]
    fn fused<const K: usize, const S: usize>(
        &self,
        log_return: &mut Row<f32, L>,
        gross: &mut Row<f64, L>,
    ) {
        let table = |values: &[u32]| -> [u32; S] { std::array::from_fn(|s| values[s]) };
        let (mean, factor): ([u32; S], [[u32; S]; K]) =
            (table(&self.log_mean[K - 1]), std::array::from_fn(|k| table(&self.factor[K - 1][k])));
        let (Some(masks), Some(z)) = (self.joint.first_chunk::<S>(), self.z.first_chunk::<K>())
        else {
            return;
        };
        for l in 0..L {
            let mut shock = 0.0;
            for k in 0..K {
                let mut bits = 0;
                for s in 0..S {
                    bits |= masks[s][l] & factor[k][s];
                }
                shock += f32::from_bits(bits) * z[k][l];
            }
            let mut bits = 0;
            for s in 0..S {
                bits |= masks[s][l] & mean[s];
            }
            log_return[l] = truncated(f32::from_bits(bits) + shock * self.mixing[l]);
        }
        grow(log_return, gross);
    }

    /// Writes the returns of any asset `i`, from 0, with one loop over lanes for each coefficient.
    #[inline(always)]
    fn coefficient_by_coefficient(
        &self,
        i: usize,
        log_return: &mut Row<f32, L>,
        gross: &mut Row<f64, L>,
    ) {
        let mut coefficient = Row::<u32, L>::splat(0);
        let mut shock = Row::<f32, L>::splat(0.0);
        for (z, table) in self.z.iter().zip(&self.factor[i]) {
            select(self.joint, table, &mut coefficient);
            for l in 0..L {
                shock[l] += f32::from_bits(coefficient[l]) * z[l];
            }
        }
        select(self.joint, &self.log_mean[i], &mut coefficient);
        for l in 0..L {
            log_return[l] = truncated(f32::from_bits(coefficient[l]) + shock[l] * self.mixing[l]);
        }
        grow(log_return, gross);
    }
}

/// Truncates log returns to [-1, 1] and writes their gross returns.
#[inline(always)]
pub(crate) fn truncate_and_grow<const L: usize>(
    log_return: &mut Row<f32, L>,
    gross: &mut Row<f64, L>,
) {
    for l in 0..L {
        log_return[l] = truncated(log_return[l]);
    }
    grow(log_return, gross);
}

/// Writes the gross returns of log returns. There are two loops because one over both precisions
/// would run at the lanes of the wider.
#[inline(always)]
fn grow<const L: usize>(log_return: &Row<f32, L>, gross: &mut Row<f64, L>) {
    let mut growth = Row::<f32, L>::splat(0.0);
    for l in 0..L {
        growth[l] = expm1_small(log_return[l]);
    }
    for l in 0..L {
        gross[l] = 1.0 + f64::from(growth[l]);
    }
}

/// Truncates a log return to [-1, 1]. Truncation is part of the model.
#[inline(always)]
fn truncated(x: f32) -> f32 {
    let x = if x < -1.0 { -1.0 } else { x };
    if x > 1.0 { 1.0 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loop_and_many_give_the_same_bits() {
        let masks: Vec<Row<u32, 16>> = (0..3)
            .map(|s| Row(std::array::from_fn(|l| u32::from(l % 3 == s).wrapping_neg())))
            .collect();
        let z: Vec<Row<f32, 16>> = (0..4)
            .map(|k| Row(std::array::from_fn(|l| (l as f32 - 7.5) * 0.3 + k as f32)))
            .collect();
        let bits = |x: f32| x.to_bits();
        let log_mean: Vec<Vec<u32>> =
            (0..4).map(|i| (0..3).map(|s| bits(0.01 * (i + s) as f32)).collect()).collect();
        let factor: Vec<Vec<Vec<u32>>> = (0..4)
            .map(|i| {
                (0..=i)
                    .map(|k| (0..3).map(|s| bits(0.02 * (1 + i + 2 * k + s) as f32)).collect())
                    .collect()
            })
            .collect();
        let mixing = Row::splat(1.3);
        let shocks = Shocks {
            joint: &masks,
            main: &masks,
            z: &z,
            mixing: &mixing,
            log_mean: &log_mean,
            factor: &factor,
        };
        let (mut a, mut b) = (Row::splat(0.0f32), Row::splat(0.0f32));
        let (mut c, mut d) = (Row::splat(0.0), Row::splat(0.0));
        shocks.fused::<4, 3>(&mut a, &mut c);
        shocks.coefficient_by_coefficient(3, &mut b, &mut d);
        assert_eq!((a, c), (b, d));
    }
}
