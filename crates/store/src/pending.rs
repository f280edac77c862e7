//! Writes a file under a temporary name, makes it durable, and only then gives it its final name.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::digest::{Digest, Digester};
use crate::error::{Operation, StoreError};
use crate::storage::{Storage, StorageFile};

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
}

/// Keeps the error of a failed system call, which the Parquet reader and writer would turn into
/// text.
#[derive(Clone, Default)]
pub(crate) struct IoFailure(Arc<Mutex<Option<io::Error>>>);

impl PendingFile {
    pub(crate) fn create(storage: &Arc<dyn Storage>, target: PathBuf) -> Result<Self, StoreError> {
        let temporary = temporary_name(&target);
        let file =
            storage.create(&temporary).map_err(StoreError::io(Operation::Create, &temporary))?;
        let staged =
            StagedFile { storage: Arc::clone(storage), temporary, target, published: false };
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
        self.storage
            .rename(&self.temporary, &self.target)
            .map_err(StoreError::io(Operation::Rename, &self.target))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if !self.published {
            // A failure does no harm: the next holder of the lock removes temporary files.
            drop(self.storage.remove(&self.temporary));
        }
    }
}

/// Whether a file name is one that an unfinished write leaves behind.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".tmp")
}

fn temporary_name(target: &Path) -> PathBuf {
    let name =
        target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.tmp"))
}
