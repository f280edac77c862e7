//! Checks that a tree fits the types of the study file: keys, kinds of values, words and limits,
//! each with its place.
//!
//! The yardstick is the JSON Schema derived from the types in [`crate::file`]; of JSON Schema only
//! what schemars derives for them is understood.

use std::cell::RefCell;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::diagnostic::{Hint, Id, MoreHelp};
use crate::faults::{Faults, Misspelt};
use crate::file::StudyFile;
use crate::not_yet::not_yet;
use crate::report::Reporter;
use crate::sweep;
use crate::tree::{Item, Node, Path, Segment, Span};
use crate::wording::{did_you_mean, list, nearest, number as shown, quoted};

/// The schema the types of the study file derive.
pub(crate) static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| schemars::schema_for!(StudyFile).to_value());

/// Reports every place where `root` does not fit the types, and returns those places.
pub(crate) fn check(root: &Node, reporter: &Reporter) -> Faults {
    let structure = Structure { reporter, faults: RefCell::default() };
    let schema =
        Shape::of(&SCHEMA, Rules { name: "StudyFile", sweep: SweepRule::Inside, infinite: false });
    // a TOML document is a table
    for (shape, entries) in schema.iter().zip(root.entries()) {
        structure.table(root.span, entries, shape, None);
    }
    structure.faults.into_inner()
}

/// Whether the format wants a whole number at `path`, which begins at the study's root.
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

struct Structure<'a> {
    reporter: &'a Reporter,
    faults: RefCell<Faults>,
}

/// Whether a place may hold a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SweepRule {
    Allowed,
    /// Not itself, but what it holds.
    Inside,
    Forbidden,
}

/// What a place inherits from the places above it.
#[derive(Clone, Copy, Debug)]
struct Rules {
    /// Name of the type the place belongs to.
    name: &'static str,
    sweep: SweepRule,
    infinite: bool,
}

/// One of the shapes a value may have: a schema without references or alternatives.
#[derive(Clone, Copy, Debug)]
struct Shape {
    schema: &'static Map<String, Value>,
    rules: Rules,
}

impl Shape {
    /// All shapes `schema` allows, references followed and alternatives spread out.
    fn of(schema: &'static Value, rules: Rules) -> Vec<Self> {
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

    fn is(&self, kind: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(name)) => name == kind,
            Some(Value::Array(names)) => names.iter().any(|name| name == kind),
            Some(_) | None => false,
        }
    }

    fn word(&self) -> impl Iterator<Item = &'static str> {
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

    fn properties(&self) -> Option<&'static Map<String, Value>> {
        self.schema.get("properties").and_then(Value::as_object)
    }

    /// The only key of an alternative written as `{ key = .. }`.
    fn tag(&self) -> Option<&'static str> {
        let mut keys = self.properties()?.keys();
        let required = self.schema.get("required").and_then(Value::as_array)?;
        keys.next().filter(|_| keys.next().is_none() && required.len() == 1).map(String::as_str)
    }

    fn limit(&self, key: &str) -> Option<f64> {
        self.schema.get(key).and_then(Value::as_f64)
    }

    fn describe(&self) -> String {
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
            let words: Vec<_> = self.word().map(|word| format!("\"{word}\"")).collect();
            return if words.is_empty() { "text".to_owned() } else { words.join(", ") };
        }
        let required: Vec<&str> = self
            .schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        match (self.tag(), required.as_slice()) {
            (Some(tag), _) => format!("{{ {tag} = .. }}"),
            (None, []) => "a table".to_owned(),
            (None, keys) => format!("a table with {}", list(keys.iter().copied())),
        }
    }
}

/// The hint for a key that tables of this one have.
fn deeper(
    key: &str,
    known: &'static Map<String, Value>,
    path: Option<&Path<'_>>,
) -> Option<String> {
    let rules = Rules { name: "", sweep: SweepRule::Allowed, infinite: false };
    let has = |schema| {
        Shape::of(schema, rules)
            .iter()
            .any(|shape| shape.properties().is_some_and(|properties| properties.contains_key(key)))
    };
    let holders = known
        .iter()
        .filter(|(_, schema)| has(schema))
        .map(|(name, _)| path.map_or_else(|| name.clone(), |path| format!("{path}.{name}")));
    let holders: Vec<String> = holders.collect();
    (!holders.is_empty()).then(|| {
        format!("it stands one table deeper, in {}", list(holders.iter().map(String::as_str)))
    })
}

