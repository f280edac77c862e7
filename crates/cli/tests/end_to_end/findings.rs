//! Compares the numbers of docs/findings.md with the output of the studies in scenarios/claims.
//!
//! A block of the page is `<!-- show STUDY OPTIONS -->`, a fenced output and `<!-- end -->`.
//! `CORRIDOR_LONG=1` runs every study at its own size and compares; `CORRIDOR_BLESS=1` writes the
//! outputs anew. The studies state their seeds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::bench::Bench;

const BEGIN: &str = "<!-- show ";
const END: &str = "<!-- end -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the names of the studies, one for each claim.
fn claims() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("scenarios/claims"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut names: Vec<String> =
        folder.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Returns the words of every block's first line: the study, then options of `show`.
fn blocks(page: &str) -> Vec<Vec<String>> {
    let head = |block: &str| {
        block.split(" -->").next().unwrap().split_whitespace().map(str::to_owned).collect()
    };
    page.split(BEGIN).skip(1).map(head).collect()
}

#[test]
fn every_claim_has_its_finding() {
    let page = std::fs::read_to_string(root().join("docs/findings.md")).unwrap();
    let shown: Vec<String> = blocks(&page).into_iter().map(|block| block[0].clone()).collect();
    for claim in claims() {
        assert!(shown.contains(&claim), "docs/findings.md shows nothing of {claim}");
    }
    assert_eq!(page.matches(BEGIN).count(), page.matches(END).count());
}

#[test]
fn the_findings_are_what_the_studies_print() {
    let bless = std::env::var_os("CORRIDOR_BLESS").is_some();
    if std::env::var_os("CORRIDOR_LONG").is_none() && !bless {
        return;
    }
    let (bench, file) = (Bench::new(), root().join("docs/findings.md"));
    let page = std::fs::read_to_string(&file).unwrap();
    let mut folders: BTreeMap<String, String> = BTreeMap::new();
    for claim in claims() {
        let study = root()
            .join("scenarios/claims")
            .join(&claim)
            .with_extension("toml")
            .display()
            .to_string();
        let run = bench.json(&["run", &study, "--json", "--quiet"]);
        folders.insert(claim, run["run_dir"].as_str().unwrap().to_owned());
    }
    let mut parts = page.split(BEGIN);
    let mut fresh = parts.next().unwrap().to_owned();
    for part in parts {
        let (head, rest) = part.split_once(" -->").unwrap();
        let words: Vec<&str> = head.split_whitespace().collect();
        let shown = bench.stdout(&[&["show", &folders[words[0]]], &words[1..]].concat());
        let shown = shown.split("\nfiles: ").next().unwrap().trim_end();
        let after = rest.split_once(END).unwrap().1;
        fresh += &format!("{BEGIN}{head} -->\n```text\n{shown}\n```\n{END}{after}");
    }
    if bless {
        std::fs::write(&file, &fresh).unwrap();
    }
    assert!(
        page == fresh || bless,
        "docs/findings.md is stale: run the test with CORRIDOR_BLESS=1"
    );
}
