//! Reads a study with misspelt keys as it was meant, so that what else is wrong is found in the same pass.
//!
//! The study is refused all the same: the keys are reported as errors where they are found.

use crate::tree::{Entry, Item, Node, Span};

/// A key that its table does not have, by its place, and the key that was meant, if one is near.
#[derive(Clone, Debug)]
pub(crate) struct Misspelt {
    pub key_span: Span,
    pub meant: Option<String>,
}

/// Renames the keys to what was meant, where that is known and not there already, and drops the others.
pub(crate) fn mend(node: &mut Node, keys: &[Misspelt]) {
    match &mut node.item {
        Item::Array(nodes) => nodes.iter_mut().for_each(|node| mend(node, keys)),
        Item::Table(entries) => {
            entries.iter_mut().for_each(|entry| mend(&mut entry.node, keys));
            mend_table(entries, keys);
        }
        Item::Boolean(_) | Item::Integer(_) | Item::Float(_) | Item::Text(_) | Item::Sweep(_) => {}
    }
}

fn mend_table(entries: &mut Vec<Entry>, keys: &[Misspelt]) {
    for slot in (0..entries.len()).rev() {
        let Some(misspelt) = keys.iter().find(|key| key.key_span == entries[slot].key_span) else { continue };
        match &misspelt.meant {
            Some(meant) if entries.iter().all(|entry| entry.key != *meant) => entries[slot].key.clone_from(meant),
            _ => {
                entries.remove(slot);
            }
        }
    }
}
