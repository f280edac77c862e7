//! Makes the JSON Schema of a study file for editors: the schema of the types, with sweeps and
//! searches where the format allows them.

use serde_json::{Map, Value, json};

use crate::structure::SCHEMA;

/// The JSON Schema of a study file, for editors.
pub(crate) fn schema() -> Value {
    let mut schema = SCHEMA.clone();
    let Some(root) = schema.as_object_mut() else { return schema };
    root.insert("title".to_owned(), json!("corridor study"));
    let mut definitions = root.remove("$defs").unwrap_or_default();
    let opened = Opened { whole: definitions.clone() };
    for definition in definitions.as_object_mut().into_iter().flat_map(Map::values_mut) {
        opened.inner(definition, false);
    }
    opened.inner(&mut schema, false);
    definitions["sweep"] = sweep();
    definitions["search"] = search();
    schema["$defs"] = definitions;
    join_lines(&mut schema);
    schema
}

/// Joins the lines of every description, which break where the source of this program does.
fn join_lines(schema: &mut Value) {
    match schema {
        Value::Object(entries) => entries.iter_mut().for_each(|(key, value)| match value {
            Value::String(text) if key == "description" => *text = text.replace('\n', " "),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => join_lines(value),
        }),
        Value::Array(values) => values.iter_mut().for_each(join_lines),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Opens a schema to sweeps and searches.
struct Opened {
    /// The definitions as derived, which say what cannot be swept as a whole.
    whole: Value,
}

impl Opened {
    /// Opens everything below a schema to sweeps, and removes our extension words.
    fn inner(&self, schema: &mut Value, forbidden: bool) {
        let Some(object) = schema.as_object_mut() else { return };
        let forbidden = forbidden || object.remove("x-sweep") == Some(Value::Bool(false));
        object.remove("x-infinite");
        for key in ["properties", "additionalProperties", "items", "oneOf", "anyOf"] {
            match object.get_mut(key) {
                Some(Value::Object(inner)) if key == "properties" => {
                    inner.values_mut().for_each(|inner| self.place(inner, forbidden))
                }
                Some(inner @ Value::Object(_)) => self.place(inner, forbidden),
                Some(Value::Array(alternatives)) => {
                    alternatives.iter_mut().for_each(|inner| self.inner(inner, forbidden))
                }
                Some(_) | None => {}
            }
        }
    }

    /// Opens one place to a sweep or search, unless the format forbids it there.
    fn place(&self, schema: &mut Value, forbidden: bool) {
        let name = schema
            .get("$ref")
            .and_then(Value::as_str)
            .map(|name| name.trim_start_matches("#/$defs/"));
        let target = name.and_then(|name| self.whole.get(name));
        let closed = schema.get("x-sweep").is_some()
            || target.is_some_and(|target| target.get("x-sweep").is_some());
        self.inner(schema, forbidden);
        if forbidden || closed {
            return;
        }
        let mut opened = Map::new();
        if let Some(object) = schema.as_object_mut() {
            for key in ["description", "default"] {
                opened.extend(object.remove(key).map(|value| (key.to_owned(), value)));
            }
        }
        opened.insert(
            "anyOf".to_owned(),
            json!([schema.take(), { "$ref": "#/$defs/sweep" }, { "$ref": "#/$defs/search" }]),
        );
        *schema = Value::Object(opened);
    }
}

fn search() -> Value {
    json!({
        "description": "A dimension of the space in which the best policy is searched for: in \
        policies and signals of a study with `[search]`.",
        "type": "object",
        "properties": {
            "search": {
                "anyOf": [
                    { "type": "array", "minItems": 1 },
                    {
                        "type": "object",
                        "properties": {
                            "from": { "type": "number" },
                            "to": { "type": "number" },
                            "spacing": { "enum": ["linear", "log"] }
                        },
                        "required": ["from", "to"],
                        "additionalProperties": false
                    }
                ]
            }
        },
        "required": ["search"],
        "additionalProperties": false
    })
}

fn sweep() -> Value {
    json!({
        "description": "Several values, each of which makes a corner of the study.",
        "type": "object",
        "properties": {
            "sweep": {
                "anyOf": [
                    { "type": "array", "minItems": 1 },
                    {
                        "type": "object",
                        "properties": {
                            "from": { "type": "number" },
                            "to": { "type": "number" },
                            "count": { "type": "integer", "minimum": 2 },
                            "spacing": { "enum": ["linear", "log"] }
                        },
                        "required": ["from", "to", "count"],
                        "additionalProperties": false
                    }
                ]
            },
            "axis": {
                "description": "Name of an axis: sweeps of one axis advance together.",
                "type": "string"
            },
            "label": {
                "description": "Words for the swept number, with its unit.",
                "type": "string"
            }
        },
        "required": ["sweep"],
        "additionalProperties": false
    })
}
