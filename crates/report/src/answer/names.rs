//! Names lists of policies, the corners of a swept policy in one phrase.

use corridor_tables::DimPolicyRow;

/// Largest number of phrases in a list; the other policies are counted.
const PHRASES_MAX: usize = 6;
/// Largest number of swept values that are named.
const VALUES_MAX: usize = 5;

/// Writes a list of policies: "`a`, `b` and all 5 of `c`".
pub(super) fn list(policies: &[&str], all: &[DimPolicyRow]) -> String {
    let same = |a: &&str, b: &&str| a.contains('[') && family(a) == family(b);
    let groups: Vec<&[&str]> = policies.chunk_by(same).collect();
    let mut phrases: Vec<String> =
        groups.iter().take(PHRASES_MAX).map(|group| phrase(group, all)).collect();
    let more: usize = groups.iter().skip(PHRASES_MAX).map(|group| group.len()).sum();
    if more > 0 {
        phrases.push(format!("{more} more"));
    }
    joined(&phrases)
}

/// Joins phrases by commas and one `and`.
pub(super) fn joined(phrases: &[String]) -> String {
    match phrases {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns the name of the swept policy that a corner belongs to; another policy's own name.
pub(super) fn family(policy: &str) -> &str {
    policy.split_once('[').map_or(policy, |(family, _)| family)
}

/// Names some corners of one family.
fn phrase(corners: &[&str], policies: &[DimPolicyRow]) -> String {
    let [first, ..] = corners else { return String::new() };
    let name = family(first);
    let all = policies.iter().filter(|row| family(&row.policy) == name).count();
    match corners {
        [one] => format!("`{one}`"),
        some if some.len() == all && all == 2 => format!("both of `{name}`"),
        some if some.len() == all => format!("all {all} of `{name}`"),
        some => values(some).map_or_else(
            || format!("{} of the {all} of `{name}`", some.len()),
            |values| format!("`{name}` with {values}"),
        ),
    }
}

/// The values of the one key that corners of a family differ in: "lag_months 1, 2 and 3".
fn values(corners: &[&str]) -> Option<String> {
    if corners.len() > VALUES_MAX {
        return None;
    }
    let pair = |corner: &&str| {
        let (_, label) = corner.split_once('[')?;
        let (key, value) = label.strip_suffix(']')?.split_once('=')?;
        (!value.contains([',', '='])).then(|| (key.to_owned(), value.to_owned()))
    };
    let pairs: Vec<(String, String)> = corners.iter().map(pair).collect::<Option<_>>()?;
    let (key, _) = pairs.first()?.clone();
    let values: Vec<String> =
        pairs.into_iter().filter(|(other, _)| *other == key).map(|(_, value)| value).collect();
    (values.len() == corners.len()).then(|| format!("{key} {}", joined(&values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(names: &[&str]) -> Vec<DimPolicyRow> {
        let row = |name: &&str| DimPolicyRow { policy: (*name).to_owned(), ..Default::default() };
        names.iter().map(row).collect()
    }

    #[test]
    fn corners_of_a_swept_policy_are_named_in_one_phrase() {
        let names = [
            "annual",
            "late[m=1]",
            "late[m=2]",
            "late[m=6]",
            "grid[a=1,b=1]",
            "grid[a=1,b=2]",
            "grid[a=2,b=1]",
        ];
        let all = policies(&names);
        assert_eq!(list(&[], &all), "");
        assert_eq!(list(&["annual"], &all), "`annual`");
        assert_eq!(list(&["annual", "late[m=2]"], &all), "`annual` and `late[m=2]`");
        assert_eq!(list(&["late[m=1]", "late[m=6]"], &all), "`late` with m 1 and 6");
        assert_eq!(list(&names[..4], &all), "`annual` and all 3 of `late`");
        assert_eq!(
            list(&["annual", "grid[a=1,b=1]", "grid[a=2,b=1]"], &all),
            "`annual` and 2 of the 3 of `grid`"
        );
    }

    #[test]
    fn two_corners_are_both() {
        let names = ["band[w=1]", "band[w=2]"];
        assert_eq!(list(&names, &policies(&names)), "both of `band`");
    }

    #[test]
    fn a_long_list_counts_the_rest() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        assert_eq!(list(&names, &policies(&names)), "`a`, `b`, `c`, `d`, `e`, `f` and 2 more");
    }
}
