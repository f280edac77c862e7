//! Generates regime-switching paths: chains, shocks, then returns, a chunk of a block at a time.

use corridor_core::lanes::{ASSETS_MAX, LANES, Row};
use corridor_core::level::{Kernel, Level};
use corridor_core::numerics::{expm1_small, ln};
use corridor_core::path::{CHUNK_STEPS, PathBlock, PathSource};
use corridor_core::random::{Paths, Stream};

use crate::chain::{MarkovChain, Words, select};
use crate::check;
use crate::dynamic_returns::{Prepared, Shocks};
use crate::dynamics::Indicator;
use crate::error::{Chain, MarketError};
use crate::law::StepLaw;
use crate::moments::{ImpliedMoments, implied};
use crate::regime_switching::{Innovations, MeanIs, RegimeSwitching};
use crate::shocks::{fill_mixing, fill_normals};

/// The most joint regimes a market may have.
pub const REGIMES_MAX: usize = 32;

/// A checked regime-switching market, ready to generate paths.
#[derive(Clone, Debug)]
pub struct RegimeModel {
    seed: u64,
    antithetic: bool,
    level: Level,
    assets: Vec<String>,
    regimes: Vec<String>,
    main: MarkovChain,
    correlation: Option<MarkovChain>,
    innovations: Innovations,
    // Per asset, then per joint regime: log mean per step and the row of the lower Cholesky factor
    // times the vol, as bits of f32, because lanes select them by masks.
    log_mean: Vec<Vec<u32>>,
    factor: Vec<Vec<Vec<u32>>>,
    dynamics: Prepared,
    indicators: Vec<Indicator>,
    moments: ImpliedMoments,
    law: StepLaw,
}

impl RegimeModel {
    /// Checks a market and prepares its per-step coefficients.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(market: &RegimeSwitching, seed: u64) -> Result<Self, Vec<MarketError>> {
        let mut errors = limits(market);
        let main = chain(Chain::Main, market, &mut errors);
        let correlation = market
            .correlation_chain
            .as_ref()
            .and_then(|_| chain(Chain::Correlation, market, &mut errors));
        let factors = factors(market, &mut errors);
        market.dynamics.check(market, &mut errors);
        let Some(main) = main.filter(|_| errors.is_empty()) else { return Err(errors) };
        let per_step = PerStep::new(market, &factors);
        let vol = per_step_vols(&per_step, &main, market.assets.len());
        let moments = implied(market, &main, correlation.as_ref(), &per_step, &vol)?;
        let law = StepLaw::new(market, &main, correlation.as_ref(), &per_step);
        let (assets, main_states) = (0..market.assets.len(), main.states());
        Ok(Self {
            seed,
            antithetic: false,
            level: Level::best(),
            assets: market.assets.clone(),
            regimes: moments.regimes.clone(),
            main,
            correlation,
            innovations: market.innovations,
            log_mean: assets
                .clone()
                .map(|i| per_step.iter().map(|s| (s.log_mean[i] as f32).to_bits()).collect())
                .collect(),
            factor: assets
                .map(|i| {
                    (0..=i)
                        .map(|k| {
                            per_step.iter().map(|s| (s.factor[i][k] as f32).to_bits()).collect()
                        })
                        .collect()
                })
                .collect(),
            dynamics: Prepared::new(&market.dynamics, &vol, main_states),
            indicators: market.dynamics.indicators.clone(),
            moments,
            law,
        })
    }

    /// What this market implies.
    #[must_use]
    pub fn implied_moments(&self) -> &ImpliedMoments {
        &self.moments
    }

    /// Its indicators, in the order of their rows.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// What it draws at each step.
    #[must_use]
    pub fn step_law(&self) -> &StepLaw {
        &self.law
    }

    /// The same market in antithetic pairs: paths `2k` and `2k + 1` have the same regimes, and the
    /// normals behind the returns of the one are those of the other with the other sign (Hammersley
    /// and Morton 1956). What else is drawn, the mixing variable of a Student-t law, jumps, noise
    /// of indicators, they have in common.
    #[must_use]
    pub fn in_pairs(mut self) -> Self {
        self.antithetic = true;
        self
    }

    /// Logarithm of `E[exp(a'X)]` after each of these numbers of steps, where `X` are the summed
    /// log returns of the assets; `None` where it is not known in closed form (shocks with a
    /// memory, jumps) or does not exist (Student-t).
    #[must_use]
    pub fn log_moment(&self, a: &[f64], steps: &[u32]) -> Option<Vec<f64>> {
        let is_gaussian = self.law.df.is_none() && !self.dynamics.moves_returns();
        is_gaussian.then(|| self.law.log_moment(a, steps))
    }

    /// The same market, generated with the instructions of `level`: the same bits at another speed.
    #[must_use]
    pub fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl RegimeModel {
    /// As a source of the blocks that runs take. These two are not generic, so the generator is
    /// compiled with this crate.
    #[must_use]
    pub fn blocks(&self) -> &dyn PathSource<LANES> {
        self
    }

    /// As a source of the small blocks that the reference loop reads.
    #[must_use]
    pub fn small_blocks(&self) -> &dyn PathSource<16> {
        self
    }
}

