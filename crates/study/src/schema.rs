//! Makes the JSON Schema of a study file, for editors: the types' own, with sweeps allowed where
//! they are.

use serde_json::{Map, Value, json};

use crate::structure::SCHEMA;

/// The schema an editor can use.
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
    schema
}

/// Opens a schema to sweeps.
struct Opened {
    /// The definitions as derived, to look up which cannot be swept as a whole.
    whole: Value,
}

impl Opened {
    /// Opens everything a schema holds to sweeps, and drops our own words.
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

    /// Opens one place to a sweep, unless it has none.
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
        "description": "A dimension of the space that `corridor search` looks through: in policies \
        and signals of a study with `[search]`.",
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
        "description": "Several values: one corner of the study for each.",
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
            "axis": { "description": "Sweeps of one axis advance together.", "type": "string" }
        },
        "required": ["sweep"],
        "additionalProperties": false
    })
}
