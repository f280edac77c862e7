//! Opens the files with the readers that users have: pyarrow, DuckDB, Polars and others. The test
//! says that it is skipped where Python or a reader is missing.

use std::process::Command;

use crate::support::{Size, quick, run};

#[test]
fn other_readers_see_the_same() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), Size { parts: 3, paths_per_part: 500 }, false).unwrap();
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/check_files.py");
    let output = match Command::new(python).arg(script).arg(folder.path()).output() {
        Ok(output) => output,
        Err(error) => return eprintln!("SKIPPED: no Python ({error})"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    match output.status.code() {
        Some(0) => println!("{text}"),
        Some(2) => eprintln!("SKIPPED: {text}"),
        _ => panic!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}
