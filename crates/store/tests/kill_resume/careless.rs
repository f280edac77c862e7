//! A deliberately careless storage, the negative control of the kill tests: it must fail them.
//!
//! It skips every precaution: files get their final names at once, nothing is made durable, large
//! files are written after small ones, and on resume it trusts its records instead of hashing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use corridor_store::digest::Digest;
use corridor_store::storage::{Disk, Entry, EntryKind, LockGuard, Storage, StorageFile};
use corridor_store::stored_bytes::StoredBytes;

/// Number of files held back before any of them is written.
const WRITE_BEHIND: usize = 6;

type Behind = Arc<Mutex<Vec<(PathBuf, Vec<u8>)>>>;

#[derive(Default)]
pub struct Careless {
    behind: Behind,
}

impl Careless {
    fn settle(&self) -> io::Result<()> {
        for (path, bytes) in self.behind.lock().unwrap().drain(..) {
            std::fs::write(path, bytes)?;
        }
        Ok(())
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        self.settle().unwrap();
    }
}

/// Removes the leading dot, the random number and `.tmp` from the name of a file.
fn final_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap().to_str().unwrap();
    let inner = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp"));
    match inner.and_then(|name| name.rsplit_once('.')) {
        Some((name, _)) => path.with_file_name(name),
        None => path.to_path_buf(),
    }
}

impl Storage for Careless {
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Disk.create_folder(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>> {
        let path = final_name(file);
        Ok(Box::new(CarelessFile { path, bytes: Vec::new(), behind: Arc::clone(&self.behind) }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        assert_eq!(final_name(from), to);
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.settle()?;
        Disk.remove(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.remove_folder(folder)
    }

    fn remove_abandoned(&self, file: &Path) -> io::Result<()> {
        Disk.remove_abandoned(file)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        Disk.list(folder)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        Disk.kind(path)
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn StoredBytes>> {
        self.settle()?;
        Disk.open(file)
    }

    fn lock(&self, file: &Path) -> io::Result<Option<LockGuard>> {
        Disk.lock(file)
    }

    fn digest(&self, file: &Path, bytes: &dyn StoredBytes) -> io::Result<Digest> {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let number = stem.rsplit_once('-').map(|(_, number)| number);
        let record = number.map(|number| {
            file.parent().unwrap().with_file_name("state").join(format!("part-{number}.json"))
        });
        let text = record.and_then(|record| std::fs::read_to_string(record).ok());
        match text.and_then(|text| recorded(&text, file)) {
            Some(digest) => Ok(digest),
            None => Digest::of(bytes),
        }
    }
}

fn recorded(text: &str, file: &Path) -> Option<Digest> {
    let record: serde_json::Value = serde_json::from_str(text).ok()?;
    let part = record.get("part")?;
    let state = part.get("state")?.as_array()?;
    let found = state.iter().chain(part.get("path_rows")).find(|entry| {
        entry.get("file").and_then(|name| name.as_str()).is_some_and(|name| file.ends_with(name))
    })?;
    serde_json::from_value(found.clone()).ok()
}

struct CarelessFile {
    path: PathBuf,
    bytes: Vec<u8>,
    behind: Behind,
}

impl io::Write for CarelessFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StorageFile for CarelessFile {
    fn sync(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        if self.path.extension().is_some_and(|ending| ending == "json") {
            return std::fs::write(&self.path, bytes);
        }
        let mut behind = self.behind.lock().unwrap();
        behind.push((self.path.clone(), bytes));
        if behind.len() >= WRITE_BEHIND {
            for (path, bytes) in behind.drain(..) {
                std::fs::write(path, bytes)?;
            }
        }
        Ok(())
    }
}
