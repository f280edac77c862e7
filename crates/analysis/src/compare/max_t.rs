//! Finds the joint law of many t statistics from the sections: the size of the largest of them when
//! no policy differs from its baseline.
//!
//! Errors of differences on the same paths are correlated, often beyond 0.9, because the policies
//! of a sweep hardly differ from each other; Bonferroni's bound ignores that. The null law used
//! here is the normal law with the correlation that the sections show: a Gaussian multiplier
//! bootstrap (Chernozhukov, Chetverikov and Kato 2013). Simultaneous intervals take the quantile of
//! its largest coordinate, and step-down p-values follow Romano and Wolf (2005).

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::normal_pair;
use corridor_core::random::philox;

use crate::interval::{normal_critical, normal_p_value};

use super::holm;
use super::influence::Influence;

/// Number of draws from the null law: a probability of 5 % has a standard error of 0.3 points.
pub const DRAWS: usize = 4096;

/// Number of draws side by side.
const LANES: usize = 16;

/// Largest family with a joint law; larger ones fall back on Bonferroni and Holm.
pub const FAMILY_MAX: usize = 256;

/// Key of the random draws. It does not depend on the study's seed, which moves paths and not the
/// law by which they are judged.
const KEY: [u32; 2] = [0x6d61_785f, 0x7421];

/// Independent standard normals, shared by all families of an analysis.
#[derive(Clone, Debug)]
pub struct Normals {
    width: usize,
    /// `[group of draws][place][draw]`.
    values: Vec<[f32; LANES]>,
}

impl Normals {
    /// Draws enough for families of up to `family` members.
    #[must_use]
    pub fn new(family: usize) -> Self {
        let width = family.min(FAMILY_MAX).next_multiple_of(4);
        let mut values = vec![[0.0; LANES]; DRAWS / LANES * width];
        for draw in 0..DRAWS {
            let group = &mut values[draw / LANES * width..][..width];
            for (place, four) in group.chunks_exact_mut(4).enumerate() {
                let [a, b, c, d] = philox([draw as u32, place as u32, 0, 0], KEY);
                let ((w, x), (y, z)) = (normal_pair(a, b), normal_pair(c, d));
                for (lanes, value) in four.iter_mut().zip([w, x, y, z]) {
                    lanes[draw % LANES] = value;
                }
            }
        }
        Self { width, values }
    }

    /// Iterates over groups of draws, in order.
    fn groups(&self) -> impl Iterator<Item = &[[f32; LANES]]> {
        self.values.chunks_exact(self.width.max(1))
    }
}

/// Multiplies a row of weights by some draws of the normals, and takes magnitudes. Sums are over
/// places in their order.
struct Magnitudes<'a> {
    weights: &'a [f64],
    normals: &'a [[f32; LANES]],
}

impl Kernel for Magnitudes<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run(self) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        for (weight, normals) in self.weights.iter().zip(self.normals) {
            for lane in 0..LANES {
                sums[lane] += weight * f64::from(normals[lane]);
            }
        }
        sums.map(f64::abs)
    }
}

/// The joint law of the t statistics of a family if no policy differs from its baseline.
#[derive(Clone, Debug)]
pub struct NullLaw {
    members: usize,
    /// Magnitude of the statistic of each member, draw by draw.
    magnitudes: Vec<f64>,
    /// Number of comparisons made elsewhere to answer the same question.
    further: f64,
}

impl NullLaw {
    /// Draws from the law of the statistics with these contributions of sections. `further`
    /// comparisons were made elsewhere; they take a Bonferroni share of the risk. `None` if there
    /// are no sections or the family is larger than the draws.
    ///
    /// # Errors
    /// When the caller cancels.
    pub fn new(
        influences: &[&Influence],
        further: u64,
        normals: &Normals,
        cancel: Cancel<'_>,
    ) -> Result<Option<Self>, Cancelled> {
        let members = influences.len();
        if members == 0
            || members > normals.width
            || influences.iter().any(|influence| influence.len() < 2)
        {
            return Ok(None);
        }
        let root = root_of_correlation(influences, cancel)?;
        let level = Level::best();
        let mut magnitudes = vec![0.0; DRAWS * members];
        for (normals, draws) in normals.groups().zip(magnitudes.chunks_exact_mut(LANES * members)) {
            cancel.check()?;
            for (member, weights) in root.iter().enumerate() {
                let found = level.run(Magnitudes { weights, normals });
                for (draw, magnitude) in draws.chunks_exact_mut(members).zip(found) {
                    draw[member] = magnitude;
                }
            }
        }
        Ok(Some(Self { members, magnitudes, further: further as f64 }))
    }

