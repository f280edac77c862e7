//! Loads the study named on the command line, with what the command line changes in it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use corridor_report::number::count;
use corridor_store::ledger::Ledger;
use corridor_store::storage::Disk;
use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, load};

use crate::analyse;
use crate::console::Console;
use crate::failure::Failure;
use crate::place::PlaceInput;
use crate::twins;

/// The study and its changes.
#[derive(Clone, Debug, Args)]
pub struct StudyInput {
    /// The study, a TOML file
    #[arg(value_name = "STUDY", value_hint = ValueHint::FilePath)]
    pub study: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// Changes to a study.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Study")]
pub struct Changes {
    /// Simulate N paths instead of the study's number
    #[arg(long, value_name = "N")]
    paths: Option<u64>,
    /// Use another seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change a key of the study: `time.horizon_years=20`, `policy.NAME.review=year`; may be
    /// repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl StudyInput {
    /// Loads, checks and compiles the study; warnings go to standard error.
    ///
    /// # Errors
    /// [`Failure::Study`] with every problem.
    pub fn load(&self, console: &Console) -> Result<RunPlan, Failure> {
        let plan = self.changes.load(&self.study)?;
        warn(&plan, console);
        Ok(plan)
    }

    /// The same, counting the policies tried before, and saying so.
    ///
    /// # Errors
    /// As [`Changes::load_counted`].
    pub fn load_counted(&self, place: &PlaceInput, console: &Console) -> Result<RunPlan, Failure> {
        let plan = self.changes.load_counted(&self.study, place)?;
        warn(&plan, console);
        if let Some(others @ 1..) = plan.comparison.tried_before {
            let policies = if others == 1 {
                "1 policy was".to_owned()
            } else {
                format!("{} policies were", count(others))
            };
            console.note(&format!(
                "{policies} tried before under this study's name: intervals for \
            all at once and adjusted p-values count them"
            ));
        }
        Ok(plan)
    }
}

impl Changes {
    /// Loads, checks and compiles a study.
    ///
    /// # Errors
    /// [`Failure::Study`] with every problem, [`Failure::Comparison`] where policies cannot be
    /// compared as it wants, [`Failure::NoTwin`] where a policy has no twin.
    pub fn load(&self, study: &Path) -> Result<RunPlan, Failure> {
        Self::load_with(study, self.overrides())
    }

    /// The same, counting the policies that the ledger of the study's results has besides, where
    /// the study says nothing of its own.
    ///
    /// # Errors
    /// As [`Changes::load`]; [`Failure::Store`] where the ledger cannot be read.
    pub fn load_counted(&self, study: &Path, place: &PlaceInput) -> Result<RunPlan, Failure> {
        let plan = self.load(study)?;
        let ledger = Ledger::read(&Disk, &place.study_folder(&plan))?;
        let others = ledger.others(plan.policies.iter().map(|row| row.policy_key.as_str()));
        if others == 0 || plan.comparison.tried_before.is_some() {
            return Ok(plan);
        }
        let mut overrides = self.overrides();
        overrides.set.push(format!("comparison.tried_before={others}"));
        Self::load_with(study, overrides)
    }

    fn load_with(study: &Path, mut overrides: Overrides) -> Result<RunPlan, Failure> {
        let mut plan = load(study, &overrides)?;
        analyse::input(&plan)?; // what cannot be compared must not be simulated first
        if !plan.twins.is_empty() {
            overrides.set.extend(twins::settle(&plan)?);
            plan = load(study, &overrides)?;
        }
        Ok(plan)
    }

    /// Whether there are any.
    #[must_use]
    pub fn are_given(&self) -> bool {
        !self.set.is_empty() || self.paths.is_some() || self.seed.is_some()
    }

    /// The same as the study crate takes them.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        Overrides { set: self.set.clone(), paths: self.paths, seed: self.seed }
    }
}

/// Prints the warnings of a plan.
pub fn warn(plan: &RunPlan, console: &Console) {
    for warning in &plan.warnings {
        console.complain(&format!("{}\n", warning.render(console.color())));
    }
}

/// The id of a policy by its name, with its swept values.
///
/// # Errors
/// [`Failure::Unknown`] where the study has no such policy.
pub fn policy_id(plan: &RunPlan, name: &str) -> Result<u32, Failure> {
    let found = plan.policies.iter().find(|row| row.policy == name).map(|row| row.policy_id as u32);
    let known = || {
        plan.policies.iter().map(|row| format!("`{}`", row.policy)).collect::<Vec<_>>().join(", ")
    };
    found.ok_or_else(|| Failure::Unknown { what: "policy", name: name.to_owned(), known: known() })
}
