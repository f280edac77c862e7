//! Says what is wrong with a study, where, and how to put it right.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

pub use crate::id::Id;

/// One problem or warning of a study, with its place and a way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Whether the study is refused for it.
    pub severity: Severity,
    /// Which kind of problem: stable across versions.
    pub id: Id,
    /// What is wrong: a lowercase fragment, literals in backticks.
    pub message: String,
    /// The way out.
    pub hint: String,
    /// Where.
    pub place: Place,
}

/// Whether a diagnostic refuses the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The study is refused.
    Error,
    /// The study runs.
    Warning,
}

/// A place in a file, with the line it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, `--set ..` for an override, `preset ..` for a shipped preset.
    pub file: String,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line's text, cut where it is very long.
    pub excerpt: String,
    /// First byte of the offending text within the excerpt.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

impl Diagnostic {
    /// Renders the diagnostic with its source line; `color` adds ANSI styles.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str()).id(self.id.name());
        let hint = Level::HELP.with_name("hint").message(self.hint.as_str());
        if self.place.line == 0 {
            let origin = annotate_snippets::Origin::path(self.place.file.as_str());
            return renderer.render(&[title.element(origin).element(hint)]);
        }
        let snippet = Snippet::source(self.place.excerpt.as_str())
            .line_start(self.place.line)
            .path(self.place.file.as_str())
            .annotation(AnnotationKind::Primary.span(self.place.start..self.place.end));
        renderer.render(&[title.element(snippet).element(hint)])
    }
}

/// `file:line:column: error[id]: message`, then the hint on its own line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, id, message, hint, place } = self;
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Place { file, line, column, .. } = place;
        let name = id.name();
        write!(f, "{file}:{line}:{column}: {severity}[{name}]: {message}\nhint: {hint}")
    }
}

/// Everything that is wrong with a study: at least one error, and the warnings found on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems {
    /// In file order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Problems {
    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// Renders every diagnostic, then their number.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let mut text: String =
            self.diagnostics.iter().map(|one| one.render(color) + "\n\n").collect();
        text += &self.summary();
        text
    }

    fn summary(&self) -> String {
        match self.errors() {
            1 => "1 problem in the study".to_owned(),
            count => format!("{count} problems in the study"),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            writeln!(f, "{diagnostic}")?;
        }
        f.write_str(&self.summary())
    }
}

impl std::error::Error for Problems {}

/// Makes text from a file harmless in a message: control and direction characters escaped, long
/// text cut.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    let harmless = |c: char| {
        !c.is_control()
            && !matches!(
                c,
                '\u{200b}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{2066}'..='\u{2069}'
                    | '\u{feff}'
            )
    };
    let mut shown = String::new();
    for c in text.chars().take(SHOWN) {
        if harmless(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// A number as its shortest round-trip decimals; only huge and tiny ones have an exponent.
#[must_use]
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// ` (did you mean `x`?)`-style help: the nearest of `known`, where one is near.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 200 {
        return None; // distance is quadratic, and nobody means so long a word
    }
    let near =
        |candidate: &&str| strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
    let scored = known.into_iter().map(|candidate| (near(&candidate), candidate));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The hint for an unknown name: the nearest known one, else the list.
#[must_use]
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{}`?", quoted(candidate)),
        None if known.is_empty() => "none is declared".to_owned(),
        None => format!("known: {}", list(known.iter().copied())),
    }
}

/// Words in backticks, joined by commas; a long list is cut.
#[must_use]
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 24;
    let mut words = words.into_iter();
    let mut shown: Vec<String> =
        words.by_ref().take(SHOWN).map(|word| format!("`{}`", quoted(word))).collect();
    if words.next().is_some() {
        shown.push("..".to_owned());
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("revew", ["review", "trigger"]), Some("review"));
        assert_eq!(nearest("zzz", ["review", "trigger"]), None);
    }

    #[test]
    fn numbers_are_short_and_read_back_the_same() {
        let shown = [0.0, -0.5, 10.0, 1e6, 0.1 + 0.2, 1e308, 5e-324].map(number);
        assert_eq!(shown, ["0", "-0.5", "10", "1000000", "0.30000000000000004", "1e308", "5e-324"]);
    }

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        assert_eq!(quoted("a\u{202e}b\n"), "a\\u{202e}b\\u{a}");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 81);
    }
}
