//! Names the corners of sweeps by their values.

use super::{OwnedSegment, Sweep};
use crate::grid::Choice;

/// Name of a corner, such as `one_way_bps=10,initial=1000`: its values of the sweeps `members`,
/// each under the shortest distinct key.
pub(crate) fn corner_name(sweeps: &[Sweep], members: &[usize], choice: &Choice) -> String {
    let part = |&number: &usize| {
        format!("{}={}", short_key(sweeps, members, number), sweeps[number].label(choice[number]))
    };
    let parts: Vec<String> = members.iter().map(part).collect();
    parts.join(",")
}

/// The last segments of a sweep's key, as few as tell it from the other sweeps of `members`.
pub(crate) fn short_key(sweeps: &[Sweep], members: &[usize], number: usize) -> String {
    let sweep = &sweeps[number];
    let clashes = |count: &usize| {
        members
            .iter()
            .any(|&other| other != number && sweeps[other].suffix(*count) == sweep.suffix(*count))
    };
    let begins_with_a_key =
        |count: &usize| matches!(sweep.path.iter().nth_back(count - 1), Some(OwnedSegment::Key(_)));
    let depth = (1..sweep.path.len())
        .find(|count| begins_with_a_key(count) && !clashes(count))
        .unwrap_or(sweep.path.len());
    sweep.suffix(depth)
}
