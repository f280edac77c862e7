//! Tests random words and normals against the laws they should have, and against an independent
//! generator.
//!
//! Each test states its alpha, the probability that a correct generator fails it; critical values
//! follow from it. Seeds are fixed, so a test that passes once always passes. `CORRIDOR_LONG` in
//! the environment multiplies sample sizes by 10.

use corridor_core::lanes::Row;
use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{ln, normal_cdf, normal_pair};
use corridor_core::random::{Paths, Stream, fill_words, words};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Normal, Poisson};

const L: usize = 64;

/// Returns the factor on all sample sizes.
fn scale() -> usize {
    if std::env::var_os("CORRIDOR_LONG").is_some() { 10 } else { 1 }
}

/// Returns the critical distance of a Kolmogorov-Smirnov test with an effective sample of `n`, from
/// the first term of Kolmogorov's law.
fn ks_critical(alpha: f64, n: f64) -> f64 {
    (-0.5 * ln(alpha / 2.0) / n).sqrt()
}

fn chi_square_critical(alpha: f64, df: f64) -> f64 {
    ChiSquared::new(df).expect("df above 0").inverse_cdf(1.0 - alpha)
}

/// Returns the two-sided critical value of the largest of `tests` standard normals, by Bonferroni's
/// bound.
fn z_critical(alpha: f64, tests: usize) -> f64 {
    Normal::standard().inverse_cdf(1.0 - alpha / 2.0 / tests as f64)
}

/// Returns the chi-square statistic of counts against equal expectations.
fn chi_square(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    counts.iter().map(|&c| (c as f64 - expected) * (c as f64 - expected) / expected).sum()
}

/// Kernel that draws the four normals at one place of 64 paths.
struct Normals {
    seed: u64,
    first_path: u64,
    place: u32,
}

impl Kernel for Normals {
    type Output = [Row<f32, L>; 4];

    #[inline(always)]
    fn run(self) -> [Row<f32, L>; 4] {
        let mut rows = [Row::<u32, L>::splat(0); 4];
        fill_words(
            Paths::single(self.seed, self.first_path),
            self.place,
            Stream::Innovations,
            &mut rows,
        );
        let mut out = [Row::<f32, L>::splat(0.0); 4];
        for l in 0..L {
            (out[0][l], out[1][l]) = normal_pair(rows[0][l], rows[1][l]);
            (out[2][l], out[3][l]) = normal_pair(rows[2][l], rows[3][l]);
        }
        out
    }
}

/// Visits normals of 64 paths at a time: at least `count` of them, 1,024 places per path.
fn visit_normals(seed: u64, count: usize, mut visit: impl FnMut(&[Row<f32, L>; 4])) {
    let (level, blocks) = (Level::best(), count.div_ceil(4 * L));
    for block in 0..blocks as u64 {
        visit(&level.run(Normals {
            seed,
            first_path: block / 1024 * L as u64,
            place: (block % 1024) as u32,
        }));
    }
}

fn sample(seed: u64, count: usize) -> Vec<f64> {
    let mut out = Vec::with_capacity(count + 4 * L);
    visit_normals(seed, count, |rows| {
        out.extend(rows.iter().flat_map(|row| row.iter().map(|&z| f64::from(z))))
    });
    out
}

/// Alpha 1e-4, seed 1.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn normals_pass_kolmogorov_and_smirnov() {
    let mut z = sample(1, 2_000_000 * scale());
    z.sort_unstable_by(f64::total_cmp);
    let n = z.len() as f64;
    let distance = z.iter().enumerate().map(|(k, &x)| {
        let p = normal_cdf(x);
        (p - k as f64 / n).max((k + 1) as f64 / n - p)
    });
    let (distance, critical) = (distance.fold(0.0, f64::max), ks_critical(1e-4, n));
    println!("distance {distance:.3e}, critical {critical:.3e}");
    assert!(distance < critical);
}

