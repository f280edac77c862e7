//! Mends a tree with faults of structure, so that the rest of the study can be checked in the same
//! pass.
//!
//! Every fault is reported as an error where it is found, so the study is refused anyway.

use std::collections::BTreeSet;

use crate::tree::{Entry, Item, Node, Span};

/// Keys and values of a tree that do not fit the types of the study file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub keys: Vec<Misspelt>,
    /// Places of values of a wrong kind or outside their limits.
    pub values: BTreeSet<Span>,
}

/// Place of a key that its table does not have, and the key that was meant, if one is near.
#[derive(Clone, Debug)]
pub(crate) struct Misspelt {
    pub key_span: Span,
    pub meant: Option<String>,
}

impl Faults {
    /// Mends a tree. A misspelt key is renamed to the key that was meant, or dropped if that is
    /// unknown or already there. A value that does not fit becomes unreadable, and with it its
    /// table.
    pub fn mend(&self, node: &mut Node) {
        if self.values.contains(&node.span) {
            node.item = Item::Unreadable;
        }
        match &mut node.item {
            Item::Array(nodes) => nodes.iter_mut().for_each(|node| self.mend(node)),
            Item::Table(entries) => {
                entries.iter_mut().for_each(|entry| self.mend(&mut entry.node));
                self.mend_keys(entries);
            }
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Text(_)
            | Item::Sweep(_)
            | Item::Unreadable => {}
        }
    }

    fn mend_keys(&self, entries: &mut Vec<Entry>) {
        for slot in (0..entries.len()).rev() {
            let Some(misspelt) =
                self.keys.iter().find(|key| key.key_span == entries[slot].key_span)
            else {
                continue;
            };
            match &misspelt.meant {
                Some(meant) if entries.iter().all(|entry| entry.key != *meant) => {
                    entries[slot].key.clone_from(meant)
                }
                _ => {
                    entries.remove(slot);
                }
            }
        }
    }
}
