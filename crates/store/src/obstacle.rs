//! Makes folders, and explains failures that come from something of another kind in the place of a
//! file or folder.

use std::io;
use std::path::Path;

use crate::error::{Operation, StoreError};
use crate::storage::{EntryKind, Storage};

/// Turns the failure of an operation on a file into its error: that something else has the name of
/// the file, or the error of the operating system.
pub(crate) fn explained<'a>(
    storage: &'a dyn Storage,
    operation: Operation,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> StoreError + 'a {
    move |cause| match storage.kind(path) {
        Ok(Some(found @ (EntryKind::Folder | EntryKind::Other))) => {
            StoreError::InTheWay { path: path.to_path_buf(), found, of: EntryKind::File }
        }
        Ok(Some(EntryKind::File | EntryKind::Link) | None) | Err(_) => {
            StoreError::io(operation, path)(cause)
        }
    }
}

/// Creates a folder of a run. Anything else of that name is refused, also a link to a folder:
/// what is written into the folder would be written elsewhere.
pub(crate) fn make_own_folder(storage: &dyn Storage, folder: &Path) -> Result<(), StoreError> {
    refuse_other_than_folder(storage, folder)?;
    make_folder(storage, folder)
}

/// Creates a folder and its parents unless they exist. The names of new folders are durable when
/// this returns.
pub(crate) fn make_folder(storage: &dyn Storage, folder: &Path) -> Result<(), StoreError> {
    let new =
        storage.create_folder(folder).map_err(StoreError::io(Operation::CreateFolder, folder))?;
    let above = new
        .iter()
        .filter_map(|folder| folder.parent())
        .map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
    for parent in above {
        storage.sync_folder(parent).map_err(StoreError::io(Operation::SyncFolder, parent))?;
    }
    Ok(())
}

/// Refuses a folder of a run that is something else, such as a link; it need not exist.
pub(crate) fn refuse_other_than_folder(
    storage: &dyn Storage,
    folder: &Path,
) -> Result<(), StoreError> {
    match storage.kind(folder).map_err(StoreError::io(Operation::Open, folder))? {
        None | Some(EntryKind::Folder) => Ok(()),
        Some(found @ (EntryKind::File | EntryKind::Link | EntryKind::Other)) => {
            let path = folder.to_path_buf();
            Err(StoreError::InTheWay { path, found, of: EntryKind::Folder })
        }
    }
}

/// Removes a link that has the name of a file which is to be opened for writing; returns whether
/// there was one.
pub(crate) fn remove_link(storage: &dyn Storage, file: &Path) -> Result<bool, StoreError> {
    match storage.kind(file).map_err(StoreError::io(Operation::Open, file))? {
        Some(EntryKind::Link) => match storage.remove(file) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            other => other.map(|()| true).map_err(StoreError::io(Operation::Remove, file)),
        },
        Some(EntryKind::File | EntryKind::Folder | EntryKind::Other) | None => Ok(false),
    }
}
