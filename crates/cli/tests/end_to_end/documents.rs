//! Checks that JSON documents have the keys that scripts rely on, and numbers that agree with the
//! files.

use std::ops::ControlFlow;
use std::sync::Arc;

use corridor_core::outcome::{PathColumn, ScenarioId};
use corridor_store::run_reader::RunReader;
use corridor_store::storage::Disk;
use corridor_tables::label::{Precision, Reason};
use serde_json::Value;

use crate::bench::{Bench, STUDY, text};

fn keys(document: &Value, wanted: &[&str]) {
    for key in wanted {
        assert!(!document[key].is_null(), "no `{key}` in {document:#}");
    }
}

#[test]
fn run_prints_one_document_and_the_second_time_says_that_nothing_was_done() {
    let bench = Bench::new();
    let first = bench.json(&["run", "study.toml", "--json"]);
    let costs =
        ["simulate_cpu_seconds", "simulate_seconds", "total_seconds", "path_steps_per_second"];
    let sizes =
        ["run_dir", "run_id", "paths", "scenarios", "policies", "steps", "cells", "rows", "parts"];
    keys(
        &first,
        &[
            &costs[..],
            &sizes,
            &["status", "analysis_id", "comparison", "reading", "path_step_policies_per_second"],
        ]
        .concat(),
    );
    assert_eq!(
        [&first["paths"], &first["scenarios"], &first["policies"], &first["steps"]]
            .map(Value::as_u64),
        [5000, 2, 3, 60].map(Some)
    );
    assert_eq!(first["rows"], 5000 * 2 * 3 * 2);
    assert_eq!(first["status"], "simulated");
    let output = bench.output(&["run", "study.toml", "--json"]);
    assert!(
        text(&output.stderr).contains("nothing was simulated again"),
        "{}",
        text(&output.stderr)
    );
    let second: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (second["status"].as_str(), second["paths_simulated"].as_u64()),
        (Some("complete"), Some(0))
    );
    assert_eq!(second["comparison"], first["comparison"]);
}

#[test]
fn quiet_says_nothing_but_the_result() {
    let bench = Bench::new();
    let output = bench.output(&["run", "study.toml", "--quiet", "--paths", "256"]);
    assert_eq!(text(&output.stderr), "");
    assert!(text(&output.stdout).contains("scaled"));
}

#[test]
fn plan_says_what_a_run_would_take_and_leaves_nothing() {
    let bench = Bench::new();
    let plan = bench.json(&["plan", "study.toml", "--json"]);
    keys(
        &plan,
        &[
            "cells",
            "paths",
            "rows_kept",
            "memory_bytes",
            "disk_bytes",
            "total_seconds",
            "simulate_cpu_seconds",
        ],
    );
    assert_eq!([&plan["cells"], &plan["rows_kept"]].map(Value::as_u64), [12, 60_000].map(Some));
    assert!(plan["total_cpu_seconds"].as_f64() > plan["simulate_cpu_seconds"].as_f64());
    assert!(
        bench
            .stdout(&["plan", "study.toml"])
            .contains("2 scenarios x 3 policies x 2 horizons = 12 cells")
    );
    assert!(!bench.path("results").exists());
}

#[test]
fn a_fast_run_follows_few_paths_and_compares_alike() {
    let bench = Bench::new();
    let plan = bench.json(&["plan", "study.toml", "--fast", "--json"]);
    assert_eq!(plan["trajectory_rows"], 0);
    let [fast, whole] = ["--fast", "--set=study.name=whole"]
        .map(|option| bench.json(&["run", "study.toml", option, "--paths", "1000", "--json"]));
    let of = |document: &Value| document["comparison"][0]["value"].clone();
    assert_eq!(of(&fast), of(&whole), "the comparison rests on all paths");
    let own =
        bench.json(&["plan", "study.toml", "--fast", "--set", "output.trajectories=2", "--json"]);
    assert_ne!(own["trajectory_rows"], 0, "what is set by hand counts");
}

