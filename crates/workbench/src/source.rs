//! Hands out the markets of a plan as sources of paths.

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::path::PathSource;
use corridor_simulation::run::Group;
use corridor_study::plan::{Market, RunPlan};

/// A market as a source of the blocks that runs take.
#[must_use]
pub fn paths(market: &Market) -> &dyn PathSource<LANES> {
    match market {
        Market::RegimeSwitching(model) => model.blocks(),
        Market::Bootstrap(history) => history.blocks(),
    }
}

/// A market as a source of the small blocks that the reference loop reads.
#[must_use]
pub fn small_blocks(market: &Market) -> &dyn PathSource<16> {
    match market {
        Market::RegimeSwitching(model) => model.small_blocks(),
        Market::Bootstrap(history) => history.small_blocks(),
    }
}

/// Names of a market's true regimes; none where it has no more than one.
#[must_use]
pub fn regimes(market: &Market) -> &[String] {
    let regimes = small_blocks(market).regimes();
    if regimes.len() > 1 { regimes } else { &[] }
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
        match &mut group.market {
            Market::RegimeSwitching(model) => **model = model.as_ref().clone().at_level(level),
            Market::Bootstrap(_) => {} // draws whole dates: nothing to vectorise
        }
    }
    plan
}
