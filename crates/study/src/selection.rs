//! Selects some policies of a resolved study.

/// Keeps the policies `keep` of a resolved study, with the signals that they read, and replaces its
/// seed. The result is a study as TOML.
///
/// # Errors
/// The parser's message if `resolved` is not a study.
pub fn with_policies(resolved: &str, keep: &[&str], seed: u64) -> Result<String, String> {
    let mut document: toml::Table = toml::from_str(resolved).map_err(|error| error.to_string())?;
    let kept = |name: Option<&toml::Value>| {
        name.and_then(toml::Value::as_str).is_some_and(|name| keep.contains(&name))
    };
    if let Some(toml::Value::Array(policies)) = document.get_mut("policy") {
        policies.retain(|policy| kept(policy.get("name")));
        let mut read = Vec::new();
        policies.iter().for_each(|policy| texts(policy, &mut read));
        if let Some(toml::Value::Table(signals)) = document.get_mut("signal") {
            signals.retain(|name, _| read.iter().any(|text| text == name));
        }
    }
    if let Some(toml::Value::Table(run)) = document.get_mut("run") {
        run.insert("seed".to_owned(), toml::Value::Integer(i64::try_from(seed).unwrap_or(0)));
    }
    if let Some(toml::Value::Table(own)) =
        document.get_mut("comparison").and_then(|comparison| comparison.get_mut("compare_with"))
    {
        own.retain(|name, with| keep.contains(&name) && kept(Some(with)));
    }
    toml::to_string(&document).map_err(|error| error.to_string())
}

/// Collects all texts in `value`, at any depth.
fn texts(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) => found.push(text.clone()),
        toml::Value::Array(list) => list.iter().for_each(|value| texts(value, found)),
        toml::Value::Table(table) => table.values().for_each(|value| texts(value, found)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}
