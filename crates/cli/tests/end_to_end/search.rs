//! Searches a small study: checks its output and files at any number of threads, and its refusals.

use crate::bench::{Bench, STUDY};
use serde_json::Value;

fn searching() -> String {
    let space = "absolute = { search = { from = 0.01, to = 0.1, spacing = \"log\" } }";
    let study = STUDY
        .replace("absolute = 0.05", space)
        .replace("min_width = 0.02, max_width = 0.10", "min_width = 0.005, max_width = 0.2");
    study
        .replace("elasticity = -1.0", "elasticity = { search = { from = -1.0, to = 1.0 } }")
        .replace("[comparison]", "[search]\npoints = 40\nfinalists = 3\n[comparison]")
}

#[test]
fn a_search_ends_with_a_winner_that_is_a_study_whatever_the_threads() {
    let bench = Bench::with(&searching());
    let found = bench.json(&["search", "study.toml", "--json", "--out", "one", "--threads", "1"]);
    let again = bench.json(&["search", "study.toml", "--json", "--out", "two", "--threads", "2"]);
    for key in ["rounds", "candidates", "optimism", "metric", "baseline"] {
        assert_eq!(found[key], again[key], "{key}");
    }
    let candidates = found["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 41, "40 points and `never`");
    let rounds: Vec<(u64, u64)> = found["rounds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|round| (round["candidates"].as_u64().unwrap(), round["paths"].as_u64().unwrap()))
        .collect();
    assert_eq!(rounds, [(41, 1024), (11, 1280), (3, 5000)]);
    let finalists: Vec<&Value> =
        candidates.iter().filter(|row| row["is_finalist"] == true).collect();
    assert_eq!(finalists.len(), 3);
    let number = |row: &Value, key: &str| row[key].as_f64().unwrap();
    assert!(
        finalists.windows(2).all(|pair| number(pair[0], "diff") >= number(pair[1], "diff")),
        "the best comes first"
    );
    assert!(
        finalists
            .iter()
            .all(|row| row["fresh_verdict"].is_string() && row["exposure_diff_frac"].is_number())
    );
    assert!(finalists[0]["fresh_behind_winner"].is_null());
    for row in &finalists[1..] {
        let behind = number(row, "fresh_diff") - number(finalists[0], "fresh_diff");
        assert!((number(row, "fresh_behind_winner") - behind).abs() < 1e-9, "the same paths");
        assert!(number(row, "fresh_behind_winner_std_error") > 0.0);
    }
    let expected = number(&candidates[0], "diff") - number(&candidates[0], "fresh_diff");
    assert_eq!(number(&found["optimism"], "value"), expected);
    let text = bench.stdout(&["search", "study.toml"]);
    assert!(
        text.contains("optimism of the choice") && text.contains("ms for each candidate"),
        "{text}"
    );
    // the winner's study confirms the score on fresh paths, with another seed
    let folder = bench.path("one").join("small");
    let folder = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    assert!(folder.join("fact_search.parquet").is_file());
    let run = bench.json(&["run", &folder.join("winner.toml").display().to_string(), "--json"]);
    let best = candidates[0]["policy"].as_str().unwrap();
    let rows = run["comparison"].as_array().unwrap();
    let own = rows.iter().find(|row| {
        row["policy"] == best && row["horizon_months"] == 60 && row["scenario"] == "one_way_bps=0"
    });
    let against = &own.unwrap()["against"];
    let off = number(against, "diff") - number(&candidates[0], "fresh_diff");
    let error = number(against, "std_error").hypot(number(&candidates[0], "fresh_std_error"));
    assert!(off != 0.0 && off.abs() < 5.0 * error, "{off} {error}");
    assert!(
        number(against, "diff") != number(&candidates[0], "diff"),
        "the choice was not made on these paths"
    );
}

#[test]
fn a_small_space_is_tried_whole() {
    let study = STUDY
        .replace("half_life_months = 11", "half_life_months = { search = [3, 6, 12] }")
        .replace("[comparison]", "[search]\npoints = 100\n[comparison]");
    let found = Bench::with(&study).json(&["search", "study.toml", "--json"]);
    assert_eq!(
        found["candidates"].as_array().map(Vec::len),
        Some(4),
        "three half-lives and `never`"
    );
}

#[test]
fn studies_that_search_and_studies_that_compare_are_told_apart() {
    let refused = |study: &str, arguments: &[&str], words: &str| {
        let output = Bench::with(study).output(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && text.contains(words), "{text}");
    };
    refused(&searching(), &["run", "study.toml"], "this study searches: 41 candidates");
    refused(STUDY, &["search", "study.toml"], "nothing to search");
    refused(
        &searching(),
        &["search", "study.toml", "--set", "comparison.primary_metric=rebalance_events"],
        "no better and worse",
    );
}
