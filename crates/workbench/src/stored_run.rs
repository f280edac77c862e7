//! Opens a finished run: its tables, comparison and page, CSV export, and analysis with changes,
//! all without simulating.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use corridor_analysis::compare::{Margin, judge_again};
use corridor_report::comparison::find_metric;
use corridor_report::wording::MEAN;
use corridor_report::{Comparison, Tables, answer, csv_text, render};
use corridor_store::clean::{Removed, remove_state};
use corridor_store::error::StoreError;
use corridor_store::manifest::Manifest;
use corridor_store::run_reader::{RunReader, finished_runs_below, looks_like_a_run};
use corridor_store::single::{make_folder, write_text};
use corridor_store::statistics::TextName;
use corridor_study::Overrides;
use corridor_study::plan::RunPlan;
use corridor_tables::commands::Commands;
use corridor_tables::{CompareRow, FanRow, HistogramRow};

use crate::error::Error;
use crate::finish::analyse_again;
use crate::monitor::Monitor;
use crate::run_tables::run_tables;
use crate::session::Session;
use crate::settings::Settings;
use crate::state::{RunState, check_simulation, disk, state};
use crate::until;
use crate::work::{Work, in_pool};

/// A finished run on disk.
pub struct StoredRun {
    folder: PathBuf,
    reader: RunReader,
}

