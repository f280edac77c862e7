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
    let Code { text: code, is_open_text } = Code::of(line);
    if is_open_text {
        return Some(Slip {
            message: "a text in quotes does not end".to_owned(),
            hint: "write the closing quote, `\"`, at its end".to_owned(),
        });
    }
    if code.contains("//") {
        return Some(Slip {
            message: "`//` does not begin a comment".to_owned(),
            hint: "begin comments with `#`".to_owned(),
        });
    }
    let words = || {
        let words = code.split([' ', '\t', '=', '{', '}', '[', ']']);
        words.map(|word| word.trim_matches(',')).filter(|word| !word.is_empty())
    };
    let found = KINDS.iter().find_map(|kind| words().find_map(|word| Some((word, kind(word)?))));
    if let Some((word, Wrong { what, hint })) = found {
        return Some(Slip { message: format!("the number `{word}` has {what}"), hint });
    }
    if let Some((number, joined)) = spaced(&code) {
        return Some(Slip {
            message: format!("the number `{number}` has blanks"),
            hint: format!("write thousands without a blank: `{joined}`"),
        });
    }
    if let Some((key, value, message)) = without_equals_sign(&code) {
        return Some(Slip { message, hint: format!("write `{key} = {value}`") });
    }
    if let Some(header) = open_header(&code) {
        return Some(Slip {
            message: "the name of a table has no closing bracket".to_owned(),
            hint: format!("write `{header}`"),
        });
    }
    let word = unquoted(&code)?;
    if ["true", "false"].contains(&word.to_lowercase().as_str()) {
        return Some(Slip {
            message: format!("`{word}` has a capital letter"),
            hint: format!("write `{}`", word.to_lowercase()),
        });
    }
    Some(Slip {
        message: format!("the word `{word}` has no quotes"),
        hint: format!("write words in quotes: \"{word}\""),
    })
}

/// Mistake in a number, and the way to write it.
struct Wrong {
    what: &'static str,
    hint: String,
}

/// Ways to write a number that is not one.
const KINDS: [fn(&str) -> Option<Wrong>; 6] =
    [with_commas, with_decimal_comma, with_points, with_percent_sign, with_unit, with_slash];

fn with_commas(word: &str) -> Option<Wrong> {
    let hint = || format!("write thousands without a comma: `{}`", word.replace(',', "_"));
    is_grouped(word).then(|| Wrong { what: "commas", hint: hint() })
}

fn with_decimal_comma(word: &str) -> Option<Wrong> {
    let hint = || format!("write decimals with a point: `{}`", word.replace(',', "."));
    has_decimal_comma(word).then(|| Wrong { what: "a comma", hint: hint() })
}

fn with_points(word: &str) -> Option<Wrong> {
    let hint = || format!("write thousands without points: `{}`", word.replace('.', "_"));
    let is_grouped = word.matches('.').count() > 1 && is_grouped(&word.replace('.', ","));
    is_grouped.then(|| Wrong { what: "points", hint: hint() })
}

fn with_percent_sign(word: &str) -> Option<Wrong> {
    let hint = || "write a fraction: 5 % are `0.05`".to_owned();
    is_percentage(word).then(|| Wrong { what: "a percent sign", hint: hint() })
}

/// A number with a currency or a unit, such as `€800_000`, `800k` or `15bp`.
fn with_unit(word: &str) -> Option<Wrong> {
    let number = word.trim_start_matches(['€', '$', '£']);
    let end =
        number.find(|c: char| !c.is_ascii_digit() && !"._".contains(c)).unwrap_or(number.len());
    let (number, unit) = number.split_at(end);
    let value: f64 = number.replace('_', "").parse().ok()?;
    let is_unit = unit.chars().all(|c| c.is_alphabetic() || "€$£".contains(c));
    if !is_unit || (unit.is_empty() && end == word.len()) {
        return None;
    }
    let thousands = match unit.to_lowercase().as_str() {
        "k" => value * 1e3,
        "m" | "mn" | "mio" => value * 1e6,
        _ => 0.0,
    };
    let number = if (1e3..1e15).contains(&thousands) && thousands.fract() == 0.0 {
        grouped(thousands as u64)
    } else {
        number.to_owned()
    };
    let hint = format!("write the number alone: `{number}`; its unit belongs to the key");
    Some(Wrong { what: "a unit", hint })
}

