//! Addresses random numbers by (seed, path, purpose, place): nothing is ever consumed from a shared generator.
//!
//! Any path, any step and any block size reads the same words, because each word is a function of its address alone.

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
    philox([path as u32, (path >> 32) as u32, place, stream as u32], [seed as u32, (seed >> 32) as u32])
}

/// The four words at `place` for the `L` paths from `first_path` on, one row per word.
#[inline(always)]
pub fn fill_words<const L: usize>(seed: u64, first_path: u64, place: u32, stream: Stream, out: &mut [Row<u32, L>]) {
    let [a, b, c, d, ..] = out else { return };
    for l in 0..L {
        let [w0, w1, w2, w3] = words(seed, first_path + l as u64, place, stream);
        a[l] = w0;
        b[l] = w1;
        c[l] = w2;
        d[l] = w3;
    }
}
