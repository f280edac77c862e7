//! Reads a file at any offset: the part of the file access that hashing and decoding need.

use std::io;

/// An open file of known length, read at any offset and from several threads.
pub trait StoredBytes: Send + Sync {
    /// Returns the length of the file in bytes.
    fn bytes(&self) -> u64;

    /// Returns what tells whether the file was replaced or changed since it was last opened; `None`
    /// if the system does not say.
    fn stamp(&self) -> Option<Stamp> {
        None
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// The error of the operating system; `UnexpectedEof` if the file ends before `buffer` is full.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// Place of a file on its disk, its length and the time of its last change. A file that was
/// replaced or written to has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Number of the disk and of the file on it.
    pub file: (u64, u64),
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change in seconds and nanoseconds, as the system counts them.
    pub changed: (i64, i64),
}
