//! Follows the first paths of a run month by month: fans of wealth and drawdown, and metrics of a
//! policy relative to its baseline.
//!
//! The kernel runs once more on these paths with the end of every month as a report horizon.
//! To bound the memory, policies run in squads of a few, each with its baseline.

use std::ops::Range;
use std::sync::Arc;

use corridor_analysis::fan::{FanPoint, fan};
use corridor_analysis::monthly::{
    FollowedCell, MonthEnd, MonthOutcome, MonthlyPath, ReferenceValues, month_ends,
};
use corridor_core::lanes::{LANES, Row};
use corridor_core::numerics::ln;
use corridor_core::outcome::{CellId, PathColumn, PolicyId, ScenarioId};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::ShippedBlocks;
use corridor_store::error::StoreError;
use corridor_study::plan::{MarketGroup, RunPlan};
use corridor_tables::label::FanMeasure;
use corridor_tables::metric::FollowedColumn;
use corridor_tables::{FanRow, WorstPathRow};
use rayon::prelude::*;

use crate::error::Error;
use crate::monitor::Phase;
use crate::work::Work;

/// Policies of a squad besides the baseline: the months of each take 2 MB a thread over thirty
/// years.
const SQUAD_SIZE: usize = 5;

/// Most numbers kept in memory; with many policies fewer paths are followed.
const NUMBERS_MAX: u64 = 16 << 20;

/// Most points in time of a fan, besides the start.
const FAN_POINTS: usize = 60;

/// Takes tables over time as they are found: the rows of a few policies after another, those of one
/// scenario and policy together.
pub(crate) trait TakeOverTime {
    /// Takes rows of `fact_fan`.
    fn fans(&mut self, rows: Vec<FanRow>) -> Result<(), StoreError>;

    /// Takes rows of `fact_worst_path`, by scenario and policy.
    fn worst(&mut self, rows: Vec<WorstPathRow>) -> Result<(), StoreError>;
}

/// Drops the tables.
impl TakeOverTime for () {
    fn fans(&mut self, _: Vec<FanRow>) -> Result<(), StoreError> {
        Ok(())
    }

