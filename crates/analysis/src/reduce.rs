//! Reduces a finished part of a run to sums and counts, from which it can be analysed again without
//! its path rows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use corridor_core::cancel::Cancel;
use corridor_core::level::Level;
use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, PolicyId};
use corridor_tables::metric::{MetricId, Source};
use corridor_tables::state::{BATCH_PATHS, CountRow, CrossRow, MomentRow, PartState};

use crate::bucket::Grid;
use crate::counts::Counter;
use crate::error::AnalysisError;
use crate::facts::{Facts, ScenarioFacts, Setting};
use crate::fold::Folded;
use crate::moments::Moments;
use crate::paired::PairMoments;
use crate::path_value::{is_defined, values_of};
use crate::section::SectionSpec;
use crate::section_sums::SectionSums;

pub use crate::facts::Horizon;
pub use crate::monthly::FollowedCell;
pub use crate::paired::ALL_PAIRS_MAX_POLICIES;

/// Pairs of policies for which sums are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// Every pair.
    All,
    /// Pairs of policy ids, each with the smaller id first, sorted.
    Only(Vec<(PolicyId, PolicyId)>),
}

/// Settings of the reduction of a part.
#[derive(Clone, Debug)]
pub struct ReduceSpec {
    facts: Facts,
    pairs: Pairs,
    sections: Option<SectionSpec>,
    replicate_paths: usize,
    level: Level,
}

impl ReduceSpec {
    /// Reduces outcomes of these scenarios, by id, at these horizons. `compare_with` holds the id
    /// of the baseline of each policy, by id.
    ///
    /// Up to [`ALL_PAIRS_MAX_POLICIES`] policies all pairs are kept, above it each policy with its
    /// baseline.
    #[must_use]
    pub fn new(
        horizons: &[Horizon],
        scenarios: &[ScenarioFacts],
        compare_with: &[PolicyId],
    ) -> Self {
        let pairs = if compare_with.len() <= ALL_PAIRS_MAX_POLICIES {
            Pairs::All
        } else {
            let ordered = (0..)
                .zip(compare_with)
                .map(|(policy, &with)| (PolicyId(policy), with))
                .map(|(policy, with)| (policy.min(with), policy.max(with)));
            let mut pairs: Vec<_> = ordered.filter(|(a, b)| a != b).collect();
            pairs.sort_unstable();
            pairs.dedup();
            Pairs::Only(pairs)
        };
        Self {
            facts: Facts::new(horizons, scenarios),
            pairs,
            sections: None,
            replicate_paths: 1,
            level: Level::best(),
        }
    }

    /// Sets how many consecutive paths make one independent replicate; at least 1.
    #[must_use]
    pub fn with_replicates(self, paths: usize) -> Self {
        Self { replicate_paths: paths.max(1), ..self }
    }

    /// Keeps no sums over pairs.
    #[must_use]
    pub fn without_pairs(self) -> Self {
        Self { pairs: Pairs::Only(Vec::new()), ..self }
    }

    /// Sets the sections over which sums are kept.
    #[must_use]
    pub fn with_sections(self, sections: SectionSpec) -> Self {
        Self { sections: Some(sections), ..self }
    }

    /// Sets the instruction set; results do not depend on it.
    #[must_use]
    pub fn at_level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Returns the pairs that are kept.
    #[must_use]
    pub fn pairs(&self) -> &Pairs {
        &self.pairs
    }
}

/// Sums a part up, in batches of 4,096 paths.
///
/// Rows are sorted by their ids, metrics first. The result depends on the part and the settings
/// alone, not on threads or the instruction set.
#[must_use]
pub fn reduce(part: &OutcomePart, spec: &ReduceSpec) -> PartState {
    let mut whole = empty_state(part);
    for mut piece in reduce_by_metric(part, spec) {
        whole.moments.append(&mut piece.moments);
        whole.crosses.append(&mut piece.crosses);
        whole.counts.append(&mut piece.counts);
        whole.sections.append(&mut piece.sections);
    }
    whole
}

