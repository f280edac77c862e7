//! Checks that results are whole or absent: locks, failing disks, altered files, interrupted
//! writes.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use corridor_core::outcome::PathColumn;
use corridor_store::clean::{Removed, remove_state};
use corridor_store::error::{Remedy, StoreError};
use corridor_store::ledger::Ledger;
use corridor_store::manifest::{Manifest, RunFacts};
use corridor_store::repair::{Cause, Repair};
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_store::single::{make_folder, write_text};
use corridor_store::storage::{Disk, Storage};
use corridor_tables::SummaryRow;

use crate::support;
use crate::support::faulty::{Fault, Faulty, files_under};
use crate::support::power::{Power, Volatile};
use crate::support::{CELLS, SMALL, Size, plan, quick, run, run_id, state};

const TINY: Size = Size { parts: 2, paths_per_part: 8 };

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EDQUOT: i32 = 122;
const EMFILE: i32 = 24;
const EACCES: i32 = 13;
const EROFS: i32 = 30;

fn reference(size: Size) -> String {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), size, false).unwrap().result_blake3
}

/// Checks that a finished run is whole, has the expected result, and left no temporary files.
fn check_whole(folder: &Path, expected: &str) {
    let reader = RunReader::open(quick(), folder).unwrap();
    assert_eq!(reader.manifest().result_blake3, expected);
    assert!(reader.verify().is_empty(), "{:?}", reader.verify());
    let left: Vec<_> = files_under(folder)
        .into_iter()
        .filter(|path| path.to_str().unwrap().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

fn check_typed(error: &StoreError, folder: &Path, code: i32) {
    let StoreError::Io { operation, path, cause } = error else {
        panic!("not an I/O error: {error}")
    };
    assert_eq!(cause.raw_os_error(), Some(code), "{error}");
    assert!(path.starts_with(folder) || folder.starts_with(path), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&operation.to_string()) && text.contains(path.to_str().unwrap()),
        "{text}"
    );
}

#[test]
fn every_failing_call_gives_a_typed_error_and_a_run_that_can_be_resumed() {
    let expected = reference(TINY);
    let codes = [ENOSPC, EIO, EDQUOT, EMFILE, EACCES, EROFS];
    for at in 1.. {
        let code = codes[at % codes.len()];
        let folder = tempfile::tempdir().unwrap();
        let storage = Faulty::new(at, Fault::Errno(code));
        let calls = storage.calls();
        let result = run(Arc::new(storage), folder.path(), TINY, false);
        if calls.load(Ordering::SeqCst) < at {
            assert_eq!(result.unwrap().result_blake3, expected);
            assert!(at > 100, "a run makes more calls than {at}");
            break;
        }
        let error = result.expect_err("a failed call must not go unnoticed");
        check_typed(&error, folder.path(), code);
        let opened = RunReader::open(quick(), folder.path());
        match opened.map(|reader| reader.manifest().result_blake3.clone()) {
            Ok(found) => assert_eq!(found, expected, "call {at}: complete but wrong"),
            Err(StoreError::NoManifest { .. }) => {}
            Err(error) => panic!("call {at}: {error}"),
        }
        run(quick(), folder.path(), TINY, true).unwrap();
        check_whole(folder.path(), &expected);
    }
}

#[test]
fn every_failing_call_of_a_resume_gives_a_typed_error_too() {
    let expected = reference(TINY);
    for at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let started = RunFolder::create(quick(), folder.path(), run_id(), &plan(TINY)).unwrap();
        let part = support::part(plan(TINY)[1]);
        started.commit_part(&part, [state(&part)]).unwrap();
        drop(started);
        std::fs::write(folder.path().join("state/.left.tmp"), "x").unwrap();
        let storage = Faulty::new(at, Fault::Errno(EIO));
        let calls = storage.calls();
        let result = run(Arc::new(storage), folder.path(), TINY, true);
        if calls.load(Ordering::SeqCst) < at {
            break;
        }
        match result {
            // The count of attempts is not part of the result, so its reading may fail.
            Ok(manifest) => assert_eq!(manifest.result_blake3, expected),
            Err(error) => check_typed(&error, folder.path(), EIO),
        }
        run(quick(), folder.path(), TINY, true).unwrap();
        check_whole(folder.path(), &expected);
    }
}

