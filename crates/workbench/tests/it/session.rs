//! Uses a session from a program, without a command line.

use std::sync::Mutex;

use corridor_core::outcome::ScenarioId;
use corridor_study::Overrides;
use corridor_workbench::{
    Error, Monitor, Phase, Progress, RunState, Session, Settings, Silent, Status, StoredRun,
};

const STUDY: &str = r#"
corridor = 1
study = { name = "asked" }
time = { horizon_years = 2, step = "month" }
market = { preset = "stock-bond-flip" }
account = { initial = 1000, target = { equity = 0.6, bond = 0.4 } }
costs = { one_way_bps = 10 }
policy = [
  { name = "never", trigger = "never" },
  { name = "annual", use = "calendar_12" },
]
comparison = { baseline = "never" }
run = { paths = 512, seed = 5, paths_per_part = 128 }
"#;

fn session(results: &std::path::Path, text: &str) -> Result<Session, Error> {
    let settings = Settings { results: results.into(), ..Settings::default() };
    Session::from_text("asked.toml", text, results, settings, &Silent)
}

/// A monitor that remembers the events it receives.
#[derive(Default)]
struct Listener {
    notes: Mutex<Vec<String>>,
    warnings: Mutex<Vec<String>>,
    done: Mutex<Vec<(Phase, u64, bool)>>,
}

impl Monitor for Listener {
    fn progress(&self, progress: &Progress<'_>) {
        self.done.lock().unwrap().push((progress.phase, progress.done, progress.ended));
    }

    fn note(&self, note: &str) {
        self.notes.lock().unwrap().push(note.to_owned());
    }

    fn warning(&self, warning: &str) {
        self.warnings.lock().unwrap().push(warning.to_owned());
    }
}

#[test]
fn a_run_reports_progress_is_done_once_and_is_found_again() {
    let results = tempfile::tempdir().unwrap();
    let session = session(results.path(), STUDY).unwrap();
    assert_eq!(session.state().unwrap(), RunState::Unfinished);
    let listener = Listener::default();
    let run = session.run(&listener).unwrap();
    assert!(matches!(run.status, Status::Simulated(simulated) if simulated.paths == 512));
    let done = listener.done.into_inner().unwrap();
    assert_eq!(done.first(), Some(&(Phase::Simulating, 0, false)));
    assert!(done.contains(&(Phase::Simulating, 512, true)));
    let ended: Vec<Phase> =
        done.iter().filter(|(_, _, ended)| *ended).map(|(phase, ..)| *phase).collect();
    let phases = [
        Phase::Simulating,
        Phase::FollowingMonths,
        Phase::Comparing,
        Phase::FollowingRegimes,
        Phase::Writing,
        Phase::Tracing,
    ];
    assert_eq!(ended, phases, "each phase ends once, in order");
    assert_eq!(listener.notes.into_inner().unwrap(), ["simulating 512 paths x 2 cells in 4 parts"]);
    assert_eq!(session.state().unwrap(), RunState::Complete);
    assert_eq!(session.run(&Silent).unwrap().status, Status::Complete);
    let found = StoredRun::finished_runs_below(results.path());
    assert_eq!(found, [run.stored.folder()]);
    assert!(StoredRun::looks_like_a_run(&found[0]));
}

