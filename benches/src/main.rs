//! Times the reference job in one binary: naive, tidy scalar and lane engines, so that every claim
//! is a ratio of one run.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml` prints the table; METHODOLOGY.md says
//! how to read it.

mod ceiling;
mod job;
mod naive;
mod scaling;
mod signals;
mod tidy;

use std::hint::black_box;

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::outcome::PathColumn;
use corridor_core::path::{CHUNK_STEPS, PathBlock, PathSource};
use corridor_scenario::regime_model::RegimeModel;
use corridor_simulation::cost::CostConvention;
use corridor_simulation::run::Blocks;
use cpu_time::ThreadTime;

const STEPS: u32 = 360;
const PATHS: u64 = LANES as u64;

/// A case to time. `run` simulates fresh paths from a given path on and returns their number.
struct Case<'a> {
    name: String,
    run: Box<dyn FnMut(u64) -> u64 + 'a>,
    best_ns: f64,
}

fn main() {
    let repetitions = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(40);
    println!(
        "reference job: {} assets, {} regimes, {STEPS} months, {} policies; CPU time of one \
        thread, minimum of {repetitions} interleaved repetitions",
        job::ASSETS,
        job::REGIMES,
        job::POLICIES
    );
    println!("cpu: {}", scaling::cpu_name());
    let model = RegimeModel::new(&job::market(), 1).expect("the job's market is valid");
    let pre = job::simulation(CostConvention::Pre, STEPS, job::POLICIES);
    let exact = job::simulation(CostConvention::Exact, STEPS, job::POLICIES);
    let factors = naive::factors();
    let arrays: tidy::Factors =
        std::array::from_fn(|s| std::array::from_fn(|i| std::array::from_fn(|k| factors[s][i][k])));
    let sources: Vec<RegimeModel> =
        Level::available().into_iter().map(|level| model.clone().at_level(level)).collect();
    let mut cases = vec![
        case("naive", |first| {
            for path in first..first + 4 {
                black_box(naive::path(path, STEPS, &factors));
            }
            4
        }),
        case("tidy", |first| {
            for path in first..first + 16 {
                black_box(tidy::path(path, STEPS, &arrays));
            }
            16
        }),
    ];
    for (level, source) in Level::available().into_iter().zip(&sources) {
        let mut five = Blocks::<4, LANES, false>::new(level, &pre, source);
        cases.push(case(format!("lanes {} pre, 5 outcomes", level.name()), move |first| {
            five.simulate(first / PATHS * PATHS, |_, _, rows| {
                black_box(rows[PathColumn::TerminalWealthNominal as usize][0]);
            });
            PATHS
        }));
        let mut five = Blocks::<4, LANES, false>::new(level, &exact, source);
        cases.push(case(format!("lanes {} exact, 5 outcomes", level.name()), move |first| {
            five.simulate(first / PATHS * PATHS, |_, _, rows| {
                black_box(rows[0][0]);
            });
            PATHS
        }));
        let mut all = Blocks::<4, LANES, true>::new(level, &exact, source);
        cases.push(case(
            format!("lanes {} exact, all columns (shipped)", level.name()),
            move |first| {
                all.simulate(first / PATHS * PATHS, |_, _, rows| {
                    black_box(rows[0][0]);
                });
                PATHS
            },
        ));
        let mut block = PathBlock::<LANES>::new(4);
        cases.push(case(format!("lanes {} generation only", level.name()), move |first| {
            for start in (0..STEPS).step_by(CHUNK_STEPS) {
                source.fill(first / PATHS * PATHS, start, CHUNK_STEPS, &mut block);
                black_box(block.gross(0)[0][0]);
            }
            PATHS
        }));
    }
    if let Some(only) = std::env::args().nth(2) {
        if only == "ceilings" {
            ceiling::print();
            return;
        }
        if only == "signals" {
            signals::print(&model, repetitions);
            return;
        }
        if only == "rules" {
            print_rules(&model, repetitions);
            return;
        }
        cases.retain(|case| case.name.contains(&only)); // for a profiler: no table, no ratios
        time(&mut cases, repetitions);
        cases
            .iter()
            .for_each(|case| println!("{}: {:.2} ns per path-step", case.name, case.best_ns));
        return;
    }
    time(&mut cases, repetitions);
    print_table(&cases);
    print_rules(&model, repetitions);
    signals::print(&model, repetitions);
    ceiling::print();
    scaling::print(&model, &exact);
}