impl StoredRun {
    /// Opens the finished run in a folder.
    ///
    /// # Errors
    /// [`Error::Store`] if the folder holds no finished run, or if it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { folder: folder.to_path_buf(), reader: RunReader::open(disk(), folder)? })
    }

    /// Returns whether a folder looks like that of a run, finished or not.
    #[must_use]
    pub fn looks_like_a_run(folder: &Path) -> bool {
        looks_like_a_run(folder)
    }

    /// Finds the folders of the finished runs below `folder`, the newest first.
    #[must_use]
    pub fn finished_runs_below(folder: &Path) -> Vec<PathBuf> {
        finished_runs_below(folder)
    }

    /// Returns the run folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the manifest: identity, files and circumstances of the run.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.reader.manifest()
    }

    /// Returns the reader of the stored files, for single tables.
    #[must_use]
    pub fn reader(&self) -> &RunReader {
        &self.reader
    }

    /// Lists what lies among the path rows and is not part of the run, although tools that read
    /// the whole folder would take it for rows; the error of listing it if that fails.
    #[must_use]
    pub fn unlisted(&self) -> Vec<Error> {
        match self.reader.unlisted() {
            Ok(paths) => {
                paths.into_iter().map(|path| StoreError::Unlisted { path }.into()).collect()
            }
            Err(error) => vec![error.into()],
        }
    }

    /// Reads the tables that a comparison and the page show: of a wide run those of the metrics that
    /// its answer needs.
    ///
    /// # Errors
    /// [`Error::Store`] if a table is missing or differs from its record in the manifest.
    pub fn tables(&self) -> Result<Tables, Error> {
        Ok(run_tables(&self.reader, &[])?)
    }

    /// Reads the histograms of a metric, given by its id.
    ///
    /// # Errors
    /// [`Error::Store`] if the table is missing or differs from its record in the manifest.
    pub fn histogram(&self, metric_id: i32) -> Result<Vec<HistogramRow>, Error> {
        Ok(self.reader.rows_where(|row: &HistogramRow| row.metric_id == metric_id)?)
    }

    /// Reads the fans of a policy, given by its id, in all scenarios.
    ///
    /// # Errors
    /// [`Error::Store`] if the table is missing or differs from its record in the manifest.
    pub fn fan(&self, policy_id: i32) -> Result<Vec<FanRow>, Error> {
        Ok(self.reader.rows_where(|row: &FanRow| row.policy_id == policy_id)?)
    }

    /// Compares every policy with its baseline on `metric` (by default the study's primary metric),
    /// at the report horizon after `years` (by default the end of each scenario).
    ///
    /// # Errors
    /// [`Error::Store`] if the run cannot be read, [`Error::Unknown`] if the metric or horizon is
    /// not among those of the run, or the metric has no value at that horizon.
    pub fn comparison(
        &self,
        metric: Option<&str>,
        years: Option<f64>,
    ) -> Result<Comparison, Error> {
        let asked: Vec<&str> = metric.into_iter().collect();
        Ok(Comparison::of(&run_tables(&self.reader, &asked)?, metric, years)?)
    }

    /// Returns the folder in the run folder that CSV files are written to, after creating it.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be created, or if something else has its name, such as a link.
    pub fn csv_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.folder.join("csv");
        make_folder(&disk(), &folder)?;
        Ok(folder)
    }

    /// Compares as [`StoredRun::comparison`] does, with verdicts by other margins of practical
    /// equivalence than those of the analysis, in the unit of each metric. Stored differences and
    /// intervals are judged again; nothing is written.
    ///
    /// # Errors
    /// The errors of [`StoredRun::comparison`], and [`Error::Unknown`] if the run lacks a metric of
    /// `margins`.
    pub fn comparison_judged_by(
        &self,
        metric: Option<&str>,
        years: Option<f64>,
        margins: &BTreeMap<&str, f64>,
    ) -> Result<Comparison, Error> {
        let asked: Vec<&str> = metric.into_iter().chain(margins.keys().copied()).collect();
        let mut tables = run_tables(&self.reader, &asked)?;
        for (name, &margin) in margins {
            let metric_id = find_metric(&tables.metrics, name)?.metric_id;
            let judged = tables.metrics.iter_mut().find(|row| row.metric_id == metric_id);
            let Some(judged) = judged else { continue };
            judged.margin = Some(margin);
            let margin = Margin { width: Some(margin), higher_is_better: judged.higher_is_better };
            let of_mean = |row: &&mut CompareRow| row.metric_id == metric_id && row.stat == MEAN;
            tables.compare.iter_mut().filter(of_mean).for_each(|row| judge_again(row, margin));
        }
        Ok(Comparison::of(&tables, metric, years)?)
    }

    /// Writes every table of the run but `fact_path` as CSV into a folder; returns the number of
    /// tables.
    ///
    /// # Errors
    /// [`Error::Store`] if a table cannot be read or written, [`Error::Csv`].
    pub fn export_csv(&self, to: &Path) -> Result<u64, Error> {
        let run_id = &self.manifest().result.facts.simulation_id;
        let mut written = 0;
        for name in self.reader.table_names() {
            let table = self.reader.any_table(name)?;
            let text = csv_text(run_id, &table)
                .map_err(|error| Error::Csv { cause: error.to_string() })?;
            write_text(&disk(), to, &format!("{name}.csv"), &text)?;
            written += 1;
        }
        Ok(written)
    }

    /// Renders the page of the run anew from its tables.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Report`].
    pub fn page(&self, commands: &Commands) -> Result<String, Error> {
        let tables = self.tables()?;
        let answer = answer(&Comparison::of(&tables, None, None)?);
        Ok(render(&tables, &answer, &self.manifest().result.facts.warnings, commands)?)
    }

    /// Renders the page of the run anew and writes it into a folder; returns its path.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Report`].
    pub fn write_page(&self, to: &Path, commands: &Commands) -> Result<PathBuf, Error> {
        let name = TextName::Report.file();
        write_text(&disk(), to, name, &self.page(commands)?)?;
        Ok(to.join(name))
    }

    /// Returns the path of the page in the run folder, which is verified first.
    ///
    /// # Errors
    /// [`Error::Store`] if the page is missing or differs from its record in the manifest.
    pub fn page_path(&self) -> Result<PathBuf, Error> {
        self.reader.text(TextName::Report)?;
        Ok(self.folder.join(TextName::Report.file()))
    }

    /// Removes the sums of the parts, which take much of the space of a run. Its tables, texts and
    /// path rows stay; [`StoredRun::analyse`] and [`StoredRun::compare`] need what is removed.
    ///
    /// # Errors
    /// [`Error::Store`] if the run is in use, if another file of it is damaged, or if a file cannot
    /// be removed.
    pub fn clean(&self) -> Result<Removed, Error> {
        Ok(remove_state(&disk(), &self.folder)?)
    }

    /// Compiles the plan of the run from the study that it keeps, with changes.
    ///
    /// # Errors
    /// [`Error::Store`] if the study cannot be read, [`Error::Study`] if a change does not fit.
    pub fn plan(&self, changes: &Overrides) -> Result<RunPlan, Error> {
        let name = self.folder.join(TextName::Study.file()).display().to_string();
        let text = self.reader.text(TextName::Study)?;
        let mut plan = corridor_study::compile(&name, &text, &self.folder, changes)?;
        let old = plan.clone().with_first_ids();
        if self.manifest().result.facts.simulation_id == old.simulation_id {
            plan = old;
        }
        Ok(until::with_actual_paths(plan, &self.folder))
    }

    /// Checks that the run is the one of a plan.
    ///
    /// # Errors
    /// [`Error::AnotherSimulation`] if it is another one.
    pub(crate) fn check_simulation(&self, plan: &RunPlan) -> Result<(), Error> {
        check_simulation(&self.folder, &self.manifest().result.facts.simulation_id, plan)
    }

    /// Analyses the run again with changes to its study, from the stored sums and rows, and opens
    /// the new result.
    ///
    /// # Errors
    /// [`Error::AnotherSimulation`] if the changes need another simulation, [`Error::OtherRows`] if
    /// they need path rows that were not kept, [`Error::RowsWouldBeDeleted`] if they would delete
    /// path rows; [`Error::Cancelled`].
    pub fn analyse(
        &self,
        changes: &Overrides,
        settings: &Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Self, Error> {
        let started = Instant::now();
        again(&self.plan(changes)?, &self.folder, settings, started, monitor)
    }
}

