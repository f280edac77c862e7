//! Compiles a checked study into the plan that the machine runs.

use std::rc::Rc;

use corridor_core::NUMERICS_VERSION;
use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_simulation::plan::{Instance, Simulation};
use corridor_simulation::policy::condition::Condition;
use corridor_simulation::policy::distance::{Covariance, Distance, Measure};
use corridor_simulation::policy::{Policy, Trigger};
use corridor_simulation::signal::{EwmaCov, ObservedSignal, Signal};

use crate::check::{CheckedScenario, Declared, Study};
use crate::grid::Grid;
use crate::plan::{MarketGroup, RunPlan, Scenario, Search};
use crate::preset;
use crate::resolve::{Resolved, resolve};
use crate::short_hash::{ANALYSIS, SIMULATION, digits, of_hash, short_id};
use crate::{dimension, series};

/// Compiles a study into its plan, without inputs and warnings; `None` if the study cannot be
/// written out, which does not happen to a checked study.
pub(crate) fn compile(study: &Study, grid: &Grid) -> Option<RunPlan> {
    let resolved = resolve(study, grid)?;
    let simulation_id = simulation_id(study, &resolved);
    let resolved_toml = resolved.toml();
    let hashed = [digits(&simulation_id).as_bytes(), resolved_toml.as_bytes()];
    let analysis_id = short_id(ANALYSIS, &hashed);
    let members = group(study);
    let group_of = |id: usize| members.iter().position(|group| group.contains(&id)).unwrap_or(0);
    let groups: Vec<MarketGroup> =
        members.iter().map(|members| market_group(study, members)).collect();
    let scenarios: Vec<Scenario> = study
        .scenarios
        .iter()
        .enumerate()
        .map(|(id, scenario)| dimension::scenario(id, scenario, group_of(id), study, grid))
        .collect();
    let horizons = study.scenarios.iter().flat_map(|scenario| &scenario.clock.horizons);
    Some(RunPlan {
        name: study.study.name.clone(),
        question: study.study.question.clone(),
        simulation_id,
        analysis_id,
        seed: study.run.seed,
        paths: study.run.paths,
        replicate_paths: if study.run.antithetic { 2 } else { 1 },
        until: study.until.clone(),
        paths_per_part: study.cut.paths_per_part,
        section_paths: study.cut.section_paths,
        path_rows: study.cut.path_rows,
        sample_paths: study.output.sample_paths,
        trajectories: study.output.trajectories.min(study.run.paths),
        regime_paths: study.output.regime_paths.min(study.run.paths),
        followed_paths: study.output.followed_paths.min(study.run.paths),
        horizons: dimension::horizons(horizons.map(|horizon| horizon.months), &groups),
        regimes: dimension::regimes(&scenarios, &groups),
        groups,
        scenarios,
        swept: dimension::swept(study, grid),
        scenario_axis: dimension::scenario_axis(study, grid),
        twins: study.twins.clone(),
        policy_axis: series::policy_axis(study, grid),
        policy_series: series::policy_series(study, grid),
        scenario_series: series::scenario_series(study, grid),
        policies: dimension::policies(study, &resolved),
        comparison: study.comparison.clone(),
        search: study.search.as_ref().map(|table| Search {
            keep: table.keep,
            finalists: table.finalists as usize,
            first_paths: u64::from(table.first_paths),
        }),
        resolved_toml,
        inputs: Vec::new(),
        warnings: Vec::new(),
    })
}

/// Identity of paths and outcomes: a hash of the numerics version, the resolved tables that matter,
/// and the presets and histories that they name.
fn simulation_id(study: &Study, resolved: &Resolved) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("numerics {NUMERICS_VERSION}\n").as_bytes());
    hasher.update(resolved.simulated().as_bytes());
    for scenario in &study.scenarios {
        if let Some(preset) = scenario.tables.market.preset.as_deref().and_then(preset::find) {
            let written_out = resolved
                .document
                .get("market")
                .is_some_and(|market| market.get("regime_switching").is_some());
            if !written_out {
                hasher.update(preset.text.as_bytes());
            }
        }
        if let Declared::History(history) = &scenario.market.declared {
            for number in history.returns.iter().flatten() {
                hasher.update(&number.to_bits().to_le_bytes());
            }
        }
    }
    of_hash(SIMULATION, &hasher.finalize())
}

