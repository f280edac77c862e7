//! Passes the markets of a plan to the simulation.

use corridor_core::level::Level;
use corridor_simulation::run::Group;
use corridor_study::plan::RunPlan;

/// Returns the markets of a plan with the policies that run on each.
pub(crate) fn groups(plan: &RunPlan) -> Vec<Group<'_>> {
    let groups = plan.groups.iter();
    groups
        .map(|group| Group { source: group.market.source128(), simulation: &group.simulation })
        .collect()
}

/// Makes the markets generate paths with the instructions of `level`, which changes no bit.
pub(crate) fn at_level(mut plan: RunPlan, level: Level) -> RunPlan {
    for group in &mut plan.groups {
        group.market = group.market.clone().at_level(level);
    }
    plan
}