    /// Returns the two-sided risk of each interval at which one or more of them miss with
    /// probability `alpha`: between `alpha` over their number (Bonferroni) and `alpha`.
    #[must_use]
    pub fn risk_of_each(&self, alpha: f64) -> f64 {
        if self.members == 1 && self.further == 0.0 {
            return alpha;
        }
        let (mut low, mut high) =
            (normal_critical(alpha), normal_critical(alpha / (self.members as f64 + self.further)));
        // The largest statistics of the draws that lie between `low` and `high`, and the number of
        // those beyond `high`; the others do not matter any more.
        let largest = self.draws().map(|draw| draw.iter().copied().fold(0.0, f64::max));
        let mut between: Vec<f64> = largest.filter(|&m| m > low).collect();
        let mut beyond = take_beyond(high, &mut between).len();
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let upper = take_beyond(middle, &mut between);
            let share = (beyond + upper.len()) as f64 / DRAWS as f64;
            if share + self.further * normal_p_value(middle) > alpha {
                (low, between) = (middle, upper);
            } else {
                (high, beyond) = (middle, beyond + upper.len());
            }
        }
        normal_p_value(high)
    }

    /// Adjusts two-sided p-values, one per member. None exceeds Holm's, which needs no draws and so
    /// resolves the smallest p-values.
    #[must_use]
    pub fn step_down(&self, p_values: &[f64]) -> Vec<f64> {
        let holm = holm::adjust(p_values, self.further);
        let z: Vec<f64> =
            p_values.iter().map(|&p| normal_critical(p.max(f64::MIN_POSITIVE))).collect();
        let mut order: Vec<usize> = (0..p_values.len()).collect();
        order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
        let mut reached = vec![0_u32; order.len()];
        for draw in self.draws() {
            let mut largest: f64 = 0.0;
            for (rank, &member) in order.iter().enumerate().rev() {
                largest = largest.max(draw[member]);
                reached[rank] += u32::from(largest >= z[member]);
            }
        }
        let mut adjusted = vec![1.0; p_values.len()];
        let mut so_far: f64 = 0.0;
        for (&member, reached) in order.iter().zip(reached) {
            let p = f64::from(reached + 1) / (DRAWS + 1) as f64 + self.further * p_values[member];
            so_far = so_far.max(p.min(1.0));
            adjusted[member] = so_far.min(holm[member]).max(p_values[member]);
        }
        adjusted
    }

    fn draws(&self) -> std::slice::ChunksExact<'_, f64> {
        self.magnitudes.chunks_exact(self.members)
    }
}

/// Takes the values beyond a limit out of a list.
fn take_beyond(limit: f64, values: &mut Vec<f64>) -> Vec<f64> {
    let (beyond, rest) = values.iter().partition(|&&value| value > limit);
    *values = rest;
    beyond
}

/// Returns a root of the correlation of the contributions: a matrix whose product with its
/// transpose is the correlation. Cholesky's method with pivots ends early where some differences
/// are combinations of others.
fn root_of_correlation(
    influences: &[&Influence],
    cancel: Cancel<'_>,
) -> Result<Vec<Vec<f64>>, Cancelled> {
    let members = influences.len();
    let correlation = |a: usize, b: usize| {
        if a == b { 1.0 } else { influences[a].correlation(influences[b]).unwrap_or(0.0) }
    };
    let mut root = vec![Vec::new(); members];
    let mut left = vec![1.0_f64; members];
    for _ in 0..members {
        cancel.check()?;
        let pivot = (0..members)
            .fold(0, |best, member| if left[member] > left[best] { member } else { best });
        if left[pivot] < 1e-10 {
            break;
        }
        let scale = left[pivot].sqrt();
        let pivot_row: Vec<f64> = root[pivot].clone();
        for member in 0..members {
            let product: f64 = root[member].iter().zip(&pivot_row).map(|(a, b)| a * b).sum();
            let weight = if left[member] == 0.0 {
                0.0
            } else {
                (correlation(member, pivot) - product) / scale
            };
            root[member].push(weight);
            left[member] =
                if member == pivot { 0.0 } else { (left[member] - weight * weight).max(0.0) };
        }
    }
    Ok(root)
}
