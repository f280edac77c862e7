//! Finds numbers that are read otherwise than a reader from another country would.

use crate::diagnostic::{Diagnostic, Id, Severity};
use crate::report::Reporter;
use crate::tree::{Item, Node};

/// Warns of numbers such as `800.000`, which is 800 here and 800 thousand elsewhere. A share of
/// `1.000` is a share everywhere.
pub(crate) fn check(node: &Node, reporter: &Reporter) {
    match &node.item {
        Item::Float(number) => {
            let written = reporter.sources.text(node.span);
            if let Some(whole) = written.strip_suffix(".000")
                && (1..=3).contains(&whole.len())
                && *number > 1.0
            {
                reporter.push(
                    node.span,
                    Diagnostic {
                        severity: Severity::Warning,
                        id: Id::Unusual,
                        message: format!("`{written}` is read as {whole}"),
                        hint: format!("write `{whole}_000` for thousands, or `{whole}`"),
                        more: None,
                        place: reporter.sources.place(node.span),
                    },
                );
            }
        }
        Item::Array(nodes) => nodes.iter().for_each(|node| check(node, reporter)),
        Item::Table(entries) => {
            entries.iter().for_each(|entry| check(&entry.node, reporter));
        }
        Item::Boolean(_) | Item::Integer(_) | Item::Text(_) | Item::Sweep(_) | Item::Unreadable => {
        }
    }
}
