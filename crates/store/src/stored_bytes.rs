//! Reads a file at any offset: the part of the file access that hashing and decoding need.

use std::io;

/// An open file of known length, read at any offset and from several threads.
pub trait StoredBytes: Send + Sync {
    /// Returns the length of the file in bytes.
    fn bytes(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// The error of the operating system; `UnexpectedEof` if the file ends before `buffer` is full.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}
