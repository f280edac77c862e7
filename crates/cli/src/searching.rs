//! Searches the policies of a plan: rounds of successive halving on the same paths, then fresh
//! paths for the finalists.
//!
//! Candidates run in squads small enough to stay in cache, the baseline with each, so that every
//! candidate is paired with it and memory does not depend on how many there are.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Mutex;
use std::time::Instant;

use corridor_analysis::estimate::Estimate;
use corridor_analysis::facts::{Facts, Setting};
use corridor_analysis::reduce::Horizon;
use corridor_analysis::search::{Halving, Round, Score, ScoreSums, Scores, rounds};
use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::outcome::{OutcomePart, OutcomeSink};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::run::{Execution, Group, PathRange, RunError, run};
use corridor_study::plan::{MarketGroup, RunPlan, Search};
use corridor_tables::metric::MetricId;

use crate::analyse::scenario_facts;
use crate::console::Console;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::source::paths;

/// Candidates that run together: their memory fits the second cache level.
const SQUAD: usize = 24;
/// Paths of a part; every round ends at one.
const PART: u64 = 256;

/// What a search found.
pub struct Found {
    /// What was scored.
    pub score: Score,
    /// Rounds with the candidates that ran in each, the best first.
    pub rounds: Vec<(Round, Vec<Scored>)>,
    /// The finalists on fresh paths, the best first.
    pub fresh: Vec<Scored>,
    /// What each finalist but the winner has less than the winner on the same fresh paths.
    pub behind_winner: Vec<(u32, Estimate)>,
    /// Fresh paths.
    pub fresh_paths: u64,
    /// Policies left out because they look ahead.
    pub left_out: usize,
    /// Wall time, and processor time over all threads, in seconds.
    pub seconds: f64,
    pub cpu_seconds: f64,
    /// Steps of a path.
    pub steps: u32,
    /// Steps that were simulated: paths x steps x policies, the baseline's among them.
    pub path_steps: f64,
}

/// A candidate after a round.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// The candidate.
    pub policy: u32,
    /// The metric.
    pub value: Estimate,
    /// Its difference from the baseline on the same paths.
    pub difference: Estimate,
    /// The difference of their mean weights of growth assets.
    pub exposure: Option<f64>,
}

/// A search under way.
struct Work<'a> {
    group: &'a MarketGroup,
    level: Level,
    interrupt: &'a Interrupt,
    progress: Progress<'a>,
    cpu_seconds: f64,
    path_steps: f64,
}

/// Searches the policies of the first scenario at its last horizon.
///
/// # Errors
/// [`Failure::NothingToSearch`], [`Failure::NoDirection`], [`Failure::SearchStopped`].
pub fn search(
    plan: &RunPlan,
    level: Level,
    interrupt: &Interrupt,
    console: &Console,
) -> Result<Found, Failure> {
    let (Some(settings), Some(group)) = (plan.search, plan.groups.first()) else {
        return Err(Failure::NothingToSearch);
    };
    let baseline = plan.comparison.baseline;
    let (candidates, left_out): (Vec<u32>, Vec<u32>) = plan
        .policies
        .iter()
        .map(|row| row.policy_id as u32)
        .filter(|&id| id != baseline)
        .partition(|&id| !plan.policies[id as usize].look_ahead);
    if candidates.is_empty() {
        return Err(Failure::NothingToSearch);
    }
    let metric = MetricId::of_name(&plan.comparison.primary_metric)
        .filter(|id| id.metric().higher_is_better.is_some());
    let Some(metric) = metric else {
        return Err(Failure::NoDirection { metric: plan.comparison.primary_metric.clone() });
    };
    let steps = group.simulation.grid.steps;
    let horizon = Horizon { months: 0, years: group.simulation.grid.years(steps) };
    let facts = Facts::new(&[horizon], &scenario_facts(plan)).at(Setting {
        scenario_id: group.scenario_ids.first().copied().unwrap_or(0),
        horizon_months: 0,
    });
    let score = Score { metric, facts, baseline, level };
    let Search { keep, finalists, first_paths } = settings;
    let planned = rounds(Halving {
        candidates: candidates.len(),
        finalists: finalists.min(candidates.len()),
        keep,
        first_paths,
        paths: plan.paths,
        unit: PART,
    });
    let fresh_paths = plan.paths;
    let started = Instant::now();
    let progress = Progress::start(
        console,
        squad_paths(&planned) + fresh_paths * squads(finalists.min(candidates.len())),
        0,
    );
    let mut work = Work { group, level, interrupt, progress, cpu_seconds: 0.0, path_steps: 0.0 };
    let (mut scores, mut rounds, mut standing, mut before) =
        (Scores::default(), Vec::new(), candidates, 0);
    for round in planned {
        standing.truncate(round.candidates);
        work.run(&standing, before..round.paths, &mut [(score, &mut scores)])?;
        scores.retain(&[&standing[..], &[baseline]].concat());
        let ranked = ranked(&score, &scores);
        standing = ranked.iter().map(|scored| scored.policy).collect();
        before = round.paths;
        rounds.push((round, ranked));
    }
    standing.truncate(finalists);
    let first_fresh = plan.paths.div_ceil(PART) * PART;
    let (mut unseen, mut beside_winner) = (Scores::default(), Scores::default());
    let of_winner = Score { baseline: standing.first().copied().unwrap_or(baseline), ..score };
    work.run(
        &standing,
        first_fresh..first_fresh + fresh_paths,
        &mut [(score, &mut unseen), (of_winner, &mut beside_winner)],
    )?;
    let fresh = ranked(&score, &unseen);
    let behind =
        |&policy: &u32| Some((policy, of_winner.difference(&beside_winner, policy)?.estimate));
    let behind_winner = standing.iter().skip(1).filter_map(behind).collect();
    work.progress.finish();
    let (cpu_seconds, path_steps) = (work.cpu_seconds, work.path_steps);
    let seconds = started.elapsed().as_secs_f64();
    Ok(Found {
        score,
        rounds,
        fresh,
        behind_winner,
        fresh_paths,
        left_out: left_out.len(),
        seconds,
        cpu_seconds,
        steps,
        path_steps,
    })
}

