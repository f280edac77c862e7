//! Checks what a market is made of: probabilities, moments and correlation matrices.

use nalgebra::DMatrix;

use crate::error::{Chain, MarketError};
use crate::regime_switching::{Initial, Regime};

const SUM_TOLERANCE: f64 = 1e-9;

/// Checks a transition matrix and brings each row to sum to 1 exactly as far as floats allow.
pub(crate) fn transition(
    chain: Chain,
    rows: &[Vec<f64>],
    regimes: usize,
    errors: &mut Vec<MarketError>,
) -> Vec<Vec<f64>> {
    if rows.len() != regimes || rows.iter().any(|row| row.len() != regimes) {
        errors.push(MarketError::TransitionShape { chain, regimes });
        return Vec::new();
    }
    let mut scaled = Vec::with_capacity(regimes);
    for (row, entries) in rows.iter().enumerate() {
        let bad = entries.iter().position(|p| !(0.0..=1.0).contains(p));
        if let Some(column) = bad {
            errors.push(MarketError::TransitionEntry {
                chain,
                row,
                column,
                value: entries[column],
            });
        }
        let sum: f64 = entries.iter().sum();
        if bad.is_none() && ((sum - 1.0).abs() > SUM_TOLERANCE || sum.is_nan()) {
            errors.push(MarketError::TransitionRow { chain, row, sum });
        }
        scaled.push(entries.iter().map(|p| p / sum).collect());
    }
    scaled
}

/// The law of the first state, or `None` for the stationary one.
pub(crate) fn initial(
    chain: Chain,
    initial: &Initial,
    regimes: usize,
    errors: &mut Vec<MarketError>,
) -> Option<Vec<f64>> {
    let law = match initial {
        Initial::Stationary => return None,
        Initial::Regime(index) => (0..regimes).map(|j| f64::from(u8::from(j == *index))).collect(),
        Initial::Law(law) => law.clone(),
    };
    let sum: f64 = law.iter().sum();
    if law.len() != regimes
        || law.iter().any(|p| !(0.0..=1.0).contains(p))
        || (sum - 1.0).abs() > SUM_TOLERANCE
    {
        errors.push(MarketError::Initial { chain, regimes });
    }
    Some(law)
}

/// The one law a chain keeps, by the elimination of Grassmann, Taksar and Heyman (1985), which
/// never subtracts.
///
/// States outside the chain's only closed class have probability 0; with several closed classes
/// there is no one law.
pub(crate) fn stationary(chain: Chain, rows: &[Vec<f64>]) -> Result<Vec<f64>, MarketError> {
    let class = closed_class(rows).ok_or(MarketError::NotErgodic { chain })?;
    let mut p: Vec<Vec<f64>> =
        class.iter().map(|&i| class.iter().map(|&j| rows[i][j]).collect()).collect();
    let n = class.len();
    for k in (1..n).rev() {
        let leave: f64 = p[k][..k].iter().sum();
        for i in 0..k {
            p[i][k] /= leave;
            for j in 0..k {
                let through = p[i][k] * p[k][j];
                p[i][j] += through;
            }
        }
    }
    let mut weight = vec![1.0];
    for k in 1..n {
        weight.push((0..k).map(|i| weight[i] * p[i][k]).sum());
    }
    let total: f64 = weight.iter().sum();
    let mut law = vec![0.0; rows.len()];
    for (w, &state) in weight.iter().zip(&class) {
        law[state] = w / total;
    }
    Ok(law)
}

/// The states of the only closed class, or `None` where there are several.
fn closed_class(rows: &[Vec<f64>]) -> Option<Vec<usize>> {
    let n = rows.len();
    let mut reach: Vec<Vec<bool>> =
        (0..n).map(|i| (0..n).map(|j| i == j || rows[i][j] > 0.0).collect()).collect();
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
        }
    }
    let recurrent: Vec<usize> =
        (0..n).filter(|&i| (0..n).all(|j| !reach[i][j] || reach[j][i])).collect();
    let first = *recurrent.first()?;
    recurrent.iter().all(|&i| reach[first][i]).then_some(recurrent)
}

/// Checks that means and vols of a regime are possible numbers.
pub(crate) fn moments(
    assets: &[String],
    index: usize,
    regime: &Regime,
    arithmetic: bool,
    errors: &mut Vec<MarketError>,
) {
    for (asset, &value) in assets.iter().zip(&regime.vol) {
        if !(value >= 0.0 && value.is_finite()) {
            errors.push(MarketError::Vol {
                regime: regime.name.clone(),
                regime_index: index,
                asset: asset.clone(),
                value,
            });
        }
    }
    for (asset, &value) in assets.iter().zip(&regime.mean) {
        let reason = if !value.is_finite() {
            "it must be finite"
        } else if arithmetic && value <= -1.0 {
            "an arithmetic mean must be above -1"
        } else {
            continue;
        };
        errors.push(MarketError::Mean {
            regime: regime.name.clone(),
            regime_index: index,
            asset: asset.clone(),
            value,
            reason,
        });
    }
}

/// Checks a correlation matrix and returns its lower Cholesky factor.
pub(crate) fn cholesky(
    chain: Chain,
    index: usize,
    name: &str,
    correlation: &[Vec<f64>],
    assets: usize,
    errors: &mut Vec<MarketError>,
) -> Option<Vec<Vec<f64>>> {
    if let Some(reason) = malformed(correlation, assets) {
        errors.push(MarketError::Correlation {
            chain,
            regime: name.into(),
            regime_index: index,
            reason,
        });
        return None;
    }
    let matrix = DMatrix::from_fn(assets, assets, |i, j| correlation[i][j]);
    let smallest_eigenvalue = matrix.symmetric_eigenvalues().min();
    let factor = factorise(correlation);
    if smallest_eigenvalue <= 1e-12 || factor.is_none() {
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

/// Lower Cholesky factor by plain loops: its bits are on the result path, so no library that
/// dispatches on the CPU.
fn factorise(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest: f64 = matrix[i][j] - dot;
            if i == j && rest <= 0.0 {
                return None;
            }
            factor[i][j] = if i == j { rest.sqrt() } else { rest / factor[j][j] };
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stationary_law_is_kept_by_the_chain() {
        let p = vec![
            vec![0.9265, 0.0176, 0.0559],
            vec![0.0149, 0.9851, 0.0],
            vec![0.0685, 0.0, 0.9315],
        ];
        let law = stationary(Chain::Main, &p).expect("ergodic");
        for j in 0..3 {
            let next: f64 = (0..3).map(|i| law[i] * p[i][j]).sum();
            assert!((next - law[j]).abs() < 1e-15);
        }
    }

    #[test]
    fn transient_states_have_no_weight_and_two_closed_classes_are_refused() {
        let law =
            stationary(Chain::Main, &[vec![0.5, 0.5], vec![0.0, 1.0]]).expect("one closed class");
        assert_eq!(law, [0.0, 1.0]);
        assert!(stationary(Chain::Main, &[vec![1.0, 0.0], vec![0.0, 1.0]]).is_err());
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_names_its_eigenvalue() {
        let mut errors = Vec::new();
        let impossible = vec![vec![1.0, 0.9, -0.9], vec![0.9, 1.0, 0.9], vec![-0.9, 0.9, 1.0]];
        assert!(cholesky(Chain::Main, 0, "storm", &impossible, 3, &mut errors).is_none());
        match &errors[..] {
            [MarketError::NotPositiveDefinite { smallest_eigenvalue, .. }] => {
                assert!((smallest_eigenvalue + 0.8).abs() < 1e-9)
            }
            other => panic!("{other:?}"),
        }
    }
}