/// Sums a part up as [`reduce`] does, one metric after another, so that the rows of all metrics need
/// not be in memory together.
pub fn reduce_by_metric<'a>(
    part: &'a OutcomePart,
    spec: &'a ReduceSpec,
) -> impl Iterator<Item = PartState> + 'a {
    let mut groups: BTreeMap<Setting, Vec<&OutcomeCell>> = BTreeMap::new();
    for cell in &part.cells {
        groups.entry(cell.id.into()).or_default().push(cell);
    }
    let with_pairs = |(setting, cells): (Setting, Vec<&'a OutcomeCell>)| {
        let policies: Vec<PolicyId> = cells.iter().map(|cell| cell.id.policy_id).collect();
        (spec.facts.at(setting), spec.pairs_of(&policies), cells)
    };
    let groups: Vec<_> = groups.into_iter().map(with_pairs).collect();
    MetricId::all().map(move |id| {
        let mut state = empty_state(part);
        for (facts, pairs, cells) in &groups {
            if !is_defined(id.metric().source, facts) {
                continue;
            }
            let cells = cells
                .iter()
                .map(|cell| (cell.id, values_of(id.metric().source, cell, facts, spec.level)))
                .collect();
            let reduction = Reduction { id, cells, pairs, level: spec.level };
            reduction.add_to(&mut state);
            if let Some(sections) = spec.sections.as_ref().filter(|_| id.metric().is_compared()) {
                reduction.add_sections(sections, &mut state);
            }
        }
        state.sort();
        state
    })
}

fn empty_state(part: &OutcomePart) -> PartState {
    PartState {
        part: part.index,
        first_path: part.first_path,
        paths: part.paths as u64,
        ..PartState::default()
    }
}

/// Adds some of the monthly metrics of all cells to the sums of a run. They are known on the followed
/// paths, the first ones; every replicate is a section of its own.
///
/// # Errors
/// When the caller cancels.
pub(crate) fn fold_followed<E>(
    cells: &[FollowedCell],
    metrics: &[MetricId],
    spec: &ReduceSpec,
    folded: &mut Folded,
    cancel: Cancel<'_>,
) -> Result<(), AnalysisError<E>> {
    let mut groups: BTreeMap<Setting, Vec<&FollowedCell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(cell.id.into()).or_default().push(cell);
    }
    for cells in groups.values() {
        let pairs = spec.pairs_of(&cells.iter().map(|cell| cell.id.policy_id).collect::<Vec<_>>());
        for &id in metrics {
            let Source::Followed(column) = id.metric().source else { continue };
            cancel.check()?;
            let values = cells
                .iter()
                .map(|cell| (cell.id, Cow::Borrowed(&*cell.columns[column as usize])))
                .collect();
            let mut sums = PartState::default();
            Reduction { id, cells: values, pairs: &pairs, level: spec.level }.add_to(&mut sums);
            folded.add_further(&sums).map_err(AnalysisError::Fold)?;
            if !id.metric().is_compared() {
                continue;
            }
            for cell in cells {
                let values = cell.columns[column as usize].clone();
                folded.set_section_paths(cell.id, id, values, spec.replicate_paths);
            }
        }
    }
    Ok(())
}

impl ReduceSpec {
    /// Lists the pairs to keep, as indices into `policies`.
    fn pairs_of(&self, policies: &[PolicyId]) -> Vec<(usize, usize)> {
        let kept = |a: usize, b: usize| match &self.pairs {
            Pairs::All => true,
            Pairs::Only(pairs) => pairs.binary_search(&(policies[a], policies[b])).is_ok(),
        };
        let all = (0..policies.len()).flat_map(|a| (a + 1..policies.len()).map(move |b| (a, b)));
        all.filter(|&(a, b)| kept(a, b)).collect()
    }
}

/// One metric of all policies of a scenario and horizon.
struct Reduction<'a> {
    id: MetricId,
    /// Value of every path, by cell.
    cells: Vec<(CellId, Cow<'a, [f64]>)>,
    pairs: &'a [(usize, usize)],
    level: Level,
}

/// Values of one policy in one batch.
struct Column<'a> {
    values: &'a [f64],
    moments: Moments,
}