/// Everybody who ran on the same paths, the best first.
fn ranked(score: &Score, scores: &Scores) -> Vec<Scored> {
    let scored = |policy: u32| {
        let difference = score.difference(scores, policy)?.estimate;
        Some(Scored {
            policy,
            value: score.value(scores, policy)?,
            difference,
            exposure: score.exposure_difference(scores, policy),
        })
    };
    score.ranking(scores).into_iter().filter_map(scored).collect()
}

fn squads(candidates: usize) -> u64 {
    candidates.div_ceil(SQUAD) as u64
}

/// Paths of all squads of all rounds: what progress counts.
fn squad_paths(rounds: &[Round]) -> u64 {
    let mut before = 0;
    let mut sum = 0;
    for round in rounds {
        sum += (round.paths - before) * squads(round.candidates);
        before = round.paths;
    }
    sum
}

impl Work<'_> {
    /// Runs policies on a range of paths, with each the baselines of all scores, and adds their
    /// sums.
    fn run(
        &mut self,
        policies: &[u32],
        range: Range<u64>,
        scores: &mut [(Score, &mut Scores)],
    ) -> Result<(), Failure> {
        let baselines: Vec<u32> = scores.iter().map(|(score, _)| score.baseline).collect();
        for (number, squad) in policies.chunks(SQUAD).enumerate() {
            let simulation = self.squad(&[squad, &baselines].concat());
            self.path_steps += (range.end - range.start) as f64
                * f64::from(simulation.grid.steps)
                * simulation.instances.len() as f64;
            let sink = Sums {
                scores: scores.iter().map(|(score, _)| *score).collect(),
                parts: Mutex::default(),
            };
            let paths_to_run = PathRange {
                paths: range.end,
                paths_per_part: PART,
                finished: (0..(range.start / PART) as u32).collect(),
            };
            let advance = |paths: u64| self.progress.advance(paths);
            let execution =
                Execution { level: self.level, cancel: self.interrupt.flag(), progress: &advance };
            let groups =
                [Group::<LANES> { source: paths(&self.group.market), simulation: &simulation }];
            let report = run(&groups, &paths_to_run, execution, &sink)
                .map_err(|error| self.failure(&error))?;
            self.cpu_seconds += report.simulate_cpu_seconds;
            let mut parts = sink.parts.into_inner().unwrap_or_default();
            parts.sort_by_key(|(part, _)| *part); // sums do not depend on which thread was first
            for (_, by_score) in parts {
                for ((_, scores), mut sums) in scores.iter_mut().zip(by_score) {
                    // every squad has the baselines, and they count once
                    sums.retain(|(policy, _)| {
                        squad.contains(policy) || (number == 0 && baselines.contains(policy))
                    });
                    scores.add(&sums);
                }
            }
        }
        Ok(())
    }

    fn squad(&self, policies: &[u32]) -> Simulation {
        let simulation = &self.group.simulation;
        let scenario = simulation.instances.first().map(|instance| instance.scenario_id);
        let wanted = |instance: &&Instance| {
            Some(instance.scenario_id) == scenario && policies.contains(&instance.policy_id)
        };
        let instances = simulation.instances.iter().filter(wanted).cloned().collect();
        Simulation { horizons: vec![simulation.grid.steps], ..simulation.with_instances(instances) }
    }

    fn failure(&self, error: &RunError<Infallible>) -> Failure {
        match error {
            RunError::TooManyAssets { assets } => Failure::TooManyAssets { assets: *assets },
            RunError::Sink(_) | RunError::Cancelled => {
                Failure::SearchStopped { code: self.interrupt.code() }
            }
        }
    }
}

/// Number of a part, and the sums of its policies by score.
type PartSums = (u32, Vec<Vec<(u32, ScoreSums)>>);

/// Keeps the sums of every part.
struct Sums {
    scores: Vec<Score>,
    parts: Mutex<Vec<PartSums>>,
}

impl OutcomeSink for Sums {
    type Error = Infallible;

    fn accept(&self, part: OutcomePart) -> Result<(), Infallible> {
        let sums = self.scores.iter().map(|score| score.part(&part)).collect();
        if let Ok(mut parts) = self.parts.lock() {
            parts.push((part.index, sums));
        }
        Ok(())
    }
}
