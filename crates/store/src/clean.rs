//! Removes the sums of the parts of a finished run, so that its folder is small.

use std::path::Path;
use std::sync::Arc;

use crate::absent::{exists, list_or_empty, remove_with_files};
use crate::error::{Operation, StoreError};
use crate::layout::Layout;
use crate::obstacle::explained;
use crate::pending::temporary_name;
use crate::run_folder::RunFolder;
use crate::storage::{EntryKind, Storage};

/// Files that were removed from a run folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Number of files.
    pub files: u64,
    /// Length of all files together, in bytes.
    pub bytes: u64,
}

/// Removes the folder `state/` of a finished run. Its tables, texts and path rows stay; a new
/// analysis and a comparison of any two policies are no longer possible.
///
/// The folder is renamed first, so that the state of a run is whole or absent. All other files are
/// checked before: a damaged one could be made again from the state.
///
/// # Errors
/// The errors of [`RunFolder::reopen`]; [`StoreError::Altered`] and others for a damaged file;
/// [`StoreError::InTheWay`] for a folder within `state/`.
pub fn remove_state(storage: &Arc<dyn Storage>, folder: &Path) -> Result<Removed, StoreError> {
    let held = RunFolder::reopen(Arc::clone(storage), folder)?;
    let (storage, layout) = (&**storage, held.layout());
    if let Some(manifest) = held.manifest() {
        let rows = manifest.result.parts.iter().filter_map(|part| part.path_rows.as_ref());
        rows.chain(&manifest.result.statistics)
            .try_for_each(|file| file.verify(storage, folder))?;
    }
    let removed = content(storage, layout)?;
    if exists(storage, &layout.state_folder())? {
        let (state, away) = (layout.state_folder(), temporary_name(&layout.state_folder()));
        storage.rename(&state, &away).map_err(StoreError::io(Operation::Rename, &state))?;
        storage.sync_folder(folder).map_err(StoreError::io(Operation::SyncFolder, folder))?;
        remove_with_files(storage, &away)?;
    }
    Ok(removed)
}

/// Adds up the files of the state.
fn content(storage: &dyn Storage, layout: &Layout) -> Result<Removed, StoreError> {
    let folder = layout.state_folder();
    let mut content = Removed::default();
    for entry in list_or_empty(storage, &folder)? {
        let path = folder.join(&entry.name);
        match entry.kind {
            EntryKind::File => {
                let file =
                    storage.open(&path).map_err(explained(storage, Operation::Open, &path))?;
                content.files += 1;
                content.bytes += file.bytes();
            }
            EntryKind::Link => content.files += 1,
            found @ (EntryKind::Folder | EntryKind::Other) => {
                return Err(StoreError::InTheWay { path, found, of: EntryKind::File });
            }
        }
    }
    Ok(content)
}