impl Reduction<'_> {
    /// Adds the rows of all policies, batch by batch: their columns are still cached when they are
    /// paired.
    fn add_to(&self, state: &mut PartState) {
        let paths = self.cells.first().map_or(0, |(_, values)| values.len());
        let metric = self.id.metric();
        let grid = Grid::from(metric.spacing);
        let mut counters: Vec<Counter> = self.cells.iter().map(|_| Counter::new(grid)).collect();
        for (batch, first) in (0..).zip((0..paths).step_by(BATCH_PATHS)) {
            let range = first..(first + BATCH_PATHS).min(paths);
            let columns: Vec<Column<'_>> =
                self.cells.iter().map(|(_, values)| self.column(&values[range.clone()])).collect();
            for ((place, column), counter) in columns.iter().enumerate().zip(&mut counters) {
                state.moments.push(self.moment_row(batch, place, &column.moments));
                if metric.source.has_distribution() {
                    counter.add(column.values, &column.moments, self.level);
                }
            }
            if metric.is_compared() {
                self.add_pairs(batch, &columns, state);
            }
        }
        for (place, counter) in counters.iter().enumerate() {
            let counts = counter.counts();
            let rows = counts
                .entries()
                .iter()
                .map(|&(bucket, count)| self.count_row(place, bucket, count));
            state.counts.extend(rows);
        }
    }

    fn add_sections(&self, spec: &SectionSpec, state: &mut PartState) {
        for (id, values) in &self.cells {
            let thresholds = spec.thresholds.at(*id, self.id);
            let sections = (0..).zip(values.chunks(spec.paths.max(1)));
            let row = |(section, values): (i32, &[f64])| {
                SectionSums::of(values, self.id, &thresholds, self.level).row(section, *id, self.id)
            };
            state.sections.extend(sections.map(row));
        }
    }

    fn column<'c>(&self, values: &'c [f64]) -> Column<'c> {
        Column { values, moments: Moments::of(values, self.level) }
    }

    fn add_pairs(&self, batch: i32, columns: &[Column<'_>], state: &mut PartState) {
        for &(a, b) in self.pairs {
            let (x, y) = (&columns[a], &columns[b]);
            let pair = match (x.constant(), y.constant()) {
                (Some(a), Some(b)) => PairMoments::of_constants(a, b, x.moments.n),
                _ => PairMoments::of(
                    x.values,
                    y.values,
                    x.moments.n_null + y.moments.n_null > 0,
                    self.level,
                ),
            };
            let id = self.cells[a].0;
            state.crosses.push(CrossRow {
                batch,
                scenario_id: id.scenario_id.number(),
                horizon_months: id.horizon_months as i32,
                metric_id: self.id.number(),
                policy_a: id.policy_id.number(),
                policy_b: self.cells[b].0.policy_id.number(),
                n: pair.n as i64,
                sum_diff: pair.sum,
                sum_diff_squares: pair.squares,
                sum_diff_cubes: pair.cubes,
                a_above_b: pair.a_above_b as i64,
                b_above_a: pair.b_above_a as i64,
            });
        }
    }

    fn moment_row(&self, batch: i32, place: usize, moments: &Moments) -> MomentRow {
        let id = self.cells[place].0;
        MomentRow {
            batch,
            scenario_id: id.scenario_id.number(),
            horizon_months: id.horizon_months as i32,
            metric_id: self.id.number(),
            policy_id: id.policy_id.number(),
            n: moments.n as i64,
            n_null: moments.n_null as i64,
            sum: moments.sum,
            sum_squares: moments.squares,
            sum_cubes: moments.cubes,
            sum_fourths: moments.fourths,
            min: moments.min,
            max: moments.max,
        }
    }

    fn count_row(&self, place: usize, bucket: i32, count: u64) -> CountRow {
        let id = self.cells[place].0;
        CountRow {
            scenario_id: id.scenario_id.number(),
            horizon_months: id.horizon_months as i32,
            metric_id: self.id.number(),
            policy_id: id.policy_id.number(),
            bucket,
            count: count as i64,
        }
    }
}

impl Column<'_> {
    /// The value that all paths share; `None` if they differ or one has none.
    fn constant(&self) -> Option<f64> {
        let Moments { n_null, min, max, .. } = self.moments;
        (n_null == 0 && min == max).then_some(min)
    }
}
