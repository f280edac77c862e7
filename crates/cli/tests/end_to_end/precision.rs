//! Tests runs that are more precise with the same number of paths: antithetic pairs and control
//! variates.

use crate::bench::Bench;

fn line<'a>(document: &'a serde_json::Value, policy: &str) -> &'a serde_json::Value {
    let lines = document["comparison"].as_array().unwrap();
    lines
        .iter()
        .find(|line| line["policy"] == policy)
        .unwrap_or_else(|| panic!("no {policy} in {document}"))
}

/// Returns the value of `never`, which is not a baseline, and its standard error.
fn value_and_error(document: &serde_json::Value) -> (f64, f64) {
    let line = line(document, "never");
    (line["value"].as_f64().unwrap(), line["std_error"].as_f64().unwrap())
}

#[test]
fn a_control_is_taken_out_without_another_run_and_leaves_a_smaller_error() {
    let bench = Bench::new();
    let without = "comparison.control_variate=false";
    let plain = bench.json(&["run", "study.toml", "--json", "--set", without]);
    let folder = bench.run_folder("results").display().to_string();
    let plain_lines = bench.json(&["show", &folder, "--json"]);
    let parts = || {
        std::fs::read_dir(format!("{folder}/state"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().modified().unwrap())
            .max()
    };
    let before = parts();
    let again =
        bench.json(&["analyze", &folder, "--json", "--set", "comparison.control_variate=true"]);
    assert_eq!(
        (&again["run_id"], parts()),
        (&plain["run_id"], before),
        "nothing was simulated again"
    );
    let ((value, error), (controlled, smaller)) =
        (value_and_error(&plain_lines), value_and_error(&again));
    assert!(smaller < 0.8 * error, "{smaller} is hardly less than {error}");
    // the two values differ by little more than the plain error
    assert!(
        (controlled - value).abs() < 4.0 * error,
        "{value} ± {error}, {controlled} ± {smaller}"
    );
    assert_eq!(line(&again, "never")["method"], "control_variate");
}

#[test]
fn antithetic_pairs_are_another_run_whose_errors_are_those_of_pairs() {
    let bench = Bench::new();
    let plain = bench.json(&["run", "study.toml", "--json"]);
    let plainly = ["--set", "comparison.control_variate=false"];
    let args = ["run", "study.toml", "--json", "--set", "run.antithetic=true", "--out"];
    let pairs = bench.json(&[&args[..], &["one", "--threads", "1"], &plainly].concat());
    assert_ne!(plain["run_id"], pairs["run_id"]);
    bench.json(&[&args[..], &["three", "--threads", "3"], &plainly].concat());
    assert_eq!(bench.fingerprint("one"), bench.fingerprint("three"));
    let shown = bench.json(&["show", &bench.run_folder("one").display().to_string(), "--json"]);
    assert_eq!(line(&shown, "never")["method"], "antithetic_sections");
    let refused =
        bench.output(&["check", "study.toml", "--paths", "777", "--set", "run.antithetic=true"]);
    assert_eq!(refused.status.code(), Some(2));
}
