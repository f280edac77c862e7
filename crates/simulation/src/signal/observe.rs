//! Says how well an investor sees a signal: as it is, late, noisily, by an oracle, or not at all.

use corridor_core::lanes::Row;
use corridor_core::numerics::normal_pair;
use corridor_core::random::{Paths, Stream, fill_words};

use super::{Observation, Signal, SignalState};

/// A signal as an investor sees it: its value, from the origin named, then late, then noisy.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedSignal {
    /// The signal.
    pub signal: Signal,
    /// What the value is made from.
    pub origin: Origin,
    /// Steps the value is late.
    pub lag_steps: u32,
    /// The value a late signal has until there is one.
    pub start: f64,
    /// What blurs it.
    pub noise: Option<Noise>,
    /// Seed of its own randomness.
    pub seed: u64,
}

/// What a signal's value is made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The returns of the path.
    Path,
    /// The returns of another path of the market: the same law and persistence, and nothing of this
    /// path.
    Placebo,
    /// The regime of the coming step: look-ahead.
    Oracle {
        /// Value in each regime.
        by_regime: Vec<f64>,
        /// Probability that the regime told is the true one; else one of the others, each as
        /// likely.
        accuracy: f64,
    },
}

/// Independent normal noise at every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation, in the signal's unit.
    pub sd: f64,
    /// The lowest value that is told.
    pub floor: f64,
}

impl From<Signal> for ObservedSignal {
    /// The signal as it is.
    fn from(signal: Signal) -> Self {
        Self { signal, origin: Origin::Path, lag_steps: 0, start: 0.0, noise: None, seed: 0 }
    }
}

impl ObservedSignal {
    /// Whether the value uses what nobody can know: the regime of the coming step.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        matches!(self.origin, Origin::Oracle { .. })
    }

    /// Whether the investor sees the signal itself, at once and without noise.
    #[must_use]
    pub fn is_unaltered(&self) -> bool {
        matches!(self.origin, Origin::Path) && self.lag_steps == 0 && self.noise.is_none()
    }

    /// Whether the value is made from another path.
    #[must_use]
    pub fn is_placebo(&self) -> bool {
        matches!(self.origin, Origin::Placebo)
    }
}

/// What an observed signal remembers of a block of paths.
#[derive(Clone, Debug)]
pub struct ObservedState<const L: usize> {
    signal: SignalState<L>,
    // the values of the last `lag_steps` steps
    late: Vec<Row<f64, L>>,
}

impl<const L: usize> ObservedState<L> {
    /// Memory for `observed`.
    #[must_use]
    pub fn new(observed: &ObservedSignal) -> Self {
        Self {
            signal: SignalState::new(&observed.signal),
            late: vec![Row::splat(observed.start); observed.lag_steps as usize],
        }
    }

    /// Back to `t = 0`.
    pub fn restart(&mut self, observed: &ObservedSignal) {
        self.signal.restart(&observed.signal);
        self.late.fill(Row::splat(observed.start));
    }

    /// Takes in one step and writes what the investor sees after it.
    #[inline(always)]
    pub fn update(
        &mut self,
        observed: &ObservedSignal,
        seen: &Observation<'_, L>,
        out: &mut Row<f64, L>,
    ) {
        match &observed.origin {
            Origin::Path => self.signal.update(&observed.signal, seen, out),
            Origin::Placebo => {
                let other = Observation {
                    log_returns: seen.placebo_returns,
                    indicators: seen.placebo_indicators,
                    ..*seen
                };
                self.signal.update(&observed.signal, &other, out);
            }
            Origin::Oracle { by_regime, accuracy } => {
                tell(by_regime, *accuracy, observed.seed, seen, out)
            }
        }
        if observed.lag_steps > 0 {
            std::mem::swap(&mut self.late[((seen.t - 1) % observed.lag_steps) as usize], out);
        }
        if let Some(noise) = observed.noise {
            blur(noise, observed.seed, seen, out);
        }
    }
}

/// The value of the regime that is told.
#[inline(always)]
fn tell<const L: usize>(
    by_regime: &[f64],
    accuracy: f64,
    seed: u64,
    seen: &Observation<'_, L>,
    out: &mut Row<f64, L>,
) {
    const UNIT: f64 = 1.0 / 4_294_967_296.0;
    let regimes = by_regime.len() as u64;
    let mut told = *seen.coming_regime;
    if accuracy < 1.0 && regimes > 1 {
        let mut words = [Row::<u32, L>::splat(0); 4];
        fill_words(Paths::single(seed, seen.first_path), seen.t, Stream::SignalNoise, &mut words);
        for l in 0..L {
            let wrong = f64::from(words[2][l]) * UNIT >= accuracy;
            let others = 1 + ((u64::from(words[3][l]) * (regimes - 1)) >> 32);
            let other = (u64::from(told[l]) + others) % regimes;
            told[l] = if wrong { other as u32 } else { told[l] };
        }
    }
    for l in 0..L {
        out[l] = by_regime.get(told[l] as usize).copied().unwrap_or(f64::NAN);
    }
}

/// Adds the noise of a step.
#[inline(always)]
fn blur<const L: usize>(noise: Noise, seed: u64, seen: &Observation<'_, L>, out: &mut Row<f64, L>) {
    let mut words = [Row::<u32, L>::splat(0); 4];
    fill_words(Paths::single(seed, seen.first_path), seen.t, Stream::SignalNoise, &mut words);
    for l in 0..L {
        let value = out[l] + noise.sd * f64::from(normal_pair(words[0][l], words[1][l]).0);
        out[l] = if value < noise.floor { noise.floor } else { value };
    }
}
