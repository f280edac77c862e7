//! Reads and writes files that fit into memory: records, manifests and texts.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::digest::Digest;
use crate::error::{Operation, StoreError};
use crate::obstacle::explained;
use crate::pending::{PendingFile, StagedFile};
use crate::storage::Storage;
use crate::stored_bytes::StoredBytes;

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_whole(
    storage: &dyn Storage,
    path: &Path,
    limit: u64,
) -> Result<Vec<u8>, StoreError> {
    let file = storage.open(path).map_err(explained(storage, Operation::Open, path))?;
    read_open(file.as_ref(), path, limit)
}

/// Reads an open file of at most `limit` bytes.
pub(crate) fn read_open(
    file: &dyn StoredBytes,
    path: &Path,
    limit: u64,
) -> Result<Vec<u8>, StoreError> {
    if file.bytes() > limit {
        return Err(StoreError::TooLarge { path: path.to_path_buf(), bytes: file.bytes(), limit });
    }
    let mut bytes = vec![0; file.bytes() as usize];
    file.read_at(0, &mut bytes).map_err(StoreError::io(Operation::Read, path))?;
    Ok(bytes)
}

/// Writes a small file, which is durable under its name when this returns.
pub(crate) fn write_whole(
    storage: &Arc<dyn Storage>,
    target: PathBuf,
    bytes: &[u8],
) -> Result<Digest, StoreError> {
    let (staged, digest) = stage_whole(storage, target.clone(), bytes)?;
    staged.publish()?;
    sync_folder_of(storage, &target)?;
    Ok(digest)
}

/// Writes a small file under its temporary name, durably.
pub(crate) fn stage_whole(
    storage: &Arc<dyn Storage>,
    target: PathBuf,
    bytes: &[u8],
) -> Result<(StagedFile, Digest), StoreError> {
    let mut file = PendingFile::create(storage, target)?;
    if let Err(error) = file.write_all(bytes) {
        return Err(file.failure().explain_write(file.target(), &error));
    }
    file.finish()
}

/// Makes the name of a file durable in its folder.
pub(crate) fn sync_folder_of(storage: &Arc<dyn Storage>, file: &Path) -> Result<(), StoreError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    storage.sync_folder(folder).map_err(StoreError::io(Operation::SyncFolder, folder))
}
