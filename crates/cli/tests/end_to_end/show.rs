//! Checks how a finished run is shown: the answer first, the part that is asked for, other margins,
//! and a run folder wherever a study is meant.

use serde_json::Value;

use crate::bench::{Bench, text};

/// Returns a bench with a finished run of a study with a swept policy, and the run's folder.
fn finished() -> (Bench, String) {
    let bench = Bench::new();
    let sweep = "policy.annual.trade={ part_way = { sweep = [0.5, 1.0] } }";
    let baseline = "comparison.baseline=never";
    let run = ["run", "study.toml", "--quiet", "--paths", "600", "--set", sweep, "--set", baseline];
    bench.stdout(&run);
    let folder = bench.run_folder("results").display().to_string();
    (bench, folder)
}

#[test]
fn the_answer_comes_first_and_the_part_that_is_asked_for_after_it() {
    let (bench, folder) = finished();
    let all = bench.stdout(&["show", &folder]);
    let reading = bench.json(&["show", &folder, "--json"])["reading"].as_str().unwrap().to_owned();
    let start: String = reading.chars().take(30).collect();
    let place = |part: &str| all.find(part).unwrap_or_else(|| panic!("no {part} in {all}"));
    assert!(place(&start) < place("value ± s.e."), "{all}");
    assert!(!all.contains('\u{1b}'), "no colors in a pipe");

    let one = ["show", &folder, "--scenario", "one_way_bps=20", "--policy", "annual"];
    let part = bench.stdout(&one);
    assert!(part.contains("cost 20 bp\n") && !part.contains("cost 0 bp\n"), "{part}");
    assert!(part.contains("annual[part_way=0.5]") && part.contains("never"), "{part}");
    assert!(!part.contains("  scaled "), "{part}");
    assert!(part.contains(&start), "the answer rests on all policies: {part}");
    let top = bench.json(&["show", &folder, "--top", "1", "--json"]);
    assert_eq!(top["comparison"].as_array().map(Vec::len), Some(4), "the best and the baseline");
    let markdown = bench.stdout(&["show", &folder, "--markdown"]);
    assert!(markdown.contains("\n| policy | value ± s.e. | minus never |"), "{markdown}");
}

#[test]
fn misspelt_names_have_a_way_out_of_one_line() {
    let (bench, folder) = finished();
    let refused = |arguments: &[&str]| {
        let output = bench.output(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        text(&output.stderr)
    };
    let metric = refused(&["show", &folder, "--metric", "ruin"]);
    assert!(
        metric.contains("did you mean `ruined`?") && metric.contains("`corridor metrics`"),
        "{metric}"
    );
    assert!(metric.lines().all(|line| line.len() < 100), "{metric}");
    let corners = refused(&["compare", &folder, "annual", "never"]);
    assert!(corners.contains("choose one of its corners: `annual[part_way=0.5]`"), "{corners}");
    assert!(refused(&["show", &folder, "--policy", "anual"]).contains("did you mean `annual"));
    assert!(refused(&["show", &folder, "--margin", "ruined=x"]).contains("METRIC=VALUE"));
}

/// A verdict is one comparison of stored numbers, so that showing needs no analysis.
#[test]
fn a_margin_judges_as_an_analysis_with_that_margin_does() {
    let (bench, folder) = finished();
    let metric = "max_drawdown_unit_frac";
    let judged = |document: &Value| -> Vec<Value> {
        let lines = document["comparison"].as_array().unwrap();
        let verdict = |line: &Value| line["against"]["verdict"].clone();
        lines.iter().map(verdict).collect()
    };
    let mut seen = Vec::new();
    for margin in ["0.0001", "0.002", "0.5"] {
        let shown =
            bench.json(&["show", &folder, "--margin", &format!("{metric}={margin}"), "--json"]);
        bench.stdout(&["analyze", &folder, "--margin", &format!("{metric}={margin}")]);
        let analysed = bench.json(&["show", &folder, "--metric", metric, "--json"]);
        assert_eq!(judged(&shown), judged(&analysed), "margin {margin}");
        assert_eq!(shown["reading"], analysed["reading"], "margin {margin}");
        seen.push(judged(&shown));
    }
    assert_ne!(seen[0], seen[2], "margins matter");
}

#[test]
fn a_run_folder_is_taken_wherever_a_study_is_meant() {
    let (bench, folder) = finished();
    assert!(bench.stdout(&["check", &folder]).starts_with("ok: "));
    let plan = bench.stdout(&["plan", &folder]);
    assert!(plan.contains("most time"), "{plan}");
    let replay = ["replay", &folder, "--path", "3", "--policy", "annual[part_way=1]"];
    let table = bench.stdout(&replay);
    assert!(table.contains("after 2 years  after 5 years"), "{table}");
    assert!(table.contains("Terminal wealth, currency"), "{table}");
    let by_name = [&replay[..], &["--scenario", "one_way_bps=20", "--trades"]].concat();
    let trades = bench.stdout(&by_name);
    let first = trades.lines().find(|line| line.starts_with("month 12 ")).unwrap();
    assert!(first.contains("the calendar: back to target, equity "), "{trades}");
    assert!(trades.contains(" traded, cost "), "{trades}");
    let misspelt = bench.output(&[&replay[..], &["--scenario", "one_way_bps=2"]].concat());
    let message = text(&misspelt.stderr);
    assert!(message.contains("did you mean `one_way_bps=20`?"), "{message}");
    let lost = bench.output(&["plan", "results"]);
    assert!(text(&lost.stderr).contains("is not a run folder"), "{}", text(&lost.stderr));
}
