//! Words the command that continues interrupted work.

use crate::failure::Failure;

/// Returns the command line of this process, with `option` added if it is missing.
#[must_use]
pub fn command_line(option: Option<&str>) -> String {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| quoted(&argument.to_string_lossy())).collect();
    let missing = option
        .filter(|option| !arguments.iter().any(|argument| argument == option))
        .map(str::to_owned);
    let words: Vec<String> =
        std::iter::once("corridor".to_owned()).chain(arguments).chain(missing).collect();
    words.join(" ")
}

/// Returns the failure for signals that cannot be caught.
#[must_use]
pub fn no_signals(cause: std::io::Error) -> Failure {
    Failure::System { what: "listen to signals", cause: cause.to_string() }
}

/// Quotes an argument for a shell.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./,:+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_would_take_them_apart() {
        let words = ["run", "a b.toml", "--set", "policy.x.trade=to_edge", "it's", ""].map(quoted);
        assert_eq!(
            words,
            ["run", "'a b.toml'", "--set", "policy.x.trade=to_edge", r"'it'\''s'", "''"]
        );
    }
}
