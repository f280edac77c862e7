//! Factorises covariance matrices and inverts their factors by plain loops.
//!
//! The bits are on the result path: shocks are correlated by a factor, and a filter turns returns
//! into independent ones by its inverse. No library that chooses its instructions by the CPU is
//! called here.

#![expect(clippy::needless_range_loop, reason = "the indices are those of the formulas")]

/// Order in which an entry loses the products of the columns before it.
///
/// Both orders give the factor of Cholesky. They round differently from the third row on, and
/// published results rest on the bits of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subtraction {
    /// Sums the products first, then subtracts the sum: the inner-product form.
    OfTheSum,
    /// Subtracts one product after the other: the column form ("gaxpy").
    OneByOne,
}

/// Returns the lower triangular `L` with `L L' = matrix`, zeros above the diagonal included.
///
/// `matrix` is symmetric, `n` rows of `n` numbers; only the entries on and below the diagonal are
/// read. `None` if it is not positive definite, or so close to singular that a pivot rounds to 0 or
/// below, or if a pivot is NaN. Golub and Van Loan (2013), section 4.2.
#[must_use]
pub fn cholesky(matrix: &[Vec<f64>], subtraction: Subtraction) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let products = (0..j).map(|k| factor[i][k] * factor[j][k]);
            let rest = match subtraction {
                Subtraction::OfTheSum => matrix[i][j] - products.sum::<f64>(),
                Subtraction::OneByOne => {
                    products.fold(matrix[i][j], |rest, product| rest - product)
                }
            };
            if i == j && (rest <= 0.0 || rest.is_nan()) {
                return None;
            }
            factor[i][j] = if i == j { rest.sqrt() } else { rest / factor[j][j] };
        }
    }
    Some(factor)
}

/// Inverts a lower triangular matrix; row `i` of the result has `i + 1` entries.
///
/// The diagonal of `factor` must not contain 0, as that of [`cholesky`] never does. Column by
/// column by forward substitution: Golub and Van Loan (2013), section 3.1.
#[must_use]
pub fn invert_lower(factor: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = factor.len();
    let identity = |i: usize, j: usize| f64::from(u8::from(i == j));
    let mut inverse: Vec<Vec<f64>> =
        (0..n).map(|i| (0..=i).map(|j| identity(i, j)).collect()).collect();
    for column in 0..n {
        for i in column..n {
            let entry = inverse[i][column] / factor[i][i];
            inverse[i][column] = entry;
            for below in i + 1..n {
                inverse[below][column] -= entry * factor[below][i];
            }
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Subtraction; 2] = [Subtraction::OfTheSum, Subtraction::OneByOne];

    fn three_assets() -> Vec<Vec<f64>> {
        vec![vec![1.0, 0.2, -0.3], vec![0.2, 1.0, 0.5], vec![-0.3, 0.5, 1.0]]
    }

    #[test]
    fn the_factor_times_its_transpose_is_the_matrix() {
        let matrix = three_assets();
        for subtraction in BOTH {
            let factor = cholesky(&matrix, subtraction).expect("positive definite");
            for i in 0..3 {
                assert!(factor[i][i] > 0.0);
                for j in 0..3 {
                    let product: f64 = (0..3).map(|k| factor[i][k] * factor[j][k]).sum();
                    assert!((product - matrix[i][j]).abs() < 1e-15, "{subtraction:?} {i} {j}");
                    assert!(j <= i || factor[i][j] == 0.0);
                }
            }
        }
    }

    #[test]
    fn the_inverse_times_the_factor_is_the_identity() {
        for subtraction in BOTH {
            let factor = cholesky(&three_assets(), subtraction).expect("positive definite");
            let inverse = invert_lower(&factor);
            for i in 0..3 {
                assert_eq!(inverse[i].len(), i + 1);
                for j in 0..3 {
                    let product: f64 = (0..=i).map(|k| inverse[i][k] * factor[k][j]).sum();
                    let identity = f64::from(u8::from(i == j));
                    assert!((product - identity).abs() < 1e-15, "{subtraction:?} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        let indefinite = vec![vec![1.0, 2.0], vec![2.0, 1.0]];
        let singular = vec![vec![1.0, 1.0], vec![1.0, 1.0]];
        let unknown = vec![vec![f64::NAN]];
        for subtraction in BOTH {
            for matrix in [&indefinite, &singular, &unknown] {
                assert_eq!(cholesky(matrix, subtraction), None, "{subtraction:?} {matrix:?}");
            }
        }
    }

    #[test]
    fn two_assets_have_one_factor_in_either_order() {
        let matrix = vec![vec![0.04, -0.003], vec![-0.003, 0.01]];
        assert_eq!(cholesky(&matrix, BOTH[0]), cholesky(&matrix, BOTH[1]));
    }
}
