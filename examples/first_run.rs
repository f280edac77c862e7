//! Runs a study from a program: a market, three rules, one paired comparison.
//!
//! The market switches between a calm and a stormy regime, a Markov chain of months; log returns
//! are normal given the regime (Hamilton 1989). Every rule runs on the same simulated paths, so the
//! difference of two rules is a mean of pairs: with `d_k` the difference on path `k` its standard
//! error is `sd(d) / sqrt(n)`, which is many times smaller than the error of either rule alone,
//! because the luck of the market cancels. So a few thousand paths resolve differences of a few
//! basis points a year.
//!
//! Run it with `cargo run --release --example first_run -p corridor-workbench`.

#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use corridor_workbench::{Session, Settings, Silent};

const STUDY: &str = r#"
corridor = 1
study = { name = "three-rules", question = "Does any rule beat never rebalancing?" }
time = { horizon_years = 20, step = "month" }
market = { preset = "stock-bond-flip" }
account = { initial = 100_000, target = { equity = 0.6, bond = 0.4 } }
costs = { one_way_bps = 10 }
policy = [
  { name = "never", trigger = "never" },
  { name = "annual", use = "calendar_12" },
  { name = "band-5", use = "threshold_absolute_5" },
]
comparison = { baseline = "never", margin = { ce_growth_gamma_3 = 5.0 } }
run = { paths = 8192, seed = 1 }
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let results = std::env::temp_dir().join("corridor-first-run");
    let settings = Settings { results: results.clone(), ..Settings::default() };
    let session = Session::from_text("three-rules", STUDY, &results, settings, &Silent)?;
    let run = session.run(&Silent)?;
    let comparison = run.stored.comparison(None, None)?;
    for row in comparison.lines.iter().filter_map(|line| line.compare.as_ref()) {
        let (policy, diff) = (comparison.policy(row.policy_id), row.diff.unwrap_or(f64::NAN));
        let error = row.std_error.unwrap_or(f64::NAN);
        println!("{policy} less never: {diff:+.1} bp a year, standard error {error:.1}");
    }
    println!("{}", corridor_report::answer(&comparison));
    Ok(())
}
