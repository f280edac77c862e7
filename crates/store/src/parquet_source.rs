//! Lets the Parquet reader read through the file access of the store, and turns its panics on
//! damaged bytes into errors.

use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::error::{Malformation, Operation, StoreError};
use crate::pending::IoFailure;
use crate::stored_bytes::StoredBytes;

/// A Parquet file opened for reading.
#[derive(Clone)]
pub(crate) struct ParquetSource {
    path: PathBuf,
    file: Arc<dyn StoredBytes>,
    failure: IoFailure,
}

impl ParquetSource {
    /// Reads from an open file, whose hash has been checked.
    pub(crate) fn of(file: Box<dyn StoredBytes>, path: PathBuf) -> Self {
        Self { path, file: file.into(), failure: IoFailure::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a piece of reading. A panic of the Parquet reader becomes an error, and a failed read
    /// of the disk is reported as such.
    pub(crate) fn guard<T>(
        &self,
        read: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = catch_unwind(AssertUnwindSafe(read))
            .unwrap_or_else(|_| Err(StoreError::malformed(&self.path, Malformation::Panic)));
        match self.failure.take() {
            Some(cause) if result.is_err() => {
                Err(StoreError::Io { operation: Operation::Read, path: self.path.clone(), cause })
            }
            Some(_) | None => result,
        }
    }

    /// Makes the error for a message of the Parquet reader.
    pub(crate) fn refused(&self, reason: &dyn std::fmt::Display) -> StoreError {
        StoreError::malformed(&self.path, Malformation::Parquet(reason.to_string()))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, buffer).map_err(|cause| self.failure.keep(cause))
    }
}

impl Length for ParquetSource {
    fn len(&self) -> u64 {
        self.file.bytes()
    }
}

impl ChunkReader for ParquetSource {
    type T = BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::new(ReadFrom { source: self.clone(), offset: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A damaged footer may ask for any length: check it before allocating.
        if start.checked_add(length as u64).is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} lie beyond the end")));
        }
        let mut bytes = vec![0; length];
        self.read_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads sequentially from an offset.
pub(crate) struct ReadFrom {
    source: ParquetSource,
    offset: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.offset);
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.source.read_at(self.offset, &mut buffer[..length])?;
        self.offset += length as u64;
        Ok(length)
    }
}
