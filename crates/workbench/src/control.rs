//! Evaluates the controls of certainty equivalents on all paths of a run. The markets are generated
//! once more, without policies.

use std::ops::Range;

use corridor_analysis::control::{Control, Mix, control_value, mixes};
use corridor_core::lanes::{LANES, Row};
use corridor_core::outcome::PathColumn;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::ShippedBlocks;
use corridor_study::plan::{MarketGroup, RunPlan};
use rayon::prelude::*;

use crate::by_regime::holder;
use crate::error::Error;
use crate::work::Work;

/// Returns the controls of all policies; none unless the study asks for control variates.
///
/// # Errors
/// [`Error::Cancelled`].
pub(crate) fn controls(plan: &RunPlan, work: &Work<'_>) -> Result<Vec<Control>, Error> {
    if !plan.comparison.control_variate {
        return Ok(Vec::new());
    }
    let mut controls = Vec::new();
    for group in &plan.groups {
        controls.extend(of_market(plan, group, work));
        work.check()?;
    }
    Ok(controls)
}

fn of_market(plan: &RunPlan, group: &MarketGroup, work: &Work<'_>) -> Vec<Control> {
    let grid = group.simulation.grid;
    let horizons = &group.simulation.horizons;
    let holders = group.simulation.instances.iter().map(holder);
    let years: Vec<f64> = horizons.iter().map(|&t| grid.years(t)).collect();
    let mixes = mixes(holders, &years, |exponents| group.market.log_moment(exponents, horizons));
    let section = plan.section_paths.max(1);
    // a range holds whole sections and whole blocks
    let range = section.next_multiple_of(LANES as u64);
    let starts: Vec<u64> = (0..plan.paths).step_by(range as usize).collect();
    let sums: Vec<Vec<Vec<f64>>> = starts
        .into_par_iter()
        .map(|first| first..(first + range).min(plan.paths))
        .map(|paths| sections(group, &mixes, paths, section, work))
        .collect();
    let of_mix = |(place, mix): (usize, &Mix)| {
        let sections: Vec<f64> =
            sums.iter().flat_map(|range| range.iter().map(move |mixes| mixes[place])).collect();
        let horizon_months = (grid.months(horizons[mix.horizon]) + 0.5) as u32;
        mix.controls(horizon_months, &sections)
    };
    mixes.iter().enumerate().flat_map(of_mix).collect()
}

/// Sums the controls of the paths `range`, each divided by its mean, by section and mix.
fn sections(
    group: &MarketGroup,
    mixes: &[Mix],
    range: Range<u64>,
    section: u64,
    work: &Work<'_>,
) -> Vec<Vec<f64>> {
    let assets = group.assets.len();
    let holdings = (0..assets).map(|asset| Instance::holding_one_asset(asset, assets)).collect();
    let simulation =
        Simulation { instances: holdings, signals: Vec::new(), ..group.simulation.clone() };
    let mut sums =
        vec![vec![0.0; mixes.len()]; (range.end - range.start).div_ceil(section) as usize];
    let market = group.market.source128();
    let Some(mut engine) = ShippedBlocks::new(work.level, &simulation, market) else {
        return sums;
    };
    // log growth a year by `[horizon][asset]`
    let mut growth = vec![vec![Row::<f64, LANES>::splat(0.0); assets]; simulation.horizons.len()];
    for first in range.clone().step_by(LANES) {
        if work.is_cancelled() {
            break;
        }
        engine.simulate(first, |asset, horizon, rows| {
            growth[horizon][asset] = rows[PathColumn::LogGrowthUnitAnnual as usize]
        });
        for lane in 0..(range.end - first).min(LANES as u64) {
            let sums = &mut sums[((first + lane - range.start) / section) as usize];
            for (sum, mix) in sums.iter_mut().zip(mixes) {
                let growth = growth[mix.horizon].iter().map(|row| row[lane as usize]);
                *sum += control_value(mix, growth);
            }
        }
    }
    sums
}