impl Session {
    /// Opens the finished run of the study.
    ///
    /// # Errors
    /// [`Error::Store`] if the run is not finished or cannot be read, [`Error::AnotherSimulation`]
    /// if its folder holds another run.
    pub fn stored(&self) -> Result<StoredRun, Error> {
        let run = StoredRun::open(&self.run_folder())?;
        run.check_simulation(self.plan())?;
        Ok(run)
    }

    /// Returns whether a run of the study was analysed with the settings that the study has now.
    #[must_use]
    pub fn has_analysis_of(&self, run: &StoredRun) -> bool {
        let plan = until::with_actual_paths(self.plan().clone(), run.folder());
        plan.analysis_id == run.manifest().result.facts.analysis_id
    }

    /// Analyses the finished run of the study again, from the stored sums and rows.
    ///
    /// # Errors
    /// The errors of [`StoredRun::analyse`], and [`Error::Store`] if the run is not finished.
    pub fn analyse(&self, monitor: &(dyn Monitor + Sync)) -> Result<StoredRun, Error> {
        let folder = self.run_folder();
        let plan = until::with_actual_paths(self.plan().clone(), &folder);
        again(&plan, &folder, self.settings(), self.start(), monitor)
    }
}

fn again(
    plan: &RunPlan,
    folder: &Path,
    settings: &Settings,
    started: Instant,
    monitor: &(dyn Monitor + Sync),
) -> Result<StoredRun, Error> {
    let (kept, wanted) = (folder.to_path_buf(), plan.path_rows.name());
    match state(folder, plan)? {
        RunState::OtherRows => return Err(Error::OtherRows { folder: kept, wanted }),
        RunState::MoreRows => return Err(Error::RowsWouldBeDeleted { folder: kept, wanted }),
        RunState::Complete | RunState::OtherAnalysis | RunState::Unfinished => {}
    }
    let work = Work::new(settings.level, monitor);
    in_pool(settings.threads, || analyse_again(plan, folder, settings, started, &work))?;
    StoredRun::open(folder)
}
