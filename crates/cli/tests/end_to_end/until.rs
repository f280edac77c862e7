//! Tests runs that stop once their differences are precise enough.

use crate::bench::{Bench, text};

const ENOUGH: [&str; 6] =
    ["run", "study.toml", "--paths", "200000", "--set", "run.until={ half_width = 6 }"];

#[test]
fn a_run_stops_when_every_difference_is_known_as_well_as_asked() {
    let bench = Bench::new();
    let first = bench.output(&[&ENOUGH[..], &["--json"]].concat());
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(text(&first.stderr).contains("paths saved of 200,000"), "{}", text(&first.stderr));
    let run: serde_json::Value = serde_json::from_slice(&first.stdout).expect("one document");
    let folder = bench.run_folder("results").display().to_string();
    let shown = bench.json(&["show", &folder, "--json"]);
    let paths = shown["paths"].as_u64().unwrap();
    assert!((4096..200_000).contains(&paths), "{paths}");
    for line in
        shown["comparison"].as_array().unwrap().iter().filter(|line| line["against"].is_object())
    {
        let end = |name: &str| line["against"][name].as_f64().unwrap();
        assert!(0.5 * (end("ci_high_simultaneous") - end("ci_low_simultaneous")) <= 6.0, "{line}");
    }
    // the study finds this run again, and the run can be analysed again
    let again = bench.json(&[&ENOUGH[..], &["--json"]].concat());
    assert_eq!((&again["status"], &again["run_id"]), (&"complete".into(), &run["run_id"]));
    let other = bench.json(&["analyze", &folder, "--json", "--set", "comparison.baseline=never"]);
    assert_eq!(other["paths"], paths);
}

/// A run that stopped under another comparison does not count as finished: the number of paths
/// follows from the comparison.
#[test]
fn another_comparison_stops_where_it_would_have_stopped_from_the_start() {
    const CLOSER: [&str; 7] = [
        "run",
        "study.toml",
        "--paths",
        "200000",
        "--set",
        "run.until={ half_width = 3 }",
        "--json",
    ];
    let bench = Bench::new();
    let paths = |out: &str| {
        bench.json(&["show", &bench.run_folder(out).display().to_string(), "--json"])["paths"]
            .as_u64()
    };
    bench.json(&CLOSER);
    let before = paths("results");
    let many = [&CLOSER[..], &["--set", "comparison.tried_before=5000"]].concat();
    bench.json(&many);
    bench.json(&[&many[..], &["--out", "fresh"]].concat());
    assert_eq!(bench.fingerprint("results"), bench.fingerprint("fresh"));
    assert!(paths("results") > before, "5,000 more policies tried need more paths than {before:?}");
}

#[test]
fn what_cannot_be_known_well_enough_takes_all_paths_and_says_so() {
    let bench = Bench::new();
    let all = bench.output(&[
        "run",
        "study.toml",
        "--paths",
        "6000",
        "--set",
        "run.until={ half_width = 0.001 }",
        "--quiet",
    ]);
    assert!(all.status.success());
    // the warning is on the screen in spite of --quiet, and in the README of the run
    let page = std::fs::read_to_string(bench.run_folder("results").join("README.md")).unwrap();
    for said in [text(&all.stderr), page] {
        assert!(said.contains("with 6,000 paths, `run.until` asks for ±0.001"), "{said}");
    }
    let unknown = bench.output(&[
        "check",
        "study.toml",
        "--set",
        "run.until={ metric = \"luck\", half_width = 1 }",
    ]);
    assert_eq!(unknown.status.code(), Some(2));
}