impl<const L: usize> PathSource<L> for RegimeModel {
    fn assets(&self) -> &[String] {
        &self.assets
    }

    fn regimes(&self) -> &[String] {
        &self.regimes
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        self.level.run(Fill { model: self, first_path, start, steps, block });
    }
}

/// The per-step law of one joint regime.
#[derive(Clone, Debug)]
pub(crate) struct PerStep {
    pub log_mean: Vec<f64>,
    pub vol: Vec<f64>,
    /// Lower Cholesky factor of the covariance.
    pub factor: Vec<Vec<f64>>,
    pub correlation: Vec<Vec<f64>>,
}

impl PerStep {
    /// Laws of all joint regimes, main regime outer, correlation regime inner.
    fn new(market: &RegimeSwitching, factors: &[Vec<Vec<f64>>]) -> Vec<Self> {
        let steps = f64::from(market.step.per_year()) / f64::from(market.moments_per_year);
        let split = market.correlation_chain.as_ref().map(|c| &c.regimes);
        let inner = split.map_or(1, Vec::len);
        let mut laws = Vec::new();
        for (s, regime) in market.regimes.iter().enumerate() {
            let vol: Vec<f64> = regime.vol.iter().map(|v| v / steps.sqrt()).collect();
            let log_mean: Vec<f64> = regime
                .mean
                .iter()
                .zip(&regime.vol)
                .map(|(mean, vol)| match market.mean_is {
                    MeanIs::Log => mean / steps,
                    MeanIs::Drift => (mean - 0.5 * vol * vol) / steps,
                    MeanIs::Arithmetic => (ln(1.0 + mean) - 0.5 * vol * vol) / steps,
                })
                .collect();
            for c in 0..inner {
                let unit = &factors[if split.is_some() { c } else { s }];
                let factor = unit
                    .iter()
                    .zip(&vol)
                    .map(|(row, v)| row.iter().map(|x| x * v).collect())
                    .collect();
                let correlation =
                    split.map_or_else(|| regime.correlation.clone(), |states| states[c].1.clone());
                laws.push(Self {
                    log_mean: log_mean.clone(),
                    vol: vol.clone(),
                    factor,
                    correlation,
                });
            }
        }
        laws
    }
}

/// Vols per asset and main regime.
fn per_step_vols(laws: &[PerStep], main: &MarkovChain, assets: usize) -> Vec<Vec<f64>> {
    let inner = laws.len() / main.states();
    (0..assets).map(|i| (0..main.states()).map(|s| laws[s * inner].vol[i]).collect()).collect()
}

fn limits(market: &RegimeSwitching) -> Vec<MarketError> {
    let mut errors = Vec::new();
    let joint =
        market.regimes.len() * market.correlation_chain.as_ref().map_or(1, |c| c.regimes.len());
    for (what, count, max) in
        [("assets", market.assets.len(), ASSETS_MAX), ("joint regimes", joint, REGIMES_MAX)]
    {
        if count > max {
            errors.push(MarketError::TooMany { what, count, max });
        }
    }
    if let Innovations::StudentT { df } = market.innovations {
        if !(df > 2.0 && df.is_finite()) {
            errors.push(MarketError::DegreesOfFreedom { df });
        }
        if market.mean_is != MeanIs::Log {
            errors.push(MarketError::MeanOfStudentT);
        }
    }
    for (index, regime) in market.regimes.iter().enumerate() {
        check::moments(
            &market.assets,
            index,
            regime,
            market.mean_is == MeanIs::Arithmetic,
            &mut errors,
        );
    }
    errors
}