#[test]
fn errors_speak_of_the_study_and_name_no_command() {
    let results = tempfile::tempdir().unwrap();
    let text = |from: &str, to: &str| {
        assert!(STUDY.contains(from), "{from}");
        STUDY.replace(from, to)
    };
    let refused = session(results.path(), &text("baseline = \"never\"", "baseline = \"nevr\""));
    assert!(matches!(refused, Err(Error::Study(_))));
    let session = session(results.path(), STUDY).unwrap();
    let errors = [
        session.replay(0, Some("yearly"), ScenarioId(0)).err().unwrap(),
        session.replay(0, None, ScenarioId(7)).err().unwrap(),
        session.search(&Silent).err().unwrap(),
        StoredRun::open(&results.path().join("nowhere")).err().unwrap(),
        session.analyse(&Silent).err().unwrap(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(!text.contains("corridor ") && !text.contains("--"), "{text}");
    }
}

#[test]
fn another_run_in_the_folder_of_the_study_is_refused_by_every_call() {
    let results = tempfile::tempdir().unwrap();
    let run = session(results.path(), STUDY).unwrap().run(&Silent).unwrap();
    let other = session(results.path(), &STUDY.replace("seed = 5", "seed = 6")).unwrap();
    std::fs::rename(run.stored.folder(), other.run_folder()).unwrap();
    let is_refused = |error: Option<Error>| {
        let error = error.unwrap();
        assert!(matches!(error, Error::AnotherSimulation { .. }), "{error}");
        assert!(error.to_string().contains("hint: move the folder away"), "{error}");
    };
    is_refused(other.stored().err());
    is_refused(other.state().err());
    is_refused(other.analyse(&Silent).err());
    is_refused(other.run(&Silent).err());
    // the folder is that of the first study still, under whatever name
    StoredRun::open(&other.run_folder()).unwrap().comparison(None, None).unwrap();
}

#[test]
fn a_resumed_run_names_each_file_that_it_repairs_once() {
    let results = tempfile::tempdir().unwrap();
    let folder = session(results.path(), STUDY).unwrap().run(&Silent).unwrap();
    let folder = folder.stored.folder().to_path_buf();
    let settings = Settings { results: results.path().into(), resume: true, ..Settings::default() };
    let session =
        Session::from_text("asked.toml", STUDY, results.path(), settings, &Silent).unwrap();
    let resume = || {
        let listener = Listener::default();
        let status = session.run(&listener).unwrap().status;
        let mut warnings = listener.warnings.into_inner().unwrap();
        warnings.sort_unstable();
        (status, warnings)
    };
    let damaged = ["fact_summary.parquet", "state/counts-00002.parquet"];
    for name in damaged {
        std::fs::write(folder.join(name), "x").unwrap();
    }
    std::fs::write(folder.join("fact_path/copy.parquet"), "x").unwrap();
    let (status, warnings) = resume();
    assert!(matches!(status, Status::Resumed(simulated) if simulated.paths == 128), "{status:?}");
    let named = ["fact_path/copy.parquet", damaged[0], damaged[1]];
    assert_eq!(warnings.len(), named.len(), "{warnings:?}");
    for (name, warning) in named.iter().zip(&warnings) {
        assert!(warning.contains(name), "{name}: {warning}");
    }
    std::fs::write(folder.join(".fact_test.parquet.0123456789abcdef.tmp"), "x").unwrap();
    assert_eq!(resume(), (Status::Complete, Vec::new()));
    assert!(!folder.join(".fact_test.parquet.0123456789abcdef.tmp").exists());
}

#[test]
fn a_run_under_an_id_of_the_first_versions_opens_and_keeps_its_id() {
    let results = tempfile::tempdir().unwrap();
    let new = session(results.path(), STUDY).unwrap().run_folder();
    let id = new.file_name().unwrap().to_str().unwrap();
    assert_eq!((id.len(), id.starts_with('r')), (13, true), "{id}");
    // an interrupted run of the first versions, finished by this one
    let old = new.with_file_name(&id[1..]);
    std::fs::create_dir_all(old.join("state")).unwrap();
    let study = session(results.path(), STUDY).unwrap();
    assert_eq!(study.run_folder(), old);
    let run = study.run(&Silent).unwrap();
    assert_eq!(run.stored.manifest().result.facts.simulation_id, id[1..]);
    let policies = run.stored.tables().unwrap().policies;
    assert!(policies.iter().all(|policy| policy.policy_key.len() == 12));
    // it is found again by its study and by its folder
    let study = session(results.path(), STUDY).unwrap();
    assert_eq!(study.state().unwrap(), RunState::Complete);
    assert!(study.has_analysis_of(&study.stored().unwrap()));
    let opened = StoredRun::open(&old).unwrap();
    let again = opened.analyse(&Overrides::default(), &Settings::default(), &Silent).unwrap();
    assert_eq!(again.manifest().result.facts.simulation_id, id[1..]);
    assert!(!new.exists());
    // a new run of the same study elsewhere has an id of its own form and no other analysis
    let elsewhere = tempfile::tempdir().unwrap();
    let ids = |session: &Session| {
        let plan = session.plan();
        (plan.simulation_id.clone(), plan.analysis_id.clone())
    };
    let (simulation, analysis) = ids(&session(elsewhere.path(), STUDY).unwrap());
    assert_eq!(ids(&study), (simulation[1..].to_owned(), analysis[1..].to_owned()));
}

#[cfg(unix)]
#[test]
fn an_analysis_names_the_links_that_it_removes() {
    let results = tempfile::tempdir().unwrap();
    let run = session(results.path(), STUDY).unwrap().run(&Silent).unwrap();
    let (link, outside) =
        (run.stored.folder().join(".dim_run.parquet.tmp"), results.path().join("outside"));
    std::fs::write(&outside, "mine").unwrap();
    std::os::unix::fs::symlink(&outside, &link).unwrap();
    let listener = Listener::default();
    run.stored.analyse(&Overrides::default(), &Settings::default(), &listener).unwrap();
    let warnings = listener.warnings.into_inner().unwrap();
    assert!(matches!(warnings.as_slice(), [one] if one.contains(".dim_run.parquet.tmp")));
    assert!(!link.exists() && std::fs::read_to_string(&outside).unwrap() == "mine");
}
