//! Finds entries among the path rows that the run did not write, but that readers of the whole
//! folder would take for rows.

use std::path::{Path, PathBuf};

use crate::absent::list_or_empty;
use crate::error::StoreError;
use crate::layout::{Layout, is_part_file};
use crate::storage::{Entry, EntryKind, Storage};

/// Lists the entries of `fact_path/` that are not among the listed files and that some reader
/// would read: Parquet files under any name, links, and folders, which readers look into.
pub(crate) fn unlisted(
    storage: &dyn Storage,
    layout: &Layout,
    is_listed: impl Fn(&Path) -> bool,
) -> Result<Vec<(PathBuf, EntryKind)>, StoreError> {
    let folder = layout.path_folder();
    let entries = list_or_empty(storage, &folder)?.into_iter();
    let found = entries.filter(is_read).map(|entry| (folder.join(&entry.name), entry.kind));
    Ok(found.filter(|(path, _)| !is_listed(path)).collect())
}

/// Whether some reader of the folder reads the entry. Readers pass over hidden folders and links.
fn is_read(entry: &Entry) -> bool {
    let name = entry.text();
    let is_hidden = name.starts_with(['.', '_']);
    is_part_file(&name)
        || name.to_ascii_lowercase().ends_with(".parquet")
        || (entry.kind != EntryKind::File && !is_hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_under_any_name_links_and_folders_are_read_and_notes_are_not() {
        let read = |name: &str, kind| is_read(&Entry { name: name.into(), kind });
        for name in ["part-00000.parquet", "copy.parquet", "COPY.PARQUET", ".x.parquet"] {
            assert!(read(name, EntryKind::File), "{name}");
        }
        assert!(read("more", EntryKind::Folder) && read("more", EntryKind::Link));
        for name in ["notes.txt", ".part-00000.parquet.0.tmp", ".DS_Store"] {
            assert!(!read(name, EntryKind::File), "{name}");
        }
        assert!(!read(".cache", EntryKind::Folder) && !read("_delta_log", EntryKind::Folder));
    }
}