    fn worst(&mut self, _: Vec<WorstPathRow>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Follows the first [`RunPlan::followed_paths`] paths under every scenario and policy. Returns the
/// monthly metrics of each scenario and policy, at the last horizon of the scenario.
///
/// # Errors
/// [`Error::Cancelled`], and the errors of `tables`.
pub(crate) fn follow(
    plan: &RunPlan,
    work: &Work<'_>,
    tables: &mut dyn TakeOverTime,
) -> Result<Vec<FollowedCell>, Error> {
    let followed = paths_of(plan);
    let mut cells = Vec::new();
    let squads: Vec<(&MarketGroup, Squad<'_>)> = plan
        .groups
        .iter()
        .filter(|_| followed > 0)
        .flat_map(|group| {
            let squads = squads(group, &plan.comparison.compare_with);
            squads.into_iter().map(move |squad| (group, squad))
        })
        .collect();
    let meter = work.phase(Phase::FollowingMonths, squads.len() as u64);
    for (group, squad) in squads {
        for reported in squad.follow(group, plan, followed, work) {
            tables.fans(reported.fan)?;
            cells.push(reported.cell);
        }
        meter.advance(1);
        work.check()?;
    }
    cells.sort_by_key(|cell| cell.id);
    let of_baseline = |cell: &&FollowedCell| cell.id.policy_id == plan.comparison.baseline;
    for (scenario, path) in cells.iter().filter(of_baseline).filter_map(most_painful) {
        let has_it = |group: &&MarketGroup| group.scenario_ids.contains(&scenario);
        for group in plan.groups.iter().filter(has_it) {
            worst_path(group, scenario, path, work, tables)?;
        }
    }
    Ok(cells)
}

/// Number of paths that are followed, which memory limits.
pub(crate) fn paths_of(plan: &RunPlan) -> usize {
    let instances: u64 =
        plan.groups.iter().map(|group| group.simulation.instances.len() as u64).sum();
    let most = NUMBERS_MAX / (instances * FollowedColumn::COUNT as u64).max(1);
    plan.followed_paths.min(plan.paths).min(most.max(LANES as u64)) as usize
}

/// The scenario of a cell, and its path with the largest ulcer index.
fn most_painful(cell: &FollowedCell) -> Option<(ScenarioId, usize)> {
    let ulcer = &cell.columns[FollowedColumn::UlcerIndex as usize];
    let worst = (0..ulcer.len())
        .reduce(|worst, path| if ulcer[path] > ulcer[worst] { path } else { worst })?;
    Some((cell.id.scenario_id, worst))
}

/// Follows one path month by month under every policy of a scenario.
fn worst_path(
    group: &MarketGroup,
    scenario: ScenarioId,
    path: usize,
    work: &Work<'_>,
    tables: &mut dyn TakeOverTime,
) -> Result<(), Error> {
    let grid = group.simulation.grid;
    let months = month_ends(grid);
    let mut instances: Vec<&Instance> = group
        .simulation
        .instances
        .iter()
        .filter(|instance| instance.scenario_id == scenario)
        .collect();
    instances.sort_by_key(|instance| instance.policy_id);
    for squad in instances.chunks(SQUAD_SIZE) {
        work.check()?;
        let simulation = at_months(group, squad, &months);
        let Some(mut engine) =
            ShippedBlocks::new(work.level, &simulation, group.market.source128())
        else {
            return Ok(());
        };
        let mut rows = Vec::new();
        let mut seen = vec![MonthlyPath::default(); squad.len()];
        let (first, lane) = (path / LANES * LANES, path % LANES);
        engine.simulate(first as u64, |instance, month, columns| {
            push(&mut seen[instance], &months[month], columns, lane)
        });
        for (instance, seen) in squad.iter().zip(&seen) {
            let start = (0.0, instance.account.initial, 0.0);
            let points = months
                .iter()
                .map(|month| grid.months(month.step))
                .zip(seen.wealth())
                .zip(seen.drawdowns());
            rows.extend(
                std::iter::once(start)
                    .chain(points.map(|((time, &wealth), fall)| (time, wealth, fall)))
                    .map(|(time_months, wealth_nominal, drawdown)| WorstPathRow {
                        scenario_id: scenario.number(),
                        policy_id: instance.policy_id.number(),
                        path_id: path as i64,
                        time_months,
                        wealth_nominal,
                        drawdown_unit_frac: drawdown,
                    }),
            );
        }
        tables.worst(rows)?;
    }
    Ok(())
}

/// Returns the simulation of these policies with the end of every month as a report horizon.
fn at_months(group: &MarketGroup, instances: &[&Instance], months: &[MonthEnd]) -> Simulation {
    let instances = instances.iter().map(|&instance| instance.clone()).collect();
    Simulation {
        horizons: months.iter().map(|month| month.step).collect(),
        ..group.simulation.with_instances(instances)
    }
}

/// Adds the month of one lane to a path.
fn push(
    path: &mut MonthlyPath,
    month: &MonthEnd,
    rows: &[Row<f64, LANES>; PathColumn::COUNT],
    lane: usize,
) {
    let of = |column: PathColumn| rows[column as usize][lane];
    path.push(
        month,
        MonthOutcome {
            wealth: of(PathColumn::TerminalWealthNominal),
            log_growth_annual: of(PathColumn::LogGrowthUnitAnnual),
            turnover_annual: of(PathColumn::TurnoverOneWayAnnual),
            deviation_rms: of(PathColumn::WeightDeviationRmsFrac),
            ruin_month: of(PathColumn::RuinMonth),
        },
    );
}

/// Policies of one scenario that share a baseline and run together.
struct Squad<'a> {
    /// Policies to run, the baseline first.
    instances: Vec<&'a Instance>,
    /// Indices of the policies that are reported.
    reported: Range<usize>,
}

fn squads<'a>(group: &'a MarketGroup, compare_with: &[PolicyId]) -> Vec<Squad<'a>> {
    let instances = &group.simulation.instances;
    let with = |instance: &Instance| {
        compare_with.get(instance.policy_id.index()).copied().unwrap_or(instance.policy_id)
    };
    let mut squads = Vec::new();
    for baseline in instances {
        let is_own = with(baseline) == baseline.policy_id;
        let follows = |other: &&Instance| {
            other.scenario_id == baseline.scenario_id && other.policy_id != baseline.policy_id
        };
        let members: Vec<&Instance> = instances
            .iter()
            .filter(follows)
            .filter(|other| with(other) == baseline.policy_id)
            .collect();
        if is_own && members.is_empty() {
            squads.push(Squad { instances: vec![baseline], reported: 0..1 });
        }
        for (place, chunk) in members.chunks(SQUAD_SIZE).enumerate() {
            let first = usize::from(!(is_own && place == 0));
            squads.push(Squad {
                instances: std::iter::once(baseline).chain(chunk.iter().copied()).collect(),
                reported: first..chunk.len() + 1,
            });
        }
    }
    squads
}

