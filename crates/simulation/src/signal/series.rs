//! Names the return series a signal observes.

use corridor_core::lanes::Row;

/// A series of log returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Returns of one asset, by index.
    Asset(usize),
    /// Returns of the first asset less those of the second, by index.
    Spread(usize, usize),
}

impl Series {
    /// Selects the returns of one step from the log returns of every asset.
    #[inline(always)]
    pub(super) fn of<const L: usize>(self, log_returns: &[Row<f32, L>]) -> Row<f64, L> {
        let mut out = Row::splat(0.0);
        match self {
            Self::Asset(asset) => {
                let returns = &log_returns[asset];
                for l in 0..L {
                    out[l] = f64::from(returns[l]);
                }
            }
            Self::Spread(first, second) => {
                let (first, second) = (&log_returns[first], &log_returns[second]);
                for l in 0..L {
                    out[l] = f64::from(first[l]) - f64::from(second[l]);
                }
            }
        }
        out
    }
}
