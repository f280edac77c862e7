//! Reads the JSON Schema of the study file: the shapes that a value may have, and their rules.
//!
//! Of JSON Schema only the parts are understood that schemars derives for the types in
//! [`crate::file`].

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::file::StudyFile;
use crate::tree::Segment;
use crate::wording::{list, number as shown};

/// JSON Schema that the types of the study file derive.
pub(crate) static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| schemars::schema_for!(StudyFile).to_value());

/// Whether the format requires a whole number at `path`, counted from the root of the study.
pub(crate) fn wants_whole_number(path: &[Segment<'_>]) -> bool {
    let rules = Rules { name: "StudyFile", sweep: SweepRule::Allowed, infinite: false };
    let below = |shape: &Shape, segment: &Segment<'_>| -> Vec<Shape> {
        let schema = match segment {
            Segment::Key(key) => shape
                .properties()
                .and_then(|known| known.get(*key))
                .or_else(|| shape.schema.get("additionalProperties")),
            Segment::Index(_) => shape.schema.get("items"),
        };
        schema.map_or_else(Vec::new, |schema| Shape::of(schema, rules))
    };
    let mut shapes = Shape::of(&SCHEMA, rules);
    for segment in path {
        shapes = shapes.iter().flat_map(|shape| below(shape, segment)).collect();
    }
    shapes.iter().any(|shape| shape.is("integer")) && !shapes.iter().any(|shape| shape.is("number"))
}

/// Whether a place may hold a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SweepRule {
    /// The place may hold a sweep.
    Allowed,
    /// Places inside it may hold a sweep.
    Inside,
    /// Neither it nor a place inside it may hold a sweep.
    Forbidden,
}

/// Rules that a place inherits from the places above it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Name of the type that the place belongs to.
    pub name: &'static str,
    pub sweep: SweepRule,
    /// Whether infinity is allowed.
    pub infinite: bool,
}

/// A shape that a value may have: a schema without references or alternatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub schema: &'static Map<String, Value>,
    pub rules: Rules,
}

impl Shape {
    /// All shapes that `schema` allows: references are followed and alternatives spread out.
    pub fn of(schema: &'static Value, rules: Rules) -> Vec<Self> {
        let Some(object) = schema.as_object() else {
            return Vec::new();
        };
        let rules = rules.refined(object);
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            let name = reference.trim_start_matches("#/$defs/");
            let target = SCHEMA.get("$defs").and_then(|definitions| definitions.get(name));
            return target
                .map_or_else(Vec::new, |target| Self::of(target, Rules { name, ..rules }));
        }
        let alternatives =
            object.get("anyOf").or_else(|| object.get("oneOf")).and_then(Value::as_array);
        match alternatives {
            Some(alternatives) => {
                alternatives.iter().flat_map(|schema| Self::of(schema, rules)).collect()
            }
            None => vec![Self { schema: object, rules }],
        }
    }

    /// Whether values of the JSON type `kind` have this shape.
    pub fn is(&self, kind: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(name)) => name == kind,
            Some(Value::Array(names)) => names.iter().any(|name| name == kind),
            Some(_) | None => false,
        }
    }

    /// Whether nothing but null has this shape.
    pub fn is_null(&self) -> bool {
        self.schema.get("type").and_then(Value::as_str) == Some("null")
    }

    /// Words that a text of this shape may be; none if it may be any text.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        let one = self.schema.get("const").and_then(Value::as_str);
        let many = self
            .schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        one.into_iter().chain(many)
    }

    /// Schemas of the keys of a table.
    pub fn properties(&self) -> Option<&'static Map<String, Value>> {
        self.schema.get("properties").and_then(Value::as_object)
    }

    /// The only key of an alternative that is written `{ key = .. }`.
    pub fn tag(&self) -> Option<&'static str> {
        let mut keys = self.properties()?.keys();
        let required = self.schema.get("required").and_then(Value::as_array)?;
        keys.next().filter(|_| keys.next().is_none() && required.len() == 1).map(String::as_str)
    }

    /// A limit of numbers, such as `minimum`.
    fn limit(&self, key: &str) -> Option<f64> {
        self.schema.get(key).and_then(Value::as_f64)
    }

    /// Limits of a number of this shape.
    pub fn limits(&self) -> NumberLimits {
        let format = self.schema.get("format").and_then(Value::as_str);
        let (lowest, highest) = match format {
            Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
            Some("uint64") => (Some(0.0), Some(u64::MAX as f64)),
            Some(_) | None => (None, None), // a format of JSON Schema, not of ours
        };
        NumberLimits {
            minimum: self.limit("minimum").or(lowest),
            above: self.limit("exclusiveMinimum"),
            maximum: self.limit("maximum").or(highest),
            maximum_is_written: self.limit("maximum").is_some(),
            below: self.limit("exclusiveMaximum"),
            infinite: self.rules.infinite,
        }
    }

    /// Limits of the length of a list.
    pub fn lengths(&self) -> std::ops::RangeInclusive<usize> {
        let length = |key| self.schema.get(key).and_then(Value::as_u64).map(|limit| limit as usize);
        length("minItems").unwrap_or(0)..=length("maxItems").unwrap_or(usize::MAX)
    }

    /// Keys that a table must have.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        let keys = self.schema.get("required").and_then(Value::as_array);
        keys.into_iter().flatten().filter_map(Value::as_str)
    }

    /// The shape as messages name it.
    pub fn describe(&self) -> String {
        let kinds = [
            ("number", "a number"),
            ("integer", "a whole number"),
            ("array", "a list"),
            ("boolean", "true or false"),
        ];
        if let Some((_, words)) = kinds.iter().find(|(kind, _)| self.is(kind)) {
            return (*words).to_owned();
        }
        if self.is("string") {
            let words: Vec<_> = self.words().map(|word| format!("\"{word}\"")).collect();
            return if words.is_empty() { "text".to_owned() } else { words.join(", ") };
        }
        let required: Vec<&str> = self.required().collect();
        match (self.tag(), required.as_slice()) {
            (Some(tag), _) => format!("{{ {tag} = .. }}"),
            (None, []) => "a table".to_owned(),
            (None, keys) => format!("a table with {}", list(keys.iter().copied())),
        }
    }
}