/// Alpha 1e-4, seeds 2 and 3: our normals and those of rand_distr over ChaCha8 have one law.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn normals_and_those_of_rand_distr_are_one_law() {
    let mut ours = sample(2, 1_000_000 * scale());
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut theirs: Vec<f64> =
        (0..1_000_000 * scale()).map(|_| rng.sample(StandardNormal)).collect();
    ours.sort_unstable_by(f64::total_cmp);
    theirs.sort_unstable_by(f64::total_cmp);
    let (n, m, mut j, mut distance) = (ours.len() as f64, theirs.len() as f64, 0, 0.0f64);
    for (k, x) in ours.iter().enumerate() {
        while j < theirs.len() && theirs[j] < *x {
            j += 1;
        }
        distance = distance
            .max((k as f64 / n - j as f64 / m).abs())
            .max(((k + 1) as f64 / n - j as f64 / m).abs());
    }
    let critical = ks_critical(1e-4, n * m / (n + m));
    println!("distance {distance:.3e}, critical {critical:.3e}");
    assert!(distance < critical);
}

/// Alpha 1e-4, seed 4: 1,024 bins of equal probability.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn normals_fill_a_thousand_bins_evenly() {
    const BINS: usize = 1024;
    let mut counts = vec![0u64; BINS];
    for z in sample(4, 8_000_000 * scale()) {
        counts[((normal_cdf(z) * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let (statistic, critical) = (chi_square(&counts), chi_square_critical(1e-4, (BINS - 1) as f64));
    println!("chi-square {statistic:.1}, critical {critical:.1}");
    assert!(statistic < critical);
}

/// Alpha 1e-4 for each of 5 kinds of neighbours, seed 5: the two normals of a pair, of successive
/// pairs, of successive places and of adjacent paths are independent.
///
/// Tables have 32 x 32 bins of equal probability, with both margins known.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn neighbouring_normals_are_independent() {
    const SIDE: usize = 32;
    let bin = |z: f32| ((normal_cdf(f64::from(z)) * SIDE as f64) as usize).min(SIDE - 1);
    let mut tables = vec![vec![0u64; SIDE * SIDE]; 5];
    let mut before: Option<Vec<[usize; 4]>> = None;
    visit_normals(5, 4_000_000 * scale(), |rows| {
        let bins: Vec<[usize; 4]> =
            (0..L).map(|l| std::array::from_fn(|j| bin(rows[j][l]))).collect();
        for l in 0..L {
            let [a, b, c, d] = bins[l];
            for (table, x, y) in [(0, a, b), (0, c, d), (1, b, c), (2, a, d)] {
                tables[table][x * SIDE + y] += 1;
            }
            tables[3][a * SIDE + bins[(l + 1) % L][0]] += 1;
            if let Some(before) = &before {
                tables[4][before[l][0] * SIDE + a] += 1;
            }
        }
        before = Some(bins);
    });
    let critical = chi_square_critical(1e-4, (SIDE * SIDE - 1) as f64);
    for (table, what) in tables.iter().zip([
        "in a pair",
        "in successive pairs",
        "at the ends of a place",
        "of adjacent paths",
        "of successive places",
    ]) {
        println!("{what}: chi-square {:.1}, critical {critical:.1}", chi_square(table));
        assert!(chi_square(table) < critical, "normals {what} depend on each other");
    }
}

/// Alpha 1e-4 over all eight tests, seed 6: the first eight moments.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn normals_have_the_moments_of_the_normal_law() {
    let (mut sums, mut n) = ([0.0f64; 8], 0.0);
    visit_normals(6, 40_000_000 * scale(), |rows| {
        for z in rows.iter().flat_map(|row| row.iter()) {
            let (z, mut power) = (f64::from(*z), 1.0);
            for sum in &mut sums {
                power *= z;
                *sum += power;
            }
        }
        n += (4 * L) as f64;
    });
    // E z^k = (k-1)!! for even k, and Var z^k = E z^2k - (E z^k)^2.
    let moment = |k: usize| {
        if k % 2 == 1 { 0.0 } else { (1..k).step_by(2).map(|i| i as f64).product::<f64>() }
    };
    let critical = z_critical(1e-4, 8);
    for (k, sum) in (1..=8).zip(sums) {
        let score = (sum / n - moment(k)) / ((moment(2 * k) - moment(k) * moment(k)) / n).sqrt();
        println!("moment {k}: {:.6}, exact {}, z = {score:+.2}", sum / n, moment(k));
        assert!(score.abs() < critical, "moment {k}: z = {score}, critical {critical}");
    }
}

/// Alpha 1e-4 over all six tests, seed 7: counts beyond 5, 5.5 and 6 on either side are Poisson.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn tail_counts_are_those_of_the_normal_law() {
    let (thresholds, mut counts, mut n) = ([5.0f32, 5.5, 6.0], [[0u64; 2]; 3], 0.0);
    visit_normals(7, 600_000_000 * scale(), |rows| {
        let largest = rows
            .iter()
            .flat_map(|row| row.iter())
            .fold(0.0f32, |a, z| if z.abs() > a { z.abs() } else { a });
        if largest > thresholds[0] {
            for z in rows.iter().flat_map(|row| row.iter()) {
                for (threshold, [low, high]) in thresholds.iter().zip(&mut counts) {
                    *high += u64::from(z > threshold);
                    *low += u64::from(*z < -threshold);
                }
            }
        }
        n += (4 * L) as f64;
    });
    let alpha = 1e-4 / 6.0;
    for (threshold, sides) in thresholds.iter().zip(counts) {
        let expected = n * normal_cdf(-f64::from(*threshold));
        let law = Poisson::new(expected).expect("a rate above 0");
        for count in sides {
            let (below, above) = (law.cdf(count), if count == 0 { 1.0 } else { law.sf(count - 1) });
            println!(
                "beyond {threshold}: {count}, expected {expected:.1}, p = {:.3}",
                (2.0 * below.min(above)).min(1.0)
            );
            assert!(
                2.0 * below.min(above) > alpha,
                "{count} beyond {threshold}, expected {expected:.1}"
            );
        }
    }
}

