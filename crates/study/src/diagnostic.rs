//! Describes the problems of a study, each with its place and a way out.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

pub use crate::id::Id;

/// One problem or warning of a study, with its place and a way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Whether the study is refused because of it.
    pub severity: Severity,
    /// Kind of problem, stable across versions.
    pub id: Id,
    /// Description of the problem: a lowercase fragment with literals in backticks.
    pub message: String,
    /// The way out.
    pub hint: String,
    /// Further help outside the study, if the program has some.
    pub more: Option<MoreHelp>,
    /// Where it was found.
    pub place: Place,
}

/// Help on a problem that the program can show on request. Whoever shows a [`Diagnostic`] tells its
/// reader how to ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoreHelp {
    /// The list of shipped markets.
    Presets,
    /// The schema of study files: every key with its meaning, type and limits.
    Schema,
    /// The search for the best policy, which writes a study of its winner.
    Search,
    /// A shipped study to start from.
    Templates,
    /// The list of metrics with their meaning.
    Metrics,
}

/// The way out of a problem, and what helps further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    pub text: String,
    pub more: Option<MoreHelp>,
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), more: None }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self { text, more: None }
    }
}

impl Hint {
    /// The hint with a pointer to further help.
    pub fn and(self, more: MoreHelp) -> Self {
        Self { more: Some(more), ..self }
    }
}

/// Whether a diagnostic refuses the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The study is refused.
    Error,
    /// The study runs.
    Warning,
}

/// A place in a file, with the text of its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it, or `override KEY=VALUE` for an override.
    pub file: String,
    /// Line, from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line's text, cut where it is very long.
    pub excerpt: String,
    /// First byte of the offending text within the excerpt.
    pub start: usize,
    /// One past the last byte of the offending text within the excerpt.
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
        let Self { severity, id, message, hint, more: _, place } = self;
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Place { file, line, column, .. } = place;
        let name = id.name();
        write!(f, "{file}:{line}:{column}: {severity}[{name}]: {message}\nhint: {hint}")
    }
}

/// Everything that is wrong with a study: at least one error, and the warnings found beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems {
    /// Errors and warnings, in file order.
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
