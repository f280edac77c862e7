//! Holds any checked market, and dispatches to it.

use corridor_core::level::Level;
use corridor_core::numerics::exp;
use corridor_core::path::PathSource;

use crate::bootstrap::Bootstrap;
use crate::dynamics::Indicator;
use crate::law::StepLaw;
use crate::moments::ImpliedMoments;
use crate::regime_model::RegimeModel;

/// A checked market, ready to generate paths.
#[derive(Clone, Debug)]
pub enum Market {
    /// Regime switching; `gbm` is the case of one regime.
    RegimeSwitching(Box<RegimeModel>),
    /// Stationary block bootstrap of a history.
    Bootstrap(Box<Bootstrap>),
}

/// Moments of the simple return of a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearReturn {
    /// Mean, as a fraction.
    pub mean: f64,
    /// Standard deviation, as a fraction.
    pub std_dev: f64,
}

impl Market {
    /// Returns the names of the assets, in the order of the rows of a block.
    #[must_use]
    pub fn assets(&self) -> &[String] {
        self.source16().assets()
    }

    /// Returns the names of the true regimes, in the order of their numbers; none if the market has
    /// only one.
    #[must_use]
    pub fn regimes(&self) -> &[String] {
        let regimes = self.source16().regimes();
        if regimes.len() > 1 { regimes } else { &[] }
    }

    /// Returns the names of the indicators, in the order of the rows of a block.
    #[must_use]
    pub fn indicators(&self) -> &[String] {
        self.source16().indicators()
    }

    /// Returns the laws of the indicators that follow regimes, in the order of their rows; none for
    /// a bootstrap, whose indicators are observed values.
    #[must_use]
    pub fn indicator_laws(&self) -> &[Indicator] {
        match self {
            Self::RegimeSwitching(model) => model.indicator_laws(),
            Self::Bootstrap(_) => &[],
        }
    }

    /// Returns the moments that the market implies.
    #[must_use]
    pub fn implied_moments(&self) -> &ImpliedMoments {
        match self {
            Self::RegimeSwitching(model) => model.implied_moments(),
            Self::Bootstrap(history) => history.implied_moments(),
        }
    }

    /// Returns the law of one step over the true regimes; `None` for a bootstrap, which has none.
    #[must_use]
    pub fn step_law(&self) -> Option<&StepLaw> {
        match self {
            Self::RegimeSwitching(model) => Some(model.step_law()),
            Self::Bootstrap(_) => None,
        }
    }

    /// Returns the logarithm of `E[exp(a'X)]` after each number of `steps`, where `X` are the
    /// summed log returns of the assets and `a` has one exponent per asset.
    ///
    /// `None` if it is infinite or not known in closed form.
    #[must_use]
    pub fn log_moment(&self, a: &[f64], steps: &[u32]) -> Option<Vec<f64>> {
        match self {
            Self::RegimeSwitching(model) => model.log_moment(a, steps),
            Self::Bootstrap(history) => Some(history.log_moment(a, steps)),
        }
    }

    /// Returns the mean and the standard deviation of the simple return of an asset over a year of
    /// `steps`, in the long run.
    ///
    /// Both come from the first two moments of the year's gross return. They are exact, also where
    /// regimes or blocks of a history make steps depend on each other. `None` if they are infinite
    /// or not known in closed form.
    #[must_use]
    pub fn year_return(&self, asset: usize, steps: u32) -> Option<YearReturn> {
        let log_moment = |exponent: f64| {
            let mut a = vec![0.0; self.assets().len()];
            a[asset] = exponent;
            let known = match self {
                Self::RegimeSwitching(model) => model.long_run_log_moment(&a, &[steps])?,
                Self::Bootstrap(history) => history.log_moment(&a, &[steps]),
            };
            known.first().copied().filter(|moment| moment.is_finite())
        };
        let (first, second) = (log_moment(1.0)?, log_moment(2.0)?);
        let growth = exp(first);
        let relative_variance = (exp(second - 2.0 * first) - 1.0).max(0.0);
        Some(YearReturn { mean: growth - 1.0, std_dev: growth * relative_variance.sqrt() })
    }

    /// Whether [`log_moment`](Self::log_moment) is known, so that controls of estimates have known
    /// means.
    #[must_use]
    pub fn has_control(&self) -> bool {
        self.log_moment(&[], &[]).is_some()
    }

    /// Makes paths `2k` and `2k + 1` an antithetic pair, as
    /// [`RegimeModel::in_pairs`] describes. A bootstrap draws whole dates and is not changed.
    #[must_use]
    pub fn in_pairs(self) -> Self {
        match self {
            Self::RegimeSwitching(model) => Self::RegimeSwitching(Box::new(model.in_pairs())),
            Self::Bootstrap(history) => Self::Bootstrap(history),
        }
    }

    /// Generates with the instructions of `level` instead of the best ones of this machine. The
    /// bits are the same. A bootstrap copies rows, so there is nothing to vectorise.
    #[must_use]
    pub fn at_level(self, level: Level) -> Self {
        match self {
            Self::RegimeSwitching(model) => Self::RegimeSwitching(Box::new(model.at_level(level))),
            Self::Bootstrap(history) => Self::Bootstrap(history),
        }
    }

    /// Returns the market as a source of blocks of 128 paths, which runs read.
    #[must_use]
    pub fn source128(&self) -> &dyn PathSource<128> {
        match self {
            Self::RegimeSwitching(model) => model.blocks(),
            Self::Bootstrap(history) => history.blocks(),
        }
    }

    /// Returns the market as a source of blocks of 16 paths, which the reference loop reads.
    #[must_use]
    pub fn source16(&self) -> &dyn PathSource<16> {
        match self {
            Self::RegimeSwitching(model) => model.small_blocks(),
            Self::Bootstrap(history) => history.small_blocks(),
        }
    }
}