impl Rules {
    fn refined(self, schema: &Map<String, Value>) -> Self {
        let sweep = match (self.sweep, schema.get("x-sweep")) {
            (SweepRule::Forbidden, _) | (_, Some(Value::Bool(false))) => SweepRule::Forbidden,
            (_, Some(Value::String(_))) => SweepRule::Inside,
            (rule, _) => rule,
        };
        let infinite = self.infinite || schema.get("x-infinite") == Some(&Value::Bool(true));
        Self { sweep, infinite, ..self }
    }

    /// What a place passes on to the places in it.
    fn inner(self) -> Self {
        let sweep = if self.sweep == SweepRule::Inside { SweepRule::Allowed } else { self.sweep };
        Self { sweep, ..self }
    }
}

impl Structure<'_> {
    fn value(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        if self.reporter.is_full() {
            return;
        }
        if node.get("sweep").is_some() {
            return self.sweep(node, shapes, path);
        }
        match &node.item {
            Item::Integer(_) | Item::Float(_) => self.number(node, shapes, path),
            Item::Text(text) => self.text(node.span, text, shapes, path),
            Item::Boolean(_) if shapes.iter().any(|shape| shape.is("boolean")) => {}
            Item::Array(elements) => self.list(node, elements, shapes, path),
            Item::Table(entries) => self.tables(node, entries, shapes, path),
            Item::Boolean(_) | Item::Sweep(_) | Item::Unreadable => {
                self.wrong_type(node, shapes, path)
            }
        }
    }

    /// Reports the value at `span` as one that does not fit.
    fn refuse(&self, span: Span, id: Id, message: String, hint: impl Into<Hint>) {
        self.faults.borrow_mut().values.insert(span);
        self.reporter.error(span, id, message, hint);
    }

    fn wrong_type(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        let mut expected: Vec<_> =
            shapes.iter().filter(|shape| !shape.is("null")).map(Shape::describe).collect();
        expected.dedup();
        let message =
            format!("`{path}` is {}, it must be {}", node.item.kind(), expected.join(" or "));
        let whole =
            shapes.iter().any(|shape| shape.is("integer")) && matches!(node.item, Item::Float(_));
        let number = shapes.iter().any(|shape| shape.is("number") || shape.is("integer"));
        let sweepable =
            number && shapes.iter().all(|shape| shape.rules.sweep == SweepRule::Allowed);
        let hint = match &node.item {
            Item::Float(_) if whole => {
                "write it without a point or exponent, `100_000` rather than `1e5`".to_owned()
            }
            Item::Array(_) if sweepable => {
                format!("write {}; to try several, `{{ sweep = [..] }}`", expected.join(" or "))
            }
            Item::Table(entries) if entries.iter().any(|entry| entry.key == "search") => {
                "only numbers and words of policies and signals can be searched".to_owned()
            }
            Item::Table(entries)
                if sweepable
                    && entries
                        .iter()
                        .any(|entry| nearest(&entry.key, ["sweep", "search"]).is_some()) =>
            {
                "did you mean `{ sweep = [..] }`?".to_owned()
            }
            _ => format!("write {}", expected.join(" or ")),
        };
        self.refuse(node.span, Id::WrongType, message, hint);
    }

    fn number(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        let integer = matches!(node.item, Item::Integer(_));
        let fits = |shape: &&Shape| shape.is("number") || (integer && shape.is("integer"));
        let (Some(shape), Some(number)) = (shapes.iter().find(fits), node.number()) else {
            return self.wrong_type(node, shapes, path);
        };
        let unsigned =
            shape.schema.get("format").and_then(Value::as_str).map(|format| match format {
                "uint32" => (Some(0.0), Some(f64::from(u32::MAX))),
                "uint64" => (Some(0.0), Some(u64::MAX as f64)),
                _ => (None, None), // a format of JSON Schema, not of ours
            });
        let (lowest, highest) = unsigned.unwrap_or((None, None));
        let (minimum, maximum) =
            (shape.limit("minimum").or(lowest), shape.limit("maximum").or(highest));
        let (above, below) = (shape.limit("exclusiveMinimum"), shape.limit("exclusiveMaximum"));
        let inside = minimum.is_none_or(|limit| number >= limit)
            && maximum.is_none_or(|limit| number <= limit)
            && above.is_none_or(|limit| number > limit)
            && below.is_none_or(|limit| number < limit)
            && !(shape.is("integer")
                && matches!(node.item, Item::Integer(i) if i > i128::from(u64::MAX)));
        if number.is_nan() || (number.is_infinite() && !shape.rules.infinite) || !inside {
            // The limit of the format is told to those only who go beyond it.
            let maximum =
                maximum.filter(|limit| shape.limit("maximum").is_some() || number > *limit);
            let limits =
                [("at least", minimum), ("above", above), ("at most", maximum), ("below", below)];
            let mut words: Vec<_> = limits
                .iter()
                .filter_map(|(word, limit)| {
                    limit.map(|limit| {
                        format!(
                            "{word} {}",
                            if integer { format!("{limit:.0}") } else { shown(limit) }
                        )
                    })
                })
                .collect();
            if !shape.rules.infinite && !integer {
                words.push("finite".to_owned());
            }
            if number.is_nan() {
                words.insert(0, "a number".to_owned());
            }
            let message =
                format!("`{path}` is {}, it must be {}", shown(number), words.join(" and "));
            self.refuse(
                node.span,
                Id::OutOfRange,
                message,
                format!("choose a value that is {}", words.join(" and ")),
            );
        }
    }

    fn text(&self, span: Span, text: &str, shapes: &[Shape], path: &Path<'_>) {
        let strings: Vec<_> = shapes.iter().filter(|shape| shape.is("string")).collect();
        let words: Vec<&str> = strings.iter().flat_map(|shape| shape.word()).collect();
        if strings.iter().any(|shape| shape.word().next().is_none()) || words.contains(&text) {
            return;
        }
        let later = shapes.iter().find_map(|shape| not_yet(shape.rules.name, text));
        if let Some(what) = later {
            self.faults.borrow_mut().values.insert(span);
            return self.not_yet(span, text, what);
        }
        if let Some(tag) = shapes.iter().filter_map(Shape::tag).find(|tag| *tag == text) {
            let hint = format!("write `{{ {tag} = .. }}`");
            return self.refuse(
                span,
                Id::WrongType,
                format!("`{tag}` in `{path}` needs a value"),
                hint,
            );
        }
        if strings.is_empty() {
            let node = Node { span, item: Item::Text(String::new()) };
            return self.wrong_type(&node, shapes, path);
        }
        let tags = shapes.iter().filter_map(Shape::tag);
        let known: Vec<&str> = words.into_iter().chain(tags).collect();
        self.refuse(
            span,
            Id::UnknownWord,
            format!("`{path}` has no `{}`", quoted(text)),
            did_you_mean(text, &known),
        );
    }

    fn not_yet(&self, span: Span, word: &str, what: &str) {
        let message = format!("`{word}` is not yet possible: {what}, in a later version");
        let hint = Hint::from("leave it out: the study runs without it").and(MoreHelp::Schema);
        self.reporter.error(span, Id::NotYet, message, hint);
    }

    fn list(&self, node: &Node, elements: &[Node], shapes: &[Shape], path: &Path<'_>) {
        let Some(shape) = shapes.iter().find(|shape| shape.is("array")) else {
            return self.wrong_type(node, shapes, path);
        };
        let length =
            |key| shape.schema.get(key).and_then(Value::as_u64).map(|limit| limit as usize);
        let (min, max) =
            (length("minItems").unwrap_or(0), length("maxItems").unwrap_or(usize::MAX));
        if elements.len() < min || elements.len() > max {
            let bound = if elements.len() < min {
                format!("at least {min}")
            } else {
                format!("at most {max}")
            };
            let message = format!("`{path}` has {} entries, it needs {bound}", elements.len());
            self.refuse(node.span, Id::OutOfRange, message, format!("give it {bound}"));
        }
        let Some(items) = shape.schema.get("items") else { return };
        let inner = Shape::of(items, shape.rules.inner());
        for (index, element) in elements.iter().enumerate() {
            self.value(element, &inner, &path.index(index));
        }
    }

    /// A table where one is written: as the alternative its only key names, or as the one table
    /// that is possible.
    fn tables(
        &self,
        node: &Node,
        entries: &[crate::tree::Entry],
        shapes: &[Shape],
        path: &Path<'_>,
    ) {
        let objects: Vec<_> = shapes.iter().filter(|shape| shape.is("object")).collect();
        let tags: Vec<&str> = objects.iter().filter_map(|shape| shape.tag()).collect();
        // a table with one required key looks like an alternative by its key, but stands alone
        let is_alternative = |shape: &Shape| !shape.is("object") && !shape.is("null");
        match objects.as_slice() {
            [] => self.wrong_type(node, shapes, path),
            [only] if tags.is_empty() || !shapes.iter().any(is_alternative) => {
                self.table(node.span, entries, only, Some(path))
            }
            tagged => self.tagged(node, entries, tagged, &tags, path),
        }
    }

    fn tagged(
        &self,
        node: &Node,
        entries: &[crate::tree::Entry],
        shapes: &[&Shape],
        tags: &[&str],
        path: &Path<'_>,
    ) {
        if entries.len() != 1 {
            let message = format!("`{path}` needs exactly one of {}", list(tags.iter().copied()));
            return self.refuse(node.span, Id::ExactlyOne, message, "keep one key");
        }
        for entry in entries {
            let key = entry.key.as_str();
            let chosen = shapes.iter().find(|shape| shape.tag() == Some(key));
            let schema =
                chosen.and_then(|shape| shape.properties()?.get(key).map(|schema| (shape, schema)));
            let later = shapes.first().and_then(|shape| not_yet(shape.rules.name, key));
            match (schema, later) {
                (Some((shape, schema)), _) => {
                    self.value(
                        &entry.node,
                        &Shape::of(schema, shape.rules.inner()),
                        &path.key(key),
                    );
                }
                (None, Some(what)) => {
                    self.faults.borrow_mut().values.insert(node.span);
                    self.not_yet(entry.key_span, key, what);
                }
                (None, None) => {
                    self.faults.borrow_mut().values.insert(node.span);
                    let message = format!("`{path}` has no key `{}`", quoted(key));
                    self.reporter.error(
                        entry.key_span,
                        Id::UnknownKey,
                        message,
                        did_you_mean(key, tags),
                    );
                }
            }
        }
    }

    fn table(
        &self,
        span: Span,
        entries: &[crate::tree::Entry],
        shape: &Shape,
        path: Option<&Path<'_>>,
    ) {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        let known = shape.properties().unwrap_or(&NONE);
        let rest = shape.schema.get("additionalProperties").filter(|schema| schema.is_object());
        let mut misspelt = Vec::new();
        for entry in entries {
            if self.reporter.is_full() {
                return;
            }
            let key = entry.key.as_str();
            let below = path.map_or_else(|| Path::root(key), |path| path.key(key));
            match shape.properties().and_then(|known| known.get(key)).or(rest) {
                Some(schema) => {
                    self.value(&entry.node, &Shape::of(schema, shape.rules.inner()), &below)
                }
                None => misspelt.extend(self.unknown_key(entry, known, shape.rules.name, path)),
            }
        }
        let required = shape
            .schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        for key in required.filter(|key| !entries.iter().any(|entry| entry.key == *key)) {
            if misspelt.iter().any(|meant| meant == key) {
                continue;
            }
            let table = path.map_or_else(|| "the study".to_owned(), |path| format!("`{path}`"));
            let about =
                known.get(key).and_then(|schema| schema.get("description")).and_then(Value::as_str);
            let hint = match about {
                Some(about) => {
                    format!("add `{key}`: {}", about.replace('\n', " ").trim_end_matches('.'))
                }
                None => format!("add `{key}`"),
            };
            self.reporter.error(span, Id::MissingKey, format!("{table} needs `{key}`"), hint);
        }
    }

    /// Reports a key the table does not have, and returns the one that was meant.
    fn unknown_key(
        &self,
        entry: &crate::tree::Entry,
        known: &'static Map<String, Value>,
        table: &str,
        path: Option<&Path<'_>>,
    ) -> Option<String> {
        let key = entry.key.as_str();
        if let Some(what) = not_yet(table, key) {
            self.not_yet(entry.key_span, key, what);
            return None;
        }
        let place = path.map_or_else(|| "the study".to_owned(), |path| format!("`{path}`"));
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        let message = format!("{place} has no key `{}`", quoted(key));
        let hint = deeper(key, known, path).unwrap_or_else(|| did_you_mean(key, &names));
        self.reporter.error(entry.key_span, Id::UnknownKey, message, hint);
        let meant = nearest(key, names).map(str::to_owned);
        self.faults
            .borrow_mut()
            .keys
            .push(Misspelt { key_span: entry.key_span, meant: meant.clone() });
        meant
    }

    fn sweep(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        if shapes.iter().any(|shape| shape.rules.sweep != SweepRule::Allowed) {
            let hint = "write one value; a sweep stands under `time.horizon_years`, `market`, \
            `account`, `costs`, `signal` or `policy`";
            return self.refuse(
                node.span,
                Id::SweepForbidden,
                format!("`{path}` cannot be swept"),
                hint,
            );
        }
        match sweep::alternatives(node) {
            Ok(alternatives) => {
                for alternative in &alternatives {
                    self.value(alternative, shapes, path);
                }
            }
            Err(fault) => {
                self.faults.borrow_mut().values.insert(node.span);
                self.reporter.error(
                    fault.span,
                    Id::SweepShape,
                    format!("`{path}`: {}", fault.message),
                    fault.hint,
                );
            }
        }
    }
}
