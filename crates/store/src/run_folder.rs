//! Holds a run folder for writing: one process at a time, finished parts kept, everything else
//! started anew.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use corridor_core::outcome::OutcomePart;
use corridor_tables::state::PartState;
use serde::{Deserialize, Serialize};

use crate::absent::{list_or_empty, remove_if_present};
use crate::error::{Operation, PartProblem, StoreError};
use crate::layout::{LOCK, Layout, MANIFEST, is_part_file, part_of_record};
use crate::manifest::Manifest;
use crate::part::{PartRange, PartRecord, commit_part, read_record};
use crate::pending::is_temporary;
use crate::schema::RunId;
use crate::small_file::{read_whole, write_whole};
use crate::storage::{LockGuard, Storage};
use crate::stored_parts::StoredParts;

/// A run folder held for writing, until it is dropped.
///
/// A part is finished once its files and then its record are durable. The run is finished once the
/// manifest is.
pub struct RunFolder {
    storage: Arc<dyn Storage>,
    layout: Layout,
    run: RunId,
    plan: BTreeMap<u32, PartRange>,
    finished: Mutex<BTreeMap<u32, PartRecord>>,
    /// Whether the files of finished parts were written or hashed by this process.
    parts_verified: bool,
    manifest: Option<Manifest>,
    resumes: u32,
    parts_reused: u32,
    _lock: LockGuard,
}

/// How often a run was taken up again.
#[derive(Default, Serialize, Deserialize)]
struct Attempts {
    resumes: u32,
}

const MAX_ATTEMPTS_BYTES: u64 = 4096;

impl RunFolder {
    /// Starts a run in a folder that holds none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another command holds the folder, [`StoreError::Exists`] or
    /// [`StoreError::Unfinished`] if there is a run in it, [`StoreError::Io`] if the system
    /// refuses.
    pub fn create(
        storage: Arc<dyn Storage>,
        folder: &Path,
        run: RunId,
        plan: &[PartRange],
    ) -> Result<Self, StoreError> {
        let (layout, lock) = hold(&storage, folder)?;
        if list_or_empty(&*storage, layout.folder())?.iter().any(|name| name == MANIFEST) {
            return Err(StoreError::Exists { folder: folder.to_path_buf() });
        }
        let parts = list_or_empty(&*storage, &layout.state_folder())?
            .iter()
            .filter_map(|name| part_of_record(name))
            .count();
        if parts > 0 {
            return Err(StoreError::Unfinished { folder: folder.to_path_buf(), parts });
        }
        let mut this = Self::new(storage, layout, lock, run, plan);
        this.make_folders()?;
        this.remove_strangers()?;
        this.write_attempts(Attempts::default())?;
        Ok(this)
    }

    /// Takes up a run: parts of the plan that are whole by their recorded hashes are kept,
    /// everything else is removed. An empty folder is fine.
    ///
    /// # Errors
    /// As [`RunFolder::create`], but for the run being there; [`StoreError::OtherRun`] if it is not
    /// this one.
    pub fn resume(
        storage: Arc<dyn Storage>,
        folder: &Path,
        run: RunId,
        plan: &[PartRange],
    ) -> Result<Self, StoreError> {
        let (layout, lock) = hold(&storage, folder)?;
        let mut this = Self::new(storage, layout, lock, run, plan);
        this.make_folders()?;
        this.manifest = this.own_manifest()?;
        let finished = this.whole_parts()?;
        this.parts_reused = finished.len() as u32;
        this.finished = Mutex::new(finished);
        this.retire_manifest_unless_complete()?;
        this.remove_strangers()?;
        let attempts = read_whole(&*this.storage, &this.layout.attempts(), MAX_ATTEMPTS_BYTES);
        let resumes =
            attempts.ok().and_then(|bytes| serde_json::from_slice::<Attempts>(&bytes).ok());
        this.write_attempts(Attempts {
            resumes: resumes.map_or(0, |attempts| attempts.resumes.saturating_add(1)),
        })?;
        Ok(this)
    }

