//! Finds the value of a swept number at which a policy breaks even: where its difference crosses a
//! level.
//!
//! Between the points of the sweep the difference and the ends of its interval are interpolated
//! linearly. The interval of a crossing is the set of values around it at which the interval of the
//! difference holds the level: the values that the data do not rule out (Fieller 1954). Where it
//! reaches the end of the sweep, that end is open.

/// A point of a sweep: the swept value and the difference at it, with its pointwise 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Value of the swept number.
    pub x: f64,
    /// Paired difference, in the metric's unit.
    pub diff: f64,
    /// Lower end of the interval of the difference.
    pub low: f64,
    /// Upper end of the interval of the difference.
    pub high: f64,
}

/// A crossing of a difference with a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Value of the swept number at the crossing.
    pub x: f64,
    /// Lower end of the interval of `x`; `None` if it lies beyond the sweep.
    pub low: Option<f64>,
    /// Upper end of the interval of `x`; `None` if it lies beyond the sweep.
    pub high: Option<f64>,
    /// Whether the difference rises through the level as the swept number grows.
    pub rises: bool,
    /// Swept values between which the difference crosses, neighbours in the sweep; equal where it is
    /// on the level at a swept value.
    pub between: (f64, f64),
}

/// Finds all crossings of a difference with `level`, by rising `x`. The `x` of the points increase.
/// A difference that touches the level and turns back does not cross it.
#[must_use]
pub fn crossings(points: &[Point], level: f64) -> Vec<Crossing> {
    let mut found: Vec<Crossing> = Vec::new();
    for (index, pair) in points.windows(2).enumerate() {
        let (from, to) = (pair[0].diff - level, pair[1].diff - level);
        let starts_on_it = from == 0.0 && to != 0.0 && index == 0;
        let turns_back = to == 0.0 && side_after(&points[index + 1..], level) * from > 0.0;
        if from * to < 0.0 || (to == 0.0 && from != 0.0 && !turns_back) || starts_on_it {
            let x = root(pair[0].x, from, pair[1].x, to);
            let inside = if starts_on_it { index } else { index + usize::from(to == 0.0) };
            found.push(Crossing {
                x,
                low: left(points, inside, x, level),
                high: right(points, inside, x, level),
                rises: to > from,
                between: match (starts_on_it, to == 0.0) {
                    (true, _) => (pair[0].x, pair[0].x),
                    (false, true) => (pair[1].x, pair[1].x),
                    (false, false) => (pair[0].x, pair[1].x),
                },
            });
        }
    }
    found
}

/// Returns the first distance from the level that is not 0; 0 if there is none.
fn side_after(points: &[Point], level: f64) -> f64 {
    points.iter().map(|point| point.diff - level).find(|distance| *distance != 0.0).unwrap_or(0.0)
}

/// Returns the `x` at which the line through two points is 0.
fn root(x0: f64, y0: f64, x1: f64, y1: f64) -> f64 {
    if y0 == y1 { x0 } else { x0 + (x1 - x0) * (y0 / (y0 - y1)) }
}

/// Returns whether the interval at a point holds the level.
fn holds(point: &Point, level: f64) -> bool {
    point.low <= level && level <= point.high
}

/// Returns the largest value below `x` from which on the interval holds the level; `x` lies at or
/// after point `segment`.
fn left(points: &[Point], segment: usize, x: f64, level: f64) -> Option<f64> {
    let mut inner = at(points, segment, x);
    for outer in points[..=segment].iter().rev().filter(|point| point.x < x) {
        if !holds(outer, level) {
            return Some(edge(outer, &inner, level));
        }
        inner = *outer;
    }
    None
}

/// Returns the smallest value above `x` up to which the interval holds the level.
fn right(points: &[Point], segment: usize, x: f64, level: f64) -> Option<f64> {
    let mut inner = at(points, segment, x);
    for outer in points[segment..].iter().filter(|point| point.x > x) {
        if !holds(outer, level) {
            return Some(edge(outer, &inner, level));
        }
        inner = *outer;
    }
    None
}

/// Returns where the interval begins to hold the level, between a point at which it does not and
/// one at which it does.
fn edge(outer: &Point, inner: &Point, level: f64) -> f64 {
    let end =
        |point: &Point| if outer.low > level { point.low - level } else { point.high - level };
    root(outer.x, end(outer), inner.x, end(inner))
}

/// Interpolates the point at `x`.
fn at(points: &[Point], segment: usize, x: f64) -> Point {
    let Some([from, to]) = points.get(segment..segment + 2) else { return points[segment] };
    let share = (x - from.x) / (to.x - from.x);
    let mix = |a: f64, b: f64| a + share * (b - a);
    Point {
        x,
        diff: mix(from.diff, to.diff),
        low: mix(from.low, to.low),
        high: mix(from.high, to.high),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(diff: &[f64], half: f64) -> Vec<Point> {
        diff.iter()
            .enumerate()
            .map(|(x, &diff)| Point { x: x as f64, diff, low: diff - half, high: diff + half })
            .collect()
    }

    #[test]
    fn a_line_breaks_even_where_it_is_zero_and_its_interval_is_that_of_fieller() {
        let found = crossings(&line(&[-4.0, -2.0, 0.5, 2.5, 4.5], 1.0), 0.0);
        assert_eq!(
            found,
            [Crossing {
                x: 1.8,
                low: Some(1.4),
                high: Some(2.25),
                rises: true,
                between: (1.0, 2.0)
            }]
        );
        // A point has exactly the level 2.5.
        assert_eq!(
            crossings(&line(&[-4.0, -2.0, 0.5, 2.5, 4.5], 1.0), 2.5),
            [Crossing {
                x: 3.0,
                low: Some(2.5),
                high: Some(3.5),
                rises: true,
                between: (3.0, 3.0)
            }]
        );
    }

    #[test]
    fn no_crossing_several_crossings_and_open_ends() {
        assert_eq!(crossings(&line(&[1.0, 2.0, 3.0], 0.1), 0.0), []);
        let several = crossings(&line(&[-1.0, 1.0, -1.0], 0.5), 0.0);
        assert_eq!(
            several.iter().map(|one| (one.x, one.rises)).collect::<Vec<_>>(),
            [(0.5, true), (1.5, false)]
        );
        let wide = crossings(&line(&[-1.0, 1.0], 5.0), 0.0);
        assert_eq!(
            wide,
            [Crossing { x: 0.5, low: None, high: None, rises: true, between: (0.0, 1.0) }]
        );
        // The sweep starts on the level without an error: elasticity 0 is the baseline itself.
        let from_zero = crossings(
            &[
                Point { x: 0.0, diff: 0.0, low: 0.0, high: 0.0 },
                Point { x: 1.0, diff: 2.0, low: 1.0, high: 3.0 },
            ],
            0.0,
        );
        assert_eq!(
            from_zero,
            [Crossing { x: 0.0, low: None, high: Some(0.0), rises: true, between: (0.0, 0.0) }]
        );
    }

    #[test]
    fn a_flat_stretch_on_the_level_is_met_once() {
        assert_eq!(crossings(&line(&[-1.0, 0.0, 0.0, 1.0], 0.1), 0.0).len(), 1);
        assert_eq!(crossings(&line(&[0.0, 0.0, 0.0], 0.1), 0.0), []);
        assert_eq!(
            crossings(&line(&[-1.0, 0.0, 0.0, -1.0], 0.1), 0.0),
            [],
            "it touches the level and turns back"
        );
    }
}
