//! The lane kernel equals the reference loop bit for bit, at every width, instruction set and asset padding.

mod random_studies;

use corridor_core::level::Level;
use corridor_core::outcome::PathColumn;
use corridor_core::path::PathSource;
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::plan::Simulation;
use corridor_simulation::reference::{MarketPath, simulate};
use corridor_simulation::run::Blocks;
use random_studies::random_study;

const STUDIES: u64 = 300;
const PATHS: u64 = 16;

fn reference(sim: &Simulation, model: &RegimeModel) -> Vec<Vec<Vec<[u64; PathColumn::COUNT]>>> {
    let one_path = |instance, path| {
        let market = MarketPath::of_source(model, path, sim.grid.steps);
        simulate(sim, instance, &market, |_| ()).into_iter().map(|values| values.map(f64::to_bits)).collect()
    };
    sim.instances.iter().map(|instance| (0..PATHS).map(|path| one_path(instance, path)).collect()).collect()
}

fn check<const A: usize, const L: usize>(seed: u64, level: Level, sim: &Simulation, model: &RegimeModel, expected: &[Vec<Vec<[u64; PathColumn::COUNT]>>]) {
    let source = model.clone().at_level(level);
    assert_eq!(PathSource::<L>::assets(&source).len(), sim.assets);
    let mut blocks = Blocks::<A, L, true>::new(level, sim, &source);
    for first in (0..PATHS).step_by(L) {
        blocks.simulate(first, |instance, horizon, rows| {
            for lane in 0..L.min((PATHS - first) as usize) {
                for column in PathColumn::ALL {
                    let (ours, wanted) = (rows[column as usize][lane].to_bits(), expected[instance][first as usize + lane][horizon][column as usize]);
                    assert!(
                        ours == wanted || (f64::from_bits(ours).is_nan() && f64::from_bits(wanted).is_nan()),
                        "study {seed} {level:?} A={A} L={L} instance {instance} horizon {horizon} lane {lane} {}: kernel {:e}, reference {:e}\n{:#?}",
                        column.name(),
                        f64::from_bits(ours),
                        f64::from_bits(wanted),
                        sim.instances[instance],
                    );
                }
            }
        });
    }
}

#[test]
fn three_hundred_random_studies_agree_in_every_bit() {
    for seed in 0..STUDIES {
        let (sim, model) = random_study(seed);
        let expected = reference(&sim, &model);
        for level in Level::available() {
            if sim.assets <= 2 {
                check::<2, 64>(seed, level, &sim, &model, &expected);
            } else if sim.assets <= 4 {
                check::<4, 16>(seed, level, &sim, &model, &expected);
                check::<4, 64>(seed, level, &sim, &model, &expected);
                check::<4, 128>(seed, level, &sim, &model, &expected);
            }
            check::<8, 64>(seed, level, &sim, &model, &expected);
        }
    }
}
