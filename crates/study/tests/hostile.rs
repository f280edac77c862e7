//! Expects hostile files to be refused quickly and in little memory. The test has a process of its
//! own, because it measures the memory of the process.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use corridor_study::diagnostic::Problems;
use corridor_study::{Overrides, compile};

const FIRST: &str = include_str!("../../../scenarios/first-study.toml");

fn refused(text: &str, overrides: &Overrides) -> Problems {
    match compile("study.toml", text, Path::new(""), overrides) {
        Ok(plan) => panic!("accepted, with {} cells", plan.cells()),
        Err(problems) => problems,
    }
}

#[test]
fn hostile_files_are_refused_quickly_and_without_a_panic() {
    let deep = 100_000;
    let mut hostile = vec![
        String::new(),
        "\u{0}".to_owned(),
        "\u{feff}corridor = 1".to_owned(),
        "x".repeat(200_000),
        "a = ".to_owned() + &"[".repeat(deep),
        "a = ".to_owned() + &"{ a = ".repeat(deep / 2),
        format!("{}a = 1", "a.".repeat(deep)),
        format!("[{}a]", "a.".repeat(deep)),
        format!("a = \"{}", "\\u0000".repeat(20_000)),
        "a = 1\n".repeat(30_000),
        "[[policy]]\n".repeat(20_000),
        "=".repeat(200_000),
        "\n".repeat(200_000),
        "\"".repeat(200_000),
        "é".repeat(100_000),
        "a".repeat(600_000),
        "\n".repeat(16 * 1024 * 1024),
        "k = 1\n".repeat(1_000_000),
        format!("{}a = 1", "a.".repeat(2_000_000)),
        format!("a = [{}0]", "0,".repeat(255_000)),
        "corridor=1#".to_owned() + &"é".repeat(255_000),
        FIRST.replace("\"equity\", \"bond\"", &"\"x\", ".repeat(20_000)),
        FIRST.replace("[0, 10, 50]", &format!("[{}0]", "0, ".repeat(80_000))),
        FIRST.replace(
            "one_way_bps = { sweep = [0, 10, 50] }",
            "one_way_bps = { sweep = { from = 0, to = 1, count = 999999999 } }",
        ),
        FIRST.replace(
            "half_life_months = 11",
            &format!("half_life_months = {}1", "{ sweep = [".repeat(30)),
        ),
    ];
    let mut keys = String::from("corridor = 1\n");
    for key in 0..20_000 {
        let _ = writeln!(keys, "k{key} = 1");
    }
    hostile.push(keys);
    let mut policies = FIRST.to_owned();
    for policy in 0..4_000 {
        let _ = write!(policies, "[[policy]]\nname = \"p{policy}\"\ntrigger = \"never\"\n");
    }
    hostile.push(policies);
    for text in hostile {
        let start = Instant::now();
        let problems = refused(&text, &Overrides::default());
        let rendered = problems.render(false);
        assert!(problems.errors() >= 1 && problems.diagnostics.len() <= 100, "{:.100}", text);
        assert!(
            problems.diagnostics.iter().all(|one| one.place.line >= 1 && !one.hint.is_empty()),
            "{rendered:.2000}"
        );
        assert!(rendered.len() < 200_000, "{} bytes of messages", rendered.len());
        // the promise is 100 ms for the optimised program on an idle machine; quadratic time would
        // be minutes
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{:?} for {:.60}",
            start.elapsed(),
            text
        );
    }
    // the promise is 64 MiB for the study; the rest is for the test itself
    if let Some(peak) = peak_kib() {
        assert!(peak < (64 + 32) * 1024, "{peak} KiB");
    }
}

/// Peak memory of this process in KiB, if the system reports it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
