//! Recognises what newcomers to TOML write, from the line that cannot be read.

/// What is wrong with a line, and how it is written.
pub(crate) struct Slip {
    pub message: String,
    pub hint: String,
}

/// Finds the usual slip in a line that is not TOML; `None` for any other mistake.
pub(crate) fn slip(line: &str) -> Option<Slip> {
    if line.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        return Some(Slip {
            message: "the line has typographic quotes".to_owned(),
            hint: "write straight quotes: \"..\"".to_owned(),
        });
    }
    let code = without_texts(line.split('#').next().unwrap_or_default());
    let words =
        || code.split([' ', '\t', '=', '{', '}', '[', ']']).map(|word| word.trim_matches(','));
    if let Some(number) = words().find(|word| is_grouped(word)) {
        return Some(Slip {
            message: format!("the number `{number}` has commas"),
            hint: format!("write thousands without a comma: `{}`", number.replace(',', "_")),
        });
    }
    if let Some(number) = words().find(|word| has_decimal_comma(word)) {
        return Some(Slip {
            message: format!("the number `{number}` has a comma"),
            hint: format!("write decimals with a point: `{}`", number.replace(',', ".")),
        });
    }
    if let Some(number) = words().find(|word| is_percentage(word)) {
        return Some(Slip {
            message: format!("the number `{number}` has a percent sign"),
            hint: "write a fraction: 5 % are `0.05`".to_owned(),
        });
    }
    let word = unquoted(&code)?;
    Some(Slip {
        message: format!("the word `{word}` has no quotes"),
        hint: format!("write words in quotes: \"{word}\""),
    })
}

/// The line with the insides of its texts taken out.
fn without_texts(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word is a number such as `1,000,000`.
fn is_grouped(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let mut groups = word.split('.').next().unwrap_or_default().split(',');
    let first =
        groups.next().is_some_and(|group| digits(group) && group.len() <= 3 && group != "0");
    let mut rest = groups.peekable();
    first && rest.peek().is_some() && rest.all(|group| digits(group) && group.len() == 3)
}

/// Whether a word is a number such as `0,60`.
fn has_decimal_comma(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    word.split_once(',').is_some_and(|(whole, part)| digits(whole) && digits(part))
}

fn is_percentage(word: &str) -> bool {
    word.strip_suffix('%').is_some_and(|number| number.parse::<f64>().is_ok())
}

/// The word behind an equals sign that stands there without quotes.
fn unquoted(code: &str) -> Option<&str> {
    let values = code.split('=').skip(1).map(str::trim_start);
    let word = |value: &'_ str| value.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    values.map(|value| &value[..word(value).unwrap_or(value.len())]).find(|word| {
        word.starts_with(char::is_alphabetic) && !["true", "false", "inf", "nan"].contains(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(line: &str) -> String {
        slip(line).map(|slip| slip.hint).unwrap_or_default()
    }

    #[test]
    fn what_newcomers_write_is_recognised() {
        assert!(hint("amount_per_year = 40,000").ends_with("`40_000`"));
        assert!(hint("initial = 1,000,000 # a comment, 5").ends_with("`1_000_000`"));
        assert!(hint("target = { equity = 0,60, bond = 0.4 }").ends_with("`0.60`"));
        assert!(hint("absolute = 5%").ends_with("`0.05`"));
        assert!(hint("trigger = never").ends_with("\"never\""));
        assert!(hint("name = “annual”").starts_with("write straight quotes"));
    }

    #[test]
    fn other_mistakes_are_not() {
        for line in [
            "name = \"a, b = c",
            "= 5",
            "target = { equity = 0.6, bond = 0.4",
            "list = [1, 2, 3",
            "on = true x",
            "width = inf 2",
            "",
        ] {
            assert_eq!(hint(line), "", "{line}");
        }
    }
}