fn chain(
    which: Chain,
    market: &RegimeSwitching,
    errors: &mut Vec<MarketError>,
) -> Option<MarkovChain> {
    let (rows, initial, regimes, period, stream) = match (which, &market.correlation_chain) {
        (Chain::Correlation, Some(c)) => (
            &c.transition,
            &c.initial,
            c.regimes.len(),
            c.chain_period_steps,
            Stream::CorrelationRegimes,
        ),
        _ => (
            &market.transition,
            &market.initial,
            market.regimes.len(),
            market.chain_period_steps,
            Stream::Regimes,
        ),
    };
    let before = errors.len();
    let transition = check::transition(which, rows, regimes, errors);
    let initial = check::initial(which, initial, regimes, errors);
    if errors.len() > before || transition.is_empty() {
        return None;
    }
    match check::stationary(which, &transition) {
        Ok(stationary) => {
            Some(MarkovChain::new(period.max(1), transition, initial, stationary, stream))
        }
        Err(error) => {
            errors.push(error);
            None
        }
    }
}

fn factors(market: &RegimeSwitching, errors: &mut Vec<MarketError>) -> Vec<Vec<Vec<f64>>> {
    let assets = market.assets.len();
    let mut factor = |chain, index, name: &str, matrix: &[Vec<f64>]| {
        check::cholesky(chain, index, name, matrix, assets, errors)
    };
    match &market.correlation_chain {
        Some(c) => c
            .regimes
            .iter()
            .enumerate()
            .filter_map(|(j, (name, matrix))| factor(Chain::Correlation, j, name, matrix))
            .collect(),
        None => market
            .regimes
            .iter()
            .enumerate()
            .filter_map(|(j, r)| factor(Chain::Main, j, &r.name, &r.correlation))
            .collect(),
    }
}

struct Fill<'a, const L: usize> {
    model: &'a RegimeModel,
    first_path: u64,
    start: u32,
    steps: usize,
    block: &'a mut PathBlock<L>,
}

impl<const L: usize> Kernel for Fill<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { model, first_path, start, steps, block } = self;
        let (assets, joint) = (model.assets.len(), model.regimes.len());
        let (main_states, inner) =
            (model.main.states(), model.correlation.as_ref().map_or(0, MarkovChain::states));
        let paths = Paths { seed: model.seed, first: first_path, in_pairs: model.antithetic };
        block.start = start;
        block.steps = steps;
        // Carry: states of both chains. Scratch words: masks of the main, the correlation and the
        // joint regimes; without a correlation chain the main regimes are the joint ones.
        block.carry.resize(CHAIN_ROWS + model.dynamics.carry_rows(), Row::splat(0));
        block.set_indicators(model.dynamics.indicators());
        if start == 0 {
            model.dynamics.restart(&mut block.carry[CHAIN_ROWS..]);
        }
        block
            .scratch
            .words
            .resize(if inner == 0 { joint } else { main_states + inner + joint }, Row::splat(0));
        block.scratch.reals.resize((CHUNK_STEPS * assets).next_multiple_of(4), Row::splat(0.0));
        let normals = (steps * assets).next_multiple_of(4);
        fill_normals(paths, start * assets as u32, &mut block.scratch.reals[..normals]);
        restore_masks(model, block);
        let (mut main_words, mut correlation_words) = (Words::new(), Words::new());
        for k in 0..steps {
            let t = start + k as u32;
            move_chains(model, paths, t, &mut main_words, &mut correlation_words, block);
            step_returns(model, paths, t, k, block);
            if model.dynamics.indicators() > 0 {
                model.dynamics.indicate(&model.main, (paths, t), k, block, CHAIN_ROWS);
            }
        }
    }
}

/// Rows a block remembers for the chains; those of the dynamics follow.
const CHAIN_ROWS: usize = 2;

/// Rebuilds the masks from the carried states at the start of a chunk.
#[inline(always)]
fn restore_masks<const L: usize>(model: &RegimeModel, block: &mut PathBlock<L>) {
    let main_states = model.main.states();
    let inner = model.correlation.as_ref().map_or(0, MarkovChain::states);
    let (masks, rest) = block.scratch.words.split_at_mut(main_states);
    let (inner_masks, joint_masks) = rest.split_at_mut(inner);
    for (states, carry) in [(&mut *masks, &block.carry[0]), (&mut *inner_masks, &block.carry[1])] {
        for (j, mask) in states.iter_mut().enumerate() {
            for l in 0..L {
                mask[l] = u32::from(carry[l] == j as u32).wrapping_neg();
            }
        }
    }
    join_masks(masks, inner_masks, joint_masks);
}

