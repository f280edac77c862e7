//! Counts how well a signal of a regime's probability detects the regime of the coming step.

use crate::by_path::Fraction;

/// A signal of the probability of some regimes, which are those that it should detect.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedSignal<'a> {
    /// Name of the signal.
    pub name: &'a str,
    /// Names of the regimes that it should detect.
    pub regimes: Vec<&'a str>,
}

/// A step as a signal sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalStep {
    /// Whether the signal is above one half before the step.
    pub is_alarm: bool,
    /// Whether the market is in a regime that the signal should detect over the step.
    pub is_inside: bool,
}

/// Counts of a signal's alarms on one path. A stay is an unbroken run of steps in the regimes that
/// the signal should detect.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DetectionCounts {
    /// Steps in these regimes.
    pub steps_inside: f64,
    /// Alarms in these regimes.
    pub alarms_inside: f64,
    /// Steps in other regimes.
    pub steps_outside: f64,
    /// Alarms in other regimes.
    pub alarms_outside: f64,
    /// Number of stays.
    pub stays: f64,
    /// Number of stays with an alarm.
    pub stays_detected: f64,
    /// Steps from the start of a stay to its first alarm, summed over detected stays.
    pub delay_steps: f64,
}

impl DetectionCounts {
    /// Counts the steps of a path, in order.
    #[must_use]
    pub fn of(steps: impl IntoIterator<Item = SignalStep>) -> Self {
        let mut counts = Self::default();
        // Step at which a stay began that has no alarm yet.
        let mut waiting: Option<i32> = None;
        let mut was_inside = false;
        for (t, SignalStep { is_alarm, is_inside }) in (1..).zip(steps) {
            let alarm = f64::from(u8::from(is_alarm));
            if is_inside {
                counts.steps_inside += 1.0;
                counts.alarms_inside += alarm;
            } else {
                counts.steps_outside += 1.0;
                counts.alarms_outside += alarm;
                waiting = None;
            }
            if is_inside && !was_inside {
                counts.stays += 1.0;
                waiting = Some(t);
            }
            if let Some(since) = waiting.filter(|_| is_alarm) {
                counts.stays_detected += 1.0;
                counts.delay_steps += f64::from(t - since);
                waiting = None;
            }
            was_inside = is_inside;
        }
        counts
    }

    /// Returns the alarms among the steps inside: the hit rate, a probability.
    #[must_use]
    pub fn hit_rate(&self) -> Fraction {
        Fraction { numerator: self.alarms_inside, denominator: self.steps_inside }
    }

    /// Returns the alarms among the steps outside: the false alarm rate, a probability.
    #[must_use]
    pub fn false_alarm_rate(&self) -> Fraction {
        Fraction { numerator: self.alarms_outside, denominator: self.steps_outside }
    }

    /// Returns the mean delay of the detected stays, in months.
    #[must_use]
    pub fn delay_months(&self, months_per_step: f64) -> Fraction {
        Fraction { numerator: months_per_step * self.delay_steps, denominator: self.stays_detected }
    }

    /// Returns the share of stays without an alarm, a fraction.
    #[must_use]
    pub fn missed_share(&self) -> Fraction {
        Fraction { numerator: self.stays - self.stays_detected, denominator: self.stays }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alarms_stays_and_delays_are_counted_by_hand() {
        // inside at steps 2 to 4, 6 and 8; alarms at 1, 4 and 6
        let inside = [false, true, true, true, false, true, false, true];
        let alarms = [true, false, false, true, false, true, false, false];
        let steps = inside
            .into_iter()
            .zip(alarms)
            .map(|(is_inside, is_alarm)| SignalStep { is_alarm, is_inside });
        let counts = DetectionCounts::of(steps);
        assert_eq!(
            counts,
            DetectionCounts {
                steps_inside: 5.0,
                alarms_inside: 2.0,
                steps_outside: 3.0,
                alarms_outside: 1.0,
                stays: 3.0,
                stays_detected: 2.0,
                delay_steps: 2.0,
            }
        );
        assert_eq!(counts.hit_rate().value(), Some(0.4));
        assert_eq!(counts.false_alarm_rate().value(), Some(1.0 / 3.0));
        assert_eq!(counts.delay_months(0.5).value(), Some(0.5));
        assert_eq!(counts.missed_share().value(), Some(1.0 / 3.0));
        assert_eq!(DetectionCounts::default().hit_rate().value(), None);
    }
}
