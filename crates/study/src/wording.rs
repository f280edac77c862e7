//! Puts text, numbers and lists into the words of a message.

pub(crate) use corridor_tables::nearest::nearest;

/// Makes text from a file harmless in a message: control and direction characters escaped, long
/// text cut.
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

/// A number in the fewest decimals that read back as the same; only huge and tiny ones have an
/// exponent.
pub(crate) fn number(number: f64) -> String {
    let text = format!("{number:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A number with its unit in the singular or plural, `1 month` or `2 months`.
pub(crate) fn counted(count: f64, unit: &str) -> String {
    let plural = if count == 1.0 { "" } else { "s" };
    format!("{} {unit}{plural}", number(count))
}

/// The hint for an unknown name: the nearest known one, else the list of all.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{}`?", quoted(candidate)),
        None if known.is_empty() => "none is declared yet: declare it first".to_owned(),
        None => format!("choose one of {}", list(known.iter().copied())),
    }
}

/// Words in backticks, joined by commas; a long list is cut.
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
    fn numbers_are_short_and_read_back_the_same() {
        let shown = [0.0, -0.5, 10.0, 1e6, 0.1 + 0.2, 1e308, 5e-324].map(number);
        assert_eq!(shown, ["0", "-0.5", "10", "1000000", "0.30000000000000004", "1e308", "5e-324"]);
    }

    #[test]
    fn units_are_singular_for_one_alone() {
        assert_eq!(
            [1.0, 2.0, 0.5].map(|n| counted(n, "month")),
            ["1 month", "2 months", "0.5 months"]
        );
    }

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        assert_eq!(quoted("a\u{202e}b\n"), "a\\u{202e}b\\u{a}");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 81);
    }
}
