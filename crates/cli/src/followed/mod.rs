//! Follows the first paths of a run month by month: fans of wealth and drawdown, and what a policy
//! does relative to its baseline.
//!
//! The kernel runs once more on these paths with the end of every month as a report horizon.
//! Policies run in squads small enough for the memory that takes, each with its baseline.

mod monthly;

use std::ops::Range;

use corridor_analysis::fan::{FanPoint, Measure, fan};
use corridor_analysis::reduce::FollowedCell;
use corridor_core::lanes::{LANES, Row};
use corridor_core::level::Level;
use corridor_core::numerics::ln;
use corridor_core::outcome::{CellId, PathColumn};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::ShippedBlocks;
use corridor_study::plan::{MarketGroup, RunPlan};
use corridor_tables::metric::FollowedColumn;
use corridor_tables::{FanRow, WorstPathRow};
use rayon::prelude::*;

use crate::source::paths;
use monthly::{Month, MonthlyPath, Yardsticks, month_ends};

/// Policies of a squad besides the baseline: the months of each take 5 MB a thread over thirty
/// years.
const SQUAD: usize = 5;

/// Most numbers kept: fewer paths are followed where there are many policies.
const NUMBERS_MAX: u64 = 16 << 20;

/// Most points in time of a fan, besides the start.
const FAN_POINTS: usize = 60;

/// What was found.
#[derive(Debug, Default)]
pub struct Followed {
    /// One cell per scenario and policy, at the scenario's own horizon.
    pub cells: Vec<FollowedCell>,
    /// `fact_fan`.
    pub fan: Vec<FanRow>,
    /// `fact_worst_path`.
    pub worst: Vec<WorstPathRow>,
}

/// Follows the first [`RunPlan::followed_paths`] paths under every scenario and policy.
#[must_use]
pub fn follow(plan: &RunPlan, level: Level) -> Followed {
    let cells: u64 = plan.groups.iter().map(|group| group.simulation.instances.len() as u64).sum();
    let most = NUMBERS_MAX / (cells * FollowedColumn::COUNT as u64).max(1);
    let followed = plan.followed_paths.min(plan.paths).min(most.max(LANES as u64)) as usize;
    let mut found = Followed::default();
    for group in plan.groups.iter().filter(|_| followed > 0) {
        for squad in squads(group, &plan.comparison.compare_with) {
            for reported in squad.follow(group, plan, followed, level) {
                found.fan.extend(reported.fan);
                found.cells.push(reported.cell);
            }
        }
    }
    found.cells.sort_by_key(|cell| cell.id);
    found.fan.sort_by_key(|row| (row.scenario_id, row.policy_id));
    let most_painful: Vec<(u32, usize)> = found
        .cells
        .iter()
        .filter(|cell| cell.id.policy_id == plan.comparison.baseline)
        .filter_map(most_painful)
        .collect();
    for group in &plan.groups {
        for &(scenario, path) in
            most_painful.iter().filter(|(scenario, _)| group.scenario_ids.contains(scenario))
        {
            found.worst.extend(worst_path(group, scenario, path, level));
        }
    }
    found.worst.sort_by_key(|row| (row.scenario_id, row.policy_id));
    found
}

/// The scenario of a cell, and its path with the largest ulcer index.
fn most_painful(cell: &FollowedCell) -> Option<(u32, usize)> {
    let ulcer = &cell.columns[FollowedColumn::UlcerIndex as usize];
    let worst = (0..ulcer.len())
        .reduce(|worst, path| if ulcer[path] > ulcer[worst] { path } else { worst })?;
    Some((cell.id.scenario_id, worst))
}

