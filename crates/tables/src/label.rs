//! Lists the words that label columns may hold, one closed list per column.
//!
//! A list is declared once, with the word in the files and its meaning. The doc comment of a
//! variant is its text in the data dictionary, so writers, readers and the README of a run agree.
//!
//! ```
//! use corridor_tables::label::Precision;
//!
//! assert_eq!(Precision::of_name("indicative"), Some(Precision::Indicative));
//! assert_eq!(Precision::Insufficient.name(), "insufficient");
//! ```

use std::borrow::Cow;

/// Declares a closed list of words: the enum, the word of each variant and its meaning.
macro_rules! labels {
    (
        $(#[$attribute:meta])+
        pub enum $name:ident {
            $( $(#[doc = $meaning:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$attribute])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[doc = $meaning])+ $variant, )+
        }

        impl $name {
            /// All labels, in the order of their declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// Returns the word in the files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }

            /// Returns the meaning of the word, as the data dictionary states it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $( Self::$variant => concat!($($meaning),+), )+
                }
            }

            /// Finds the label with this word; `None` for a word that is not on the list.
            #[must_use]
            pub fn of_name(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|label| label.name() == word)
            }
        }
    };
}

labels! {
    /// Grades how far a standard error and its interval can be relied on; the worst grade last.
    pub enum Precision {
        /// The 95 % interval is expected to cover the true value in 92.7 to 97.3 % of runs.
        Precise = "precise",
        /// The interval covers about as often as it claims.
        Indicative = "indicative",
        /// The interval may cover far less often than it claims. More paths are needed, and no
        /// verdict rests on it.
        Insufficient = "insufficient",
    }
}

labels! {
    /// Explains why a number or a verdict is missing, or why a number is not precise.
    pub enum Reason {
        /// No path has a value.
        NoValues = "no_values",
        /// There is one path, and one path has no spread.
        OnePath = "one_path",
        /// A path is ruined, and no sure growth rate is worth a chance of ruin.
        Ruin = "ruin",
        /// A number is beyond the range of a float.
        Overflow = "overflow",
        /// There are too few paths, whatever their values.
        FewPaths = "few_paths",
        /// There are too few paths for values as skewed as these.
        Skew = "skew",
        /// A few paths carry most of the sum.
        HeavyTail = "heavy_tail",
        /// The event, or its opposite, is too rare.
        RareEvent = "rare_event",
        /// The interval would reach beyond the smallest or largest path.
        BeyondSample = "beyond_sample",
        /// Values are whole numbers or many paths share one, so that a quantile moves in jumps and
        /// has no standard error.
        Discrete = "discrete",
        /// Values are counted in buckets, and interpolation within one may be wrong by more than the
        /// standard error.
        Coarse = "coarse",
        /// More than one path in a hundred has no value and is left out, so that the other paths
        /// are not representative of all.
        Partial = "partial",
        /// The metric has no margin of practical equivalence, which a verdict needs.
        NoMargin = "no_margin",
        /// Neither direction of the metric is better as such, and a verdict needs a direction.
        NoDirection = "no_direction",
        /// The policy sees the future, which nobody can, and is not judged with those that do not.
        LookAhead = "look_ahead",
    }
}

labels! {
    /// Names how a statistic and its interval were computed: the origin of the numbers, then the
    /// kind of interval.
    pub enum Method {
        /// Sums over all paths; Student's t interval of the mean.
        SumsT = "sums_t",
        /// Sums over all paths; interval from the influence function.
        SumsInfluence = "sums_influence",
        /// Sums over all paths; Wilson's score interval of a probability.
        SumsWilson = "sums_wilson",
        /// Order statistics of all path rows, exact (type 7); binomial interval.
        RowsOrderStatistics = "rows_order_statistics",
        /// Integer counts, exact for whole numbers and steps, else interpolated in buckets at most
        /// 0.79 % of the value wide; binomial interval out to the edges of the buckets.
        CountsOrderStatistics = "counts_order_statistics",
        /// Exact sums over the path rows of the tail; interval from the influence function.
        RowsInfluence = "rows_influence",
        /// Integer counts of the tail, each value at the middle of its bucket; interval from the
        /// influence function.
        CountsInfluence = "counts_influence",
        /// The method without antithetic pairs, with error and interval widened to the spread of
        /// sections, which consist of whole pairs.
        AntitheticSections = "antithetic_sections",
        /// A control with a known mean removed, its weight from a regression over sections;
        /// Student's t interval.
        ControlVariate = "control_variate",
        /// Sums of differences by path; Student's t interval.
        PairedT = "paired_t",
        /// Sums of differences by path; interval from the influence function.
        PairedInfluence = "paired_influence",
        /// Influence of each section of paths on both sides; Student's t interval.
        PairedSections = "paired_sections",
        /// Influence of each section of paths on both sides after controls are removed; Student's
        /// t interval.
        PairedControlVariate = "paired_control_variate",
        /// Paths on which the two policies differ, counted either way; adjusted Wald interval of
        /// Bonett and Price (2012).
        PairedBonettPrice = "paired_bonett_price",
    }
}

labels! {
    /// States what a comparison shows, given the margin of practical equivalence.
    pub enum Verdict {
        /// The policy is better by more than the margin.
        Better = "better",
        /// The policy is worse by more than the margin.
        Worse = "worse",
        /// The two policies differ by less than the margin.
        Equivalent = "equivalent",
        /// There are too few paths to decide.
        NotResolved = "not resolved",
    }
}

