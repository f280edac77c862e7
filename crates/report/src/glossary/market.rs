//! Explains the words of markets and simulations: path, scenario, regime, sweep, seed.

use super::Term;

/// Words of markets and simulations.
pub(super) const TERMS: &[Term] = &[
    Term {
        name: "path",
        other_names: &["simulation", "trial", "future"],
        meaning: "One possible future of the market, from the start to the horizon; every rule \
        lives through the same paths.",
        example: "20,000 paths of 30 years are 20,000 retirees, each with a market of his own.",
    },
    Term {
        name: "step",
        other_names: &["period"],
        meaning: "The unit of time of a simulation: a day, a week or a month.",
        example: "30 years of monthly steps are 360 steps.",
    },
    Term {
        name: "scenario",
        other_names: &[],
        meaning: "One set of assumptions about market, account and costs, under which all rules \
        are compared.",
        example: "Costs of 0, 10 and 50 bp make three scenarios.",
    },
    Term {
        name: "sweep",
        other_names: &["swept", "corner", "swept number"],
        meaning: "A list of values for one number of a study; each value makes a scenario, or a \
        policy where the number belongs to one. A corner is one choice of values.",
        example: "`one_way_bps = { sweep = [0, 10, 50] }` makes three scenarios.",
    },
    Term {
        name: "regime",
        other_names: &["true regime", "market regime", "calm", "storm"],
        meaning: "A state of the market with its own means, volatilities and correlations; the \
        market switches between regimes at random, and rules do not see which one holds.",
        example: "Calm months with a volatility of 12 % a year and storm months with 28 %.",
    },
    Term {
        name: "transition",
        other_names: &["transition matrix", "chain", "mean stay"],
        meaning: "The probabilities of moving from one regime to another at each change of the \
        regime clock.",
        example: "A storm that ends with a probability of 12 % a month lasts 8.3 months on \
        average.",
    },
    Term {
        name: "preset",
        other_names: &["shipped market"],
        meaning: "A market that comes with the program, with its source and its moments.",
        example: "`[market] preset = \"stock-bond-flip\"`.",
    },
    Term {
        name: "bootstrap",
        other_names: &["resampled history", "block bootstrap"],
        meaning: "A market whose paths are stretches of real history, drawn at random and put \
        together.",
        example: "30 years made of two-year pieces of 1926 to 2018.",
    },
    Term {
        name: "correlation",
        other_names: &["corr"],
        meaning: "How much two assets move together: 1 in step, 0 unrelated, -1 opposite.",
        example: "Bonds with a correlation of -0.2 to stocks tend to rise when stocks fall.",
    },
    Term {
        name: "moments",
        other_names: &["implied moments", "implied market"],
        meaning: "The means, volatilities and correlations that the numbers of a market amount to, \
        over all its regimes.",
        example: "`check` prints them, so that you see whether the market is the one you meant.",
    },
    Term {
        name: "seed",
        other_names: &["random seed"],
        meaning: "The number from which all random numbers follow; the same study with the same \
        seed gives the same results on every machine.",
        example: "Another seed shows how much of a result is luck of the draw.",
    },
    Term {
        name: "antithetic",
        other_names: &["antithetic pairs", "mirrored paths"],
        meaning: "Paths in pairs with mirrored shocks, so that good luck on one is bad luck on the \
        other and errors are smaller.",
        example: "Where one path rises by 3 % above the mean, its partner falls 3 % below it.",
    },
    Term {
        name: "fan",
        other_names: &["fan chart"],
        meaning: "Quantiles of wealth or of drawdown over time: the middle path and the ranges \
        that hold half and nine tenths of all paths.",
        example: "In year 20 the median is $1.4 million, and nine paths in ten are between $0.3 \
        and $4 million.",
    },
    Term {
        name: "run",
        other_names: &["run folder", "run_dir", "run_id"],
        meaning: "The results of one study: a folder of tables, a page and the study itself.",
        example: "`results/retire/0a1b2c3d4e5f` is the folder of a run; its last part is the run \
        id.",
    },
    Term {
        name: "search",
        other_names: &["candidates", "squad", "finalist", "fresh paths"],
        meaning: "Many rules are tried on few paths, the better half goes on to more, and the \
        finalists are scored again on fresh paths that chose nothing.",
        example: "74 candidates, 12 finalists, and the winner's lead on fresh paths.",
    },
    Term {
        name: "cell",
        other_names: &[],
        meaning: "One rule in one scenario at one horizon: what one row of a table stands for.",
        example: "8 rules at 3 costs over 30 years are 24 cells.",
    },
    Term {
        name: "part",
        other_names: &[],
        meaning: "A stretch of the paths that is simulated and kept at once, so that an interrupted \
        run continues behind the last one.",
        example: "100,000 paths in 10 parts lose at most the part that was running.",
    },
    Term {
        name: "mean log",
        other_names: &["log mean", "drift"],
        meaning: "The mean of the logarithm of a return; volatility lowers it below the logarithm of \
        the mean return.",
        example: "A mean return of 8.8 % with a volatility of 15 % has a mean log of 7.2 %, the \
        growth that a typical path has.",
    },
    Term {
        name: "vol of log",
        other_names: &["log volatility"],
        meaning: "The standard deviation of the logarithm of a year's return.",
        example: "A vol of log of 15 % means a year between -14 and +25 % in two of three years, at \
        a mean log of 5 %.",
    },
];
