//! Alters a signal before an investor sees it: by a lag, by noise, by a placebo or by an oracle.

use corridor_core::lanes::Row;
use corridor_core::numerics::normal_pair;
use corridor_core::random::{Paths, Stream, fill_words};

use super::dispatch::{Signal, SignalState};
use super::observation::Observation;

/// A signal as an investor sees it: its value from some origin, then late, then with noise.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedSignal {
    /// Signal before any alteration.
    pub signal: Signal,
    /// Data that the value is made from.
    pub origin: Origin,
    /// Number of steps by which the value is late.
    pub lag_steps: u32,
    /// Value that a late signal has in the first `lag_steps` steps.
    pub start: f64,
    /// Noise that is added to the value; `None` for none.
    pub noise: Option<Noise>,
    /// Seed of the noise and of the errors of an oracle.
    pub seed: u64,
}

/// Data that the value of a signal is made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Returns and indicators of the path itself.
    Path,
    /// Returns and indicators of an unrelated path of the market, which has the same law and
    /// persistence.
    Placebo,
    /// True regime of the coming step, which nobody can know: look-ahead.
    Oracle {
        /// Value of the signal in each regime.
        by_regime: Vec<f64>,
        /// Probability that the oracle names the true regime; else it names one of the others, each
        /// with the same probability.
        accuracy: f64,
    },
}

/// Normal noise, independent from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation, in the signal's unit.
    pub sd: f64,
    /// Lowest value that the investor sees, in the signal's unit.
    pub floor: f64,
}

impl From<Signal> for ObservedSignal {
    /// Leaves the signal unaltered.
    fn from(signal: Signal) -> Self {
        Self { signal, origin: Origin::Path, lag_steps: 0, start: 0.0, noise: None, seed: 0 }
    }
}

impl ObservedSignal {
    /// Tells whether the value uses the regime of the coming step, which nobody can know.
    #[must_use]
    pub fn looks_ahead(&self) -> bool {
        matches!(self.origin, Origin::Oracle { .. })
    }

    /// Tells whether the investor sees the signal itself, at once and without noise.
    #[must_use]
    pub fn is_unaltered(&self) -> bool {
        matches!(self.origin, Origin::Path) && self.lag_steps == 0 && self.noise.is_none()
    }

    /// Tells whether the value is made from an unrelated path.
    #[must_use]
    pub fn is_placebo(&self) -> bool {
        matches!(self.origin, Origin::Placebo)
    }
}

/// Memory of an observed signal on a block of paths.
#[derive(Clone, Debug)]
pub struct ObservedState<const L: usize> {
    signal: SignalState<L>,
    /// Values of the last `lag_steps` steps.
    late: Vec<Row<f64, L>>,
}

impl<const L: usize> ObservedState<L> {
    /// Makes the memory of `observed` at `t = 0`.
    #[must_use]
    pub fn new(observed: &ObservedSignal) -> Self {
        Self {
            signal: SignalState::new(&observed.signal),
            late: vec![Row::splat(observed.start); observed.lag_steps as usize],
        }
    }

    /// Goes back to `t = 0`.
    pub fn restart(&mut self, observed: &ObservedSignal) {
        self.signal.restart(&observed.signal);
        self.late.fill(Row::splat(observed.start));
    }

    /// Takes in one step and writes the value that the investor sees after it, in each lane.
    #[inline(always)]
    pub fn update(
        &mut self,
        observed: &ObservedSignal,
        observation: &Observation<'_, L>,
        out: &mut Row<f64, L>,
    ) {
        match &observed.origin {
            Origin::Path => self.signal.update(&observed.signal, observation, out),
            Origin::Placebo => {
                let other = Observation {
                    log_returns: observation.placebo_returns,
                    indicators: observation.placebo_indicators,
                    ..*observation
                };
                self.signal.update(&observed.signal, &other, out);
            }
            Origin::Oracle { by_regime, accuracy } => {
                name_regime(by_regime, *accuracy, observed.seed, observation, out)
            }
        }
        if observed.lag_steps > 0 {
            std::mem::swap(
                &mut self.late[((observation.t - 1) % observed.lag_steps) as usize],
                out,
            );
        }
        if let Some(noise) = observed.noise {
            add_noise(noise, observed.seed, observation, out);
        }
    }
}

/// Writes the value of the regime that the oracle names.
#[inline(always)]
fn name_regime<const L: usize>(
    by_regime: &[f64],
    accuracy: f64,
    seed: u64,
    observation: &Observation<'_, L>,
    out: &mut Row<f64, L>,
) {
    const UNIT: f64 = 1.0 / 4_294_967_296.0;
    let regimes = by_regime.len() as u64;
    let mut named = *observation.coming_regime;
    if accuracy < 1.0 && regimes > 1 {
        let mut words = [Row::<u32, L>::splat(0); 4];
        fill_words(
            Paths::single(seed, observation.first_path),
            observation.t,
            Stream::SignalNoise,
            &mut words,
        );
        for l in 0..L {
            let wrong = f64::from(words[2][l]) * UNIT >= accuracy;
            let others = 1 + ((u64::from(words[3][l]) * (regimes - 1)) >> 32);
            let other = (u64::from(named[l]) + others) % regimes;
            named[l] = if wrong { other as u32 } else { named[l] };
        }
    }
    for l in 0..L {
        out[l] = by_regime.get(named[l] as usize).copied().unwrap_or(f64::NAN);
    }
}

/// Adds the noise of a step.
#[inline(always)]
fn add_noise<const L: usize>(
    noise: Noise,
    seed: u64,
    observation: &Observation<'_, L>,
    out: &mut Row<f64, L>,
) {
    let mut words = [Row::<u32, L>::splat(0); 4];
    fill_words(
        Paths::single(seed, observation.first_path),
        observation.t,
        Stream::SignalNoise,
        &mut words,
    );
    for l in 0..L {
        let value = out[l] + noise.sd * f64::from(normal_pair(words[0][l], words[1][l]).0);
        out[l] = if value < noise.floor { noise.floor } else { value };
    }
}
