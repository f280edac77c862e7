//! Analyses a source of one's own in memory and compares the result with the exact paired
//! difference.

use corridor_core::lanes::LANES;
use corridor_core::numerics::exp;
use corridor_core::outcome::PolicyId;
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::time::{Step, TimeGrid};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_workbench::memory::MemoryRun;
use corridor_workbench::{Error, Settings, Silent};

/// A market whose asset 0 earns 1 % plus `k mod 7` basis points a month on path `k`.
struct Steady {
    assets: [String; 2],
    regimes: [String; 1],
}

impl PathSource<LANES> for Steady {
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
                let extra = ((first_path + lane as u64) % 7) as f64 * 1e-4;
                for (asset, log_return) in [0.01 + extra, 0.0].into_iter().enumerate() {
                    rows.log_return[asset][lane] = log_return as f32;
                    rows.gross[asset][lane] = exp(log_return);
                }
                rows.regime[lane] = 0;
            }
        }
    }
}

fn simulation(policies: u32) -> Simulation {
    let grid = TimeGrid { step: Step::Month, steps: 12 };
    let hold = |policy_id| {
        let mut instance = Instance::holding_one_asset(policy_id as usize % 2, 2);
        instance.policy_id = PolicyId(policy_id);
        instance
    };
    Simulation {
        grid,
        assets: 2,
        growth_assets: vec![0],
        signals: Vec::new(),
        horizons: vec![grid.steps],
        instances: (0..policies).map(hold).collect(),
    }
}

#[test]
fn the_difference_of_two_assets_is_their_difference_in_growth() {
    let market =
        Steady { assets: ["up".to_owned(), "flat".to_owned()], regimes: ["only".to_owned()] };
    let simulation = simulation(2);
    let run = MemoryRun {
        source: &market,
        simulation: &simulation,
        policies: &["up", "flat"],
        baseline: PolicyId(1),
        metric: "log_growth_unit_annual",
        margin: Some(1e-3),
        paths: 7 * 1024,
    };
    let analysis = run.analyse(&Settings::default(), &Silent).unwrap();
    let metric = analysis.metrics.iter().find(|row| row.is_primary).unwrap();
    let row = analysis
        .compare
        .iter()
        .find(|row| row.metric_id == metric.metric_id && row.stat == "mean")
        .unwrap();
    // twelve months of 1 % and, on average, 3 basis points
    assert!((row.diff.unwrap() - 12.0 * 0.0103).abs() < 1e-12, "{:?}", row.diff);
    assert_eq!(row.verdict.as_deref(), Some("better"));
    assert_eq!(row.n_paths, 7 * 1024);
}

#[test]
fn a_metric_that_does_not_exist_is_an_error() {
    let market = Steady { assets: [String::new(), String::new()], regimes: [String::new()] };
    let simulation = simulation(2);
    let run = MemoryRun {
        source: &market,
        simulation: &simulation,
        policies: &["a", "b"],
        baseline: PolicyId(0),
        metric: "log_growth",
        margin: None,
        paths: 128,
    };
    let refused = run.analyse(&Settings::default(), &Silent);
    assert!(matches!(refused, Err(Error::Comparison(_))));
}
