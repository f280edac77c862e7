//! Looks up the return histories that a study names, and remembers what it read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use crate::plan::Input;

/// The largest history read, in bytes: a century of days of a hundred assets.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Histories of a folder, each read once.
#[derive(Debug)]
pub(crate) struct Histories<'a> {
    folder: &'a Path,
    texts: RefCell<BTreeMap<String, Result<Arc<str>, String>>>,
    /// By path: what the first market that resamples the history reads of it.
    about: RefCell<BTreeMap<String, String>>,
}

impl<'a> Histories<'a> {
    /// Histories relative to `folder`.
    pub fn new(folder: &'a Path) -> Self {
        Self { folder, texts: RefCell::default(), about: RefCell::default() }
    }

    /// The text of the history at the path `csv`, or of the copy that a run keeps in `inputs/`.
    ///
    /// # Errors
    /// The system's message if neither can be read.
    pub fn text(&self, csv: &str) -> Result<Arc<str>, String> {
        let read = || {
            let named = self.folder.join(csv);
            let copy = self.folder.join("inputs").join(name_of_copy(csv));
            read(if named.exists() || !copy.exists() { &named } else { &copy })
        };
        self.texts.borrow_mut().entry(csv.to_owned()).or_insert_with(read).clone()
    }

    /// Remembers what is read of the history at the path `csv`.
    pub fn describe(&self, csv: &str, about: impl FnOnce() -> String) {
        self.about.borrow_mut().entry(csv.to_owned()).or_insert_with(about);
    }

    /// Every history that was read.
    pub fn inputs(self) -> Vec<Input> {
        let mut about = self.about.into_inner();
        let mut input = |(csv, text): (String, Result<Arc<str>, String>)| {
            let about = about.remove(&csv).unwrap_or_default();
            Some(Input { name: name_of_copy(&csv), text: text.ok()?, about })
        };
        self.texts.into_inner().into_iter().filter_map(&mut input).collect()
    }
}

/// File name under which a run keeps its copy of the history at the path `csv`. Different paths
/// have different names, and every name is one that a file may have.
fn name_of_copy(csv: &str) -> String {
    const LONGEST: usize = 120;
    let mut name = String::new();
    for byte in csv.bytes() {
        match byte {
            b'/' => name.push('+'),
            b'-' | b'.' | b'_' => name.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    // a file system holds files of such names for temporary, and a store may remove them
    if name.starts_with('.') && name.ends_with(".tmp") {
        name.replace_range(..1, "%2E");
    }
    if name.len() > LONGEST {
        format!("{}.csv", blake3::hash(csv.as_bytes()).to_hex())
    } else {
        name
    }
}

fn read(path: &Path) -> Result<Arc<str>, String> {
    // Asked before the file is opened, because opening a pipe waits for its other end.
    if !std::fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > BYTES_MAX {
        Err(format!("it is larger than {BYTES_MAX} bytes"))
    } else {
        Ok(Arc::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read() {
        let histories = Histories::new(Path::new("/dev"));
        for name in ["null", "zero", "."] {
            let refused = histories.text(name).expect_err(name);
            assert!(refused.contains("not a regular file"), "{name}: {refused}");
        }
    }

    #[test]
    fn copies_of_different_files_have_different_names() {
        let long = "x".repeat(500);
        let paths = [
            "a/b.csv",
            "a_b.csv",
            "a+b.csv",
            "a b.csv",
            "a%20b.csv",
            "../b.csv",
            "ä.csv",
            ".x.tmp",
            "%2Ex.tmp",
            &long,
        ];
        let names: std::collections::BTreeSet<String> = paths.map(name_of_copy).into();
        assert_eq!(names.len(), paths.len(), "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 120 && !name.contains(['/', ' '])));
        assert!(!names.iter().any(|name| name.starts_with('.') && name.ends_with(".tmp")));
    }
}
