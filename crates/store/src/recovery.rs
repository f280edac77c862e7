//! Finds the usable results of earlier attempts in a run folder and removes the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::absent::{list_or_empty, remove_if_present, remove_with_files};
use crate::error::{Operation, StoreError};
use crate::layout::{LOCK, Layout, MANIFEST, STATE, is_part_file, part_of_record};
use crate::manifest::Manifest;
use crate::obstacle::{explained, make_folder, refuse_other_than_folder, remove_link};
use crate::part::{PartRange, PartRecord, read_record};
use crate::pending::{is_old_temporary, target_of_temporary};
use crate::repair::{Cause, Repair};
use crate::schema::RunId;
use crate::storage::{EntryKind, LockGuard, Storage};
use crate::unlisted::unlisted;

/// A run folder that this process has locked.
pub(crate) struct Held {
    pub(crate) layout: Layout,
    pub(crate) lock: LockGuard,
    /// Links that were removed.
    pub(crate) repairs: Vec<Repair>,
}

/// Makes the folder, takes its lock and removes the temporary files of interrupted writes.
pub(crate) fn hold(storage: &Arc<dyn Storage>, folder: &Path) -> Result<Held, StoreError> {
    make_folder(&**storage, folder)?;
    let layout = Layout::new(folder.to_path_buf());
    for folder in [layout.state_folder(), layout.path_folder(), layout.input_folder()] {
        refuse_other_than_folder(&**storage, &folder)?;
    }
    let file = layout.file(LOCK);
    let mut repairs = Vec::new();
    if remove_link(&**storage, &file)? {
        repairs.push(Repair::new(&file, Cause::Link));
    }
    let lock = storage.lock(&file).map_err(explained(&**storage, Operation::Lock, &file))?;
    let lock = lock.ok_or_else(|| StoreError::Locked { folder: folder.to_path_buf() })?;
    remove_temporary_files(&**storage, &layout, &mut repairs)?;
    Ok(Held { layout, lock, repairs })
}

/// Removes what interrupted writes left in a run folder that this process holds. Links are named:
/// no write leaves one.
fn remove_temporary_files(
    storage: &dyn Storage,
    layout: &Layout,
    repairs: &mut Vec<Repair>,
) -> Result<(), StoreError> {
    let inputs = layout.input_folder();
    let own = [layout.folder().to_path_buf(), layout.state_folder(), layout.path_folder()];
    for folder in own.iter().chain([&inputs]) {
        for entry in list_or_empty(storage, folder)? {
            let name = entry.text();
            // A copy of a history may have the name of a temporary file of earlier versions.
            let is_temporary = target_of_temporary(&name).is_some()
                || (*folder != inputs && is_old_temporary(&name));
            let path = folder.join(&entry.name);
            match entry.kind {
                // The state of a run, whose removal was interrupted.
                EntryKind::Folder if target_of_temporary(&name) == Some(STATE) => {
                    remove_with_files(storage, &path)?;
                }
                EntryKind::Folder => {}
                EntryKind::Link if is_temporary => {
                    remove_if_present(storage, &path)?;
                    repairs.push(Repair::new(&path, Cause::Link));
                }
                EntryKind::File | EntryKind::Other if is_temporary => {
                    remove_if_present(storage, &path)?;
                }
                EntryKind::Link | EntryKind::File | EntryKind::Other => {}
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
    repairs: &mut Vec<Repair>,
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
        Err(StoreError::NoManifest { .. }) => Ok(None),
        // A damaged manifest is as good as none: every part has a record of its own.
        Err(error) => match Repair::of(&error) {
            Some(repair) => {
                repairs.push(repair);
                Ok(None)
            }
            None => Err(error),
        },
    }
}

/// The parts of the plan whose files have the recorded hashes.
pub(crate) fn whole_parts(
    storage: &dyn Storage,
    layout: &Layout,
    run: &RunId,
    plan: &BTreeMap<u32, PartRange>,
    repairs: &mut Vec<Repair>,
) -> Result<BTreeMap<u32, PartRecord>, StoreError> {
    let mut whole = BTreeMap::new();
    for entry in list_or_empty(storage, &layout.state_folder())? {
        let Some(part) = part_of_record(&entry.text()) else { continue };
        let path = layout.part_record(part);
        let record = match read_record(storage, &path, run) {
            Ok(Some(record)) => record,
            Ok(None) => continue,
            Err(error) => {
                repairs.push(Repair::of(&error).ok_or(error)?);
                continue;
            }
        };
        if plan.get(&part) != Some(&record.range) {
            continue;
        }
        if !record.is_consistent(layout) {
            repairs.push(Repair::new(&path, Cause::Unreadable));
        } else if is_whole(storage, layout.folder(), &record, repairs)? {
            whole.insert(part, record);
        }
    }
    Ok(whole)
}

/// Names the records of parts that the manifest lists and that are no longer there.
pub(crate) fn missing_records(
    storage: &dyn Storage,
    layout: &Layout,
    manifest: &Manifest,
) -> Result<Vec<Repair>, StoreError> {
    let entries = list_or_empty(storage, &layout.state_folder())?;
    let found: BTreeSet<u32> =
        entries.iter().filter_map(|entry| part_of_record(&entry.text())).collect();
    let parts = manifest.result.parts.iter().map(|part| part.range.part);
    let missing = parts.filter(|part| !found.contains(part));
    Ok(missing.map(|part| Repair::new(&layout.part_record(part), Cause::Missing)).collect())
}

/// Returns whether all files of a part have their hashes; names those that do not.
fn is_whole(
    storage: &dyn Storage,
    folder: &Path,
    record: &PartRecord,
    repairs: &mut Vec<Repair>,
) -> Result<bool, StoreError> {
    let before = repairs.len();
    for file in record.files() {
        if let Err(error) = file.verify(storage, folder) {
            repairs.push(Repair::of(&error).ok_or(error)?);
        }
    }
    Ok(repairs.len() == before)
}

/// Removes the files of all parts but these, records first: a record never outlives its files.
/// Everything else among the path rows that other readers would take for rows is removed, too, and
/// named.
pub(crate) fn remove_parts_except(
    storage: &dyn Storage,
    layout: &Layout,
    kept: &BTreeMap<u32, PartRecord>,
) -> Result<Vec<Repair>, StoreError> {
    let mut kept_files: BTreeSet<PathBuf> = BTreeSet::new();
    for record in kept.values() {
        kept_files.insert(layout.part_record(record.range.part));
        kept_files.extend(record.files().map(|file| layout.file(&file.file)));
    }
    let mut strangers = Vec::new();
    let state = layout.state_folder();
    let entries = list_or_empty(storage, &state)?.into_iter();
    let parts = entries.filter(|entry| is_part_file(&entry.text()));
    let mut others: Vec<PathBuf> = parts.map(|entry| state.join(&entry.name)).collect();
    others.retain(|path| !kept_files.contains(path));
    for (path, kind) in unlisted(storage, layout, |path| kept_files.contains(path))? {
        if kind == EntryKind::Folder {
            return Err(StoreError::Unlisted { path }); // it may hold files of the user
        }
        let is_own = path.file_name().is_some_and(|name| is_part_file(&name.to_string_lossy()));
        if !is_own || kind != EntryKind::File {
            strangers.push(Repair::new(&path, Cause::Stranger));
        }
        others.push(path);
    }
    others.sort_by_key(|path| path.extension().is_none_or(|ending| ending != "json"));
    others.iter().try_for_each(|path| remove_if_present(storage, path))?;
    Ok(strangers)
}