labels! {
    /// Names how p-values are adjusted, and intervals widened, for the number of policies.
    pub enum Adjustment {
        /// Step-down p-values and max-t intervals under the joint law (Romano and Wolf 2005).
        StepDown = "step_down_max_t",
        /// Holm's p-values and Bonferroni intervals, valid whatever the dependence.
        Holm = "holm",
    }
}

labels! {
    /// Names a test of a whole field of policies.
    pub enum FieldTest {
        /// Superior predictive ability (Hansen 2005): whether any policy is better than the
        /// benchmark.
        SuperiorAbility = "spa",
        /// Stepwise superiority (Romano and Wolf 2005): which policies are better.
        Stepwise = "step_m",
        /// Model confidence set (Hansen, Lunde and Nason 2011): which policies may be the best.
        ConfidenceSet = "mcs",
        /// Choice of the best policy on the first half of the paths, scored on the other half.
        Choice = "choice",
        /// Stochastic dominance of first order.
        DominanceFirst = "dominance_first",
        /// Stochastic dominance of second order.
        DominanceSecond = "dominance_second",
    }
}

labels! {
    /// States the result of a test of stochastic dominance.
    pub enum Dominance {
        /// The policy dominates the benchmark.
        Dominates = "dominates",
        /// The benchmark dominates the policy.
        Dominated = "dominated",
        /// Each is better somewhere, beyond chance.
        Neither = "neither",
        /// Nothing differs beyond chance.
        NotResolved = "not resolved",
    }
}

labels! {
    /// Names a part of a policy's difference in mean log growth.
    pub enum AttributionPart {
        /// The policy less its baseline.
        Total = "total",
        /// The static twin of equal exposure less the baseline.
        Exposure = "exposure",
        /// The policy less the twin before costs, in one true regime.
        Timing = "timing",
        /// The costs of the twin less those of the policy.
        Cost = "cost",
        /// The rule with an oracle in place of its signal, less the policy.
        OracleGap = "oracle_gap",
        /// The policy less the rule with a placebo in place of its signal.
        PlaceboGap = "placebo_gap",
        /// The policy less the weighted log growth of the assets.
        RebalancingPremium = "rebalancing_premium",
    }
}

labels! {
    /// Names the number whose spread over time a fan shows.
    pub enum FanMeasure {
        /// Balance in currency.
        Wealth = "wealth_nominal",
        /// Fall of the unit value below its running peak, a positive fraction.
        Drawdown = "drawdown_unit_frac",
    }
}

labels! {
    /// Names the level that a difference is to meet along a sweep.
    pub enum BreakEvenLevel {
        /// No difference.
        Zero = "zero",
        /// The lower end of the margin of practical equivalence.
        MarginLow = "margin_low",
        /// The upper end of the margin of practical equivalence.
        MarginHigh = "margin_high",
    }
}

labels! {
    /// Explains why a difference meets a level nowhere along a sweep.
    pub enum NoCrossing {
        /// Every interval is above the level.
        Above = "above",
        /// Every interval is below the level.
        Below = "below",
        /// Every difference equals the level, without error.
        Level = "level",
        /// Some interval includes the level.
        Unresolved = "unresolved",
    }
}

/// Word of the mean, the headline statistic of every metric.
pub const MEAN: &str = "mean";

/// A statistic of a metric over paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// Mean: of an event its probability, of a certainty equivalent the power mean.
    Mean,
    /// Standard deviation over paths, divisor n - 1.
    Deviation,
    /// Quantile of this probability in percent.
    Quantile(u8),
    /// Probability of a value below 0.
    ProbabilityBelow,
    /// Mean of the worst 5 % of the paths.
    Cvar,
}

impl Stat {
    /// Returns the word in the column `stat`.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Mean => MEAN.into(),
            Self::Deviation => "sd".into(),
            Self::Quantile(percent) => match percent {
                1 => "p01".into(),
                5 => "p05".into(),
                10 => "p10".into(),
                25 => "p25".into(),
                50 => "p50".into(),
                75 => "p75".into(),
                90 => "p90".into(),
                95 => "p95".into(),
                99 => "p99".into(),
                other => format!("p{other:02}").into(),
            },
            Self::ProbabilityBelow => "prob_below".into(),
            Self::Cvar => "cvar_05".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_labels() {
        for precision in Precision::ALL {
            assert_eq!(Precision::of_name(precision.name()), Some(precision));
        }
        for reason in Reason::ALL {
            assert_eq!(Reason::of_name(reason.name()), Some(reason));
        }
        for method in Method::ALL {
            assert_eq!(Method::of_name(method.name()), Some(method));
        }
        assert_eq!(Verdict::of_name("undecided"), None);
    }

    #[test]
    fn grades_of_precision_are_ordered_from_best_to_worst() {
        assert!(Precision::ALL.is_sorted());
        assert_eq!(Precision::ALL.map(Precision::name), ["precise", "indicative", "insufficient"]);
    }

    #[test]
    fn quantiles_have_two_digits() {
        assert_eq!([Stat::Quantile(1), Stat::Quantile(95)].map(Stat::name), ["p01", "p95"]);
    }
}
