//! Keeps the policies that were ever tried under the name of a study, one line per run, so that
//! later runs can count them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Operation, StoreError};
use crate::obstacle::{explained, make_folder, remove_link};
use crate::pending::remove_abandoned;
use crate::small_file::{read_whole, write_whole};
use crate::storage::{LockGuard, Storage};

/// Name of the ledger in the folder of the study.
pub const LEDGER: &str = "ledger.jsonl";

/// Largest ledger that is read, in bytes: about a million policies.
const MAX_BYTES: u64 = 1 << 25;

/// Name of the file that is locked while the ledger is read, changed and written.
const LOCK: &str = ".ledger.lock";

/// Time to wait for another process, which needs a few milliseconds.
const WAIT: Duration = Duration::from_secs(20);

/// Time between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(5);

/// The keys of the policies tried under the name of a study, by run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    runs: BTreeMap<String, BTreeSet<String>>,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    run_id: String,
    policy_keys: BTreeSet<String>,
}

impl Ledger {
    /// Reads the ledger in the folder of a study; a study without the file has an empty one.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::TooLarge`], or [`StoreError::BadLedger`] for a line that
    /// is not an entry.
    pub fn read(storage: &dyn Storage, folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(LEDGER);
        let bytes = match read_whole(storage, &path, MAX_BYTES) {
            Err(StoreError::Io { operation: Operation::Open, cause, .. })
                if cause.kind() == std::io::ErrorKind::NotFound =>
            {
                return Ok(Self::default());
            }
            other => other?,
        };
        let mut runs = BTreeMap::new();
        for (number, line) in
            (1..).zip(bytes.split(|&byte| byte == b'\n')).filter(|(_, line)| !line.is_empty())
        {
            let entry: Entry = serde_json::from_slice(line)
                .map_err(|_| StoreError::BadLedger { path: path.clone(), line: number })?;
            let keys = entry.policy_keys.iter().map(|key| current_form(key));
            runs.entry(entry.run_id).or_insert_with(BTreeSet::new).extend(keys);
        }
        Ok(Self { runs })
    }

    /// Counts the policies in the ledger that are not among these.
    #[must_use]
    pub fn others<'a>(&self, policy_keys: impl IntoIterator<Item = &'a str>) -> u64 {
        let own: BTreeSet<String> = policy_keys.into_iter().map(current_form).collect();
        let tried: BTreeSet<&String> = self.runs.values().flatten().collect();
        tried.into_iter().filter(|&key| !own.contains(key)).count() as u64
    }

    /// Adds the policies of a run to the ledger in the folder of a study. One process at a time
    /// reads, changes and writes it; the others wait. A failure leaves the old file untouched.
    ///
    /// # Errors
    /// The errors of [`Ledger::read`], and [`StoreError::LedgerInUse`] if another process does not
    /// finish.
    pub fn add(
        storage: &Arc<dyn Storage>,
        folder: &Path,
        run_id: &str,
        policy_keys: impl IntoIterator<Item = String>,
    ) -> Result<(), StoreError> {
        make_folder(&**storage, folder)?;
        let _held = hold(&**storage, folder, WAIT)?;
        let before = Self::read(&**storage, folder)?;
        let mut ledger = before.clone();
        let keys = policy_keys.into_iter().map(|key| current_form(&key));
        ledger.runs.entry(run_id.to_owned()).or_default().extend(keys);
        if ledger == before {
            return Ok(());
        }
        let target = folder.join(LEDGER);
        let mut text = Vec::new();
        for (run_id, policy_keys) in &ledger.runs {
            let entry = Entry { run_id: run_id.clone(), policy_keys: policy_keys.clone() };
            serde_json::to_writer(&mut text, &entry)
                .map_err(|error| StoreError::malformed(&target, error.into()))?;
            text.push(b'\n');
        }
        write_whole(storage, target.clone(), &text)?;
        remove_abandoned(&**storage, &target);
        Ok(())
    }
}

/// Returns the key that a policy has now. The first versions wrote its 12 hex digits without the
/// letter `p`; a policy that was tried then and now counts once.
fn current_form(key: &str) -> String {
    let is_old = key.len() == 12 && key.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_old { format!("p{key}") } else { key.to_owned() }
}

/// Takes the lock of a ledger; waits at most `wait` for the process that has it.
fn hold(storage: &dyn Storage, folder: &Path, wait: Duration) -> Result<LockGuard, StoreError> {
    let file = folder.join(LOCK);
    remove_link(storage, &file)?;
    let since = Instant::now();
    loop {
        let lock = storage.lock(&file).map_err(explained(storage, Operation::Lock, &file))?;
        match lock {
            Some(lock) => return Ok(lock),
            None if since.elapsed() < wait => std::thread::sleep(PAUSE),
            None => return Err(StoreError::LedgerInUse { path: folder.join(LEDGER) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Disk;

    #[test]
    fn policies_are_counted_once_whatever_the_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage: Arc<dyn Storage> = Arc::new(Disk);
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(Ledger::read(&Disk, folder.path()).expect("none yet"), Ledger::default());
        let add = |run, names: &[&str]| Ledger::add(&storage, folder.path(), run, keys(names));
        add("first", &["a", "b"]).expect("written");
        add("second", &["b", "c"]).expect("written");
        let read = Ledger::read(&Disk, folder.path()).expect("readable");
        assert_eq!(
            (read.others(["a", "b"]), read.others(["d"]), read.others(["a", "b", "c"])),
            (1, 3, 0)
        );
        std::fs::write(folder.path().join(LEDGER), "not an entry\n").expect("written");
        assert!(matches!(
            Ledger::read(&Disk, folder.path()),
            Err(StoreError::BadLedger { line: 1, .. })
        ));
    }

    #[test]
    fn a_policy_tried_under_an_old_key_counts_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = "{\"run_id\":\"0123456789ab\",\"policy_keys\":[\"0123456789ab\"]}\n";
        std::fs::write(folder.path().join(LEDGER), old).expect("written");
        let read = Ledger::read(&Disk, folder.path()).expect("readable");
        for (own, others) in [("p0123456789ab", 0), ("0123456789ab", 0), ("pba9876543210", 1)] {
            assert_eq!(read.others([own]), others, "{own}");
        }
    }

    #[test]
    fn runs_that_end_at_once_lose_no_entry() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage: Arc<dyn Storage> = Arc::new(Disk);
        let add = |run: usize| {
            let id = format!("run {run}");
            Ledger::add(&storage, folder.path(), &id, [format!("policy {run}")])
        };
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..16).map(|run| scope.spawn(move || add(run))).collect();
            runs.into_iter().for_each(|run| run.join().expect("no panic").expect("written"));
        });
        let read = Ledger::read(&Disk, folder.path()).expect("readable");
        assert_eq!((read.runs.len(), read.others([])), (16, 16));
    }

    #[test]
    fn a_ledger_that_another_process_keeps_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = Disk.lock(&folder.path().join(LOCK)).expect("locked");
        let error = hold(&Disk, folder.path(), Duration::ZERO).err().expect("it is held");
        assert!(matches!(error, StoreError::LedgerInUse { .. }) && error.is_conflict(), "{error}");
        drop(held);
        assert!(hold(&Disk, folder.path(), Duration::ZERO).is_ok());
    }
}
