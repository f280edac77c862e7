//! Lays out one number per path of a block as an aligned row, so that plain loops vectorise.

use std::ops::{Deref, DerefMut};

/// Number of lanes of a block in the shipped program; results do not depend on it.
///
/// Measured as in `benches/METHODOLOGY.md`: 64 lanes are a twentieth slower, and 16 are half as
/// fast, because every loop has to start. With 32 lanes the compiler unrolls the loop instead of
/// vectorising it.
pub const LANES: usize = 128;

/// Asset counts for which kernels are compiled. A market with a number in between is padded with
/// assets in which nothing is held.
pub const ASSET_SLOTS: [usize; 4] = [2, 4, 8, 16];

/// Largest number of assets of one market.
pub const ASSETS_MAX: usize = 16;

/// Returns the smallest of [`ASSET_SLOTS`] that is at least `assets`; `None` above [`ASSETS_MAX`].
#[must_use]
pub fn asset_slots(assets: usize) -> Option<usize> {
    ASSET_SLOTS.into_iter().find(|&slots| assets <= slots)
}

/// `L` numbers, one per lane. Aligned to a cache line, so that no wide load crosses two of them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Row<T, const L: usize>(pub [T; L]);

impl<T: Copy + Default, const L: usize> Default for Row<T, L> {
    fn default() -> Self {
        Self([T::default(); L])
    }
}

impl<T: Copy, const L: usize> Row<T, L> {
    /// Returns a row with `value` in every lane.
    #[must_use]
    pub const fn splat(value: T) -> Self {
        Self([value; L])
    }
}

impl<T, const L: usize> Deref for Row<T, L> {
    type Target = [T; L];
    #[inline(always)]
    fn deref(&self) -> &[T; L] {
        &self.0
    }
}

impl<T, const L: usize> DerefMut for Row<T, L> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T; L] {
        &mut self.0
    }
}
