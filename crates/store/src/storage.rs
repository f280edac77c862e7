//! Accesses the disk, as the only module of the store, behind a small trait that lets tests fail
//! every call.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::{self, File, FileType, Metadata, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::digest::Digest;
use crate::stored_bytes::{Stamp, StoredBytes};

/// The operations that the store needs of a file system.
pub trait Storage: Send + Sync {
    /// Creates a folder and its parents unless they exist; returns those that were created.
    ///
    /// # Errors
    /// The error of the operating system.
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Creates a file under a name that nothing has, not even a link, and holds it until closed.
    ///
    /// # Errors
    /// `AlreadyExists` if something has the name; else the error of the operating system.
    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>>;

    /// Gives a file another name in its folder, replacing a file of that name.
    ///
    /// # Errors
    /// The error of the operating system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The error of the operating system.
    fn remove(&self, file: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// The error of the operating system.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;

    /// Removes a file unless the process that created it still holds it.
    ///
    /// # Errors
    /// The error of the operating system.
    fn remove_abandoned(&self, file: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The error of the operating system.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Lists the entries of a folder, sorted by name.
    ///
    /// # Errors
    /// The error of the operating system.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// Returns the kind of what has a name; `None` if nothing has it. A link is not followed.
    ///
    /// # Errors
    /// The error of the operating system.
    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>>;

    /// Opens a regular file for reading; anything else, such as a pipe, is refused.
    ///
    /// # Errors
    /// The error of the operating system.
    fn open(&self, file: &Path) -> io::Result<Box<dyn StoredBytes>>;

    /// Locks a file, created if needed and never a link; `None` if another process holds the lock.
    ///
    /// # Errors
    /// The error of the operating system.
    fn lock(&self, file: &Path) -> io::Result<Option<LockGuard>>;

    /// Returns the length and the hash of an open file, which is given with its path.
    ///
    /// # Errors
    /// The error of the operating system.
    fn digest(&self, _path: &Path, bytes: &dyn StoredBytes) -> io::Result<Digest> {
        Digest::of(bytes)
    }
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Name within the folder.
    pub name: OsString,
    /// Kind of the entry itself: a link is not followed.
    pub kind: EntryKind,
}

/// A kind of entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, whatever it leads to.
    Link,
    /// Anything else, such as a pipe or a device.
    Other,
}

impl EntryKind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "symbolic link",
            Self::Other => "special file",
        }
    }

    pub(crate) const fn with_article(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Other => "a pipe, device or socket",
        }
    }
}

impl Entry {
    /// Returns the name as text; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.name.to_string_lossy()
    }
}

impl From<FileType> for EntryKind {
    fn from(kind: FileType) -> Self {
        if kind.is_symlink() {
            Self::Link
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_file() {
            Self::File
        } else {
            Self::Other
        }
    }
}

/// A lock that is held until it is dropped.
pub type LockGuard = Box<dyn Send + Sync>;

/// A file that is being written.
pub trait StorageFile: Write + Send {
    /// Makes the bytes durable. After a failure the file must be written anew: repeating the call
    /// does not write lost bytes.
    ///
    /// # Errors
    /// The error of the operating system.
    fn sync(&mut self) -> io::Result<()>;
}

/// The real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Storage for Disk {
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folders = folder.ancestors().filter(|folder| !folder.as_os_str().is_empty());
        let new = folders.take_while(|folder| !folder.exists()).map(Path::to_path_buf).collect();
        fs::create_dir_all(folder)?;
        Ok(new)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>> {
        let created = File::options().write(true).create_new(true).open(file)?;
        let is_taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        match created.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(is_taken()),
            // A file system without locks has no abandoned files removed either.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        // Between its creation and its lock the file may have been taken for an abandoned one.
        if is_name_of(file, &created)? { Ok(Box::new(DiskFile(created))) } else { Err(is_taken()) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir(folder)
    }

    fn remove_abandoned(&self, file: &Path) -> io::Result<()> {
        if fs::symlink_metadata(file)?.is_file() {
            let found = File::options().write(true).open(file)?;
            match found.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(()),
                Err(TryLockError::Error(cause)) => return Err(cause),
            }
            fs::remove_file(file)
        } else {
            Ok(())
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if cfg!(unix) {
            File::open(folder)?.sync_all()
        } else {
            Ok(()) // other systems cannot open a folder as a file
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            entries.push(Entry { name: entry.file_name(), kind: entry.file_type()?.into() });
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> io::Result<Option<EntryKind>> {
        match fs::symlink_metadata(path) {
            Ok(found) => Ok(Some(found.file_type().into())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    fn open(&self, file: &Path) -> io::Result<Box<dyn StoredBytes>> {
        // Asked before the file is opened, because opening a pipe waits for its other end.
        if !fs::metadata(file)?.is_file() {
            return Err(not_regular());
        }
        let file = File::open(file)?;
        let metadata = file.metadata()?;
        let stamp = stamp(&metadata);
        Ok(Box::new(DiskBytes { file: Mutex::new(file), bytes: metadata.len(), stamp }))
    }

    fn lock(&self, file: &Path) -> io::Result<Option<LockGuard>> {
        for _ in 0..LOCK_ATTEMPTS {
            let opened = match File::options().write(true).create_new(true).open(file) {
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                    match open_existing(file)? {
                        Some(existing) => existing,
                        None => continue,
                    }
                }
                created => created?,
            };
            match opened.try_lock() {
                Ok(()) if is_name_of(file, &opened)? => return Ok(Some(Box::new(opened))),
                Ok(()) => {} // another file has the name by now
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(cause)) => return Err(cause),
            }
        }
        Err(io::Error::other("its name leads to another file each time"))
    }
}

/// Number of attempts to lock a file whose name is given to other files in the meantime.
const LOCK_ATTEMPTS: u32 = 100;

/// Opens an existing regular file for writing; `None` if it was removed in the meantime.
fn open_existing(file: &Path) -> io::Result<Option<File>> {
    match Disk.kind(file)? {
        None => return Ok(None),
        Some(EntryKind::File) => {}
        Some(EntryKind::Folder | EntryKind::Link | EntryKind::Other) => return Err(not_regular()),
    }
    match File::options().write(true).open(file) {
        Ok(opened) => Ok(Some(opened)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}

/// Whether a name still leads to an open file, without a link in between.
#[cfg(unix)]
fn is_name_of(name: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (file.metadata()?, fs::symlink_metadata(name));
    match named {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Whether a name still leads to a file; other systems do not say which.
#[cfg(not(unix))]
fn is_name_of(name: &Path, _: &File) -> io::Result<bool> {
    Ok(fs::symlink_metadata(name).is_ok_and(|named| named.is_file()))
}

struct DiskFile(File);

impl Write for DiskFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl StorageFile for DiskFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

struct DiskBytes {
    file: Mutex<File>,
    bytes: u64,
    stamp: Option<Stamp>,
}

/// Returns the stamp of an open file: its place on the disk, length and time of the last change.
#[cfg(unix)]
fn stamp(metadata: &Metadata) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    Some(Stamp { file: (metadata.dev(), metadata.ino()), bytes: metadata.len(), changed })
}

/// Returns no stamp: other systems do not say which file a name leads to.
#[cfg(not(unix))]
fn stamp(_: &Metadata) -> Option<Stamp> {
    None
}

impl StoredBytes for DiskBytes {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        // Every read seeks first, so the position that a panicked reader left does not matter.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}
