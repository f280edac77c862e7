//! Writes single tables and texts outside a run folder: each is whole or absent.

use std::path::Path;
use std::sync::Arc;

use corridor_tables::Table;
use corridor_tables::column::TableRow;

use crate::error::StoreError;
use crate::obstacle::{self, make_own_folder};
use crate::pending::{PendingFile, remove_abandoned};
use crate::schema::RunId;
use crate::small_file::{sync_folder_of, write_whole};
use crate::storage::Storage;
use crate::table_write::write_rows;

/// Writes a table into a folder, which is created if needed, under the name of the table.
///
/// # Errors
/// [`StoreError::Io`] if the system refuses, [`StoreError::NotFinite`] for infinity or NaN in a
/// column that is never null, [`StoreError::BadColumn`] if a further column does not fit.
pub fn write_table<R: TableRow>(
    storage: &Arc<dyn Storage>,
    folder: &Path,
    run: &RunId,
    table: Table<R>,
) -> Result<(), StoreError> {
    obstacle::make_folder(&**storage, folder)?;
    let target = folder.join(format!("{}.parquet", R::TABLE));
    let written = write_rows(PendingFile::create(storage, target.clone())?, run, [table])?;
    written.file.publish()?;
    remove_abandoned(&**storage, &target);
    sync_folder_of(storage, &target)
}

/// Creates a folder whose name the program chose, such as that of the copies of histories.
///
/// # Errors
/// [`StoreError::InTheWay`] if something else has the name, such as a link to another folder;
/// [`StoreError::Io`] if the system refuses.
pub fn make_folder(storage: &Arc<dyn Storage>, folder: &Path) -> Result<(), StoreError> {
    make_own_folder(&**storage, folder)
}

/// Writes a text into a folder, which is created if needed.
///
/// # Errors
/// [`StoreError::Io`] if the system refuses.
pub fn write_text(
    storage: &Arc<dyn Storage>,
    folder: &Path,
    name: &str,
    text: &str,
) -> Result<(), StoreError> {
    obstacle::make_folder(&**storage, folder)?;
    let target = folder.join(name);
    write_whole(storage, target.clone(), text.as_bytes())?;
    remove_abandoned(&**storage, &target);
    Ok(())
}
