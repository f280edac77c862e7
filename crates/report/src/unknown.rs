//! Names what a run or study lacks, and the names that it has instead.

use corridor_tables::nearest::nearest;

/// Largest number of known names in a message.
const SHOWN: usize = 12;

/// A name that a run, a study or the program does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {} `{name}`\nhint: {}", .what.words(), hint(*.what, .name, .known))]
pub struct Unknown {
    /// Kind of thing that the name is of.
    pub what: Thing,
    /// Name that was asked for.
    pub name: String,
    /// Names that exist.
    pub known: Vec<String>,
}

impl Unknown {
    /// Makes the error for a name that is none of `known`.
    pub fn new(
        what: Thing,
        name: &str,
        known: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let known = known.into_iter().map(Into::into).collect();
        Self { what, name: name.to_owned(), known }
    }
}

/// A kind of thing that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A rebalancing rule of a study.
    Policy,
    /// A scenario of a study, by name or number.
    Scenario,
    /// A metric of the catalogue.
    Metric,
    /// A metric that a run compares; some exist on ruined paths only, or need a goal.
    ComparedMetric,
    /// A report horizon of a run, in years.
    Horizon,
    /// A report horizon at which a metric has a value, in years.
    HorizonOfMetric,
    /// A shipped market.
    Preset,
    /// An instruction set of the machine.
    InstructionSet,
    /// A word of the glossary.
    Word,
}

impl Thing {
    const fn words(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Scenario => "scenario",
            Self::Metric => "metric",
            Self::ComparedMetric => "comparison of the metric",
            Self::Horizon => "report horizon of this number of years:",
            Self::HorizonOfMetric => "value of this metric after this number of years:",
            Self::Preset => "preset",
            Self::InstructionSet => "instruction set of this machine called",
            Self::Word => "explanation of",
        }
    }

    /// Returns whether a name that is spelt alike is likely to be meant; a number never is.
    const fn is_spelt(self) -> bool {
        match self {
            Self::Policy | Self::Scenario | Self::Metric | Self::Preset | Self::Word => true,
            Self::ComparedMetric | Self::Horizon | Self::HorizonOfMetric | Self::InstructionSet => {
                false
            }
        }
    }
}

/// Words the way out: the corners of a swept name, the nearest name, or the list of all.
fn hint(what: Thing, name: &str, known: &[String]) -> String {
    let corner = format!("{name}[");
    let corners: Vec<&str> =
        known.iter().map(String::as_str).filter(|known| known.starts_with(&corner)).collect();
    if !corners.is_empty() {
        return format!("`{name}` is swept; choose one of its corners: {}", list(&corners));
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = if what.is_spelt() { nearest(name, known.iter().copied()) } else { None };
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none at all".to_owned(),
        None => format!("choose one of {}", list(&known)),
    }
}

/// Writes names in backticks; a long list is cut.
fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let rest = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(what: Thing, name: &str, known: &[&str]) -> String {
        Unknown::new(what, name, known.iter().copied()).to_string()
    }

    #[test]
    fn the_nearest_name_is_offered_else_all_of_them() {
        assert_eq!(
            message(Thing::Metric, "ruin", &["sharpe_ratio", "ruined"]),
            "there is no metric `ruin`\nhint: did you mean `ruined`?"
        );
        assert_eq!(
            message(Thing::Policy, "xyz", &["annual", "never"]),
            "there is no policy `xyz`\nhint: choose one of `annual`, `never`"
        );
        assert_eq!(
            message(Thing::Horizon, "4", &["2", "40"]),
            "there is no report horizon of this number of years: `4`\nhint: choose one of `2`, `40`"
        );
    }

    #[test]
    fn the_name_of_a_swept_policy_leads_to_its_corners() {
        let known = ["band5", "corr-band[width=0.02]", "corr-band[width=0.05]"];
        assert_eq!(
            message(Thing::Policy, "corr-band", &known),
            "there is no policy `corr-band`\nhint: `corr-band` is swept; choose one of its \
            corners: `corr-band[width=0.02]`, `corr-band[width=0.05]`"
        );
    }

    #[test]
    fn a_long_list_is_cut() {
        let known: Vec<String> = (0..100).map(|number| format!("rule{number}")).collect();
        let message = Unknown::new(Thing::Policy, "zz", known).to_string();
        assert!(message.ends_with("`rule11` and 88 more"), "{message}");
    }
}
