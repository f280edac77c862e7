//! Finds a set of policies that holds the best one with a given confidence: the model confidence
//! set of Hansen, Lunde and Nason (2011), with their statistic `T_max` of the largest distance
//! below the mean of the policies that are left.

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::{Kernel, Level};

use super::resample::Bootstrap;

/// Number of resamples side by side.
const LANES: usize = 16;

/// A number for each of some resamples.
type Lanes = [f64; LANES];

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
    let mut rivals = Rivals::of(field);
    let mut order = Vec::with_capacity(rivals.left.len());
    let mut so_far: f64 = 0.0;
    while rivals.left.len() > 1 {
        cancel.check()?;
        let (worst, statistic, p_value) = rivals.worst();
        so_far = so_far.max(p_value);
        order.push(Eliminated { policy: rivals.left.remove(worst), p_value: so_far, statistic });
    }
    order.extend(rivals.left.into_iter().map(|policy| Eliminated {
        policy,
        p_value: 1.0,
        statistic: 0.0,
    }));
    Ok(order)
}

/// The policies that are left, with the deviations of all. Each elimination passes over them twice,
/// which is most of the work of a wide analysis, so they are kept several resamples side by side.
struct Rivals<'a> {
    level: Level,
    performance: &'a [f64],
    /// `[group of resamples][policy][resample]`.
    groups: Vec<Vec<Lanes>>,
    resamples: usize,
    /// Policies in the order of the field.
    left: Vec<usize>,
}

impl<'a> Rivals<'a> {
    fn of(field: &'a Bootstrap) -> Self {
        let policies = field.performance.len();
        let group = |rows: &[Vec<f64>]| {
            let of_policy = |policy: usize| {
                std::array::from_fn(|lane| rows.get(lane).map_or(0.0, |row| row[policy]))
            };
            (0..policies).map(of_policy).collect()
        };
        Self {
            level: Level::best(),
            performance: &field.performance,
            groups: field.deviations.chunks(LANES).map(group).collect(),
            resamples: field.deviations.len(),
            left: (0..policies).collect(),
        }
    }

    /// Returns the place of the policy farthest below the mean among those left, its t statistic, and
    /// the share of resamples whose largest statistic exceeds it.
    fn worst(&self) -> (usize, f64, f64) {
        let resamples = self.resamples.max(1) as f64;
        let (means, squares) = self.spread();
        let scale: Vec<f64> = squares.into_iter().map(|sum| (sum / resamples).sqrt()).collect();
        // A policy without any spread about the mean of the policies left is equal to it, so it is
        // never the worst.
        let t = |distance: f64, place: usize| {
            if scale[place] > 0.0 { distance / scale[place] } else { f64::NEG_INFINITY }
        };
        let left = &self.left;
        let of_left = left.iter().map(|&policy| self.performance[policy]);
        let mean = of_left.clone().sum::<f64>() / left.len() as f64;
        let statistics: Vec<f64> =
            of_left.enumerate().map(|(place, performance)| t(mean - performance, place)).collect();
        let worst = (0..left.len()).fold(0, |worst, place| {
            if statistics[place] > statistics[worst] { place } else { worst }
        });
        let statistic = statistics[worst];
        if statistic == f64::NEG_INFINITY {
            return (worst, 0.0, 1.0);
        }
        let reached: usize = self
            .groups
            .iter()
            .zip(&means)
            .enumerate()
            .map(|(index, (group, &mean))| {
                let reach = Reach { group, left, mean, statistic, scale: &scale };
                let reached = self.level.run(reach);
                reached[..self.lanes_of(index)].iter().filter(|&&is_reached| is_reached).count()
            })
            .sum();
        (worst, statistic, reached as f64 / resamples)
    }

    /// Returns the mean of the policies left in each resample, and for each of them the sum over
    /// resamples of its squared distance from that mean.
    fn spread(&self) -> (Vec<Lanes>, Vec<f64>) {
        let mut squares = vec![0.0; self.left.len()];
        let means = self.groups.iter().enumerate().map(|(index, group)| {
            let lanes = self.lanes_of(index);
            self.level.run(Spread { group, left: &self.left, lanes, squares: &mut squares })
        });
        let means = means.collect();
        (means, squares)
    }

    /// Number of resamples in a group: the last may be shorter.
    fn lanes_of(&self, group: usize) -> usize {
        LANES.min(self.resamples - group * LANES)
    }
}

/// Finds the mean of the policies left in some resamples and adds up their squared distances from it.
/// Sums are over policies in their order, and over resamples in theirs.
struct Spread<'a> {
    group: &'a [Lanes],
    left: &'a [usize],
    lanes: usize,
    squares: &'a mut [f64],
}

impl Kernel for Spread<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn run(self) -> Lanes {
        let Self { group, left, lanes, squares } = self;
        let mut mean = [0.0; LANES];
        for &policy in left {
            let row = &group[policy];
            for lane in 0..LANES {
                mean[lane] += row[lane];
            }
        }
        mean = mean.map(|sum| sum / left.len() as f64);
        for (&policy, sum) in left.iter().zip(squares) {
            let row = &group[policy];
            let distance: Lanes = std::array::from_fn(|lane| mean[lane] - row[lane]);
            for distance in &distance[..lanes] {
                *sum += distance * distance;
            }
        }
        mean
    }
}

