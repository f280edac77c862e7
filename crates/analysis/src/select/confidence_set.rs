//! Finds a set of policies that holds the best one with a given confidence: the model confidence
//! set of Hansen, Lunde and Nason (2011), with their statistic `T_max` of the largest distance
//! below the mean of the policies that are left.

use corridor_core::cancel::{Cancel, Cancelled};

use super::resample::Bootstrap;

/// A policy in the order of elimination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Eliminated {
    /// Index of the policy among those tested.
    pub policy: usize,
    /// Probability that decides membership: the set of confidence `1 - alpha` holds the policies
    /// whose p-value exceeds `alpha`.
    pub p_value: f64,
    /// The t statistic of its distance below the mean of the policies left; 0 for the last one.
    pub statistic: f64,
}

/// Eliminates the worst policy again and again. The worst comes first, the best last with a p-value
/// of 1.
///
/// # Errors
/// When the caller cancels.
pub fn model_confidence_set(
    field: &Bootstrap,
    cancel: Cancel<'_>,
) -> Result<Vec<Eliminated>, Cancelled> {
    let mut left: Vec<usize> = (0..field.performance.len()).collect();
    let mut order = Vec::with_capacity(left.len());
    let mut so_far: f64 = 0.0;
    while left.len() > 1 {
        cancel.check()?;
        let (worst, statistic, p_value) = worst_of(field, &left);
        so_far = so_far.max(p_value);
        order.push(Eliminated { policy: left.remove(worst), p_value: so_far, statistic });
    }
    order.extend(left.into_iter().map(|policy| Eliminated {
        policy,
        p_value: 1.0,
        statistic: 0.0,
    }));
    Ok(order)
}

/// Returns the index in `left` of the policy farthest below the mean, its t statistic, and the
/// share of resamples whose largest statistic exceeds it.
fn worst_of(field: &Bootstrap, left: &[usize]) -> (usize, f64, f64) {
    let of_mean =
        |values: &[f64]| left.iter().map(|&policy| values[policy]).sum::<f64>() / left.len() as f64;
    let mean = of_mean(&field.performance);
    let distances: Vec<Vec<f64>> = field
        .deviations
        .iter()
        .map(|row| {
            let mean = of_mean(row);
            left.iter().map(|&policy| mean - row[policy]).collect()
        })
        .collect();
    let resamples = distances.len().max(1) as f64;
    let scale: Vec<f64> = (0..left.len())
        .map(|place| {
            (distances.iter().map(|row| row[place] * row[place]).sum::<f64>() / resamples).sqrt()
        })
        .collect();
    // A policy without any spread about the mean of the policies left is equal to it, so it is
    // never the worst.
    let t = |distance: f64, place: usize| {
        if scale[place] > 0.0 { distance / scale[place] } else { f64::NEG_INFINITY }
    };
    let statistics: Vec<f64> = left
        .iter()
        .enumerate()
        .map(|(place, &policy)| t(mean - field.performance[policy], place))
        .collect();
    let worst = (0..left.len())
        .fold(0, |worst, place| if statistics[place] > statistics[worst] { place } else { worst });
    let statistic = statistics[worst];
    if statistic == f64::NEG_INFINITY {
        return (worst, 0.0, 1.0);
    }
    let largest = |row: &Vec<f64>| {
        row.iter()
            .enumerate()
            .map(|(place, &distance)| t(distance, place))
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let reached = distances.iter().filter(|row| largest(row) > statistic).count();
    (worst, statistic, reached as f64 / resamples)
}

#[cfg(test)]
mod tests {
    use super::super::Resamples;
    use super::*;

    fn confidence_set(rows: &[Vec<f64>], resamples: usize) -> Vec<Eliminated> {
        let resamples = Resamples::draw(rows[0].len(), resamples);
        Bootstrap::of_sections(rows, &resamples, Cancel::NEVER)
            .and_then(|field| model_confidence_set(&field, Cancel::NEVER))
            .expect("nobody cancels")
    }

    #[test]
    fn clear_losers_go_first_and_equals_stay() {
        let noise = |k: u32, s: u32| f64::from(s * (7919 + 2 * k) % 211) / 211.0;
        let rows: Vec<Vec<f64>> = (0..)
            .zip([0.0, -1.0, 0.001, -3.0])
            .map(|(k, shift)| (0..300).map(|s| noise(k, s) + shift).collect())
            .collect();
        let order = confidence_set(&rows, 500);
        assert_eq!([order[0].policy, order[1].policy], [3, 1]);
        assert_eq!([order[0].p_value, order[1].p_value], [0.0, 0.0]);
        assert!(order[2].p_value > 0.1 && order[3].p_value == 1.0, "{order:?}");
    }

    #[test]
    fn identical_policies_are_all_in_the_set() {
        let rows = vec![vec![1.0, 2.0, 3.0]; 3];
        let order = confidence_set(&rows, 50);
        assert!(order.iter().all(|one| one.p_value == 1.0), "{order:?}");
    }
}