/// A quotient such as `45_000/12`.
fn with_slash(word: &str) -> Option<Wrong> {
    let (above, below) = word.split_once('/')?;
    let number = |text: &str| text.replace('_', "").parse::<f64>().ok();
    let quotient = number(above)? / number(below)?;
    let hint = format!("write the result, nothing is calculated here: `{quotient}`");
    quotient.is_finite().then_some(Wrong { what: "a slash", hint })
}

/// Writes a whole number with `_` between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A number behind an equals sign whose thousands are apart, as in `1 000 000`, and how it is written.
fn spaced(code: &str) -> Option<(&str, String)> {
    code.split('=').skip(1).find_map(|value| {
        let end = value.find([',', '}', ']']).unwrap_or(value.len());
        let value = value[..end].trim();
        let commas = value.replace([' ', '\u{a0}', '\u{202f}', '\u{2009}', '\''], ",");
        (value != commas && is_grouped(&commas)).then(|| (value, commas.replace(',', "_")))
    })
}

/// The key and value of a line with a colon or nothing between them, and what is wrong with it.
fn without_equals_sign(code: &str) -> Option<(&str, &str, String)> {
    let code = code.trim();
    if code.contains(['=', '[', '{']) {
        return None;
    }
    let end = code.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c))?;
    let (key, rest) = code.split_at(end);
    let value = rest.trim_start().trim_start_matches(':').trim();
    let message = if rest.trim_start().starts_with(':') {
        "a colon stands where the equals sign belongs".to_owned()
    } else {
        format!("`{key}` has no equals sign")
    };
    let begins_as_key = key.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins_as_key && !value.is_empty()).then_some((key, value, message))
}

/// The line of a table's name, closed, if it is not.
fn open_header(code: &str) -> Option<String> {
    let code = code.trim();
    let name = code.trim_matches(['[', ']']);
    let opened = code.len() - code.trim_start_matches('[').len();
    let closed = code.len() - code.trim_end_matches(']').len();
    let is_open = is_name(name) && (1..=2).contains(&opened) && closed < opened;
    is_open.then(|| format!("{}{name}{}", "[".repeat(opened), "]".repeat(opened)))
}

/// A line without the insides of its texts and without its comment, which keep their room as blanks.
struct Code {
    text: String,
    /// Whether a text begins and does not end.
    is_open_text: bool,
}

impl Code {
    fn of(line: &str) -> Self {
        let mut text = String::with_capacity(line.len());
        let (mut quote, mut is_escaped) = (None, false);
        for c in line.chars() {
            let is_inside = quote.is_some();
            if is_inside && !is_escaped && quote == Some(c) {
                quote = None;
            } else if !is_inside && (c == '"' || (c == '\'' && begins_value(&text))) {
                quote = Some(c);
            } else if !is_inside && c == '#' {
                break;
            }
            is_escaped = quote == Some('"') && c == '\\' && !is_escaped;
            let is_code = quote.is_none() || !is_inside;
            text.extend(std::iter::repeat_n(' ', if is_code { 0 } else { c.len_utf8() }));
            text.extend(is_code.then_some(c));
        }
        // a text over several lines ends elsewhere
        let is_open_text = quote.is_some() && !has_long_text(line);
        Self { text, is_open_text }
    }
}

/// Whether what comes next begins a value: an apostrophe within a number begins no text.
fn begins_value(before: &str) -> bool {
    before.trim_end().ends_with(['=', '[', ',', '{'])
}

/// Whether a line has the quotes of a text over several lines.
fn has_long_text(line: &str) -> bool {
    line.contains("\"\"\"") || line.contains("'''")
}

