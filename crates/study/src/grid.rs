//! Reads a study's tree in one corner of its sweeps.

use crate::sweep::Sweep;
use crate::tree::{Item, Node, Path, Segment, Span};

/// Index of the alternative that a corner takes of every sweep, by sweep number.
pub(crate) type Choice = Vec<usize>;

/// A tree and the sweeps that were taken out of it.
#[derive(Debug)]
pub(crate) struct Grid {
    pub root: Node,
    pub sweeps: Vec<Sweep>,
    /// Whether every value fits its type; one that does not is reported.
    pub sound: bool,
}

impl Grid {
    /// The value at `node` in a corner: a sweep is replaced by the alternative chosen.
    pub fn resolve<'a>(&'a self, node: &'a Node, choice: &Choice) -> &'a Node {
        match node.item {
            Item::Sweep(number) => {
                let place = choice.get(number).copied().unwrap_or(0);
                self.sweeps
                    .get(number)
                    .and_then(|sweep| sweep.alternatives.get(place))
                    .unwrap_or(node)
            }
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Text(_)
            | Item::Array(_)
            | Item::Table(_)
            | Item::Unreadable => node,
        }
    }

    /// The node at `path` in a corner, if the file has it.
    pub fn find(&self, path: &[Segment<'_>], choice: &Choice) -> Option<&Node> {
        let (node, _, complete) = self.walk(path, choice);
        complete.then_some(node)
    }

    /// Place of `path` in the file, or of the deepest part of it that the file has.
    pub fn span(&self, path: &Path<'_>, choice: &Choice) -> Span {
        self.span_of(&path.segments(), choice)
    }

    /// Place of a path given as a list of segments, or of the deepest part of it that the file has.
    pub fn span_of(&self, path: &[Segment<'_>], choice: &Choice) -> Span {
        self.walk(path, choice).1
    }

    /// Walks down to `path`: the last node found, its place, and whether it is that of `path`.
    fn walk<'a>(&'a self, path: &[Segment<'_>], choice: &Choice) -> (&'a Node, Span, bool) {
        let mut node = &self.root;
        let mut span = node.span;
        for segment in path {
            let next = match *segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.elements().and_then(|elements| elements.get(index)),
            };
            let Some(next) = next else {
                // a value that comes from a preset or the catalogue has the place of their name
                let named = node.get("use").or_else(|| node.get("preset"));
                return (node, named.map_or(span, |named| named.span), false);
            };
            node = self.resolve(next, choice);
            span = node.span;
        }
        (node, span, true)
    }
}
