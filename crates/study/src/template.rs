//! Lists the shipped studies from which a study of one's own starts.

/// A commented study that is complete and runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name of the template: `retire`, `accumulate` or `compare`.
    pub name: &'static str,
    /// Subject of the study, in a few words.
    pub about: &'static str,
    /// Text of the study.
    pub text: &'static str,
}

/// Every template.
#[must_use]
pub fn templates() -> &'static [Template] {
    &[
        Template {
            name: "retire",
            about: "an account that pays withdrawals",
            text: include_str!("../../../scenarios/templates/retire.toml"),
        },
        Template {
            name: "accumulate",
            about: "savings towards a goal",
            text: include_str!("../../../scenarios/templates/accumulate.toml"),
        },
        Template {
            name: "compare",
            about: "a lump sum at several trading costs",
            text: include_str!("../../../scenarios/templates/compare.toml"),
        },
    ]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Overrides, compile};

    #[test]
    fn every_template_is_a_study_without_error_or_warning() {
        for template in templates() {
            let plan = compile(template.name, template.text, Path::new(""), &Overrides::default())
                .unwrap();
            assert!(plan.warnings.is_empty(), "{}: {:?}", template.name, plan.warnings);
            assert!(plan.policies.len() >= 5, "{}", template.name);
        }
    }

    #[test]
    fn the_template_of_retirement_has_eight_rules_and_says_what_it_judges() {
        let retire = templates()[0];
        let plan = compile(retire.name, retire.text, Path::new(""), &Overrides::default()).unwrap();
        assert_eq!((plan.policies.len(), plan.comparison.primary_metric.as_str()), (8, "ruined"));
    }
}