/// A bracket that is not closed before the next key or table begins: the place of the bracket, and
/// the slip.
pub(crate) fn open_bracket(text: &str) -> Option<(usize, Slip)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(&(place, bracket)) = open.last()
            && begins_anew(line)
        {
            let closing = if bracket == '[' { ']' } else { '}' };
            return Some((
                place,
                Slip {
                    message: format!("`{bracket}` is not closed in its line"),
                    hint: format!("write `{closing}` at the end of the list or table"),
                },
            ));
        }
        if has_long_text(line) {
            return None; // texts over several lines are not looked into
        }
        for (at, c) in Code::of(line).text.char_indices() {
            if c == '[' || c == '{' {
                open.push((start + at, c));
            } else if c == ']' || c == '}' {
                open.pop();
            }
        }
        start += line.len();
    }
    None
}

/// Whether a line begins with a key and an equals sign, or is the name of a table.
fn begins_anew(line: &str) -> bool {
    let code = Code::of(line).text;
    let has_key = code.split_once('=').is_some_and(|(key, _)| is_name(key.trim()));
    let table = code.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_table = table.is_some_and(|name| {
        let name = name.trim_matches(['[', ']']);
        is_name(name) && name.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    has_key || is_table
}

/// Whether a text is a bare key, or several with dots between them.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
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
        assert!(hint("initial = 1.000.000").ends_with("`1_000_000`"));
        assert!(hint("initial = 800k").contains("`800_000`"));
        assert!(hint("initial = 1.5m").contains("`1_500_000`"));
        assert!(hint("initial = €800_000").contains("`800_000`"));
        assert!(hint("one_way_bps = 10bp").contains("`10`"));
        assert!(hint("initial = 1 000 000 # a million").ends_with("`1_000_000`"));
        assert!(hint("initial = 1\u{a0}000").ends_with("`1_000`"));
        assert!(hint("initial = 1'000'000").ends_with("`1_000_000`"));
        assert!(hint("flow = { amount_per_year = 45_000/12, a = 1 }").ends_with("`3750`"));
        assert!(hint("one_way_bps = 10 // costs").ends_with("`#`"));
        assert_eq!(hint("indexed = True"), "write `true`");
        assert_eq!(hint("horizon_years: 30"), "write `horizon_years = 30`");
        assert_eq!(hint("horizon_years 30"), "write `horizon_years = 30`");
        assert_eq!(hint("[[policy]"), "write `[[policy]]`");
        assert_eq!(hint("[costs"), "write `[costs]`");
        assert!(hint("name = \"annual").ends_with("at its end"));
        assert!(hint("name = 'annual").ends_with("at its end"));
        assert!(hint("path = \"C:\\\\\", initial = 800k").contains("`800_000`"));
        assert!(hint("name = \"a # b\", initial = 800k").contains("`800_000`"));
    }

    #[test]
    fn brackets_that_are_not_closed_are_found() {
        let open = |text: &str| open_bracket(text).map(|(place, _)| place);
        assert_eq!(open("a = [1, 2\nb = 3\n"), Some(4));
        assert_eq!(open("a = { b = [1, 2], c = 3\n[costs]\n"), Some(4));
        assert_eq!(open("a = [\n  1, # one [\n  2,\n]\nb = \"[\"\n[[policy]]\nc = 1"), None);
        assert_eq!(open("a = \"ä [\" # ]\nb = [\"é\", 1\n[costs]"), Some(19));
        assert_eq!(open("a = [\n  { b = 1 },\n  { b = 2 },\n]\n"), None);
    }

    #[test]
    fn other_mistakes_are_not() {
        for line in [
            "= 5",
            "target = { equity = 0.6, bond = 0.4",
            "list = [1, 2, 3",
            "on = true x",
            "width = inf 2",
            "date = 2020-01-01x1",
            "[study]]",
            "",
        ] {
            assert_eq!(hint(line), "", "{line}");
        }
    }
}
