//! Describes the law of a regime-switching market's steps, for filters that infer regimes from
//! returns and for closed forms.

use corridor_core::numerics::{Subtraction, cholesky, exp, invert_lower, ln};

use crate::chain::{Chains, MarkovChain};
use crate::regime_switching::{Innovations, RegimeSwitching};
use crate::step_moments::StepMoments;

/// Law of a market's steps over its joint regimes: main regime outer, correlation regime inner.
///
/// GARCH, memory and jumps are not part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepLaw {
    /// Law of the regime of the first step.
    pub initial: Vec<f64>,
    /// Moves of each chain: the steps of its period, and its transition matrix over the joint
    /// regimes.
    pub moves: Vec<(u32, Vec<Vec<f64>>)>,
    /// Law of one step's log returns in each joint regime.
    pub regimes: Vec<RegimeLaw>,
    /// Degrees of freedom of Student-t shocks; `None` for Gaussian ones.
    pub df: Option<f64>,
}

/// Law of one step's log returns in one joint regime.
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeLaw {
    /// Mean log return of each asset.
    pub log_mean: Vec<f64>,
    /// Covariance matrix of the log returns.
    pub covariance: Vec<Vec<f64>>,
}

impl StepLaw {
    pub(crate) fn new(market: &RegimeSwitching, chains: &Chains, moments: &[StepMoments]) -> Self {
        let Chains { main, correlation } = chains;
        let inner = chains.inner_states();
        let same = |a: usize, b: usize| f64::from(u8::from(a == b));
        let mut moves = vec![(
            main.period_steps,
            joint_matrix(chains, |from, to| {
                main.transition[from.main][to.main] * same(from.inner, to.inner)
            }),
        )];
        if let Some(chain) = correlation {
            let matrix = joint_matrix(chains, |from, to| {
                same(from.main, to.main) * chain.transition[from.inner][to.inner]
            });
            moves.push((chain.period_steps, matrix));
        }
        let initial = |state: usize| {
            let of_inner = |chain: &MarkovChain| chain.initial[state % inner];
            main.initial[state / inner] * correlation.as_ref().map_or(1.0, of_inner)
        };
        Self {
            initial: (0..chains.joint_states()).map(initial).collect(),
            moves,
            regimes: moments.iter().map(RegimeLaw::new).collect(),
            df: match market.innovations {
                Innovations::Gaussian => None,
                Innovations::StudentT { df } => Some(df),
            },
        }
    }

    /// Returns the logarithm of `E[exp(a'X)]` after each number of `steps`, where `X` are the
    /// summed Gaussian log returns of the assets.
    ///
    /// `v_n = v_(n-1) diag(f) P` with `f = exp(a'mean + a'covariance a / 2)` by regime.
    #[must_use]
    pub(crate) fn log_moment(&self, a: &[f64], steps: &[u32]) -> Vec<f64> {
        self.log_moment_from(self.initial.clone(), a, steps)
    }

    /// Returns the same logarithm as [`log_moment`](Self::log_moment) for another law of the first
    /// regime.
    pub(crate) fn log_moment_from(&self, first: Vec<f64>, a: &[f64], steps: &[u32]) -> Vec<f64> {
        let factors: Vec<f64> =
            self.regimes.iter().map(|regime| exp(regime.log_moment(a))).collect();
        log_moments(first, &factors, steps, |t, law| {
            for (_, transition) in self.moves.iter().filter(|(period, _)| t.is_multiple_of(*period))
            {
                *law = (0..law.len())
                    .map(|to| law.iter().zip(transition).map(|(share, row)| share * row[to]).sum())
                    .collect();
            }
        })
    }
}

/// A joint regime, by its numbers in the two chains.
#[derive(Clone, Copy)]
struct Joint {
    main: usize,
    inner: usize,
}

/// Returns a matrix over the joint regimes, rows "from".
fn joint_matrix(chains: &Chains, entry: impl Fn(Joint, Joint) -> f64) -> Vec<Vec<f64>> {
    let inner = chains.inner_states();
    let joint = |state: usize| Joint { main: state / inner, inner: state % inner };
    let states = 0..chains.joint_states();
    states
        .clone()
        .map(|from| states.clone().map(|to| entry(joint(from), joint(to))).collect())
        .collect()
}

