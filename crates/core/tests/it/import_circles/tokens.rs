//! Reads the imports of a Rust file from its tokens, without comments, texts and test code.

/// Imports and re-exports of a module.
#[derive(Default)]
pub struct ModuleText {
    /// Paths of `use` items and of `crate::` and `super::` paths elsewhere.
    pub imports: Vec<Import>,
    /// Paths of `pub use` items of any visibility.
    pub reexports: Vec<Import>,
}

impl ModuleText {
    /// Adds the imports of another file of the same module.
    pub fn extend(&mut self, other: Self) {
        self.imports.extend(other.imports);
        self.reexports.extend(other.reexports);
    }
}

/// One path of a `use` tree, or of code.
pub struct Import {
    /// Segments of the path, without a final `self`.
    pub path: Vec<String>,
    /// Name that the path gets: its alias, or its last segment.
    pub name: String,
}

/// Reads the imports of a file.
pub fn read(text: &str) -> ModuleText {
    let tokens = without_tests(tokens(text));
    let mut module = ModuleText::default();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "use" => {
                let is_public = at > 0 && matches!(tokens[at - 1].as_str(), "pub" | ")");
                let list = if is_public { &mut module.reexports } else { &mut module.imports };
                at = use_tree(&tokens, at + 1, &[], list);
            }
            "crate" | "super" if tokens.get(at + 1).is_some_and(|next| next == "::") => {
                let (path, end) = path(&tokens, at);
                let name = path.last().cloned().unwrap_or_default();
                module.imports.push(Import { path, name });
                at = end;
            }
            _ => at += 1,
        }
    }
    module
}

/// Adds the paths of a `use` tree that starts at `at`, and returns the place after it.
fn use_tree(tokens: &[String], at: usize, prefix: &[String], out: &mut Vec<Import>) -> usize {
    let (own, mut at) = path(tokens, at);
    let is_empty = own.is_empty();
    let mut whole: Vec<String> = prefix.iter().cloned().chain(own).collect();
    if tokens.get(at).is_some_and(|token| token == "{") {
        while tokens.get(at).is_some_and(|token| token != "}") {
            at = use_tree(tokens, at + 1, &whole, out);
        }
        return at + 1;
    }
    if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
        whole.pop();
    }
    let mut name = whole.last().cloned().unwrap_or_default();
    if tokens.get(at).is_some_and(|token| token == "as") {
        name.clone_from(&tokens[at + 1]);
        at += 2;
    }
    if !is_empty {
        out.push(Import { path: whole, name });
    }
    at
}

/// Reads segments joined by `::` from `at`, and returns them with the place after them.
fn path(tokens: &[String], mut at: usize) -> (Vec<String>, usize) {
    let is_segment =
        |token: &String| token == "*" || token.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut segments = Vec::new();
    while tokens.get(at).is_some_and(is_segment) {
        segments.push(tokens[at].clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    (segments, at)
}

/// Removes every item under `#[cfg(test)]`.
fn without_tests(tokens: Vec<String>) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at..].iter().take(TEST.len()).eq(TEST) {
            at = after_item(&tokens, at + TEST.len());
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Returns the place after the item that starts at `at`: after its `;` or its closing brace.
fn after_item(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0;
    let mut is_attribute = false;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.as_str() {
            "#" if depth == 0 => is_attribute = true,
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth -= 1;
                if depth == 0 && token == "}" {
                    // A `use` tree ends with a semicolon after its braces.
                    let has_end = tokens.get(at).is_some_and(|next| next == ";");
                    return at + usize::from(has_end);
                }
                is_attribute &= depth > 0;
            }
            ";" if depth == 0 && !is_attribute => return at,
            _ => {}
        }
    }
    at
}

/// Splits a text into words, `::` and single signs; comments and the texts of literals are left
/// out.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        if let Some(length) = ignored(rest) {
            at += length;
        } else if rest[0].is_alphanumeric() || rest[0] == '_' {
            let length = rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
            tokens.push(rest[..length].iter().collect());
            at += length;
        } else if rest.starts_with(&[':', ':']) {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !rest[0].is_whitespace() {
                tokens.push(rest[0].to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// Returns the length of the comment or literal that `rest` starts with.
fn ignored(rest: &[char]) -> Option<usize> {
    match *rest {
        ['/', '/', ..] => Some(rest.iter().take_while(|c| **c != '\n').count()),
        ['/', '*', ..] => Some(after(rest, 2, &['*', '/'])),
        ['r', '"', ..] => Some(after(rest, 2, &['"'])),
        ['r', '#', '"', ..] => Some(after(rest, 3, &['"', '#'])),
        ['r', '#', '#', '"', ..] => Some(after(rest, 4, &['"', '#', '#'])),
        ['"', ..] => {
            let mut at = 1;
            while at < rest.len() && rest[at] != '"' {
                at += if rest[at] == '\\' { 2 } else { 1 };
            }
            Some(at + 1)
        }
        ['\'', '\\', _, ..] => Some(after(rest, 3, &['\''])),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

/// Returns the place after the first `end` at or after `from`.
fn after(rest: &[char], from: usize, end: &[char]) -> usize {
    (from..rest.len())
        .find(|&at| rest[at..].starts_with(end))
        .map_or(rest.len(), |at| at + end.len())
}
