//! Refuses columns of a history that cannot be returns, with the likely cause, and warns of unusual
//! ones.

use corridor_core::numerics::ln;
use corridor_core::time::Step;

use super::sheet::{Fault, Row, Sheet};
use crate::diagnostic::{Id, Severity};
use crate::wording::{list, number};

/// Logarithm of the growth a year that no asset has without ever losing.
const GROWTH_WITHOUT_LOSS_MAX: f64 = 1.0;
/// Logarithm of the growth a year above which an asset that never loses is unusual.
const GROWTH_WITHOUT_LOSS_USUAL: f64 = 0.25;
/// Logarithm of the growth a year, up or down, above which a column is unusual.
const GROWTH_USUAL: f64 = 0.5;
/// Standard deviation a year, estimated robustly, that no asset has.
const SPREAD_MAX: f64 = 3.0;
/// Standard deviation a year above which a column is unusual.
const SPREAD_USUAL: f64 = 1.0;
/// Share of returns that may lose everything before the column as a whole is refused.
const RUINOUS_SHARE: f64 = 0.05;
/// Return of one step above which a lone return is unusual, if it is far above the others.
const LONE_RETURN: f64 = 0.5;
/// Multiple of the median absolute return above which a lone return is unusual.
const LONE_MULTIPLE: f64 = 20.0;
/// Number above which numbers that are all positive are prices, not percentages.
const PRICES_ABOVE: f64 = 20.0;

/// The likely contents of a column that cannot hold returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contents {
    Prices,
    GrowthFactors,
    Percentages,
    PricesOrPercentages,
}

impl Contents {
    const ALL: [Self; 4] =
        [Self::Prices, Self::GrowthFactors, Self::Percentages, Self::PricesOrPercentages];

    const fn name(self) -> &'static str {
        match self {
            Self::Prices => "prices",
            Self::GrowthFactors => "growth factors",
            Self::Percentages => "percentages",
            Self::PricesOrPercentages => "prices or percentages",
        }
    }

    /// How to turn the column into returns.
    const fn way_out(self) -> &'static str {
        match self {
            Self::Prices => {
                "write simple returns: each price divided by the price before, minus 1; the first \
                date has none"
            }
            Self::GrowthFactors => "write simple returns: each factor minus 1, so 1.012 is 0.012",
            Self::Percentages => {
                "write decimals: divide the column by 100, so 1.2 % is 0.012; rates of a year are \
                to be divided by the number of steps in a year too"
            }
            Self::PricesOrPercentages => {
                "write simple returns as decimals: 1.2 % is 0.012, and a price is divided by the \
                price before, minus 1"
            }
        }
    }
}

