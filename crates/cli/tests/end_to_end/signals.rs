//! Checks that a signal stops a run within two seconds, with its own exit code, and that finished
//! parts are kept.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::bench::{Bench, text};

fn send(child: &Child, signal: &str) {
    let sent =
        Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Stops a run with a signal and resumes it.
fn check(signal: &str, code: i32) {
    let bench = Bench::new();
    let run = ["run", "study.toml", "--paths", "8000"];
    let child = bench.start(&run);
    bench.wait_for_parts("results", 5);
    let sent = Instant::now();
    send(&child, signal);
    let output = child.wait_with_output().unwrap();
    let stderr = text(&output.stderr);
    assert!(sent.elapsed() < Duration::from_secs(2), "{:?}", sent.elapsed());
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(stderr.contains("corridor run study.toml --paths 8000 --resume"), "{stderr}");
    let resumed = bench.json(&[&run[..], &["--resume", "--json"]].concat());
    assert_eq!(resumed["status"], "resumed");
    assert!(resumed["parts_reused"].as_u64().unwrap() >= 4);
    bench.stdout(&[&run[..], &["--out", "whole"]].concat());
    assert_eq!(bench.fingerprint("results"), bench.fingerprint("whole"));
}

#[test]
fn an_interrupt_is_130_and_resumable() {
    check("INT", 130);
}

#[test]
fn a_termination_is_143_and_resumable() {
    check("TERM", 143);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let bench = Bench::new();
    let child = bench.start(&["run", "study.toml", "--paths", "8000"]);
    bench.wait_for_parts("results", 2);
    send(&child, "INT");
    send(&child, "INT");
    let output = child.wait_with_output().unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(stderr.matches("stopped by a signal").count(), 1, "{stderr}");
}

/// Whether the process handles a termination, as the system says.
#[cfg(target_os = "linux")]
fn handles_termination(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_arrives_while_the_study_is_read_has_its_message_too() {
    let bench = Bench::new();
    // a study that never arrives: opening the pipe waits for its other end
    let made = Command::new("mkfifo").arg(bench.path("pipe.toml")).status().unwrap();
    assert!(made.success());
    let mut child = bench.start(&["run", "pipe.toml"]);
    let since = Instant::now();
    while !handles_termination(&child) {
        if since.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("the program reads its study before it listens to signals");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50)); // a signal has several handlers
    send(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(143), "{stderr}");
    assert_eq!(stderr.matches("stopped by a signal").count(), 1, "{stderr}");
}
