//! Follows the controls of certainty equivalents over all paths of a run: the markets are generated
//! once more, without policies.

use std::collections::BTreeMap;

use corridor_analysis::control::Control;
use corridor_core::lanes::{LANES, Row};
use corridor_core::numerics::exp;
use corridor_core::outcome::PathColumn;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::ShippedBlocks;
use corridor_study::plan::{MarketGroup, RunPlan};
use rayon::prelude::*;

use crate::error::Error;
use crate::source::paths;
use crate::work::Work;

/// Risk aversions of the certainty equivalents.
const GAMMAS: [u8; 3] = [2, 3, 5];

/// The controls of all policies, where the study asks for them.
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

/// Policies that hold a mix, by scenario.
type Holders = BTreeMap<u32, Vec<u32>>;

/// A mix of a market's assets at one horizon, for one risk aversion.
struct Mix {
    /// `(1 - gamma) w_i`.
    exponents: Vec<f64>,
    gamma: u8,
    horizon: usize,
    years: f64,
    /// Logarithm of the known mean of `exp(exponents' X)`.
    log_mean: f64,
    holders: Holders,
}

fn of_market(plan: &RunPlan, group: &MarketGroup, work: &Work<'_>) -> Vec<Control> {
    let grid = group.simulation.grid;
    let mixes = mixes(group);
    let section = plan.section_paths.max(1);
    // Whole sections and whole blocks at a time.
    let range = section.next_multiple_of(LANES as u64);
    let starts: Vec<u64> = (0..plan.paths).step_by(range as usize).collect();
    let sums: Vec<Vec<Vec<f64>>> = starts
        .into_par_iter()
        .map(|first| sections(group, &mixes, first..(first + range).min(plan.paths), section, work))
        .collect();
    let control = |(place, mix): (usize, &Mix)| {
        let sections: Vec<f64> =
            sums.iter().flat_map(|range| range.iter().map(move |mixes| mixes[place])).collect();
        let horizon_months = (grid.months(group.simulation.horizons[mix.horizon]) + 0.5) as u32;
        let gamma = mix.gamma;
        mix.holders
            .iter()
            .map(move |(&scenario_id, policies)| Control {
                scenario_id,
                horizon_months,
                policies: policies.clone(),
                gamma,
                sections: sections.clone(),
            })
            .collect::<Vec<_>>()
    };
    mixes.iter().enumerate().flat_map(control).collect()
}

/// The different targets of a market's policies, at every horizon and for every risk aversion.
fn mixes(group: &MarketGroup) -> Vec<Mix> {
    let mut targets: Vec<(&[f64], Holders)> = Vec::new();
    for Instance { scenario_id, policy_id, policy, .. } in &group.simulation.instances {
        let place =
            targets.iter().position(|(target, _)| *target == policy.target).unwrap_or_else(|| {
                targets.push((&policy.target, BTreeMap::new()));
                targets.len() - 1
            });
        targets[place].1.entry(*scenario_id).or_default().push(*policy_id);
    }
    let mut mixes = Vec::new();
    for (target, holders) in &targets {
        for gamma in GAMMAS {
            let exponents: Vec<f64> =
                target.iter().map(|weight| (1.0 - f64::from(gamma)) * weight).collect();
            let Some(log_means) = group.market.log_moment(&exponents, &group.simulation.horizons)
            else {
                continue;
            };
            for (horizon, log_mean) in log_means.into_iter().enumerate() {
                let years = group.simulation.grid.years(group.simulation.horizons[horizon]);
                mixes.push(Mix {
                    exponents: exponents.clone(),
                    gamma,
                    horizon,
                    years,
                    log_mean,
                    holders: holders.clone(),
                });
            }
        }
    }
    mixes
}

/// By section of a range of paths, by mix: the sum of the control over its mean.
fn sections(
    group: &MarketGroup,
    mixes: &[Mix],
    range: std::ops::Range<u64>,
    section: u64,
    work: &Work<'_>,
) -> Vec<Vec<f64>> {
    let assets = group.assets.len();
    let holdings = (0..assets).map(|asset| Instance::of_asset(asset, assets)).collect();
    let simulation =
        Simulation { instances: holdings, signals: Vec::new(), ..group.simulation.clone() };
    let mut sums =
        vec![vec![0.0; mixes.len()]; (range.end - range.start).div_ceil(section) as usize];
    let Some(mut engine) = ShippedBlocks::new(work.level, &simulation, paths(&group.market)) else {
        return sums;
    };
    // `[horizon][asset]` of log growth a year
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
                let log_power: f64 = mix
                    .exponents
                    .iter()
                    .zip(&growth[mix.horizon])
                    .map(|(a, growth)| a * growth[lane as usize])
                    .sum();
                *sum += exp(log_power * mix.years - mix.log_mean);
            }
        }
    }
    sums
}
