//! Takes absence for an answer: lists folders and removes files that need not exist.

use std::io;
use std::path::Path;

use crate::error::{Operation, StoreError};
use crate::obstacle::explained;
use crate::storage::{Entry, Storage};

/// Lists the entries of a folder; a folder that does not exist has none.
pub(crate) fn list_or_empty(
    storage: &dyn Storage,
    folder: &Path,
) -> Result<Vec<Entry>, StoreError> {
    match storage.list(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(StoreError::io(Operation::List, folder)),
    }
}

/// Removes a file if it exists.
pub(crate) fn remove_if_present(storage: &dyn Storage, path: &Path) -> Result<(), StoreError> {
    match storage.remove(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(explained(storage, Operation::Remove, path)),
    }
}

/// Removes a folder with the files and links in it.
pub(crate) fn remove_with_files(storage: &dyn Storage, folder: &Path) -> Result<(), StoreError> {
    for entry in list_or_empty(storage, folder)? {
        remove_if_present(storage, &folder.join(&entry.name))?;
    }
    storage.remove_folder(folder).map_err(StoreError::io(Operation::Remove, folder))
}

/// Returns whether anything has a name.
pub(crate) fn exists(storage: &dyn Storage, path: &Path) -> Result<bool, StoreError> {
    let found = storage.kind(path).map_err(StoreError::io(Operation::Open, path))?;
    Ok(found.is_some())
}
