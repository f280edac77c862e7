//! Checks that the lane kernel equals the reference loop bit for bit, on every instruction set.
//!
//! The shipped kernels have 128 lanes and 2, 4, 8 or 16 asset slots; those compiled here have 16
//! lanes. Neither number can reach a result.

use crate::random_studies::random_study;
use corridor_core::lanes::Row;
use corridor_core::level::Level;
use corridor_core::outcome::PathColumn;
use corridor_core::path::PathSource;
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::plan::Simulation;
use corridor_simulation::reference::{MarketPath, observed_signals, simulate_with_signals};
use corridor_simulation::run::{Blocks, ShippedBlocks};
use corridor_simulation::signal::REGISTRY;

const STUDIES: u64 = 300;
const PATHS: u64 = MarketPath::BLOCK;

fn reference(sim: &Simulation, model: &RegimeModel) -> Vec<Vec<Vec<[u64; PathColumn::COUNT]>>> {
    let markets = MarketPath::block_of_source(model, 0, sim.grid.steps);
    let observed = |market| observed_signals(sim, std::slice::from_ref(market)).remove(0);
    let seen: Vec<_> = markets.iter().map(|market| (market, observed(market))).collect();
    let one_path = |instance, (market, signals): &(&MarketPath, Vec<Vec<f64>>)| {
        simulate_with_signals(sim, instance, market, signals, |_| ())
            .into_iter()
            .map(|values| values.map(f64::to_bits))
            .collect()
    };
    sim.instances
        .iter()
        .map(|instance| seen.iter().map(|path| one_path(instance, path)).collect())
        .collect()
}

/// Outcome bits of a study by the reference, `[instance][path][horizon][column]`, and the study's
/// name in messages.
struct Wanted<'a> {
    label: String,
    sim: &'a Simulation,
    bits: &'a [Vec<Vec<[u64; PathColumn::COUNT]>>],
}

impl Wanted<'_> {
    /// Compares the rows of the block from `first` on.
    fn check<const L: usize>(
        &self,
        first: u64,
        instance: usize,
        horizon: usize,
        rows: &[Row<f64, L>; PathColumn::COUNT],
    ) {
        let paths = L.min((PATHS - first) as usize);
        for column in PathColumn::ALL {
            for (lane, ours) in rows[column as usize].0[..paths].iter().enumerate() {
                let wanted = f64::from_bits(
                    self.bits[instance][first as usize + lane][horizon][column as usize],
                );
                assert!(
                    ours.to_bits() == wanted.to_bits() || (ours.is_nan() && wanted.is_nan()),
                    "{} L={L} instance {instance} horizon {horizon} lane {lane} {}: kernel \
                    {ours:e}, reference {wanted:e}\n{:#?}",
                    self.label,
                    column.name(),
                    self.sim.instances[instance],
                );
            }
        }
    }
}

fn check<const A: usize, const L: usize>(level: Level, model: &RegimeModel, wanted: &Wanted<'_>) {
    let source = model.clone().at_level(level);
    assert_eq!(PathSource::<L>::assets(&source).len(), wanted.sim.assets);
    let mut blocks = Blocks::<A, L, true>::new(level, wanted.sim, &source);
    for first in (0..PATHS).step_by(L) {
        blocks.simulate(first, |instance, horizon, rows| {
            wanted.check(first, instance, horizon, rows)
        });
    }
}

/// Compares the shipped kernels of 128 lanes, from the fewest asset slots that hold the assets on.
fn check_shipped(level: Level, model: &RegimeModel, wanted: &Wanted<'_>) {
    let source = model.clone().at_level(level);
    for slots in [2, 4, 8, 16].into_iter().filter(|slots| *slots >= wanted.sim.assets) {
        let mut blocks = ShippedBlocks::with_slots(slots, level, wanted.sim, source.blocks())
            .expect("a kernel of as many slots is shipped");
        blocks.simulate(0, |instance, horizon, rows| wanted.check(0, instance, horizon, rows));
    }
}

#[test]
fn every_kind_of_signal_occurs_in_the_random_studies() {
    let studies: Vec<Simulation> = (0..STUDIES).map(|seed| random_study(seed).0).collect();
    for kind in REGISTRY {
        let occurs = studies
            .iter()
            .flat_map(|study| &study.signals)
            .any(|observed| *observed.signal.kind() == kind);
        assert!(occurs, "draw a signal of the kind `{}` in random_studies/mod.rs", kind.name);
    }
}

