//! Computes the metrics that are followed month by month: tracking error, information ratio,
//! Sortino ratio, ulcer index, share of months outside the range, relative drawdown, whether the
//! baseline is ahead after some years, largest trade and rebalancing premium.
//!
//! A path is observed at the end of every month, as if the run ended there. Growth is the log
//! growth of the unit value, so contributions and withdrawals do not count. The relative metrics
//! use the ratio of the unit values of a policy and its baseline on the same path.

use std::sync::Arc;

use corridor_core::numerics::exp;
use corridor_core::outcome::CellId;
use corridor_core::time::TimeGrid;
use corridor_tables::metric::FollowedColumn;

use crate::path_value::LEAST_VOL;

/// The end of a month, on the grid of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonthEnd {
    /// Last step of the month; steps count from 0 at the start.
    pub step: u32,
    /// Years from the start to `step`.
    pub years: f64,
    /// Steps a year: 252, 52 or 12.
    pub steps_per_year: f64,
}

/// Returns the end of every month of a path, in order; the last one is the end of the path.
#[must_use]
pub fn month_ends(grid: TimeGrid) -> Vec<MonthEnd> {
    let months = grid.months(grid.steps).ceil() as u32;
    let mut steps: Vec<u32> = (1..=months)
        .map(|month| grid.step_of_months(f64::from(month)).min(grid.steps))
        .filter(|&step| step > 0)
        .collect();
    steps.push(grid.steps);
    steps.dedup();
    steps
        .into_iter()
        .map(|step| MonthEnd {
            step,
            years: grid.years(step),
            steps_per_year: f64::from(grid.per_year()),
        })
        .collect()
}

/// Reference values that a path is measured against.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceValues {
    /// Largest distance of a weight from its target that the investment policy allows, as a
    /// fraction of wealth.
    pub range: f64,
    /// Log return of cash a year.
    pub log_risk_free: f64,
    /// Log growth a year of the assets on this path, averaged with the target weights.
    pub asset_growth: f64,
}

/// Outcome of a path if it ended with a given month. Rates are averages over the time the account
/// was alive.
#[derive(Clone, Copy, Debug)]
pub struct MonthOutcome {
    /// Balance, in currency.
    pub wealth: f64,
    /// Log growth of the unit value, a year.
    pub log_growth_annual: f64,
    /// One-way turnover, a year.
    pub turnover_annual: f64,
    /// Root mean square over steps of the largest distance of a weight from its target, as a
    /// fraction of wealth.
    pub deviation_rms: f64,
    /// Month of ruin; NaN while the account is alive.
    pub ruin_month: f64,
}

/// One path under one policy, month by month.
#[derive(Clone, Debug, Default)]
pub struct MonthlyPath {
    wealth: Vec<f64>,
    /// Logarithm of the unit value, which starts at 1.
    log_unit: Vec<f64>,
    /// One-way turnover since the start.
    turnover: Vec<f64>,
    /// Sum over steps of the squared distance from the target.
    deviation: Vec<f64>,
    /// Steps that the account was alive.
    alive: Vec<f64>,
}

impl MonthlyPath {
    /// Takes all months away and keeps the memory, for another path.
    pub fn clear(&mut self) {
        let Self { wealth, log_unit, turnover, deviation, alive } = self;
        [wealth, log_unit, turnover, deviation, alive].into_iter().for_each(Vec::clear);
    }

    /// Appends the next month, whose averages are turned back into sums since the start.
    pub fn push(&mut self, month: &MonthEnd, outcome: MonthOutcome) {
        let MonthOutcome { wealth, log_growth_annual, turnover_annual, deviation_rms, ruin_month } =
            outcome;
        let ruined = !ruin_month.is_nan();
        let alive =
            if ruined { ruin_month / 12.0 * month.steps_per_year } else { f64::from(month.step) };
        // At the step of ruin nothing is held, so its weights have no distance from the target.
        let weighed = if ruined { (alive - 1.0).max(0.0) } else { alive };
        let years = alive.max(1.0) / month.steps_per_year;
        self.wealth.push(wealth);
        self.log_unit.push(log_growth_annual * years);
        self.turnover.push(turnover_annual * years);
        self.deviation.push(deviation_rms * deviation_rms * weighed);
        self.alive.push(weighed);
    }

