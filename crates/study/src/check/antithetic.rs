//! Checks that a study can have antithetic pairs of paths.

use corridor_scenario::market::Market;

use super::scope::Scope;
use super::study::CheckedScenario;
use crate::diagnostic::Id;
use crate::file::RunTable;
use crate::tree::Path;

/// Reports everything that keeps paths from being mirrored in pairs.
pub(super) fn check(
    run: &RunTable,
    scenarios: &[CheckedScenario],
    is_search: bool,
    scope: &Scope<'_>,
) {
    let root = Path::root("run");
    let path = root.key("antithetic");
    let refuse = |message: String, hint: &str| scope.error(&path, Id::Antithetic, message, hint);
    if scenarios.iter().any(|scenario| matches!(scenario.market.market, Market::Bootstrap(_))) {
        refuse(
            "`antithetic` mirrors Gaussian shocks, and a bootstrap draws whole dates".to_owned(),
            "leave it out, or use a market of regimes",
        );
    }
    if !run.paths.is_multiple_of(2) {
        refuse(
            format!("{} paths are no whole number of antithetic pairs", run.paths),
            "make `paths` even",
        );
    }
    if is_search {
        refuse(
            "a search scores single paths, and antithetic ones come in pairs".to_owned(),
            "leave `antithetic` out of a study with `[search]`",
        );
    }
}
