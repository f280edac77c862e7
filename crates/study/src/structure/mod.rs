//! Checks that a tree fits the types of the study file: keys, kinds of values, words and limits,
//! each with its place.
//!
//! The tree is checked against the JSON Schema that the types in [`crate::file`] derive.

mod habits;
mod shape;
mod synonyms;

use std::cell::RefCell;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::diagnostic::{Hint, Id, MoreHelp};
use crate::faults::{Faults, Misspelt};
use crate::not_yet::not_yet;
use crate::report::Reporter;
use crate::sweep;
use crate::tree::{Entry, Item, Node, Path, Segment, Span};
use crate::wording::{did_you_mean, list, nearest, number as shown, quoted};

use shape::{Rules, Shape, SweepRule};

pub(crate) use shape::{SCHEMA, wants_whole_number};

/// Reports every place where `root` does not fit the types, and returns those places.
pub(crate) fn check(root: &Node, reporter: &Reporter) -> Faults {
    let structure = Structure { reporter, root, faults: RefCell::default() };
    let schema =
        Shape::of(&SCHEMA, Rules { name: "StudyFile", sweep: SweepRule::Inside, infinite: false });
    // a TOML document is a table
    for (shape, entries) in schema.iter().zip(root.entries()) {
        structure.table(root.span, entries, shape, None);
    }
    structure.faults.into_inner()
}

struct Structure<'a> {
    reporter: &'a Reporter,
    root: &'a Node,
    faults: RefCell<Faults>,
}

/// The hint for a value of a wrong type, where `expected` is possible.
fn way_out(node: &Node, shapes: &[Shape], expected: &str) -> String {
    let integer = shapes.iter().any(|shape| shape.is("integer"));
    let number = integer || shapes.iter().any(|shape| shape.is("number"));
    let sweepable = number && shapes.iter().all(|shape| shape.rules.sweep == SweepRule::Allowed);
    match &node.item {
        Item::Float(_) if integer => {
            "write it without a point or exponent, `100_000` rather than `1e5`".to_owned()
        }
        Item::Array(_) if sweepable => {
            format!("write {expected}; to try several, write `{{ sweep = [..] }}`")
        }
        Item::Table(entries) if entries.iter().any(|entry| entry.key == "search") => {
            "write one value: only numbers and words of policies and signals can be searched"
                .to_owned()
        }
        Item::Table(entries)
            if sweepable
                && entries
                    .iter()
                    .any(|entry| nearest(&entry.key, ["sweep", "search"]).is_some()) =>
        {
            "did you mean `{ sweep = [..] }`?".to_owned()
        }
        Item::Table(_) if shapes.iter().any(is_list_of_tables) => {
            "there may be several: write a list, `[{ .. }]`, or its name in two brackets on a line \
            of its own, `[[..]]`"
                .to_owned()
        }
        Item::Text(text) if number => match number_in(text) {
            Some(found) => format!("write the number without quotes: {found}"),
            None => format!("write {expected}"),
        },
        Item::Text(text) if shapes.iter().any(|shape| shape.is("array")) => {
            format!("write a list: `[\"{}\"]`", quoted(text))
        }
        _ => format!("write {expected}"),
    }
}

/// The number that a text holds, as TOML has it: a percentage as a fraction, without separators of
/// thousands.
fn number_in(text: &str) -> Option<String> {
    let plain: String = text.trim().replace([',', '_', ' '], "");
    match plain.strip_suffix('%') {
        Some(percent) => percent.parse().ok().map(|percent: f64| shown(percent / 100.0)),
        None => plain.parse().ok().filter(|number: &f64| number.is_finite()).map(shown),
    }
}

/// Returns whether a shape is a list of tables, such as that of policies.
fn is_list_of_tables(shape: &Shape) -> bool {
    let items = shape.schema.get("items").filter(|_| shape.is("array"));
    items.is_some_and(|items| {
        Shape::of(items, shape.rules.inner()).iter().any(|inner| inner.is("object"))
    })
}

/// The hint for a key that belongs to a table inside this one.
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
        format!("move it one table deeper, to {}", list(holders.iter().map(String::as_str)))
    })
}