    /// Returns the balance at the end of each month, in currency.
    #[must_use]
    pub fn wealth(&self) -> &[f64] {
        &self.wealth
    }

    /// Returns the drawdown at the end of each month: `1 - unit / peak`, a fraction. The peak runs
    /// over month ends and the start.
    #[must_use]
    pub fn drawdowns(&self) -> Vec<f64> {
        log_falls(&self.log_unit).map(|fall| 1.0 - exp(-fall)).collect()
    }

    /// Returns the values of all followed columns, indexed by `FollowedColumn as usize`; NaN where
    /// a metric has no value. `baseline` is the path under the baseline, `None` for a baseline;
    /// `drawdowns` are those of this path.
    ///
    /// With `g` the log growth of a month, `g_c` that of cash, `n` months in `T` years, and `r` the
    /// logarithm of the ratio of the unit values of policy and baseline:
    ///
    /// - tracking error `sd(change of r) sqrt(n / T)`, information ratio `(r_n / T) / tracking
    ///   error` (Grinold and Kahn 1999, chapter 5);
    /// - Sortino ratio `(g a year - g_c a year) / sqrt(sum min(g - g_c, 0)^2 / T)` (Sortino and
    ///   Price 1994);
    /// - ulcer index `sqrt(mean drawdown^2)` (Martin and McCann 1989);
    /// - relative drawdown: the largest fall of the ratio below its running peak, a fraction;
    /// - largest trade: the largest one-way turnover of a month;
    /// - rebalancing premium: log growth a year less that of the assets, weighted as the target.
    #[must_use]
    pub fn columns(
        &self,
        baseline: Option<&Self>,
        drawdowns: &[f64],
        months: &[MonthEnd],
        reference: ReferenceValues,
    ) -> [f64; FollowedColumn::COUNT] {
        let relative =
            baseline.map(|baseline| Relative::of(&self.log_unit, &baseline.log_unit, months));
        let of = |value: &dyn Fn(&Relative) -> f64| relative.as_ref().map_or(f64::NAN, value);
        let behind = |years: f64| of(&|relative| relative.behind_after(years, months));
        FollowedColumn::ALL.map(|column| match column {
            FollowedColumn::TrackingError => of(&|relative| relative.tracking_error),
            FollowedColumn::InformationRatio => of(&|relative| relative.information_ratio(months)),
            FollowedColumn::RelativeDrawdown => of(&|relative| relative.drawdown),
            FollowedColumn::Underperformed1y => behind(1.0),
            FollowedColumn::Underperformed3y => behind(3.0),
            FollowedColumn::Underperformed5y => behind(5.0),
            FollowedColumn::Underperformed10y => behind(10.0),
            FollowedColumn::OutsideRange => self.outside(reference.range),
            FollowedColumn::LargestTrade => differences(&self.turnover).fold(0.0, f64::max),
            FollowedColumn::UlcerIndex => {
                let squares: f64 = drawdowns.iter().map(|fall| fall * fall).sum();
                (squares / months.len() as f64).sqrt()
            }
            FollowedColumn::Sortino => self.sortino(months, reference.log_risk_free),
            FollowedColumn::RebalancingPremium => self.growth(months) - reference.asset_growth,
        })
    }

    /// Log growth a year to the end; NaN where the account was ruined before.
    fn growth(&self, months: &[MonthEnd]) -> f64 {
        let ends = self.log_unit.last().zip(self.alive.last()).zip(months.last());
        ends.map_or(f64::NAN, |((log_unit, alive), end)| {
            if *alive < f64::from(end.step) { f64::NAN } else { log_unit / end.years }
        })
    }

