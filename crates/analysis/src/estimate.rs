//! Carries a statistic together with its Monte Carlo error, method and precision.

use corridor_tables::label::{Method, Precision, Reason};

/// Nominal coverage of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// A statistic of the paths, its Monte Carlo error, and how far both can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The statistic, in the metric's unit; `None` if it does not exist.
    pub value: Option<f64>,
    /// Monte Carlo standard error, in the metric's unit; `None` if it is not known.
    pub std_error: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub ci_high: Option<f64>,
    /// Number of paths behind the estimate.
    pub n_paths: u64,
    /// Source of the numbers and kind of interval.
    pub method: Method,
    /// How far error and interval can be trusted.
    pub precision: Precision,
    /// Reason why a number is missing or the precision is not [`Precision::Precise`].
    pub reason: Option<Reason>,
}

impl Estimate {
    /// Returns an estimate without any number.
    #[must_use]
    pub const fn missing(n_paths: u64, method: Method, reason: Reason) -> Self {
        Self {
            value: None,
            std_error: None,
            ci_low: None,
            ci_high: None,
            n_paths,
            method,
            precision: Precision::Insufficient,
            reason: Some(reason),
        }
    }

    /// Returns a value whose error is not known.
    #[must_use]
    pub const fn without_error(value: f64, n_paths: u64, method: Method, reason: Reason) -> Self {
        Self { value: Some(value), ..Self::missing(n_paths, method, reason) }
    }

    /// Returns the estimate of a number that no path can move.
    #[must_use]
    pub const fn certain(value: f64, n_paths: u64, method: Method) -> Self {
        let (precision, reason) = crate::precision::of_count(n_paths);
        let (std_error, end) = (Some(0.0), Some(value));
        Self {
            value: Some(value),
            std_error,
            ci_low: end,
            ci_high: end,
            n_paths,
            method,
            precision,
            reason,
        }
    }

    /// Drops the standard error of a quantile that moves in jumps; its interval of order statistics
    /// stays.
    #[must_use]
    pub fn in_jumps(self) -> Self {
        let jumps = (Precision::Indicative, Some(Reason::Discrete));
        let (precision, reason) = crate::precision::worst([jumps, (self.precision, self.reason)]);
        Self { std_error: None, precision, reason, ..self }
    }

    /// Adds to the standard error an error that interpolation within a bucket may have; an estimate
    /// with a larger one than its own is indicative.
    #[must_use]
    pub fn blurred(self, blur: f64) -> Self {
        let is_coarse = self.std_error.is_some_and(|error| blur > error);
        let coarse = crate::precision::of_buckets(is_coarse);
        let (precision, reason) = crate::precision::worst([(self.precision, self.reason), coarse]);
        let std_error = self.std_error.map(|error| (error * error + blur * blur).sqrt());
        Self { std_error, precision, reason, ..self }
    }

    /// Returns the estimate with the worst of its own precision and further judgements.
    #[must_use]
    pub fn judged<const N: usize>(self, judgements: [crate::precision::Judgement; N]) -> Self {
        let further = crate::precision::worst(judgements);
        let (precision, reason) = crate::precision::worst([(self.precision, self.reason), further]);
        Self { precision, reason, ..self }
    }

    /// Multiplies error and interval by a factor that another method found.
    #[must_use]
    pub fn rescaled(self, factor: f64, method: Method) -> Self {
        let end = |end: Option<f64>| {
            self.value.zip(end).map(|(value, end)| value + factor * (end - value))
        };
        Self {
            std_error: self.std_error.map(|error| factor * error),
            ci_low: end(self.ci_low),
            ci_high: end(self.ci_high),
            method,
            ..self
        }
        .finite()
    }

    /// Cuts the interval off at 0 and 1.
    #[must_use]
    pub fn within_one(self) -> Self {
        Self {
            ci_low: self.ci_low.map(|end| end.max(0.0)),
            ci_high: self.ci_high.map(|end| end.min(1.0)),
            ..self
        }
    }

    /// Drops numbers that are not finite; the reason is then [`Reason::Overflow`].
    #[must_use]
    pub fn finite(mut self) -> Self {
        for number in [&mut self.value, &mut self.std_error, &mut self.ci_low, &mut self.ci_high] {
            if number.is_some_and(|x| !x.is_finite()) {
                *number = None;
                self.precision = Precision::Insufficient;
                self.reason = Some(Reason::Overflow);
            }
        }
        self
    }
}
