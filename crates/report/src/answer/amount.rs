//! Writes levels and differences of a metric in words: "10.5 % instead of 13.3 %, 2.9 points less".

use corridor_tables::label::Precision;
use corridor_tables::metric::Metric;
use corridor_tables::{CompareRow, DimMetricRow};

use crate::answer::names::joined;
use crate::number::NumberFormat;

/// The unit and the number format of a metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amounts<'a> {
    format: NumberFormat,
    unit: &'a str,
}

impl<'a> Amounts<'a> {
    pub fn of(metric: &'a DimMetricRow) -> Self {
        Self { format: NumberFormat::of(&metric.number_format), unit: in_words(&metric.unit) }
    }

    pub fn of_metric(metric: &'a Metric) -> Self {
        Self { format: NumberFormat::of(metric.number_format), unit: in_words(metric.unit) }
    }

    /// Returns the unit of differences; fractions differ by percentage points.
    fn unit_of_differences(self) -> &'a str {
        if self.format.difference_suffix().is_empty() { self.unit } else { "points" }
    }

    /// Writes a margin without trailing zeros: "5 bp a year", "1 point".
    pub fn margin(self, margin: f64) -> String {
        let number = self.format.for_differences().bare(margin);
        let number = match number.contains('.') {
            true => number.trim_end_matches('0').trim_end_matches('.'),
            false => &number,
        };
        let unit = self.unit_of_differences();
        match (number, unit) {
            ("1", "points") => "1 point".to_owned(),
            _ => format!("{number} {unit}"),
        }
    }

    /// Writes a level and that of the baseline: "10.5 % instead of 13.3 %".
    fn levels(self, row: &CompareRow) -> Option<String> {
        let (value, baseline) = row.policy_value.zip(row.baseline_value)?;
        let (value, baseline) = (self.format.bare(value), self.format.bare(baseline));
        Some(match self.format.suffix() {
            "" => format!("{value} instead of {baseline} {}", self.unit),
            suffix => format!("{value}{suffix} instead of {baseline}{suffix}"),
        })
    }

    /// Writes the levels and the difference with its interval: "10.5 % instead of 13.3 %, 2.85
    /// points less (2.50 to 3.20)".
    pub fn levels_and_difference(self, row: &CompareRow) -> Option<String> {
        let interval = self.interval(row)?;
        Some(match (self.levels(row), self.unit_of_differences()) {
            (Some(levels), "points") => format!("{levels}, {}{interval}", self.directed(row)?),
            // The levels name the unit.
            (Some(levels), _) => format!("{levels}, {}{interval}", self.bare(row)?),
            (None, _) => self.directed(row)? + &interval,
        })
    }

    /// Writes a difference with its interval and direction: "7.31 bp a year more (6.28 to 8.34)".
    pub fn difference(self, row: &CompareRow) -> Option<String> {
        Some(self.directed(row)? + &self.interval(row)?)
    }

    /// Writes the smallest and the largest of several differences, each with its place.
    pub fn range(self, least: (&CompareRow, &str), most: (&CompareRow, &str)) -> Option<String> {
        // The smaller distance from the baseline comes first.
        let (near, far) = if most.0.diff? <= 0.0 { (most, least) } else { (least, most) };
        let (first, last) = (self.directed(near.0)?, self.bare(far.0)?);
        Some(format!("from {first} ({}) to {last} ({})", near.1, far.1))
    }

    /// Writes differences that all go one way, in their order: "4.07, 2.10 and 1.01 points less";
    /// `None` if they do not.
    pub fn in_order(self, rows: &[&CompareRow]) -> Option<String> {
        let (first, rest) = rows.split_first()?;
        let is_less = first.diff? < 0.0;
        if !rest.iter().all(|row| row.diff.is_some_and(|diff| (diff < 0.0) == is_less)) {
            return None;
        }
        let numbers: Vec<String> =
            rows.iter().filter_map(|row| Some(self.finer(row).bare(row.diff?.abs()))).collect();
        Some(self.with_unit(&joined(&numbers), first.diff?))
    }

    /// Writes a difference alone: "2.85 points less".
    pub fn directed(self, row: &CompareRow) -> Option<String> {
        Some(self.with_unit(&self.finer(row).bare(row.diff?.abs()), row.diff?))
    }

    fn with_unit(self, number: &str, diff: f64) -> String {
        let (unit, way) = (self.unit_of_differences(), way(diff));
        match unit.starts_with("in ") {
            true => format!("{number} {way} {unit}"),
            false => format!("{number} {unit} {way}"),
        }
    }

    /// Writes a difference without its unit: "2.85 less".
    pub fn bare(self, row: &CompareRow) -> Option<String> {
        Some(format!("{} {}", self.finer(row).bare(row.diff?.abs()), way(row.diff?)))
    }

    /// The ends of the interval in the direction of the difference, and whether to rely on them;
    /// empty without an interval.
    fn interval(self, row: &CompareRow) -> Option<String> {
        let diff = row.diff?;
        let Some((low, high)) = row.ci_low_simultaneous.zip(row.ci_high_simultaneous) else {
            return Some(String::new());
        };
        let finer = self.finer(row);
        let ends = if low < 0.0 && high > 0.0 {
            format!("{} less to {} more", finer.bare(-low), finer.bare(high))
        } else {
            let (near, far) = if diff < 0.0 { (-high, -low) } else { (low, high) };
            format!("{} to {}", finer.bare(near), finer.bare(far))
        };
        let doubt = match Precision::of_name(&row.precision) {
            Some(Precision::Precise) => "",
            Some(Precision::Indicative) => ", roughly",
            Some(Precision::Insufficient) | None => ", an error that cannot be trusted",
        };
        Some(format!(" ({ends}{doubt})"))
    }

    fn finer(self, row: &CompareRow) -> NumberFormat {
        self.format.for_differences().within(row.std_error)
    }
}

