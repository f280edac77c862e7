//! Tests the foundations from outside, and the tree of the whole workspace.

mod import_circles;
mod statistical;
mod tidy;
