//! Checks correlation matrices and factorises them.

use corridor_core::numerics::{Subtraction, cholesky};

use crate::error::{Chain, MarketError};
use crate::regime_switching::RegimeSwitching;

/// A correlation matrix, with the regime it was declared for.
struct Declared<'a> {
    chain: Chain,
    index: usize,
    name: &'a str,
    matrix: &'a [Vec<f64>],
}

/// Smallest eigenvalue that a correlation matrix must exceed.
const EIGENVALUE_MIN: f64 = 1e-12;

/// Returns the lower Cholesky factors of the correlation matrices that have one.
pub(super) fn factors(
    market: &RegimeSwitching,
    errors: &mut Vec<MarketError>,
) -> Vec<Vec<Vec<f64>>> {
    let assets = market.assets.len();
    let mut factor = |chain: Chain, (index, (name, matrix)): (usize, (&String, &Vec<Vec<f64>>))| {
        checked(&Declared { chain, index, name, matrix }, assets, errors)
    };
    match &market.correlation_chain {
        Some(c) => {
            let matrices = c.regimes.iter().map(|(name, matrix)| (name, matrix));
            matrices.enumerate().filter_map(|regime| factor(Chain::Correlation, regime)).collect()
        }
        None => {
            let matrices = market.regimes.iter().map(|r| (&r.name, &r.correlation));
            matrices.enumerate().filter_map(|regime| factor(Chain::Main, regime)).collect()
        }
    }
}

fn checked(
    declared: &Declared<'_>,
    assets: usize,
    errors: &mut Vec<MarketError>,
) -> Option<Vec<Vec<f64>>> {
    let Declared { chain, index, name, matrix } = *declared;
    if let Some(reason) = malformed(matrix, assets) {
        errors.push(MarketError::Correlation {
            chain,
            regime: name.into(),
            regime_index: index,
            reason,
        });
        return None;
    }
    let factor = cholesky(matrix, Subtraction::OfTheSum);
    if factor.is_none() || !exceeds(matrix, EIGENVALUE_MIN) {
        errors.push(MarketError::NotPositiveDefinite {
            chain,
            regime: name.into(),
            regime_index: index,
            smallest_eigenvalue: smallest_eigenvalue(matrix),
        });
        return None;
    }
    factor
}

/// Returns whether every eigenvalue of a symmetric matrix exceeds `bound`: only then has the matrix
/// less `bound` on its diagonal a Cholesky factor.
fn exceeds(matrix: &[Vec<f64>], bound: f64) -> bool {
    let mut shifted = matrix.to_vec();
    for (i, row) in shifted.iter_mut().enumerate() {
        row[i] -= bound;
    }
    cholesky(&shifted, Subtraction::OfTheSum).is_some()
}

/// Returns the smallest eigenvalue of a correlation matrix, by bisection.
///
/// The eigenvalues have the mean 1, and none is below minus the number of assets, because no row of
/// entries in [-1, 1] sums to more (Gershgorin).
fn smallest_eigenvalue(matrix: &[Vec<f64>]) -> f64 {
    /// Halvings until the interval is narrower than the six decimals that are shown.
    const HALVINGS: usize = 48;
    let (mut below, mut above) = (-(matrix.len() as f64), 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(below, above);
        if exceeds(matrix, middle) {
            below = middle;
        } else {
            above = middle;
        }
    }
    f64::midpoint(below, above)
}

fn malformed(correlation: &[Vec<f64>], assets: usize) -> Option<String> {
    if correlation.len() != assets || correlation.iter().any(|row| row.len() != assets) {
        return Some(format!("needs {assets} rows of {assets} numbers"));
    }
    for i in 0..assets {
        if correlation[i][i] != 1.0 {
            return Some(format!(
                "has {} on its diagonal at asset {}, not 1",
                correlation[i][i],
                i + 1
            ));
        }
        for j in 0..i {
            let (below, above) = (correlation[i][j], correlation[j][i]);
            if !(-1.0..=1.0).contains(&below) {
                return Some(format!("has the entry {below}, outside [-1, 1]"));
            }
            if below != above {
                return Some(format!(
                    "is not symmetric: {below} and {above} for assets {} and {}",
                    j + 1,
                    i + 1
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use corridor_core::random::{Stream, words};
    use nalgebra::DMatrix;

    use super::*;

    #[test]
    fn the_smallest_eigenvalue_agrees_with_nalgebra() {
        let mut negative = 0;
        for assets in 1..=16 {
            for number in 0..40 {
                let mut matrix = vec![vec![1.0; assets]; assets];
                for i in 0..assets {
                    for j in 0..i {
                        let place = (assets * i + j) as u32;
                        let word = words(12, number, place, Stream::Innovations)[0];
                        matrix[i][j] = (f64::from(word) / f64::from(u32::MAX) - 0.5) * 1.2;
                        matrix[j][i] = matrix[i][j];
                    }
                }
                let theirs =
                    DMatrix::from_fn(assets, assets, |i, j| matrix[i][j]).symmetric_eigenvalues();
                let ours = smallest_eigenvalue(&matrix);
                assert!((ours - theirs.min()).abs() < 1e-11, "{ours} {}", theirs.min());
                assert_eq!(exceeds(&matrix, EIGENVALUE_MIN), theirs.min() > EIGENVALUE_MIN);
                negative += usize::from(ours < 0.0);
            }
        }
        assert!((100..540).contains(&negative), "{negative} of 640 are not positive definite");
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_names_its_eigenvalue() {
        let mut errors = Vec::new();
        let impossible = vec![vec![1.0, 0.9, -0.9], vec![0.9, 1.0, 0.9], vec![-0.9, 0.9, 1.0]];
        let declared =
            Declared { chain: Chain::Main, index: 0, name: "storm", matrix: &impossible };
        assert!(checked(&declared, 3, &mut errors).is_none());
        match &errors[..] {
            [MarketError::NotPositiveDefinite { smallest_eigenvalue, .. }] => {
                assert!((smallest_eigenvalue + 0.8).abs() < 1e-9)
            }
            other => panic!("{other:?}"),
        }
    }
}