/// No sampling: every radius of the tail, each with 4,096 angles.
///
/// The tail is a sum over the 8,003 smallest uniforms, so it has steps far out; the tolerances
/// allow for them.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn the_tail_itself_is_that_of_the_normal_law() {
    const ANGLES: u32 = 4096;
    let thresholds = [(4.9f32, 1e-3), (5.0, 1e-3), (5.5, 5e-3), (6.0, 2e-2), (6.3, 1e-1)];
    let mut counts = [0u64; 5];
    let mut largest = 0.0f32;
    for k in 0..14_000u32 {
        for j in 0..ANGLES {
            // All four sign patterns, angles in the middle of equal arcs.
            let (a, b) = normal_pair(k << 1, (j << 20 | 1 << 19) & !3 | (j & 3));
            for z in [a, b] {
                largest = largest.max(z.abs());
                for (count, (threshold, _)) in counts.iter_mut().zip(thresholds) {
                    *count += u64::from(z.abs() > threshold);
                }
            }
        }
    }
    for (count, (threshold, tolerance)) in counts.into_iter().zip(thresholds) {
        let ours = count as f64 / (f64::from(ANGLES) * 2.0 * 2_147_483_648.0);
        let exact = 2.0 * normal_cdf(-f64::from(threshold));
        println!(
            "beyond {threshold}: {ours:.4e}, exact {exact:.4e}, off by {:+.2e}",
            ours / exact - 1.0
        );
        assert!(
            (ours / exact - 1.0).abs() < tolerance,
            "beyond {threshold}: {ours:e}, exact {exact:e}"
        );
    }
    assert!((6.6..6.67).contains(&largest), "{largest}");
}

/// No sampling. statrs 0.19 is itself wrong by up to 1e-10 in places, so ours is compared with
/// digits of mpmath too.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn the_normal_law_agrees_with_statrs_and_mpmath() {
    let mut worst = 0.0f64;
    for k in -8000..=8000 {
        let x = f64::from(k) / 1000.0;
        let (ours, theirs) = (normal_cdf(x), Normal::standard().cdf(x));
        worst = worst.max((ours / theirs - 1.0).abs());
        assert!((ours - theirs).abs() <= 2e-10 * theirs, "{x}: {ours:e} {theirs:e}");
    }
    println!("largest relative distance to statrs {worst:.1e}");
    let exact = [
        (-8.0, 6.220_960_574_271_784e-16),
        (-7.0, 1.279_812_543_885_835e-12),
        (-6.0, 9.865_876_450_376_98e-10),
        (-5.0, 2.866_515_718_791_939e-7),
        (-4.0, 3.167_124_183_311_992e-5),
        (-3.0, 1.349_898_031_630_094_5e-3),
        (-2.0, 2.275_013_194_817_921e-2),
        (-0.744, 0.228_438_237_552_487_64),
    ];
    for (x, exact) in exact {
        assert!((normal_cdf(x) / exact - 1.0).abs() < 1e-13, "{x}: {:e} {exact:e}", normal_cdf(x));
    }
}

