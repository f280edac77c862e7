//! The bytes of a run depend on the study alone.

use corridor_core::level::Level;

use crate::bench::{Bench, Fingerprint};

/// Runs the study with further arguments, from an empty folder.
fn run(bench: &Bench, out: &str, further: &[&str]) -> Fingerprint {
    bench.stdout(&[&["run", "study.toml", "--quiet", "--out", out], further].concat());
    bench.fingerprint(out)
}

#[test]
fn threads_do_not_move_a_bit() {
    let bench = Bench::new();
    let one = run(&bench, "one", &["--threads", "1"]);
    assert!(one.contains_key("fact_path/part-00039.parquet") && one.contains_key("fact_trajectory.parquet"), "{one:?}");
    for threads in ["2", "3", "7"] {
        assert_eq!(run(&bench, threads, &["--threads", threads]), one, "{threads} threads");
    }
}

#[test]
fn instruction_sets_do_not_move_a_bit() {
    let bench = Bench::new();
    let baseline = run(&bench, "baseline", &["--level", "baseline"]);
    for level in Level::available() {
        assert_eq!(run(&bench, &format!("at-{}", level.name()), &["--level", level.name()]), baseline, "{level:?}");
    }
}

/// The gate runs this test in debug and in release, so both profiles write these bytes. A change of the numbers, of the
/// schema or of the Parquet writer moves it: see whether it was meant, and the head of simulation's golden test.
#[test]
fn a_known_study_has_its_known_result() {
    let result = run(&Bench::new(), "results", &["--paths", "1000"]).remove("manifest.json");
    assert_eq!(result.as_deref(), Some("33cc9ec541b9d6a14ae2615c84ba1d670e1a4cfc5a3ba770893f51c85b699556"));
}

#[test]
fn another_seed_or_cost_is_another_run_in_another_folder() {
    let bench = Bench::new();
    let [first, second] = ["1", "2"].map(|seed| bench.json(&["run", "study.toml", "--json", "--paths", "256", "--seed", seed]));
    assert_ne!(first["run_id"], second["run_id"]);
    assert_ne!(first["run_dir"], second["run_dir"]);
    assert_ne!(first["comparison"], second["comparison"]);
}

#[test]
fn another_baseline_analyses_again_and_ends_where_a_fresh_run_ends() {
    let bench = Bench::new();
    let before = run(&bench, "results", &[]);
    let again = bench.json(&["run", "study.toml", "--json", "--set", "comparison.baseline=never"]);
    assert_eq!(again["status"], "analysed");
    let after = bench.fingerprint("results");
    assert_eq!(after, run(&bench, "fresh", &["--set", "comparison.baseline=never"]));
    let parts = |of: &Fingerprint| of.clone().into_iter().filter(|(name, _)| name.contains('/')).collect::<Vec<_>>();
    assert_eq!(parts(&before), parts(&after));
    assert_ne!(before["fact_compare.parquet"], after["fact_compare.parquet"]);
    // and back again, by the folder of the run and what it keeps of its study
    let folder = bench.run_folder("results").display().to_string();
    bench.stdout(&["analyze", &folder, "--set", "comparison.baseline=annual"]);
    assert_eq!(bench.fingerprint("results"), before);
}

#[test]
fn rows_that_were_not_kept_are_simulated_again() {
    let bench = Bench::new();
    let none = ["--set", "output.path_rows=none"];
    let sums = run(&bench, "results", &none);
    assert!(!sums.keys().any(|name| name.starts_with("fact_path")), "{sums:?}");
    let refused = bench.output(&["analyze", "study.toml"]);
    assert_eq!(refused.status.code(), Some(2), "an analysis cannot make rows");
    let all = bench.json(&["run", "study.toml", "--json"]);
    assert_eq!(all["status"], "simulated");
    assert_eq!(bench.fingerprint("results"), run(&bench, "fresh", &[]));
}

#[test]
fn a_damaged_file_is_noticed_and_restored() {
    let bench = Bench::new();
    let whole = run(&bench, "results", &[]);
    let part = bench.run_folder("results").join("fact_path/part-00003.parquet");
    let mut bytes = std::fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let noticed = bench.output(&["analyze", "study.toml"]);
    assert_eq!(noticed.status.code(), Some(74), "{}", crate::bench::text(&noticed.stderr));
    let restored = bench.json(&["run", "study.toml", "--resume", "--json"]);
    assert_eq!((restored["status"].as_str(), restored["paths_simulated"].as_u64()), (Some("resumed"), Some(128)));
    assert_eq!(bench.fingerprint("results"), whole);
}
