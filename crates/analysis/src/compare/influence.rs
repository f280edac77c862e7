//! Splits the error of a statistic into the contributions of the sections of a run.
//!
//! To first order an estimate differs from the truth by the mean of an influence function over
//! paths (Hampel 1974). A section contributes its share of that mean. The contributions to two
//! statistics on the same paths, subtracted, give the paired error of their difference; those to
//! many differences give the law of their maximum.

use corridor_tables::label::Stat;
use corridor_tables::metric::{MetricId, Source};

use crate::estimate::Estimate;
use crate::facts::CellFacts;
use crate::fold::CellFold;
use crate::quantile::{End, SUMMARY_PERCENTS};
use crate::section_sums::SectionSums;
use crate::statistic::{CertaintyEquivalent, TAIL_PROBABILITY, worst_tail};

/// The contribution of each section to the error of an estimate, in the metric's unit; they add up
/// to 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    sections: Vec<f64>,
}

impl Influence {
    /// Computes the contributions of the sections of a cell to a statistic; `None` if no sections
    /// were kept, or the statistic has no influence function, as a quantile that moves in jumps.
    /// `slope` is that of the quantile function, for a quantile that has one.
    #[must_use]
    pub fn of(
        cell: &CellFold,
        metric: MetricId,
        stat: Stat,
        facts: &CellFacts,
        estimate: &Estimate,
        slope: Option<f64>,
    ) -> Option<Self> {
        let (sections, moments) = (cell.sections(metric), cell.moments(metric));
        estimate.value?;
        if sections.is_empty() {
            return None;
        }
        let sections = &*sections;
        if moments.is_constant() && moments.n_null == 0 {
            return Some(Self { sections: vec![0.0; sections.len()] });
        }
        match stat {
            Stat::Mean => {
                let scale = match metric.metric().source {
                    Source::CertaintyEquivalent { gamma, worth } => {
                        let mean = moments.mean()?;
                        CertaintyEquivalent::of(gamma, worth, facts).per_log(mean) / mean
                    }
                    Source::Column(_)
                    | Source::Event(_)
                    | Source::Derived(_)
                    | Source::Followed(_) => 1.0,
                };
                Some(Self::centred(sections, |section| scale * section.sum))
            }
            Stat::Deviation => {
                let (mean, deviation) = (moments.mean()?, estimate.value?);
                let about_mean = |section: &SectionSums| {
                    let n = f64::from(section.n.max(1));
                    let shift = section.sum / n - mean;
                    (section.squares + n * shift * shift) / (2.0 * deviation)
                };
                Some(Self::centred(sections, about_mean))
            }
            Stat::ProbabilityBelow => {
                Some(Self::centred(sections, |section| f64::from(section.below_zero)))
            }
            Stat::Quantile(percent) => Self::of_quantile(sections, percent, slope?),
            Stat::Cvar => Self::of_tail(sections, metric),
        }
    }

    /// Computes the contribution of each value to the mean, every value being a section of its own.
    #[must_use]
    pub fn of_values(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        Self { sections: values.iter().map(|x| (x - mean) / n).collect() }
    }

    /// Contributions to the quantile `q`: `slope (p - 1{x <= q})`, counted at a threshold near `q`
    /// and scaled to the spread at `q`.
    fn of_quantile(sections: &[SectionSums], percent: u8, slope: f64) -> Option<Self> {
        let place = SUMMARY_PERCENTS.iter().position(|&p| p == percent)?;
        let p = f64::from(percent) / 100.0;
        let found = share(sections, |section| section.below[place]);
        let scale = (p * (1.0 - p) / (found * (1.0 - found))).sqrt() * slope;
        (scale.is_finite() && scale > 0.0)
            .then(|| Self::centred(sections, |section| -scale * f64::from(section.below[place])))
    }

