//! Addresses random numbers by (seed, path, purpose, place): nothing is ever consumed from a shared
//! generator.
//!
//! Any path, any step and any block size reads the same words, because each word is a function of
//! its address alone.

mod philox;

pub use philox::{ROUNDS, philox};

use crate::lanes::Row;

/// A purpose of randomness. Draws of one purpose never shift another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Stream {
    /// Shocks of the returns.
    Innovations = 0,
    /// The main regime chain.
    Regimes = 1,
    /// The chi-square of Student-t shocks.
    Mixing = 2,
    /// The chain that owns the correlations.
    CorrelationRegimes = 3,
    /// Block starts and restarts of the bootstrap.
    Bootstrap = 4,
    /// Noise on signals.
    SignalNoise = 5,
    /// Random cash flows.
    CashFlow = 6,
    /// Jumps of prices.
    Jumps = 7,
    /// Shocks of indicators.
    Indicators = 8,
}

impl Stream {
    /// All streams.
    pub const ALL: [Self; 9] = [
        Self::Innovations,
        Self::Regimes,
        Self::Mixing,
        Self::CorrelationRegimes,
        Self::Bootstrap,
        Self::SignalNoise,
        Self::CashFlow,
        Self::Jumps,
        Self::Indicators,
    ];
}

/// The four words at place `place` of one path's stream.
#[must_use]
#[inline(always)]
pub fn words(seed: u64, path: u64, place: u32, stream: Stream) -> [u32; 4] {
    philox(
        [path as u32, (path >> 32) as u32, place, stream as u32],
        [seed as u32, (seed >> 32) as u32],
    )
}

/// The paths of a block, as their randomness is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Master seed.
    pub seed: u64,
    /// Number of the first one.
    pub first: u64,
    /// Whether paths `2k` and `2k + 1` share their words, for antithetic pairs.
    pub in_pairs: bool,
}

impl Paths {
    /// These paths, each with words of its own.
    #[must_use]
    #[inline(always)]
    pub const fn single(seed: u64, first: u64) -> Self {
        Self { seed, first, in_pairs: false }
    }

    /// The path whose words the path in this lane has.
    #[must_use]
    #[inline(always)]
    pub const fn address(self, lane: usize) -> u64 {
        (self.first + lane as u64) & !(self.in_pairs as u64)
    }
}

/// The four words at `place` for `L` paths, one row per word.
#[inline(always)]
pub fn fill_words<const L: usize>(
    paths: Paths,
    place: u32,
    stream: Stream,
    out: &mut [Row<u32, L>],
) {
    let [a, b, c, d, ..] = out else { return };
    for l in 0..L {
        let [w0, w1, w2, w3] = words(paths.seed, paths.address(l), place, stream);
        a[l] = w0;
        b[l] = w1;
        c[l] = w2;
        d[l] = w3;
    }
}