    /// Growth beyond that of cash over the downside deviation, which is annualised; NaN where no
    /// month fell short of cash.
    fn sortino(&self, months: &[MonthEnd], log_risk_free: f64) -> f64 {
        let years = months.last().map_or(1.0, |month| month.years);
        let of_cash = log_risk_free * years / months.len() as f64;
        let squares: f64 = differences(&self.log_unit)
            .map(|growth| (growth - of_cash).min(0.0))
            .map(|short| short * short)
            .sum();
        let deviation = (squares / years).sqrt();
        if deviation > LEAST_VOL {
            (self.growth(months) - log_risk_free) / deviation
        } else {
            f64::NAN
        }
    }

    /// Share of the months alive in which the distance from the target, as its root mean square
    /// over steps, exceeds `range`.
    fn outside(&self, range: f64) -> f64 {
        let months = differences(&self.deviation)
            .zip(differences(&self.alive))
            .filter(|(_, steps)| *steps > 0.0);
        // A rule may hold the distance at exactly the range, which counts as inside; differences of
        // sums of squares reproduce it to about 1e-9.
        let limit = (range + 1e-7) * (range + 1e-7);
        let (outside, count) = months.fold((0.0, 0.0), |(outside, count), (squares, steps)| {
            (outside + f64::from(u8::from(squares / steps > limit)), count + 1.0)
        });
        if count > 0.0 { outside / count } else { f64::NAN }
    }
}

/// The followed columns of one cell on all paths that were followed month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedCell {
    /// The cell; its horizon is the longest one of the scenario.
    pub id: CellId,
    /// Indexed by `FollowedColumn as usize`; one value per path, in path order, NaN where there is
    /// none.
    pub columns: [Arc<[f64]>; FollowedColumn::COUNT],
}

/// A path under a policy, relative to the same path under its baseline.
struct Relative {
    /// Logarithm of the ratio of the unit values, by month.
    log_ratio: Vec<f64>,
    tracking_error: f64,
    drawdown: f64,
}

impl Relative {
    fn of(policy: &[f64], baseline: &[f64], months: &[MonthEnd]) -> Self {
        let log_ratio: Vec<f64> =
            policy.iter().zip(baseline).map(|(policy, baseline)| policy - baseline).collect();
        let n = log_ratio.len() as f64;
        let mean = log_ratio.last().copied().unwrap_or(0.0) / n;
        let squares: f64 =
            differences(&log_ratio).map(|active| (active - mean) * (active - mean)).sum();
        let per_year = n / months.last().map_or(1.0, |month| month.years);
        let tracking_error =
            if n > 1.0 { (squares / (n - 1.0) * per_year).sqrt() } else { f64::NAN };
        let drawdown = 1.0 - exp(-log_falls(&log_ratio).fold(0.0, f64::max));
        Self { log_ratio, tracking_error, drawdown }
    }

    fn information_ratio(&self, months: &[MonthEnd]) -> f64 {
        let growth = self
            .log_ratio
            .last()
            .zip(months.last())
            .map_or(f64::NAN, |(ratio, month)| ratio / month.years);
        if self.tracking_error > LEAST_VOL { growth / self.tracking_error } else { f64::NAN }
    }

    /// 1 if the policy is behind its baseline at the first month end after `years`, else 0; NaN
    /// beyond the end of the path.
    fn behind_after(&self, years: f64, months: &[MonthEnd]) -> f64 {
        let place = months.iter().position(|month| month.years >= years - 1e-9);
        place.map_or(f64::NAN, |place| f64::from(u8::from(self.log_ratio[place] < 0.0)))
    }
}

/// By month, the distance of a logarithm below its running peak; the logarithm starts at 0.
fn log_falls(log_values: &[f64]) -> impl Iterator<Item = f64> {
    log_values.iter().scan(0.0_f64, |peak, &log_value| {
        *peak = peak.max(log_value);
        Some(*peak - log_value)
    })
}

/// By month, the change of a running sum that starts at 0.
fn differences(sums: &[f64]) -> impl Iterator<Item = f64> {
    std::iter::once(0.0).chain(sums.iter().copied()).zip(sums).map(|(before, after)| after - before)
}

#[cfg(test)]
mod tests {
    use corridor_core::numerics::ln;
    use corridor_core::time::Step;

    use super::*;

    const YARDSTICKS: ReferenceValues =
        ReferenceValues { range: 0.05, log_risk_free: 0.03, asset_growth: 0.7 };