#[test]
fn a_failing_new_analysis_leaves_the_old_answer_or_none() {
    let new_facts = || RunFacts { analysis_id: "another".into(), ..support::facts() };
    let analyse_again = |storage: Arc<dyn Storage>, folder: &Path| {
        support::analyse(&RunFolder::reopen(storage, folder)?, new_facts())
    };
    let old = reference(TINY);
    let mut new = None;
    let (mut kept, mut retired) = (0, 0);
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    for at in 1.. {
        let storage = Faulty::new(at, Fault::Errno(ENOSPC));
        let calls = storage.calls();
        let result = analyse_again(Arc::new(storage), folder.path());
        if calls.load(Ordering::SeqCst) < at {
            let found = result.unwrap().result_blake3;
            assert_eq!(*new.get_or_insert(found.clone()), found);
            assert_ne!(old, found);
            break;
        }
        check_typed(&result.unwrap_err(), folder.path(), ENOSPC);
        match RunReader::open(quick(), folder.path()) {
            Ok(reader) => {
                assert!(reader.verify().is_empty(), "call {at}");
                kept += usize::from(reader.manifest().result_blake3 == old);
            }
            Err(StoreError::NoManifest { .. }) => retired += 1,
            Err(error) => panic!("call {at}: {error}"),
        }
        run(quick(), folder.path(), TINY, true).unwrap();
        check_whole(folder.path(), &old);
    }
    assert!(kept > 50 && retired > 3, "both cases occurred: {kept} {retired}");
}

#[test]
fn short_and_interrupted_writes_change_nothing() {
    let expected = reference(TINY);
    // These faults affect only writes, and a file has several: every third call reaches each file.
    for (first, fault) in [(1, Fault::ShortWrite), (2, Fault::Interrupted)] {
        for at in (first..).step_by(3) {
            let folder = tempfile::tempdir().unwrap();
            let storage = Faulty::new(at, fault);
            let calls = storage.calls();
            assert_eq!(
                run(Arc::new(storage), folder.path(), TINY, false).unwrap().result_blake3,
                expected
            );
            check_whole(folder.path(), &expected);
            if calls.load(Ordering::SeqCst) < at {
                break;
            }
        }
    }
}

#[test]
fn every_failing_call_of_a_reader_gives_a_typed_error() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    for at in 1.. {
        let storage = Faulty::new(at, Fault::Errno(EIO));
        let calls = storage.calls();
        let result = RunReader::open(Arc::new(storage), folder.path()).and_then(|reader| {
            reader.rows::<SummaryRow>()?;
            let parts = reader.parts();
            parts.states().try_for_each(|state| state.map(drop))?;
            parts.read_path_columns(&[PathColumn::RuinMonth], 0..CELLS as usize, &mut |_| {
                ControlFlow::Continue(())
            })
        });
        if calls.load(Ordering::SeqCst) < at {
            result.unwrap();
            assert!(at > 20);
            break;
        }
        check_typed(&result.unwrap_err(), folder.path(), EIO);
    }
}

#[test]
fn a_held_folder_is_locked_for_everyone_else() {
    let folder = tempfile::tempdir().unwrap();
    let held = RunFolder::create(quick(), folder.path(), run_id(), &plan(TINY)).unwrap();
    for resume in [false, true] {
        let error = run(quick(), folder.path(), TINY, resume).unwrap_err();
        assert!(matches!(error, StoreError::Locked { .. }) && error.is_conflict(), "{error}");
    }
    drop(held);
    run(quick(), folder.path(), TINY, true).unwrap();
    let held = RunFolder::reopen(quick(), folder.path()).unwrap();
    let error = RunFolder::reopen(quick(), folder.path()).err().unwrap();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    drop(held);
}

#[test]
fn a_new_run_does_not_overwrite_another() {
    let folder = tempfile::tempdir().unwrap();
    let started = RunFolder::create(quick(), folder.path(), run_id(), &plan(TINY)).unwrap();
    let part = support::part(plan(TINY)[0]);
    started.commit_part(&part, [state(&part)]).unwrap();
    let error = started.commit_part(&part, [state(&part)]).unwrap_err();
    assert!(matches!(error, StoreError::PartMismatch { .. }), "{error}");
    let error = support::analyse(&started, support::facts()).unwrap_err();
    assert!(matches!(error, StoreError::MissingPart { part: 1 }), "{error}");
    drop(started);
    let error = run(quick(), folder.path(), TINY, false).unwrap_err();
    assert!(matches!(error, StoreError::Unfinished { parts: 1, .. }), "{error}");
    run(quick(), folder.path(), TINY, true).unwrap();
    let error = run(quick(), folder.path(), TINY, false).unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    let other = corridor_store::schema::RunId { run_id: "ffffffffffff".into(), ..run_id() };
    let error = RunFolder::resume(quick(), folder.path(), other, &plan(TINY)).err().unwrap();
    assert!(matches!(error, StoreError::OtherRun { .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_io_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = run(quick(), &file.join("run"), TINY, false).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }) && !error.is_conflict(), "{error}");
}