/// Returns the logarithm of `E[f(s_1) .. f(s_n)]` for each `n` of `steps`, where a chain is in
/// state `s_t` at step `t`.
///
/// `law` is the law of the first state, `factors` are the values of `f`, and `advance` moves the
/// law into step `t`, from 1.
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
        // The law is kept at a sum of 1, so that nothing overflows over many steps.
        let sum: f64 = law.iter().sum();
        law.iter_mut().for_each(|share| *share /= sum);
        log_scale += ln(sum);
        after.push(log_scale);
    }
    steps.iter().map(|&n| after[n as usize]).collect()
}

impl RegimeLaw {
    fn new(moments: &StepMoments) -> Self {
        let assets = 0..moments.vol.len();
        Self {
            log_mean: moments.log_mean.clone(),
            covariance: assets
                .clone()
                .map(|i| assets.clone().map(|j| moments.covariance(i, j)).collect())
                .collect(),
        }
    }

    /// Returns `a'mean + a'covariance a / 2`: the logarithm of `E[exp(a'x)]` of one step.
    fn log_moment(&self, a: &[f64]) -> f64 {
        let spread: f64 = a
            .iter()
            .zip(&self.covariance)
            .map(|(a_i, row)| a_i * row.iter().zip(a).map(|(c, a_j)| c * a_j).sum::<f64>())
            .sum();
        a.iter().zip(&self.log_mean).map(|(a, mean)| a * mean).sum::<f64>() + 0.5 * spread
    }

    /// Returns the matrix that turns deviations of `assets` from their means into independent
    /// numbers of variance 1: the inverse of the lower Cholesky factor of their covariance.
    ///
    /// Row `i` has `i + 1` entries. `None` if the return of one asset follows from the others.
    #[must_use]
    pub fn whitening(&self, assets: &[usize]) -> Option<Vec<Vec<f64>>> {
        let covariance: Vec<Vec<f64>> = assets
            .iter()
            .map(|&i| assets.iter().map(|&j| self.covariance[i][j]).collect())
            .collect();
        let rows = invert_lower(&cholesky(&covariance, Subtraction::OneByOne)?);
        rows.iter().flatten().all(|entry| entry.is_finite()).then_some(rows)
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::numerics::normal_pair;
    use corridor_core::random::{Stream, words};
    use nalgebra::DMatrix;

    use super::*;

    /// Returns the covariance of `assets` with random loadings on three factors and risk of their
    /// own, matrix number `number` of seed 115.
    fn covariance(assets: usize, number: u64) -> Vec<Vec<f64>> {
        let normal = |place: usize| {
            let [radius, angle, ..] = words(115, number, place as u32, Stream::Innovations);
            f64::from(normal_pair(radius, angle).0)
        };
        let loadings: Vec<[f64; 3]> =
            (0..assets).map(|i| [0, 1, 2].map(|f| 0.02 * normal(4 * i + f))).collect();
        let own = |i: usize| 1e-6 + 1e-4 * normal(4 * i + 3) * normal(4 * i + 3);
        let entry = |i: usize, j: usize| {
            let common: f64 = (0..3).map(|f| loadings[i][f] * loadings[j][f]).sum();
            if i == j { common + own(i) } else { common }
        };
        (0..assets).map(|i| (0..assets).map(|j| entry(i, j)).collect()).collect()
    }

    /// The bits of results rest on this: nalgebra computed the matrix before core did.
    #[test]
    fn whitening_has_the_bits_of_nalgebra() {
        let mut compared = 0;
        for assets in 1..=16 {
            for number in 0..300 {
                let covariance = covariance(assets, number);
                let matrix = DMatrix::from_fn(assets, assets, |i, j| covariance[i][j]);
                let regime = RegimeLaw { log_mean: vec![0.0; assets], covariance };
                let all: Vec<usize> = (0..assets).collect();
                let ours = regime.whitening(&all).expect("positive definite");
                let factor = matrix.cholesky().expect("positive definite").l();
                let theirs = factor
                    .solve_lower_triangular(&DMatrix::identity(assets, assets))
                    .expect("a diagonal without 0");
                for (i, row) in ours.iter().enumerate() {
                    for (j, entry) in row.iter().enumerate() {
                        assert_eq!(entry.to_bits(), theirs[(i, j)].to_bits(), "{assets} {i} {j}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 200_000, "{compared} entries");
    }

    #[test]
    fn an_asset_that_follows_from_the_others_has_no_whitening() {
        let covariance = vec![vec![0.25, 0.25], vec![0.25, 0.25]];
        let regime = RegimeLaw { log_mean: vec![0.0; 2], covariance };
        assert_eq!(regime.whitening(&[0, 1]), None);
        assert_eq!(regime.whitening(&[1]), Some(vec![vec![2.0]]));
    }
}
