//! Estimates every statistic of one metric of a cell.

use std::collections::BTreeMap;

use corridor_core::cancel::{Cancel, Cancelled};
use corridor_core::outcome::CellId;
use corridor_tables::label::{Method, Reason, Stat};
use corridor_tables::metric::{MetricId, Source, Worth};

use crate::compare::Influence;
use crate::control::{self, Control};
use crate::counts::Counts;
use crate::estimate::Estimate;
use crate::facts::{CellFacts, Facts};
use crate::fold::{CellFold, Folded};
use crate::input::AnalysisInput;
use crate::precision::{self, Judgement};
use crate::quantile::counted::Counted;
use crate::quantile::exact::Exact;
use crate::quantile::{PERCENTS, SUMMARY_PERCENTS, Tail};
use crate::statistic::{
    CertaintyEquivalent, QuantileRanks, TailSource, UtilityTail, certainty_equivalent, cvar,
    deviation, mean, probability, probability_below_zero, quantile_counted, quantile_exact,
    worst_tail,
};

/// The estimates of one metric, by cell.
pub(crate) type Estimates = BTreeMap<CellId, MetricEstimates>;

/// Cells whose rows of the longest tables are in memory together.
pub(crate) const CELLS_AT_ONCE: usize = 64;

/// The quantile function at one quantile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuantileShape {
    /// Slope; `None` where the quantile moves in jumps.
    pub(crate) slope: Option<f64>,
    /// Error that interpolation within a bucket may have, in the metric's unit.
    pub(crate) blur: f64,
}

/// All estimates of one metric of one cell.
#[derive(Clone, Debug)]
pub(crate) struct MetricEstimates {
    /// Mean, probability or certainty equivalent.
    pub(crate) headline: Estimate,
    /// Standard deviation, probability below the threshold and CVaR, where they apply.
    pub(crate) others: Vec<(Stat, Estimate)>,
    /// Quantiles by percent; empty for events and certainty equivalents.
    pub(crate) quantiles: Vec<(u8, Estimate)>,
    /// The quantile function at the quantiles of `fact_summary`, by percent.
    shapes: Vec<(u8, QuantileShape)>,
    /// Whether the metric does not apply to this cell.
    pub(crate) is_absent: bool,
}

impl MetricEstimates {
    /// Of a metric that is known at other horizons only, or that needs a goal the study lacks.
    const ABSENT: Self = Self {
        headline: Estimate::missing(0, Method::SumsT, Reason::NoValues),
        others: Vec::new(),
        quantiles: Vec::new(),
        shapes: Vec::new(),
        is_absent: true,
    };

    /// Returns the quantile function at a quantile; without slope and blur for another statistic.
    pub(crate) fn shape(&self, stat: Stat) -> QuantileShape {
        let shape = self.shapes.iter().find(|(percent, _)| stat == Stat::Quantile(*percent));
        shape.map(|(_, shape)| *shape).unwrap_or_default()
    }

    /// Drops the quantiles that only `fact_quantile` has.
    pub(crate) fn keep_summary(&mut self) {
        self.quantiles.retain(|(percent, _)| SUMMARY_PERCENTS.contains(percent));
        self.quantiles.shrink_to_fit();
        self.others.shrink_to_fit();
    }

    /// Lists the statistics of `fact_summary`: the headline, the others, and key quantiles.
    pub(crate) fn summary(&self) -> impl Iterator<Item = (Stat, &Estimate)> {
        let others = self.others.iter().map(|(stat, estimate)| (*stat, estimate));
        let kept = self.quantiles.iter().filter(|(percent, _)| SUMMARY_PERCENTS.contains(percent));
        let headline = (!self.is_absent).then_some((Stat::Mean, &self.headline));
        headline
            .into_iter()
            .chain(others)
            .chain(kept.map(|(percent, estimate)| (Stat::Quantile(*percent), estimate)))
    }
}

/// Order statistics that the quantiles need, by number of values.
#[derive(Clone, Debug, Default)]
pub(crate) struct RankTable(BTreeMap<u64, Vec<(u8, QuantileRanks)>>);

impl RankTable {
    /// Finds them for some metrics, for all percents or for those of the summary only.
    pub(crate) fn new(
        folded: &Folded,
        metrics: &[MetricId],
        all_percents: bool,
        cancel: Cancel<'_>,
    ) -> Result<Self, Cancelled> {
        let is_wanted = |percent: &u8| all_percents || SUMMARY_PERCENTS.contains(percent);
        let mut table = BTreeMap::new();
        for (cell, &metric) in folded
            .cells()
            .values()
            .flat_map(|cell| metrics.iter().map(move |metric| (cell, metric)))
        {
            cancel.check()?;
            let n = cell.counts(metric).total();
            table.entry(n).or_insert_with(|| {
                PERCENTS
                    .filter(is_wanted)
                    .filter_map(|percent| Some((percent, ranks_of(n, percent)?)))
                    .collect()
            });
        }
        Ok(Self(table))
    }