#[test]
fn a_folder_without_a_manifest_is_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for folder in [folder.path(), &missing] {
        let error = RunReader::open(quick(), folder).err().unwrap();
        assert!(matches!(error, StoreError::NoManifest { .. }), "{error}");
        let error = RunFolder::reopen(quick(), folder).err().unwrap();
        assert!(matches!(error, StoreError::NoManifest { .. }), "{error}");
    }
    assert!(files_under(folder.path()).is_empty(), "opening a folder leaves no file in it");
}

#[test]
fn a_resumed_run_counts_its_attempts_and_keeps_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let started = RunFolder::create(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    let part = support::part(plan(SMALL)[2]);
    started.commit_part(&part, [state(&part)]).unwrap();
    drop(started);
    // An interrupted write leaves a temporary file, and files without a record.
    std::fs::write(folder.path().join("fact_path/.part-00001.parquet.tmp"), "x").unwrap();
    std::fs::write(folder.path().join("fact_path/part-00001.parquet"), "x").unwrap();
    std::fs::write(folder.path().join("state/moments-00001.parquet"), "x").unwrap();
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    assert_eq!(
        (resumed.finished_parts(), resumed.resumes(), resumed.parts_reused()),
        (vec![2], 1, 1)
    );
    drop(resumed);
    let left: Vec<_> = files_under(folder.path())
        .into_iter()
        .filter(|p| p.to_str().unwrap().contains("00001"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    run(quick(), folder.path(), SMALL, true).unwrap();
    check_whole(folder.path(), &reference(SMALL));
}

#[test]
fn an_altered_file_is_noticed_by_readers_and_redone_on_resume() {
    let expected = reference(SMALL);
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), SMALL, false).unwrap();
    let manifest = Manifest::read(&Disk, folder.path()).unwrap();
    for file in manifest.files() {
        let path = folder.path().join(&file.file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        std::fs::write(&path, &bytes).unwrap();
        let reader = RunReader::open(quick(), folder.path()).unwrap();
        let found = reader.verify();
        assert!(
            matches!(found.as_slice(), [StoreError::Altered { path: found, .. }] if *found == path),
            "{found:?}"
        );
        if file.file.starts_with("state/") {
            let error = reader.parts().states().find_map(Result::err).unwrap();
            assert!(matches!(error, StoreError::Altered { .. }), "{error}");
        }
        if file.file.starts_with("fact_path/") {
            let all = 0..CELLS as usize;
            let error =
                reader
                    .parts()
                    .read_path_columns(&[PathColumn::RuinMonth], all, &mut |_| {
                        ControlFlow::Continue(())
                    })
                    .unwrap_err();
            assert!(matches!(error, StoreError::Altered { .. }), "{error}");
        }
        let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
        let is_of_a_part = file.file.contains('/');
        let named = [Repair { path, cause: Cause::Altered }];
        assert_eq!(resumed.repairs(), if is_of_a_part { &named[..] } else { &[] });
        drop(resumed);
        run(quick(), folder.path(), SMALL, true).unwrap();
        check_whole(folder.path(), &expected);
    }
}

#[test]
fn a_resumed_run_names_every_file_that_it_mends_or_removes() {
    let folder = tempfile::tempdir().unwrap();
    let expected = run(quick(), folder.path(), SMALL, false).unwrap().result_blake3;
    let path = |name: &str| folder.path().join(name);
    let mut named = Vec::new();
    let mut repair = |name: &str, cause| named.push(Repair { path: path(name), cause });
    std::fs::write(path("manifest.json"), "{").unwrap();
    repair("manifest.json", Cause::Unreadable);
    std::fs::write(path("state/part-00000.json"), "{").unwrap();
    repair("state/part-00000.json", Cause::Unreadable);
    std::fs::remove_file(path("state/moments-00001.parquet")).unwrap();
    repair("state/moments-00001.parquet", Cause::Missing);
    std::fs::write(path("fact_path/part-00002.parquet"), "x").unwrap();
    repair("fact_path/part-00002.parquet", Cause::Altered);
    std::fs::write(path("fact_path/copy.parquet"), "x").unwrap();
    repair("fact_path/copy.parquet", Cause::Stranger);
    #[cfg(unix)]
    for link in [".lock", "state/.x.tmp"] {
        drop(std::fs::remove_file(path(link)));
        std::os::unix::fs::symlink("elsewhere", path(link)).unwrap();
        repair(link, Cause::Link);
    }
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    let mut found = resumed.repairs().to_vec();
    found.sort_unstable();
    named.sort_unstable();
    assert_eq!(found, named);
    drop(resumed);
    run(quick(), folder.path(), SMALL, true).unwrap();
    check_whole(folder.path(), &expected);
    // a record that the manifest lists and that is gone is named, too
    std::fs::remove_file(path("state/part-00001.json")).unwrap();
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    let missing = Repair { path: path("state/part-00001.json"), cause: Cause::Missing };
    assert_eq!(resumed.repairs(), [missing]);
}

#[test]
fn an_interrupted_run_that_is_resumed_has_nothing_to_name() {
    let folder = tempfile::tempdir().unwrap();
    let started = RunFolder::create(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    let part = support::part(plan(SMALL)[2]);
    started.commit_part(&part, [state(&part)]).unwrap();
    drop(started);
    std::fs::write(folder.path().join("fact_path/part-00001.parquet"), "x").unwrap();
    std::fs::write(folder.path().join("state/.x.0123456789abcdef.tmp"), "x").unwrap();
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(SMALL)).unwrap();
    assert_eq!(resumed.repairs(), []);
}

#[test]
fn another_plan_keeps_the_parts_it_shares() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), SMALL, false).unwrap();
    let larger = Size { parts: 5, ..SMALL };
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(larger)).unwrap();
    assert_eq!(resumed.finished_parts(), [0, 1], "the short last part is redone");
    assert!(resumed.manifest().is_none(), "an old manifest does not list new parts");
    drop(resumed);
    run(quick(), folder.path(), larger, true).unwrap();
    check_whole(folder.path(), &reference(larger));
    run(quick(), folder.path(), SMALL, true).unwrap();
    check_whole(folder.path(), &reference(SMALL));
}

