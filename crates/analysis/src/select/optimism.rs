//! Chooses the best policy on one half of the paths and estimates its lead again on the other half.
//!
//! The best of many policies looks better on the paths it was chosen on than it is. The difference
//! between the two halves is the optimism of the choice (Efron 1983). The estimate on half of the
//! sections is that on all of them, moved by the contributions of these sections.

use super::resample::Performance;

/// A policy chosen on one half of the paths, and its lead on both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// Index of the policy that leads on the first half.
    pub policy: usize,
    /// Lead over the benchmark on the first half, in the metric's unit.
    pub lead_chosen: f64,
    /// Lead on the other half, in the metric's unit.
    pub lead_fresh: f64,
    /// Standard error of `lead_fresh`.
    pub lead_fresh_error: f64,
    /// Lead on the first half less lead on the other half.
    pub optimism: f64,
    /// Standard error of `optimism`.
    pub optimism_error: f64,
}

/// Chooses among the leads over a benchmark. `sign` is -1 if less of the metric is better, else 1;
/// leads of the result are positive where the policy is better. `None` without policies or with
/// fewer than four sections.
#[must_use]
pub fn choose(advantages: &[Performance<'_>], sign: f64) -> Option<Choice> {
    let sections = advantages.first()?.influence.len();
    let half = sections / 2;
    if half < 2 {
        return None;
    }
    let halves = |lead: &Performance<'_>| {
        let (first, second) = lead.influence.contributions().split_at(half);
        [first, second].map(|part| {
            Half::of(sign * lead.value, part, sign * sections as f64 / part.len() as f64)
        })
    };
    let all: Vec<[Half; 2]> = advantages.iter().map(halves).collect();
    let policy = (0..all.len()).reduce(|best, policy| {
        if all[policy][0].value > all[best][0].value { policy } else { best }
    })?;
    let [chosen, fresh] = all[policy];
    Some(Choice {
        policy,
        lead_chosen: chosen.value,
        lead_fresh: fresh.value,
        lead_fresh_error: fresh.error,
        optimism: chosen.value - fresh.value,
        optimism_error: (chosen.error * chosen.error + fresh.error * fresh.error).sqrt(),
    })
}

/// An estimate from part of the sections.
#[derive(Clone, Copy)]
struct Half {
    value: f64,
    error: f64,
}

impl Half {
    /// Estimates a part from the whole; `weight` scales the contributions to the whole up to the
    /// part.
    fn of(whole: f64, contributions: &[f64], weight: f64) -> Self {
        let n = contributions.len() as f64;
        let moved: f64 = contributions.iter().map(|c| weight * c).sum();
        let squares: f64 =
            contributions.iter().map(|c| (weight * c - moved / n) * (weight * c - moved / n)).sum();
        Self { value: whole + moved, error: (squares * n / (n - 1.0)).sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};
    use rand_distr::StandardNormal;

    use super::*;
    use crate::compare::Influence;

    fn normals(rng: &mut ChaCha8Rng, n: usize) -> Vec<f64> {
        (0..n).map(|_| rng.sample(StandardNormal)).collect()
    }

    #[test]
    fn a_half_is_the_mean_of_its_paths() {
        let values = normals(&mut ChaCha8Rng::seed_from_u64(1), 40);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let lead = Performance { value: mean(&values), influence: &Influence::of_values(&values) };
        let found = choose(&[lead], 1.0).expect("a policy");
        let (first, second) = values.split_at(20);
        assert!(
            (found.lead_chosen - mean(first)).abs() < 1e-14
                && (found.lead_fresh - mean(second)).abs() < 1e-14
        );
        let squares: f64 = second.iter().map(|x| (x - mean(second)).powi(2)).sum();
        assert!((found.lead_fresh_error - (squares / 19.0 / 20.0).sqrt()).abs() < 1e-14);
    }

    /// Seed 2, 500 fields of twenty policies that are all alike: the chosen one leads by the
    /// largest of twenty normals, 1.867 standard errors of a half, and on the other half by
    /// nothing. |z| < 4.
    #[test]
    fn the_best_of_twenty_equals_leads_where_it_was_chosen_and_nowhere_else() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (mut chosen, mut fresh) = (Vec::new(), Vec::new());
        for _ in 0..500 {
            let fields: Vec<Vec<f64>> = (0..20).map(|_| normals(&mut rng, 100)).collect();
            let influences: Vec<Influence> =
                fields.iter().map(|values| Influence::of_values(values)).collect();
            let means: Vec<f64> =
                fields.iter().map(|values| values.iter().sum::<f64>() / 100.0).collect();
            let advantages: Vec<Performance<'_>> = means
                .iter()
                .zip(&influences)
                .map(|(&value, influence)| Performance { value, influence })
                .collect();
            for sign in [1.0, -1.0] {
                let found = choose(&advantages, sign).expect("policies");
                chosen.push(found.lead_chosen * 50_f64.sqrt());
                fresh.push(found.lead_fresh / found.lead_fresh_error);
            }
        }
        let z = |values: &[f64], mean: f64, sd: f64| {
            (values.iter().sum::<f64>() / values.len() as f64 - mean)
                / (sd / (values.len() as f64).sqrt())
        };
        assert!(
            z(&chosen, 1.867, 0.525).abs() < 4.0 && z(&fresh, 0.0, 1.0).abs() < 4.0,
            "{} {}",
            z(&chosen, 1.867, 0.525),
            z(&fresh, 0.0, 1.0)
        );
    }

    #[test]
    fn without_sections_or_policies_nothing_is_chosen() {
        assert_eq!(choose(&[], 1.0), None);
        let influence = &Influence::of_values(&[1.0, 2.0]);
        assert_eq!(choose(&[Performance { value: 1.0, influence }], 1.0), None);
    }
}