/// Moves the chains that move before step `t`, and the joint masks with them.
#[inline(always)]
fn move_chains<const L: usize>(
    model: &RegimeModel,
    paths: Paths,
    t: u32,
    main_words: &mut Words<L>,
    correlation_words: &mut Words<L>,
    block: &mut PathBlock<L>,
) {
    let moves_main = model.main.moves_before(t) && (model.main.states() > 1 || t == 0);
    let moves_inner = model.correlation.as_ref().is_some_and(|c| c.moves_before(t));
    if !(moves_main || moves_inner) {
        return;
    }
    let inner = model.correlation.as_ref().map_or(0, MarkovChain::states);
    let (masks, rest) = block.scratch.words.split_at_mut(model.main.states());
    let (inner_masks, joint_masks) = rest.split_at_mut(inner);
    if moves_main {
        model.main.advance(paths, t, main_words, &mut block.carry[0], masks);
    }
    if let Some(chain) = model.correlation.as_ref().filter(|_| moves_inner) {
        chain.advance(paths, t, correlation_words, &mut block.carry[1], inner_masks);
    }
    join_masks(masks, inner_masks, joint_masks);
}

#[inline(always)]
fn join_masks<const L: usize>(
    main: &[Row<u32, L>],
    inner: &[Row<u32, L>],
    joint: &mut [Row<u32, L>],
) {
    for (j, out) in joint.iter_mut().enumerate() {
        let (a, b) = (&main[j / inner.len()], &inner[j % inner.len()]);
        for l in 0..L {
            out[l] = a[l] & b[l];
        }
    }
}

/// Writes regime, log returns and gross returns of step `t`, row `k` of the chunk.
#[inline(always)]
fn step_returns<const L: usize>(
    model: &RegimeModel,
    paths: Paths,
    t: u32,
    k: usize,
    block: &mut PathBlock<L>,
) {
    let assets = model.assets.len();
    let row = block.step_mut(k);
    let inner = model.correlation.as_ref().map_or(1, MarkovChain::states) as u32;
    let Some([main_state, inner_state]) = row.carry.first_chunk::<2>() else { return };
    *row.regime = *main_state;
    if inner > 1 {
        for l in 0..L {
            row.regime[l] = main_state[l] * inner + inner_state[l];
        }
    }
    let joint = &row.scratch.words[row.scratch.words.len() - model.regimes.len()..];
    let z = &row.scratch.reals[k * assets..(k + 1) * assets];
    let mut mixing = Row::<f32, L>::splat(1.0);
    if let Innovations::StudentT { df } = model.innovations {
        fill_mixing(paths, t, df, &mut mixing);
    }
    if model.dynamics.moves_returns() {
        let main = &row.scratch.words[..model.main.states()];
        let shocks = Shocks {
            joint,
            main,
            z,
            mixing: &mixing,
            log_mean: &model.log_mean,
            factor: &model.factor,
        };
        model.dynamics.log_returns(
            &shocks,
            (paths, t),
            &mut row.carry[CHAIN_ROWS..],
            row.log_return,
        );
        for (log_return, gross) in row.log_return.iter_mut().zip(row.gross).take(assets) {
            for l in 0..L {
                log_return[l] = truncated(log_return[l]);
            }
            grow(log_return, gross);
        }
        return;
    }
    let returns =
        Returns { joint, z, mixing: &mixing, log_mean: &model.log_mean, factor: &model.factor };
    for (i, (log_return, gross)) in
        row.log_return.iter_mut().zip(row.gross).take(assets).enumerate()
    {
        // Few assets and regimes: all coefficients of a lane at once. Many would spill the
        // registers.
        match (i + 1, joint.len()) {
            (1, 1) => returns.fused::<1, 1>(log_return, gross),
            (2, 1) => returns.fused::<2, 1>(log_return, gross),
            (1, 2) => returns.fused::<1, 2>(log_return, gross),
            (2, 2) => returns.fused::<2, 2>(log_return, gross),
            (3, 2) => returns.fused::<3, 2>(log_return, gross),
            (4, 2) => returns.fused::<4, 2>(log_return, gross),
            (1, 3) => returns.fused::<1, 3>(log_return, gross),
            (2, 3) => returns.fused::<2, 3>(log_return, gross),
            (3, 3) => returns.fused::<3, 3>(log_return, gross),
            (4, 3) => returns.fused::<4, 3>(log_return, gross),
            _ => returns.coefficient_by_coefficient(i, log_return, gross),
        }
    }
}

/// What the returns of one step are made of.
struct Returns<'a, const L: usize> {
    /// Mask of each joint regime.
    joint: &'a [Row<u32, L>],
    z: &'a [Row<f32, L>],
    mixing: &'a Row<f32, L>,
    log_mean: &'a [Vec<u32>],
    factor: &'a [Vec<Vec<u32>>],
}

