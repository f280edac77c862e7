//! Fails if a file that is generated from the registries is stale; `CORRIDOR_BLESS=1` writes it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use corridor_study::diagnostic::Id;
use corridor_study::{CATALOGUE, presets, schema};

fn scenarios(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(file)
}

fn fresh(path: &Path, text: &str) {
    if env::var_os("CORRIDOR_BLESS").is_some() {
        fs::write(path, text).expect("the generated file");
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == text, "{} is stale: run the test with CORRIDOR_BLESS=1", path.display());
}

#[test]
fn the_schema_for_editors_is_fresh() {
    let text = serde_json::to_string_pretty(&schema()).expect("JSON") + "\n";
    fresh(&scenarios("study.schema.json"), &text);
}

#[test]
fn a_study_can_name_every_signal_and_the_example_does() {
    let schema = schema();
    let keys = schema["$defs"]["SignalTable"]["properties"].as_object().expect("keys");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/every-signal.toml");
    let example = fs::read_to_string(path).expect("the example");
    let kinds = corridor_simulation::signal::REGISTRY;
    for kind in kinds {
        let name = kind.name;
        assert!(keys.contains_key(name), "add `{name}` to `SignalTable`");
        let line = format!("\n{name} = ");
        assert!(example.contains(&line), "use `{name}` in tests/good/every-signal.toml");
    }
    assert_eq!(keys.len(), kinds.len() + 1, "every kind, and `observe`");
}

#[test]
fn the_lists_of_presets_rules_and_problems_are_fresh() {
    let path = scenarios("README.md");
    let text = fs::read_to_string(&path).expect("scenarios/README.md");
    let (hand, _) = text.split_once("<!-- generated").expect("the mark of the generated part");
    let mut text = format!(
        "{hand}<!-- generated from the registries of crates/study; a test fails when it is stale \
        -->\n"
    );
    text += "\n## Presets\n\nStatus: R read in the source named, X recalled and cross-checked (not \
    quoted from the publication), D derived, O our own.\n\n";
    text += "| `preset` | what | status |\n|---|---|---|\n";
    for preset in presets() {
        let about = preset.about().expect("a preset that can be read");
        let _ = writeln!(text, "| `{}` | {} | {} |", about.name, about.title, about.status);
    }
    text += "\n## Catalogue of rules\n\nA number at the end of a name is the rule's own; others \
    than the usual ones are possible. Keys beside `use` replace the rule's.\n\n";
    text += "| `use` | what | keys |\n|---|---|---|\n";
    for entry in CATALOGUE {
        let number = entry
            .number
            .map_or(String::new(), |number| format!("; the number is the {}", number.what));
        let names: Vec<String> = entry.names().iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            text,
            "| {} | {}{number} | `{}` |",
            names.join(" "),
            entry.about,
            entry.keys.replace('\n', "`<br>`")
        );
    }
    text += "\n## Signals\n\nThe keys of each are in the schema; `tests/good/every-signal.toml` of \
    crates/study writes all of them.\n\n| kind | what | unit |\n|---|---|---|\n";
    for kind in corridor_simulation::signal::REGISTRY {
        let _ = writeln!(text, "| `{}` | {} | {} |", kind.name, kind.definition, kind.unit);
    }
    text += "\n## Problems that `corridor check` finds\n\n| id | meaning |\n|---|---|\n";
    for id in Id::ALL {
        let _ = writeln!(text, "| `{}` | {} |", id.name(), id.meaning());
    }
    fresh(&path, &text);
}
