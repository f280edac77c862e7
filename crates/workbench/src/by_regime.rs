//! Follows the first paths of a run by true regime: what policies held, paid and earned there, and
//! how well signals told it.
//!
//! The reference loop does it, path by path; sums of each path are kept apart, so that every number
//! has its error from pairs and does not depend on threads.

use corridor_core::numerics::ln;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_seeing};
use corridor_simulation::signal::{Origin, Signal};
use corridor_simulation::trace::StepTrace;
use corridor_study::plan::{MarketGroup, RunPlan};
use rayon::prelude::*;

use crate::error::Error;
use crate::source::{regimes, small_blocks};
use crate::work::Work;

/// Most numbers kept: fewer paths are followed where there are many policies and regimes.
const NUMBERS_MAX: u64 = 8 << 20;

/// What one policy did on one path in one regime.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spell {
    /// Steps there, while the account lived.
    pub steps: f64,
    /// Sum of the growth weights held over these steps.
    pub growth_weight: f64,
    /// Sum of one-way turnover.
    pub turnover: f64,
    /// Sum of cost fractions.
    pub cost: f64,
    /// Log growth of the unit, net.
    pub log_growth: f64,
}

/// What a signal said on one path.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Steps in the regimes it is to tell, and alarms among them.
    pub inside: [f64; 2],
    /// The same of all other steps.
    pub outside: [f64; 2],
    /// Stays, stays with an alarm, and the sum of their delays in steps.
    pub stays: [f64; 3],
}

/// A signal that is to tell some regimes.
pub struct Teller {
    /// Its place among the market's signals.
    pub signal: usize,
    /// The regimes.
    pub members: Vec<u32>,
}

/// One market, followed.
pub struct Followed<'a> {
    /// The market.
    pub group: &'a MarketGroup,
    /// `[path][instance][regime]`.
    pub spells: Vec<Vec<Vec<Spell>>>,
    /// `[path][asset]`: log growth over the whole path.
    pub asset_growth: Vec<Vec<f64>>,
    /// Signals that tell regimes.
    pub tellers: Vec<Teller>,
    /// `[path][teller]`.
    pub told: Vec<Vec<Told>>,
}

/// Follows the first paths of every market with regimes.
///
/// # Errors
/// [`Error::Cancelled`].
pub(crate) fn follow<'p>(plan: &'p RunPlan, work: &Work<'_>) -> Result<Vec<Followed<'p>>, Error> {
    plan.groups
        .iter()
        .filter(|group| plan.regime_paths > 0 && !regimes(&group.market).is_empty())
        .map(|group| {
            let followed = follow_group(plan, group, work);
            work.check().map(|()| followed)
        })
        .collect()
}

fn follow_group<'a>(plan: &RunPlan, group: &'a MarketGroup, work: &Work<'_>) -> Followed<'a> {
    let simulation = &group.simulation;
    let count = regimes(&group.market).len();
    let numbers = (simulation.instances.len() * count * 5) as u64;
    let followed = plan.regime_paths.min(plan.paths).min((NUMBERS_MAX / numbers.max(1)).max(1));
    let tellers = tellers(simulation);
    let one = |market: &MarketPath, signals: &[Vec<f64>]| {
        let spells: Vec<Vec<Spell>> = simulation
            .instances
            .iter()
            .take_while(|_| !work.is_cancelled())
            .map(|instance| spells(simulation, instance, (market, signals), count))
            .collect();
        let growth = (0..simulation.assets)
            .map(|asset| market.log_return.iter().map(|row| f64::from(row[asset])).sum())
            .collect();
        (spells, growth, told(&tellers, market, signals))
    };
    let block = |block: u64| {
        if work.is_cancelled() {
            return Vec::new();
        }
        let mut markets =
            MarketPath::block_of_source(small_blocks(&group.market), block, simulation.grid.steps);
        markets.truncate((followed - block * MarketPath::BLOCK) as usize);
        let signals = observed_signals(simulation, &markets);
        markets
            .iter()
            .zip(&signals)
            .map(|(market, signals)| one(market, signals))
            .collect::<Vec<_>>()
    };
    let all: Vec<Vec<(_, Vec<f64>, Vec<Told>)>> =
        (0..followed.div_ceil(MarketPath::BLOCK)).into_par_iter().map(block).collect();
    let mut out =
        Followed { group, spells: Vec::new(), asset_growth: Vec::new(), tellers, told: Vec::new() };
    for (spells, growth, told) in all.into_iter().flatten() {
        out.spells.push(spells);
        out.asset_growth.push(growth);
        out.told.push(told);
    }
    out
}

