//! Hands out the markets of a plan as sources of paths.

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::path::PathSource;
use corridor_simulation::run::Group;
use corridor_study::plan::{Market, RunPlan};

/// A market as a source of blocks of `L` paths.
#[must_use]
pub fn paths<const L: usize>(market: &Market) -> &dyn PathSource<L> {
    match market {
        Market::RegimeSwitching(model) => model.as_ref(),
        Market::Bootstrap(history) => history.as_ref(),
    }
}

/// Names of a market's true regimes; none where it has no more than one.
#[must_use]
pub fn regimes(market: &Market) -> &[String] {
    let regimes = PathSource::<16>::regimes(paths(market));
    if regimes.len() > 1 { regimes } else { &[] }
}

/// Everything that runs, market by market.
#[must_use]
pub fn groups(plan: &RunPlan) -> Vec<Group<'_, LANES>> {
    plan.groups.iter().map(|group| Group { source: paths(&group.market), simulation: &group.simulation }).collect()
}

/// Generates paths with the instructions of `level`: the same bits at another speed.
#[must_use]
pub fn at_level(mut plan: RunPlan, level: Level) -> RunPlan {
    for group in &mut plan.groups {
        match &mut group.market {
            Market::RegimeSwitching(model) => **model = model.as_ref().clone().at_level(level),
            Market::Bootstrap(_) => {} // draws whole dates: nothing to vectorise
        }
    }
    plan
}
