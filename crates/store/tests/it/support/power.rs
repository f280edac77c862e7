//! Models a loss of power: knows which bytes and which names would not survive one.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use corridor_store::storage::{Disk, Entry, EntryKind, LockGuard, Storage, StorageFile};
use corridor_store::stored_bytes::StoredBytes;

/// The disk, which remembers what is not durable yet and makes nothing durable.
#[derive(Clone, Default)]
pub struct Power {
    unsafe_until_synced: Arc<Mutex<Volatile>>,
}

/// Bytes and names that a loss of power would take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Volatile {
    /// Files whose bytes are not durable.
    pub bytes: BTreeSet<PathBuf>,
    /// New names of files and folders that are not durable.
    pub names: BTreeSet<PathBuf>,
}

impl Power {
    /// Returns what a loss of power would take now.
    pub fn volatile(&self) -> Volatile {
        self.unsafe_until_synced.lock().unwrap().clone()
    }
}

impl Storage for Power {
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let new = Disk.create_folder(folder)?;
        self.unsafe_until_synced.lock().unwrap().names.extend(new.iter().cloned());
        Ok(new)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>> {
        let created = Disk.create(file)?;
        self.unsafe_until_synced.lock().unwrap().bytes.insert(file.to_path_buf());
        Ok(Box::new(PowerFile { file: created, path: file.to_path_buf(), power: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)?;
        let mut volatile = self.unsafe_until_synced.lock().unwrap();
        assert!(
            !volatile.bytes.contains(from),
            "{to:?} gets its name before its bytes are durable"
        );
        volatile.names.insert(to.to_path_buf());
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        Disk.remove(file)?;
        let mut volatile = self.unsafe_until_synced.lock().unwrap();
        volatile.bytes.remove(file);
        volatile.names.remove(file);
        Ok(())
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.remove_folder(folder)
    }

    fn remove_abandoned(&self, file: &Path) -> io::Result<()> {
        Disk.remove_abandoned(file)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut volatile = self.unsafe_until_synced.lock().unwrap();
        volatile.names.retain(|name| name.parent() != Some(folder));
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        Disk.list(folder)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        Disk.kind(path)
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn StoredBytes>> {
        Disk.open(file)
    }

    fn lock(&self, file: &Path) -> io::Result<Option<LockGuard>> {
        Disk.lock(file)
    }
}

struct PowerFile {
    file: Box<dyn StorageFile>,
    path: PathBuf,
    power: Power,
}

impl io::Write for PowerFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl StorageFile for PowerFile {
    fn sync(&mut self) -> io::Result<()> {
        self.power.unsafe_until_synced.lock().unwrap().bytes.remove(&self.path);
        Ok(())
    }
}