/// One path month by month under every policy of a scenario.
fn worst_path(group: &MarketGroup, scenario: u32, path: usize, level: Level) -> Vec<WorstPathRow> {
    let grid = group.simulation.grid;
    let months = month_ends(grid);
    let instances: Vec<&Instance> = group
        .simulation
        .instances
        .iter()
        .filter(|instance| instance.scenario_id == scenario)
        .collect();
    let mut rows = Vec::new();
    for squad in instances.chunks(SQUAD) {
        let simulation = at_months(group, squad, &months);
        let Some(mut engine) = ShippedBlocks::new(level, &simulation, paths(&group.market)) else {
            return rows;
        };
        let mut seen = vec![MonthlyPath::default(); squad.len()];
        let (first, lane) = (path / LANES * LANES, path % LANES);
        engine.simulate(first as u64, |instance, month, columns| {
            see(&mut seen[instance], &months[month], columns, lane)
        });
        for (instance, seen) in squad.iter().zip(&seen) {
            let start = (0.0, instance.account.initial, 0.0);
            let points = months
                .iter()
                .map(|month| grid.months(month.step))
                .zip(&seen.wealth)
                .zip(seen.drawdowns());
            rows.extend(
                std::iter::once(start)
                    .chain(points.map(|((time, &wealth), fall)| (time, wealth, fall)))
                    .map(|(time_months, wealth_nominal, drawdown)| WorstPathRow {
                        scenario_id: scenario as i32,
                        policy_id: instance.policy_id as i32,
                        path_id: path as i64,
                        time_months,
                        wealth_nominal,
                        drawdown_unit_frac: drawdown,
                    }),
            );
        }
    }
    rows
}

/// The simulation of these policies with every month's end as a report horizon.
fn at_months(group: &MarketGroup, instances: &[&Instance], months: &[Month]) -> Simulation {
    let instances = instances.iter().map(|&instance| instance.clone()).collect();
    Simulation {
        horizons: months.iter().map(|month| month.step).collect(),
        ..group.simulation.with_instances(instances)
    }
}

/// Adds a month of one lane.
fn see(
    path: &mut MonthlyPath,
    month: &Month,
    rows: &[Row<f64, LANES>; PathColumn::COUNT],
    lane: usize,
) {
    let of = |column: PathColumn| rows[column as usize][lane];
    path.see(
        month,
        of(PathColumn::TerminalWealthNominal),
        of(PathColumn::LogGrowthUnitAnnual),
        of(PathColumn::TurnoverOneWayAnnual),
        of(PathColumn::WeightDeviationRmsFrac),
        of(PathColumn::RuinMonth),
    );
}

/// Policies of one scenario that have one baseline.
struct Squad<'a> {
    /// The baseline first.
    instances: Vec<&'a Instance>,
    /// Places of those that are reported.
    reported: Range<usize>,
}

fn squads<'a>(group: &'a MarketGroup, compare_with: &[u32]) -> Vec<Squad<'a>> {
    let instances = &group.simulation.instances;
    let with = |instance: &Instance| {
        compare_with.get(instance.policy_id as usize).copied().unwrap_or(instance.policy_id)
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
        for (place, chunk) in members.chunks(SQUAD).enumerate() {
            let first = usize::from(!(is_own && place == 0));
            squads.push(Squad {
                instances: std::iter::once(baseline).chain(chunk.iter().copied()).collect(),
                reported: first..chunk.len() + 1,
            });
        }
    }
    squads
}

/// What was found of one policy.
struct Reported {
    cell: FollowedCell,
    fan: Vec<FanRow>,
}

/// The months of one policy on some paths.
#[derive(Default)]
struct Months {
    columns: [Vec<f64>; FollowedColumn::COUNT],
    /// By point of the fan: each measure of each path.
    fan: Vec<[Vec<f64>; 2]>,
}

impl Months {
    /// Adds the paths of `other`, which come after these.
    fn append(&mut self, mut other: Self) {
        self.columns.iter_mut().zip(&mut other.columns).for_each(|(all, more)| all.append(more));
        self.fan.resize_with(other.fan.len(), Default::default);
        for (all, more) in self.fan.iter_mut().zip(&mut other.fan) {
            all.iter_mut().zip(more).for_each(|(all, more)| all.append(more));
        }
    }
}

