//! Fits text to the width of a terminal and colors the words of verdicts.

use corridor_tables::label::Verdict;

/// Narrowest width to which text is wrapped, in columns.
const NARROWEST: usize = 40;
/// Width of text that no terminal limits, in columns.
const USUAL: usize = 100;

/// The width and the colors of the place that text is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Width at which prose is wrapped, in columns.
    pub width: usize,
    /// Width to which tables are fitted, in columns; `None` leaves every column of a table.
    pub table_width: Option<usize>,
    /// Whether escape codes for colors are understood.
    pub color: bool,
}

impl Default for Layout {
    /// Describes a file or a pipe: prose of 100 columns, whole tables, no colors.
    fn default() -> Self {
        Self { width: USUAL, table_width: None, color: false }
    }
}

impl Layout {
    /// Describes a terminal of this many columns.
    #[must_use]
    pub fn terminal(columns: usize, color: bool) -> Self {
        let width = columns.max(NARROWEST);
        Self { width: width.min(USUAL), table_width: Some(width), color }
    }

    /// Wraps text at the width. Every line begins with `indent` spaces, and lines after the first
    /// of a paragraph with `hanging` more. A longer word stays whole.
    #[must_use]
    pub fn wrap(&self, text: &str, indent: usize, hanging: usize) -> String {
        let mut wrapped = String::new();
        for paragraph in text.lines() {
            let mut line = " ".repeat(indent);
            let mut length = indent;
            let mut is_empty = true;
            for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
                let own = word.chars().count();
                if !is_empty && length + 1 + own > self.width {
                    wrapped.push_str(&line);
                    wrapped.push('\n');
                    line = " ".repeat(indent + hanging);
                    length = indent + hanging;
                    is_empty = true;
                }
                if !is_empty {
                    line.push(' ');
                    length += 1;
                }
                line.push_str(word);
                length += own;
                is_empty = false;
            }
            wrapped.push_str(line.trim_end());
            wrapped.push('\n');
        }
        wrapped
    }

    /// Colors text that begins with a verdict: green for better, red for worse, yellow for not
    /// resolved. Without colors the text does not change.
    #[must_use]
    pub fn verdict(&self, text: &str) -> String {
        let named = Verdict::ALL.into_iter().find(|verdict| text.starts_with(verdict.name()));
        let code = match named {
            Some(Verdict::Better) => "32",
            Some(Verdict::Worse) => "31",
            Some(Verdict::NotResolved) => "33",
            Some(Verdict::Equivalent) | None => return text.to_owned(),
        };
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Makes a heading bold where colors are understood.
    #[must_use]
    pub fn bold(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_the_width_allows() {
        let layout = Layout { width: 12, ..Layout::default() };
        assert_eq!(layout.wrap("one two three four", 0, 0), "one two\nthree four\n");
        assert_eq!(layout.wrap("one two three four", 2, 2), "  one two\n    three\n    four\n");
        assert_eq!(
            layout.wrap("a\n\nunbreakablelongword b", 0, 0),
            "a\n\nunbreakablelongword\nb\n"
        );
        assert_eq!(layout.wrap("", 2, 0), "");
    }

    #[test]
    fn verdicts_are_colored_on_a_terminal_alone() {
        let terminal = Layout::terminal(80, true);
        assert_eq!(terminal.verdict("better"), "\u{1b}[32mbetter\u{1b}[0m");
        assert_eq!(terminal.verdict("equivalent"), "equivalent");
        assert_eq!(terminal.verdict("none: no margin"), "none: no margin");
        assert_eq!(Layout::default().verdict("worse"), "worse");
    }

    #[test]
    fn a_terminal_of_no_width_is_not_trusted() {
        assert_eq!(Layout::terminal(0, false).width, NARROWEST);
        assert_eq!(Layout::terminal(500, false).width, USUAL);
    }
}