    /// Opens a finished run to analyse it again.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::NoManifest`], and whatever [`Manifest::read`] finds.
    pub fn reopen(storage: Arc<dyn Storage>, folder: &Path) -> Result<Self, StoreError> {
        // Before the lock: looking at a folder that holds no run must not leave anything in it.
        Manifest::read(&*storage, folder)?;
        let (layout, lock) = hold(&storage, folder)?;
        let manifest = Manifest::read(&*storage, folder)?;
        let facts = &manifest.result.facts;
        let run = RunId { study: facts.study.clone(), run_id: facts.simulation_id.clone() };
        let plan: Vec<PartRange> = manifest.result.parts.iter().map(|part| part.range).collect();
        let mut this = Self::new(storage, layout, lock, run, &plan);
        this.parts_verified = false;
        this.resumes = manifest.execution.resumes;
        this.parts_reused = manifest.execution.parts_reused;
        this.finished = Mutex::new(
            manifest.result.parts.iter().map(|part| (part.range.part, part.clone())).collect(),
        );
        this.manifest = Some(manifest);
        Ok(this)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Whose results it holds.
    #[must_use]
    pub const fn run(&self) -> &RunId {
        &self.run
    }

    /// The manifest of the run as it was found, if it was finished and its parts are those of the
    /// plan.
    #[must_use]
    pub const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// How often the run was taken up again.
    #[must_use]
    pub const fn resumes(&self) -> u32 {
        self.resumes
    }

    /// Parts that an earlier attempt had finished.
    #[must_use]
    pub const fn parts_reused(&self) -> u32 {
        self.parts_reused
    }

    /// Parts that need not be simulated any more, in order.
    #[must_use]
    pub fn finished_parts(&self) -> Vec<u32> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Writes one part, durably; it is finished when this returns. Called from many threads at
    /// once.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::PartMismatch`] if part, state and
    /// plan contradict each other, [`StoreError::NotFinite`] for a number that is none. Nothing
    /// finished is lost.
    pub fn commit_part(&self, part: &OutcomePart, state: &PartState) -> Result<(), StoreError> {
        let mismatch = |problem| StoreError::PartMismatch { part: part.index, problem };
        let range = *self.plan.get(&part.index).ok_or_else(|| mismatch(PartProblem::Unplanned))?;
        if self.lock_finished().contains_key(&part.index) {
            return Err(mismatch(PartProblem::Finished));
        }
        let record = commit_part(&self.storage, &self.layout, &self.run, range, part, state)?;
        self.lock_finished().insert(part.index, record);
        Ok(())
    }

    /// The finished parts, to be analysed.
    ///
    /// # Errors
    /// [`StoreError::MissingPart`] while one of the plan is missing.
    pub fn parts(&self) -> Result<StoredParts, StoreError> {
        self.first_parts(u32::MAX)
    }

    /// The first parts of the plan, so many of them, to be analysed.
    ///
    /// # Errors
    /// [`StoreError::MissingPart`] while one of them is missing.
    pub fn first_parts(&self, count: u32) -> Result<StoredParts, StoreError> {
        let finished = self.lock_finished();
        if let Some(&part) =
            self.plan.range(..count).map(|(part, _)| part).find(|part| !finished.contains_key(part))
        {
            return Err(StoreError::MissingPart { part });
        }
        let records = finished.range(..count).map(|(_, record)| record.clone()).collect();
        Ok(StoredParts::new(
            Arc::clone(&self.storage),
            self.layout.clone(),
            records,
            self.parts_verified,
        ))
    }

    /// Cuts the plan down to its first parts, so many of them, and removes the files of the others.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn keep_first_parts(&mut self, count: u32) -> Result<(), StoreError> {
        self.plan.retain(|&part, _| part < count);
        self.lock_finished().retain(|&part, _| part < count);
        self.remove_strangers()
    }

    pub(crate) const fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    fn new(
        storage: Arc<dyn Storage>,
        layout: Layout,
        lock: LockGuard,
        run: RunId,
        plan: &[PartRange],
    ) -> Self {
        Self {
            storage,
            layout,
            run,
            plan: plan.iter().map(|range| (range.part, *range)).collect(),
            finished: Mutex::default(),
            parts_verified: true,
            manifest: None,
            resumes: 0,
            parts_reused: 0,
            _lock: lock,
        }
    }