impl Squad<'_> {
    fn follow(
        &self,
        group: &MarketGroup,
        plan: &RunPlan,
        followed: usize,
        level: Level,
    ) -> Vec<Reported> {
        let grid = group.simulation.grid;
        let months = month_ends(grid);
        let assets: Vec<Instance> = (0..group.assets.len())
            .map(|asset| Instance::of_asset(asset, group.assets.len()))
            .collect();
        let simulation = at_months(
            group,
            &[&self.instances[..], &assets.iter().collect::<Vec<_>>()].concat(),
            &months,
        );
        let stride = months.len().div_ceil(FAN_POINTS);
        let points: Vec<usize> = (0..months.len())
            .filter(|place| (place + 1) % stride == 0 || place + 1 == months.len())
            .collect();
        let risk_free = self
            .instances
            .first()
            .and_then(|one| plan.scenarios.get(one.scenario_id as usize))
            .map_or(0.0, |row| row.risk_free_annual);
        let against = Yardsticks {
            range: plan.comparison.policy_range,
            log_risk_free: ln(1.0 + risk_free),
            asset_growth: 0.0,
        };
        let work = Work {
            squad: self,
            group,
            simulation: &simulation,
            months: &months,
            points: &points,
            against,
            level,
        };
        let per_thread = followed.div_ceil(LANES).div_ceil(rayon::current_num_threads()) * LANES;
        let ranges: Vec<Range<usize>> = (0..followed)
            .step_by(per_thread)
            .map(|first| first..(first + per_thread).min(followed))
            .collect();
        let parts: Vec<Vec<Months>> =
            ranges.into_par_iter().map(|range| work.paths(range)).collect();
        let mut whole: Vec<Months> = self.reported.clone().map(|_| Months::default()).collect();
        for part in parts {
            whole.iter_mut().zip(part).for_each(|(all, more)| all.append(more));
        }
        let horizon_months = (grid.months(grid.steps) + 0.5) as u32;
        let reported: Vec<(&Instance, Months)> =
            self.instances[self.reported.clone()].iter().copied().zip(whole).collect();
        let report = |(instance, mut found): (&Instance, Months)| {
            let id = CellId {
                scenario_id: instance.scenario_id,
                policy_id: instance.policy_id,
                horizon_months,
            };
            let mut rows = start_of_fan(instance, followed, plan.replicate_paths);
            for (&point, values) in points.iter().zip(&mut found.fan) {
                let time = grid.months(months[point].step);
                let measures = [Measure::Wealth, Measure::Drawdown].into_iter().zip(values);
                rows.extend(measures.flat_map(|(measure, values)| {
                    let (scenario_id, policy_id) = (id.scenario_id, id.policy_id);
                    let point = FanPoint { scenario_id, policy_id, measure, time_months: time };
                    fan(point, values, plan.replicate_paths)
                }));
            }
            Reported { cell: FollowedCell { id, columns: found.columns }, fan: rows }
        };
        reported.into_par_iter().map(report).collect()
    }
}

/// The fan at the start, where all paths are alike.
fn start_of_fan(instance: &Instance, followed: usize, replicate_paths: usize) -> Vec<FanRow> {
    let start = FanPoint {
        scenario_id: instance.scenario_id,
        policy_id: instance.policy_id,
        measure: Measure::Wealth,
        time_months: 0.0,
    };
    let mut rows = fan(start, &mut vec![instance.account.initial; followed], replicate_paths);
    let drawdown = FanPoint { measure: Measure::Drawdown, ..start };
    rows.extend(fan(drawdown, &mut vec![0.0; followed], replicate_paths));
    rows
}

/// A squad at work.
#[derive(Clone, Copy)]
struct Work<'a> {
    squad: &'a Squad<'a>,
    group: &'a MarketGroup,
    simulation: &'a Simulation,
    months: &'a [Month],
    points: &'a [usize],
    against: Yardsticks,
    level: Level,
}

impl Work<'_> {
    /// The reported policies on a range of paths that begins with a block.
    fn paths(&self, range: Range<usize>) -> Vec<Months> {
        let mut found: Vec<Months> =
            self.squad.reported.clone().map(|_| Months::default()).collect();
        let Some(mut engine) =
            ShippedBlocks::new(self.level, self.simulation, paths(&self.group.market))
        else {
            return found;
        };
        for first in range.clone().step_by(LANES) {
            let kept = LANES.min(range.end - first);
            let policies = self.squad.instances.len();
            let mut seen = vec![vec![MonthlyPath::default(); kept]; policies];
            let mut assets = vec![Row::splat(0.0); self.group.assets.len()];
            engine.simulate(first as u64, |instance, month, rows| match seen.get_mut(instance) {
                Some(paths) => paths
                    .iter_mut()
                    .enumerate()
                    .for_each(|(lane, path)| see(path, &self.months[month], rows, lane)),
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

    /// `assets`: log growth a year of each asset to the end.
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
            let against = Yardsticks {
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
                wealth.push(path.wealth[point]);
                drawdown.push(drawdowns[point]);
            }
        }
        months
    }
}
