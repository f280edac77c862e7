//! Tracks volatility by the mean of the squared returns of a window.

/// Place in the ring of the return of step `t` (from 1).
#[inline(always)]
pub(super) fn slot(t: u32, window: u32) -> usize {
    ((t - 1) % window) as usize
}

/// Whether the running sum is rebuilt from the ring at step `t`, so that rounding never builds up over more than a window.
#[inline(always)]
pub(super) fn rebuilds(t: u32, window: u32) -> bool {
    t.is_multiple_of(window)
}
