//! Runs policies on any source of paths and analyses them in memory, for markets of one's own, for
//! teaching and for tests. Nothing is stored.

use corridor_analysis::analyse::{Analysis, KeptStates, analyse};
use corridor_analysis::error::AnalysisError;
use corridor_analysis::facts::ScenarioFacts;
use corridor_analysis::fold::Folded;
use corridor_analysis::input::{AnalysisInput, ComparisonSpec, SECTIONS_AT_ONCE};
use corridor_analysis::quantile::exact::NoRows;
use corridor_analysis::reduce::{Horizon, ReduceSpec, reduce};
use corridor_analysis::section::{SectionSpec, Thresholds};
use corridor_core::cancel::Cancel;
use corridor_core::lanes::LANES;
use corridor_core::outcome::{OutcomePart, PolicyId};
use corridor_core::path::PathSource;
use corridor_simulation::plan::Simulation;
use corridor_simulation::run::{Group, PathRange};
use corridor_store::error::StoreError;
use corridor_tables::state::PartState;

use crate::error::Error;
use crate::monitor::{Meter, Monitor, Phase};
use crate::settings::Settings;
use crate::simulate::map_parts;
use crate::work::{Work, in_pool};

/// Number of paths of a part, which is one batch of the sums that an analysis reads.
const PART_PATHS: u64 = 4096;
/// Number of paths of a section. Joint errors of several policies come from sums over sections.
const SECTION_PATHS: usize = 128;

/// Policies on a source of paths, with the comparison to make.
#[derive(Clone, Copy)]
pub struct MemoryRun<'a> {
    /// Market that generates the paths.
    pub source: &'a dyn PathSource<LANES>,
    /// Time grid, assets and one instance for each policy. All instances have scenario id 0, and
    /// policy ids count from 0.
    pub simulation: &'a Simulation,
    /// Names of the policies, by id.
    pub policies: &'a [&'a str],
    /// Id of the policy that all others are compared with.
    pub baseline: PolicyId,
    /// Name of the metric that the comparison is judged on, `ce_growth_gamma_3` for one.
    pub metric: &'a str,
    /// Margin of practical equivalence in the metric's unit; `None` for the metric's default.
    pub margin: Option<f64>,
    /// Number of paths to simulate.
    pub paths: u64,
}

impl MemoryRun<'_> {
    /// Simulates all paths and analyses them. Returns the rows that a run would store, except those
    /// of the longest tables and of metrics that are followed month by month. Quantiles come from
    /// counts.
    ///
    /// # Errors
    /// [`Error::Comparison`] if policies cannot be compared on the metric,
    /// [`Error::TooManyAssets`], [`Error::Cancelled`], [`Error::Threads`].
    pub fn analyse(
        &self,
        settings: &Settings,
        monitor: &(dyn Monitor + Sync),
    ) -> Result<Analysis, Error> {
        let work = Work::new(settings.level, monitor);
        in_pool(settings.threads, || self.analyse_with(&work))
    }

    fn analyse_with(&self, work: &Work<'_>) -> Result<Analysis, Error> {
        let input = self.input()?;
        let compare_with = &input.comparison.compare_with;
        let spec =
            ReduceSpec::new(&input.horizons, &input.scenarios, compare_with).at_level(work.level);
        let pilot = self.states(self.paths.min(PART_PATHS), &spec, work, &|_| ())?;
        let mut folded = Folded::default();
        let folding = pilot.iter().try_for_each(|state| folded.add(state));
        folding.map_err(|error| Error::Analysis(AnalysisError::Fold(error)))?;
        let thresholds = Thresholds::of(&folded);
        let spec = spec.with_sections(SectionSpec { paths: SECTION_PATHS, thresholds });
        let meter = Meter::start(work.monitor, Phase::Simulating, self.paths, 0);
        let states = self.states(self.paths, &spec, work, &|paths| meter.advance(paths))?;
        meter.finish();
        let is_cancelled = || work.is_cancelled();
        let cancel = Cancel::new(&is_cancelled);
        Ok(analyse(&input, &KeptStates::new(&states), NoRows::<StoreError>::NONE, &mut (), cancel)?)
    }

    fn states(
        &self,
        paths: u64,
        spec: &ReduceSpec,
        work: &Work<'_>,
        advance: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<PartState>, Error> {
        let range = PathRange { paths, paths_per_part: PART_PATHS, finished: Vec::new() };
        let groups = [Group { source: self.source, simulation: self.simulation }];
        let reduced = |part: OutcomePart| reduce(&part, spec);
        let (states, _) = map_parts(&groups, &range, work, advance, reduced)?;
        Ok(states)
    }

    fn input(&self) -> Result<AnalysisInput, Error> {
        let grid = self.simulation.grid;
        let horizon =
            |&t: &u32| Horizon { months: (grid.months(t) + 0.5) as u32, years: grid.years(t) };
        let initial = self.simulation.instances.first().map_or(1.0, |one| one.account.initial);
        let margin = self.margin.map(|margin| (self.metric, margin));
        Ok(AnalysisInput {
            scenarios: vec![ScenarioFacts::plain("base".to_owned(), initial)],
            policies: self.policies.iter().map(|&name| name.to_owned()).collect(),
            look_ahead: Default::default(),
            horizons: self.simulation.horizons.iter().map(horizon).collect(),
            series: Vec::new(),
            comparison: ComparisonSpec::new(
                vec![self.baseline; self.policies.len()],
                self.metric,
                margin,
            )?,
            replicate_paths: 1,
            controls: Vec::new(),
            followed: Vec::new(),
            sections_at_once: SECTIONS_AT_ONCE,
        })
    }
}
