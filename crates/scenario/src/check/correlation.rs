//! Checks correlation matrices and factorises them.

use corridor_core::numerics::{Subtraction, cholesky};
use nalgebra::DMatrix;

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
    // The eigenvalue decides acceptance and is shown; it reaches no generated number.
    let smallest_eigenvalue =
        DMatrix::from_fn(assets, assets, |i, j| matrix[i][j]).symmetric_eigenvalues().min();
    let factor = cholesky(matrix, Subtraction::OfTheSum);
    if smallest_eigenvalue <= EIGENVALUE_MIN || factor.is_none() {
        errors.push(MarketError::NotPositiveDefinite {
            chain,
            regime: name.into(),
            regime_index: index,
            smallest_eigenvalue,
        });
        return None;
    }
    factor
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
    use super::*;

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