/// Tells in which resamples the t statistic of some policy exceeds a statistic.
struct Reach<'a> {
    group: &'a [Lanes],
    left: &'a [usize],
    mean: Lanes,
    statistic: f64,
    scale: &'a [f64],
}

/// Relative distance beyond which a product tells what a quotient would.
const NEAR: f64 = 1e-12;

impl Kernel for Reach<'_> {
    type Output = [bool; LANES];

    #[inline(always)]
    fn run(self) -> [bool; LANES] {
        let Self { group, left, mean, statistic, scale } = self;
        let (mut is_above, mut is_near) = ([false; LANES], [false; LANES]);
        for (&policy, &scale) in left.iter().zip(scale) {
            let row = &group[policy];
            // a policy without spread has no statistic
            let bound = if scale > 0.0 { statistic * scale } else { f64::INFINITY };
            let slack = NEAR * bound.abs();
            for lane in 0..LANES {
                let distance = mean[lane] - row[lane];
                is_above[lane] |= distance > bound + slack;
                is_near[lane] |= distance > bound - slack;
            }
            if is_above == [true; LANES] {
                break;
            }
        }
        for lane in 0..LANES {
            if is_near[lane] && !is_above[lane] {
                is_above[lane] = left.iter().zip(scale).any(|(&policy, &scale)| {
                    scale > 0.0 && (mean[lane] - group[policy][lane]) / scale > statistic
                });
            }
        }
        is_above
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::random::philox;

    use super::super::Resamples;
    use super::*;

    fn confidence_set(rows: &[Vec<f64>], resamples: usize) -> Vec<Eliminated> {
        let resamples = Resamples::draw(rows[0].len(), resamples);
        Bootstrap::of_sections(rows, &resamples, Cancel::NEVER)
            .and_then(|field| model_confidence_set(&field, Cancel::NEVER))
            .expect("nobody cancels")
    }

    /// The definition, one resample after another.
    fn by_definition(field: &Bootstrap) -> Vec<Eliminated> {
        let mut left: Vec<usize> = (0..field.performance.len()).collect();
        let mut order = Vec::new();
        let mut so_far: f64 = 0.0;
        while left.len() > 1 {
            let of_mean = |values: &[f64]| {
                left.iter().map(|&policy| values[policy]).sum::<f64>() / left.len() as f64
            };
            let distances = |row: &[f64]| -> Vec<f64> {
                let mean = of_mean(row);
                left.iter().map(|&policy| mean - row[policy]).collect()
            };
            let drawn: Vec<Vec<f64>> = field.deviations.iter().map(|row| distances(row)).collect();
            let resamples = drawn.len() as f64;
            let scale: Vec<f64> = (0..left.len())
                .map(|place| drawn.iter().map(|row| row[place] * row[place]).sum::<f64>())
                .map(|sum| (sum / resamples).sqrt())
                .collect();
            let largest = |row: &[f64]| {
                let ts = row.iter().zip(&scale).enumerate();
                ts.map(|(place, (d, scale))| {
                    (if *scale > 0.0 { d / scale } else { f64::NEG_INFINITY }, place)
                })
                .fold((f64::NEG_INFINITY, 0), |most, one| if one.0 > most.0 { one } else { most })
            };
            let (statistic, worst) = largest(&distances(&field.performance));
            let (statistic, p_value) = if statistic == f64::NEG_INFINITY {
                (0.0, 1.0)
            } else {
                let reached = drawn.iter().filter(|row| largest(row).0 > statistic).count();
                (statistic, reached as f64 / resamples)
            };
            so_far = so_far.max(p_value);
            order.push(Eliminated { policy: left.remove(worst), p_value: so_far, statistic });
        }
        order.push(Eliminated { policy: left[0], p_value: 1.0, statistic: 0.0 });
        order
    }

    #[test]
    fn several_resamples_at_a_time_say_what_the_definition_says() {
        let noise = |k: usize, s: usize| {
            let word = philox([k as u32, s as u32, 0, 0], [7, 7])[0];
            f64::from(word) / 2f64.powi(32)
        };
        // 203 resamples fill no group of lanes; policies 3 and 4 are equal, 5 is one far off
        let shift = |k: usize| if k == 5 { -0.4 } else { 0.01 * k as f64 };
        let rows: Vec<Vec<f64>> = (0..23)
            .map(|k| if k == 4 { 3 } else { k })
            .map(|k| (0..97).map(|s| noise(k, s) + noise(99, s) + shift(k)).collect())
            .collect();
        let resamples = Resamples::draw(97, 203);
        let field = Bootstrap::of_sections(&rows, &resamples, Cancel::NEVER).unwrap();
        let found = model_confidence_set(&field, Cancel::NEVER).unwrap();
        assert_eq!(found, by_definition(&field));
        assert!(found.iter().any(|one| one.p_value > 0.05 && one.p_value < 0.95), "{found:?}");
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