    /// Returns the order statistics for `n` values, by percent; empty for none.
    pub(crate) fn of(&self, n: u64) -> &[(u8, QuantileRanks)] {
        self.0.get(&n).map_or(&[], Vec::as_slice)
    }
}

/// Returns the order statistics for a quantile, with its surroundings where it is compared.
fn ranks_of(n: u64, percent: u8) -> Option<QuantileRanks> {
    let ranks = QuantileRanks::new(n, f64::from(percent) / 100.0)?;
    Some(if SUMMARY_PERCENTS.contains(&percent) { ranks.with_surroundings() } else { ranks })
}

/// Estimates one metric of one cell; `exact` has its order statistics where rows were searched.
pub(crate) fn estimate(
    (id, fold): (CellId, &CellFold),
    metric: MetricId,
    facts: &Facts,
    ranks: &RankTable,
    exact: Option<&Exact>,
    input: &AnalysisInput,
) -> MetricEstimates {
    let own = CellMetric { fold, metric, facts: facts.at(id.into()), exact };
    let found = match input.replicate_paths {
        1 => own.estimate(ranks),
        paths => own.estimate_replicates(ranks, paths as f64),
    };
    match control::find(&input.controls, id, metric) {
        Some(control) => own.take_out(control, found),
        None => found,
    }
}

struct CellMetric<'a> {
    fold: &'a CellFold,
    metric: MetricId,
    facts: CellFacts,
    exact: Option<&'a Exact>,
}