    fn lock_finished(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, PartRecord>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_folders(&self) -> Result<(), StoreError> {
        let with_rows = self.plan.values().any(|range| range.kept_paths > 0);
        let folders =
            [Some(self.layout.state_folder()), with_rows.then(|| self.layout.path_folder())];
        for folder in folders.into_iter().flatten() {
            self.storage
                .create_folder(&folder)
                .map_err(StoreError::io(Operation::CreateFolder, &folder))?;
        }
        // The folder itself, and the names of it and of its parent, which may be new as well.
        for folder in
            self.folder().ancestors().take(3).filter(|folder| !folder.as_os_str().is_empty())
        {
            self.storage
                .sync_folder(folder)
                .map_err(StoreError::io(Operation::SyncFolder, folder))?;
        }
        Ok(())
    }

    /// The manifest, if there is a usable one of this run.
    fn own_manifest(&self) -> Result<Option<Manifest>, StoreError> {
        match Manifest::read(&*self.storage, self.folder()) {
            Ok(manifest) => {
                let found = &manifest.result.facts.simulation_id;
                if *found != self.run.run_id {
                    let (path, expected) = (self.layout.file(MANIFEST), self.run.run_id.clone());
                    return Err(StoreError::OtherRun { path, found: found.clone(), expected });
                }
                Ok(Some(manifest))
            }
            // A damaged manifest is as good as none: the parts answer for themselves.
            Err(
                StoreError::NoManifest { .. }
                | StoreError::Altered { .. }
                | StoreError::Malformed { .. },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Parts of the plan whose files are what their records say.
    fn whole_parts(&self) -> Result<BTreeMap<u32, PartRecord>, StoreError> {
        let mut whole = BTreeMap::new();
        for name in list_or_empty(&*self.storage, &self.layout.state_folder())? {
            let Some(part) = part_of_record(&name) else { continue };
            let path = self.layout.part_record(part);
            let Some(record) = read_record(&*self.storage, &path, &self.run)? else { continue };
            let is_planned = self.plan.get(&part) == Some(&record.range);
            if is_planned && record.is_consistent(&self.layout) && self.is_whole(&record)? {
                whole.insert(part, record);
            }
        }
        Ok(whole)
    }

    fn is_whole(&self, record: &PartRecord) -> Result<bool, StoreError> {
        for file in record.files() {
            match file.verify(&*self.storage, self.folder()) {
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

    /// A manifest stays only while everything it lists stays.
    fn retire_manifest_unless_complete(&mut self) -> Result<(), StoreError> {
        let finished = self.lock_finished();
        let complete = self.manifest.as_ref().is_some_and(|manifest| {
            finished.len() == self.plan.len() && manifest.result.parts.iter().eq(finished.values())
        });
        drop(finished);
        if complete {
            return Ok(());
        }
        self.manifest = None;
        remove_if_present(&*self.storage, &self.layout.file(MANIFEST))?;
        self.storage
            .sync_folder(self.folder())
            .map_err(StoreError::io(Operation::SyncFolder, self.folder()))
    }

    /// Removes files of parts that are not finished, records first.
    fn remove_strangers(&self) -> Result<(), StoreError> {
        let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
        for record in self.lock_finished().values() {
            kept.insert(self.layout.part_record(record.range.part));
            kept.extend(record.files().map(|file| self.folder().join(&file.file)));
        }
        let mut strangers: Vec<PathBuf> = Vec::new();
        for folder in [self.layout.state_folder(), self.layout.path_folder()] {
            let names = list_or_empty(&*self.storage, &folder)?;
            strangers.extend(
                names.iter().filter(|name| is_part_file(name)).map(|name| folder.join(name)),
            );
        }
        strangers.retain(|path| !kept.contains(path));
        strangers.sort_by_key(|path| path.extension().is_none_or(|ending| ending != "json"));
        strangers.iter().try_for_each(|path| remove_if_present(&*self.storage, path))
    }

    fn write_attempts(&mut self, attempts: Attempts) -> Result<(), StoreError> {
        self.resumes = attempts.resumes;
        let path = self.layout.attempts();
        let text = serde_json::to_vec(&attempts)
            .map_err(|error| StoreError::malformed(&path, error.into()))?;
        write_whole(&self.storage, path, &text).map(drop)
    }
}

/// Makes the folder, takes its lock, removes what an interrupted write left.
fn hold(storage: &Arc<dyn Storage>, folder: &Path) -> Result<(Layout, LockGuard), StoreError> {
    storage.create_folder(folder).map_err(StoreError::io(Operation::CreateFolder, folder))?;
    let layout = Layout::new(folder.to_path_buf());
    let file = layout.file(LOCK);
    let lock = storage.lock(&file).map_err(StoreError::io(Operation::Lock, &file))?;
    let lock = lock.ok_or_else(|| StoreError::Locked { folder: folder.to_path_buf() })?;
    for folder in
        [folder.to_path_buf(), layout.state_folder(), layout.path_folder(), layout.input_folder()]
    {
        for name in list_or_empty(&**storage, &folder)?.iter().filter(|name| is_temporary(name)) {
            remove_if_present(&**storage, &folder.join(name))?;
        }
    }
    Ok((layout, lock))
}
