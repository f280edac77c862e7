//! Runs rules on a market of one's own, in memory.
//!
//! Merton (1976): in a month the log price of a stock moves by `m + s Z + J_1 + ... + J_N`, with
//! `Z` standard normal, `N` Poisson with `lambda` jumps a month, and jumps `J` normal with mean `a`
//! and standard deviation `b`. A bond grows steadily. Jumps are rare and mostly down.
//!
//! A market is a [`PathSource`]: path `k` must be the same whatever else runs. So nothing is drawn
//! from a shared generator. Each path, month and purpose has an [`Address`] of its own, and
//! [`AddressedRng`] is a `rand` generator over the words of that address alone. The Poisson sampler
//! may reject any number of draws and never reaches the words of another month.
//!
//! Run it with `cargo run --release --example own_market -p corridor-workbench`.

#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use corridor_core::lanes::LANES;
use corridor_core::numerics::exp;
use corridor_core::outcome::PolicyId;
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::random::{Address, AddressedRng, Stream};
use corridor_core::time::{Review, Step, TimeGrid};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::{Corridor, Trigger};
use corridor_workbench::memory::MemoryRun;
use corridor_workbench::{Settings, Silent};
use rand::RngExt;
use rand_distr::{Poisson, StandardNormal};

/// Mean number of jumps a month: one jump in 25 months.
const JUMPS_A_MONTH: f64 = 0.04;

struct JumpDiffusion {
    assets: [String; 2],
    regimes: [String; 1],
    seed: u64,
}

impl JumpDiffusion {
    /// Draws the log return of the stock on one path in one month. A jump is a log return of -8 %
    /// on average.
    fn stock(&self, path: u64, month: u32) -> f64 {
        let address = |stream| Address { seed: self.seed, path, stream, place: month };
        let mut normals = AddressedRng::new(address(Stream::Innovations));
        let mut jumps = AddressedRng::new(address(Stream::Jumps));
        let diffusion: f64 = normals.sample(StandardNormal);
        let count = Poisson::new(JUMPS_A_MONTH).map_or(0.0, |law| jumps.sample(law)) as u32;
        let size = |_| -0.08 + 0.05 * normals.sample::<f64, _>(StandardNormal);
        0.012 + 0.035 * diffusion + (0..count).map(size).sum::<f64>()
    }
}

impl PathSource<LANES> for JumpDiffusion {
    fn assets(&self) -> &[String] {
        &self.assets
    }

    fn regimes(&self) -> &[String] {
        &self.regimes
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<LANES>) {
        (block.start, block.steps) = (start, steps);
        for k in 0..steps {
            let rows = block.step_mut(k);
            for lane in 0..LANES {
                let month = start + k as u32;
                let returns = [self.stock(first_path + lane as u64, month), 0.003];
                for (asset, log_return) in returns.into_iter().enumerate() {
                    // Signals read log returns, in f32; wealth grows by gross returns, in f64.
                    rows.log_return[asset][lane] = log_return as f32;
                    rows.gross[asset][lane] = exp(log_return);
                }
                rows.regime[lane] = 0;
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let market = JumpDiffusion {
        assets: ["stock".to_owned(), "bond".to_owned()],
        regimes: ["only".to_owned()],
        seed: 1976,
    };
    let rule = |policy_id, trigger, months| {
        let mut instance = Instance::holding_one_asset(0, 2);
        instance.policy_id = policy_id;
        instance.policy.target = vec![0.6, 0.4];
        instance.policy.trigger = trigger;
        instance.policy.review = Review::EveryMonths { months, phase_steps: 0 };
        instance.costs.one_way = vec![0.001, 0.001];
        instance
    };
    let band = Corridor {
        half_width: vec![0.05, f64::INFINITY],
        scale: Vec::new(),
        min_width: 0.0,
        max_width: f64::INFINITY,
    };
    let grid = TimeGrid { step: Step::Month, steps: 240 };
    let simulation = Simulation {
        grid,
        assets: 2,
        growth_assets: vec![0],
        signals: Vec::new(),
        horizons: vec![grid.steps],
        instances: vec![
            rule(PolicyId(0), Trigger::Never, 1),
            rule(PolicyId(1), Trigger::Always, 12),
            rule(PolicyId(2), Trigger::Outside(band), 1),
        ],
    };
    let policies = ["never", "annual", "band-5"];
    let run = MemoryRun {
        source: &market,
        simulation: &simulation,
        policies: &policies,
        baseline: PolicyId(0),
        metric: "log_growth_unit_annual",
        margin: None,
        paths: 8_192,
    };
    let analysis = run.analyse(&Settings::default(), &Silent)?;
    for row in analysis.compare.iter().filter(|row| row.stat == "mean") {
        let metric = analysis.metrics.iter().find(|metric| metric.metric_id == row.metric_id);
        if metric.is_some_and(|metric| metric.is_primary) {
            let policy = policies[row.policy_id as usize];
            let (diff, error) = (row.diff.unwrap_or(f64::NAN), row.std_error.unwrap_or(f64::NAN));
            println!(
                "{policy} less never: {:+.1} bp of log growth a year, standard error {:.1}",
                1e4 * diff,
                1e4 * error
            );
        }
    }
    Ok(())
}
