//! Searches the policies of a study. Rounds of successive halving share their paths, and the
//! finalists are scored again on fresh paths.
//!
//! Candidates run in squads that fit into the cache. The baseline runs with each squad, so every
//! candidate is paired with it, and memory does not depend on the number of candidates.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use corridor_analysis::compare::Margin;
use corridor_analysis::facts::{Facts, Setting};
use corridor_analysis::reduce::Horizon;
use corridor_analysis::search::{
    Halving, Round, Score, ScoreSums, Scored, Scores, SearchOutcome, rounds, search_rows,
    searched_columns,
};
use corridor_core::outcome::{OutcomePart, PolicyId};
use corridor_report::number::count;
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::{Group, PathRange};
use corridor_store::single::{make_folder, write_table, write_text};
use corridor_study::plan::{MarketGroup, RunPlan, Search};
use corridor_study::with_policies;
use corridor_tables::metric::MetricId;
use corridor_tables::{SearchRow, Table};

use crate::analyse::scenario_facts;
use crate::error::Error;
use crate::monitor::{Meter, Monitor, Phase};
use crate::session::Session;
use crate::simulate::map_parts;
use crate::state::{disk, run_id};
use crate::work::{Work, in_pool};

mod view;

/// Number of candidates that run together: their memory fits the second cache level.
const SQUAD_SIZE: usize = 24;
/// Number of paths of a part; a round consists of whole parts.
const PART_PATHS: u64 = 256;
/// Name of the winner's study.
const WINNER: &str = "winner.toml";

/// The result of a search.
pub struct SearchResult {
    /// Metric, baseline and facts of the scenario by which candidates were scored.
    pub score: Score,
    /// Rounds, and the scores of the finalists on fresh paths.
    pub outcome: SearchOutcome,
    /// Number of fresh paths.
    pub fresh_paths: u64,
    /// Number of policies left out because they look ahead.
    pub left_out: usize,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Processor time over all threads, in seconds.
    pub cpu_seconds: f64,
    /// Number of steps of a path.
    pub steps: u32,
    /// Number of steps that were simulated: paths x steps x policies, the baseline included.
    pub path_steps: f64,
    /// Rows of `fact_search`, the best candidate first.
    pub rows: Vec<SearchRow>,
    /// Folder that holds the table and the winner's study.
    pub folder: PathBuf,
}

impl Session {
    /// Searches the policies of the first scenario at its last horizon. Keeps the table of all
    /// candidates and the study of the winner in a folder next to the runs of the study.
    ///
    /// # Errors
    /// [`Error::NothingToSearch`], [`Error::NoDirection`], [`Error::Store`], and
    /// [`Error::Cancelled`], after which nothing is kept.
    pub fn search(&self, monitor: &(dyn Monitor + Sync)) -> Result<SearchResult, Error> {
        let plan = self.plan();
        if plan.scenarios.len() > 1 {
            monitor.note(&format!(
                "{} scenarios: the search scores the first, `{}`",
                plan.scenarios.len(),
                plan.scenarios[0].row.scenario
            ));
        }
        let work = Work::new(self.settings().level, monitor);
        let mut result = in_pool(self.settings().threads, || search(plan, &work))?;
        if result.left_out > 0 {
            monitor.note(&format!(
                "{} policies look ahead and are left out",
                count(result.left_out as u64)
            ));
        }
        result.folder = self.study_folder().join(format!("search-{}", plan.simulation_id));
        let width = plan.comparison.margins.get(&plan.comparison.primary_metric).copied();
        let higher_is_better = result.score.metric.metric().higher_is_better;
        let margin = Margin { width, higher_is_better };
        result.rows = search_rows(&result.outcome, &plan.policies, margin);
        result.keep(plan)?;
        Ok(result)
    }
}

/// A search under way: the market and policies it runs, and what it took so far.
struct RunningSearch<'a> {
    group: &'a MarketGroup,
    work: &'a Work<'a>,
    meter: Meter<'a>,
    cpu_seconds: f64,
    path_steps: f64,
}

/// The policies of a plan that are candidates, by id, and those that look ahead and are left out.
fn candidates(plan: &RunPlan) -> (Vec<PolicyId>, Vec<PolicyId>) {
    let others = plan
        .policies
        .iter()
        .map(|row| PolicyId::of_number(row.policy_id))
        .filter(|&id| id != plan.comparison.baseline);
    others.partition(|&id| !plan.policies[id.index()].look_ahead)
}

