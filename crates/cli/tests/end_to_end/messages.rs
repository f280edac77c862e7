//! Compares messages for people with stored snapshots, word for word.

use crate::bench::{Bench, STUDY, text};

/// Replaces ids, which change with the meaning of a study and are not tested here.
fn without_ids(output: &str) -> String {
    let is_id = |word: &&str| {
        let digits = word.strip_prefix(['r', 'n', 'p']).unwrap_or_default();
        digits.len() == 12 && digits.bytes().all(|c| c.is_ascii_hexdigit())
    };
    let words = output.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(is_id).fold(output.to_owned(), |text, id| text.replace(id, "[id]"))
}

#[test]
fn check_of_the_first_study() {
    let study = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/first-study.toml");
    let bench = Bench::with(&std::fs::read_to_string(study).unwrap());
    insta::assert_snapshot!(without_ids(&bench.stdout(&["check", "study.toml"])));
}

#[test]
fn mistakes_of_a_study() {
    let study = STUDY
        .replace("0.97, 0.03", "0.97, 0.04")
        .replace("baseline = \"annual\"", "baseline = \"anual\"");
    let bench = Bench::with(&study);
    insta::assert_snapshot!(text(&bench.output(&["check", "study.toml"]).stderr));
}

#[test]
fn paths_may_be_written_short() {
    let bench = Bench::new();
    for (written, paths) in [("10_000", 10_000), ("100k", 100_000), ("1M", 1_000_000)] {
        let set = format!("run.paths={written}");
        for options in [["--paths", written], ["--set", &set]] {
            let output =
                bench.stdout(&[["check", "study.toml", "--json"].as_slice(), &options].concat());
            let document: serde_json::Value = serde_json::from_str(&output).unwrap();
            assert_eq!(document["paths"], paths, "{options:?}");
        }
    }
    let refused = bench.output(&["check", "study.toml", "--paths", "many"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("10_000, 100k or 1M"), "{}", text(&refused.stderr));
}

#[test]
fn no_text_reaches_the_terminal_with_control_characters() {
    let bench = Bench::new();
    for name in ["\u{1b}]0;title\u{7}.toml", "\u{202e}lmot.x", "a\rb.toml"] {
        for options in [["check", name].as_slice(), &["check", name, "--json"], &["show", name]] {
            let output = bench.output(options);
            let shown = text(&output.stderr) + &text(&output.stdout);
            let hidden = shown.chars().find(|&c| c != '\n' && c.is_control() || c == '\u{202e}');
            assert_eq!(hidden, None, "{shown:?}");
        }
    }
}

#[test]
fn an_unfinished_run() {
    let bench = Bench::new();
    let mut child = bench.start(&["run", "study.toml", "--paths", "100000"]);
    bench.wait_for_parts("results", 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let stderr = text(&bench.output(&["run", "study.toml", "--paths", "100000"]).stderr);
    let counted =
        stderr.split("holds ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    insta::assert_snapshot!(without_ids(
        &stderr.replace(&format!("holds {counted} "), "holds [some] ")
    ));
}