/// Reads a column of all path rows.
fn read_rows(folder: &Path) -> Result<(), StoreError> {
    let parts = RunReader::open(quick(), folder)?.parts();
    let all = 0..CELLS as usize;
    parts.read_path_columns(&[PathColumn::RuinMonth], all, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn strangers_among_the_path_rows_are_reported_refused_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let expected = run(quick(), folder.path(), TINY, false).unwrap().result_blake3;
    let rows = folder.path().join("fact_path");
    let outside = folder.path().join("outside.parquet");
    std::fs::copy(rows.join("part-00000.parquet"), &outside).unwrap();
    let put = |name: &str| std::fs::copy(&outside, rows.join(name)).map(drop);
    let check = |stranger: &str| {
        let found = RunReader::open(quick(), folder.path()).unwrap().verify();
        assert!(matches!(found.as_slice(), [StoreError::Unlisted { .. }]), "{stranger}: {found:?}");
        let error = read_rows(folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::Unlisted { .. }), "{stranger}: {error}");
        RunFolder::tidy(quick(), folder.path()).unwrap();
        check_whole(folder.path(), &expected);
        read_rows(folder.path()).unwrap();
        assert!(outside.exists(), "{stranger}: what a link leads to is kept");
    };
    for stranger in ["copy.parquet", "part-00007.parquet", "COPY.PARQUET"] {
        put(stranger).unwrap();
        check(stranger);
    }
    #[cfg(unix)]
    for stranger in ["link.parquet", "part-00009.parquet", "more"] {
        std::os::unix::fs::symlink(&outside, rows.join(stranger)).unwrap();
        check(stranger);
    }
    // a folder may hold files of the user: it is named and not removed
    std::fs::create_dir(rows.join("more")).unwrap();
    let error = RunFolder::tidy(quick(), folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Unlisted { .. }), "{error}");
    assert!(rows.join("more").is_dir());
}

