//! Breaks sentences into lines.

/// Breaks `text` at blanks into lines of at most `width` columns, where its words allow that. The
/// first line is indented by `first` blanks, the others by `rest`. Blanks within the text are kept,
/// so that a column at its start stays one.
#[must_use]
pub fn wrapped(text: &str, width: usize, first: usize, rest: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(first);
    let mut is_empty = true;
    for word in text.split(' ') {
        let blank = usize::from(!is_empty);
        if !is_empty && line.chars().count() + blank + word.chars().count() > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = " ".repeat(rest);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_hang() {
        assert_eq!(wrapped("one two three four", 11, 2, 4), "  one two\n    three\n    four\n");
        assert_eq!(wrapped("a    wide gap", 20, 0, 5), "a    wide gap\n");
        assert_eq!(wrapped("unbreakable", 4, 1, 2), " unbreakable\n");
        assert_eq!(wrapped("", 4, 2, 2), "\n");
    }
}
