//! Loads the study that the command line names, and applies the changes that options ask for.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use corridor_report::number::count;
use corridor_store::statistics::TextName;
use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, whole_number};
use corridor_workbench::{Monitor, Session, Settings, StoredRun};

use crate::console::Console;
use crate::failure::Failure;
use crate::hint::with_command;
use crate::terminal::Terminal;

/// A study file and the changes to it.
#[derive(Clone, Debug, Args)]
pub struct StudyInput {
    /// The study, a TOML file, or the folder of a run that was made from it
    #[arg(value_name = "STUDY|RUN_DIR", value_hint = ValueHint::AnyPath)]
    pub study: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// Options that change keys of a study.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Study")]
pub struct Changes {
    /// Simulate N paths instead of the study's number: `10_000`, `100k` or `1M`
    #[arg(long, value_name = "N", value_parser = paths)]
    paths: Option<u64>,
    /// Use another seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Change a key of the study: `time.horizon_years=20`, `policy.NAME.review=year`; may be
    /// repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Follow few paths step by step, for a quick look: no trajectories, and fans, tracking errors and
    /// results by regime from 512 paths
    #[arg(long)]
    fast: bool,
}

/// Changes of `--fast`; those that the user makes come after them.
const FAST: [&str; 3] =
    ["output.trajectories=0", "output.followed_paths=512", "output.regime_paths=512"];

impl StudyInput {
    /// Loads, checks and compiles the study; warnings go to standard error.
    ///
    /// # Errors
    /// [`Failure::Work`] with every problem of the study.
    pub fn load(&self, settings: Settings, console: &Console) -> Result<Session, Failure> {
        let session = self.changes.load(&self.study, settings, &Terminal::new(console, None))?;
        warn(session.plan(), console);
        Ok(session)
    }

    /// Loads the study, counts the policies tried before under its name, and prints their number.
    ///
    /// # Errors
    /// [`Failure::Work`] with every problem of the study, or if the record of tried policies cannot
    /// be read.
    pub fn load_counted(&self, settings: Settings, console: &Console) -> Result<Session, Failure> {
        let terminal = Terminal::new(console, None);
        let session = self.changes.load_counted(&self.study, settings, &terminal)?;
        warn(session.plan(), console);
        if let Some(others @ 1..) = session.plan().comparison.tried_before {
            let policies = if others == 1 {
                "1 policy was".to_owned()
            } else {
                format!("{} policies were", count(others))
            };
            console.note(&format!(
                "{policies} tried before under this study's name, as `ledger.jsonl` beside its runs \
                records: intervals for all at once and adjusted p-values count them, for who tries \
                many finds some that are ahead by luck; `comparison.tried_before = 0` or another \
                name counts none"
            ));
        }
        Ok(session)
    }
}

impl Changes {
    /// Returns these changes and margins of practical equivalence, each of a metric.
    #[must_use]
    pub fn with_margins(&self, margins: &[(String, f64)]) -> Self {
        let mut changes = self.clone();
        let set =
            |(metric, margin): &(String, f64)| format!("comparison.margin.{metric}={margin:?}");
        changes.set.extend(margins.iter().map(set));
        changes
    }

    /// Loads, checks and compiles a study.
    ///
    /// # Errors
    /// [`Failure::Work`] with every problem of the study.
    pub fn load(
        &self,
        study: &Path,
        settings: Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Session, Failure> {
        Ok(Session::load(&study_file(study)?, self.overrides(), settings, monitor)?)
    }

    /// Loads a study and counts the policies tried before under its name.
    ///
    /// # Errors
    /// [`Failure::Work`] with every problem of the study, or if the record of tried policies cannot
    /// be read.
    pub fn load_counted(
        &self,
        study: &Path,
        settings: Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Session, Failure> {
        let mut session = self.load(study, settings, monitor)?;
        session.count_tried_policies(monitor)?;
        Ok(session)
    }

    /// Returns whether any option changes the study.
    #[must_use]
    pub fn are_given(&self) -> bool {
        self.fast || !self.set.is_empty() || self.paths.is_some() || self.seed.is_some()
    }

    /// Returns the changes in the form that loading a study takes.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let fast = FAST.iter().filter(|_| self.fast).map(|&change| change.to_owned());
        let set = fast.chain(self.set.iter().cloned()).collect();
        Overrides { set, paths: self.paths, seed: self.seed }
    }
}

/// Returns the study that a path means: the file itself, or the study that a run folder keeps.
///
/// # Errors
/// [`Failure::NotARun`] if the path is a folder, but not that of a run.
fn study_file(path: &Path) -> Result<Cow<'_, Path>, Failure> {
    if !path.is_dir() {
        return Ok(Cow::Borrowed(path));
    }
    if StoredRun::looks_like_a_run(path) {
        return Ok(Cow::Owned(path.join(TextName::Study.file())));
    }
    let below = StoredRun::finished_runs_below(path);
    Err(Failure::NotARun { folder: path.to_path_buf(), below })
}

/// Reads a number of paths.
fn paths(text: &str) -> Result<u64, String> {
    whole_number(text).ok_or_else(|| "write a number such as 10000, 10_000, 100k or 1M".to_owned())
}

/// Prints the warnings of a plan to standard error.
pub fn warn(plan: &RunPlan, console: &Console) {
    for warning in &plan.warnings {
        console.complain(&format!("{}\n", with_command(warning).render(console.color())));
    }
}
