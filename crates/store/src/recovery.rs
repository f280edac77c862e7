//! Finds the usable results of earlier attempts in a run folder and removes the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::absent::{list_or_empty, remove_if_present};
use crate::error::{Operation, StoreError};
use crate::layout::{LOCK, Layout, MANIFEST, is_part_file, part_of_record};
use crate::manifest::Manifest;
use crate::obstacle::{explained, refuse_other_than_folder, remove_link};
use crate::part::{PartRange, PartRecord, read_record};
use crate::pending::{is_old_temporary, target_of_temporary};
use crate::schema::RunId;
use crate::storage::{EntryKind, LockGuard, Storage};
use crate::unlisted::unlisted;

/// Makes the folder, takes its lock and removes the temporary files of interrupted writes.
pub(crate) fn hold(
    storage: &Arc<dyn Storage>,
    folder: &Path,
) -> Result<(Layout, LockGuard), StoreError> {
    storage.create_folder(folder).map_err(StoreError::io(Operation::CreateFolder, folder))?;
    let layout = Layout::new(folder.to_path_buf());
    for folder in [layout.state_folder(), layout.path_folder(), layout.input_folder()] {
        refuse_other_than_folder(&**storage, &folder)?;
    }
    let file = layout.file(LOCK);
    remove_link(&**storage, &file)?;
    let lock = storage.lock(&file).map_err(explained(&**storage, Operation::Lock, &file))?;
    let lock = lock.ok_or_else(|| StoreError::Locked { folder: folder.to_path_buf() })?;
    remove_temporary_files(&**storage, &layout)?;
    Ok((layout, lock))
}

/// Removes what interrupted writes left in a run folder that this process holds.
fn remove_temporary_files(storage: &dyn Storage, layout: &Layout) -> Result<(), StoreError> {
    let inputs = layout.input_folder();
    let own = [layout.folder().to_path_buf(), layout.state_folder(), layout.path_folder()];
    for folder in own.iter().chain([&inputs]) {
        for entry in list_or_empty(storage, folder)? {
            let name = entry.text();
            // A copy of a history may have the name of a temporary file of earlier versions.
            let is_temporary = target_of_temporary(&name).is_some()
                || (*folder != inputs && is_old_temporary(&name));
            if is_temporary && entry.kind != EntryKind::Folder {
                remove_if_present(storage, &folder.join(&entry.name))?;
            }
        }
    }
    Ok(())
}

/// The manifest of this run, if there is one that can be used.
pub(crate) fn own_manifest(
    storage: &dyn Storage,
    layout: &Layout,
    run: &RunId,
) -> Result<Option<Manifest>, StoreError> {
    match Manifest::read(storage, layout.folder()) {
        Ok(manifest) => {
            let found = &manifest.result.facts.simulation_id;
            if *found != run.run_id {
                let (path, expected) = (layout.file(MANIFEST), run.run_id.clone());
                return Err(StoreError::OtherRun { path, found: found.clone(), expected });
            }
            Ok(Some(manifest))
        }
        // A damaged manifest is as good as none: every part has a record of its own.
        Err(
            StoreError::NoManifest { .. }
            | StoreError::Altered { .. }
            | StoreError::Malformed { .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The parts of the plan whose files have the recorded hashes.
pub(crate) fn whole_parts(
    storage: &dyn Storage,
    layout: &Layout,
    run: &RunId,
    plan: &BTreeMap<u32, PartRange>,
) -> Result<BTreeMap<u32, PartRecord>, StoreError> {
    let mut whole = BTreeMap::new();
    for entry in list_or_empty(storage, &layout.state_folder())? {
        let Some(part) = part_of_record(&entry.text()) else { continue };
        let path = layout.part_record(part);
        let Some(record) = read_record(storage, &path, run)? else { continue };
        let is_planned = plan.get(&part) == Some(&record.range);
        if is_planned
            && record.is_consistent(layout)
            && is_whole(storage, layout.folder(), &record)?
        {
            whole.insert(part, record);
        }
    }
    Ok(whole)
}

fn is_whole(storage: &dyn Storage, folder: &Path, record: &PartRecord) -> Result<bool, StoreError> {
    for file in record.files() {
        match file.verify(storage, folder) {
            Ok(()) => {}
            Err(StoreError::Altered { .. }) => return Ok(false),
            Err(StoreError::Io { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Removes the files of all parts but these, records first: a record never outlives its files.
/// Everything else among the path rows that other readers would take for rows is removed, too.
pub(crate) fn remove_parts_except(
    storage: &dyn Storage,
    layout: &Layout,
    kept: &BTreeMap<u32, PartRecord>,
) -> Result<(), StoreError> {
    let mut kept_files: BTreeSet<PathBuf> = BTreeSet::new();
    for record in kept.values() {
        kept_files.insert(layout.part_record(record.range.part));
        kept_files.extend(record.files().map(|file| layout.file(&file.file)));
    }
    let state = layout.state_folder();
    let entries = list_or_empty(storage, &state)?.into_iter();
    let parts = entries.filter(|entry| is_part_file(&entry.text()));
    let mut others: Vec<PathBuf> = parts.map(|entry| state.join(&entry.name)).collect();
    others.retain(|path| !kept_files.contains(path));
    for (path, kind) in unlisted(storage, layout, |path| kept_files.contains(path))? {
        if kind == EntryKind::Folder {
            return Err(StoreError::Unlisted { path }); // it may hold files of the user
        }
        others.push(path);
    }
    others.sort_by_key(|path| path.extension().is_none_or(|ending| ending != "json"));
    others.iter().try_for_each(|path| remove_if_present(storage, path))
}
