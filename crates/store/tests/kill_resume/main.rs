//! Kills runs at random instants, resumes them, and expects the bytes of a run that was not
//! disturbed.
//!
//! A deliberately careless storage is the negative control: it must fail the trials. The trials are
//! a binary of their own because they start it again as the process that is killed, because other
//! tests beside them would disturb their timing, and because a child holds the locks of the folders
//! of its parent until it is another program. For that reason the tests with other readers, which
//! start Python, are here, too.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod careless;
mod other_readers;
#[expect(dead_code, reason = "the trials need only a part of what the other tests share")]
#[path = "../it/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corridor_store::run_reader::RunReader;
use corridor_store::storage::{Disk, Storage};

use careless::Careless;
use support::{Size, run};

const SIZE: Size = Size { parts: 12, paths_per_part: 300 };
const TRIALS: u64 = 24;
const KILLS: u32 = 6;

const FOLDER: &str = "CORRIDOR_STORE_TEST_FOLDER";
const CARELESS: &str = "CORRIDOR_STORE_TEST_CARELESS";

#[test]
#[ignore = "the child process of the other tests"]
fn child() {
    let folder = std::env::var_os(FOLDER).expect("set by the parent");
    let careless = std::env::var_os(CARELESS).is_some();
    let storage: Arc<dyn Storage> =
        if careless { Arc::new(Careless::default()) } else { Arc::new(Disk) };
    run(storage, Path::new(&folder), SIZE, true).unwrap();
}

fn command(folder: &Path, careless: bool) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--ignored"]).env(FOLDER, folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if careless {
        command.env(CARELESS, "1");
    }
    command
}

fn undisturbed() -> (String, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    assert!(command(folder.path(), false).status().unwrap().success());
    let took = start.elapsed();
    let reader = RunReader::open(Arc::new(Disk), folder.path()).unwrap();
    assert!(reader.verify().is_empty());
    (reader.manifest().result_blake3.clone(), took)
}

/// Kills a run several times and lets it end; returns how often it was killed and whether its
/// result is the expected one.
fn trial(seed: u64, careless: bool, expected: &str, took: Duration) -> (u32, bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut kills = 0;
    loop {
        let mut child = command(folder.path(), careless).spawn().unwrap();
        if kills < KILLS {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(took.mul_f64((random >> 11) as f64 / (1_u64 << 53) as f64));
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        if status.success() {
            break;
        }
        if status.code().is_some() {
            return (kills, false); // it was not killed: it failed
        }
        kills += 1;
    }
    let whole = RunReader::open(Arc::new(Disk), folder.path()).is_ok_and(|reader| {
        reader.manifest().result_blake3 == expected && reader.verify().is_empty()
    });
    (kills, whole)
}

#[test]
fn a_killed_run_resumes_to_identical_bytes() {
    let (expected, took) = undisturbed();
    let mut kills = 0;
    for seed in 0..TRIALS {
        let (killed, whole) = trial(seed, false, &expected, took);
        assert!(whole, "trial {seed}");
        kills += killed;
    }
    assert!(kills >= 20, "only {kills} kills hit a running process");
}

#[test]
fn a_careless_storage_fails_the_same_trials() {
    let (expected, took) = undisturbed();
    let failed = (0..TRIALS).filter(|&seed| !trial(seed, true, &expected, took).1).count();
    assert!(failed > 0, "the trials cannot tell a careless storage from a careful one");
}
