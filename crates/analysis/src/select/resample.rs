//! Draws sections with replacement and averages the performance of every policy over them (Efron
//! 1979).

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::random::philox;

use crate::compare::Influence;
use crate::lanes::{LANES, Lanes};

/// Number of resamples: a p-value of 5 % has a standard error of half a point.
pub const RESAMPLES: usize = 2000;

/// Key of the random draws. It does not depend on the study's seed, which moves paths and not how
/// they are drawn again.
const KEY: [u32; 2] = [0x7265_7361, 0x6d70_6c65];

/// The number of times each section is in each resample.
#[derive(Clone, Debug)]
pub struct Resamples {
    sections: usize,
    times: Vec<u8>,
}

impl Resamples {
    /// Draws as many sections as there are, with replacement, once for each resample.
    #[must_use]
    pub fn draw(sections: usize, resamples: usize) -> Self {
        let mut times = vec![0_u8; sections * resamples];
        for (resample, row) in (0_u32..).zip(times.chunks_exact_mut(sections.max(1))) {
            for place in 0..sections.div_ceil(4) as u32 {
                let words = philox([resample, place, 0, 0], KEY);
                let left = sections - 4 * place as usize;
                for word in words.into_iter().take(left) {
                    let section = (u64::from(word) * sections as u64) >> 32;
                    row[section as usize] = row[section as usize].saturating_add(1);
                }
            }
        }
        Self { sections, times }
    }

    /// Takes resamples that another program drew: a list of sections for each.
    #[must_use]
    pub fn of_indices(sections: usize, indices: &[Vec<usize>]) -> Self {
        let mut times = vec![0_u8; sections * indices.len()];
        for (list, row) in indices.iter().zip(times.chunks_exact_mut(sections.max(1))) {
            for &section in list.iter().filter(|&&section| section < sections) {
                row[section] = row[section].saturating_add(1);
            }
        }
        Self { sections, times }
    }

    /// Returns the number of resamples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len().checked_div(self.sections).unwrap_or(0)
    }

    /// Returns whether the number of resamples is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of sections that are drawn from.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.sections
    }
}

/// A statistic of a policy, or of its difference from a benchmark, and the contributions of the
/// sections to its error.
#[derive(Clone, Copy, Debug)]
pub struct Performance<'a> {
    /// The statistic, in the metric's unit.
    pub value: f64,
    /// Contributions of the sections.
    pub influence: &'a Influence,
}

/// The performance of several policies, larger being better, and its bootstrap distribution.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// Number of sections behind each performance.
    pub sections: usize,
    /// Performance of each policy, in the metric's unit.
    pub performance: Vec<f64>,
    /// Variance over sections of the performance of each policy; the divisor is their number.
    pub variance: Vec<f64>,
    /// `[resample][policy]`: mean over the resample less the mean over all sections.
    pub deviations: Vec<Vec<f64>>,
}

impl Bootstrap {
    /// Bootstraps statistics from the contributions of the sections. `sign` is -1 for a metric of
    /// which less is better.
    ///
    /// # Errors
    /// When the caller cancels.
    pub fn of_influences(
        members: &[Performance<'_>],
        sign: f64,
        resamples: &Resamples,
        cancel: Cancel<'_>,
    ) -> Result<Self, Cancelled> {
        let sections = resamples.sections() as f64;
        let rows: Vec<Vec<f64>> = members
            .iter()
            .map(|member| {
                member.influence.contributions().iter().map(|c| sign * c * sections).collect()
            })
            .collect();
        let performance = members.iter().map(|member| sign * member.value).collect();
        Self::of_centred(performance, &rows, resamples, cancel)
    }

    /// Bootstraps means from the performance of each policy in each section.
    ///
    /// # Errors
    /// When the caller cancels.
    pub fn of_sections(
        rows: &[Vec<f64>],
        resamples: &Resamples,
        cancel: Cancel<'_>,
    ) -> Result<Self, Cancelled> {
        let means: Vec<f64> =
            rows.iter().map(|row| row.iter().sum::<f64>() / row.len() as f64).collect();
        let centred: Vec<Vec<f64>> = rows
            .iter()
            .zip(&means)
            .map(|(row, mean)| row.iter().map(|x| x - mean).collect())
            .collect();
        Self::of_centred(means, &centred, resamples, cancel)
    }

    fn of_centred(
        performance: Vec<f64>,
        centred: &[Vec<f64>],
        resamples: &Resamples,
        cancel: Cancel<'_>,
    ) -> Result<Self, Cancelled> {
        let sections = resamples.sections();
        let variance = centred
            .iter()
            .map(|row| row.iter().map(|x| x * x).sum::<f64>() / sections as f64)
            .collect();
        let deviations = resamples.times.chunks_exact(sections.max(1)).map(|times| {
            cancel.check()?;
            let weights: Vec<f64> = times.iter().map(|&times| f64::from(times)).collect();
            Ok(centred.iter().map(|row| product(&weights, row) / sections as f64).collect())
        });
        Ok(Self {
            sections,
            performance,
            variance,
            deviations: deviations.collect::<Result<_, _>>()?,
        })
    }
}

/// Sums products in a fixed order that vectorises.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let ((rows_a, rest_a), (rows_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = Lanes::splat(0.0);
    for (x, y) in rows_a.iter().zip(rows_b) {
        sums = Lanes::of(|i| sums[i] + x[i] * y[i]);
    }
    sums.sum() + rest_a.iter().zip(rest_b).map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resample_draws_as_many_sections_as_there_are_each_as_likely() {
        let resamples = Resamples::draw(103, 3000);
        assert_eq!((resamples.len(), resamples.sections()), (3000, 103));
        let mut total = [0_u64; 103];
        for row in resamples.times.chunks_exact(103) {
            assert_eq!(row.iter().map(|&times| u32::from(times)).sum::<u32>(), 103);
            total.iter_mut().zip(row).for_each(|(sum, &times)| *sum += u64::from(times));
        }
        // Each has mean 3,000 and standard deviation 54.5; alpha is 1e-5 for all together.
        assert!(total.iter().all(|&times| (2700..3300).contains(&times)), "{total:?}");
        assert!(Resamples::draw(0, 5).is_empty());
    }

    #[test]
    fn deviations_are_those_of_the_drawn_sections() {
        let indices = vec![vec![0, 0, 2], vec![1, 1, 1]];
        let resamples = Resamples::of_indices(3, &indices);
        let field = Bootstrap::of_sections(&[vec![1.0, 2.0, 6.0]], &resamples, Cancel::NEVER)
            .expect("nobody cancels");
        assert_eq!((field.performance[0], field.variance[0]), (3.0, 14.0 / 3.0));
        assert!((field.deviations[0][0] - (8.0 / 3.0 - 3.0)).abs() < 1e-15);
        assert!((field.deviations[1][0] + 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_cancelled_bootstrap_has_no_field() {
        let field =
            Bootstrap::of_sections(&[vec![1.0; 4]], &Resamples::draw(4, 10), Cancel::new(&|| true));
        assert!(field.is_err());
    }
}
