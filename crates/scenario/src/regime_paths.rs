//! Fills blocks with the paths of a regime-switching market: chains, shocks, then returns.

use corridor_core::lanes::Row;
use corridor_core::level::Kernel;
use corridor_core::path::{CHUNK_STEPS, PathBlock};
use corridor_core::random::Paths;

use crate::chain::{Chains, Words, mask_states};
use crate::dynamic_returns::DynamicReturns;
use crate::indicator_paths::IndicatorPaths;
use crate::regime_switching::{Innovations, RegimeSwitching};
use crate::returns::{Shocks, truncate_and_grow};
use crate::shocks::{fill_mixing, fill_normals};
use crate::step_at::StepAt;
use crate::step_moments::{StepMoments, main_vols};

/// Rows a block carries for the chains: the main and the correlation regime. Those of the dynamics
/// and the indicators follow.
const CHAIN_ROWS: usize = 2;

/// A market as the generator reads it.
#[derive(Clone, Debug)]
pub(crate) struct RegimePaths {
    chains: Chains,
    innovations: Innovations,
    /// Mean log returns of a step as bits of `f32`, which lanes select by masks: `[asset][joint
    /// regime]`.
    log_mean: Vec<Vec<u32>>,
    /// Rows of the Cholesky factors of a step's covariances as bits of `f32`:
    /// `[asset][normal][joint regime]`.
    factor: Vec<Vec<Vec<u32>>>,
    dynamics: DynamicReturns,
    indicators: IndicatorPaths,
}

impl RegimePaths {
    /// Prepares a checked market; `moments` has one entry per joint regime.
    pub fn new(market: &RegimeSwitching, chains: Chains, moments: &[StepMoments]) -> Self {
        let assets = 0..market.assets.len();
        let by_regime = |number: &dyn Fn(&StepMoments) -> f64| -> Vec<u32> {
            moments.iter().map(|regime| (number(regime) as f32).to_bits()).collect()
        };
        let (vol, states) = (main_vols(moments, &chains, assets.len()), chains.main.states());
        Self {
            chains,
            innovations: market.innovations,
            log_mean: assets.clone().map(|i| by_regime(&|regime| regime.log_mean[i])).collect(),
            factor: assets
                .map(|i| (0..=i).map(|k| by_regime(&|regime| regime.factor[i][k])).collect())
                .collect(),
            dynamics: DynamicReturns::new(&market.dynamics, &vol, states),
            indicators: IndicatorPaths::new(&market.dynamics.indicators, states),
        }
    }

    /// Whether returns depend on more than regimes and shocks.
    pub fn has_dynamic_returns(&self) -> bool {
        self.dynamics.moves_returns()
    }

    fn assets(&self) -> usize {
        self.log_mean.len()
    }
}

/// Kernel that fills one chunk of a block.
pub(crate) struct Fill<'a, const L: usize> {
    pub model: &'a RegimePaths,
    pub paths: Paths,
    /// First step of the chunk.
    pub start: u32,
    /// Number of steps of the chunk.
    pub steps: usize,
    pub block: &'a mut PathBlock<L>,
}

impl<const L: usize> Kernel for Fill<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { model, paths, start, steps, block } = self;
        let assets = model.assets();
        block.start = start;
        block.steps = steps;
        resize(model, block);
        if start == 0 {
            model.dynamics.restart(&mut block.carry[CHAIN_ROWS..]);
        }
        let normals = (steps * assets).next_multiple_of(4);
        fill_normals(paths, start * assets as u32, &mut block.scratch.reals[..normals]);
        restore_masks(model, block);
        let mut words = ChainWords { main: Words::new(), correlation: Words::new() };
        for k in 0..steps {
            let step = StepAt { paths, t: start + k as u32 };
            move_chains(model, step, &mut words, block);
            step_returns(model, step, k, block);
            if model.indicators.count() > 0 {
                let first_row = CHAIN_ROWS + model.dynamics.carry_rows();
                model.indicators.fill(&model.chains.main, step, k, block, first_row);
            }
        }
    }
}

/// Random words of the two chains.
struct ChainWords<const L: usize> {
    main: Words<L>,
    correlation: Words<L>,
}

