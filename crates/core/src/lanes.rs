//! Lays out one number per path of a block as an aligned row that plain loops vectorise over.

use std::ops::{Deref, DerefMut};

/// Lanes of a block in the shipped program. Every number gives the same bits: 64 is a twentieth
/// slower and 16 twice as slow (each loop must start), 32 is a trap, because the compiler unrolls
/// the loop before it vectorises.
pub const LANES: usize = 128;

/// Asset counts for which kernels are compiled; a market with fewer assets is padded with assets
/// that hold nothing.
pub const ASSET_SLOTS: [usize; 4] = [2, 4, 8, 16];

/// The most assets one market may have.
pub const ASSETS_MAX: usize = 16;

/// The smallest compiled asset count that holds `assets`, or `None` above [`ASSETS_MAX`].
#[must_use]
pub fn asset_slots(assets: usize) -> Option<usize> {
    ASSET_SLOTS.into_iter().find(|&slots| assets <= slots)
}

/// `L` numbers, one per lane, aligned to a cache line so that no wide load crosses one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Row<T, const L: usize>(pub [T; L]);

impl<T: Copy + Default, const L: usize> Default for Row<T, L> {
    fn default() -> Self {
        Self([T::default(); L])
    }
}

impl<T: Copy, const L: usize> Row<T, L> {
    /// A row with the same number in every lane.
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
