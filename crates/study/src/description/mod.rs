//! Describes in sentences what a study simulates: its markets, accounts, costs and policies.
//!
//! `check`, the page, `dim_scenario` and `dim_policy` all show these sentences, so a reader meets
//! one description of a rule wherever its name stands.

mod account;
mod condition;
mod market;
mod number;
mod rule;
mod signal;

pub(crate) use account::{account, costs};
pub(crate) use market::market;
pub(crate) use rule::rule;

use number::{joined, percent};

/// The mix of weights `60/40`, or `equity 70 %, bond 30 %` where the order of assets does not tell;
/// an asset without weight is left out of the latter.
fn mix(assets: &[String], weights: &[f64]) -> String {
    /// Largest number of assets whose weights a reader can tell by their order.
    const BY_ORDER: usize = 3;
    let short = weights.len() <= BY_ORDER && weights.iter().all(|weight| *weight > 0.0);
    if short && weights.len() > 1 {
        let parts = weights.iter().map(|weight| percent(*weight).replace(" %", ""));
        return parts.collect::<Vec<_>>().join("/");
    }
    let held = assets.iter().zip(weights).filter(|(_, weight)| **weight != 0.0);
    joined(held.map(|(asset, weight)| format!("{asset} {}", percent(*weight))), ", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_of_few_assets_is_named_by_its_weights() {
        let names =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(mix(&names(&["equity", "bond"]), &[0.6, 0.4]), "60/40");
        assert_eq!(mix(&names(&["a", "b", "c"]), &[0.5, 0.325, 0.175]), "50/32.5/17.5");
        assert_eq!(mix(&names(&["equity", "bond"]), &[1.0, 0.0]), "equity 100 %");
        assert_eq!(
            mix(&names(&["a", "b", "c", "d"]), &[0.4, 0.3, 0.2, 0.1]),
            "a 40 %, b 30 %, c 20 %, d 10 %"
        );
    }
}