impl<const L: usize> Returns<'_, L> {
    /// Asset number `K` (from 1) in one loop over lanes, with `S` regimes.
    #[inline(always)]
    fn fused<const K: usize, const S: usize>(
        &self,
        log_return: &mut Row<f32, L>,
        gross: &mut Row<f64, L>,
    ) {
        let table = |values: &[u32]| -> [u32; S] { std::array::from_fn(|s| values[s]) };
        let (mean, factor): ([u32; S], [[u32; S]; K]) =
            (table(&self.log_mean[K - 1]), std::array::from_fn(|k| table(&self.factor[K - 1][k])));
        let (Some(masks), Some(z)) = (self.joint.first_chunk::<S>(), self.z.first_chunk::<K>())
        else {
            return;
        };
        for l in 0..L {
            let mut shock = 0.0;
            for k in 0..K {
                let mut bits = 0;
                for s in 0..S {
                    bits |= masks[s][l] & factor[k][s];
                }
                shock += f32::from_bits(bits) * z[k][l];
            }
            let mut bits = 0;
            for s in 0..S {
                bits |= masks[s][l] & mean[s];
            }
            log_return[l] = truncated(f32::from_bits(bits) + shock * self.mixing[l]);
        }
        grow(log_return, gross);
    }

    /// Any asset `i` (from 0), one loop over lanes for each coefficient.
    #[inline(always)]
    fn coefficient_by_coefficient(
        &self,
        i: usize,
        log_return: &mut Row<f32, L>,
        gross: &mut Row<f64, L>,
    ) {
        let mut coefficient = Row::<u32, L>::splat(0);
        let mut shock = Row::<f32, L>::splat(0.0);
        for (z, table) in self.z.iter().zip(&self.factor[i]) {
            select(self.joint, table, &mut coefficient);
            for l in 0..L {
                shock[l] += f32::from_bits(coefficient[l]) * z[l];
            }
        }
        select(self.joint, &self.log_mean[i], &mut coefficient);
        for l in 0..L {
            log_return[l] = truncated(f32::from_bits(coefficient[l]) + shock[l] * self.mixing[l]);
        }
        grow(log_return, gross);
    }
}

/// Gross returns of log returns. The loops are apart because one over both precisions would run at
/// the lanes of the wider.
#[inline(always)]
fn grow<const L: usize>(log_return: &Row<f32, L>, gross: &mut Row<f64, L>) {
    let mut growth = Row::<f32, L>::splat(0.0);
    for l in 0..L {
        growth[l] = expm1_small(log_return[l]);
    }
    for l in 0..L {
        gross[l] = 1.0 + f64::from(growth[l]);
    }
}

/// The model's log return: between -1 and 1.
#[inline(always)]
fn truncated(x: f32) -> f32 {
    let x = if x < -1.0 { -1.0 } else { x };
    if x > 1.0 { 1.0 } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loop_and_many_give_the_same_bits() {
        let masks: Vec<Row<u32, 16>> = (0..3)
            .map(|s| Row(std::array::from_fn(|l| u32::from(l % 3 == s).wrapping_neg())))
            .collect();
        let z: Vec<Row<f32, 16>> = (0..4)
            .map(|k| Row(std::array::from_fn(|l| (l as f32 - 7.5) * 0.3 + k as f32)))
            .collect();
        let bits = |x: f32| x.to_bits();
        let log_mean: Vec<Vec<u32>> =
            (0..4).map(|i| (0..3).map(|s| bits(0.01 * (i + s) as f32)).collect()).collect();
        let factor: Vec<Vec<Vec<u32>>> = (0..4)
            .map(|i| {
                (0..=i)
                    .map(|k| (0..3).map(|s| bits(0.02 * (1 + i + 2 * k + s) as f32)).collect())
                    .collect()
            })
            .collect();
        let mixing = Row::splat(1.3);
        let returns =
            Returns { joint: &masks, z: &z, mixing: &mixing, log_mean: &log_mean, factor: &factor };
        let (mut a, mut b) = (Row::splat(0.0f32), Row::splat(0.0f32));
        let (mut c, mut d) = (Row::splat(0.0), Row::splat(0.0));
        returns.fused::<4, 3>(&mut a, &mut c);
        returns.coefficient_by_coefficient(3, &mut b, &mut d);
        assert_eq!((a, c), (b, d));
    }
}
