//! Compares rates that tables report step by step, or by regime, with those of whole paths, in a
//! study whose account pays flows and fees.

use corridor_core::outcome::{PathColumn, ScenarioId};
use corridor_tables::metric::MetricId;
use corridor_tables::{RegimeRow, SummaryRow};
use corridor_workbench::trajectory::batches;
use corridor_workbench::{Session, Settings, Silent, Status};

const STUDY: &str = r#"
corridor = 1
study = { name = "rates" }
time = { horizon_years = 3, step = "month" }
market = { preset = "stock-bond-flip" }
account = { initial = 1000, target = { equity = 0.6, bond = 0.4 }, annual_fee_bps = 60, flow = [
  { contribution = { amount_per_year = 600, every_months = 3, timing = "end" } },
  { withdrawal = { amount_per_year = 240, every_months = 1, timing = "end" } },
] }
costs = { one_way_bps = 80 }
policy = [
  { name = "monthly", use = "calendar_1" },
  { name = "annual", use = "calendar_12" },
]
comparison = { baseline = "monthly" }
run = { paths = 256, seed = 5 }
output = { trajectories = 8, regime_paths = 256 }
"#;

fn session(results: &std::path::Path) -> Session {
    let settings = Settings { results: results.into(), ..Settings::default() };
    Session::from_text("rates.toml", STUDY, results, settings, &Silent).unwrap()
}

#[test]
fn turnover_of_the_steps_adds_up_to_that_of_the_path() {
    let results = tempfile::tempdir().unwrap();
    let session = session(results.path());
    let rows: Vec<_> = batches(session.plan()).flat_map(|batch| batch.rows).collect();
    for policy in ["monthly", "annual"] {
        let id = session.policy_id(policy).unwrap().number();
        for path in 0..8 {
            let steps = rows.iter().filter(|row| (row.policy_id, row.path_id) == (id, path));
            let turnover = steps.fold(0.0, |sum, row| sum + row.turnover_one_way_frac);
            let whole = session.replay(path as u64, Some(policy), ScenarioId(0)).unwrap();
            let annual = whole.outcomes[0].1[PathColumn::TurnoverOneWayAnnual as usize];
            assert!(annual > 0.0 && turnover * (12.0 / 36.0) == annual, "{turnover} {annual}");
        }
    }
}

#[test]
fn rates_by_regime_add_up_to_those_of_the_paths() {
    let results = tempfile::tempdir().unwrap();
    let run = session(results.path()).run(&Silent).unwrap();
    assert!(matches!(run.status, Status::Simulated(_)));
    let regimes = run.stored.reader().rows::<RegimeRow>().unwrap().rows;
    let summary = run.stored.reader().rows::<SummaryRow>().unwrap().rows;
    let mean = |policy: i32, metric: MetricId| {
        let row = summary.iter().find(|row| {
            (row.policy_id, row.metric_id, &*row.stat) == (policy, metric.number(), "mean")
        });
        row.unwrap().value.unwrap()
    };
    let cost = MetricId::of_column(PathColumn::CostBpsAnnual).unwrap();
    for policy in [0, 1] {
        let sum = |rate: fn(&RegimeRow) -> Option<f64>| -> f64 {
            let of_policy = regimes.iter().filter(|row| row.policy_id == policy);
            of_policy.filter_map(|row| Some(row.time_frac * rate(row)?)).sum()
        };
        for (by_regime, whole) in [
            (sum(|row| row.turnover_one_way_annual), mean(policy, MetricId::TURNOVER)),
            (sum(|row| row.cost_bps_annual), mean(policy, cost)),
        ] {
            assert!(whole > 0.0 && (by_regime / whole - 1.0).abs() < 1e-12, "{by_regime} {whole}");
        }
    }
}
