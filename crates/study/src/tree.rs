//! Holds a study as a tree of values, each with the place where it was written.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Id, Place, Severity};
use crate::slips::{Slip, open_bracket, slip};

/// Largest size of a study file, in bytes: a study of 4,096 policies written out, each with 4 KiB.
pub(crate) const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Largest number of values and lines of a study file: 128 for each of 4,096 policies, which is what
/// a rule with four searched numbers takes. It bounds the memory that a tree takes.
pub(crate) const FILE_VALUES_MAX: usize = 512 * 1024;

/// Largest size of a text, in bytes, that is searched for more than its first syntax error. A large
/// text may have an error at every byte.
const SEARCHED_BYTES_MAX: usize = 32 * 1024;

/// Number of syntax errors reported at once; later ones mostly follow from the first.
const SYNTAX_ERRORS_SHOWN: usize = 20;

/// Texts that a tree was read from: the study file, then overrides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    texts: Vec<(String, String)>,
}

/// A range of bytes in one of the [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    source: u32,
    start: u32,
    end: u32,
}

/// A value and the place where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub item: Item,
}

/// A TOML value; dates are kept as text, tables in the order of the file.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
    /// Number of a sweep that was taken out of the tree.
    Sweep(usize),
    /// A value that does not fit its type, which is reported.
    Unreadable,
}

/// A key of a table and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub key_span: Span,
    pub node: Node,
}

impl Sources {
    /// Adds a text and returns its number.
    pub fn add(&mut self, name: &str, text: &str) -> u32 {
        self.texts.push((name.to_owned(), text.to_owned()));
        self.texts.len() as u32 - 1
    }

    /// Line, column and excerpt of a span.
    pub fn place(&self, span: Span) -> Place {
        let Some((name, text)) = self.texts.get(span.source as usize) else {
            return Place::default();
        };
        place_in(name, text, span.start as usize..span.end as usize)
    }

