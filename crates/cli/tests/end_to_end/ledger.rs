//! Checks that policies tried by earlier runs under one study name are counted.

use crate::bench::{Bench, text};

const RUN: [&str; 4] = ["run", "study.toml", "--paths", "512"];
const NARROWER: [&str; 2] = ["--set", "policy.annual.review={ every_months = 5 }"];

#[test]
fn policies_tried_before_widen_what_holds_for_all_at_once() {
    let bench = Bench::new();
    let width = |run: &serde_json::Value| {
        let row = &run["comparison"]
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["against"]["diff"].is_number())
            .unwrap()["against"];
        row["ci_high_simultaneous"].as_f64().unwrap() - row["ci_low_simultaneous"].as_f64().unwrap()
    };
    let first = bench.output(&[&RUN[..], &["--json"]].concat());
    assert!(
        first.status.success() && !text(&first.stderr).contains("tried before"),
        "{}",
        text(&first.stderr)
    );
    let second = bench.output(&[&RUN[..], &NARROWER, &["--json"]].concat());
    assert!(text(&second.stderr).contains("1 policy was tried before"), "{}", text(&second.stderr));
    let alone = bench.json(&[&RUN[..], &NARROWER, &["--json", "--out", "elsewhere"]].concat());
    let counted: serde_json::Value = serde_json::from_slice(&second.stdout).unwrap();
    assert!(width(&counted) > width(&alone), "{counted} {alone}");
    // a number in the study replaces the count of the ledger
    let own = bench
        .output(&[&RUN[..], &NARROWER, &["--json", "--set", "comparison.tried_before=0"]].concat());
    assert!(
        own.status.success() && !text(&own.stderr).contains("tried before"),
        "{}",
        text(&own.stderr)
    );
    assert_eq!(width(&serde_json::from_slice(&own.stdout).unwrap()), width(&alone));
}

#[test]
fn a_damaged_ledger_stops_new_analyses_and_no_reading() {
    let bench = Bench::new();
    bench.stdout(&RUN);
    let ledger = bench.path("results/small/ledger.jsonl");
    std::fs::write(&ledger, "not an entry\n").unwrap();
    let show = bench.output(&["show", "study.toml", "--paths", "512"]);
    let stderr = text(&show.stderr);
    assert!(show.status.success() && stderr.contains("warning: line 1 of"), "{stderr}");
    assert!(stderr.contains("hint: mend or remove it"), "{stderr}");
    for verb in ["run", "analyze"] {
        let output = bench.output(&[verb, "study.toml", "--paths", "512"]);
        assert_eq!(output.status.code(), Some(74), "{verb}: {}", text(&output.stderr));
    }
    // the hint is a way out
    std::fs::remove_file(&ledger).unwrap();
    bench.stdout(&RUN);
    assert!(std::fs::read_to_string(&ledger).unwrap().contains("policy_keys"));
}
