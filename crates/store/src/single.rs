//! Writes tables and texts that belong to no run: each whole or absent.

use std::path::Path;
use std::sync::Arc;

use corridor_tables::Table;
use corridor_tables::column::TableRow;

use crate::error::{Operation, StoreError};
use crate::pending::PendingFile;
use crate::schema::RunId;
use crate::small_file::{sync_folder_of, write_whole};
use crate::storage::Storage;
use crate::table_write::write_rows;

/// Writes a table into `folder`, which is made if it is not there, under the table's own name.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::NotFinite`], [`StoreError::BadColumn`].
pub fn write_table<R: TableRow>(
    storage: &Arc<dyn Storage>,
    folder: &Path,
    run: &RunId,
    table: Table<R>,
) -> Result<(), StoreError> {
    storage.create_folder(folder).map_err(StoreError::io(Operation::CreateFolder, folder))?;
    let target = folder.join(format!("{}.parquet", R::TABLE));
    let written = write_rows(PendingFile::create(storage, target.clone())?, run, [table])?;
    written.file.publish()?;
    sync_folder_of(storage, &target)
}

/// Writes a text into `folder`, which is made if it is not there.
///
/// # Errors
/// [`StoreError::Io`].
pub fn write_text(
    storage: &Arc<dyn Storage>,
    folder: &Path,
    name: &str,
    text: &str,
) -> Result<(), StoreError> {
    storage.create_folder(folder).map_err(StoreError::io(Operation::CreateFolder, folder))?;
    let target = folder.join(name);
    write_whole(storage, target.clone(), text.as_bytes())?;
    sync_folder_of(storage, &target)
}