fn spells(
    simulation: &Simulation,
    instance: &Instance,
    (market, signals): (&MarketPath, &[Vec<f64>]),
    regimes: usize,
) -> Vec<Spell> {
    let mut spells = vec![Spell::default(); regimes];
    let growth_weight = |trace: &StepTrace| {
        simulation.growth_assets.iter().filter_map(|&asset| trace.weights.get(asset)).sum::<f64>()
    };
    let (mut unit, mut held, mut alive) = (1.0, 0.0, true);
    simulate_seeing(simulation, instance, market, signals, |trace| {
        if let Some(spell) =
            trace.regime.and_then(|regime| spells.get_mut(regime as usize)).filter(|_| alive)
        {
            let before = trace.wealth + trace.cost;
            spell.steps += 1.0;
            spell.growth_weight += held;
            if before > 0.0 && trace.wealth > 0.0 {
                spell.turnover += 0.5 * trace.traded / before;
                spell.cost += trace.cost / before;
                spell.log_growth += ln(trace.unit / unit);
            }
        }
        alive = trace.wealth > 0.0;
        (unit, held) = (trace.unit, growth_weight(trace));
    });
    spells
}

/// Signals of a regime's probability whose regimes are the market's own.
fn tellers(simulation: &Simulation) -> Vec<Teller> {
    let teller = |(signal, observed): (usize, &corridor_simulation::signal::ObservedSignal)| {
        let Signal::RegimeProbability(filter) = &observed.signal else { return None };
        let members = match &observed.origin {
            Origin::Oracle { by_regime, .. } => (0..)
                .zip(by_regime)
                .filter(|(_, value)| **value > 0.5)
                .map(|(regime, _)| regime)
                .collect(),
            Origin::Path | Origin::Placebo => {
                filter.members.iter().map(|&regime| regime as u32).collect()
            }
        };
        Some(Teller { signal, members })
    };
    simulation.signals.iter().enumerate().filter_map(teller).collect()
}

/// What every teller says at `t` of the step after, which its decisions are for.
fn told(tellers: &[Teller], market: &MarketPath, signals: &[Vec<f64>]) -> Vec<Told> {
    let mut told = vec![Told::default(); tellers.len()];
    // since when each has waited for the first alarm of a stay; none outside stays and after it
    let mut waiting: Vec<Option<i32>> = vec![None; tellers.len()];
    let mut was_inside = vec![false; tellers.len()];
    // signals of `t` stand before regimes of the step after it: both lists are from the first step
    // on
    for (t, (seen, &coming)) in (1..).zip(signals.iter().zip(market.regime.iter().skip(1))) {
        for (place, teller) in tellers.iter().enumerate() {
            let alarm = seen.get(teller.signal).is_some_and(|value| *value > 0.5);
            let (inside, told) = (teller.members.contains(&coming), &mut told[place]);
            let counts = if inside { &mut told.inside } else { &mut told.outside };
            counts[0] += 1.0;
            counts[1] += f64::from(u8::from(alarm));
            if inside && !was_inside[place] {
                told.stays[0] += 1.0;
                waiting[place] = Some(t);
            }
            if !inside {
                waiting[place] = None;
            }
            if let Some(since) = waiting[place].filter(|_| alarm) {
                told.stays[1] += 1.0;
                told.stays[2] += f64::from(t - since);
                waiting[place] = None;
            }
            was_inside[place] = inside;
        }
    }
    told
}
