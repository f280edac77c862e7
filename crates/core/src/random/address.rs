//! Reads the random words of an address: one Philox block for each place of a path's stream.

use crate::lanes::Row;

use super::philox::philox;

/// A purpose of randomness. Draws of one stream never shift those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum Stream {
    /// Normal shocks of the returns.
    Innovations = 0,
    /// Moves of the main regime chain.
    Regimes = 1,
    /// The chi-square of Student-t shocks.
    Mixing = 2,
    /// Moves of the chain that owns the correlations.
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
    /// All streams, in the order of their numbers.
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

/// Returns the four random words at `place` of one path's stream.
///
/// The counter of the Philox block is (path low, path high, place, stream), its key is the seed.
#[must_use]
#[inline(always)]
pub fn words(seed: u64, path: u64, place: u32, stream: Stream) -> [u32; 4] {
    philox(
        [path as u32, (path >> 32) as u32, place, stream as u32],
        [seed as u32, (seed >> 32) as u32],
    )
}

/// The paths of a block as random addresses: a seed and consecutive path numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Master seed.
    pub seed: u64,
    /// Number of the first path of the block.
    pub first: u64,
    /// Whether paths `2k` and `2k + 1` share their words, for antithetic pairs.
    pub in_pairs: bool,
}

impl Paths {
    /// Returns the paths `first ..` of `seed`, each with words of its own.
    #[must_use]
    #[inline(always)]
    pub const fn single(seed: u64, first: u64) -> Self {
        Self { seed, first, in_pairs: false }
    }

    /// Returns the number of the path whose words the path in `lane` reads: its own, or the even
    /// one of its pair.
    #[must_use]
    #[inline(always)]
    pub const fn address(self, lane: usize) -> u64 {
        (self.first + lane as u64) & !(self.in_pairs as u64)
    }
}

/// Writes the four words at `place` of `L` paths into the first four rows of `out`, one row per
/// word.
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