/// The probability of a collision among `n` random 64-bit prefixes is `n^2 / 2^65`: 4e-6 for the
/// 12 million prefixes of a round.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn millions_of_streams_begin_differently() {
    for round in 0..scale() as u64 {
        let prefix = |seed: u64, path: u64, stream: Stream| {
            let [a, b, ..] = words(seed, path, 0, stream);
            u64::from(a) << 32 | u64::from(b)
        };
        let mut prefixes = Vec::new();
        // Paths of all streams, below and beyond 2^32; then seeds, below and beyond 2^32.
        for stream in Stream::ALL {
            prefixes.extend((0..900_000).map(|path| prefix(11 + round, path, stream)));
            prefixes.extend((1..100_001).map(|high| prefix(11 + round, high << 32, stream)));
        }
        prefixes.extend(
            (0..2_000_000)
                .map(|seed| prefix(1_000_000 + 2_000_000 * round + seed, 0, Stream::Innovations)),
        );
        prefixes.extend(
            (1..1_000_001)
                .map(|high| prefix((1_000_000 * round + high) << 32, 0, Stream::Innovations)),
        );
        assert!(prefixes.len() >= 10_000_000, "{}", prefixes.len());
        prefixes.sort_unstable();
        let collisions = prefixes.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert_eq!(collisions, 0, "round {round}");
    }
}

/// Name of two addresses that differ in one respect, and their words for any path.
type WordPair = (String, Box<dyn Fn(u64) -> ([u32; 4], [u32; 4])>);

/// Seed of the pairs of addresses.
const HOME_SEED: u64 = 21;

fn home(path: u64) -> [u32; 4] {
    words(HOME_SEED, path, 3, Stream::Innovations)
}

/// Returns pairs of addresses that differ in one bit of seed, path or place, in a distance of
/// paths, in the stream, or in the position of the word.
fn address_pairs() -> Vec<WordPair> {
    let mut pairs: Vec<WordPair> = Vec::new();
    for bit in 0..64 {
        pairs.push((
            format!("seed bit {bit}"),
            Box::new(move |path| {
                (home(path), words(HOME_SEED ^ 1 << bit, path, 3, Stream::Innovations))
            }),
        ));
    }
    for bit in 20..64 {
        pairs.push((
            format!("path bit {bit}"),
            Box::new(move |path| (home(path), home(path ^ 1 << bit))),
        ));
    }
    for shift in [1, 2, 16, 64, 128] {
        pairs.push((
            format!("path + {shift}"),
            Box::new(move |path| (home(path), home(path + shift))),
        ));
    }
    for bit in 0..32 {
        pairs.push((
            format!("place bit {bit}"),
            Box::new(move |path| {
                (home(path), words(HOME_SEED, path, 3 ^ 1 << bit, Stream::Innovations))
            }),
        ));
    }
    for a in Stream::ALL {
        for b in Stream::ALL.into_iter().filter(|b| *b > a) {
            pairs.push((
                format!("{a:?} and {b:?}"),
                Box::new(move |path| (words(HOME_SEED, path, 3, a), words(HOME_SEED, path, 3, b))),
            ));
        }
    }
    for turn in 1..4 {
        pairs.push((
            format!("words {turn} apart"),
            Box::new(move |path| {
                let mut turned = home(path);
                turned.rotate_left(turn);
                (home(path), turned)
            }),
        ));
    }
    pairs
}