#[test]
fn check_prints_what_the_market_implies_and_mistakes_with_their_places() {
    let bench = Bench::new();
    let good = bench.json(&["check", "study.toml", "--json"]);
    assert_eq!(good["ok"], true);
    keys(
        &good["markets"][0],
        &["mean_log_annual", "vol_annual", "correlation", "stationary", "sojourn_years"],
    );
    assert_eq!(good["policies"].as_array().map(Vec::len), Some(3));
    let output =
        bench.output(&["check", "study.toml", "--json", "--set", "policy.never.review=daily"]);
    assert_eq!(output.status.code(), Some(2));
    let bad: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(bad["ok"], false);
    keys(&bad["diagnostics"][0], &["id", "message", "hint", "file", "line"]);
}

#[test]
fn the_expanded_study_is_the_same_study() {
    let bench = Bench::new();
    let expanded = bench.stdout(&["check", "study.toml", "--expand"]);
    std::fs::write(bench.path("expanded.toml"), expanded).unwrap();
    let ids = ["study.toml", "expanded.toml"]
        .map(|study| bench.json(&["check", study, "--json"])["simulation_id"].clone());
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn schema_presets_and_completions_are_there() {
    let bench = Bench::new();
    keys(&bench.json(&["schema"]), &["$schema", "properties"]);
    assert!(bench.stdout(&["presets"]).contains("gbm-null"));
    assert!(bench.stdout(&["presets", "gbm-null"]).contains("[preset]"));
    assert_eq!(bench.json(&["presets", "--json"]).as_array().map(Vec::len), Some(12));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(bench.stdout(&["completions", shell]).contains("corridor"));
    }
}

#[test]
fn replay_follows_the_very_path_that_the_run_kept() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml"]);
    let run = RunReader::open(Arc::new(Disk), &bench.run_folder("results")).unwrap();
    let parts = run.parts();
    let cells = parts.cells().unwrap();
    for (policy_id, policy) in ["never", "annual", "scaled"].into_iter().enumerate() {
        let replay = bench.json(&[
            "replay",
            "study.toml",
            "--path",
            "1234",
            "--policy",
            policy,
            "--scenario",
            "1",
            "--json",
        ]);
        assert_eq!(replay["steps"].as_array().map(Vec::len), Some(61));
        let traded = replay["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| !step["cause"].is_null())
            .count() as u64;
        let last = &replay["outcomes"][1];
        assert_eq!(last["horizon_months"], 60);
        let wanted = |id: &corridor_core::outcome::CellId| {
            (id.scenario_id, id.policy_id.index(), id.horizon_months)
                == (ScenarioId(1), policy_id, 60)
        };
        let cell = cells.iter().position(wanted).unwrap();
        for column in PathColumn::ALL {
            let mut stored = f64::INFINITY;
            let mut visit = |slice: corridor_store::stored_parts::PathSlice<'_>| {
                let place = 1234_u64.wrapping_sub(slice.first_path) as usize;
                stored = slice.columns[0].get(place).copied().unwrap_or(stored);
                ControlFlow::Continue(())
            };
            parts.read_path_columns(&[column], cell..cell + 1, &mut visit).unwrap();
            let replayed = last["columns"][column.name()].as_f64().unwrap_or(f64::NAN);
            let equal = (replayed - stored).abs() <= 1e-14 * stored.abs()
                || (replayed.is_nan() && stored.is_nan());
            assert!(equal, "{policy} {}: replayed {replayed}, stored {stored}", column.name());
            if column == PathColumn::RebalanceEvents {
                assert_eq!(traded as f64, stored, "{policy}");
            }
        }
    }
    assert!(bench.stdout(&["replay", "study.toml", "--path", "1234"]).contains("the calendar"));
}