#[test]
fn more_instances_than_run_together_agree_in_every_bit() {
    for seed in 0..3 {
        let (mut sim, model) = random_study(seed);
        let mut bits = reference(&sim, &model);
        let (instances, few) = (sim.instances.clone(), bits.clone());
        while sim.instances.len() <= 600 {
            sim.instances.extend(instances.iter().cloned());
            bits.extend(few.iter().cloned());
        }
        let wanted = Wanted { label: format!("seed {seed}"), sim: &sim, bits: &bits };
        let level = Level::best();
        let mut met = vec![false; sim.instances.len()];
        let mut blocks = ShippedBlocks::new(level, &sim, model.blocks()).expect("few assets");
        blocks.simulate(0, |instance, horizon, rows| {
            met[instance] = true;
            wanted.check(0, instance, horizon, rows);
        });
        assert!(met.iter().all(|&met| met), "seed {seed}");
        let mut steps = vec![0; sim.instances.len()];
        blocks.trace(0, |instance, step, rows| {
            assert_eq!(step, steps[instance], "the steps of an instance come in order");
            steps[instance] += rows.len() as u32;
        });
        assert!(steps.iter().all(|&steps| steps == sim.grid.steps + 1), "seed {seed}");
    }
}

#[test]
fn three_hundred_random_studies_agree_in_every_bit() {
    for seed in 0..STUDIES {
        let (sim, model) = random_study(seed);
        let expected = reference(&sim, &model);
        let wanted = |level: Level| Wanted {
            label: format!("study {seed} {level:?}"),
            sim: &sim,
            bits: &expected,
        };
        for level in Level::available() {
            if sim.assets <= 4 {
                check::<4, 16>(level, &model, &wanted(level));
            }
            check_shipped(level, &model, &wanted(level));
        }
    }
}

/// Steps that are followed are those that the reference observes. The weight of the growth assets is
/// read off the holdings, and the reference has desired weights after a trade, so it may differ by
/// rounding.
#[test]
fn every_step_that_is_followed_is_that_of_the_reference() {
    for seed in 0..STUDIES / 3 {
        let (sim, model) = random_study(seed);
        let markets = MarketPath::block_of_source(&model, 0, sim.grid.steps);
        let signals = observed_signals(&sim, &markets);
        let mut blocks =
            ShippedBlocks::new(Level::best(), &sim, model.blocks()).expect("few assets");
        let mut seen: Vec<Vec<(u32, Vec<[f64; 5]>)>> = vec![Vec::new(); sim.instances.len()];
        blocks.trace(0, |instance, first, rows| {
            for (t, row) in (first..).zip(rows) {
                let lane = |l: usize| {
                    [row.wealth[l], row.unit[l], row.growth_weight[l], row.turnover[l], row.cost[l]]
                };
                seen[instance].push((t, (0..PATHS as usize).map(lane).collect()));
            }
        });
        for (instance, seen) in sim.instances.iter().zip(&seen) {
            for (lane, (market, signals)) in markets.iter().zip(&signals).enumerate() {
                let mut steps = seen.iter();
                let mut alive = true;
                simulate_with_signals(&sim, instance, market, signals, |trace| {
                    let (t, rows) = steps.next().expect("a step");
                    let [wealth, unit, growth_weight, turnover, cost] = rows[lane];
                    assert_eq!(*t, trace.t, "study {seed}");
                    assert_eq!((wealth, unit), (trace.wealth, trace.unit), "study {seed} step {t}");
                    if trace.t > 0 && alive && wealth > 0.0 {
                        assert_eq!(
                            (turnover, cost),
                            (trace.turnover, trace.cost_frac),
                            "study {seed} step {t} {instance:#?}"
                        );
                    }
                    if wealth > 0.0 {
                        let held: f64 = sim.growth_assets.iter().map(|&i| trace.weights[i]).sum();
                        assert!((growth_weight - held).abs() < 1e-12, "study {seed} step {t}");
                    }
                    alive = wealth > 0.0;
                });
                assert!(steps.next().is_none(), "study {seed}");
            }
        }
    }
}
