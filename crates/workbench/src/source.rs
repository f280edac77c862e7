//! Hands out the markets of a plan as sources of paths.

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::path::PathSource;
use corridor_scenario::market::Market;
use corridor_simulation::run::Group;
use corridor_study::plan::RunPlan;

/// A market as a source of the blocks that runs take.
#[must_use]
pub fn paths(market: &Market) -> &dyn PathSource<LANES> {
    market.source128()
}

/// A market as a source of the small blocks that the reference loop reads.
#[must_use]
pub fn small_blocks(market: &Market) -> &dyn PathSource<16> {
    market.source16()
}

/// Names of a market's true regimes; none where it has no more than one.
#[must_use]
pub fn regimes(market: &Market) -> &[String] {
    market.regimes()
}

/// Everything that runs, market by market.
#[must_use]
pub fn groups(plan: &RunPlan) -> Vec<Group<'_, LANES>> {
    plan.groups
        .iter()
        .map(|group| Group { source: paths(&group.market), simulation: &group.simulation })
        .collect()
}

/// Generates paths with the instructions of `level`: the same bits at another speed.
#[must_use]
pub(crate) fn at_level(mut plan: RunPlan, level: Level) -> RunPlan {
    for group in &mut plan.groups {
        group.market = group.market.clone().at_level(level);
    }
    plan
}
