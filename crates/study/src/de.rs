//! Reads a corner of a study's tree into the types of the study file.

use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};

use crate::grid::{Choice, Grid};
use crate::tree::{Entry, Item, Node, Sources, Span};

/// A value that does not fit its type. The check of the structure comes first, so a misfit is a gap
/// in it.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub message: String,
    pub span: Option<Span>,
}

/// Reads the value at `node` in a corner.
///
/// # Errors
/// The place and the reason of a value that does not fit.
pub(crate) fn read<'a, T: Deserialize<'a>>(
    grid: &'a Grid,
    node: &'a Node,
    choice: &'a Choice,
) -> Result<T, Misfit> {
    T::deserialize(Value { grid, node: grid.resolve(node, choice), choice })
}

/// Reads a text of our own, which has no sweeps: the file of a preset, an entry of the catalogue.
///
/// # Errors
/// The first fault of the syntax, or the reason of a value that does not fit; tests exclude both.
pub(crate) fn read_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let root = Sources::default().parse("", text).map_err(|faults| {
        faults.into_iter().next().map_or_else(String::new, |fault| fault.message)
    })?;
    let grid = Grid { root, sweeps: Vec::new(), sound: true };
    read(&grid, &grid.root, &Choice::new()).map_err(|misfit| misfit.message)
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None }
    }
}

#[derive(Clone, Copy)]
struct Value<'a> {
    grid: &'a Grid,
    node: &'a Node,
    choice: &'a Choice,
}

impl<'a> Value<'a> {
    fn at(self, node: &'a Node) -> Self {
        Self { node: self.grid.resolve(node, self.choice), ..self }
    }

    fn elements(
        self,
        nodes: &'a [Node],
    ) -> SeqDeserializer<impl Iterator<Item = Value<'a>>, Misfit> {
        SeqDeserializer::new(nodes.iter().map(move |node| self.at(node)))
    }

    fn entries(
        self,
        entries: &'a [Entry],
    ) -> MapDeserializer<'a, impl Iterator<Item = (&'a str, Value<'a>)>, Misfit> {
        MapDeserializer::new(
            entries.iter().map(move |entry| (entry.key.as_str(), self.at(&entry.node))),
        )
    }

    fn located(self, error: Misfit) -> Misfit {
        Misfit { span: error.span.or(Some(self.node.span)), ..error }
    }
}

impl<'a> IntoDeserializer<'a, Misfit> for Value<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'a> de::Deserializer<'a> for Value<'a> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let read = match &self.node.item {
            Item::Boolean(truth) => visitor.visit_bool(*truth),
            Item::Integer(integer) => match (i64::try_from(*integer), u64::try_from(*integer)) {
                (Ok(integer), _) => visitor.visit_i64(integer),
                (Err(_), Ok(integer)) => visitor.visit_u64(integer),
                (Err(_), Err(_)) => visitor.visit_f64(*integer as f64),
            },
            Item::Float(number) => visitor.visit_f64(*number),
            Item::Text(text) => visitor.visit_borrowed_str(text),
            Item::Array(nodes) => visitor.visit_seq(self.elements(nodes)),
            Item::Table(entries) => visitor.visit_map(self.entries(entries)),
            Item::Sweep(_) => Err(de::Error::custom("a sweep was left in the tree")),
            Item::Unreadable => Err(de::Error::custom("a value does not fit its type")),
        };
        read.map_err(|error| self.located(error))
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let read = match &self.node.item {
            Item::Text(text) => visitor.visit_enum(StrDeserializer::new(text)),
            Item::Table(entries) => {
                visitor.visit_enum(de::value::MapAccessDeserializer::new(self.entries(entries)))
            }
            Item::Boolean(_)
            | Item::Integer(_)
            | Item::Float(_)
            | Item::Array(_)
            | Item::Sweep(_)
            | Item::Unreadable => {
                Err(de::Error::custom("a word or a table with one key is needed"))
            }
        };
        read.map_err(|error| self.located(error))
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
