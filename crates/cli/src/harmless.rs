//! Makes every text that reaches a terminal harmless: characters that move the cursor, set the
//! title of a window or turn the direction of writing are shown by their numbers.
//!
//! Studies with such characters are refused, but names of files and tables of a run from elsewhere
//! may have them too.

use std::borrow::Cow;
use std::fmt::Write as _;

use corridor_tables::hidden::is_hidden;

/// How a hidden character is written instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// As `\u{1b}`.
    Braces,
    /// As `\u001b`, which JSON reads back as the character.
    Json,
}

/// Which escape sequences of a terminal stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styles {
    /// Colors and bold letters, such as those of diagnostics.
    Kept,
    /// None.
    Escaped,
}

/// Returns the text with every hidden character escaped. Line breaks and tabs stay.
#[must_use]
pub fn harmless(text: &str, escape: Escape, styles: Styles) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_hidden) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let style = if styles == Styles::Kept { style_length(rest) } else { 0 };
        if style > 0 {
            shown.push_str(&rest[..style]);
            rest = &rest[style..];
        } else if let Some(hidden) = rest.chars().next() {
            push_escaped(&mut shown, hidden, escape);
            rest = &rest[hidden.len_utf8()..];
        }
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Number of bytes of the style at the start of the text, such as `ESC [ 1 ; 31 m`; 0 without one.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|&end| parameters[end..].starts_with('m')).map_or(0, |end| end + 3)
}

fn push_escaped(shown: &mut String, hidden: char, escape: Escape) {
    match escape {
        Escape::Braces => shown.extend(hidden.escape_unicode()),
        Escape::Json => {
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                // writing to a string does not fail
                let _ = write!(shown, "\\u{unit:04x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_cursors_and_directions_are_escaped_and_words_are_not() {
        let plain = |text| harmless(text, Escape::Braces, Styles::Escaped).into_owned();
        for text in ["", "a\tb\n", "ä € 漢字 👩\u{200d}🔬"] {
            assert_eq!(plain(text), text);
        }
        assert_eq!(plain("a\u{1b}]0;title\u{7}b"), "a\\u{1b}]0;title\\u{7}b");
        assert_eq!(plain("\u{1b}[31mred"), "\\u{1b}[31mred");
        assert_eq!(plain("a\r\u{202e}b\u{0}"), "a\\u{d}\\u{202e}b\\u{0}");
    }

    #[test]
    fn only_styles_are_kept_where_styles_are_wanted() {
        let styled = |text| harmless(text, Escape::Braces, Styles::Kept).into_owned();
        assert_eq!(styled("\u{1b}[1;31mred\u{1b}[0m"), "\u{1b}[1;31mred\u{1b}[0m");
        assert_eq!(styled("\u{1b}[2J\u{1b}[1;1H"), "\\u{1b}[2J\\u{1b}[1;1H");
        assert_eq!(styled("\u{1b}[31"), "\\u{1b}[31");
        assert_eq!(styled("\u{1b}"), "\\u{1b}");
    }

    #[test]
    fn a_json_document_means_the_same() {
        let text = "a\u{202e}b\u{e0041}\u{9b}";
        let document = serde_json::json!({ "question": text }).to_string();
        let shown = harmless(&document, Escape::Json, Styles::Escaped);
        assert!(!shown.chars().any(is_hidden), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(read["question"], text);
    }
}
