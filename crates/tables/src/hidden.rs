//! Tells the characters that a reader does not see, or that change how the text behind them is
//! shown. Studies with such characters are refused, and terminals get their numbers instead.

/// Returns whether a character is a control character or turns the direction of writing. Line
/// breaks and tabs are neither.
#[must_use]
pub const fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_are_hidden_and_letters_of_all_scripts_are_not() {
        assert!("\u{1b}\u{0}\u{7}\u{7f}\u{9b}\u{202e}\u{2066}\u{2028}".chars().all(is_hidden));
        assert!(!"a ä € 漢字 עברית 👩\u{200d}🔬 e\u{301}\n\t".chars().any(is_hidden));
    }
}
