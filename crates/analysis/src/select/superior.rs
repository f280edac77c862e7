//! Tests whether any policy is better than the benchmark, and which ones are: the test of superior
//! predictive ability of Hansen (2005), and the stepwise test of Romano and Wolf (2005) with
//! critical values centred in the same way.

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::numerics::ln;

use super::resample::Bootstrap;

/// Test results of several policies against one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Superior {
    /// The largest t statistic of a policy's advantage, at least 0.
    pub statistic: f64,
    /// p-value of the hypothesis that no policy is better, with policies far worse than the
    /// benchmark left out: the consistent one of Hansen.
    pub p_value: f64,
    /// p-value with all policies left out that look worse than the benchmark: a lower bound.
    pub p_lower: f64,
    /// p-value with no policy left out: an upper bound, the studentised reality check of White
    /// (2000).
    pub p_upper: f64,
    /// The t statistic of each policy's advantage; NaN for one that never differs from the
    /// benchmark.
    pub statistics: Vec<f64>,
    /// Whether each policy is better; the risk of one or more errors is the one asked for.
    pub better: Vec<bool>,
}

/// Tests the advantages of policies over a benchmark: `advantages` is the field of the differences
/// policy - benchmark, larger being better. `alpha` is the risk that any policy is wrongly called
/// better. A policy that never differs from the benchmark is left out.
///
/// # Errors
/// When the caller cancels.
pub fn superior_predictive_ability(
    advantages: &Bootstrap,
    alpha: f64,
    cancel: Cancel<'_>,
) -> Result<Superior, Cancelled> {
    let test = Test::of(advantages, cancel);
    let statistic = test.rivals.iter().map(|&place| test.t(place)).fold(0.0, f64::max);
    // The threshold of Hansen (2005): a policy farther below the benchmark does not count.
    let far_worse = -(2.0 * ln(ln(advantages.sections as f64).max(1.0))).sqrt();
    let p_of = |centre: &dyn Fn(f64) -> f64| {
        let reached = test
            .largest(&test.rivals, centre)?
            .into_iter()
            .filter(|&largest| largest >= statistic)
            .count();
        Ok(reached as f64 / advantages.deviations.len().max(1) as f64)
    };
    let consistent = |t: f64| if t < far_worse { t } else { 0.0 };
    Ok(Superior {
        statistic,
        p_lower: p_of(&|t: f64| t.min(0.0))?,
        p_value: p_of(&consistent)?,
        p_upper: p_of(&|_| 0.0)?,
        statistics: (0..test.scale.len())
            .map(|place| if test.scale[place] > 0.0 { test.t(place) } else { f64::NAN })
            .collect(),
        better: test.step_down(&consistent, alpha)?,
    })
}

/// Advantages over a benchmark and their standard errors.
struct Test<'a> {
    advantages: &'a Bootstrap,
    /// Standard error of each advantage.
    scale: Vec<f64>,
    /// Places of the policies that differ from the benchmark.
    rivals: Vec<usize>,
    cancel: Cancel<'a>,
}

impl<'a> Test<'a> {
    fn of(advantages: &'a Bootstrap, cancel: Cancel<'a>) -> Self {
        let sections = advantages.sections as f64;
        let scale: Vec<f64> =
            advantages.variance.iter().map(|variance| (variance / sections).sqrt()).collect();
        let rivals = (0..scale.len()).filter(|&place| scale[place] > 0.0).collect();
        Self { advantages, scale, rivals, cancel }
    }

    /// The t statistic of an advantage.
    fn t(&self, place: usize) -> f64 {
        self.advantages.performance[place] / self.scale[place]
    }

    /// The largest t statistic of some policies in each resample, at least 0. `centre` maps a
    /// policy's own statistic to the mean of its null law.
    fn largest(
        &self,
        rivals: &[usize],
        centre: &dyn Fn(f64) -> f64,
    ) -> Result<Vec<f64>, Cancelled> {
        let centres: Vec<f64> = rivals.iter().map(|&place| centre(self.t(place))).collect();
        let of_resample = |row: &Vec<f64>| {
            rivals
                .iter()
                .zip(&centres)
                .map(|(&place, centre)| row[place] / self.scale[place] + centre)
                .fold(0.0, f64::max)
        };
        self.cancel.check()?;
        Ok(self.advantages.deviations.iter().map(of_resample).collect())
    }

    /// Rejects the policies that exceed the critical value of those that are left, again and again
    /// until none does.
    fn step_down(&self, centre: &dyn Fn(f64) -> f64, alpha: f64) -> Result<Vec<bool>, Cancelled> {
        let mut better = vec![false; self.scale.len()];
        loop {
            let left: Vec<usize> =
                self.rivals.iter().copied().filter(|&place| !better[place]).collect();
            let mut largest = self.largest(&left, centre)?;
            largest.sort_unstable_by(f64::total_cmp);
            let Some(critical) =
                crate::quantile::of_sorted(&largest, 1.0 - alpha).filter(|_| !left.is_empty())
            else {
                return Ok(better);
            };
            let found: Vec<usize> =
                left.into_iter().filter(|&place| self.t(place) > critical).collect();
            if found.is_empty() {
                return Ok(better);
            }
            found.into_iter().for_each(|place| better[place] = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Resamples;
    use super::*;

    fn field(shifts: &[f64]) -> Bootstrap {
        let rows: Vec<Vec<f64>> = (0..)
            .zip(shifts)
            .map(|(k, shift)| {
                (0..200_u32)
                    .map(|s| f64::from(s * (7919 + 2 * k) % 211) / 211.0 - 0.5 + shift)
                    .collect()
            })
            .collect();
        of_sections(&rows, 500)
    }

    fn of_sections(rows: &[Vec<f64>], resamples: usize) -> Bootstrap {
        let resamples = Resamples::draw(rows[0].len(), resamples);
        Bootstrap::of_sections(rows, &resamples, Cancel::NEVER).expect("nobody cancels")
    }

    fn test(advantages: &Bootstrap) -> Superior {
        superior_predictive_ability(advantages, 0.05, Cancel::NEVER).expect("nobody cancels")
    }

    #[test]
    fn a_better_policy_is_found_and_worse_ones_do_not_hide_it() {
        let found = test(&field(&[0.2, -5.0, 0.0, -0.2]));
        assert_eq!(found.better, [true, false, false, false]);
        assert!(found.p_value < 0.01 && found.statistic > 5.0, "{found:?}");
        let none = test(&field(&[-0.2, -5.0, -0.1]));
        assert!(none.p_value > 0.5 && none.statistic == 0.0, "{none:?}");
        assert_eq!(none.better, [false; 3]);
    }

    #[test]
    fn the_three_p_values_are_in_order() {
        let found = test(&field(&[0.03, -0.4, -0.02, 0.0]));
        assert!(found.p_lower <= found.p_value && found.p_value <= found.p_upper, "{found:?}");
    }

    #[test]
    fn a_policy_that_never_differs_is_left_out() {
        let rows = [vec![0.0; 50], vec![0.0; 50]];
        let found = test(&of_sections(&rows, 20));
        assert_eq!((found.statistic, found.p_value, found.better), (0.0, 1.0, vec![false, false]));
    }
}
