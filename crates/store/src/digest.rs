//! Tells whether a file is the one that was recorded: its length and BLAKE3.

use std::io;

use serde::{Deserialize, Serialize};

use crate::stored_bytes::StoredBytes;

/// Length and BLAKE3 of a file's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Length.
    pub bytes: u64,
    /// BLAKE3 in hex.
    pub blake3: String,
}

/// Bytes read at a time while hashing.
const CHUNK: usize = 1 << 18;

impl Digest {
    /// Reads a whole file and hashes it.
    ///
    /// # Errors
    /// The system's.
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

/// Hashes bytes as they pass.
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
