//! Feeds altered Parquet files to the decoder: it may refuse or misread them, but the process must
//! survive.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corridor_core::outcome::PathColumn;
use corridor_store::digest::Digest;
use corridor_store::error::StoreError;
use corridor_store::part::FileRecord;
use corridor_store::run_reader::RunReader;
use corridor_store::storage::{Disk, Entry, EntryKind, LockGuard, Storage, StorageFile};
use corridor_store::stored_bytes::StoredBytes;
use corridor_tables::SummaryRow;

use crate::support::{Size, quick, run};

const TINY: Size = Size { parts: 2, paths_per_part: 8 };

/// A disk that reports the recorded hash for every file, so that altered bytes reach the decoder.
struct Vouching(BTreeMap<String, Digest>);

impl Storage for Vouching {
    fn create_folder(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        Disk.create_folder(folder)
    }
    fn create(&self, file: &Path) -> io::Result<Box<dyn StorageFile>> {
        Disk.create(file)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }
    fn remove(&self, file: &Path) -> io::Result<()> {
        Disk.remove(file)
    }
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.remove_folder(folder)
    }

    fn remove_abandoned(&self, file: &Path) -> io::Result<()> {
        Disk.remove_abandoned(file)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        Disk.sync_folder(folder)
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
    fn digest(&self, file: &Path, _: &dyn StoredBytes) -> io::Result<Digest> {
        let found = self.0.iter().find(|(name, _)| file.ends_with(name));
        Ok(found.map(|(_, digest)| digest.clone()).unwrap())
    }
}

/// Keeps the expected panics of the decoder, which the store catches, out of the output.
fn silence_panics_of_this_thread() {
    let own = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != own {
            before(info);
        }
    }));
}

#[test]
fn mutated_parquet_never_ends_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = run(quick(), folder.path(), TINY, false).unwrap();
    let digests = |file: &FileRecord| {
        (file.file.clone(), Digest { bytes: file.bytes, blake3: file.blake3.clone() })
    };
    let storage: Arc<dyn Storage> = Arc::new(Vouching(manifest.files().map(digests).collect()));
    silence_panics_of_this_thread();
    let mut random = 7_u64;
    let mut next = move |below: usize| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let (mut refused, mut accepted) = (0, 0);
    for name in
        ["fact_summary.parquet", "state/counts-00000.parquet", "fact_path/part-00000.parquet"]
    {
        let path = folder.path().join(name);
        let original = std::fs::read(&path).unwrap();
        for _ in 0..700 {
            let mut bytes = original.clone();
            for _ in 0..=next(3) {
                let place = if next(2) == 0 {
                    next(bytes.len())
                } else {
                    bytes.len() - 1 - next(bytes.len() / 3)
                };
                bytes[place] = next(256) as u8;
            }
            if next(8) == 0 {
                bytes.truncate(next(bytes.len()));
            }
            std::fs::write(&path, &bytes).unwrap();
            let reader = RunReader::open(Arc::clone(&storage), folder.path()).unwrap();
            let parts = reader.parts();
            let result = reader.rows::<SummaryRow>().map(drop).and_then(|()| {
                parts.states().try_for_each(|state| state.map(drop))?;
                parts.cells()?;
                parts.read_path_columns(&[PathColumn::RuinMonth], 1..3, &mut |_| {
                    ControlFlow::Continue(())
                })
            });
            match result {
                Ok(()) => accepted += 1,
                Err(StoreError::Malformed { .. }) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
        std::fs::write(&path, &original).unwrap();
    }
    drop(std::panic::take_hook());
    assert!(
        refused > 300,
        "{refused} refused, {accepted} read as something else: that is what the hash is for"
    );
}
