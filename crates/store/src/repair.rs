//! Names what a resumed run mends or removes in its folder.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// A file of a run folder that is made again or was removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repair {
    /// Path of the file.
    pub path: PathBuf,
    /// Reason why it is made again or was removed.
    pub cause: Cause,
}

/// Why a file of a run folder is made again or was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The bytes are not those that were recorded; the file is made again.
    Altered,
    /// The file is not there; it is made again.
    Missing,
    /// The content cannot be read; the file is made again.
    Unreadable,
    /// The file is not one of the run, but readers would have taken it for one; it was removed.
    Stranger,
    /// The file was a symbolic link, through which another file would have been opened for
    /// writing; the link was removed.
    Link,
}

impl Repair {
    pub(crate) fn new(path: &Path, cause: Cause) -> Self {
        Self { path: path.to_path_buf(), cause }
    }

    /// Returns the repair of a file that cannot be used because of an error; `None` if making the
    /// file again does not mend it.
    #[must_use]
    pub fn of(error: &StoreError) -> Option<Self> {
        let (path, cause) = match error {
            StoreError::Altered { path, .. } => (path, Cause::Altered),
            StoreError::Malformed { path, .. } | StoreError::TooLarge { path, .. } => {
                (path, Cause::Unreadable)
            }
            StoreError::Io { path, cause: system, .. } if is_absent(system) => {
                (path, Cause::Missing)
            }
            _ => return None,
        };
        Some(Self::new(path, cause))
    }
}

fn is_absent(cause: &io::Error) -> bool {
    cause.kind() == io::ErrorKind::NotFound
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match self.cause {
            Cause::Altered => "is not the file that the run recorded; it is made again",
            Cause::Missing => "is missing; it is made again",
            Cause::Unreadable => "cannot be read; it is made again",
            Cause::Stranger => "was not written by the run; it is removed",
            Cause::Link => "was a link to another place; the link is removed",
        };
        write!(f, "`{}` {done}", self.path.display())
    }
}