    /// Text at a span; empty outside of the texts.
    pub fn text(&self, span: Span) -> &str {
        let text = self.texts.get(span.source as usize);
        text.and_then(|(_, text)| text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// Reads `text` as TOML into a tree.
    ///
    /// # Errors
    /// The first syntax errors, in file order.
    pub fn parse(&mut self, name: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
        let source = self.add(name, text);
        let (table, mut errors) = match DeTable::parse(text) {
            Ok(table) => (table, Vec::new()),
            Err(_) if text.len() <= SEARCHED_BYTES_MAX => DeTable::parse_recoverable(text),
            Err(first) => (Spanned::new(0..0, DeTable::new()), vec![first]),
        };
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        errors.truncate(SYNTAX_ERRORS_SHOWN);
        let mut reader = Reader { source, errors: Vec::new() };
        for error in errors {
            let (range, message) = (error.span().unwrap_or_default(), error.message().to_owned());
            reader.errors.push(SyntaxError { range, message });
        }
        let root = reader.table(0..0, table.into_inner());
        if reader.errors.is_empty() {
            return Ok(root);
        }
        reader.errors.sort_by_key(|error| error.range.start);
        Err(self.syntax_errors(source, text, reader.errors))
    }

    /// Turns errors into diagnostics. A usual slip has one diagnostic, in place of all errors that
    /// follow from it in its line.
    fn syntax_errors(&self, source: u32, text: &str, errors: Vec<SyntaxError>) -> Vec<Diagnostic> {
        let diagnostic = |place, Slip { message, hint }| Diagnostic {
            severity: Severity::Error,
            id: Id::Syntax,
            message,
            hint,
            more: None,
            place,
        };
        // everything after a bracket that is not closed is read wrongly
        let first = errors.first().map_or(0, |error| error.range.start);
        if let Some((bracket, slip)) = open_bracket(text).filter(|(at, _)| *at <= first) {
            let place = self.place(Span::new(source, bracket..bracket + 1));
            return vec![diagnostic(place, slip)];
        }
        let mut told = BTreeSet::new();
        let mut diagnostics = Vec::new();
        for error in errors {
            let place = self.place(Span::new(source, error.range));
            if told.contains(&place.line) {
                continue;
            }
            let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
            let slip = match slip(line) {
                Some(slip) if !error.message.contains(DUPLICATE) => {
                    told.insert(place.line);
                    slip
                }
                Some(_) | None => {
                    let above = text.lines().take(place.line).collect::<Vec<_>>();
                    let hint = syntax_hint(&error.message, &above, text);
                    Slip { hint, message: error.message }
                }
            };
            diagnostics.push(diagnostic(place, slip));
        }
        diagnostics
    }
}

impl Span {
    fn new(source: u32, range: Range<usize>) -> Self {
        Self { source, start: range.start as u32, end: range.end as u32 }
    }
}

/// Line, column and excerpt of a range of `text`, which may end anywhere, also inside a character.
pub(crate) fn place_in(name: &str, text: &str, range: Range<usize>) -> Place {
    const BEFORE: usize = 100;
    const AFTER: usize = 160;
    let start = floor_boundary(text, range.start.min(text.len()));
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |newline| start + newline);
    let end = floor_boundary(text, range.end.clamp(start, line_end));
    let from =
        if start - line_start > BEFORE { floor_boundary(text, start - BEFORE) } else { line_start };
    let to = floor_boundary(text, line_end.min(start + AFTER));
    let end = end.min(to).max((start + 1).min(to));
    let end = if text.is_char_boundary(end) { end } else { to };
    Place {
        file: name.to_owned(),
        line: text[..start].bytes().filter(|&byte| byte == b'\n').count() + 1,
        column: text[line_start..start].chars().count() + 1,
        excerpt: text[from..to].to_owned(),
        start: start - from,
        end: end - from,
    }
}

/// The last character boundary at or before `at`.
fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The message of a number that no float can hold.
const TOO_LARGE_NUMBER: &str = "the number is too large";

/// Words of the parser where a key stands twice.
const DUPLICATE: &str = "duplicate key";

/// The way out of a syntax error in a text; the lines up to its own are given.
fn syntax_hint(message: &str, above: &[&str], text: &str) -> String {
    if message.contains(DUPLICATE) {
        let line = above.last().copied().unwrap_or_default();
        return list_of_tables(line, text).or_else(|| another_table(above)).unwrap_or_else(|| {
            "write every key of a table once: leave one out, or give it another name".to_owned()
        });
    }
    let hint = if message == TOO_LARGE_NUMBER {
        "write a number below 1e308, or `inf` where infinity is meant"
    } else {
        "write TOML 1.0: `key = value`, text in quotes, tables as `[name]`"
    };
    hint.to_owned()
}

/// Returns the hint for a policy or a cash flow, which are lists of tables, that has single brackets
/// in `line` or in another line of the text.
fn list_of_tables(line: &str, text: &str) -> Option<String> {
    let name = line.trim().trim_matches(['[', ']']);
    ["policy", "account.flow"].contains(&name).then_some(())?;
    let single = format!("[{name}]");
    let place = text.lines().position(|line| line.trim() == single)? + 1;
    Some(format!("write `[[{name}]]`, with two brackets, in line {place}: there may be several"))
}

/// Returns the hint for a key that stands twice in a table of a list: the line that begins another
/// one may have been left out.
fn another_table(above: &[&str]) -> Option<String> {
    let header = above.iter().rev().map(|line| line.split('#').next().unwrap_or_default().trim());
    let header = header.into_iter().find(|line| line.starts_with('['))?;
    header
        .starts_with("[[")
        .then(|| format!("write `{header}` above the first key of another one, or every key once"))
}

/// A range of a text that is not TOML.
struct SyntaxError {
    range: Range<usize>,
    message: String,
}

/// Reads TOML values into a tree.
struct Reader {
    source: u32,
    errors: Vec<SyntaxError>,
}

impl Reader {
    fn table(&mut self, span: Range<usize>, table: DeTable<'_>) -> Node {
        let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
            let key_span = Span::new(self.source, key.span());
            let key: std::borrow::Cow<'_, str> = key.into_inner();
            Entry { key: key.into_owned(), key_span, node: self.node(value) }
        };
        let mut entries: Vec<Entry> = table.into_iter().map(entry).collect();
        // the order of the file, whatever the order of the map
        entries.sort_by_key(|entry| entry.key_span.start);
        Node { span: Span::new(self.source, span), item: Item::Table(entries) }
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let span = value.span();
        let item = match value.into_inner() {
            DeValue::String(text) => Item::Text(text.into_owned()),
            DeValue::Integer(integer) => {
                match i128::from_str_radix(integer.as_str(), integer.radix()) {
                    Ok(integer) => Item::Integer(integer),
                    Err(_) => self.bad_number(&span),
                }
            }
            DeValue::Float(float) => match float.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() || float.as_str().contains(['i', 'n']) => {
                    Item::Float(number)
                }
                Ok(_) | Err(_) => self.bad_number(&span),
            },
            DeValue::Boolean(truth) => Item::Boolean(truth),
            DeValue::Datetime(date) => Item::Text(date.to_string()),
            DeValue::Array(values) => {
                Item::Array(values.into_iter().map(|value| self.node(value)).collect())
            }
            DeValue::Table(table) => return self.table(span, table),
        };
        Node { span: Span::new(self.source, span), item }
    }

    fn bad_number(&mut self, span: &Range<usize>) -> Item {
        let message = TOO_LARGE_NUMBER.to_owned();
        self.errors.push(SyntaxError { range: span.clone(), message });
        Item::Integer(0)
    }
}