#[test]
fn views_name_the_files_of_the_path_rows() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    let views = std::fs::read_to_string(folder.path().join("views.sql")).unwrap();
    let line = views.lines().find(|line| line.contains("VIEW fact_path AS")).unwrap();
    let files = "(['fact_path/part-00000.parquet', 'fact_path/part-00001.parquet'])";
    assert!(line.contains(files) && !views.contains("part-*"), "{line}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_has_the_name_of_a_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside");
    let run_folder = folder.path().join("run");
    run(quick(), &run_folder, TINY, false).unwrap();
    let names = files_under(&run_folder);
    let put = |name: &str| std::os::unix::fs::symlink(&outside, run_folder.join(name)).unwrap();
    for resume in [false, true] {
        std::fs::write(&outside, "mine").unwrap();
        for name in [
            ".dim_run.parquet.tmp",
            ".manifest.json.tmp",
            ".README.md.0123456789abcdef.tmp",
            "state/.part-00000.json.tmp",
            "fact_path/.part-00000.parquet.tmp",
        ] {
            put(name);
        }
        std::fs::remove_file(run_folder.join("dim_run.parquet")).unwrap();
        put("dim_run.parquet"); // what an analysis writes takes the place of the link
        if resume {
            run(quick(), &run_folder, TINY, true).unwrap();
        } else {
            let held = RunFolder::reopen(quick(), &run_folder).unwrap();
            support::analyse(&held, support::facts()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), "mine");
        assert_eq!(files_under(&run_folder), names);
    }
}

#[test]
fn parallel_writes_of_one_table_all_succeed_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let storage: Arc<dyn Storage> = Arc::new(Disk);
    let write = |text: &str| write_text(&storage, folder.path(), "table.csv", text);
    std::thread::scope(|scope| {
        let writers: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..20).try_for_each(|_| write("the table")))).collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap().unwrap());
    });
    assert_eq!(files_under(folder.path()), [Path::new("table.csv")]);
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_link_is_replaced_and_a_linked_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = folder.path().join("run");
    let (outside, lock) = (folder.path().join("outside"), run_folder.join(".lock"));
    run(quick(), &run_folder, TINY, false).unwrap();
    std::fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&outside, &lock).unwrap();
    let held = RunFolder::reopen(quick(), &run_folder).unwrap();
    assert!(!outside.exists() && lock.symlink_metadata().unwrap().is_file());
    let error = RunFolder::reopen(quick(), &run_folder).err().unwrap();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    drop(held);

    std::fs::create_dir(&outside).unwrap();
    for name in ["state", "fact_path", "inputs"] {
        let (own, away) = (run_folder.join(name), folder.path().join("away"));
        let existed = std::fs::rename(&own, &away).is_ok();
        std::os::unix::fs::symlink(&outside, &own).unwrap();
        for error in [
            RunFolder::reopen(quick(), &run_folder).err().unwrap(),
            run(quick(), &run_folder, TINY, true).unwrap_err(),
            make_folder(&quick(), &own).unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::InTheWay { .. }), "{name}: {error}");
            assert_eq!(error.remedy(), Some(Remedy::MoveAwayAndRepeat));
        }
        assert!(files_under(&outside).is_empty(), "{name}");
        std::fs::remove_file(&own).unwrap();
        if existed {
            std::fs::rename(&away, &own).unwrap();
        }
    }
    check_whole(&run_folder, &reference(TINY));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    for name in ["dim_run.parquet", "state/part-00000.json", "manifest.json", ".lock"] {
        let (own, away) = (folder.path().join(name), folder.path().join("away"));
        std::fs::rename(&own, &away).unwrap();
        std::fs::create_dir(&own).unwrap();
        let error = run(quick(), folder.path(), TINY, true).unwrap_err();
        let is_named = matches!(&error, StoreError::InTheWay { path, .. } if *path == own);
        assert!(is_named && error.remedy() == Some(Remedy::MoveAwayAndRepeat), "{name}: {error}");
        std::fs::remove_dir(&own).unwrap();
        std::fs::rename(&away, &own).unwrap();
        run(quick(), folder.path(), TINY, true).unwrap();
        check_whole(folder.path(), &reference(TINY));
    }
}

