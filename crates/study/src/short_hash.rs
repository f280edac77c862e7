//! Makes the short ids of simulations, analyses and policies: a letter and 12 hex digits.
//!
//! The letter is not a hex digit, so no program takes an id for a number. Without it one id in 140
//! would be written like `123456789012` or `1234e5678901`.

/// Letter that the id of a simulation begins with, `run_id` in the tables.
pub(crate) const SIMULATION: char = 'r';
/// Letter that the id of an analysis begins with.
pub(crate) const ANALYSIS: char = 'n';
/// Letter that the key of a policy begins with.
pub(crate) const POLICY: char = 'p';

/// Hashes `parts`, each preceded by its length, to an id that begins with `letter`.
pub(crate) fn short_id(letter: char, parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    of_hash(letter, &hasher.finalize())
}

/// Returns the id of a hash, which begins with `letter`.
pub(crate) fn of_hash(letter: char, hash: &blake3::Hash) -> String {
    format!("{letter}{}", &hash.to_hex()[..12])
}

/// Returns the digits of an id, which are the whole id in runs of the first versions.
pub(crate) fn digits(id: &str) -> &str {
    id.strip_prefix([SIMULATION, ANALYSIS, POLICY]).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_a_number_in_any_base() {
        for letter in [SIMULATION, ANALYSIS, POLICY] {
            let of = |seed: u32| short_id(letter, &[&seed.to_le_bytes()]);
            let mut like_numbers = 0;
            for id in (0..2000).map(of) {
                assert!(
                    id.parse::<f64>().is_err() && i64::from_str_radix(&id, 16).is_err(),
                    "{id}"
                );
                assert_eq!(id, format!("{letter}{}", digits(&id)));
                like_numbers += u32::from(digits(&id).parse::<f64>().is_ok());
            }
            assert!(like_numbers > 5, "the digits alone often are: {like_numbers}");
        }
    }
}
