//! Groups sweeps into axes and counts through the corners that they span.

use super::Sweep;
use crate::diagnostic::Id;
use crate::grid::Choice;
use crate::report::Reporter;
use crate::wording::quoted;

/// Sweeps that advance together.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// Numbers of the sweeps.
    pub sweeps: Vec<usize>,
    /// Number of values of each.
    pub len: usize,
}

/// Groups the sweeps `members`, numbers in file order, into axes in file order. A sweep with
/// another number of values than its axis is reported.
pub(crate) fn axes(sweeps: &[Sweep], members: &[usize], reporter: &Reporter) -> Vec<Axis> {
    let mut axes: Vec<(Option<&str>, Axis)> = Vec::new();
    for &number in members {
        let sweep = &sweeps[number];
        let len = sweep.alternatives.len();
        let name = sweep.axis.as_deref();
        match axes.iter_mut().find(|(known, _)| name.is_some() && *known == name) {
            Some((_, axis)) if axis.len == len => axis.sweeps.push(number),
            Some((_, axis)) => {
                let axis_name = quoted(name.unwrap_or_default());
                let message = format!(
                    "the sweep of `{}` has {len} values, axis `{axis_name}` has {}",
                    sweep.key(),
                    axis.len
                );
                reporter.error(
                    sweep.span,
                    Id::SweepAxis,
                    message,
                    "give all sweeps of an axis the same number of values",
                );
            }
            None => axes.push((name, Axis { sweeps: vec![number], len })),
        }
    }
    axes.into_iter().map(|(_, axis)| axis).collect()
}

/// All corners of `axes`, the last axis moving fastest; other sweeps stay where `base` has them.
pub(crate) fn corners(axes: &[Axis], base: &Choice) -> Vec<Choice> {
    let mut corners = vec![base.clone()];
    for axis in axes {
        let widened = corners.iter().flat_map(|corner| {
            (0..axis.len).map(move |place| {
                let mut corner = corner.clone();
                for &sweep in &axis.sweeps {
                    corner[sweep] = place;
                }
                corner
            })
        });
        corners = widened.collect();
    }
    corners
}

/// Number of corners of `axes`, saturating.
pub(crate) fn count(axes: &[Axis]) -> u64 {
    axes.iter().fold(1u64, |count, axis| count.saturating_mul(axis.len as u64))
}