/// Monthly metrics and fan of one policy.
struct Reported {
    cell: FollowedCell,
    fan: Vec<FanRow>,
}

/// Monthly metrics and fan values of one policy on some paths.
#[derive(Default)]
struct Months {
    columns: [Vec<f64>; FollowedColumn::COUNT],
    /// Wealth and drawdown of each path, by point of the fan.
    fan: Vec<[Vec<f64>; 2]>,
}

impl Months {
    /// Appends the paths of `other`.
    fn append(&mut self, mut other: Self) {
        self.columns.iter_mut().zip(&mut other.columns).for_each(|(all, more)| all.append(more));
        self.fan.resize_with(other.fan.len(), Default::default);
        for (all, more) in self.fan.iter_mut().zip(&mut other.fan) {
            all.iter_mut().zip(more).for_each(|(all, more)| all.append(more));
        }
    }
}

impl Squad<'_> {
    /// Runs the policies on the first `followed` paths; on fewer if the work is cancelled.
    fn follow(
        &self,
        group: &MarketGroup,
        plan: &RunPlan,
        followed: usize,
        work: &Work<'_>,
    ) -> Vec<Reported> {
        let grid = group.simulation.grid;
        let months = month_ends(grid);
        let assets: Vec<Instance> = (0..group.assets.len())
            .map(|asset| Instance::holding_one_asset(asset, group.assets.len()))
            .collect();
        let instances = [&self.instances[..], &assets.iter().collect::<Vec<_>>()].concat();
        let simulation = at_months(group, &instances, &months);
        let stride = months.len().div_ceil(FAN_POINTS);
        let points: Vec<usize> = (0..months.len())
            .filter(|place| (place + 1) % stride == 0 || place + 1 == months.len())
            .collect();
        let risk_free = self
            .instances
            .first()
            .and_then(|one| plan.scenarios.get(one.scenario_id.index()))
            .map_or(0.0, |row| row.risk_free_annual);
        let against = ReferenceValues {
            range: plan.comparison.policy_range,
            log_risk_free: ln(1.0 + risk_free),
            asset_growth: 0.0,
        };
        let (simulation, months, points) = (&simulation, &months[..], &points[..]);
        let run = SquadRun { squad: self, group, simulation, months, points, against, work };
        let reported = self.instances[self.reported.clone()].iter().copied().zip(run.all(followed));
        let reported: Vec<(&Instance, Months)> = reported.collect();
        let report = |(instance, found)| run.report(instance, found, plan.replicate_paths);
        reported.into_par_iter().map(report).collect()
    }
}

/// Returns the fan at the start, where all paths have the same wealth.
fn start_of_fan(instance: &Instance, followed: usize, replicate_paths: usize) -> Vec<FanRow> {
    let start = FanPoint {
        scenario_id: instance.scenario_id,
        policy_id: instance.policy_id,
        measure: FanMeasure::Wealth,
        time_months: 0.0,
    };
    let mut rows = fan(start, &mut vec![instance.account.initial; followed], replicate_paths);
    let drawdown = FanPoint { measure: FanMeasure::Drawdown, ..start };
    rows.extend(fan(drawdown, &mut vec![0.0; followed], replicate_paths));
    rows
}

/// A squad with its market, months and reference values.
#[derive(Clone, Copy)]
struct SquadRun<'a> {
    squad: &'a Squad<'a>,
    group: &'a MarketGroup,
    simulation: &'a Simulation,
    months: &'a [MonthEnd],
    /// Indices of the months that are points of a fan.
    points: &'a [usize],
    against: ReferenceValues,
    work: &'a Work<'a>,
}