/// Groups scenario ids by market and clock: scenarios that differ only in account and costs share
/// their paths.
fn group(study: &Study) -> Vec<Vec<usize>> {
    let same = |a: &CheckedScenario, b: &CheckedScenario| {
        a.clock == b.clock
            && (Rc::ptr_eq(&a.market, &b.market) || a.market.declared == b.market.declared)
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (id, scenario) in study.scenarios.iter().enumerate() {
        match groups.iter_mut().find(|group| same(&study.scenarios[group[0]], scenario)) {
            // growth assets belong to the simulation, so they must agree as well
            Some(group)
                if study.scenarios[group[0]].account.growth_assets
                    == scenario.account.growth_assets =>
            {
                group.push(id)
            }
            Some(_) | None => groups.push(vec![id]),
        }
    }
    groups
}

/// Builds the group of the scenarios `members`.
fn market_group(study: &Study, members: &[usize]) -> MarketGroup {
    let first = &study.scenarios[members[0]];
    let (signals, names) = signals(study, members[0]);
    let mut observed = Covariances { assets: &first.market.assets, signals, names };
    let read = study.read_signals();
    let index_in_group = |signal: usize| read.iter().position(|&own| own == signal).unwrap_or(0);
    let mut instance = |id: usize, policy_id: usize| {
        let scenario = &study.scenarios[id];
        Instance {
            scenario_id: ScenarioId(id as u32),
            policy_id: PolicyId(policy_id as u32),
            policy: with_signals(
                &study.policies[policy_id].compiled[id],
                &index_in_group,
                &mut observed,
            ),
            costs: scenario.costs.clone(),
            account: scenario.account.account.clone(),
        }
    };
    let pairs =
        members.iter().flat_map(|&id| (0..study.policies.len()).map(move |policy| (id, policy)));
    let instances = pairs.map(|(id, policy)| instance(id, policy)).collect();
    let simulation = Simulation {
        grid: first.clock.grid,
        assets: first.market.assets.len(),
        growth_assets: first.account.growth_assets.clone(),
        signals: observed.signals,
        horizons: first.clock.horizons.iter().map(|horizon| horizon.step).collect(),
        instances,
    };
    MarketGroup {
        market: if study.run.antithetic {
            first.market.market.clone().in_pairs()
        } else {
            first.market.market.clone()
        },
        moments: first.market.moments.clone(),
        assets: first.market.assets.clone(),
        signal_names: observed.names,
        simulation,
        scenario_ids: members.iter().map(|&id| ScenarioId(id as u32)).collect(),
    }
}

/// Signals that some policy reads, under the market of scenario `id`, and their names.
fn signals(study: &Study, id: usize) -> (Vec<ObservedSignal>, Vec<String>) {
    let find = |place: usize| {
        study.policies.iter().find_map(|policy| {
            let own = policy.corner.signals.iter().position(|read| read.index == place)?;
            Some((policy.signals[id][own].signal.clone(), study.signals[place].name.clone()))
        })
    };
    study.read_signals().into_iter().filter_map(find).unzip()
}

/// The policy with indices of the group's signals in place of the study's. Covariances that the
/// policy estimates become signals too.
fn with_signals(
    policy: &Policy,
    index_in_group: &dyn Fn(usize) -> usize,
    covariances: &mut Covariances<'_>,
) -> Policy {
    let mut policy = policy.clone();
    for signal in policy.signals_mut() {
        *signal = index_in_group(*signal);
    }
    if let Trigger::Joined(joined) = &mut policy.trigger {
        for condition in &mut joined.conditions {
            if let Condition::Beyond(Distance {
                measure: Measure::TrackingError(covariance), ..
            }) = condition
            {
                covariances.make_signals(covariance);
            }
        }
    }
    policy
}

/// Signals of a market, to which covariances are added as policies need them.
struct Covariances<'a> {
    assets: &'a [String],
    signals: Vec<ObservedSignal>,
    names: Vec<String>,
}

impl Covariances<'_> {
    /// Replaces an exponentially weighted covariance by signals. Policies with the same half-life
    /// share them.
    fn make_signals(&mut self, covariance: &mut Covariance) {
        let Covariance::Ewma { lambda, start } = covariance else { return };
        let pairs = (0..self.assets.len()).flat_map(|a| (0..=a).map(move |b| [a, b]));
        let wanted: Vec<EwmaCov> = pairs
            .zip(start.iter())
            .map(|(assets, &start)| EwmaCov { assets, lambda: *lambda, start })
            .collect();
        *covariance =
            Covariance::Signals(wanted.into_iter().map(|signal| self.index_of(signal)).collect());
    }

    /// Index of a covariance signal; a new signal is added at the end.
    fn index_of(&mut self, signal: EwmaCov) -> usize {
        let (name, wanted) = (self.name(&signal), ObservedSignal::from(Signal::EwmaCov(signal)));
        if let Some(known) = self.signals.iter().position(|known| *known == wanted) {
            return known;
        }
        self.signals.push(wanted);
        self.names.push(name);
        self.signals.len() - 1
    }

    fn name(&self, EwmaCov { assets: [a, b], lambda, .. }: &EwmaCov) -> String {
        format!("covariance[{}/{},lambda={lambda}]", self.assets[*a], self.assets[*b])
    }
}