/// The unit as it stands in a sentence.
fn in_words(unit: &str) -> &str {
    match unit {
        "currency (nominal)" => "in money of its time",
        "currency (real, money of the start)" => "in money of the start",
        other => other,
    }
}

fn way(diff: f64) -> &'static str {
    if diff < 0.0 { "less" } else { "more" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(number_format: &str, unit: &str) -> DimMetricRow {
        DimMetricRow {
            number_format: number_format.to_owned(),
            unit: unit.to_owned(),
            ..DimMetricRow::default()
        }
    }

    fn row(policy: f64, baseline: f64, half: f64, precision: &'static str) -> CompareRow {
        let diff = policy - baseline;
        CompareRow {
            policy_value: Some(policy),
            baseline_value: Some(baseline),
            diff: Some(diff),
            std_error: Some(half / 2.0),
            ci_low_simultaneous: Some(diff - half),
            ci_high_simultaneous: Some(diff + half),
            precision: precision.into(),
            ..CompareRow::default()
        }
    }

    #[test]
    fn probabilities_differ_by_points_and_less_is_said_as_less() {
        let metric = metric("0.0%", "probability");
        let amounts = Amounts::of(&metric);
        let less = row(0.105, 0.1335, 0.0035, "precise");
        assert_eq!(
            amounts.levels_and_difference(&less).unwrap(),
            "10.5 % instead of 13.4 %, 2.85 points less (2.50 to 3.20)"
        );
        let unclear = row(0.1345, 0.1335, 0.0035, "precise");
        assert_eq!(
            amounts.difference(&unclear).unwrap(),
            "0.10 points more (0.25 less to 0.45 more)"
        );
        assert_eq!(
            (amounts.margin(0.01), amounts.margin(0.005)),
            ("1 point".into(), "0.5 points".into())
        );
    }

    #[test]
    fn other_metrics_have_their_unit_and_doubts_are_said() {
        let metric = metric("0.0", "bp a year");
        let amounts = Amounts::of(&metric);
        let more = row(556.9, 550.3, 0.4, "indicative");
        assert_eq!(
            amounts.levels_and_difference(&more).unwrap(),
            "556.9 instead of 550.3 bp a year, 6.60 more (6.20 to 7.00, roughly)"
        );
        assert_eq!(amounts.margin(5.0), "5 bp a year");
        let wealth = self::metric("#,##0", "currency (real, money of the start)");
        let amounts = Amounts::of(&wealth);
        let more = row(427_600.0, 400_100.0, 900.0, "precise");
        assert_eq!(
            amounts.difference(&more).unwrap(),
            "27,500 more in money of the start (26,600 to 28,400)"
        );
    }

    #[test]
    fn a_range_begins_with_the_smaller_distance_and_names_its_places() {
        let metric = metric("0.0", "bp a year");
        let amounts = Amounts::of(&metric);
        let (far, near, above) = (
            row(540.0, 550.0, 0.4, "precise"),
            row(549.0, 550.0, 0.4, "precise"),
            row(552.0, 550.0, 0.4, "precise"),
        );
        assert_eq!(
            amounts.range((&far, "storm"), (&near, "calm")).unwrap(),
            "from 1.00 bp a year less (calm) to 10.00 less (storm)"
        );
        assert_eq!(
            amounts.range((&far, "storm"), (&above, "calm")).unwrap(),
            "from 10.00 bp a year less (storm) to 2.00 more (calm)"
        );
    }
}
