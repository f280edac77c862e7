//! Checks the twins of a study, static rules that are given the exposure or turnover of another
//! policy.

use super::comparison;
use super::scope::Scope;
use super::study::CheckedPolicy;
use crate::diagnostic::Id;
use crate::file::policy::SameWord;
use crate::file::shape::PerAsset;
use crate::file::trigger::TriggerValue;
use crate::plan::{Same, Twin};
use crate::tree::Path;
use crate::wording::quoted;
use corridor_core::outcome::PolicyId;

/// Checks twins whose number is still to be found. `known` has the names of all policies, also of
/// those that are refused.
pub(crate) fn check(policies: &[CheckedPolicy], known: &[String], scope: &Scope<'_>) -> Vec<Twin> {
    let root = Path::root("policy");
    let mut twins = Vec::new();
    for (id, policy) in policies.iter().enumerate() {
        let corner = &policy.corner;
        let Some(twin) = corner.table.twin.as_ref().filter(|twin| !twin.settled) else { continue };
        let place = root.index(corner.index);
        let path = place.key("twin");
        let of = policies.iter().position(|other| other.corner.name == twin.of);
        let refused = |message: String, hint: &str| scope.error(&path, Id::Twin, message, hint);
        match of {
            None if known.contains(&twin.of) => continue, // the other policy is refused
            None => {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                comparison::unknown(&twin.of, &names, &path.key("of"), scope);
                continue;
            }
            Some(of) if policies[of].corner.table.twin.is_some() => refused(
                format!("`{}` is a twin itself", quoted(&twin.of)),
                "name the policy that it is the twin of",
            ),
            Some(_) if corner.swept => refused(
                "a swept policy cannot be a twin".to_owned(),
                "write a policy for each twin",
            ),
            Some(of) => twins.extend(one(id, of, policy, twin.same, &refused)),
        }
    }
    twins
}

/// Checks that a twin can be given the exposure or turnover of policy `of`.
fn one(
    id: usize,
    of: usize,
    policy: &CheckedPolicy,
    same: SameWord,
    refused: &dyn Fn(String, &str),
) -> Option<Twin> {
    let compiled = policy.compiled.first()?;
    let table = &policy.corner.table;
    match same {
        SameWord::Exposure if compiled.moving.is_some() => {
            refused(
                "a twin of the same exposure has a fixed target, and this target moves".to_owned(),
                "leave the moving target out",
            );
            None
        }
        SameWord::Turnover
            if !matches!(
                &table.trigger,
                Some(TriggerValue::Outside(outside)) if outside.watches_single_assets() && matches!(
                    outside.absolute,
                    Some(PerAsset::Each(_)),
                ),
            ) =>
        {
            refused(
                "a twin of the same turnover needs a band to widen or narrow".to_owned(),
                "write `trigger = { outside = { absolute = 0.05 } }`",
            );
            None
        }
        SameWord::Exposure | SameWord::Turnover => Some(Twin {
            policy: PolicyId(id as u32),
            place: policy.corner.index,
            of: PolicyId(of as u32),
            same: match same {
                SameWord::Exposure => Same::Exposure,
                SameWord::Turnover => Same::Turnover,
            },
        }),
    }
}