impl Sheet<'_> {
    /// Checks the columns of `assets`, and returns those that cannot be returns. Moments a year are
    /// compared only if the rows are one `step` apart.
    pub fn plausible(
        &self,
        rows: &[Row],
        assets: &[String],
        step: Step,
        are_steps: bool,
    ) -> Vec<usize> {
        let columns: Vec<Vec<f64>> = (0..assets.len())
            .map(|asset| rows.iter().map(|row| row.returns[asset]).collect())
            .collect();
        let found: Vec<Option<Contents>> =
            columns.iter().map(|column| implausible(column, step)).collect();
        for contents in Contents::ALL {
            let members: Vec<usize> =
                (0..assets.len()).filter(|&asset| found[asset] == Some(contents)).collect();
            self.refuse(contents, &members, &columns, assets);
        }
        let is_usable = |asset: &usize| found[*asset].is_none();
        for asset in (0..assets.len()).filter(is_usable) {
            let (column, name) = (&columns[asset], &assets[asset]);
            // one wrong number, which is reported by itself, makes the moments unusual as well
            let is_ruinous = column.iter().any(|number| *number <= -1.0);
            if !self.lone(rows, column, name) && are_steps && !is_ruinous {
                self.unusual(column, name, step);
            }
        }
        self.twice(&columns, assets);
        (0..assets.len()).filter(|asset| !is_usable(asset)).collect()
    }

    /// Refuses the columns `members`, which have the same likely contents.
    fn refuse(
        &self,
        contents: Contents,
        members: &[usize],
        columns: &[Vec<f64>],
        assets: &[String],
    ) {
        let Some(&first) = members.first() else { return };
        let names = list(members.iter().map(|&asset| assets[asset].as_str()));
        let (word, hold) =
            if members.len() == 1 { ("column", "holds") } else { ("columns", "hold") };
        let sign = if contents == Contents::Percentages { ", up or down" } else { "" };
        let message = format!(
            "the {word} {names} {hold} {}, not returns: half of the numbers of `{}` are {} or \
            more{sign}",
            contents.name(),
            assets[first],
            number(digits(median_size(&columns[first])))
        );
        let hint = contents.way_out().to_owned();
        let fault = Fault { id: Id::CsvNotReturns, message, hint };
        self.report(Severity::Error, 0, &assets[first], fault);
    }

    /// Warns of a column with a growth or a spread that few assets have.
    fn unusual(&self, column: &[f64], asset: &str, step: Step) {
        let Some(yearly) = Yearly::of(column, step) else { return };
        let never_loses = column.iter().all(|number| *number >= 0.0);
        let is_unusual = yearly.log_growth.abs() > GROWTH_USUAL
            || yearly.deviation > SPREAD_USUAL
            || never_loses && yearly.log_growth > GROWTH_WITHOUT_LOSS_USUAL;
        if is_unusual {
            let percent = |fraction: f64| number((fraction * 1000.0).round() / 10.0);
            let and = if never_loses { " and never loses" } else { "" };
            let message = format!(
                "the column `{asset}` has a mean log return of {} % a year, a volatility of {} \
                %{and}",
                percent(yearly.log_growth),
                percent(yearly.deviation)
            );
            let hint = format!(
                "check that its numbers are returns of a {} as decimals: 0.01 is 1 %",
                step.name()
            );
            self.warn(asset, message, hint);
        } else if column.iter().all(|number| *number == 0.0) {
            let message = format!("the column `{asset}` is 0 at every date");
            let hint = "check that its returns were not lost; cash without interest has zeros";
            self.warn(asset, message, hint.to_owned());
        }
    }

    /// Warns of the first return far above all others, such as one with a misplaced decimal point,
    /// and says whether there is one.
    fn lone(&self, rows: &[Row], column: &[f64], asset: &str) -> bool {
        let usual = median_size(column);
        let is_lone = |number: &f64| {
            number.abs() > LONE_RETURN && *number > -1.0 && number.abs() > LONE_MULTIPLE * usual
        };
        let place = column.iter().position(is_lone).filter(|_| usual > 0.0);
        if let Some(place) = place {
            let (row, value) = (&rows[place], column[place]);
            let message = format!(
                "the return {} of `{asset}` on {} is {:.0} times as large as half of its column",
                number(value),
                row.date,
                value.abs() / usual
            );
            let hint = "check its decimal point".to_owned();
            let fault = Fault { id: Id::CsvUnusual, message, hint };
            self.report(Severity::Warning, row.start, &row.date.to_string(), fault);
        }
        place.is_some()
    }

    /// Warns of a column that repeats another one.
    fn twice(&self, columns: &[Vec<f64>], assets: &[String]) {
        for later in 1..columns.len() {
            if columns[later].iter().all(|number| *number == 0.0) {
                continue;
            }
            if let Some(earlier) = (0..later).find(|&earlier| columns[earlier] == columns[later]) {
                let (a, b) = (&assets[earlier], &assets[later]);
                let message = format!("the columns `{a}` and `{b}` have the same numbers");
                let hint = "check that one was not copied over the other".to_owned();
                self.warn(b, message, hint);
            }
        }
    }

    /// Warns at the name of a column in the first line.
    fn warn(&self, column: &str, message: String, hint: String) {
        let fault = Fault { id: Id::CsvUnusual, message, hint };
        self.report(Severity::Warning, 0, column, fault);
    }
}

/// Yearly moments of a column.
struct Yearly {
    /// Mean log return, over the returns that leave something.
    log_growth: f64,
    /// Standard deviation of the simple return.
    deviation: f64,
}

impl Yearly {
    /// The moments of a column; `None` if no return leaves anything.
    fn of(column: &[f64], step: Step) -> Option<Self> {
        let m = f64::from(step.per_year());
        let logs: Vec<f64> =
            column.iter().filter(|number| **number > -1.0).map(|number| ln(1.0 + number)).collect();
        let mean = mean(column)?;
        let squares: Vec<f64> = column.iter().map(|x| (x - mean) * (x - mean)).collect();
        Some(Self {
            log_growth: m * self::mean(&logs)?,
            deviation: (m * self::mean(&squares)?).sqrt(),
        })
    }
}