/// Alpha 1e-3 over all pairs of addresses, seed 21 and its neighbours: linear correlation of
/// uniforms, and equal bits.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn streams_of_different_addresses_are_uncorrelated() {
    let pairs = address_pairs();
    let critical = z_critical(1e-3, 2 * pairs.len());
    let paths = 60_000 * scale() as u64;
    let (mut worst, n) = (0.0f64, 4.0 * paths as f64);
    for (what, pair) in &pairs {
        let (mut products, mut equal_bits) = (0.0f64, 0u64);
        for (a, b) in (0..paths).map(pair).flat_map(|(a, b)| a.into_iter().zip(b)) {
            products += (f64::from(a) - 2_147_483_647.5) * (f64::from(b) - 2_147_483_647.5);
            equal_bits += u64::from((!(a ^ b)).count_ones());
        }
        // The variance of a uniform on 0..2^32 is 2^64 / 12. Words that are 2 apart meet each pair
        // twice.
        let double = if what == "words 2 apart" { 2f64.sqrt() } else { 1.0 };
        let correlation = products / n.sqrt() * 12.0 / 2f64.powi(64) / double;
        let bits = (equal_bits as f64 - 16.0 * n) / (8.0 * n).sqrt() / double;
        worst = worst.max(correlation.abs()).max(bits.abs());
        assert!(
            correlation.abs() < critical && bits.abs() < critical,
            "{what}: z = {correlation:.2} and {bits:.2}, critical {critical:.2}"
        );
    }
    println!("{} pairs of streams: largest |z| = {worst:.2}, critical {critical:.2}", pairs.len());
}

/// Alpha 1e-3 over all tests, seed 31: bytes of words, and pairs of successive bytes of paths that
/// are interleaved as in kernels.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn words_are_uniform_alone_and_in_interleaved_streams() {
    let draws = 1_000_000 * scale() as u64;
    let tests = (Stream::ALL.len() * 16 + 2) as f64;
    let critical = chi_square_critical(1e-3 / tests, 255.0);
    let mut worst = 0.0f64;
    for stream in Stream::ALL {
        let mut counts = vec![[0u64; 256]; 16];
        for k in 0..draws {
            for (word, of_word) in
                words(31, k % 1000, (k / 1000) as u32, stream).iter().zip(counts.chunks_mut(4))
            {
                for (byte, of_byte) in word.to_le_bytes().iter().zip(of_word) {
                    of_byte[*byte as usize] += 1;
                }
            }
        }
        for (place, of_byte) in counts.iter().enumerate() {
            worst = worst.max(chi_square(of_byte));
            assert!(
                chi_square(of_byte) < critical,
                "{stream:?}, byte {place}: {}",
                chi_square(of_byte)
            );
        }
    }
    println!("bytes: largest chi-square {worst:.1}, critical {critical:.1}");
    let critical = chi_square_critical(1e-3 / tests, 65_535.0);
    for (what, word) in [
        (
            "paths side by side",
            &(|k: u64| words(31, k % 64, (k / 64) as u32, Stream::Innovations))
                as &dyn Fn(u64) -> [u32; 4],
        ),
        ("places of a path", &|k| words(31, k / 4096, (k % 4096) as u32, Stream::Innovations)),
    ] {
        let (mut counts, mut before) = (vec![0u64; 65_536], 0u32);
        for k in 0..3 * draws {
            let next = word(k)[0] >> 24;
            if k > 0 {
                counts[(before << 8 | next) as usize] += 1;
            }
            before = next;
        }
        println!("{what}: chi-square of pairs {:.1}, critical {critical:.1}", chi_square(&counts));
        assert!(chi_square(&counts) < critical, "{what}");
    }
}

/// Alpha 1e-4, seed 41: spacings between 4,096 birthdays in a year of 2^32 days, with paths
/// interleaved (Marsaglia 1985). The number of equal spacings is Poisson with mean
/// `4096^3 / 2^34 = 4`.
#[test]
#[ignore = "statistical suite: `just statistical`"]
fn birthday_spacings_of_interleaved_streams_are_poisson() {
    let (years, mut repeats) = (1000 * scale() as u64, 0u64);
    for year in 0..years {
        let mut days: Vec<u32> = (0..1024)
            .flat_map(|k| {
                words(
                    41,
                    64 * (year % 50) + k % 64,
                    (16 * (year / 50) + k / 64) as u32,
                    Stream::Innovations,
                )
            })
            .collect();
        days.sort_unstable();
        let mut spacings: Vec<u32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
        spacings.sort_unstable();
        repeats += spacings.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
    }
    let expected = 4.0 * years as f64;
    let score = (repeats as f64 - expected) / expected.sqrt();
    println!("{repeats} repeats, expected {expected}, z = {score:+.2}");
    assert!(score.abs() < z_critical(1e-4, 1), "z = {score}");
}