/// Returns the metric that a search ranks by.
fn metric(plan: &RunPlan) -> Result<MetricId, Error> {
    let name = &plan.comparison.primary_metric;
    MetricId::of_name(name)
        .filter(|id| id.metric().higher_is_better.is_some())
        .ok_or_else(|| Error::NoDirection { metric: name.clone() })
}

fn search(plan: &RunPlan, work: &Work<'_>) -> Result<SearchResult, Error> {
    let (Some(settings), Some(group)) = (plan.search, plan.groups.first()) else {
        return Err(Error::NothingToSearch);
    };
    let baseline = plan.comparison.baseline;
    let (candidates, left_out) = candidates(plan);
    if candidates.is_empty() {
        return Err(Error::NothingToSearch);
    }
    let metric = metric(plan)?;
    let steps = group.simulation.grid.steps;
    let horizon = Horizon { months: 0, years: group.simulation.grid.years(steps) };
    let facts = Facts::new(&[horizon], &scenario_facts(plan)).at(Setting {
        scenario_id: group.scenario_ids.first().copied().unwrap_or_default(),
        horizon_months: 0,
    });
    let score = Score { metric, facts, baseline, level: work.level };
    let Search { keep, finalists, first_paths } = settings;
    let finalists = finalists.min(candidates.len());
    let planned = rounds(Halving {
        candidates: candidates.len(),
        finalists,
        keep,
        first_paths,
        paths: plan.paths,
        unit: PART_PATHS,
    });
    let started = Instant::now();
    let total = squad_paths(&planned) + plan.paths * squads(finalists);
    let meter = Meter::start(work.monitor, Phase::Searching, total, 0);
    let mut running = RunningSearch { group, work, meter, cpu_seconds: 0.0, path_steps: 0.0 };
    let mut finalist_ids = candidates;
    let rounds = running.halve(&score, planned, &mut finalist_ids)?;
    finalist_ids.truncate(finalists);
    let (mut fresh_scores, mut winner_scores) = (Scores::default(), Scores::default());
    let against_winner =
        Score { baseline: finalist_ids.first().copied().unwrap_or(baseline), ..score };
    let first_fresh = plan.paths.div_ceil(PART_PATHS) * PART_PATHS;
    running.run(
        &finalist_ids,
        first_fresh..first_fresh + plan.paths,
        &mut [(score, &mut fresh_scores), (against_winner, &mut winner_scores)],
    )?;
    let behind = |&policy: &PolicyId| {
        Some((policy, against_winner.difference(&winner_scores, policy)?.estimate))
    };
    let behind_winner = finalist_ids.iter().skip(1).filter_map(behind).collect();
    running.meter.finish();
    Ok(SearchResult {
        outcome: SearchOutcome { rounds, fresh: score.ranked(&fresh_scores), behind_winner },
        score,
        fresh_paths: plan.paths,
        left_out: left_out.len(),
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: running.cpu_seconds,
        steps,
        path_steps: running.path_steps,
        rows: Vec::new(),
        folder: PathBuf::new(),
    })
}

/// Number of squads that some candidates make.
fn squads(candidates: usize) -> u64 {
    candidates.div_ceil(SQUAD_SIZE) as u64
}

/// Number of paths that all squads of all rounds run: what progress counts.
fn squad_paths(rounds: &[Round]) -> u64 {
    let mut before = 0;
    let mut sum = 0;
    for round in rounds {
        sum += (round.paths - before) * squads(round.candidates);
        before = round.paths;
    }
    sum
}