/// The likely contents of a column that cannot hold returns; `None` if it can.
fn implausible(column: &[f64], step: Step) -> Option<Contents> {
    let middle = median(column.to_vec())?;
    let size = median_size(column);
    // a normal law has a standard deviation of 1.4826 median absolute deviations
    let spread = 1.4826
        * median(column.iter().map(|x| (x - middle).abs()).collect())?
        * f64::from(step.per_year()).sqrt();
    let largest = match step {
        Step::Day => 0.2,
        Step::Week => 0.3,
        Step::Month => 0.5,
    };
    let ruinous = column.iter().filter(|number| **number <= -1.0).count() as f64;
    let never_loses = column.iter().all(|number| *number >= 0.0);
    let growth = Yearly::of(column, step).map_or(0.0, |yearly| yearly.log_growth);
    let is_possible = size <= largest
        && spread <= SPREAD_MAX
        && ruinous <= RUINOUS_SHARE * column.len() as f64 + 1.0
        && !(never_loses && growth > GROWTH_WITHOUT_LOSS_MAX);
    if is_possible {
        None
    } else if !never_loses {
        Some(Contents::Percentages)
    } else if (0.9..=1.1).contains(&middle) && !is_level(column) {
        Some(Contents::GrowthFactors)
    } else if size >= PRICES_ABOVE {
        Some(Contents::Prices)
    } else if size <= largest {
        // too small for a price of anything that is quoted
        Some(Contents::Percentages)
    } else {
        Some(Contents::PricesOrPercentages)
    }
}

/// Whether a column is a level, which changes little from row to row compared with its range.
fn is_level(column: &[f64]) -> bool {
    let Some(mean) = mean(column) else { return false };
    let variance: f64 = column.iter().map(|x| (x - mean) * (x - mean)).sum();
    let changes: f64 =
        column.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).sum();
    // of independent numbers the sum of squared changes is twice the variance
    changes < 0.5 * variance
}

fn median_size(column: &[f64]) -> f64 {
    median(column.iter().map(|number| number.abs()).collect()).unwrap_or(0.0)
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// A number with four significant digits.
fn digits(number: f64) -> f64 {
    format!("{number:.3e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns of a month: 0.6 % with a spread of 4 %, without a pattern.
    fn returns(count: usize) -> Vec<f64> {
        (0..count).map(|i| 0.006 + 0.07 * (((i * 7919) % 101) as f64 / 101.0 - 0.5)).collect()
    }

    fn scaled(factor: f64) -> Vec<f64> {
        returns(60).iter().map(|number| number * factor).collect()
    }

    fn levels(start: f64) -> Vec<f64> {
        let step = |level: &mut f64, change: f64| {
            *level *= 1.0 + change;
            Some(*level)
        };
        returns(60).into_iter().scan(start, step).collect()
    }

    #[test]
    fn the_contents_of_a_column_are_recognised() {
        let factors: Vec<f64> = returns(60).iter().map(|number| 1.0 + number).collect();
        let bills: Vec<f64> = (0..60).map(|i| 0.2 + 0.003 * f64::from(i)).collect();
        let cases = [
            (returns(60), None),
            (scaled(0.2), None),
            // a coin of its first years
            (scaled(4.0), None),
            (scaled(100.0), Some(Contents::Percentages)),
            (bills, Some(Contents::Percentages)),
            (factors, Some(Contents::GrowthFactors)),
            (levels(100.0), Some(Contents::Prices)),
            (levels(1.0), Some(Contents::PricesOrPercentages)),
            (vec![0.0; 60], None),
        ];
        for (column, contents) in cases {
            assert_eq!(implausible(&column, Step::Month), contents, "{:?}", &column[..5]);
        }
        let daily: Vec<f64> = returns(500).iter().map(|number| 0.3 * number).collect();
        assert_eq!(implausible(&daily, Step::Day), None);
        let percent: Vec<f64> = daily.iter().map(|number| 100.0 * number).collect();
        assert_eq!(implausible(&percent, Step::Day), Some(Contents::Percentages));
    }

    #[test]
    fn one_wrong_number_does_not_make_a_column_implausible() {
        for wrong in [3.2, -40.0, 1e6] {
            let mut column = returns(60);
            column[20] = wrong;
            assert_eq!(implausible(&column, Step::Month), None, "{wrong}");
        }
    }
}
