//! Checks that the library leaves no thread, signal handler, open file or text in its process. The
//! test has a process of its own, because it looks at the whole process.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;

use corridor_core::outcome::ScenarioId;
use corridor_study::Overrides;
use corridor_workbench::{PairQuestion, Session, Settings, Silent};

const STUDY: &str = r#"
corridor = 1
study = { name = "guest" }
time = { horizon_years = 3, step = "month" }
market = { preset = "stock-bond-flip" }
account = { initial = 1000, target = { equity = 0.6, bond = 0.4 } }
costs = { one_way_bps = 10 }
policy = [
  { name = "never", trigger = "never" },
  { name = "annual", use = "calendar_12" },
  { name = "band", use = "threshold_absolute_5" },
]
comparison = { baseline = "never" }
run = { paths = 1024, seed = 5, paths_per_part = 128 }
output = { path_rows = "all", trajectories = 2 }
"#;

/// Threads, signal handlers and open files of a process.
#[derive(Debug, PartialEq, Eq)]
struct Host {
    threads: usize,
    /// Lines `SigBlk`, `SigIgn` and `SigCgt` of the status: blocked, ignored and caught signals.
    signals: Vec<String>,
    files: BTreeSet<String>,
}

impl Host {
    fn now() -> Self {
        // The C library blocks all signals of a thread that is starting another, as the main thread
        // may still be doing: its mask is not that of this thread.
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        let files = fs::read_dir("/proc/self/fd").unwrap().map(|entry| entry.unwrap().path());
        // the list itself is open while it is read, and is closed before its name is read
        let names = files.filter_map(|path| fs::read_link(path).ok());
        Self {
            threads: fs::read_dir("/proc/self/task").unwrap().count(),
            signals: status
                .lines()
                .filter(|line| ["SigBlk", "SigIgn", "SigCgt"].iter().any(|k| line.starts_with(k)))
                .map(str::to_owned)
                .collect(),
            files: names
                .map(|name| name.display().to_string())
                .filter(|name| !name.starts_with("/proc/"))
                .collect(),
        }
    }
}

#[test]
fn threads_signals_and_files_are_the_same_before_and_after() {
    let results = tempfile::tempdir().unwrap();
    let settings = Settings { results: results.path().into(), threads: 3, ..Settings::default() };
    let before = Host::now();
    assert!(before.threads >= 1 && before.signals.len() == 3, "{before:?}");

    let text = |text: &str| {
        Session::from_text("guest.toml", text, results.path(), settings.clone(), &Silent).unwrap()
    };
    let session = text(STUDY);
    session.cost(&Silent).unwrap();
    let run = session.run(&Silent).unwrap().stored;
    let question = PairQuestion { policy: "band", against: "annual", years: None, metric: None };
    run.compare(&question, &settings, &Silent).unwrap();
    let changes =
        Overrides { set: vec!["comparison.baseline=annual".to_owned()], ..Overrides::default() };
    run.analyse(&changes, &settings, &Silent).unwrap();
    session.replay(3, Some("band"), ScenarioId(0)).unwrap();
    let search = STUDY
        .replace(
            "use = \"threshold_absolute_5\"",
            "review = \"month\", trigger = { \
        outside = { absolute = { search = { from = 0.02, to = 0.1 } } } }",
        )
        .replace("comparison =", "search = { points = 5 }\ncomparison =");
    text(&search).search(&Silent).unwrap();

    assert_eq!(Host::now(), before);
}
