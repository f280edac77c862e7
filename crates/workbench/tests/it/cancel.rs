//! Checks that work stops in every phase when it is cancelled, and uses finished parts when it is
//! resumed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use corridor_workbench::{Error, Monitor, PairQuestion, Session, Settings, Silent};

/// A study that uses every phase: flows, signals, controls, trajectories, followed paths and
/// several scenarios.
const STUDY: &str = r#"
corridor = 1
study = { name = "cancelled" }
time = { horizon_years = 4, step = "month", report_horizons_years = [2, 4] }
market = { preset = "stock-bond-flip" }
account = { initial = 1000, target = { equity = 0.6, bond = 0.4 } }
costs = { one_way_bps = { sweep = [0, 20] } }
policy = [
  { name = "never", trigger = "never" },
  { name = "annual", use = "calendar_12" },
  { name = "band", use = "threshold_absolute_5" },
  { name = "same-share", use = "calendar_12", twin = { of = "band", same = "exposure" } },
]
comparison = { baseline = "never", control_variate = true }
run = { paths = 1280, seed = 5, paths_per_part = 128 }
output = { path_rows = "all", trajectories = 40 }
"#;

/// A monitor that asks to stop from the `stop_at`-th question on.
struct Impatient {
    asked: AtomicU64,
    stop_at: u64,
}

impl Impatient {
    fn after(stop_at: u64) -> Self {
        Self { asked: AtomicU64::new(0), stop_at }
    }
}

impl Monitor for Impatient {
    fn cancelled(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.stop_at
    }
}

fn session(results: &Path, resume: bool) -> Session {
    let settings = Settings { results: results.into(), threads: 2, resume, ..Settings::default() };
    Session::from_text("cancelled.toml", STUDY, results, settings, &Silent).unwrap()
}

/// Reads every file below a run folder except those on the circumstances of the run.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if path.is_dir() {
                open.push(path);
            } else if !["manifest.json", ".lock", "state/attempts.json"].contains(&name.as_str()) {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_run_stopped_at_any_question_goes_on_and_ends_with_the_same_bytes() {
    let (whole, stopped) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let uninterrupted = session(whole.path(), false).run(&Silent).unwrap();
    let expected = contents(uninterrupted.stored.folder());
    let mut stops = 0;
    // each attempt gets a little further than the previous one
    for stop_at in (0..).map(|k| 1_u64 << k) {
        let attempt = session(stopped.path(), true).run(&Impatient::after(stop_at));
        match attempt {
            Err(Error::Cancelled) => stops += 1,
            Err(other) => panic!("{other}"),
            Ok(run) => {
                assert_eq!(contents(run.stored.folder()), expected);
                break;
            }
        }
        assert!(stop_at < 1 << 40, "the run never ends");
    }
    assert!(stops >= 6, "stopped {stops} times only: too few questions are asked");
}

#[test]
fn an_analysis_and_a_comparison_that_are_stopped_leave_the_run_as_it_was() {
    let results = tempfile::tempdir().unwrap();
    let session = session(results.path(), false);
    let run = session.run(&Silent).unwrap().stored;
    let before = contents(run.folder());
    let question = PairQuestion { policy: "band", against: "annual", years: None, metric: None };
    let changes = corridor_study::Overrides {
        set: vec!["comparison.baseline=annual".to_owned()],
        ..Default::default()
    };
    for stop_at in [1, 3, 10, 40] {
        let stopped = run.compare(&question, session.settings(), &Impatient::after(stop_at));
        assert!(matches!(stopped, Err(Error::Cancelled)), "comparison, question {stop_at}");
        let stopped = run.analyse(&changes, session.settings(), &Impatient::after(stop_at));
        assert!(matches!(stopped, Err(Error::Cancelled)), "analysis, question {stop_at}");
        assert_eq!(contents(run.folder()), before, "question {stop_at}");
    }
}

#[test]
fn loading_pricing_and_searching_stop_too() {
    let results = tempfile::tempdir().unwrap();
    let settings = || Settings { results: results.path().into(), ..Settings::default() };
    let load = |text: &str, monitor: &(dyn Monitor + Sync)| {
        Session::from_text("cancelled.toml", text, results.path(), settings(), monitor)
    };
    assert!(matches!(load(STUDY, &Impatient::after(1)), Err(Error::Cancelled)), "twins");
    let session = load(STUDY, &Silent).unwrap();
    assert!(matches!(session.cost(&Impatient::after(1)), Err(Error::Cancelled)));
    let search = STUDY
        .replace(
            "use = \"threshold_absolute_5\"",
            "review = \"month\", trigger = { outside = { \
            absolute = { search = { from = 0.02, to = 0.1 } } } }",
        )
        .replace(
            "  { name = \"same-share\", use = \"calendar_12\", twin = { of = \"band\", same = \
            \"exposure\" } },\n",
            "",
        )
        .replace("comparison =", "search = { points = 5 }\ncomparison =");
    let searched = load(&search, &Silent).unwrap().search(&Impatient::after(2));
    assert!(matches!(searched, Err(Error::Cancelled)));
    let kept: Vec<_> = fs::read_dir(results.path()).unwrap().collect();
    assert!(kept.is_empty(), "nothing was finished, and nothing is kept: {kept:?}");
}
