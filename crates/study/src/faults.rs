//! Reads a study with faults of structure as far as it can be read, so that what else is wrong is
//! found in the same pass.
//!
//! The study is refused all the same: every fault is reported as an error where it is found.

use std::collections::BTreeSet;

use crate::tree::{Entry, Item, Node, Span};

/// What does not fit the types of the study file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub keys: Vec<Misspelt>,
    /// Values of a wrong kind or outside their limits.
    pub values: BTreeSet<Span>,
}

/// A key that its table does not have, by its place, and the key that was meant, if one is near.
#[derive(Clone, Debug)]
pub(crate) struct Misspelt {
    pub key_span: Span,
    pub meant: Option<String>,
}

impl Faults {
    /// Renames misspelt keys to what was meant, where that is known and not there already, and
    /// drops the others; makes values unreadable that do not fit, and with them the table they
    /// belong to.
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
