//! Checks the exit code of every way in which the program can end; none is a panic.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use crate::bench::{Bench, STUDY, text};

/// Runs the program and expects this exit code; returns standard error.
fn check(bench: &Bench, arguments: &[&str], code: i32) -> String {
    let output = bench.output(arguments);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    stderr
}

#[test]
fn bad_usage_and_bad_studies_are_2() {
    let bench = Bench::with(&STUDY.replace("trigger = \"never\"", "trigger = \"nver\""));
    let stderr = check(&bench, &["run", "study.toml"], 2);
    assert!(stderr.contains("study.toml:28") && stderr.contains("hint"), "{stderr}");
    assert!(!bench.path("results").exists(), "a refused study leaves nothing behind");
    check(&bench, &["run"], 2);
    check(&bench, &["fly"], 2);
    check(&bench, &["run", "nowhere.toml"], 2);
    let good = Bench::new();
    check(&good, &["run", "study.toml", "--level", "mmx"], 2);
    check(&good, &["run", "study.toml", "--threads", "0"], 2);
    check(&good, &["presets", "nothing"], 2);
    check(&good, &["show", "."], 2);
    check(&good, &["show", "study.toml"], 2);
    check(&good, &["analyze", "study.toml"], 2);
    check(&good, &["replay", "study.toml", "--path", "0", "--policy", "nobody"], 2);
    check(&good, &["replay", "study.toml", "--path", "0", "--scenario", "2"], 2);
}

#[test]
fn a_metric_without_a_paired_comparison_is_refused_before_anything_runs() {
    let bench = Bench::new();
    let stderr =
        check(&bench, &["run", "study.toml", "--set", "comparison.primary_metric=ruin_month"], 2);
    assert!(stderr.contains("hint"), "{stderr}");
    assert!(!bench.path("results").exists());
}

#[test]
fn a_plan_no_machine_would_finish_is_2_with_the_arithmetic() {
    let bench = Bench::new();
    let stderr = check(&bench, &["run", "study.toml", "--paths", "1000000000000"], 2);
    assert!(
        stderr.contains("1000000000000 paths x 2 scenarios x 3 policies x 2 horizons"),
        "{stderr}"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_74() {
    let bench = Bench::new();
    let stderr = check(&bench, &["run", "study.toml", "--out", "study.toml/below"], 74);
    assert!(stderr.contains("study.toml/below") && stderr.contains("cannot"), "{stderr}");
}

#[test]
fn a_full_standard_output_is_74_and_the_run_is_kept() {
    let bench = Bench::new();
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let output = bench
        .command(&["run", "study.toml"])
        .stdout(full())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(74), "{}", text(&output.stderr));
    assert!(bench.stdout(&["show", "study.toml"]).contains("scaled"));
    for arguments in
        [&["--help"][..], &["--version"], &["schema"], &["presets"], &["completions", "bash"]]
    {
        let output =
            bench.command(arguments).stdout(full()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let bench = Bench::new();
    for arguments in [&["schema"][..], &["run", "study.toml"], &["check", "study.toml", "--expand"]]
    {
        let mut child = bench.start(arguments);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("panicked"));
    }
}

#[test]
fn a_folder_in_use_is_73_and_an_unfinished_run_too() {
    let bench = Bench::new();
    let long = ["run", "study.toml", "--paths", "200000", "--threads", "1"];
    let mut first = bench.start(&long);
    bench.wait_for_parts("results", 3);
    let stderr = check(&bench, &[&long[..], &["--resume"]].concat(), 73);
    assert!(stderr.contains("in use"), "{stderr}");
    first.kill().unwrap();
    first.wait().unwrap();
    let stderr = check(&bench, &long, 73);
    assert!(stderr.contains("--resume"), "{stderr}");
}

#[test]
fn a_limit_on_file_sizes_is_74_and_the_run_resumes_to_the_same_bytes() {
    let bench = Bench::small();
    let program = env!("CARGO_BIN_EXE_corridor");
    let limited = format!("ulimit -f 16; exec '{program}' run study.toml --out limited");
    let output =
        Command::new("sh").args(["-c", &limited]).current_dir(bench.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(74), "{}", text(&output.stderr));
    bench.stdout(&["run", "study.toml", "--out", "limited", "--resume"]);
    bench.stdout(&["run", "study.toml", "--out", "whole"]);
    assert_eq!(bench.fingerprint("limited"), bench.fingerprint("whole"));
}

#[test]
fn another_run_in_the_folder_of_a_study_is_2_for_every_verb() {
    let bench = Bench::with(&STUDY.replace("paths = 5000", "paths = 256"));
    bench.stdout(&["run", "study.toml"]);
    let folder = bench.run_folder("results");
    let plan = bench.json(&["plan", "study.toml", "--seed", "2", "--json"]);
    fs::rename(&folder, bench.path(plan["run_dir"].as_str().unwrap())).unwrap();
    for verb in [
        &["show"][..],
        &["report"],
        &["export", "--csv"],
        &["analyze"],
        &["run"],
        &["run", "--resume"],
    ] {
        let stderr = check(&bench, &[verb, &["study.toml", "--seed", "2"]].concat(), 2);
        assert!(stderr.contains("move the folder away"), "{verb:?}: {stderr}");
    }
    check(&bench, &["compare", "study.toml", "never", "annual", "--seed", "2"], 2);
}
