//! Checks what a newcomer meets first: templates, explanations, and the way out of misspelt names.

use crate::bench::{Bench, text};

/// Runs the program, which must refuse its arguments; returns its messages.
fn refused(bench: &Bench, arguments: &[&str]) -> String {
    let output = bench.output(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    text(&output.stderr)
}

#[test]
fn words_and_metrics_are_explained() {
    let bench = Bench::new();
    let exposure = bench.stdout(&["explain", "growth", "exposure"]);
    assert!(exposure.starts_with("equity share\n") && exposure.contains("Example: "), "{exposure}");
    assert!(bench.stdout(&["explain"]).contains("one-way cost"));
    let ruined = bench.json(&["explain", "ruined", "--json"]);
    assert_eq!(ruined["term"]["name"], "running out of money");
    assert_eq!(ruined["metrics"][0]["name"], "ruined");
    let all = bench.json(&["metrics", "--json"]);
    assert_eq!(all.as_array().map(Vec::len), Some(corridor_tables::metric::REGISTRY.len()));
    assert!(bench.stdout(&["metrics", "drawdown"]).contains("max_drawdown_unit_frac"));
    assert!(refused(&bench, &["explain", "exposur"]).contains("did you mean `exposure`?"));
    assert!(refused(&bench, &["metrics", "zzzz"]).contains("`corridor metrics` explains"));
}

#[test]
fn a_template_is_a_study_that_checks_without_a_word() {
    let bench = Bench::new();
    for template in ["--retire", "--accumulate", "--compare"] {
        std::fs::write(bench.path("my.toml"), bench.stdout(&["init", template])).unwrap();
        let output = bench.output(&["check", "my.toml"]);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    }
    assert!(refused(&bench, &["init"]).contains("--retire"));
}

#[test]
fn an_empty_or_missing_study_leads_to_a_template_or_to_the_file_that_was_meant() {
    let bench = Bench::new();
    std::fs::write(bench.path("empty.toml"), "# nothing yet\n").unwrap();
    let empty = refused(&bench, &["check", "empty.toml"]);
    assert!(
        empty.contains("the study is empty")
            && empty.contains("`corridor init --retire > my.toml`"),
        "{empty}"
    );
    assert!(refused(&bench, &["run", "study"]).contains("did you mean `study.toml`?"));
}

#[test]
fn a_misspelt_or_misplaced_word_has_a_way_out() {
    let bench = Bench::new();
    let misplaced = refused(&bench, &["check", "study.toml", "--metric", "ruined"]);
    assert!(misplaced.contains("`--metric` is an option of `show`, `compare`"), "{misplaced}");
    assert!(refused(&bench, &["study.toml"]).contains("`corridor run study.toml`"));
    assert!(refused(&bench, &["presets", "gbm"]).contains("did you mean `gbm-null`?"));
    let path = ["replay", "study.toml", "--path", "0"];
    let policy = refused(&bench, &[&path[..], &["--policy", "anual"]].concat());
    assert!(policy.contains("did you mean `annual`?"), "{policy}");
}

#[test]
fn the_list_of_presets_names_assets_moments_and_steps() {
    let listed = Bench::new().stdout(&["presets"]);
    assert!(listed.contains("equity 7.3 % (vol 14.8); 2 regimes; step month"), "{listed}");
}
