//! Checks that the bytes of a run depend on the study alone.

use corridor_core::level::Level;

use crate::bench::{Bench, Fingerprint, STUDY};

/// Runs the study with further arguments into the folder `out`; returns its fingerprint.
fn run(bench: &Bench, out: &str, further: &[&str]) -> Fingerprint {
    bench.stdout(&[&["run", "study.toml", "--quiet", "--out", out], further].concat());
    bench.fingerprint(out)
}

#[test]
fn threads_do_not_move_a_bit() {
    let bench = Bench::small();
    let one = run(&bench, "one", &["--threads", "1"]);
    assert!(
        one.contains_key("fact_path/part-00009.parquet")
            && one.contains_key("fact_trajectory.parquet"),
        "{one:?}"
    );
    for threads in ["2", "3", "7"] {
        assert_eq!(run(&bench, threads, &["--threads", threads]), one, "{threads} threads");
    }
}

#[test]
fn instruction_sets_do_not_move_a_bit() {
    let bench = Bench::small();
    let baseline = run(&bench, "baseline", &["--level", "baseline"]);
    for level in Level::available() {
        assert_eq!(
            run(&bench, &format!("at-{}", level.name()), &["--level", level.name()]),
            baseline,
            "{level:?}"
        );
    }
}

/// The hash changes with a number, a table or the Parquet writer. The gate runs this test in debug
/// and in release, so both profiles write these bytes. If the hash changes, check that this was
/// meant; the head of simulation's golden test says how.
#[test]
fn a_known_study_has_its_known_tables() {
    let mut tables = blake3::Hasher::new();
    for (name, hash) in run(&Bench::new(), "results", &["--paths", "1000"])
        .iter()
        .filter(|(name, _)| name.ends_with(".parquet"))
    {
        tables.update(format!("{name} {hash}\n").as_bytes());
    }
    assert_eq!(
        tables.finalize().to_hex().as_str(),
        "cde1139861ec859ffb48abf45c079a362b6c93427e16b29f61061cdc0159db2b"
    );
}

#[test]
fn another_seed_or_cost_is_another_run_in_another_folder() {
    let bench = Bench::new();
    let [first, second] = ["1", "2"]
        .map(|seed| bench.json(&["run", "study.toml", "--json", "--paths", "256", "--seed", seed]));
    assert_ne!(first["run_id"], second["run_id"]);
    assert_ne!(first["run_dir"], second["run_dir"]);
    assert_ne!(first["comparison"], second["comparison"]);
}

#[test]
fn another_baseline_analyses_again_and_ends_where_a_fresh_run_ends() {
    let bench = Bench::small();
    let before = run(&bench, "results", &[]);
    let again = bench.json(&["run", "study.toml", "--json", "--set", "comparison.baseline=never"]);
    assert_eq!(again["status"], "analysed");
    let after = bench.fingerprint("results");
    assert_eq!(after, run(&bench, "fresh", &["--set", "comparison.baseline=never"]));
    let parts = |of: &Fingerprint| {
        of.clone().into_iter().filter(|(name, _)| name.contains('/')).collect::<Vec<_>>()
    };
    assert_eq!(parts(&before), parts(&after));
    assert_ne!(before["fact_compare.parquet"], after["fact_compare.parquet"]);
    // and back again from the run folder alone, which keeps a copy of the study
    let folder = bench.run_folder("results").display().to_string();
    bench.stdout(&["analyze", &folder, "--set", "comparison.baseline=annual"]);
    assert_eq!(bench.fingerprint("results"), before);
}