impl Rules {
    /// Adds the rules of a schema to those of the places above it.
    fn refined(self, schema: &Map<String, Value>) -> Self {
        let sweep = match (self.sweep, schema.get("x-sweep")) {
            (SweepRule::Forbidden, _) | (_, Some(Value::Bool(false))) => SweepRule::Forbidden,
            (_, Some(Value::String(_))) => SweepRule::Inside,
            (rule, _) => rule,
        };
        let infinite = self.infinite || schema.get("x-infinite") == Some(&Value::Bool(true));
        Self { sweep, infinite, ..self }
    }

    /// Rules for the places inside a place.
    pub fn inner(self) -> Self {
        let sweep = if self.sweep == SweepRule::Inside { SweepRule::Allowed } else { self.sweep };
        Self { sweep, ..self }
    }
}

/// Limits of a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct NumberLimits {
    minimum: Option<f64>,
    /// Limit that the number must be strictly above.
    above: Option<f64>,
    maximum: Option<f64>,
    /// Whether the study format gives the maximum, not only the width of the integer.
    maximum_is_written: bool,
    /// Limit that the number must be strictly below.
    below: Option<f64>,
    infinite: bool,
}

impl NumberLimits {
    /// Whether a number is within the limits.
    pub fn contain(&self, number: f64) -> bool {
        self.minimum.is_none_or(|limit| number >= limit)
            && self.maximum.is_none_or(|limit| number <= limit)
            && self.above.is_none_or(|limit| number > limit)
            && self.below.is_none_or(|limit| number < limit)
            && !number.is_nan()
            && (self.infinite || !number.is_infinite())
    }

    /// The limits in words, for a number outside them. The width of an integer is named only to
    /// those who exceed it.
    pub fn words(&self, number: f64, integer: bool) -> String {
        let maximum = self.maximum.filter(|limit| self.maximum_is_written || number > *limit);
        let shown = |limit: f64| if integer { format!("{limit:.0}") } else { shown(limit) };
        let mut words: Vec<String> = match (self.minimum, maximum) {
            (Some(minimum), Some(maximum)) => {
                vec![format!("from {} to {}", shown(minimum), shown(maximum))]
            }
            (minimum, maximum) => {
                let limits = [
                    ("at least", minimum),
                    ("above", self.above),
                    ("at most", maximum),
                    ("below", self.below),
                ];
                let word = |(word, limit): &(&str, Option<f64>)| {
                    limit.map(|limit| format!("{word} {}", shown(limit)))
                };
                limits.iter().filter_map(word).collect()
            }
        };
        let is_bounded =
            (self.minimum.or(self.above)).is_some() && (maximum.or(self.below)).is_some();
        if !self.infinite && !integer && !is_bounded {
            words.push("finite".to_owned());
        }
        if number.is_nan() {
            words.insert(0, "a number".to_owned());
        }
        words.join(" and ")
    }
}
