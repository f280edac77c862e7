//! Draws sections with replacement and averages the performance of every policy over them.

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::random::philox;

use crate::compare::Influence;
use crate::lanes::{LANES, Lanes};

/// Resamples of a run's tests: a p-value of 5 % is known to half a point.
pub const RESAMPLES: usize = 2000;

/// Words of the key under which sections are drawn: the study's seed moves paths, not how they are
/// drawn again.
const KEY: [u32; 2] = [0x7265_7361, 0x6d70_6c65];

/// How often each section stands in each resample.
#[derive(Clone, Debug)]
pub struct Resamples {
    sections: usize,
    times: Vec<u8>,
}

impl Resamples {
    /// As many draws as there are sections, with replacement, again and again.
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

    /// The resamples that these lists of sections make: how another program drew them.
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

    /// Number of resamples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len().checked_div(self.sections).unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of sections that are drawn from.
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

/// The performance of policies, larger being better, and how it moves from resample to resample.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// Sections behind each performance.
    pub sections: usize,
    /// By policy.
    pub performance: Vec<f64>,
    /// By policy: variance over sections, divisor their number.
    pub variance: Vec<f64>,
    /// By resample, then by policy: its mean less the mean of all sections.
    pub deviations: Vec<Vec<f64>>,
}

impl Bootstrap {
    /// From performances and what the sections contribute to them; `sign` turns a metric of which
    /// less is better.
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

    /// From the performance of each policy in each section.
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

/// The sum of products, in a fixed order that vectorises.
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
        // 3,000 +- 54.5 each; alpha 1e-5 for all together
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
