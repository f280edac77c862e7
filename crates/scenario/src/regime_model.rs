//! Checks a regime-switching market and generates its paths.

use corridor_core::lanes::LANES;
use corridor_core::level::Level;
use corridor_core::path::{PathBlock, PathSource};
use corridor_core::random::Paths;

use crate::check::{CheckedParts, check};
use crate::dynamics::Indicator;
use crate::error::MarketError;
use crate::law::StepLaw;
use crate::moments::{ImpliedMoments, implied};
use crate::regime_paths::{Fill, RegimePaths};
use crate::regime_switching::RegimeSwitching;
use crate::step_moments::{StepMoments, main_vols};

/// A checked regime-switching market, ready to generate paths.
#[derive(Clone, Debug)]
pub struct RegimeModel {
    seed: u64,
    antithetic: bool,
    level: Level,
    assets: Vec<String>,
    regimes: Vec<String>,
    indicators: Vec<String>,
    indicator_laws: Vec<Indicator>,
    paths: RegimePaths,
    moments: ImpliedMoments,
    law: StepLaw,
}

impl RegimeModel {
    /// Checks a market and prepares the coefficients of a step; `seed` is the master seed of the
    /// paths.
    ///
    /// # Errors
    /// Every problem found, not only the first.
    pub fn new(market: &RegimeSwitching, seed: u64) -> Result<Self, Vec<MarketError>> {
        let CheckedParts { chains, factors } = check(market)?;
        let step = StepMoments::of_regimes(market, &factors);
        let vol = main_vols(&step, &chains, market.assets.len());
        let moments = implied(market, &chains, &step, &vol)?;
        let indicator_laws = market.dynamics.indicators.clone();
        Ok(Self {
            seed,
            antithetic: false,
            level: Level::best(),
            assets: market.assets.clone(),
            regimes: moments.regimes.clone(),
            indicators: indicator_laws.iter().map(|indicator| indicator.name.clone()).collect(),
            indicator_laws,
            law: StepLaw::new(market, &chains, &step),
            paths: RegimePaths::new(market, chains, &step),
            moments,
        })
    }

    /// Returns the moments that this market implies.
    #[must_use]
    pub fn implied_moments(&self) -> &ImpliedMoments {
        &self.moments
    }

    /// Returns the laws of the indicators, in the order of their rows.
    #[must_use]
    pub fn indicator_laws(&self) -> &[Indicator] {
        &self.indicator_laws
    }

    /// Returns the law of one step over the joint regimes, without GARCH, memory and jumps.
    #[must_use]
    pub fn step_law(&self) -> &StepLaw {
        &self.law
    }

    /// Makes paths `2k` and `2k + 1` an antithetic pair (Hammersley and Morton 1956).
    ///
    /// Both have the same regimes, and the normals behind their returns have opposite signs. They
    /// share all other draws: the mixing variable of a Student-t law, jumps and the noise of
    /// indicators.
    #[must_use]
    pub fn in_pairs(mut self) -> Self {
        self.antithetic = true;
        self
    }

    /// Returns the logarithm of `E[exp(a'X)]` after each number of `steps`, where `X` are the
    /// summed log returns of the assets and `a` has one exponent per asset.
    ///
    /// `None` for Student-t shocks, whose moment is infinite, and for GARCH, memory and jumps,
    /// which have no closed form.
    #[must_use]
    pub fn log_moment(&self, a: &[f64], steps: &[u32]) -> Option<Vec<f64>> {
        let is_gaussian = self.law.df.is_none() && !self.paths.has_dynamic_returns();
        is_gaussian.then(|| self.law.log_moment(a, steps))
    }

    /// Returns the logarithm of `E[exp(a'X)]` over `steps` in the long run, where the first regime
    /// has the stationary law; `None` where [`log_moment`](Self::log_moment) has none.
    #[must_use]
    pub fn long_run_log_moment(&self, a: &[f64], steps: &[u32]) -> Option<Vec<f64>> {
        let is_gaussian = self.law.df.is_none() && !self.paths.has_dynamic_returns();
        let law = || self.law.log_moment_from(self.moments.stationary.clone(), a, steps);
        is_gaussian.then(law)
    }

    /// Generates with the instructions of `level` instead of the best ones of this machine. The
    /// bits are the same.
    #[must_use]
    pub fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Returns this market as a source of the blocks that runs read. Neither generic nor inlined,
    /// so that the generator is compiled once, with this crate.
    #[must_use]
    #[inline(never)]
    pub fn blocks(&self) -> &dyn PathSource<LANES> {
        self
    }

    /// Returns this market as a source of the small blocks that the reference loop reads. Neither
    /// generic nor inlined, so that the generator is compiled once, with this crate.
    #[must_use]
    #[inline(never)]
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

    fn indicators(&self) -> &[String] {
        &self.indicators
    }

    fn fill(&self, first_path: u64, start: u32, steps: usize, block: &mut PathBlock<L>) {
        let paths = Paths { seed: self.seed, first: first_path, in_pairs: self.antithetic };
        self.level.run(Fill { model: &self.paths, paths, start, steps, block });
    }
}