#[test]
fn a_run_keeps_the_history_it_was_drawn_from_and_is_analysed_again_without_the_original() {
    let regimes =
        STUDY.find("[market.regime_switching]").unwrap()..STUDY.find("[account]").unwrap();
    let mut study = STUDY.to_owned();
    study.replace_range(
        regimes,
        "[market.bootstrap]\ncsv = \"data/history.csv\"\nassets = \
    [\"equity\", \"bond\"]\nmean_block_months = 12\n",
    );
    let bench = Bench::with(
        &study.replace("half_life_months = 11", "half_life_months = 11, start_annual = 0.07"),
    );
    let months = (0..120).map(|month| {
        format!(
            "{}-{:02},{},{}\n",
            2000 + month / 12,
            1 + month % 12,
            0.01 * f64::from(month % 7 - 2),
            0.001 * f64::from(month % 5)
        )
    });
    std::fs::create_dir(bench.path("data")).unwrap();
    std::fs::write(
        bench.path("data/history.csv"),
        format!("date,equity,bond\n{}", months.collect::<String>()),
    )
    .unwrap();
    let before = run(&bench, "results", &["--paths", "640"]);
    assert!(before.contains_key("inputs/data+history.csv"), "{before:?}");
    std::fs::remove_dir_all(bench.path("data")).unwrap();
    let folder = bench.run_folder("results").display().to_string();
    bench.stdout(&["analyze", &folder, "--set", "comparison.baseline=never"]);
    bench.stdout(&["analyze", &folder, "--set", "comparison.baseline=annual"]);
    assert_eq!(bench.fingerprint("results"), before);
}

#[test]
fn every_shipped_study_runs() {
    let bench = Bench::new();
    let scenarios = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let shipped = [scenarios.clone(), scenarios.join("claims")]
        .map(|folder| std::fs::read_dir(folder).unwrap());
    let shipped = shipped.into_iter().flatten().map(|entry| entry.unwrap().path());
    let studies: Vec<_> =
        shipped.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    assert!(studies.len() >= 12, "{studies:?}");
    for study in studies {
        let searches = std::fs::read_to_string(&study).unwrap().contains("[search]");
        let (verb, fewer) = if searches {
            ("search", "search.points=24")
        } else {
            ("run", "output.trajectories=5")
        };
        let study = study.display().to_string();
        let found = bench.json(&[verb, &study, "--json", "--paths", "200", "--set", fewer]);
        if searches {
            assert!(found["candidates"].is_array(), "{study}");
        } else {
            assert_eq!(found["status"], "simulated", "{study}");
        }
    }
}

#[test]
fn rows_that_were_not_kept_are_simulated_again() {
    let bench = Bench::small();
    let none = ["--set", "output.path_rows=none"];
    let sums = run(&bench, "results", &none);
    assert!(!sums.keys().any(|name| name.starts_with("fact_path")), "{sums:?}");
    let refused = bench.output(&["analyze", "study.toml"]);
    assert_eq!(refused.status.code(), Some(2), "an analysis cannot make rows");
    let all = bench.json(&["run", "study.toml", "--json"]);
    assert_eq!(all["status"], "simulated");
    let whole = bench.fingerprint("results");
    assert_eq!(whole, run(&bench, "fresh", &[]));
    // ... and rows that were kept are not thrown away by a study that asks for none.
    for verb in ["run", "analyze"] {
        let refused = bench.output(&[&[verb, "study.toml"][..], &none].concat());
        assert_eq!(refused.status.code(), Some(2), "{verb}");
    }
    assert_eq!(bench.fingerprint("results"), whole);
}

#[test]
fn a_damaged_file_is_noticed_and_restored() {
    let bench = Bench::small();
    let whole = run(&bench, "results", &[]);
    let part = bench.run_folder("results").join("fact_path/part-00003.parquet");
    let mut bytes = std::fs::read(&part).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    let noticed = bench.output(&["analyze", "study.toml"]);
    assert_eq!(noticed.status.code(), Some(74), "{}", crate::bench::text(&noticed.stderr));
    let restored = bench.json(&["run", "study.toml", "--resume", "--json"]);
    assert_eq!(
        (restored["status"].as_str(), restored["paths_simulated"].as_u64()),
        (Some("resumed"), Some(128))
    );
    assert_eq!(bench.fingerprint("results"), whole);
}