#[cfg(test)]
mod tests {
    use corridor_core::path::PathBlock;
    use corridor_core::time::Step;

    use super::*;
    use crate::bootstrap::{History, IndicatorColumn};
    use crate::dynamics::Dynamics;
    use crate::regime_switching::{Initial, Innovations, MeanIs, Regime, RegimeSwitching};

    fn with_regimes() -> Market {
        let regime = |name: &str, vol| Regime {
            name: name.into(),
            mean: vec![0.005],
            vol: vec![vol],
            correlation: vec![vec![1.0]],
        };
        let indicator = Indicator {
            name: "spread".into(),
            mean: vec![1.0, 3.0],
            persistence: 0.5,
            noise_sd: 0.2,
            lead_steps: 1,
        };
        let market = RegimeSwitching {
            assets: vec!["equity".into()],
            step: Step::Month,
            chain_period_steps: 1,
            moments_per_year: 12,
            mean_is: MeanIs::Log,
            transition: vec![vec![0.9, 0.1], vec![0.3, 0.7]],
            initial: Initial::Stationary,
            innovations: Innovations::Gaussian,
            regimes: vec![regime("calm", 0.03), regime("storm", 0.07)],
            correlation_chain: None,
            dynamics: Dynamics { indicators: vec![indicator], ..Dynamics::default() },
        };
        Market::RegimeSwitching(Box::new(RegimeModel::new(&market, 114).expect("a market")))
    }

    fn of_a_history() -> Market {
        let history = History {
            assets: vec!["equity".into()],
            step: Step::Month,
            returns: vec![vec![0.02], vec![-0.01], vec![0.03]],
            indicators: vec![IndicatorColumn {
                name: "spread".into(),
                values: vec![1.0, 2.0, 3.0],
            }],
            mean_block_steps: 2.0,
        };
        Market::Bootstrap(Box::new(Bootstrap::new(&history, 114).expect("a history")))
    }

    /// Seed 114: any market names its indicators and writes a row for each.
    #[test]
    fn every_market_can_carry_an_indicator() {
        for market in [with_regimes(), of_a_history()] {
            assert_eq!(market.assets(), ["equity"]);
            assert_eq!(market.indicators(), ["spread"]);
            let mut block = PathBlock::<16>::new(1);
            market.source16().fill(0, 0, 5, &mut block);
            for k in 0..5 {
                assert_eq!(block.indicator(k).len(), market.indicators().len());
                assert!(block.indicator(k)[0].iter().all(|value| (-1.0..5.0).contains(value)));
            }
        }
    }

    #[test]
    fn a_market_with_one_regime_names_none() {
        assert_eq!(with_regimes().regimes(), ["calm", "storm"]);
        assert!(of_a_history().regimes().is_empty());
        assert!(with_regimes().step_law().is_some() && of_a_history().step_law().is_none());
    }

    #[test]
    fn pairs_and_levels_leave_a_bootstrap_alone() {
        let fill = |market: &Market| {
            let mut block = PathBlock::<16>::new(1);
            market.source16().fill(0, 0, 5, &mut block);
            (0..5).map(|k| block.gross(k)[0]).collect::<Vec<_>>()
        };
        let market = of_a_history();
        assert_eq!(fill(&market), fill(&market.clone().in_pairs().at_level(Level::BASELINE)));
        assert_eq!(fill(&with_regimes()), fill(&with_regimes().at_level(Level::BASELINE)));
        assert_ne!(fill(&with_regimes()), fill(&with_regimes().in_pairs()));
    }

    /// Moments of the simple return over two steps, by a sum over all pairs of dates or regimes.
    #[test]
    fn the_return_of_a_year_is_exact_where_steps_depend_on_each_other() {
        let gross = [1.02, 0.99, 1.03];
        let mut moments = [0.0, 0.0];
        for first in 0..3 {
            for second in 0..3 {
                let follows = if second == (first + 1) % 3 { 0.5 } else { 0.0 };
                let share = (follows + 0.5 / 3.0) / 3.0;
                let growth: f64 = gross[first] * gross[second];
                moments[0] += share * growth;
                moments[1] += share * growth * growth;
            }
        }
        let year = of_a_history().year_return(0, 2).expect("a closed form");
        assert!((year.mean - (moments[0] - 1.0)).abs() < 1e-14, "{year:?}");
        let variance = moments[1] - moments[0] * moments[0];
        assert!((year.std_dev - variance.sqrt()).abs() < 1e-12, "{year:?}");

        let lognormal = |mean_log: f64, vol: f64| {
            let growth = exp(mean_log + 0.5 * vol * vol);
            (growth - 1.0, growth * (exp(vol * vol) - 1.0).sqrt())
        };
        let Market::RegimeSwitching(model) = with_regimes() else { panic!("regimes") };
        let one = Market::RegimeSwitching(model).year_return(0, 1).expect("a closed form");
        let (calm, storm) = (lognormal(0.005, 0.03), lognormal(0.005, 0.07));
        let mean = 0.75 * calm.0 + 0.25 * storm.0;
        let square =
            |(mean, deviation): (f64, f64)| (1.0 + mean) * (1.0 + mean) + deviation * deviation;
        let variance = 0.75 * square(calm) + 0.25 * square(storm) - (1.0 + mean) * (1.0 + mean);
        assert!((one.mean - mean).abs() < 1e-14, "{one:?} {mean}");
        assert!((one.std_dev - variance.sqrt()).abs() < 1e-12, "{one:?}");
    }

    #[test]
    fn both_markets_of_plain_shocks_have_controls() {
        assert!(with_regimes().has_control() && of_a_history().has_control());
    }
}
