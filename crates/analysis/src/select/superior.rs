//! Asks whether any policy is better than the benchmark, and which: Hansen's test of superior
//! predictive ability (2005) and the stepwise test of Romano and Wolf (2005) with its critical
//! values.

use corridor_core::numerics::ln;

use super::resample::Field;

/// What the tests say of policies against one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Superior {
    /// The largest t statistic of a policy's advantage, at least 0.
    pub statistic: f64,
    /// p-value that no policy is better: policies far worse than the benchmark are left out
    /// (Hansen's consistent one).
    pub p_value: f64,
    /// The same where all that look worse are left out: too small.
    pub p_lower: f64,
    /// The same where none is left out (White's reality check, studentised): too large.
    pub p_upper: f64,
    /// By policy: t statistic of its advantage; NaN for one that never differs from the benchmark.
    pub statistics: Vec<f64>,
    /// By policy: whether it is better, all at once with the risk asked for.
    pub better: Vec<bool>,
}

/// Tests the advantages over a benchmark: the field is of differences policy - benchmark, larger
/// being better. A policy that never differs from the benchmark is no rival.
#[must_use]
pub fn superior_predictive_ability(advantages: &Field, alpha: f64) -> Superior {
    let sections = advantages.sections as f64;
    let scale: Vec<f64> =
        advantages.variance.iter().map(|variance| (variance / sections).sqrt()).collect();
    let rivals: Vec<usize> = (0..scale.len()).filter(|&place| scale[place] > 0.0).collect();
    let t = |place: usize| advantages.performance[place] / scale[place];
    let statistic = rivals.iter().map(|&place| t(place)).fold(0.0, f64::max);
    // A policy counts as no better than the benchmark unless its t statistic is below this.
    let far_worse = -(2.0 * ln(ln(sections).max(1.0))).sqrt();
    let p_of = |centre: &dyn Fn(f64) -> f64| {
        let reached = largest(advantages, &scale, &rivals, centre)
            .into_iter()
            .filter(|&largest| largest >= statistic)
            .count();
        reached as f64 / advantages.deviations.len().max(1) as f64
    };
    let consistent = |t: f64| if t < far_worse { t } else { 0.0 };
    Superior {
        statistic,
        p_lower: p_of(&|t: f64| t.min(0.0)),
        p_value: p_of(&consistent),
        p_upper: p_of(&|_| 0.0),
        statistics: (0..scale.len())
            .map(|place| if scale[place] > 0.0 { t(place) } else { f64::NAN })
            .collect(),
        better: step_down(advantages, &scale, &rivals, &consistent, alpha),
    }
}

/// The largest t statistic of each resample, each policy's centred at what is left of its own; at
/// least 0.
fn largest(
    advantages: &Field,
    scale: &[f64],
    rivals: &[usize],
    centre: &dyn Fn(f64) -> f64,
) -> Vec<f64> {
    let centres: Vec<f64> =
        rivals.iter().map(|&place| centre(advantages.performance[place] / scale[place])).collect();
    let of_resample = |row: &Vec<f64>| {
        rivals
            .iter()
            .zip(&centres)
            .map(|(&place, centre)| row[place] / scale[place] + centre)
            .fold(0.0, f64::max)
    };
    advantages.deviations.iter().map(of_resample).collect()
}

/// Takes out what beats the critical value of those that are left, until nothing does.
fn step_down(
    advantages: &Field,
    scale: &[f64],
    rivals: &[usize],
    centre: &dyn Fn(f64) -> f64,
    alpha: f64,
) -> Vec<bool> {
    let mut better = vec![false; scale.len()];
    loop {
        let left: Vec<usize> = rivals.iter().copied().filter(|&place| !better[place]).collect();
        let mut largest = largest(advantages, scale, &left, centre);
        largest.sort_unstable_by(f64::total_cmp);
        let Some(critical) =
            crate::quantile::of_sorted(&largest, 1.0 - alpha).filter(|_| !left.is_empty())
        else {
            return better;
        };
        let found: Vec<usize> = left
            .into_iter()
            .filter(|&place| advantages.performance[place] / scale[place] > critical)
            .collect();
        if found.is_empty() {
            return better;
        }
        found.into_iter().for_each(|place| better[place] = true);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Resamples;
    use super::*;

    fn field(shifts: &[f64]) -> Field {
        let rows: Vec<Vec<f64>> = (0..)
            .zip(shifts)
            .map(|(k, shift)| {
                (0..200_u32)
                    .map(|s| f64::from(s * (7919 + 2 * k) % 211) / 211.0 - 0.5 + shift)
                    .collect()
            })
            .collect();
        Field::of_sections(&rows, &Resamples::draw(200, 500))
    }

    #[test]
    fn a_better_policy_is_found_and_worse_ones_do_not_hide_it() {
        let found = superior_predictive_ability(&field(&[0.2, -5.0, 0.0, -0.2]), 0.05);
        assert_eq!(found.better, [true, false, false, false]);
        assert!(found.p_value < 0.01 && found.statistic > 5.0, "{found:?}");
        let none = superior_predictive_ability(&field(&[-0.2, -5.0, -0.1]), 0.05);
        assert!(none.p_value > 0.5 && none.statistic == 0.0, "{none:?}");
        assert_eq!(none.better, [false; 3]);
    }

    #[test]
    fn the_three_p_values_are_in_order() {
        let found = superior_predictive_ability(&field(&[0.03, -0.4, -0.02, 0.0]), 0.05);
        assert!(found.p_lower <= found.p_value && found.p_value <= found.p_upper, "{found:?}");
    }

    #[test]
    fn what_never_differs_is_no_rival() {
        let rows = [vec![0.0; 50], vec![0.0; 50]];
        let found =
            superior_predictive_ability(&Field::of_sections(&rows, &Resamples::draw(50, 20)), 0.05);
        assert_eq!((found.statistic, found.p_value, found.better), (0.0, 1.0, vec![false, false]));
    }
}
