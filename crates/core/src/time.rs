//! Counts time in steps: their length, their number, and the steps at which a rule is reviewed.

/// Length of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A trading day; 252 a year.
    Day,
    /// A week; 52 a year.
    Week,
    /// A month; 12 a year.
    Month,
}

impl Step {
    /// Returns the number of steps in a year, `m` in the formulas.
    #[must_use]
    pub const fn per_year(self) -> u32 {
        match self {
            Self::Day => 252,
            Self::Week => 52,
            Self::Month => 12,
        }
    }

    /// Returns the word of study files: `day`, `week` or `month`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// The time steps of a study: `t = 0` is the start, `t = 1..=steps` are the ends of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeGrid {
    /// Length of a step.
    pub step: Step,
    /// Number of steps, `n` in the formulas; at least 1.
    pub steps: u32,
}

impl TimeGrid {
    /// Returns the number of steps in a year, `m` in the formulas.
    #[must_use]
    pub const fn per_year(self) -> u32 {
        self.step.per_year()
    }

    /// Returns the years from the start to the end of step `t`: `t / m`.
    #[must_use]
    pub fn years(self, t: u32) -> f64 {
        f64::from(t) / f64::from(self.per_year())
    }

    /// Returns the months from the start to the end of step `t`: `12 t / m`.
    #[must_use]
    pub fn months(self, t: u32) -> f64 {
        f64::from(t) * 12.0 / f64::from(self.per_year())
    }

    /// Returns the last step at or before `months`: `floor(months m / 12)`.
    ///
    /// A product within 1e-9 below a whole number counts as that number. Negative durations give 0,
    /// durations beyond the range of `u32` its maximum.
    #[must_use]
    pub fn step_of_months(self, months: f64) -> u32 {
        (months * f64::from(self.per_year()) / 12.0 + 1e-9).floor() as u32
    }
}

/// Schedule of the dates at which a rule looks at the portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Review {
    /// Every `k` months: `t = phase + floor(j k m / 12)` for `j = 1, 2, ..`.
    EveryMonths {
        /// Months `k` between two reviews; at least 1.
        months: u32,
        /// Shift of all dates, in steps.
        phase_steps: u32,
    },
    /// Every `k` steps: `t = phase + j k` for `j = 1, 2, ..`.
    EverySteps {
        /// Steps `k` between two reviews; at least 1.
        steps: u32,
        /// Shift of all dates, in steps.
        phase_steps: u32,
    },
}

impl Review {
    /// Marks the review dates of `grid`: element `t` is true if the rule looks at `t`.
    ///
    /// The result has `steps + 1` elements. No date falls at `t = 0`, where the portfolio is just
    /// invested, or at the last step, after which nothing is earned.
    #[must_use]
    pub fn dates(self, grid: TimeGrid) -> Vec<bool> {
        let mut looks = vec![false; grid.steps as usize + 1];
        for j in 1u64.. {
            let t = match self {
                Self::EveryMonths { months, phase_steps } => {
                    u64::from(phase_steps)
                        + j * u64::from(months.max(1)) * u64::from(grid.per_year()) / 12
                }
                Self::EverySteps { steps, phase_steps } => {
                    u64::from(phase_steps) + j * u64::from(steps.max(1))
                }
            };
            if t >= u64::from(grid.steps) {
                break;
            }
            if t >= 1 {
                looks[t as usize] = true;
            }
        }
        looks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(review: Review, step: Step, steps: u32) -> Vec<usize> {
        let looks = review.dates(TimeGrid { step, steps });
        (0..looks.len()).filter(|&t| looks[t]).collect()
    }

    #[test]
    fn month_reviews_fall_on_whole_months_and_never_on_the_last_step() {
        let annual = Review::EveryMonths { months: 12, phase_steps: 0 };
        assert_eq!(dates(annual, Step::Month, 36), [12, 24]);
        let phased = Review::EveryMonths { months: 3, phase_steps: 1 };
        assert_eq!(dates(phased, Step::Month, 12), [4, 7, 10]);
    }

    #[test]
    fn months_of_days_are_21_steps_and_months_of_weeks_round_down() {
        let monthly = Review::EveryMonths { months: 1, phase_steps: 0 };
        assert_eq!(dates(monthly, Step::Day, 64), [21, 42, 63]);
        assert_eq!(dates(monthly, Step::Week, 14), [4, 8, 13]);
    }

    #[test]
    fn step_reviews_count_steps() {
        let two_weeks = Review::EverySteps { steps: 10, phase_steps: 0 };
        assert_eq!(dates(two_weeks, Step::Day, 31), [10, 20, 30]);
    }
}
