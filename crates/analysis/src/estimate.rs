//! Carries a statistic together with its Monte Carlo error, method and precision.

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

/// Method of a statistic and its interval: the source of the numbers, then the kind of interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Sums over all paths; Student's t interval of the mean.
    SumsT,
    /// Sums over all paths; interval from the influence function.
    SumsInfluence,
    /// Sums over all paths; Wilson's score interval of a probability.
    SumsWilson,
    /// Order statistics of all path rows: exact quantiles of type 7 with binomial intervals.
    RowsOrderStatistics,
    /// Integer counts on the fixed grid, interpolated in a bucket at most 0.79 % of the value wide;
    /// the binomial interval reaches to the edges of its buckets.
    CountsOrderStatistics,
    /// Exact sums over the path rows of the tail; interval from the influence function.
    RowsInfluence,
    /// Integer counts of the tail, each value taken at the middle of its bucket; interval from the
    /// influence function.
    CountsInfluence,
    /// Antithetic pairs of paths: the statistic of single paths, with error and interval stretched
    /// to the spread of sections of whole pairs.
    AntitheticSections,
    /// A control with a known mean regressed out over sections; Student's t interval.
    ControlVariate,
    /// Sums of differences by path; Student's t interval.
    PairedT,
    /// Sums of differences by path; interval from the influence function.
    PairedInfluence,
    /// Contributions of each section to both policies; Student's t interval.
    PairedSections,
    /// Contributions of each section to both policies, with controls regressed out; Student's t
    /// interval.
    PairedControlVariate,
    /// Counts of the paths on which an event happens under one policy only; the adjusted Wald
    /// interval of Bonett and Price (2012).
    PairedBonettPrice,
}

impl Method {
    /// Returns the word in the column `method`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SumsT => "sums_t",
            Self::SumsInfluence => "sums_influence",
            Self::SumsWilson => "sums_wilson",
            Self::RowsOrderStatistics => "rows_order_statistics",
            Self::CountsOrderStatistics => "counts_order_statistics",
            Self::RowsInfluence => "rows_influence",
            Self::CountsInfluence => "counts_influence",
            Self::AntitheticSections => "antithetic_sections",
            Self::ControlVariate => "control_variate",
            Self::PairedT => "paired_t",
            Self::PairedInfluence => "paired_influence",
            Self::PairedSections => "paired_sections",
            Self::PairedControlVariate => "paired_control_variate",
            Self::PairedBonettPrice => "paired_bonett_price",
        }
    }
}

/// How far a standard error and an interval can be trusted, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// The interval covers the truth as often as it claims.
    Precise,
    /// The interval covers the truth about as often as it claims.
    Indicative,
    /// The interval may cover far less often than it claims: more paths are needed.
    Insufficient,
}

impl Precision {
    /// Returns the word in the column `precision`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Precise => "precise",
            Self::Indicative => "indicative",
            Self::Insufficient => "insufficient",
        }
    }
}

/// Reason why a number is missing or not precise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No path has a value.
    NoValues,
    /// There is one path only, which has no spread.
    OnePath,
    /// A path of the cell is ruined: no certain growth rate is as bad as a chance of ruin.
    Ruin,
    /// A number exceeded the range of a float.
    Overflow,
    /// There are too few paths, whatever their values.
    FewPaths,
    /// There are too few paths for the skewness of the values.
    Skew,
    /// A few paths carry most of the sum.
    HeavyTail,
    /// The event, or its opposite, is too rare among the paths.
    RareEvent,
    /// The interval would reach beyond the smallest or largest path.
    BeyondSample,
    /// Values are whole numbers, or shared by many paths: the quantile then moves in jumps and has
    /// no standard error.
    Discrete,
    /// More than one path in a hundred has no value and is left out, so the rest are not
    /// representative.
    Partial,
    /// The metric has no margin of practical equivalence, which a verdict needs.
    NoMargin,
    /// The metric has no direction that is better, which a verdict needs.
    NoDirection,
    /// The policy sees the future, so it is not judged with the others.
    LookAhead,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 14] = [
        Self::NoValues,
        Self::OnePath,
        Self::Ruin,
        Self::Overflow,
        Self::FewPaths,
        Self::Skew,
        Self::HeavyTail,
        Self::RareEvent,
        Self::BeyondSample,
        Self::Discrete,
        Self::Partial,
        Self::NoMargin,
        Self::NoDirection,
        Self::LookAhead,
    ];

    /// Returns the word in the column `reason`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoValues => "no_values",
            Self::OnePath => "one_path",
            Self::Ruin => "ruin",
            Self::Overflow => "overflow",
            Self::FewPaths => "few_paths",
            Self::Skew => "skew",
            Self::HeavyTail => "heavy_tail",
            Self::RareEvent => "rare_event",
            Self::BeyondSample => "beyond_sample",
            Self::Discrete => "discrete",
            Self::Partial => "partial",
            Self::NoMargin => "no_margin",
            Self::NoDirection => "no_direction",
            Self::LookAhead => "look_ahead",
        }
    }
}
