//! Identifies the content of a file by its length and BLAKE3 hash.

use std::io;

use serde::{Deserialize, Serialize};

use crate::stored_bytes::StoredBytes;

/// Length and hash of the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 hash in hex.
    pub blake3: String,
}

/// Number of bytes read at a time while hashing.
const CHUNK: usize = 1 << 18;

impl Digest {
    /// Reads a whole file and hashes it.
    ///
    /// # Errors
    /// The error of the operating system.
    pub fn of(file: &dyn StoredBytes) -> io::Result<Self> {
        let mut hasher = Digester::default();
        let mut chunk = vec![0; CHUNK];
        let mut offset = 0;
        while offset < file.bytes() {
            let left = usize::try_from(file.bytes() - offset).unwrap_or(usize::MAX);
            let chunk = &mut chunk[..left.min(CHUNK)];
            file.read_at(offset, chunk)?;
            hasher.update(chunk);
            offset += chunk.len() as u64;
        }
        Ok(hasher.finish())
    }
}

/// Hashes bytes while they are written.
#[derive(Default)]
pub(crate) struct Digester {
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Digester {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn finish(&self) -> Digest {
        Digest { bytes: self.bytes, blake3: self.hasher.finalize().to_hex().to_string() }
    }
}
