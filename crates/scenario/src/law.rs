//! Says what a regime-switching market draws at each step, for whoever infers its regimes from its
//! returns.

use corridor_core::numerics::{exp, ln};
use nalgebra::DMatrix;

use crate::chain::MarkovChain;
use crate::regime_model::PerStep;
use crate::regime_switching::{Innovations, RegimeSwitching};

/// The law of a market's steps over its joint regimes (main regime outer, correlation regime
/// inner).
#[derive(Clone, Debug, PartialEq)]
pub struct StepLaw {
    /// Law of the regime of the first step.
    pub initial: Vec<f64>,
    /// Transitions over the joint regimes and the steps between them; each chain has its own.
    pub moves: Vec<(u32, Vec<Vec<f64>>)>,
    /// What is drawn in each joint regime.
    pub regimes: Vec<RegimeLaw>,
    /// Degrees of freedom of Student-t shocks; `None` = Gaussian.
    pub df: Option<f64>,
}

/// Law of one step's log returns in one joint regime.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeLaw {
    /// Mean of each asset.
    pub log_mean: Vec<f64>,
    /// Their covariance.
    pub covariance: Vec<Vec<f64>>,
}

impl StepLaw {
    pub(crate) fn new(
        market: &RegimeSwitching,
        main: &MarkovChain,
        correlation: Option<&MarkovChain>,
        laws: &[PerStep],
    ) -> Self {
        let inner = correlation.map_or(1, MarkovChain::states);
        let states = 0..main.states() * inner;
        let joint = |p: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            states.clone().map(|s| p(s / inner, s % inner)).collect()
        };
        let same = |a: usize, b: usize| f64::from(u8::from(a == b));
        let moved = |p: &dyn Fn((usize, usize), (usize, usize)) -> f64| -> Vec<Vec<f64>> {
            states
                .clone()
                .map(|from| joint(&|s, c| p((from / inner, from % inner), (s, c))))
                .collect()
        };
        let mut moves = vec![(
            main.period_steps,
            moved(&|from, to| main.transition[from.0][to.0] * same(from.1, to.1)),
        )];
        if let Some(chain) = correlation {
            moves.push((
                chain.period_steps,
                moved(&|from, to| same(from.0, to.0) * chain.transition[from.1][to.1]),
            ));
        }
        let regime = |law: &PerStep| RegimeLaw {
            log_mean: law.log_mean.clone(),
            covariance: (0..law.vol.len())
                .map(|i| {
                    (0..law.vol.len())
                        .map(|j| law.correlation[i][j] * law.vol[i] * law.vol[j])
                        .collect()
                })
                .collect(),
        };
        Self {
            initial: joint(&|s, c| {
                main.initial[s] * correlation.map_or(1.0, |chain| chain.initial[c])
            }),
            moves,
            regimes: laws.iter().map(regime).collect(),
            df: match market.innovations {
                Innovations::Gaussian => None,
                Innovations::StudentT { df } => Some(df),
            },
        }
    }
}

impl StepLaw {
    /// Logarithm of `E[exp(a'X)]` after each of these numbers of steps, where `X` are the summed
    /// Gaussian log returns: `v_n = v_(n-1) diag(f) P` with `f = exp(a'mean + a'covariance a / 2)`
    /// by regime, as for level contributions.
    #[must_use]
    pub(crate) fn log_moment(&self, a: &[f64], steps: &[u32]) -> Vec<f64> {
        let factors: Vec<f64> =
            self.regimes.iter().map(|regime| exp(regime.log_moment(a))).collect();
        log_moments(self.initial.clone(), &factors, steps, |t, law| {
            for (_, transition) in self.moves.iter().filter(|(period, _)| t.is_multiple_of(*period))
            {
                *law = (0..law.len())
                    .map(|to| law.iter().zip(transition).map(|(share, row)| share * row[to]).sum())
                    .collect();
            }
        })
    }
}

/// Logarithm of the mean product of one factor for each step that a chain spends in a state, after
/// each of these numbers of steps; `advance` moves its law into step `t`, from 1.
pub(crate) fn log_moments(
    mut law: Vec<f64>,
    factors: &[f64],
    steps: &[u32],
    mut advance: impl FnMut(u32, &mut Vec<f64>),
) -> Vec<f64> {
    let last = steps.iter().copied().max().unwrap_or(0);
    let mut after = vec![0.0];
    let mut log_scale = 0.0;
    for t in 0..last {
        if t > 0 {
            advance(t, &mut law);
        }
        law.iter_mut().zip(factors).for_each(|(share, factor)| *share *= factor);
        // Kept at a sum of 1, so that nothing overflows over many steps.
        let sum: f64 = law.iter().sum();
        law.iter_mut().for_each(|share| *share /= sum);
        log_scale += ln(sum);
        after.push(log_scale);
    }
    steps.iter().map(|&n| after[n as usize]).collect()
}

impl RegimeLaw {
    /// `a'mean + a'covariance a / 2`.
    fn log_moment(&self, a: &[f64]) -> f64 {
        let spread: f64 = a
            .iter()
            .zip(&self.covariance)
            .map(|(a_i, row)| a_i * row.iter().zip(a).map(|(c, a_j)| c * a_j).sum::<f64>())
            .sum();
        a.iter().zip(&self.log_mean).map(|(a, mean)| a * mean).sum::<f64>() + 0.5 * spread
    }

    /// The inverse of the lower Cholesky factor of the covariance of some assets: it turns their
    /// deviations into independent ones of variance 1. `None` where one of them follows from the
    /// others.
    #[must_use]
    pub fn whitening(&self, assets: &[usize]) -> Option<Vec<Vec<f64>>> {
        let covariance = DMatrix::from_fn(assets.len(), assets.len(), |i, j| {
            self.covariance[assets[i]][assets[j]]
        });
        let factor = covariance.cholesky()?.l();
        let inverse =
            factor.solve_lower_triangular(&DMatrix::identity(assets.len(), assets.len()))?;
        let rows: Vec<Vec<f64>> =
            (0..assets.len()).map(|i| (0..=i).map(|j| inverse[(i, j)]).collect()).collect();
        rows.iter().flatten().all(|entry| entry.is_finite()).then_some(rows)
    }
}
