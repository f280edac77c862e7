//! Says under which key of `[market]` a market of regimes was written.

/// The key of `[market]` that a market of regimes comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// `market.regime_switching`.
    RegimeSwitching,
    /// `market.gbm`, a market of one regime.
    Gbm,
    /// `market.preset`, a shipped market.
    Preset,
}

impl Written {
    /// The key below `[market]`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::RegimeSwitching => "regime_switching",
            Self::Gbm => "gbm",
            Self::Preset => "preset",
        }
    }
}