#[cfg(unix)]
#[test]
fn something_that_is_no_file_is_named_before_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    let read = || {
        let reader = RunReader::open(quick(), folder.path())?;
        reader.rows::<SummaryRow>()?;
        reader.parts().states().try_for_each(|state| state.map(drop))
    };
    for name in ["manifest.json", "fact_summary.parquet", "state/counts-00000.parquet"] {
        let (own, away) = (folder.path().join(name), folder.path().join("away"));
        std::fs::rename(&own, &away).unwrap();
        // No child process makes a pipe here: until it runs its own program, a child holds the
        // locks of the tests beside this one.
        drop(std::os::unix::net::UnixListener::bind(&own).unwrap());
        let error = read().unwrap_err();
        assert!(matches!(error, StoreError::InTheWay { .. }), "{name}: {error}");
        std::fs::remove_file(&own).unwrap();
        // A device opens like a file, so it must be asked before.
        std::os::unix::fs::symlink("/dev/null", &own).unwrap();
        let error = read().unwrap_err();
        assert!(error.to_string().ends_with("it is not a regular file"), "{name}: {error}");
        std::fs::remove_file(&own).unwrap();
        std::fs::rename(&away, &own).unwrap();
    }
    read().unwrap();
}

#[test]
fn every_failing_call_of_an_entry_leaves_the_old_ledger_or_the_new_one() {
    let tried = |folder: &Path| Ledger::read(&Disk, folder).unwrap().others([]);
    let add = |storage: Arc<dyn Storage>, folder: &Path, policy: &str| {
        Ledger::add(&storage, folder, policy, [policy.to_owned()])
    };
    for at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        add(quick(), folder.path(), "first").unwrap();
        let storage = Faulty::new(at, Fault::Errno(ENOSPC));
        let calls = storage.calls();
        let result = add(Arc::new(storage), folder.path(), "second");
        if calls.load(Ordering::SeqCst) < at {
            result.unwrap();
            assert!(tried(folder.path()) == 2 && at > 8, "an entry makes more calls than {at}");
            break;
        }
        match result {
            // What another write left need not be removed.
            Ok(()) => assert_eq!(tried(folder.path()), 2, "call {at}"),
            Err(error) => check_typed(&error, folder.path(), ENOSPC),
        }
        assert!((1..=2).contains(&tried(folder.path())), "call {at}");
        add(quick(), folder.path(), "second").unwrap();
        assert_eq!(tried(folder.path()), 2);
        let left = files_under(folder.path());
        assert_eq!(left, [Path::new(".ledger.lock"), Path::new("ledger.jsonl")], "call {at}");
    }
}

#[test]
fn parts_that_are_swapped_during_a_run_are_noticed_by_the_process_that_wrote_them() {
    let make = |folder: &Path| {
        let started = RunFolder::create(quick(), folder, run_id(), &plan(SMALL)).unwrap();
        for range in plan(SMALL) {
            let part = support::part(range);
            started.commit_part(&part, [state(&part)]).unwrap();
        }
        started
    };
    for [a, b] in [
        ["state/moments-00000.parquet", "state/moments-00001.parquet"],
        ["fact_path/part-00000.parquet", "fact_path/part-00001.parquet"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let started = make(folder.path());
        let (a, b, away) = (folder.path().join(a), folder.path().join(b), folder.path().join("x"));
        let swap = || {
            for (from, to) in [(&a, &away), (&b, &a), (&away, &b)] {
                std::fs::rename(from, to).unwrap();
            }
        };
        swap();
        let error = support::analyse(&started, support::facts()).unwrap_err();
        assert!(matches!(error, StoreError::Altered { .. }), "{error}");
        // the same between two readings of the rows
        swap();
        let parts = started.parts().unwrap();
        let read = || {
            parts.states().try_for_each(|state| state.map(drop))?;
            let all = 0..CELLS as usize;
            parts.read_path_columns(&[PathColumn::RuinMonth], all, &mut |_| {
                ControlFlow::Continue(())
            })
        };
        read().unwrap();
        swap();
        let error = read().unwrap_err();
        assert!(matches!(error, StoreError::Altered { .. }), "{error}");
    }
}

#[test]
fn a_cleaned_run_is_read_as_before_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let expected = run(quick(), folder.path(), TINY, false).unwrap().result_blake3;
    let removed = remove_state(&quick(), folder.path()).unwrap();
    assert!(removed.files == 11 && removed.bytes > 1000, "{removed:?}");
    assert!(files_under(folder.path()).iter().all(|path| !path.starts_with("state")));
    assert_eq!(remove_state(&quick(), folder.path()).unwrap(), Removed::default());
    check_whole(folder.path(), &expected);
    let reader = RunReader::open(quick(), folder.path()).unwrap();
    reader.rows::<SummaryRow>().unwrap();
    read_rows(folder.path()).unwrap();
    let held = RunFolder::reopen(quick(), folder.path()).unwrap();
    let new_facts = RunFacts { analysis_id: "another".into(), ..support::facts() };
    for error in [
        reader.parts().states().find_map(Result::err).unwrap(),
        held.require_state().unwrap_err(),
        support::analyse(&held, new_facts).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::StateRemoved { .. }), "{error}");
        assert_eq!(error.remedy(), Some(Remedy::SimulateAgain));
    }
    drop(held);
    check_whole(folder.path(), &expected);
    // the way out: the run is made again, and nothing is called damaged
    let resumed = RunFolder::resume(quick(), folder.path(), run_id(), &plan(TINY)).unwrap();
    assert_eq!((resumed.repairs(), resumed.finished_parts()), (&[][..], vec![]));
    drop(resumed);
    run(quick(), folder.path(), TINY, true).unwrap();
    check_whole(folder.path(), &expected);
    RunReader::open(quick(), folder.path()).unwrap().require_state().unwrap();
}

