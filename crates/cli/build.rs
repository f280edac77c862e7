//! Records the version of the compiler, which the manifest of a run names.

use std::process::Command;

fn main() {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(compiler).arg("--version").output().ok();
    let version =
        answer.and_then(|answer| String::from_utf8(answer.stdout).ok()).unwrap_or_default();
    println!("cargo:rustc-env=CORRIDOR_RUSTC={}", version.trim());
    println!("cargo:rerun-if-changed=build.rs");
}