/// Prints the time of each rule: eight copies of the rule, less the generation of their paths.
fn print_rules(model: &RegimeModel, repetitions: u64) {
    let level = Level::best();
    let jobs: Vec<[_; 2]> = (0..job::POLICIES)
        .map(|rule| {
            [CostConvention::Pre, CostConvention::Exact]
                .map(|c| job::simulation_of(c, STEPS, &[rule; job::POLICIES]))
        })
        .collect();
    let source = model.clone().at_level(level);
    let mut block = PathBlock::<LANES>::new(4);
    let mut cases = vec![case("generation", |first| {
        for start in (0..STEPS).step_by(CHUNK_STEPS) {
            source.fill(first / PATHS * PATHS, start, CHUNK_STEPS, &mut block);
            black_box(block.gross(0)[0][0]);
        }
        PATHS
    })];
    for [pre, exact] in &jobs {
        let mut five = Blocks::<4, LANES, false>::new(level, pre, model);
        cases.push(case("", move |first| {
            five.simulate(first / PATHS * PATHS, |_, _, rows| {
                black_box(rows[0][0]);
            });
            PATHS
        }));
        let mut all = Blocks::<4, LANES, true>::new(level, exact, model);
        cases.push(case("", move |first| {
            all.simulate(first / PATHS * PATHS, |_, _, rows| {
                black_box(rows[0][0]);
            });
            PATHS
        }));
    }
    if let Some(k) = std::env::args().nth(3).and_then(|n| n.parse::<usize>().ok()) {
        let mut one = vec![cases.swap_remove(k)];
        time(&mut one, repetitions);
        println!("{}", one[0].best_ns);
        return;
    }
    time(&mut cases, repetitions);
    println!(
        "\nns per path-step of one rule, without generation ({:.2})\n| rule | pre, 5 outcomes | \
        exact, all columns |\n|---|---|---|",
        cases[0].best_ns
    );
    for (name, pair) in job::RULES.iter().zip(cases[1..].chunks(2)) {
        let [five, all] =
            [0, 1].map(|i| (pair[i].best_ns - cases[0].best_ns) / job::POLICIES as f64);
        println!("| {name} | {five:.2} | {all:.2} |");
    }
}

fn case<'a>(name: impl Into<String>, run: impl FnMut(u64) -> u64 + 'a) -> Case<'a> {
    Case { name: name.into(), run: Box::new(run), best_ns: f64::INFINITY }
}

/// Interleaves the cases; every repetition uses paths that no case has used, so that no branch
/// predictor learns them.
fn time(cases: &mut [Case<'_>], repetitions: u64) {
    let mut fresh = 0;
    for repetition in 0..=repetitions {
        for case in cases.iter_mut() {
            fresh += 1 << 12;
            let started = ThreadTime::now();
            let mut paths = 0;
            while paths < 8 * PATHS && (paths == 0 || started.elapsed().as_micros() < 3_000) {
                paths += (case.run)(fresh + paths);
            }
            let ns = started.elapsed().as_nanos() as f64 / (paths * u64::from(STEPS)) as f64;
            if repetition > 0 && ns < case.best_ns {
                case.best_ns = ns;
            }
        }
    }
}

fn print_table(cases: &[Case<'_>]) {
    let (naive, tidy) = (cases[0].best_ns, cases[1].best_ns);
    println!(
        "\n| engine | ns per path-step | ns per path-step-policy | x naive | x tidy \
        |\n|---|---|---|---|---|"
    );
    for case in cases {
        println!(
            "| {} | {:.1} | {:.2} | {:.1} | {:.2} |",
            case.name,
            case.best_ns,
            case.best_ns / job::POLICIES as f64,
            naive / case.best_ns,
            tidy / case.best_ns
        );
    }
}
