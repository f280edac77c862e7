//! Refuses characters in the texts of a study that a reader does not see, or that change how what
//! follows is shown: control characters and those that turn the direction of writing.

use corridor_tables::hidden::is_hidden;

use crate::diagnostic::Id;
use crate::report::Reporter;
use crate::tree::{Item, Node, Span};
use crate::wording::quoted;

/// Reports every key and text of a tree that has a hidden character, and removes the characters so
/// that the rest of the study can be checked.
pub(crate) fn check(root: &mut Node, reporter: &Reporter) {
    walk(root, "", reporter);
}

fn walk(node: &mut Node, path: &str, reporter: &Reporter) {
    match &mut node.item {
        Item::Text(text) => visible(text, node.span, path, reporter),
        Item::Array(nodes) => {
            for (index, node) in nodes.iter_mut().enumerate() {
                walk(node, &format!("{path}[{index}]"), reporter);
            }
        }
        Item::Table(entries) => {
            for entry in entries {
                let dot = if path.is_empty() { "" } else { "." };
                let below = format!("{path}{dot}{}", quoted(&entry.key));
                visible(&mut entry.key, entry.key_span, &below, reporter);
                walk(&mut entry.node, &below, reporter);
            }
        }
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Float(_)
        | Item::Sweep(_)
        | Item::Unreadable => {}
    }
}

/// Reports the first hidden character of a text, and removes all. Line breaks of Windows become
/// those of other systems.
fn visible(text: &mut String, span: Span, path: &str, reporter: &Reporter) {
    if text.contains("\r\n") {
        *text = text.replace("\r\n", "\n");
    }
    let Some(hidden) = text.chars().find(|c| is_hidden(*c)) else { return };
    let message = format!("`{path}` has the character U+{:04X}, which is not shown", hidden as u32);
    let hint = "delete it; beside what is shown, a text may have line breaks and tabs";
    reporter.error(span, Id::HiddenCharacter, message, hint);
    text.retain(|c| !is_hidden(c));
}
