//! Shows an indicator of the market, which its regimes drive and everybody sees.

use corridor_core::lanes::Row;

use super::observation::Observation;

/// Value of one indicator at the end of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct MacroIndicator {
    /// Index of the indicator in the market.
    pub indicator: usize,
}

impl MacroIndicator {
    #[inline(always)]
    pub(super) fn update<const L: usize>(
        &self,
        observation: &Observation<'_, L>,
        out: &mut Row<f64, L>,
    ) {
        let value = &observation.indicators[self.indicator];
        for l in 0..L {
            out[l] = f64::from(value[l]);
        }
    }
}