impl Structure<'_> {
    /// Checks a value against the shapes that its place allows.
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

    /// Reports the value at `span`, and remembers that it does not fit.
    fn refuse(&self, span: Span, id: Id, message: String, hint: impl Into<Hint>) {
        self.faults.borrow_mut().values.insert(span);
        self.reporter.error(span, id, message, hint);
    }

    /// Reports a value of a wrong type.
    fn wrong_type(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        let mut expected: Vec<_> =
            shapes.iter().filter(|shape| !shape.is_null()).map(Shape::describe).collect();
        expected.dedup();
        let message =
            format!("`{path}` is {}, it must be {}", node.item.kind(), expected.join(" or "));
        let is_margin = path.segments() == [Segment::Key("comparison"), Segment::Key("margin")];
        let is_target = path.segments().last() == Some(&Segment::Key("target"));
        let hint = if is_margin && node.number().is_some() {
            "a margin belongs to a metric: `margin = { ruined = 0.01 }` is 1 point".to_owned()
        } else if is_target && matches!(node.item, Item::Text(_)) {
            "write weights by asset: `target = { equity = 0.6, bond = 0.4 }`".to_owned()
        } else {
            way_out(node, shapes, &expected.join(" or "))
        };
        self.refuse(node.span, Id::WrongType, message, hint);
    }

    /// Checks a number and its limits.
    fn number(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        let integer = matches!(node.item, Item::Integer(_));
        let fits = |shape: &&Shape| shape.is("number") || (integer && shape.is("integer"));
        let (Some(shape), Some(number)) = (shapes.iter().find(fits), node.number()) else {
            return self.wrong_type(node, shapes, path);
        };
        let limits = shape.limits();
        let too_large_for_format = shape.is("integer")
            && matches!(node.item, Item::Integer(value) if value > i128::from(u64::MAX));
        if !limits.contain(number) || too_large_for_format {
            let words = limits.words(number, integer);
            let hint = habits::meant_by_number(path, number)
                .map_or_else(|| format!("choose a value that is {words}"), str::to_owned);
            self.refuse(
                node.span,
                Id::OutOfRange,
                format!("`{path}` is {}, it must be {words}", shown(number)),
                hint,
            );
        }
    }

    /// Checks a text, which may have to be one of some words.
    fn text(&self, span: Span, text: &str, shapes: &[Shape], path: &Path<'_>) {
        let strings: Vec<_> = shapes.iter().filter(|shape| shape.is("string")).collect();
        let words: Vec<&str> = strings.iter().flat_map(|shape| shape.words()).collect();
        if strings.iter().any(|shape| shape.words().next().is_none()) || words.contains(&text) {
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
            let node = Node { span, item: Item::Text(text.to_owned()) };
            return self.wrong_type(&node, shapes, path);
        }
        let tags = shapes.iter().filter_map(Shape::tag);
        let known: Vec<&str> = words.into_iter().chain(tags).collect();
        let hint = synonyms::meant(text, &known).unwrap_or_else(|| did_you_mean(text, &known));
        let message = format!("`{path}` has no `{}`", quoted(text));
        self.refuse(span, Id::UnknownWord, message, hint);
    }

    /// Reports a key or word that this version does not run.
    fn not_yet(&self, span: Span, word: &str, what: &str) {
        let message = format!("`{word}` is not yet possible: {what} come in a later version");
        let hint = Hint::from("leave it out: the study runs without it").and(MoreHelp::Schema);
        self.reporter.error(span, Id::NotYet, message, hint);
    }

    /// Checks a list, its length and its elements.
    fn list(&self, node: &Node, elements: &[Node], shapes: &[Shape], path: &Path<'_>) {
        let Some(shape) = shapes.iter().find(|shape| shape.is("array")) else {
            return self.wrong_type(node, shapes, path);
        };
        let (min, max) = shape.lengths().into_inner();
        if elements.len() < min || elements.len() > max {
            let bound = if elements.len() < min {
                format!("at least {min}")
            } else {
                format!("at most {max}")
            };
            let message = format!("`{path}` has {} entries, it needs {bound}", elements.len());
            self.refuse(node.span, Id::OutOfRange, message, format!("write {bound} entries"));
        }
        let Some(items) = shape.schema.get("items") else { return };
        let inner = Shape::of(items, shape.rules.inner());
        for (index, element) in elements.iter().enumerate() {
            self.value(element, &inner, &path.index(index));
        }
    }

    /// Checks a table, as the alternative that its only key names or as the one table that is
    /// possible.
    fn tables(&self, node: &Node, entries: &[Entry], shapes: &[Shape], path: &Path<'_>) {
        let objects: Vec<_> = shapes.iter().filter(|shape| shape.is("object")).collect();
        let tags: Vec<&str> = objects.iter().filter_map(|shape| shape.tag()).collect();
        // a table with one required key looks like an alternative, but may be the only shape
        let is_alternative = |shape: &Shape| !shape.is("object") && !shape.is("null");
        match objects.as_slice() {
            [] => self.wrong_type(node, shapes, path),
            [only] if tags.is_empty() || !shapes.iter().any(is_alternative) => {
                self.table(node.span, entries, only, Some(path))
            }
            tagged => self.tagged(node, entries, tagged, &tags, path),
        }
    }

    /// Checks a table as the alternative that its only key names.
    fn tagged(
        &self,
        node: &Node,
        entries: &[Entry],
        shapes: &[&Shape],
        tags: &[&str],
        path: &Path<'_>,
    ) {
        if entries.len() != 1 {
            let message = format!("`{path}` needs exactly one of {}", list(tags.iter().copied()));
            let hint = if tags.contains(&"all_of") && !entries.is_empty() {
                "keep one key, or join conditions: `all_of = [{ outside = { absolute = 0.05 } }, { \
                level = { signal = \"NAME\", above = 0.2 } }]`"
            } else {
                "write one key and leave out the rest"
            };
            return self.refuse(node.span, Id::ExactlyOne, message, hint);
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
                    let table = shapes.first().map_or("", |shape| shape.rules.name);
                    let hint = habits::meant(table, key)
                        .map_or_else(|| did_you_mean(key, tags), str::to_owned);
                    self.reporter.error(entry.key_span, Id::UnknownKey, message, hint);
                }
            }
        }
    }

    /// Checks the keys of a table and their values.
    fn table(&self, span: Span, entries: &[Entry], shape: &Shape, path: Option<&Path<'_>>) {
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
        let required = shape.required();
        for key in required.filter(|key| !entries.iter().any(|entry| entry.key == *key)) {
            if misspelt.iter().any(|meant| meant == key) {
                continue;
            }
            self.missing_key(span, key, known.get(key), path);
        }
    }

    /// Reports a missing key, with its meaning as the way out.
    fn missing_key(
        &self,
        span: Span,
        key: &str,
        schema: Option<&'static Value>,
        path: Option<&Path<'_>>,
    ) {
        let table = path.map_or_else(|| "the study".to_owned(), |path| format!("`{path}`"));
        let meaning = schema.and_then(|schema| schema.get("description")).and_then(Value::as_str);
        // a table at the root needs its name in brackets, and what it must have
        let rules = Rules { name: "", sweep: SweepRule::Allowed, infinite: false };
        let of_table = schema
            .filter(|_| path.is_none())
            .map(|schema| Shape::of(schema, rules))
            .filter(|shapes| shapes.iter().any(|shape| shape.is("object")));
        if let Some(shapes) = of_table {
            let required = list(shapes.iter().flat_map(Shape::required));
            let with =
                if required.is_empty() { String::new() } else { format!(" with {required}") };
            let hint = format!("add a line `[{key}]`, and below it its keys{with}");
            return self.reporter.error(
                span,
                Id::MissingKey,
                format!("{table} needs `[{key}]`"),
                Hint::from(hint).and(MoreHelp::Templates),
            );
        }
        let hint = match meaning {
            Some(meaning) => {
                format!("add `{key}`: {}", meaning.replace('\n', " ").trim_end_matches('.'))
            }
            None => format!("add `{key}`"),
        };
        self.reporter.error(span, Id::MissingKey, format!("{table} needs `{key}`"), hint);
    }

    /// Reports a key that the table does not have, and returns the key that was meant.
    fn unknown_key(
        &self,
        entry: &Entry,
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
        let habit = habits::meant(table, key).map(str::to_owned);
        let hint = habit
            .clone()
            .or_else(|| self.missing_above(key))
            .or_else(|| habits::of_policy(table, key).map(str::to_owned))
            .or_else(|| deeper(key, known, path))
            .unwrap_or_else(|| did_you_mean(key, &names));
        self.reporter.error(entry.key_span, Id::UnknownKey, message, hint);
        if habit.is_some() {
            let misspelt = Misspelt { key_span: entry.key_span, meant: None };
            self.faults.borrow_mut().keys.push(misspelt);
            return None;
        }
        let meant = nearest(key, names).map(str::to_owned);
        self.faults
            .borrow_mut()
            .keys
            .push(Misspelt { key_span: entry.key_span, meant: meant.clone() });
        meant
    }

    /// The hint for a key that another table must have and lacks: the line of that table was left out,
    /// so its keys are read as those of the table before.
    fn missing_above(&self, key: &str) -> Option<String> {
        let rules = Rules { name: "", sweep: SweepRule::Allowed, infinite: false };
        let tables = SCHEMA.get("properties")?.as_object()?;
        let has_key = |schema| {
            Shape::of(schema, rules)
                .iter()
                .any(|shape| shape.required().any(|required| required == key))
        };
        let lacks_key = |name: &str| self.root.get(name).and_then(|table| table.get(key)).is_none();
        let (name, _) =
            tables.iter().find(|(name, schema)| lacks_key(name.as_str()) && has_key(*schema))?;
        Some(format!("it is a key of `[{name}]`: write the line `[{name}]` above it"))
    }

    /// Checks every value of a sweep.
    fn sweep(&self, node: &Node, shapes: &[Shape], path: &Path<'_>) {
        if shapes.iter().any(|shape| shape.rules.sweep != SweepRule::Allowed) {
            let hint = "write one value; sweeps are possible below `market`, `account`, `costs`, \
            `signal` and `policy`, and at `time.horizon_years`";
            return self.refuse(
                node.span,
                Id::SweepForbidden,
                format!("`{path}` cannot be swept"),
                hint,
            );
        }
        match sweep::alternatives(node) {
            Ok(alternatives) => {
                let have_one_place = alternatives.windows(2).any(|two| two[0].span == two[1].span);
                for alternative in &alternatives {
                    let before = self.reporter.errors();
                    self.value(alternative, shapes, path);
                    // the values of a range have one place, and one cause of being wrong
                    if self.reporter.errors() > before && have_one_place {
                        break;
                    }
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