    /// Contributions to the CVaR: the distances beyond the quantile over `p`, summed beyond a
    /// threshold near the quantile and scaled to the size of the tail.
    fn of_tail(sections: &[SectionSums], metric: MetricId) -> Option<Self> {
        let tail = worst_tail(metric.metric())?;
        let at = |percent: u8| SUMMARY_PERCENTS.iter().position(|&p| p == percent);
        let percent = (100.0 * TAIL_PROBABILITY) as u8;
        let (low, high) = (at(percent)?, at(100 - percent)?);
        let (found, sign) = match tail.end {
            End::Low => (share(sections, |section| section.below[low]), -1.0),
            End::High => (1.0 - share(sections, |section| section.below[high]), 1.0),
        };
        let scale = sign * (TAIL_PROBABILITY / found).sqrt() / TAIL_PROBABILITY;
        scale.is_finite().then(|| Self::centred(sections, |section| scale * section.beyond))
    }

    /// The sum of each section less the average of sections of its size, over the number of paths.
    fn centred(sections: &[SectionSums], sum: impl Fn(&SectionSums) -> f64) -> Self {
        let n: f64 = sections.iter().map(|section| f64::from(section.n)).sum();
        let mean = sections.iter().map(&sum).sum::<f64>() / n;
        Self {
            sections: sections
                .iter()
                .map(|section| (sum(section) - f64::from(section.n) * mean) / n)
                .collect(),
        }
    }

    /// Returns the contributions to the difference of two statistics on the same paths; `None` if
    /// the numbers of sections differ.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        let pairs = self.sections.iter().zip(&other.sections);
        (self.sections.len() == other.sections.len())
            .then(|| Self { sections: pairs.map(|(a, b)| a - b).collect() })
    }

    /// Returns the slope of the regression on other contributions; `None` if those do not vary.
    #[must_use]
    pub fn slope_on(&self, other: &[f64]) -> Option<f64> {
        let squares: f64 = other.iter().map(|d| d * d).sum();
        let product: f64 = self.sections.iter().zip(other).map(|(c, d)| c * d).sum();
        (squares > 0.0).then(|| product / squares)
    }

    /// Subtracts `weight` times other contributions.
    #[must_use]
    pub fn less(&self, weight: f64, other: &[f64]) -> Self {
        Self { sections: self.sections.iter().zip(other).map(|(c, d)| c - weight * d).collect() }
    }

    /// Returns the share of the largest 1 % of the absolute contributions in their sum.
    #[must_use]
    pub fn top_share(&self) -> f64 {
        let mut sizes: Vec<f64> = self.sections.iter().map(|c| c.abs()).collect();
        sizes.sort_unstable_by(|a, b| b.total_cmp(a));
        let all: f64 = sizes.iter().sum();
        let top: f64 = sizes.iter().take(self.len().div_ceil(100)).sum();
        if all > 0.0 { top / all } else { 0.0 }
    }

    /// Returns the number of sections.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sections.len()
    }

    /// Returns whether the number of sections is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Returns the contributions, in the order of the sections.
    #[must_use]
    pub fn contributions(&self) -> &[f64] {
        &self.sections
    }

    /// Returns the sum of the squared contributions.
    #[must_use]
    pub fn squares(&self) -> f64 {
        self.sections.iter().map(|c| c * c).sum()
    }

    /// Returns the standard error of the statistic, `sqrt(sum c^2 S / (S - 1))` over `S`
    /// independent sections; `None` below two.
    #[must_use]
    pub fn std_error(&self) -> Option<f64> {
        let count = self.len() as f64;
        (count > 1.0).then(|| (self.squares() * count / (count - 1.0)).sqrt())
    }

    /// Returns the skewness of the contributions.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        crate::moments::skewness(
            self.len() as u64,
            self.squares(),
            self.sections.iter().map(|c| c * c * c).sum(),
        )
    }

    /// Returns the correlation with the contributions to another statistic; `None` if one of them
    /// has no spread.
    #[must_use]
    pub fn correlation(&self, other: &Self) -> Option<f64> {
        let product: f64 = self.sections.iter().zip(&other.sections).map(|(a, b)| a * b).sum();
        let scale = (self.squares() * other.squares()).sqrt();
        (scale > 0.0).then(|| (product / scale).clamp(-1.0, 1.0))
    }
}

fn share(sections: &[SectionSums], count: impl Fn(&SectionSums) -> u32) -> f64 {
    let (sum, n) = sections.iter().fold((0.0, 0.0), |(sum, n), section| {
        (sum + f64::from(count(section)), n + f64::from(section.n))
    });
    sum / n
}
