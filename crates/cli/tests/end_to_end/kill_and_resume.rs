//! Kills runs at many instants and resumes them: they end in the same bytes as a run that was not
//! killed. A careless writer fails the test.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bench::{Bench, Fingerprint, fingerprint, text};

const TRIALS: u32 = 24;
const FROM: &str = "CORRIDOR_TEST_CARELESS_FROM";
const TO: &str = "CORRIDOR_TEST_CARELESS_TO";

/// Returns instants spread over the length of a run, in steps of the golden ratio.
fn instant(trial: u32, whole: Duration) -> Duration {
    whole.mul_f64((f64::from(trial) * 0.618_033_988_75).fract())
}

/// Kills a writer `wait` after its start; returns whether it was still at work.
fn kill(mut writer: Command, wait: Duration) -> bool {
    let mut child = writer.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    sleep(wait);
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
}

#[test]
fn killed_and_resumed_is_as_if_never_killed() {
    let bench = Bench::new();
    let started = Instant::now();
    bench.stdout(&["run", "study.toml", "--paths", "768", "--out", "whole"]);
    let whole = started.elapsed();
    let expected = bench.fingerprint("whole");
    let (mut killed, mut reused) = (0, 0);
    for trial in 0..TRIALS {
        let out = format!("trial-{trial}");
        let run = ["run", "study.toml", "--paths", "768", "--out", &out, "--resume"];
        killed += u32::from(kill(bench.command(&run), instant(trial, whole)));
        if trial % 3 == 0 {
            killed += u32::from(kill(bench.command(&run), instant(trial + TRIALS, whole)));
        }
        let resumed = bench.output(&run);
        assert_eq!(resumed.status.code(), Some(0), "trial {trial}: {}", text(&resumed.stderr));
        reused += u32::from(text(&resumed.stderr).contains("of them finished"));
        assert_eq!(bench.fingerprint(&out), expected, "trial {trial}");
        fs::remove_dir_all(bench.path(&out)).unwrap();
    }
    assert!(killed >= TRIALS / 2, "only {killed} kills hit a run at work");
    assert!(reused >= TRIALS / 4, "only {reused} resumed runs found finished parts");
}

#[test]
fn the_same_test_catches_a_careless_writer() {
    let bench = Bench::new();
    bench.stdout(&["run", "study.toml", "--out", "whole", "--paths", "640"]);
    let expected = bench.fingerprint("whole");
    let from = bench.run_folder("whole");
    let careless = |to: &Path| {
        let mut writer = Command::new(std::env::current_exe().unwrap());
        writer
            .args(["kill_and_resume::careless_writer", "--exact", "--ignored"])
            .env(FROM, &from)
            .env(TO, to);
        writer
    };
    let started = Instant::now();
    assert_eq!(
        careless_copy(careless(&bench.path("unharmed")), &bench.path("unharmed")),
        expected,
        "left alone it is right"
    );
    let whole = started.elapsed();
    let wrong = (0..TRIALS).filter(|&trial| {
        let to = bench.path(&format!("careless-{trial}"));
        kill(careless(&to), instant(trial, whole));
        careless_copy(careless(&to), &to) != expected
    });
    assert!(wrong.count() >= 3, "a writer that neither renames nor hashes must be caught");
}

/// Waits for the careless writer to end; returns the fingerprint of its folder.
fn careless_copy(mut writer: Command, to: &Path) -> Fingerprint {
    let output = writer.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    fingerprint(to)
}

/// Writes the files of a run under their final names, a piece at a time, and takes existing files
/// for finished.
#[test]
#[ignore = "the writer of the negative control, started by it"]
fn careless_writer() {
    let (Some(from), Some(to)) = (std::env::var_os(FROM), std::env::var_os(TO)) else { return };
    let (from, to) = (PathBuf::from(from), PathBuf::from(to));
    for name in fingerprint(&from).into_keys() {
        let target = to.join(&name);
        if target.exists() {
            continue;
        }
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut file = fs::File::create(target).unwrap();
        for piece in fs::read(from.join(&name)).unwrap().chunks(2048) {
            file.write_all(piece).unwrap();
            sleep(Duration::from_micros(200));
        }
    }
}

#[test]
fn a_cleaned_run_is_small_opens_as_before_and_is_made_again_on_request() {
    let bench = Bench::small();
    bench.stdout(&["run", "study.toml"]);
    let (folder, before) = (bench.run_folder("results"), bench.fingerprint("results"));
    let shown = bench.stdout(&["show", "study.toml"]);
    let run = folder.to_str().unwrap();
    let said = bench.stdout(&["clean", run]);
    assert!(said.contains("removed `state/`") && said.contains("51 files"), "{said}");
    assert!(!folder.join("state").exists());
    assert!(bench.stdout(&["clean", run]).contains("no `state/` to remove"));
    assert_eq!(bench.stdout(&["show", "study.toml"]), shown);
    assert_eq!(bench.stdout(&["run", "study.toml"]), shown, "the run is complete");
    bench.stdout(&["export", run, "--csv", "--to", "elsewhere"]);
    bench.stdout(&["report", run]);
    for arguments in
        [&["analyze", run][..], &["compare", run, "never", "annual"], &["analyze", "study.toml"]]
    {
        let output = bench.output(arguments);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains("corridor run STUDY --resume"), "{stderr}");
    }
    bench.stdout(&["run", "study.toml", "--resume"]);
    assert_eq!(bench.fingerprint("results"), before);
    bench.stdout(&["analyze", run]);
}
