//! Fails the k-th call to the disk. Nothing is made durable, because the tests would only wait.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use corridor_store::storage::{Disk, Entry, EntryKind, LockGuard, Storage, StorageFile};
use corridor_store::stored_bytes::{Stamp, StoredBytes};

/// The behaviour of the k-th call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with this error number.
    Errno(i32),
    /// A write accepts half of its bytes and returns that number; other calls succeed.
    ShortWrite,
    /// A write is interrupted by a signal; other calls succeed.
    Interrupted,
}

/// The disk, except for one call.
pub struct Faulty {
    fault: Fault,
    at: usize,
    calls: Arc<AtomicUsize>,
}

impl Faulty {
    pub fn new(at: usize, fault: Fault) -> Self {
        Self { fault, at, calls: Arc::default() }
    }

    pub fn calls(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.calls)
    }

    fn call(&self) -> io::Result<()> {
        fail(&self.calls, self.at, self.fault)
    }
}

fn is_due(calls: &AtomicUsize, at: usize) -> bool {
    calls.fetch_add(1, Ordering::SeqCst) + 1 == at
}

fn fail(calls: &AtomicUsize, at: usize, fault: Fault) -> io::Result<()> {
    match (is_due(calls, at), fault) {
        (true, Fault::Errno(code)) => Err(io::Error::from_raw_os_error(code)),
        _ => Ok(()),
    }
}

impl Storage for Faulty {
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.call()?;
        Disk.create_folder(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>> {
        self.call()?;
        let (fault, at, calls) = (self.fault, self.at, self.calls());
        Ok(Box::new(FaultyFile { file: Disk.create(file)?, fault, at, calls }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        Disk.rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.call()?;
        Disk.remove(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.call()?;
        Disk.remove_folder(folder)
    }

    fn remove_abandoned(&self, file: &Path) -> io::Result<()> {
        self.call()?;
        Disk.remove_abandoned(file)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.call()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.call()?;
        Disk.list(folder)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        Disk.kind(path)
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn StoredBytes>> {
        self.call()?;
        let (fault, at, calls) = (self.fault, self.at, self.calls());
        Ok(Box::new(FaultyBytes { file: Disk.open(file)?, fault, at, calls }))
    }

    fn lock(&self, file: &Path) -> io::Result<Option<LockGuard>> {
        self.call()?;
        Disk.lock(file)
    }
}

struct FaultyFile {
    file: Box<dyn StorageFile>,
    fault: Fault,
    at: usize,
    calls: Arc<AtomicUsize>,
}

impl io::Write for FaultyFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match (is_due(&self.calls, self.at), self.fault) {
            (true, Fault::Errno(code)) => Err(io::Error::from_raw_os_error(code)),
            (true, Fault::ShortWrite) => self.file.write(&buffer[..buffer.len().div_ceil(2)]),
            (true, Fault::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            (false, _) => self.file.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl StorageFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        fail(&self.calls, self.at, self.fault)
    }
}

struct FaultyBytes {
    file: Box<dyn StoredBytes>,
    fault: Fault,
    at: usize,
    calls: Arc<AtomicUsize>,
}

impl StoredBytes for FaultyBytes {
    fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    fn stamp(&self) -> Option<Stamp> {
        self.file.stamp()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        fail(&self.calls, self.at, self.fault)?;
        self.file.read_at(offset, buffer)
    }
}

/// Lists the files under a folder by their paths relative to it.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_path_buf());
            }
        }
    }
    found.sort();
    found
}
