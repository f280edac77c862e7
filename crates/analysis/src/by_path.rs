//! Estimates means and ratios from one number of each path.

use crate::interval::t_critical;
use crate::statistic::ALPHA;

/// A number and its Monte Carlo error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WithError {
    /// The number.
    pub value: f64,
    /// Its standard error; `None` from one path.
    pub std_error: Option<f64>,
    /// Independent replicates behind it.
    pub replicates: u64,
}

impl WithError {
    /// The 95 % interval; `None` without an error.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        let half = t_critical(ALPHA, self.replicates - 1) * self.std_error?;
        Some((self.value - half, self.value + half))
    }
}

/// The mean; `None` without a path. So many consecutive paths make one independent replicate.
#[must_use]
pub fn mean(replicate_paths: usize, values: impl IntoIterator<Item = f64>) -> Option<WithError> {
    let values: Vec<f64> = values.into_iter().collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let replicates = values
        .chunks(replicate_paths.max(1))
        .map(|paths| paths.iter().sum::<f64>() / paths.len() as f64);
    let n = replicates.len();
    let squares: f64 = replicates.map(|x| (x - mean) * (x - mean)).sum();
    let std_error = (n > 1).then(|| (squares / (n - 1) as f64 / n as f64).sqrt());
    (n > 0).then_some(WithError { value: mean, std_error, replicates: n as u64 })
}

/// The sum of the first numbers over that of the second, with the error of its linearisation
/// (Cochran 1977, chapter 6); `None` where the second sum is 0.
#[must_use]
pub fn ratio(
    replicate_paths: usize,
    pairs: impl IntoIterator<Item = (f64, f64)>,
) -> Option<WithError> {
    let pairs: Vec<(f64, f64)> = pairs.into_iter().collect();
    let n = pairs.len() as f64;
    let (over, under) = pairs.iter().fold((0.0, 0.0), |(x, y), (a, b)| (x + a, y + b));
    if under <= 0.0 {
        return None;
    }
    let value = over / under;
    let spread = mean(replicate_paths, pairs.into_iter().map(|(x, y)| x - value * y))?;
    Some(WithError {
        value,
        std_error: spread.std_error.map(|error| error * n / under),
        replicates: spread.replicates,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_constant_denominators_is_a_mean() {
        let numbers = [1.0, 2.0, 4.0, 7.0];
        let plain = mean(1, numbers).expect("numbers");
        let over_two = ratio(1, numbers.map(|x| (x, 2.0))).expect("numbers");
        assert_eq!((plain.value, over_two.value), (3.5, 1.75));
        assert!(
            (plain.std_error.expect("four") - 2.0 * over_two.std_error.expect("four")).abs()
                < 1e-15
        );
        assert_eq!(ratio(1, [(1.0, 0.0)]), None);
        // Two paths that are alike are one.
        let twice = mean(2, numbers.into_iter().flat_map(|x| [x, x])).expect("numbers");
        assert_eq!(
            (twice.value, twice.std_error, twice.replicates),
            (plain.value, plain.std_error, 4)
        );
        assert_eq!(mean(1, [3.0]).expect("one").std_error, None);
    }
}