#[test]
fn a_run_with_a_damaged_file_is_not_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    run(quick(), folder.path(), TINY, false).unwrap();
    std::fs::write(folder.path().join("dim_run.parquet"), "x").unwrap();
    let error = remove_state(&quick(), folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Altered { .. }), "{error}");
    RunReader::open(quick(), folder.path()).unwrap().require_state().unwrap();
}

#[test]
fn every_failing_call_of_a_cleaning_leaves_a_run_with_all_its_state_or_none() {
    let expected = reference(TINY);
    let (mut whole, mut cleaned) = (0, 0);
    for at in 1.. {
        let folder = tempfile::tempdir().unwrap();
        run(quick(), folder.path(), TINY, false).unwrap();
        let storage = Faulty::new(at, Fault::Errno(EIO));
        let calls = storage.calls();
        let result = remove_state(&(Arc::new(storage) as Arc<dyn Storage>), folder.path());
        if calls.load(Ordering::SeqCst) < at {
            result.unwrap();
            break;
        }
        check_typed(&result.unwrap_err(), folder.path(), EIO);
        let reader = RunReader::open(quick(), folder.path()).unwrap();
        assert!(reader.verify().is_empty(), "call {at}: {:?}", reader.verify());
        match reader.require_state() {
            Ok(()) => whole += 1,
            Err(_) => cleaned += 1,
        }
        remove_state(&quick(), folder.path()).unwrap();
        let left: Vec<_> = files_under(folder.path());
        assert!(left.iter().all(|path| !path.to_str().unwrap().contains("state")), "{left:?}");
        run(quick(), folder.path(), TINY, true).unwrap();
        check_whole(folder.path(), &expected);
    }
    assert!(whole > 20 && cleaned > 10, "both cases occurred: {whole} {cleaned}");
}

#[test]
fn a_finished_piece_of_work_survives_a_loss_of_power_with_every_folder_above_it() {
    let results = tempfile::tempdir().unwrap();
    let folder = results.path().join("new/results/study/run");
    let power = Power::default();
    let storage: Arc<dyn Storage> = Arc::new(power.clone());
    let check = |work: &str| assert_eq!(power.volatile(), Volatile::default(), "{work}");
    run(Arc::clone(&storage), &folder, TINY, false).unwrap();
    check("a run");
    let held = RunFolder::reopen(Arc::clone(&storage), &folder).unwrap();
    support::analyse(&held, RunFacts { analysis_id: "another".into(), ..support::facts() })
        .unwrap();
    drop(held);
    check("an analysis");
    remove_state(&storage, &folder).unwrap();
    check("a cleaning");
    let study = results.path().join("other/study");
    Ledger::add(&storage, &study, "run", ["policy".to_owned()]).unwrap();
    check("an entry of the ledger");
    make_folder(&storage, &results.path().join("search/inputs")).unwrap();
    write_text(&storage, &results.path().join("a/b"), "table.csv", "1").unwrap();
    check("a text");
}
