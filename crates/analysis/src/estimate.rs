//! Carries a statistic together with its error: no bare number leaves this crate.

/// Nominal coverage of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// A statistic of the paths, its Monte Carlo error and how far both can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The statistic, in the metric's unit; `None` where it does not exist.
    pub value: Option<f64>,
    /// Monte Carlo standard error.
    pub std_error: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub ci_high: Option<f64>,
    /// Paths behind it.
    pub n_paths: u64,
    /// How it was computed.
    pub method: Method,
    /// How far error and interval can be trusted.
    pub precision: Precision,
    /// Why a number is missing, or why the precision is not [`Precision::Precise`].
    pub reason: Option<Reason>,
}

impl Estimate {
    /// No estimate, and why.
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

    /// A value without a known error.
    #[must_use]
    pub const fn without_error(value: f64, n_paths: u64, method: Method, reason: Reason) -> Self {
        Self { value: Some(value), ..Self::missing(n_paths, method, reason) }
    }

    /// The same with an error this many times as large, found in another way.
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

    /// The same with an interval that does not leave `[0, 1]`.
    #[must_use]
    pub fn within_one(self) -> Self {
        Self {
            ci_low: self.ci_low.map(|end| end.max(0.0)),
            ci_high: self.ci_high.map(|end| end.min(1.0)),
            ..self
        }
    }

    /// Drops numbers that are not finite; what remains says so.
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

/// How a statistic and its interval were computed: where the numbers come from, then the kind of
/// interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Sums over all paths; Student's t interval of the mean.
    SumsT,
    /// Sums over all paths; influence function.
    SumsInfluence,
    /// Sums over all paths; Wilson's score interval of a probability.
    SumsWilson,
    /// Exact: order statistics of all path rows, type 7, with binomial intervals.
    RowsOrderStatistics,
    /// Integer counts on the fixed grid, interpolated in a bucket at most 0.79 % of the value wide;
    /// the binomial interval reaches to the edges of its buckets.
    CountsOrderStatistics,
    /// Exact sums over the tail's path rows; influence function.
    RowsInfluence,
    /// The tail's integer counts, each value taken at the middle of its bucket; influence function.
    CountsInfluence,
    /// As without antithetic pairs, with error and interval stretched to the spread of sections,
    /// which are made of whole pairs.
    AntitheticSections,
    /// A control with a known mean taken out, weighed by regression over sections; Student's t
    /// interval.
    ControlVariate,
    /// Sums of differences by path; Student's t interval.
    PairedT,
    /// Sums of differences by path; influence function.
    PairedInfluence,
    /// Influence of each section of paths on both; Student's t interval.
    PairedSections,
    /// As `PairedSections`, of two estimates with controls taken out.
    PairedControlVariate,
    /// Paths that differ, counted either way; the adjusted Wald interval of Bonett and Price
    /// (2012).
    PairedBonettPrice,
}

impl Method {
    /// The word in the files.
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

/// How far a standard error and an interval can be trusted; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// The interval covers as often as it says.
    Precise,
    /// It covers about as often as it says.
    Indicative,
    /// It may cover far less often: more paths are needed.
    Insufficient,
}

impl Precision {
    /// The word in the files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Precise => "precise",
            Self::Indicative => "indicative",
            Self::Insufficient => "insufficient",
        }
    }
}

/// Why a number is missing or not precise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No path has a value.
    NoValues,
    /// One path has no spread.
    OnePath,
    /// A path of the cell is ruined, and no sure growth rate is worth a chance of ruin.
    Ruin,
    /// A number beyond what a float holds came up.
    Overflow,
    /// Too few paths whatever their values.
    FewPaths,
    /// Too few paths for how skewed the values are.
    Skew,
    /// A few paths carry most of the sum.
    HeavyTail,
    /// The event, or its opposite, is too rare.
    RareEvent,
    /// The interval would reach beyond the smallest or largest path.
    BeyondSample,
    /// Values are whole numbers, or many paths share one: a quantile then moves in jumps and has no
    /// standard error.
    Discrete,
    /// Paths without a value are left out, more than one in a hundred: the rest are not like all.
    Partial,
    /// No margin of practical equivalence is declared, so there is no verdict.
    NoMargin,
    /// Neither direction is better as such, so there is no verdict.
    NoDirection,
    /// The policy sees the future, as nobody can: it is not judged with those that do not.
    LookAhead,
}

impl Reason {
    /// All of them.
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

    /// The word in the files.
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
