//! Holds a run folder for writing: one process at a time, finished parts are kept, everything else
//! is written anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corridor_core::outcome::OutcomePart;
use corridor_tables::state::PartState;
use serde::{Deserialize, Serialize};

use crate::absent::{exists, list_or_empty, remove_if_present};
use crate::error::{Operation, PartProblem, StoreError};
use crate::layout::{Layout, MANIFEST, part_of_record};
use crate::manifest::Manifest;
use crate::obstacle::make_own_folder;
use crate::part::{PartRange, PartRecord, commit_part};
use crate::recovery::{
    Held, hold, missing_records, own_manifest, remove_parts_except, whole_parts,
};
use crate::repair::Repair;
use crate::schema::RunId;
use crate::small_file::{read_whole, write_whole};
use crate::storage::{LockGuard, Storage};
use crate::stored_parts::{StoredParts, require_state};

/// A run folder that this process holds for writing until the value is dropped.
///
/// A part is finished once its files and then its record are durable. The run is finished once its
/// manifest is durable.
pub struct RunFolder {
    storage: Arc<dyn Storage>,
    layout: Layout,
    run: RunId,
    plan: BTreeMap<u32, PartRange>,
    finished: Mutex<BTreeMap<u32, PartRecord>>,
    manifest: Option<Manifest>,
    resumes: u32,
    parts_reused: u32,
    repairs: Vec<Repair>,
    _lock: LockGuard,
}

/// The content of the file that counts how often the run was resumed.
#[derive(Default, Serialize, Deserialize)]
struct Attempts {
    resumes: u32,
}

/// Largest file of attempts that is read, in bytes.
const MAX_ATTEMPTS_BYTES: u64 = 4096;

impl RunFolder {
    /// Starts a run in a folder that has none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process holds the folder, [`StoreError::Exists`] or
    /// [`StoreError::Unfinished`] if it has a run, [`StoreError::Io`] if the system refuses.
    pub fn create(
        storage: Arc<dyn Storage>,
        folder: &Path,
        run: RunId,
        plan: &[PartRange],
    ) -> Result<Self, StoreError> {
        let held = hold(&storage, folder)?;
        let layout = &held.layout;
        if list_or_empty(&*storage, layout.folder())?.iter().any(|entry| entry.name == MANIFEST) {
            return Err(StoreError::Exists { folder: folder.to_path_buf() });
        }
        let parts = list_or_empty(&*storage, &layout.state_folder())?
            .iter()
            .filter_map(|entry| part_of_record(&entry.text()))
            .count();
        if parts > 0 {
            return Err(StoreError::Unfinished { folder: folder.to_path_buf(), parts });
        }
        let mut this = Self::new(storage, held, run, plan);
        this.make_folders()?;
        this.remove_unfinished_parts()?;
        this.write_attempts(Attempts::default())?;
        Ok(this)
    }

