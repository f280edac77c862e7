//! Shows an indicator of the market: what its regimes let everybody see besides returns.

use corridor_core::lanes::Row;

use super::Observation;

/// The value of one indicator at the end of the step.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroIndicator {
    /// Its place among the market's indicators.
    pub indicator: usize,
}

impl MacroIndicator {
    #[inline(always)]
    pub(super) fn update<const L: usize>(&self, seen: &Observation<'_, L>, out: &mut Row<f64, L>) {
        let value = &seen.indicators[self.indicator];
        for l in 0..L {
            out[l] = f64::from(value[l]);
        }
    }
}
