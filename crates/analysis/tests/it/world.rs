//! Draws the outcomes of a small synthetic study in memory, in parts as a run hands them over.

use std::convert::Infallible;

use corridor_analysis::analyse::{Analysis, KeptStates, LongTables, analyse};
use corridor_analysis::error::AnalysisError;
use corridor_analysis::facts::{Goal, ScenarioFacts};
use corridor_analysis::fold::Folded;
use corridor_analysis::input::{AnalysisInput, ComparisonSpec, SECTIONS_AT_ONCE};
use corridor_analysis::quantile::exact::{ColumnSource, ColumnVisitor};
use corridor_analysis::reduce::{Horizon, ReduceSpec, reduce};
use corridor_analysis::section::{SectionSpec, Thresholds};
use corridor_core::cancel::Cancel;
use corridor_core::numerics::exp;
use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, PathColumn, PolicyId, ScenarioId};
use corridor_tables::state::PartState;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Years to the only horizon.
pub const YEARS: f64 = 10.0;
/// Months to the only horizon.
pub const MONTHS: u32 = 120;

/// All outcomes of a study of one horizon.
pub struct World {
    pub cells: Vec<OutcomeCell>,
    /// Consecutive paths that are one replicate.
    pub replicate_paths: usize,
}

impl World {
    /// Draws policies of one scenario that share a shock per path. Log growth is normal with the
    /// given mean and a standard deviation of 2 % a year; the share `own` of it is the policy's
    /// own.
    pub fn normal(seed: u64, paths: usize, means: &[f64], own: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut cells: Vec<OutcomeCell> =
            (0..means.len() as u32).map(|policy| empty(ScenarioId(0), PolicyId(policy))).collect();
        for _ in 0..paths {
            let shared: f64 = rng.sample(StandardNormal);
            for (cell, mean) in cells.iter_mut().zip(means) {
                let noise: f64 = rng.sample(StandardNormal);
                let growth = mean + 0.02 * ((1.0 - own * own).sqrt() * shared + own * noise);
                push(cell, growth, noise);
            }
        }
        Self { cells, replicate_paths: 1 }
    }

    /// Draws the law of [`World::normal`] in antithetic pairs: 30 % of the variance of a shock is
    /// common to a pair, and the rest is mirrored.
    pub fn antithetic(seed: u64, paths: usize, means: &[f64], own: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut cells: Vec<OutcomeCell> =
            (0..means.len() as u32).map(|policy| empty(ScenarioId(0), PolicyId(policy))).collect();
        for _ in 0..paths / 2 {
            let mut draw = || {
                (
                    0.3_f64.sqrt() * rng.sample::<f64, _>(StandardNormal),
                    0.7_f64.sqrt() * rng.sample::<f64, _>(StandardNormal),
                )
            };
            let shared = draw();
            let noises: Vec<(f64, f64)> = means.iter().map(|_| draw()).collect();
            for sign in [1.0, -1.0] {
                let of = |(common, mirrored): (f64, f64)| common + sign * mirrored;
                for ((cell, mean), noise) in cells.iter_mut().zip(means).zip(&noises) {
                    push(
                        cell,
                        mean + 0.02 * ((1.0 - own * own).sqrt() * of(shared) + own * of(*noise)),
                        of(*noise),
                    );
                }
            }
        }
        Self { cells, replicate_paths: 2 }
    }

    pub fn paths(&self) -> usize {
        self.cells[0].columns[0].len()
    }

    pub fn values(&self, cell: usize, column: PathColumn) -> &[f64] {
        self.cells[cell].column(column)
    }

    /// Cuts the outcomes into parts.
    pub fn parts(&self, paths_per_part: usize) -> Vec<OutcomePart> {
        let starts = (0..self.paths()).step_by(paths_per_part);
        let part = |(index, start): (usize, usize)| {
            let end = (start + paths_per_part).min(self.paths());
            let cut = |cell: &OutcomeCell| OutcomeCell {
                id: cell.id,
                columns: std::array::from_fn(|column| cell.columns[column][start..end].to_vec()),
            };
            let cells = self.cells.iter().map(cut).collect();
            OutcomePart { index: index as u32, first_path: start as u64, paths: end - start, cells }
        };
        starts.enumerate().map(part).collect()
    }

    pub fn states(&self, paths_per_part: usize) -> Vec<PartState> {
        let policies =
            self.cells.iter().map(|cell| cell.id.policy_id).max().map_or(0, |last| last.0 + 1);
        let input = self.input("ce_growth_gamma_3");
        let spec = ReduceSpec::new(
            &input.horizons,
            &input.scenarios,
            &vec![PolicyId(0); policies as usize],
        );
        let pilot = self.parts(4096).first().map(|part| reduce(part, &spec));
        let mut folded = Folded::default();
        pilot.iter().for_each(|state| folded.add(state).expect("the first part"));
        let section = (self.paths().div_ceil(1024)).next_power_of_two();
        let spec =
            spec.with_sections(SectionSpec { paths: section, thresholds: Thresholds::of(&folded) });
        self.parts(paths_per_part).iter().map(|part| reduce(part, &spec)).collect()
    }

