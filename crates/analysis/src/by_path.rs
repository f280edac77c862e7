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
    /// Paths behind it.
    pub n: u64,
}

impl WithError {
    /// The 95 % interval; `None` without an error.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        let half = t_critical(ALPHA, self.n - 1) * self.std_error?;
        Some((self.value - half, self.value + half))
    }
}

/// The mean; `None` without a path.
#[must_use]
pub fn mean(values: impl ExactSizeIterator<Item = f64> + Clone) -> Option<WithError> {
    let n = values.len();
    let mean = values.clone().sum::<f64>() / n as f64;
    let squares: f64 = values.map(|x| (x - mean) * (x - mean)).sum();
    (n > 0).then(|| WithError { value: mean, std_error: (n > 1).then(|| (squares / (n - 1) as f64 / n as f64).sqrt()), n: n as u64 })
}

/// The sum of the first numbers over that of the second, with the error of its linearisation (Cochran 1977, chapter 6);
/// `None` where the second sum is 0.
#[must_use]
pub fn ratio(pairs: impl ExactSizeIterator<Item = (f64, f64)> + Clone) -> Option<WithError> {
    let n = pairs.len() as f64;
    let (over, under) = pairs.clone().fold((0.0, 0.0), |(x, y), (a, b)| (x + a, y + b));
    if under <= 0.0 {
        return None;
    }
    let value = over / under;
    let spread = mean(pairs.map(|(x, y)| x - value * y))?;
    Some(WithError { value, std_error: spread.std_error.map(|error| error * n / under), n: spread.n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_constant_denominators_is_a_mean() {
        let numbers = [1.0, 2.0, 4.0, 7.0];
        let plain = mean(numbers.into_iter()).expect("numbers");
        let over_two = ratio(numbers.into_iter().map(|x| (x, 2.0))).expect("numbers");
        assert_eq!((plain.value, over_two.value), (3.5, 1.75));
        assert!((plain.std_error.expect("four") - 2.0 * over_two.std_error.expect("four")).abs() < 1e-15);
        assert_eq!(ratio([(1.0, 0.0)].into_iter()), None);
        assert_eq!(mean([3.0].into_iter()).expect("one").std_error, None);
    }
}