impl Node {
    /// Value of `key`, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Entry of `key`, if this is a table that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    /// Entries, if this is a table.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.item {
            Item::Table(entries) => Some(entries),
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Text(_)
            | Item::Array(_)
            | Item::Sweep(_)
            | Item::Unreadable => None,
        }
    }

    /// Elements, if this is an array.
    pub fn elements(&self) -> Option<&[Self]> {
        match &self.item {
            Item::Array(nodes) => Some(nodes),
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Text(_)
            | Item::Table(_)
            | Item::Sweep(_)
            | Item::Unreadable => None,
        }
    }

    /// Text, if this is text.
    pub fn text(&self) -> Option<&str> {
        match &self.item {
            Item::Text(text) => Some(text),
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Array(_)
            | Item::Table(_)
            | Item::Sweep(_)
            | Item::Unreadable => None,
        }
    }

    /// Number, if this is one.
    pub fn number(&self) -> Option<f64> {
        match self.item {
            Item::Integer(integer) => Some(integer as f64),
            Item::Float(number) => Some(number),
            Item::Boolean(_)
            | Item::Text(_)
            | Item::Array(_)
            | Item::Table(_)
            | Item::Sweep(_)
            | Item::Unreadable => None,
        }
    }
}

impl Item {
    /// Kind of the value, as messages name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Boolean(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
            Self::Sweep(_) => "a sweep",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A place in the tree by keys and indices, built on the stack while walking down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

/// One step down the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// A key of the root table.
    pub const fn root(key: &'a str) -> Self {
        Self { parent: None, segment: Segment::Key(key) }
    }

    /// A key below this place.
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self { parent: Some(self), segment: Segment::Key(key) }
    }

    /// An element of the list at this place.
    pub const fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), segment: Segment::Index(index) }
    }

    /// All steps from the root.
    pub fn segments(&self) -> Vec<Segment<'a>> {
        let mut segments = self.parent.map_or_else(Vec::new, Self::segments);
        segments.push(self.segment);
        segments
    }
}

/// `policy[3].trigger.outside.absolute`
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Key(key) if self.parent.is_none() => f.write_str(key),
            Segment::Key(key) => write!(f, ".{key}"),
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_line_column_and_excerpt() {
        let place = place_in("f", "a = 1\nbé = 22\n", 12..14);
        assert_eq!((place.line, place.column, &*place.excerpt), (2, 6, "bé = 22"));
        assert_eq!(&place.excerpt[place.start..place.end], "22");
    }

    #[test]
    fn a_place_survives_ranges_beyond_the_text_and_inside_a_character() {
        for text in ["", "é", "a\n", "\n\n", &"é".repeat(1000)] {
            for start in 0..text.len() + 2 {
                let place = place_in("f", text, start..start + 1);
                assert!(place.excerpt.get(place.start..place.end).is_some(), "{text:?} {start}");
            }
        }
    }
}
