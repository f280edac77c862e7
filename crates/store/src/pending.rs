//! Writes a file under a temporary name, makes it durable, and only then gives it its final name.

use std::fmt::Display;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::digest::{Digest, Digester};
use crate::error::{Operation, StoreError};
use crate::obstacle::explained;
use crate::storage::{EntryKind, Storage, StorageFile};

/// A file that is being written under a temporary name; an unfinished file is removed on drop.
pub(crate) struct PendingFile {
    file: Box<dyn StorageFile>, // first, so that it is closed before it is removed
    staged: StagedFile,
    digester: Digester,
    failure: IoFailure,
}

/// A complete, durable file under its temporary name; an unpublished file is removed on drop.
pub(crate) struct StagedFile {
    storage: Arc<dyn Storage>,
    temporary: PathBuf,
    target: PathBuf,
    published: bool,
    /// The open file: while it is held no other process takes it for an abandoned one.
    held: Option<Box<dyn StorageFile>>,
}

/// Keeps the error of a failed system call, which the Parquet reader and writer would turn into
/// text.
#[derive(Clone, Default)]
pub(crate) struct IoFailure(Arc<Mutex<Option<io::Error>>>);

impl PendingFile {
    pub(crate) fn create(storage: &Arc<dyn Storage>, target: PathBuf) -> Result<Self, StoreError> {
        let (file, temporary) = create_temporary(&**storage, &target)?;
        let storage = Arc::clone(storage);
        let staged = StagedFile { storage, temporary, target, published: false, held: None };
        Ok(Self { file, staged, digester: Digester::default(), failure: IoFailure::default() })
    }

    pub(crate) fn failure(&self) -> IoFailure {
        self.failure.clone()
    }

    pub(crate) fn target(&self) -> &Path {
        &self.staged.target
    }

    /// Makes the bytes durable. After a failure the file is gone and must be written anew.
    pub(crate) fn finish(mut self) -> Result<(StagedFile, Digest), StoreError> {
        self.file.flush().map_err(StoreError::io(Operation::Write, &self.staged.temporary))?;
        self.file.sync().map_err(StoreError::io(Operation::Sync, &self.staged.temporary))?;
        self.staged.held = Some(self.file);
        Ok((self.staged, self.digester.finish()))
    }
}

impl Write for PendingFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.file.write(buffer) {
            Ok(written) => {
                self.digester.update(&buffer[..written]);
                Ok(written)
            }
            // The caller repeats an interrupted call.
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => Err(cause),
            Err(cause) => Err(self.failure.keep(cause)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl IoFailure {
    /// Keeps the error and returns another of its kind.
    pub(crate) fn keep(&self, cause: io::Error) -> io::Error {
        let passed_on = io::Error::from(cause.kind());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause);
        passed_on
    }

    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Makes the typed error behind a failure of an encoder.
    pub(crate) fn explain_write(&self, target: &Path, reason: &dyn Display) -> StoreError {
        match self.take() {
            Some(cause) => {
                StoreError::Io { operation: Operation::Write, path: target.to_path_buf(), cause }
            }
            None => StoreError::Encode { path: target.to_path_buf(), reason: reason.to_string() },
        }
    }
}

impl StagedFile {
    /// Path that the file will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the file its final name, which is durable only after the folder is synced.
    pub(crate) fn publish(mut self) -> Result<(), StoreError> {
        self.storage.rename(&self.temporary, &self.target).map_err(explained(
            &*self.storage,
            Operation::Rename,
            &self.target,
        ))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.published {
            drop(self.held.take()); // some systems remove no open file
            // A failure does no harm: the next holder of the lock removes temporary files.
            drop(self.storage.remove(&self.temporary));
        }
    }
}

/// Number of names that are tried for a temporary file; all are random.
const ATTEMPTS: u32 = 16;

/// Creates a file under a temporary name beside its target.
fn create_temporary(
    storage: &dyn Storage,
    target: &Path,
) -> Result<(Box<dyn StorageFile>, PathBuf), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let temporary = temporary_name(target);
        match storage.create(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && attempts < ATTEMPTS => {}
            Err(cause) => return Err(StoreError::io(Operation::Create, &temporary)(cause)),
        }
    }
}

/// Returns a name beside `target` that no other write has, in this process or another.
pub(crate) fn temporary_name(target: &Path) -> PathBuf {
    let random = RandomState::new().hash_one(());
    let name =
        target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.{random:016x}.tmp"))
}

/// Returns the name of the file that a write would have made which left a file of this name;
/// `None` if no write leaves such a file.
pub(crate) fn target_of_temporary(name: &str) -> Option<&str> {
    let (target, random) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    let is_hex = random.len() == 16 && random.bytes().all(|digit| digit.is_ascii_hexdigit());
    (is_hex && !target.is_empty()).then_some(target)
}

/// Whether a name is one that an unfinished write of an earlier version left behind, which had no
/// random number in it.
pub(crate) fn is_old_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

/// Removes what interrupted writes of a file left beside it, but not what another process is
/// writing. A failure does no harm: the file itself is written, and the next write tries again.
pub(crate) fn remove_abandoned(storage: &dyn Storage, target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else { return };
    for entry in storage.list(folder).unwrap_or_default() {
        if entry.kind == EntryKind::File
            && target_of_temporary(&entry.text()).is_some_and(|target| name == target)
        {
            drop(storage.remove_abandoned(&folder.join(&entry.name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Disk;

    #[test]
    fn temporary_names_are_told_from_the_names_of_users() {
        let target = Path::new("folder/.x.tmp");
        let name = temporary_name(target);
        let name = name.file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(target_of_temporary(name), Some(".x.tmp"));
        for name in [".x.tmp", "x.0000000000000007.tmp", ".x.7.tmp", "..0000000000000007.tmp"] {
            assert_eq!(target_of_temporary(name), None, "{name}");
        }
    }

    #[test]
    fn two_writes_of_one_file_do_not_disturb_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let storage: Arc<dyn Storage> = Arc::new(Disk);
        let target = folder.path().join("file");
        let pending = || PendingFile::create(&storage, target.clone()).expect("created");
        let (mut first, second) = (pending(), pending());
        first.write_all(b"first").expect("written");
        remove_abandoned(&Disk, &target);
        let (second, _) = second.finish().expect("durable");
        let (first, _) = first.finish().expect("durable");
        second.publish().expect("renamed");
        remove_abandoned(&Disk, &target);
        first.publish().expect("renamed");
        assert_eq!(std::fs::read(&target).expect("readable"), b"first");
        let names = Disk.list(folder.path()).expect("listed");
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn what_a_dead_process_left_is_removed_and_the_rest_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("file");
        let left = temporary_name(&target);
        let others = [folder.path().join(".x.tmp"), temporary_name(&folder.path().join("x"))];
        for path in others.iter().chain([&left]) {
            std::fs::write(path, "x").expect("written");
        }
        remove_abandoned(&Disk, &target);
        assert!(!left.exists() && others.iter().all(|path| path.exists()));
    }
}
