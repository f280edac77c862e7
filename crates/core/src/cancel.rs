//! Lets a caller stop long work between two of its steps.
//!
//! Work that can take more than a tenth of a second accepts a [`Cancel`], asks it at least that
//! often, and returns [`Cancelled`] when the caller wants it to stop. What the caller wants never
//! changes a result: work either finishes or returns none.

use std::fmt;

/// A question that long work asks its caller: should it stop?
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use corridor_core::cancel::{Cancel, Cancelled};
///
/// fn sum(numbers: &[f64], cancel: Cancel<'_>) -> Result<f64, Cancelled> {
///     let mut sum = 0.0;
///     for chunk in numbers.chunks(1 << 20) {
///         cancel.check()?;
///         sum += chunk.iter().sum::<f64>();
///     }
///     Ok(sum)
/// }
///
/// let stop = AtomicBool::new(false);
/// let is_requested = || stop.load(Ordering::Relaxed);
/// let cancel = Cancel::new(&is_requested);
/// assert_eq!(sum(&[1.0, 2.0], cancel), Ok(3.0));
/// stop.store(true, Ordering::Relaxed);
/// assert_eq!(sum(&[1.0, 2.0], cancel), Err(Cancelled));
/// assert_eq!(sum(&[1.0, 2.0], Cancel::NEVER), Ok(3.0));
/// ```
#[derive(Clone, Copy)]
pub struct Cancel<'a> {
    is_requested: &'a (dyn Fn() -> bool + Sync),
}

/// The caller asked the work to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl<'a> Cancel<'a> {
    /// Never stops the work.
    pub const NEVER: Cancel<'static> = Cancel { is_requested: &|| false };

    /// Stops the work soon after `is_requested` returns true. Several threads ask it at a time, and
    /// often, so it should only read a flag.
    #[must_use]
    pub const fn new(is_requested: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { is_requested }
    }

    /// Returns whether the work should stop.
    #[must_use]
    pub fn is_requested(self) -> bool {
        (self.is_requested)()
    }

    /// Asks the caller, to be used with `?`.
    ///
    /// # Errors
    /// When the work should stop.
    pub fn check(self) -> Result<(), Cancelled> {
        if self.is_requested() { Err(Cancelled) } else { Ok(()) }
    }
}

impl fmt::Debug for Cancel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("is_requested", &self.is_requested()).finish()
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped before it was finished")
    }
}

impl std::error::Error for Cancelled {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn work_stops_at_the_first_check_after_the_request() {
        let asked = AtomicU32::new(0);
        let third_time = || asked.fetch_add(1, Ordering::Relaxed) >= 2;
        let cancel = Cancel::new(&third_time);
        let done = (0..10).map_while(|step| cancel.check().ok().map(|()| step)).count();
        assert_eq!((done, asked.load(Ordering::Relaxed)), (2, 3));
        assert_eq!(cancel.check(), Err(Cancelled));
        assert_eq!(format!("{cancel:?}"), "Cancel { is_requested: true }");
    }

    #[test]
    fn never_is_never_and_the_error_is_a_fragment() {
        assert!(Cancel::NEVER.check().is_ok() && !Cancel::NEVER.is_requested());
        assert_eq!(Cancelled.to_string(), "stopped before it was finished");
    }
}