    /// Returns the study: every policy is compared with the first, on the metric `primary`.
    pub fn input(&self, primary: &str) -> AnalysisInput {
        let most = |of: fn(&CellId) -> u32| {
            self.cells.iter().map(|cell| of(&cell.id)).max().map_or(0, |last| last + 1)
        };
        let policies = most(|id| id.policy_id.0);
        AnalysisInput {
            scenarios: (0..most(|id| id.scenario_id.0)).map(scenario).collect(),
            policies: (0..policies).map(|id| format!("policy-{id}")).collect(),
            look_ahead: std::collections::BTreeSet::new(),
            series: Vec::new(),
            replicate_paths: self.replicate_paths,
            controls: Vec::new(),
            followed: Vec::new(),
            sections_at_once: SECTIONS_AT_ONCE,
            horizons: vec![Horizon { months: MONTHS, years: YEARS }],
            comparison: ComparisonSpec::new(vec![PolicyId(0); policies as usize], primary, [])
                .expect("a known metric"),
        }
    }

    pub fn analyse(&self, paths_per_part: usize, with_rows: bool) -> Analysis {
        self.analyse_into(paths_per_part, with_rows, &mut ())
    }

    /// Analyses as [`World::analyse`] does, and passes the longest tables to `long`.
    pub fn analyse_into(
        &self,
        paths_per_part: usize,
        with_rows: bool,
        long: &mut dyn LongTables,
    ) -> Analysis {
        let states = self.states(paths_per_part);
        let rows = with_rows.then_some(self);
        analyse(
            &self.input("ce_growth_gamma_3"),
            &KeptStates::new(&states),
            rows,
            long,
            Cancel::NEVER,
        )
        .expect("a whole run")
    }
}

impl ColumnSource for World {
    type Error = Infallible;

    fn stream(
        &self,
        columns: &[PathColumn],
        _cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), Infallible> {
        for start in (0..self.paths()).step_by(1000) {
            for cell in &self.cells {
                let slices: Vec<&[f64]> = columns
                    .iter()
                    .map(|&column| &cell.column(column)[start..(start + 1000).min(self.paths())])
                    .collect();
                if visit(cell.id, &slices).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// A scenario with inflation, a return of cash and a goal.
fn scenario(id: u32) -> ScenarioFacts {
    ScenarioFacts {
        inflation_annual: 0.02,
        risk_free_annual: 0.01,
        goal: Some(Goal { amount: 1.5e6, indexed: true }),
        ..ScenarioFacts::plain(format!("scenario-{id}"), 1e6)
    }
}

pub fn empty(scenario_id: ScenarioId, policy_id: PolicyId) -> OutcomeCell {
    OutcomeCell::with_capacity(CellId { scenario_id, policy_id, horizon_months: MONTHS }, 0)
}

/// Adds a path with a log growth; `noise` moves the other columns.
pub fn push(cell: &mut OutcomeCell, growth: f64, noise: f64) {
    for column in PathColumn::ALL {
        let value = match column {
            PathColumn::TerminalWealthNominal => 1e6 * exp(growth * YEARS),
            PathColumn::LogGrowthUnitAnnual => growth,
            PathColumn::MaxDrawdownUnitFrac | PathColumn::MaxDrawdownBalanceFrac => {
                (0.3 + 0.05 * noise).clamp(0.0, 1.0)
            }
            PathColumn::MonthsUnderWaterUnit => (60.0 + 20.0 * noise).clamp(0.0, 120.0).round(),
            PathColumn::VolUnitAnnual => 0.1 + 0.01 * noise.abs(),
            PathColumn::TurnoverOneWayAnnual => 0.05 + 0.01 * noise.abs(),
            PathColumn::RebalanceEvents => (10.0 + 3.0 * noise).max(0.0).round(),
            PathColumn::CostBpsAnnual => 2.0 + 0.1 * noise,
            PathColumn::GrowthWeightMeanFrac => 0.6 + 0.001 * noise,
            PathColumn::WeightDeviationRmsFrac => 0.02,
            PathColumn::WeightDeviationMaxFrac => 0.05 + 0.001 * noise.abs(),
            PathColumn::RuinMonth => f64::NAN,
        };
        cell.columns[column as usize].push(value);
    }
}

/// Analyses states that are in memory; nobody cancels.
pub fn analyse_states(
    input: &AnalysisInput,
    states: &[PartState],
    rows: Option<&World>,
) -> Result<Analysis, AnalysisError<Infallible>> {
    analyse(input, &KeptStates::new(states), rows, &mut (), Cancel::NEVER)
}