/// Gives a block the rows that the market carries and works with.
///
/// The word rows are masks of the main, the correlation and the joint regimes. Without a
/// correlation chain the main regimes are the joint ones, and there is one set of masks.
#[inline(always)]
fn resize<const L: usize>(model: &RegimePaths, block: &mut PathBlock<L>) {
    let carry = CHAIN_ROWS + model.dynamics.carry_rows() + model.indicators.carry_rows();
    block.carry.resize(carry, Row::splat(0));
    block.set_indicators(model.indicators.count());
    let chains = &model.chains;
    let (inner, joint) = (chains.correlation_states(), chains.joint_states());
    let masks = if inner == 0 { joint } else { chains.main.states() + inner + joint };
    block.scratch.words.resize(masks, Row::splat(0));
    let normals = (CHUNK_STEPS * model.assets()).next_multiple_of(4);
    block.scratch.reals.resize(normals, Row::splat(0.0));
}

/// Rebuilds the masks from the carried regimes at the start of a chunk.
#[inline(always)]
fn restore_masks<const L: usize>(model: &RegimePaths, block: &mut PathBlock<L>) {
    let (main, rest) = block.scratch.words.split_at_mut(model.chains.main.states());
    let (inner, joint) = rest.split_at_mut(model.chains.correlation_states());
    mask_states(&block.carry[0], main);
    mask_states(&block.carry[1], inner);
    join_masks(main, inner, joint);
}

/// Moves the chains that move before a step, and the joint masks with them.
#[inline(always)]
fn move_chains<const L: usize>(
    model: &RegimePaths,
    step: StepAt,
    words: &mut ChainWords<L>,
    block: &mut PathBlock<L>,
) {
    let Chains { main: chain, correlation } = &model.chains;
    let moves_main = chain.moves_before(step.t) && (chain.states() > 1 || step.t == 0);
    let moves_inner = correlation.as_ref().is_some_and(|c| c.moves_before(step.t));
    if !(moves_main || moves_inner) {
        return;
    }
    let (main, rest) = block.scratch.words.split_at_mut(chain.states());
    let (inner, joint) = rest.split_at_mut(model.chains.correlation_states());
    if moves_main {
        chain.advance(step, &mut words.main, &mut block.carry[0], main);
    }
    if let Some(chain) = correlation.as_ref().filter(|_| moves_inner) {
        chain.advance(step, &mut words.correlation, &mut block.carry[1], inner);
    }
    join_masks(main, inner, joint);
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

/// Writes the regime, log returns and gross returns of a step into row `k` of the chunk.
#[inline(always)]
fn step_returns<const L: usize>(
    model: &RegimePaths,
    step: StepAt,
    k: usize,
    block: &mut PathBlock<L>,
) {
    let (assets, chains) = (model.assets(), &model.chains);
    let row = block.step_mut(k);
    let Some([main_state, inner_state]) = row.carry.first_chunk::<2>() else { return };
    join_states(main_state, inner_state, chains.inner_states() as u32, row.regime);
    let mut mixing = Row::<f32, L>::splat(1.0);
    if let Innovations::StudentT { df } = model.innovations {
        fill_mixing(step, df, &mut mixing);
    }
    let masks = &row.scratch.words;
    let shocks = Shocks {
        joint: &masks[masks.len() - chains.joint_states()..],
        main: &masks[..chains.main.states()],
        z: &row.scratch.reals[k * assets..(k + 1) * assets],
        mixing: &mixing,
        log_mean: &model.log_mean,
        factor: &model.factor,
    };
    let is_dynamic = model.dynamics.moves_returns();
    if is_dynamic {
        let carry = &mut row.carry[CHAIN_ROWS..];
        model.dynamics.log_returns(&shocks, step, carry, row.log_return);
    }
    // The block may have rows for more assets than the market has.
    let rows = row.log_return.iter_mut().zip(row.gross).take(assets);
    for (i, (log_return, gross)) in rows.enumerate() {
        if is_dynamic {
            truncate_and_grow(log_return, gross);
        } else {
            shocks.returns(i, log_return, gross);
        }
    }
}

/// Writes the number of the joint regime; `inner` is the number of correlation regimes, at least 1.
#[inline(always)]
fn join_states<const L: usize>(
    main_state: &Row<u32, L>,
    inner_state: &Row<u32, L>,
    inner: u32,
    out: &mut Row<u32, L>,
) {
    *out = *main_state;
    if inner > 1 {
        for l in 0..L {
            out[l] = main_state[l] * inner + inner_state[l];
        }
    }
}