#[test]
fn show_compares_on_any_metric() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml"]);
    let folder = bench.run_folder("results").display().to_string();
    let by_folder = bench.json(&["show", &folder, "--json", "--metric", "cost_bps_annual"]);
    let by_study = bench.json(&["show", "study.toml", "--json", "--metric", "cost_bps_annual"]);
    assert_eq!(by_folder["comparison"], by_study["comparison"]);
    assert_eq!(by_folder["metric"], "cost_bps_annual");
    let analysed = bench.json(&["analyze", &folder, "--json"]);
    assert_eq!(analysed["comparison"], bench.json(&["show", &folder, "--json"])["comparison"]);
    assert_eq!(by_folder["comparison"].as_array().map(Vec::len), Some(6));
    let early = bench.output(&["show", &folder, "--metric", "sortino_ratio", "--horizon", "2"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(
        text(&early.stderr).contains("no value of this metric after this number of years: `2`"),
        "{}",
        text(&early.stderr)
    );
    let refused = bench.output(&["show", &folder, "--metric", "luck"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn show_draws_fans_and_distributions_as_text() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml", "--paths", "600"]);
    let folder = bench.run_folder("results").display().to_string();
    let drawn =
        bench.stdout(&["show", &folder, "--plots", "scaled", "--metric", "max_drawdown_unit_frac"]);
    assert!(
        drawn.contains("wealth over time, `scaled`")
            && drawn.contains('▓')
            && drawn.contains("Maximum drawdown (unit value) over paths"),
        "{drawn}"
    );
    assert!(
        drawn.lines().any(|line| line.trim_start().starts_with("never") && line.contains('█')),
        "{drawn}"
    );
    let one_number = bench.stdout(&["show", &folder, "--plots"]);
    assert!(one_number.contains("it has no distribution"), "{one_number}");
    let unknown = bench.output(&["show", &folder, "--plots", "nobody"]);
    assert_eq!(unknown.status.code(), Some(2));
}

/// Reasons and precisions are words of `analysis`, and the dictionary is written by `store`, which
/// does not depend on it.
#[test]
fn the_dictionary_has_every_reason_and_every_precision() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml", "--paths", "600"]);
    let text = std::fs::read_to_string(bench.run_folder("results").join("COLUMNS.md")).unwrap();
    let precisions =
        [Precision::Precise, Precision::Indicative, Precision::Insufficient].map(Precision::name);
    for word in Reason::ALL.map(Reason::name).into_iter().chain(precisions) {
        assert!(text.contains(&format!("| `{word}` |")), "{word} is not explained");
    }
}

#[test]
fn the_report_is_in_the_run_folder_and_can_be_written_elsewhere() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml", "--paths", "600"]);
    let folder = bench.run_folder("results").display().to_string();
    let named = bench.stdout(&["report", &folder]);
    let page = std::fs::read_to_string(bench.path(named.trim())).unwrap();
    assert!(
        page.contains("Content-Security-Policy")
            && page.contains("<caption>")
            && !page.contains("http-equiv=\"refresh\"")
    );
    let copied = bench.stdout(&["report", &folder, "--to", "pages"]);
    assert_eq!(std::fs::read_to_string(bench.path(copied.trim())).unwrap(), page);
}

/// The metrics of `study` and those of `analysis` are listed in crates that do not depend on each
/// other.
#[test]
fn a_study_may_name_the_metrics_of_the_analysis_and_no_other() {
    let accepts = |metric: &str| {
        let found = Bench::new().output(&[
            "check",
            "study.toml",
            "--quiet",
            "--set",
            &format!("comparison.margin.{metric}=0.01"),
        ]);
        assert!(
            found.status.success() || text(&found.stderr).contains("unknown-metric"),
            "{}",
            text(&found.stderr)
        );
        found.status.success()
    };
    assert!(corridor_tables::metric::REGISTRY.iter().all(|metric| accepts(metric.name)));
    assert!(!accepts("luck"));
    let relative = Bench::new().output(&[
        "check",
        "study.toml",
        "--set",
        "comparison.primary_metric=tracking_error_annual",
    ]);
    assert!(
        text(&relative.stderr).contains("has values on the first paths only"),
        "{}",
        text(&relative.stderr)
    );
}

#[test]
fn every_scenario_is_compared_at_its_own_end() {
    let bench = Bench::new();
    let swept = [
        "run",
        "study.toml",
        "--json",
        "--paths",
        "200",
        "--set",
        "time.horizon_years={ sweep = [3, 5] }",
        "--set",
        "time.report_horizons_years=[2]",
    ];
    let run = bench.json(&swept);
    let lines = run["comparison"].as_array().unwrap();
    let mut ends: Vec<_> =
        lines.iter().map(|line| line["horizon_months"].as_i64().unwrap()).collect();
    ends.sort_unstable();
    assert_eq!((lines.len(), ends.first(), ends.last()), (12, Some(&36), Some(&60)), "{lines:?}");
    let folder = bench.run_folder("results").display().to_string();
    assert!(bench.stdout(&["show", &folder]).contains("at the end of each scenario"));
    let early = bench.json(&["show", &folder, "--json", "--horizon", "2"]);
    let lines = early["comparison"].as_array().unwrap();
    assert!(
        lines.len() == 12 && lines.iter().all(|line| line["horizon_months"] == 24),
        "{lines:?}"
    );
    let refused = bench.output(&["show", &folder, "--horizon", "4"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("choose one of `2`, `3`, `5`"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn a_swept_number_has_its_break_even_whoever_analyses() {
    let bench = Bench::new();
    let costs = [
        "run",
        "study.toml",
        "--json",
        "--paths",
        "2000",
        "--set",
        "costs.one_way_bps={ sweep = [0, 20, 60] }",
    ];
    let run = bench.json(&costs);
    let found = run["break_even"].as_array().unwrap().clone();
    let of_costs: Vec<_> = found.iter().filter(|row| row["axis"] == "one_way_bps").collect();
    // every policy but the baseline, whose difference from itself is always 0
    assert_eq!(of_costs.len(), run["policies"].as_u64().unwrap() as usize - 1, "{found:#?}");
    for row in &of_costs {
        assert_eq!(
            (row["swept_from"].as_f64(), row["swept_to"].as_f64()),
            (Some(0.0), Some(60.0)),
            "{row}"
        );
        let value = row["value"].as_f64();
        assert_eq!(value.is_none(), row["reason"].is_string(), "{row}");
        assert!(value.is_none_or(|value| (0.0..=60.0).contains(&value)), "{row}");
    }
    let folder = bench.run_folder("results").display().to_string();
    bench.stdout(&[
        "analyze",
        &folder,
        "--set",
        "comparison.primary_metric=cost_bps_annual",
        "--set",
        "comparison.margin={ cost_bps_annual = 1 }",
    ]);
    bench.stdout(&["analyze", &folder]);
    assert_eq!(
        bench.json(&["show", &folder, "--json", "--metric", "ce_growth_gamma_3"])["break_even"],
        Value::Array(found)
    );
}

#[test]
fn twins_have_the_exposure_and_the_turnover_they_are_to_have() {
    let twins = "[[policy]]\nname = \"same-share\"\nreview = \"month\"\ntrigger = \"always\"\ntwin \
    = { of = \"scaled\", same = \"exposure\" }\n\
                 [[policy]]\nname = \"same-trades\"\ntrigger = { outside = { absolute = 0.3 } \
                 }\ntwin = { of = \"scaled\", same = \"turnover\" }\n\
                 [comparison]\ncompare_with = { same-share = \"scaled\", same-trades = \"scaled\" \
                 }";
    let bench = Bench::with(&STUDY.replace("[comparison]", twins));
    bench.json(&["run", "study.toml", "--json", "--set", "costs.one_way_bps=10"]);
    let folder = bench.run_folder("results").display().to_string();
    let diff = |metric: &str, twin: &str| {
        let shown = bench.json(&["show", &folder, "--json", "--metric", metric]);
        let line = shown["comparison"]
            .as_array()
            .unwrap()
            .iter()
            .find(|line| line["policy"] == twin)
            .unwrap()
            .clone();
        (line["against"]["diff"].as_f64().unwrap(), line["value"].as_f64().unwrap())
    };
    // twins are found on other paths than these 5,000, by interpolation between candidates
    let (share, turnover) = (
        diff("growth_weight_mean_frac", "same-share"),
        diff("turnover_one_way_annual", "same-trades"),
    );
    assert!(share.0.abs() < 2e-4, "{share:?}");
    assert!(turnover.0.abs() < 0.02 * turnover.1, "{turnover:?}");
    // the expanded study has settled twins and the id of the same run
    std::fs::write(
        bench.path("again.toml"),
        bench.stdout(&["check", "study.toml", "--expand", "--set", "costs.one_way_bps=10"]),
    )
    .unwrap();
    assert!(std::fs::read_to_string(bench.path("again.toml")).unwrap().contains("settled = true"));
    assert_eq!(bench.json(&["run", "again.toml", "--json"])["status"], "complete");
    let every_asset = bench.output(&[
        "check",
        "study.toml",
        "--set",
        "account.growth_assets=[\"equity\", \"bond\"]",
    ]);
    assert_eq!(every_asset.status.code(), Some(2));
    assert!(
        text(&every_asset.stderr)
            .contains("`same-share` cannot have the growth exposure of `scaled`"),
        "{}",
        text(&every_asset.stderr)
    );
}

#[test]
fn a_folder_of_runs_leads_to_the_newest() {
    let bench = Bench::new();
    let lost = bench.output(&["show", "."]);
    assert!(
        lost.status.code() == Some(2) && text(&lost.stderr).contains("is not a run folder"),
        "{}",
        text(&lost.stderr)
    );
    bench.stdout(&["run", "study.toml", "--quiet", "--paths", "200"]);
    let refused = bench.output(&["show", "results"]);
    let newest = bench.run_folder("results").display().to_string();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains(&newest[newest.find("results").unwrap()..]),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn a_sentence_says_so_where_there_is_no_verdict() {
    let bench = Bench::new();
    let run = bench.json(&["run", "study.toml", "--json", "--paths", "1"]);
    let reading = run["reading"].as_str().unwrap();
    assert!(reading.starts_with("There is no verdict on certainty-equivalent growth"), "{reading}");
}

#[test]
fn where_none_is_better_the_sentence_names_the_one_that_leads() {
    let bench = Bench::new();
    let run = bench.json(&["run", "study.toml", "--json", "--paths", "600"]);
    let folder = bench.run_folder("results").display().to_string();
    let lines = bench.json(&["show", &folder, "--json"])["comparison"].as_array().unwrap().clone();
    let diff = |line: &Value| line["against"]["diff"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let first = lines.iter().max_by(|a, b| diff(a).total_cmp(&diff(b))).unwrap();
    assert!(
        diff(first) > 0.0 && lines.iter().all(|line| line["against"]["verdict"] != "better"),
        "{lines:?}"
    );
    let reading = run["reading"].as_str().unwrap();
    assert!(
        reading.contains(&format!(
            "better than `annual`; `{}` comes closest (",
            first["policy"].as_str().unwrap()
        )),
        "{reading}"
    );
}

#[test]
fn a_run_folder_takes_no_option_it_cannot_follow() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml", "--quiet", "--paths", "200"]);
    let folder = bench.run_folder("results").display().to_string();
    for wrong in [
        ["show", &folder, "--set", "comparison.baseline=never"],
        ["show", &folder, "--out", "elsewhere"],
        ["show", &folder, "--metric", "ruin_month"],
    ] {
        assert_eq!(bench.output(&wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn any_two_policies_are_compared_as_a_new_baseline_would_compare_them() {
    let bench = Bench::new();
    let run = bench.json(&["run", "study.toml", "--json"]);
    let folder = run["run_dir"].as_str().unwrap();
    let pair = bench.json(&["compare", folder, "scaled", "annual", "--horizon", "5", "--json"]);
    let again = bench.json(&["analyze", folder, "--set", "comparison.baseline=annual", "--json"]);
    let rows = pair["rows"].as_array().unwrap();
    let metrics: Vec<&str> = rows
        .iter()
        .filter(|row| row["scenario"] == rows[0]["scenario"])
        .map(|row| row["metric"].as_str().unwrap())
        .collect();
    assert!(metrics.len() > 10 && metrics.contains(&"max_drawdown_unit_frac"), "{metrics:?}");
    let mut found = 0;
    for line in
        again["comparison"].as_array().unwrap().iter().filter(|line| line["policy"] == "scaled")
    {
        let same =
            |row: &&Value| row["metric"] == again["metric"] && row["scenario"] == line["scenario"];
        let row = rows.iter().find(same).unwrap();
        assert_eq!(
            (&row["diff"], &row["std_error"], &row["ci_low"]),
            (&line["against"]["diff"], &line["against"]["std_error"], &line["against"]["ci_low"])
        );
        found += 1;
    }
    assert_eq!(found, 2, "one line a scenario");
    let text = bench.stdout(&["compare", folder, "scaled", "annual"]);
    assert!(text.contains("`scaled` less `annual`, on the same 5,000 paths"), "{text}");
    // metrics that are known on some paths only are marked
    let marked: Vec<&str> =
        text.lines().filter(|line| line.contains(" *") || line.starts_with("* ")).collect();
    assert!(
        marked.iter().any(|line| line.contains("Sortino ratio"))
            && !marked.iter().any(|line| line.contains("Sharpe")),
        "{text}"
    );
    assert_eq!(
        marked.last(),
        Some(&"* on the first 2,048 paths, which are followed month by month")
    );
    let unknown = bench.output(&["compare", folder, "scaled", "anual"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn tables_are_exported_as_csv_that_no_spreadsheet_runs() {
    let bench = Bench::with(&STUDY.replace(
        "name = \"small\"",
        "name = \"small\"\nquestion = \"=HYPERLINK(\\\"http://x\\\")\"",
    ));
    let run = bench.json(&["run", "study.toml", "--json", "--paths", "1000"]);
    let folder = run["run_dir"].as_str().unwrap();
    let said = bench.stdout(&["export", folder, "--csv", "--to", "csv"]);
    assert!(said.contains("tables in csv"), "{said}");
    let read = |name: &str| std::fs::read_to_string(bench.path("csv").join(name)).unwrap();
    assert!(read("dim_run.csv").contains("'=HYPERLINK"));
    let summary = read("fact_summary.csv");
    assert!(
        summary.starts_with("run_id,scenario_id,policy_id,horizon_months,metric_id,stat,value"),
        "{}",
        summary.lines().next().unwrap()
    );
    let reader = RunReader::open(Arc::new(Disk), &bench.run_folder("results")).unwrap();
    let rows = reader.rows::<corridor_tables::SummaryRow>().unwrap().rows;
    assert_eq!(summary.lines().count(), rows.len() + 1);
    let first = rows[0].value.unwrap();
    assert_eq!(
        summary
            .lines()
            .nth(1)
            .unwrap()
            .split(',')
            .nth(6)
            .unwrap()
            .parse::<f64>()
            .unwrap()
            .to_bits(),
        first.to_bits()
    );
    assert_eq!(bench.output(&["export", folder]).status.code(), Some(2), "a format is needed");
}