    /// Resumes a run: parts of the plan that are whole by their recorded hashes are kept,
    /// everything else is removed. In an empty folder a run is started.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process holds the folder, [`StoreError::OtherRun`] if it
    /// has another run, [`StoreError::Io`] if the system refuses.
    pub fn resume(
        storage: Arc<dyn Storage>,
        folder: &Path,
        run: RunId,
        plan: &[PartRange],
    ) -> Result<Self, StoreError> {
        let held = hold(&storage, folder)?;
        let had_state = exists(&*storage, &held.layout.state_folder())?;
        let mut this = Self::new(storage, held, run, plan);
        this.make_folders()?;
        let (storage, layout, repairs) = (&*this.storage, &this.layout, &mut this.repairs);
        this.manifest = own_manifest(storage, layout, &this.run, repairs)?;
        if let Some(manifest) = this.manifest.as_ref().filter(|_| had_state) {
            repairs.extend(missing_records(storage, layout, manifest)?);
        }
        let finished = whole_parts(storage, layout, &this.run, &this.plan, repairs)?;
        this.parts_reused = finished.len() as u32;
        this.finished = Mutex::new(finished);
        this.retire_manifest_unless_complete()?;
        this.remove_unfinished_parts()?;
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
    /// [`StoreError::Locked`] if another process holds the folder, [`StoreError::NoManifest`] if it
    /// has no finished run, and the other errors of [`Manifest::read`].
    pub fn reopen(storage: Arc<dyn Storage>, folder: &Path) -> Result<Self, StoreError> {
        // Read before the lock is taken: a folder without a run must remain without files.
        Manifest::read(&*storage, folder)?;
        let held = hold(&storage, folder)?;
        let manifest = Manifest::read(&*storage, folder)?;
        let facts = &manifest.result.facts;
        let run = RunId { study: facts.study.clone(), run_id: facts.simulation_id.clone() };
        let plan: Vec<PartRange> = manifest.result.parts.iter().map(|part| part.range).collect();
        let mut this = Self::new(storage, held, run, &plan);
        this.resumes = manifest.execution.resumes;
        this.parts_reused = manifest.execution.parts_reused;
        this.finished = Mutex::new(
            manifest.result.parts.iter().map(|part| (part.range.part, part.clone())).collect(),
        );
        this.manifest = Some(manifest);
        Ok(this)
    }

    /// Removes what interrupted writes left in the folder of a finished run, and what lies among
    /// its path rows without belonging to them; returns what was not of the run.
    ///
    /// # Errors
    /// The errors of [`RunFolder::reopen`]; [`StoreError::Unlisted`] for a folder among the path
    /// rows, which is not removed.
    pub fn tidy(storage: Arc<dyn Storage>, folder: &Path) -> Result<Vec<Repair>, StoreError> {
        let mut this = Self::reopen(storage, folder)?;
        this.remove_unfinished_parts()?;
        Ok(this.repairs)
    }

    /// Checks that the run has the sums of its parts, from which an analysis follows.
    ///
    /// # Errors
    /// [`StoreError::StateRemoved`] if they were removed.
    pub fn require_state(&self) -> Result<(), StoreError> {
        require_state(&*self.storage, &self.layout)
    }

    /// Returns the damaged files that were found, which are made again, and the files that were
    /// removed because they are not of the run.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// Returns whether a repair in a run folder is that of a file which the simulation writes.
    #[must_use]
    pub fn is_of_a_part(folder: &Path, repair: &Repair) -> bool {
        let layout = Layout::new(folder.to_path_buf());
        let parent = repair.path.parent();
        parent == Some(&layout.state_folder()) || parent == Some(&layout.path_folder())
    }

    /// Returns the path of the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Returns the run whose results the folder holds.
    #[must_use]
    pub const fn run(&self) -> &RunId {
        &self.run
    }

    /// Returns the manifest that was found, if the run was finished and its parts are those of the
    /// plan.
    #[must_use]
    pub const fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Returns the number of times that the run was resumed.
    #[must_use]
    pub const fn resumes(&self) -> u32 {
        self.resumes
    }

    /// Returns the number of parts that an earlier attempt had finished.
    #[must_use]
    pub const fn parts_reused(&self) -> u32 {
        self.parts_reused
    }

    /// Returns the indices of the finished parts, in increasing order.
    #[must_use]
    pub fn finished_parts(&self) -> Vec<u32> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Writes one part durably; it is finished when this returns. Its state comes in pieces, which
    /// need not be in memory together; rows sorted by metric first are read back fastest. Several
    /// threads may call this at the same time.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses, [`StoreError::PartMismatch`] if part, state and
    /// plan contradict each other, [`StoreError::NotFinite`] for infinity or NaN. Parts that are
    /// finished stay finished.
    pub fn commit_part(
        &self,
        part: &OutcomePart,
        state: impl IntoIterator<Item = PartState>,
    ) -> Result<(), StoreError> {
        let mismatch = |problem| StoreError::PartMismatch { part: part.index, problem };
        let range = *self.plan.get(&part.index).ok_or_else(|| mismatch(PartProblem::Unplanned))?;
        if self.lock_finished().contains_key(&part.index) {
            return Err(mismatch(PartProblem::Finished));
        }
        let pieces = &mut state.into_iter();
        let record = commit_part(&self.storage, &self.layout, &self.run, range, part, pieces)?;
        self.lock_finished().insert(part.index, record);
        Ok(())
    }

    /// Opens all parts of the plan for reading.
    ///
    /// # Errors
    /// [`StoreError::MissingPart`] while a part is not finished.
    pub fn parts(&self) -> Result<StoredParts, StoreError> {
        self.first_parts(u32::MAX)
    }

    /// Opens the first `count` parts of the plan for reading.
    ///
    /// # Errors
    /// [`StoreError::MissingPart`] while one of these parts is not finished.
    pub fn first_parts(&self, count: u32) -> Result<StoredParts, StoreError> {
        let finished = self.lock_finished();
        if let Some(&part) =
            self.plan.range(..count).map(|(part, _)| part).find(|part| !finished.contains_key(part))
        {
            return Err(StoreError::MissingPart { part });
        }
        let records = finished.range(..count).map(|(_, record)| record.clone()).collect();
        Ok(StoredParts::new(Arc::clone(&self.storage), self.layout.clone(), records))
    }

    /// Reduces the plan to its first `count` parts and removes the files of the others.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn keep_first_parts(&mut self, count: u32) -> Result<(), StoreError> {
        self.plan.retain(|&part, _| part < count);
        self.lock_finished().retain(|&part, _| part < count);
        self.remove_unfinished_parts()
    }

    pub(crate) const fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    fn new(storage: Arc<dyn Storage>, held: Held, run: RunId, plan: &[PartRange]) -> Self {
        Self {
            storage,
            layout: held.layout,
            run,
            plan: plan.iter().map(|range| (range.part, *range)).collect(),
            finished: Mutex::default(),
            manifest: None,
            resumes: 0,
            parts_reused: 0,
            repairs: held.repairs,
            _lock: held.lock,
        }
    }

    fn lock_finished(&self) -> MutexGuard<'_, BTreeMap<u32, PartRecord>> {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_folders(&self) -> Result<(), StoreError> {
        let with_rows = self.plan.values().any(|range| range.kept_paths > 0);
        let folders =
            [Some(self.layout.state_folder()), with_rows.then(|| self.layout.path_folder())];
        for folder in folders.into_iter().flatten() {
            make_own_folder(&*self.storage, &folder)?;
        }
        // The folder, its parent and the parent of that: the names of all of them may be new.
        for folder in
            self.folder().ancestors().take(3).filter(|folder| !folder.as_os_str().is_empty())
        {
            self.storage
                .sync_folder(folder)
                .map_err(StoreError::io(Operation::SyncFolder, folder))?;
        }
        Ok(())
    }

    /// Removes the manifest unless all parts that it lists are kept.
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

    fn remove_unfinished_parts(&mut self) -> Result<(), StoreError> {
        let strangers = remove_parts_except(&*self.storage, &self.layout, &self.lock_finished())?;
        self.repairs.extend(strangers);
        Ok(())
    }

    fn write_attempts(&mut self, attempts: Attempts) -> Result<(), StoreError> {
        self.resumes = attempts.resumes;
        let path = self.layout.attempts();
        let text = serde_json::to_vec(&attempts)
            .map_err(|error| StoreError::malformed(&path, error.into()))?;
        write_whole(&self.storage, path, &text).map(drop)
    }
}