impl RunningSearch<'_> {
    /// Runs the rounds: each keeps the best candidates of the one before. Leaves the candidates of
    /// the last one in `remaining`, the best first.
    fn halve(
        &mut self,
        score: &Score,
        planned: Vec<Round>,
        remaining: &mut Vec<PolicyId>,
    ) -> Result<Vec<(Round, Vec<Scored>)>, Error> {
        let (mut scores, mut rounds, mut before) = (Scores::default(), Vec::new(), 0);
        for round in planned {
            remaining.truncate(round.candidates);
            self.run(remaining, before..round.paths, &mut [(*score, &mut scores)])?;
            scores.retain(&[&remaining[..], &[score.baseline]].concat());
            let ranked = score.ranked(&scores);
            *remaining = ranked.iter().map(|scored| scored.policy).collect();
            before = round.paths;
            rounds.push((round, ranked));
        }
        Ok(rounds)
    }

    /// Runs policies on a range of paths, squad by squad, each with the baselines of all scores,
    /// and adds their sums to the scores.
    fn run(
        &mut self,
        policies: &[PolicyId],
        range: Range<u64>,
        scores: &mut [(Score, &mut Scores)],
    ) -> Result<(), Error> {
        let baselines: Vec<PolicyId> = scores.iter().map(|(score, _)| score.baseline).collect();
        for (number, squad) in policies.chunks(SQUAD_SIZE).enumerate() {
            let simulation = self.simulation_of(&[squad, &baselines].concat());
            self.path_steps += (range.end - range.start) as f64
                * f64::from(simulation.grid.steps)
                * simulation.instances.len() as f64;
            let to_run = PathRange {
                paths: range.end,
                paths_per_part: PART_PATHS,
                finished: (0..(range.start / PART_PATHS) as u32).collect(),
            };
            let groups = [Group { source: self.group.market.source128(), simulation: &simulation }];
            let by_score: Vec<Score> = scores.iter().map(|(score, _)| *score).collect();
            let sums = |part: OutcomePart| -> Vec<Vec<(PolicyId, ScoreSums)>> {
                by_score.iter().map(|score| score.part(&part)).collect()
            };
            let advance = |paths| self.meter.advance(paths);
            let (parts, report) = map_parts(&groups, &to_run, self.work, &advance, sums)?;
            self.cpu_seconds += report.simulate_cpu_seconds;
            for by_score in parts {
                for ((_, scores), mut sums) in scores.iter_mut().zip(by_score) {
                    // every squad runs the baselines, whose sums count once
                    sums.retain(|(policy, _)| {
                        squad.contains(policy) || (number == 0 && baselines.contains(policy))
                    });
                    scores.add(&sums);
                }
            }
        }
        Ok(())
    }

    /// Returns the simulation of some policies in the scenario that is scored.
    fn simulation_of(&self, policies: &[PolicyId]) -> Simulation {
        let simulation = &self.group.simulation;
        let scenario = simulation.instances.first().map(|instance| instance.scenario_id);
        let wanted = |instance: &&Instance| {
            Some(instance.scenario_id) == scenario && policies.contains(&instance.policy_id)
        };
        let instances = simulation.instances.iter().filter(wanted).cloned().collect();
        Simulation { horizons: vec![simulation.grid.steps], ..simulation.with_instances(instances) }
    }
}

impl SearchResult {
    /// Returns the path of the study that compares the winner with the baseline.
    #[must_use]
    pub fn winner_study(&self) -> PathBuf {
        self.folder.join(WINNER)
    }

    /// Writes the table of the candidates and the study of the winner.
    fn keep(&self, plan: &RunPlan) -> Result<(), Error> {
        let table = Table {
            rows: self.rows.clone(),
            extra: searched_columns(&plan.policy_axis, &self.rows),
        };
        make_folder(&disk(), &self.folder)?;
        write_table(&disk(), &self.folder, &run_id(plan), table)?;
        let Some(winner) = self.rows.first() else { return Ok(()) };
        let baseline = plan.policies[self.score.baseline.index()].policy.as_str();
        let seed = plan.seed.wrapping_add(1) & (u64::MAX >> 1); // TOML has no larger integers
        let text = with_policies(&plan.resolved_toml, &[baseline, &winner.policy], seed)
            .map_err(|cause| Error::Winner { cause })?;
        let inputs = self.folder.join("inputs");
        if !plan.inputs.is_empty() {
            make_folder(&disk(), &inputs)?;
        }
        for input in &plan.inputs {
            write_text(&disk(), &inputs, &input.name, &input.text)?;
        }
        let head = format!(
            "# The winner of a search beside its baseline. The seed is {seed} and not {}, whose \
            paths the choice was made on.\n",
            plan.seed
        );
        write_text(&disk(), &self.folder, WINNER, &(head + &text))?;
        Ok(())
    }
}
