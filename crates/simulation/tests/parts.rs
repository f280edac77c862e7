//! Parts do not depend on how many lanes a block has, nor on threads. Files are made of parts and of nothing else that
//! varies, so what holds here holds for them.

mod random_studies;

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::plan::Simulation;
use corridor_simulation::run::{Execution, Group, PathRange, run};
use random_studies::random_study;

/// Not a whole number of blocks, and a last part that is not full.
const PATHS: u64 = 128 * 5 + 77;

struct Parts(Mutex<Vec<OutcomePart>>);

impl OutcomeSink for Parts {
    type Error = std::convert::Infallible;
    fn accept(&self, part: OutcomePart) -> Result<(), Self::Error> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(part);
        Ok(())
    }
}

/// Every number of every part as bits, in the order of the parts.
fn parts<const L: usize>(threads: usize, simulation: &Simulation, model: &RegimeModel) -> Vec<(u32, u64, Vec<u64>)> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
    let range = PathRange { paths: PATHS, paths_per_part: 256, finished: Vec::new() };
    let never = AtomicBool::new(false);
    let execution = Execution { level: Level::best(), cancel: &never, progress: &|_| () };
    let sink = Parts(Mutex::default());
    pool.install(|| run(&[Group::<L> { source: model, simulation }], &range, execution, &sink)).expect("nothing stops the run");
    let mut parts = sink.0.into_inner().expect("no thread panicked");
    parts.sort_by_key(|part| part.index);
    let bits = |part: &OutcomePart| part.cells.iter().flat_map(|cell| cell.columns.iter().flatten()).map(|x| x.to_bits()).collect();
    parts.iter().map(|part| (part.index, part.first_path, bits(part))).collect()
}

#[test]
fn parts_are_the_same_for_blocks_of_any_number_of_lanes_and_any_number_of_threads() {
    for seed in 0..12 {
        let (simulation, model) = random_study(seed);
        let expected = parts::<16>(1, &simulation, &model);
        assert_eq!(expected.len(), 3);
        assert!(expected.iter().all(|part| !part.2.is_empty()));
        for threads in [1, 3] {
            assert_eq!(parts::<64>(threads, &simulation, &model), expected, "study {seed}, 64 lanes, {threads} threads");
            assert_eq!(parts::<128>(threads, &simulation, &model), expected, "study {seed}, 128 lanes, {threads} threads");
        }
    }
}