impl SquadRun<'_> {
    /// Follows the reported policies on the first `followed` paths, on all threads of the pool.
    fn all(&self, followed: usize) -> Vec<Months> {
        let per_thread = followed.div_ceil(LANES).div_ceil(rayon::current_num_threads()) * LANES;
        let ranges: Vec<Range<usize>> = (0..followed)
            .step_by(per_thread)
            .map(|first| first..(first + per_thread).min(followed))
            .collect();
        let parts: Vec<Vec<Months>> =
            ranges.into_par_iter().map(|range| self.paths(range)).collect();
        let mut whole: Vec<Months> =
            self.squad.reported.clone().map(|_| Months::default()).collect();
        for part in parts {
            whole.iter_mut().zip(part).for_each(|(all, more)| all.append(more));
        }
        whole
    }

    /// Returns the metrics and the fan of one policy.
    fn report(&self, instance: &Instance, mut found: Months, replicate_paths: usize) -> Reported {
        let grid = self.simulation.grid;
        let id = CellId {
            scenario_id: instance.scenario_id,
            policy_id: instance.policy_id,
            horizon_months: (grid.months(grid.steps) + 0.5) as u32,
        };
        let followed = found.columns[0].len();
        let mut rows = start_of_fan(instance, followed, replicate_paths);
        for (&point, values) in self.points.iter().zip(&mut found.fan) {
            let time_months = grid.months(self.months[point].step);
            let measures = [FanMeasure::Wealth, FanMeasure::Drawdown].into_iter().zip(values);
            rows.extend(measures.flat_map(|(measure, values)| {
                let (scenario_id, policy_id) = (id.scenario_id, id.policy_id);
                let point = FanPoint { scenario_id, policy_id, measure, time_months };
                fan(point, values, replicate_paths)
            }));
        }
        Reported { cell: FollowedCell { id, columns: found.columns.map(Arc::from) }, fan: rows }
    }

    /// Follows the reported policies on a range of paths that begins with a block.
    fn paths(&self, range: Range<usize>) -> Vec<Months> {
        let mut found: Vec<Months> =
            self.squad.reported.clone().map(|_| Months::default()).collect();
        let Some(mut engine) =
            ShippedBlocks::new(self.work.level, self.simulation, self.group.market.source128())
        else {
            return found;
        };
        let policies = self.squad.instances.len();
        let mut seen = vec![vec![MonthlyPath::default(); LANES]; policies];
        for first in range.clone().step_by(LANES) {
            if self.work.is_cancelled() {
                break;
            }
            for paths in &mut seen {
                paths.truncate(range.end - first);
                paths.iter_mut().for_each(MonthlyPath::clear);
            }
            let mut assets = vec![Row::splat(0.0); self.group.assets.len()];
            engine.simulate(first as u64, |instance, month, rows| match seen.get_mut(instance) {
                Some(paths) => paths
                    .iter_mut()
                    .enumerate()
                    .for_each(|(lane, path)| push(path, &self.months[month], rows, lane)),
                None => {
                    assets[instance - policies] = rows[PathColumn::LogGrowthUnitAnnual as usize]
                }
            });
            for (all, place) in found.iter_mut().zip(self.squad.reported.clone()) {
                all.append(self.months_of(&seen, &assets, place));
            }
        }
        found
    }

    /// Returns the metrics of the policy at index `place` on one block of paths. `assets` holds the
    /// log growth a year of each asset over the whole path.
    fn months_of(
        &self,
        seen: &[Vec<MonthlyPath>],
        assets: &[Row<f64, LANES>],
        place: usize,
    ) -> Months {
        let target = &self.squad.instances[place].policy.target;
        let mut months = Months {
            fan: self.points.iter().map(|_| Default::default()).collect(),
            ..Months::default()
        };
        for (lane, (path, baseline)) in seen[place].iter().zip(&seen[0]).enumerate() {
            let drawdowns = path.drawdowns();
            let against = ReferenceValues {
                asset_growth: target
                    .iter()
                    .zip(assets)
                    .map(|(weight, growth)| weight * growth[lane])
                    .sum(),
                ..self.against
            };
            let values =
                path.columns((place > 0).then_some(baseline), &drawdowns, self.months, against);
            months.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            for (&point, [wealth, drawdown]) in self.points.iter().zip(&mut months.fan) {
                wealth.push(path.wealth()[point]);
                drawdown.push(drawdowns[point]);
            }
        }
        months
    }
}