impl CellMetric<'_> {
    fn estimate(&self, ranks: &RankTable) -> MetricEstimates {
        let moments = self.fold.moments(self.metric);
        match self.metric.metric().source {
            _ if moments.n + moments.n_null == 0 => MetricEstimates::ABSENT,
            Source::Followed(column) if column.is_event() => {
                only(probability(moments.sum as u64, moments.n))
            }
            Source::Event(_) => only(probability(moments.sum as u64, moments.n)),
            Source::CertaintyEquivalent { gamma, worth } => {
                let kind = CertaintyEquivalent::of(gamma, worth, &self.facts);
                only(certainty_equivalent(kind, moments, tail_counts(self.fold, self.metric)))
            }
            Source::Column(_) | Source::Derived(_) | Source::Followed(_) => {
                self.estimate_column(ranks)
            }
        }
    }

    /// Estimates where only replicates of several paths are independent: errors are stretched to
    /// those of sections, which are made of whole replicates.
    fn estimate_replicates(&self, ranks: &RankTable, replicate_paths: f64) -> MetricEstimates {
        // At worst the paths of a replicate are equal and count as one.
        let most = replicate_paths.sqrt();
        let mut found = self.estimate(ranks);
        let shapes = MetricEstimates { shapes: found.shapes.clone(), ..MetricEstimates::ABSENT };
        let factor = |stat: Stat, estimate: &Estimate| {
            let slope = shapes.shape(stat).slope;
            let influence =
                Influence::of(self.fold, self.metric, stat, &self.facts, estimate, slope);
            let ratio =
                influence.and_then(|influence| Some(influence.std_error()? / estimate.std_error?));
            ratio.filter(|ratio| *ratio > 0.0).map_or(most, |ratio| ratio.min(most))
        };
        let is_share = |stat: Stat| {
            stat == Stat::ProbabilityBelow
                || (stat == Stat::Mean && self.metric.metric().source.is_event())
        };
        let stretch = |stat: Stat, like: Stat, estimate: &Estimate| {
            let stretched = estimate.rescaled(factor(like, estimate), Method::AntitheticSections);
            if is_share(stat) { stretched.within_one() } else { stretched }
        };
        found.headline = stretch(Stat::Mean, Stat::Mean, &found.headline);
        for (stat, estimate) in &mut found.others {
            *estimate = stretch(*stat, *stat, estimate);
        }
        for (percent, estimate) in &mut found.quantiles {
            let nearest = SUMMARY_PERCENTS
                .into_iter()
                .min_by_key(|known| known.abs_diff(*percent))
                .unwrap_or(*percent);
            *estimate = stretch(Stat::Quantile(*percent), Stat::Quantile(nearest), estimate);
        }
        found
    }

    fn take_out(&self, control: &Control, found: MetricEstimates) -> MetricEstimates {
        let influence =
            Influence::of(self.fold, self.metric, Stat::Mean, &self.facts, &found.headline, None);
        let controlled =
            influence.and_then(|influence| control.take_out(self.fold, self.metric, &influence));
        let Source::CertaintyEquivalent { gamma, worth } = self.metric.metric().source else {
            return found;
        };
        let (kind, counts) = (
            CertaintyEquivalent::of(gamma, worth, &self.facts),
            tail_counts(self.fold, self.metric),
        );
        let headline = controlled.map_or(found.headline, |controlled| {
            controlled.estimate(&found.headline, UtilityTail::of(kind, counts))
        });
        MetricEstimates { headline, ..found }
    }

    fn estimate_column(&self, ranks: &RankTable) -> MetricEstimates {
        let metric = self.metric.metric();
        let (moments, counts) = (self.fold.moments(self.metric), self.fold.counts(self.metric));
        let near_ruin = self.near_ruin();
        let mut others = vec![(Stat::Deviation, deviation(moments).judged([near_ruin]))];
        if metric.shows_probability_below_zero {
            others.push((Stat::ProbabilityBelow, probability_below_zero(counts)));
        }
        if let Some(tail) = worst_tail(metric) {
            others.push((Stat::Cvar, self.estimate_tail(tail).judged([near_ruin])));
        }
        let (mut quantiles, mut shapes) = (Vec::new(), Vec::new());
        let n = counts.total();
        if n == 0 {
            let missing = Estimate::missing(0, self.quantile_method(), Reason::NoValues);
            quantiles.extend(PERCENTS.map(|percent| (percent, missing)));
        }
        for (percent, ranks) in ranks.of(n) {
            let (quantile, shape) = self.estimate_quantile(ranks);
            quantiles.push((*percent, quantile));
            if SUMMARY_PERCENTS.contains(percent) {
                shapes.push((*percent, shape));
            }
        }
        // The month of ruin is defined on ruined paths only, so missing values are no defect.
        let rest = if self.metric == MetricId::RUIN_MONTH {
            precision::PRECISE
        } else {
            precision::of_rest(moments.n, moments.n_null)
        };
        let headline = mean(moments, counts).judged([rest, near_ruin]);
        MetricEstimates { headline, others, quantiles, shapes, is_absent: false }
    }

    /// Judges a metric that grows without bound on paths that come close to ruin.
    fn near_ruin(&self) -> Judgement {
        let is_exposed = self.metric.metric().is_unbounded_near_ruin();
        precision::of_ruin(is_exposed && self.fold.moments(MetricId::RUIN_MONTH).n > 0)
    }

    fn estimate_quantile(&self, ranks: &QuantileRanks) -> (Estimate, QuantileShape) {
        let exact = self.exact.and_then(|exact| quantile_exact(ranks, &exact.order_statistics));
        let counted = self.counted();
        let blur = if exact.is_some() { 0.0 } else { counted.blur(ranks.position()) };
        let found = exact.unwrap_or_else(|| quantile_counted(ranks, &counted));
        let smooth = QuantileShape { slope: ranks.slope(&found), blur };
        let at = |rank: u64| match self.exact {
            Some(exact) => exact.order_statistics.get(&rank).copied(),
            None => Some(counted.order_statistic(rank).value),
        };
        let jumps = self.metric.metric().spacing.makes_jumps() || ranks.moves_in_jumps(&found, at);
        match found.value {
            Some(value) if self.fold.moments(self.metric).is_constant() => {
                (Estimate::certain(value, found.n_paths, found.method), QuantileShape::default())
            }
            Some(_) if jumps => (found.in_jumps(), QuantileShape { slope: None, blur }),
            Some(_) | None => (found.blurred(blur), smooth),
        }
    }

    fn estimate_tail(&self, tail: Tail) -> Estimate {
        let n = self.fold.counts(self.metric).total();
        if n < 2 {
            let reason = if n == 0 { Reason::NoValues } else { Reason::OnePath };
            return Estimate::missing(n, Method::CountsInfluence, reason);
        }
        match self.exact.and_then(|exact| exact.tail) {
            Some(sums) => cvar(tail, &sums, n, TailSource::Rows),
            None => cvar(tail, &self.counted().tail(tail), n, TailSource::Counts),
        }
    }

    fn quantile_method(&self) -> Method {
        if self.exact.is_some() {
            Method::RowsOrderStatistics
        } else {
            Method::CountsOrderStatistics
        }
    }

    fn counted(&self) -> Counted<'_> {
        self.fold.counted(self.metric)
    }
}

/// Returns the counts from which the weight of a metric's tail is read: its own, or those of log
/// growth or wealth for a certainty equivalent.
pub(crate) fn tail_counts(fold: &CellFold, metric: MetricId) -> &Counts {
    match metric.metric().source {
        Source::Column(_) | Source::Event(_) | Source::Derived(_) | Source::Followed(_) => {
            fold.counts(metric)
        }
        Source::CertaintyEquivalent { worth: Worth::Growth, .. } => {
            fold.counts(MetricId::LOG_GROWTH)
        }
        Source::CertaintyEquivalent { worth: Worth::Wealth, .. } => {
            fold.counts(MetricId::TERMINAL_WEALTH)
        }
    }
}

/// A metric with no statistic but its headline.
fn only(headline: Estimate) -> MetricEstimates {
    MetricEstimates {
        headline,
        others: Vec::new(),
        quantiles: Vec::new(),
        shapes: Vec::new(),
        is_absent: false,
    }
}