    fn path(units: &[f64], months: &[MonthEnd]) -> MonthlyPath {
        let mut path = MonthlyPath::default();
        for (month, unit) in months.iter().zip(units) {
            path.push(
                month,
                MonthOutcome {
                    wealth: 100.0 * unit,
                    log_growth_annual: ln(*unit) / month.years,
                    turnover_annual: 0.5,
                    deviation_rms: 0.03,
                    ruin_month: f64::NAN,
                },
            );
        }
        path
    }

    #[test]
    fn committee_numbers_match_their_definitions() {
        let months = month_ends(TimeGrid { step: Step::Month, steps: 4 });
        assert_eq!(months.len(), 4);
        let policy = path(&[1.1, 0.99, 1.2, 1.3], &months);
        let baseline = path(&[1.0, 1.1, 1.1, 1.2], &months);
        let found = policy.columns(Some(&baseline), &policy.drawdowns(), &months, YARDSTICKS);
        let of = |column: FollowedColumn| found[column as usize];
        let ratios = [1.1, 0.9, 1.2 / 1.1, 1.3 / 1.2];
        let active: Vec<f64> = [1.0]
            .iter()
            .chain(&ratios)
            .zip(&ratios)
            .map(|(before, after)| ln(after / before))
            .collect();
        let mean = active.iter().sum::<f64>() / 4.0;
        let error =
            (active.iter().map(|a| (a - mean) * (a - mean)).sum::<f64>() / 3.0 * 12.0).sqrt();
        assert!((of(FollowedColumn::TrackingError) - error).abs() < 1e-12);
        assert!((of(FollowedColumn::InformationRatio) - ln(1.3 / 1.2) * 3.0 / error).abs() < 1e-12);
        assert!((of(FollowedColumn::RelativeDrawdown) - (1.0 - 0.9 / 1.1)).abs() < 1e-12);
        assert!(of(FollowedColumn::Underperformed1y).is_nan(), "the path is shorter");
        let ulcer = ((0.1_f64 * 0.1) / 4.0).sqrt();
        assert!((of(FollowedColumn::UlcerIndex) - ulcer).abs() < 1e-12);
        assert!((of(FollowedColumn::LargestTrade) - 0.5 / 12.0).abs() < 1e-12);
        assert_eq!(of(FollowedColumn::OutsideRange), 0.0);
        let growth = ln(1.3) * 3.0;
        let cash = 0.03 / 12.0;
        let short = [ln(1.1), ln(0.9), ln(1.2 / 0.99), ln(1.3 / 1.2)].map(|x| (x - cash).min(0.0));
        let downside = (short.iter().map(|x| x * x).sum::<f64>() * 3.0).sqrt();
        assert!((of(FollowedColumn::Sortino) - (growth - 0.03) / downside).abs() < 1e-12);
        assert!((of(FollowedColumn::RebalancingPremium) - (growth - 0.7)).abs() < 1e-12);
        let alone = policy.columns(
            None,
            &policy.drawdowns(),
            &months,
            ReferenceValues { range: 0.02, ..YARDSTICKS },
        );
        assert_eq!(alone[FollowedColumn::OutsideRange as usize], 1.0);
        assert!(alone[FollowedColumn::TrackingError as usize].is_nan());
    }

    #[test]
    fn behind_after_a_year_is_read_at_the_twelfth_month_on_any_clock() {
        for step in [Step::Month, Step::Week, Step::Day] {
            let months = month_ends(TimeGrid { step, steps: step.per_year() * 2 });
            assert_eq!(months.len(), 24, "{step:?}");
            assert_eq!(months[11].years, 1.0, "{step:?}");
            let units: Vec<f64> = (1..=24).map(|k| if k <= 12 { 0.9 } else { 1.1 }).collect();
            let found = path(&units, &months).columns(
                Some(&path(&[1.0; 24], &months)),
                &[0.0; 24],
                &months,
                YARDSTICKS,
            );
            assert_eq!(found[FollowedColumn::Underperformed1y as usize], 1.0);
        }
    }
}
