//! Finds import circles between the modules of a crate.
//!
//! A file is a module. An import counts for the module that defines the item: a re-export is
//! followed to its source, and is itself no import. Code under `#[cfg(test)]` is exempt.

mod tokens;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokens::{Import, ModuleText, read};

/// Length up to which a chain of re-exports is followed.
const HOPS_MAX: usize = 5;

/// Modules of a crate by path: `signal::trend`, and `` for the root.
type Modules = BTreeMap<String, ModuleText>;
/// Names that a module imports, by the module that defines them.
type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Returns the shortest circle of a crate, spelled out, or `None` if its modules import downhill.
///
/// `files` are paths relative to the source folder, such as `signal/mod.rs`, and their texts.
pub fn circle(files: &[(String, String)]) -> Option<String> {
    let mut modules = Modules::new();
    for (path, text) in files {
        let module = modules.entry(module_of(path)).or_default();
        module.extend(read(text));
    }
    let imports = imports(&modules);
    let shortest =
        modules.keys().filter_map(|start| way_back(&imports, start)).min_by_key(Vec::len);
    shortest.map(|circle| spell(&circle, &imports))
}

fn module_of(path: &str) -> String {
    let mut parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    if parts.last() == Some(&"mod") || parts == ["lib"] || parts == ["main"] {
        parts.pop();
    }
    parts.join("::")
}

/// Returns who imports what from whom.
fn imports(modules: &Modules) -> Imports {
    let mut sources: BTreeMap<(&str, &str), String> = BTreeMap::new();
    for (module, text) in modules {
        for Import { path, name } in &text.reexports {
            if let Some(found) = resolve(modules, module, path).filter(|found| found.item.is_some())
            {
                sources.insert((module, name), found.module);
            }
        }
    }
    let mut imports = Imports::new();
    for (module, text) in modules {
        for Import { path, .. } in &text.imports {
            let Some(Found { module: mut source, item }) = resolve(modules, module, path) else {
                continue;
            };
            for _ in 0..HOPS_MAX {
                let key = (source.as_str(), item.as_deref().unwrap_or_default());
                let Some(definition) = sources.get(&key).cloned() else { break };
                source = definition;
            }
            if source != *module {
                let names = imports.entry(module.clone()).or_default().entry(source).or_default();
                names.insert(item.unwrap_or_else(|| "self".to_owned()));
            }
        }
    }
    imports
}

/// The module that a path leads to, and the item in it; no item if the path ends at the module.
struct Found {
    module: String,
    item: Option<String>,
}

/// Finds a path that is written in module `from`; `None` if it leads out of the crate.
fn resolve(modules: &Modules, from: &str, path: &[String]) -> Option<Found> {
    let own: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let mut rest: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut full = match *rest.first()? {
        "crate" => Vec::new(),
        "self" | "super" => own,
        child => {
            let path = if from.is_empty() { child.to_owned() } else { format!("{from}::{child}") };
            modules.contains_key(&path).then_some(own)?
        }
    };
    while matches!(rest.first(), Some(&("crate" | "self" | "super"))) {
        if rest.remove(0) == "super" {
            full.pop();
        }
    }
    full.extend(&rest);
    let known = (0..=full.len()).rev().find(|&k| modules.contains_key(&full[..k].join("::")))?;
    let item = full.get(known).map(|&item| item.to_owned());
    Some(Found { module: full[..known].join("::"), item })
}

/// Returns the shortest way from `start` back to itself, both ends included.
fn way_back(imports: &Imports, start: &str) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![start.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let Some(next) = imports.get(way.last()?) else { continue };
        for source in next.keys() {
            let longer: Vec<String> = way.iter().chain([source]).cloned().collect();
            if source == start {
                return Some(longer);
            }
            if seen.insert(source.clone()) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// Writes a circle as `a -> b (what a imports) -> a (what b imports)`.
fn spell(circle: &[String], imports: &Imports) -> String {
    let shown = |module: &str| if module.is_empty() { "the root" } else { module }.to_owned();
    let mut text = shown(&circle[0]);
    for pair in circle.windows(2) {
        let names: Vec<&str> = imports[&pair[0]][&pair[1]].iter().map(String::as_str).collect();
        text += &format!(" -> {} ({})", shown(&pair[1]), names.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Vec<(String, String)> {
        files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn a_circle_through_a_re_export_is_spelled_out() {
        let files = tree(&[
            ("lib.rs", "pub mod door;\npub mod house;\n"),
            ("house/mod.rs", "mod room;\npub use room::{Room, Wall as Side};\n"),
            ("house/room.rs", "use crate::door::Door;\npub struct Room(Door);\n"),
            ("door.rs", "pub struct Door;\npub fn behind() -> crate::house::Room { todo!() }\n"),
        ]);
        let expected = "door -> house::room (Room) -> door (Door)";
        assert_eq!(circle(&files).as_deref(), Some(expected));
    }

    #[test]
    fn an_alias_of_a_re_export_leads_to_its_source() {
        let files = tree(&[
            ("lib.rs", "mod door;\nmod house;\n"),
            ("house/mod.rs", "mod room;\npub use room::Wall as Side;\n"),
            ("house/room.rs", "use super::super::door::{self, Door};\n"),
            ("door.rs", "use crate::house::Side;\n"),
        ]);
        let expected = "door -> house::room (Side) -> door (Door, self)";
        assert_eq!(circle(&files).as_deref(), Some(expected));
    }

    #[test]
    fn a_tree_that_imports_downhill_has_no_circle() {
        let files = tree(&[
            ("lib.rs", "pub mod door;\npub mod house;\npub use house::Room;\n"),
            ("house/mod.rs", "mod room;\npub use room::Room;\npub struct Key;\n"),
            ("house/room.rs", "use crate::door::{Door, lock};\npub struct Room(Door);\n"),
            (
                "door.rs",
                "// use crate::house::Room;\n\
                 /* crate::house::Room */\n\
                 pub struct Door(std::num::NonZero<u8>, core::option::Option<char>);\n\
                 const TEXT: &str = \"crate::house::Room\";\n\
                 const QUOTE: char = '\"';\n\
                 pub(crate) fn lock<'a>(text: &'a str) -> &'a str { text }\n\
                 #[cfg(test)]\n\
                 #[expect(dead_code, reason = \"an attribute between\")]\n\
                 mod tests {\n    use crate::house::Room;\n    fn room() { { } }\n}\n",
            ),
        ]);
        assert_eq!(circle(&files), None);
    }

    #[test]
    fn code_after_a_test_module_counts() {
        let files = tree(&[
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "#[cfg(test)]\nuse crate::b::Other;\nuse crate::b::Item;\n"),
            ("b.rs", "#[cfg(test)]\nmod tests { }\nuse crate::a;\n"),
        ]);
        assert_eq!(circle(&files).as_deref(), Some("a -> b (Item) -> a (self)"));
    }
}
