//! Runs parts through `map_parts`: order, finished parts, errors and requests to stop.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use corridor_core::cancel::Cancel;
use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, PathColumn};
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::time::{Step, TimeGrid};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::{Execution, Group, PathRange, RunError, RunReport, map_parts};

const PARTS: u32 = 7;

/// A market with one asset, which grows by a factor of its own on each path.
struct OwnGrowth {
    assets: [String; 1],
}

impl<const L: usize> PathSource<L> for OwnGrowth {
    fn assets(&self) -> &[String] {
        &self.assets
    }

    fn regimes(&self) -> &[String] {
        &self.assets
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        (block.start, block.steps) = (start, steps);
        block.set_indicators(0);
        for k in 0..steps {
            let row = block.step_mut(k);
            for l in 0..L {
                row.gross[0][l] = 1.0 + (first_path + l as u64) as f64 / 1e6;
            }
        }
    }
}

fn buy_and_hold() -> Simulation {
    let grid = TimeGrid { step: Step::Month, steps: 12 };
    Simulation {
        grid,
        assets: 1,
        growth_assets: Vec::new(),
        signals: Vec::new(),
        horizons: vec![grid.steps],
        instances: vec![Instance::holding_one_asset(0, 1)],
    }
}

/// Maps the parts of a run on `threads` threads; `cancel` is set from the start or never.
fn mapped<T: Send, E: Send>(
    threads: usize,
    finished: Vec<u32>,
    cancel: bool,
    map: impl Fn(OutcomePart) -> Result<T, E> + Send + Sync,
) -> Result<(Vec<T>, RunReport), RunError<E>> {
    let (market, simulation) = (OwnGrowth { assets: ["only".into()] }, buy_and_hold());
    let groups = [Group { source: &market, simulation: &simulation }];
    let paths = u64::from(PARTS) * LANES as u64 - 5;
    let range = PathRange { paths, paths_per_part: LANES as u64, finished };
    let is_requested = || cancel;
    let cancel = Cancel::new(&is_requested);
    let execution = Execution { level: Level::best(), cancel, progress: &|_| () };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    pool.install(|| map_parts(&groups, &range, execution, map))
}

/// A market that asks the run to stop while it generates its second chunk.
struct Stopping<'a> {
    market: OwnGrowth,
    cancel: &'a AtomicBool,
}

impl<const L: usize> PathSource<L> for Stopping<'_> {
    fn assets(&self) -> &[String] {
        &self.market.assets
    }

    fn regimes(&self) -> &[String] {
        &self.market.assets
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        self.market.fill(first_path, start, steps, block);
        self.cancel.store(start > 0, Ordering::Relaxed);
    }
}

#[test]
fn a_request_to_stop_does_not_wait_for_the_block() {
    let cancel = AtomicBool::new(false);
    let market = Stopping { market: OwnGrowth { assets: ["only".into()] }, cancel: &cancel };
    let mut simulation = buy_and_hold();
    simulation.grid.steps = 48;
    simulation.horizons = vec![48];
    let groups = [Group { source: &market, simulation: &simulation }];
    let range = PathRange { paths: 1, paths_per_part: LANES as u64, finished: Vec::new() };
    let simulated = AtomicU32::new(0);
    let count = |_: u64| {
        simulated.fetch_add(1, Ordering::Relaxed);
    };
    let is_requested = || cancel.load(Ordering::Relaxed);
    let request = Cancel::new(&is_requested);
    let execution = Execution { level: Level::best(), cancel: request, progress: &count };
    let outcome = map_parts(&groups, &range, execution, |_| Ok::<_, Infallible>(()));
    assert!(matches!(outcome, Err(RunError::Cancelled)));
    assert_eq!(simulated.into_inner(), 0);
}

#[test]
fn values_come_in_the_order_of_parts_whatever_the_threads() {
    let wealth = |part: OutcomePart| {
        let column = part.cells[0].column(PathColumn::TerminalWealthNominal);
        Ok::<_, Infallible>((part.index, column.iter().sum::<f64>()))
    };
    let (one, report) = mapped(1, Vec::new(), false, wealth).expect("nothing fails");
    assert_eq!(one.iter().map(|(part, _)| *part).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    assert!(one[0].1 < one[1].1, "paths differ");
    assert_eq!(report.paths, u64::from(PARTS) * LANES as u64 - 5);
    // Early parts wait, so that with more threads late parts are done first.
    let late_first = |part: OutcomePart| {
        std::thread::sleep(std::time::Duration::from_millis(u64::from(PARTS - part.index)));
        wealth(part)
    };
    for threads in [2, 4] {
        let (many, _) = mapped(threads, Vec::new(), false, late_first).expect("nothing fails");
        assert_eq!(many, one, "{threads} threads");
    }
}

#[test]
fn finished_parts_are_left_out() {
    let index = |part: OutcomePart| Ok::<_, Infallible>(part.index);
    let (parts, report) = mapped(2, vec![0, 3], false, index).expect("nothing fails");
    assert_eq!(parts, [1, 2, 4, 5, 6]);
    assert_eq!(report.paths, 5 * LANES as u64 - 5);
}

#[test]
fn an_error_or_a_request_to_stop_surfaces() {
    let third = |part: OutcomePart| if part.index == 2 { Err("third") } else { Ok(()) };
    assert!(matches!(mapped(1, Vec::new(), false, third), Err(RunError::Sink("third"))));
    assert!(matches!(mapped(3, Vec::new(), false, third), Err(RunError::Sink("third"))));
    assert!(matches!(mapped(2, Vec::new(), true, third), Err(RunError::Cancelled)));
}
