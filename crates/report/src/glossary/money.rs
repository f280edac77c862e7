//! Explains the words of money and growth: wealth, growth rates, cost and drawdown.

use super::Term;

/// Words of money and growth.
pub(super) const TERMS: &[Term] = &[
    Term {
        name: "typical growth",
        other_names: &["median growth", "log growth", "geometric growth", "mean log return"],
        meaning: "The yearly growth that compounds to the typical outcome: half of the paths grow \
        faster in the long run and half slower.",
        example: "Up 50 %, then down 40 %, leaves 90 of 100: typical growth is -5.1 % a year, \
        though the average year gained 5 %.",
    },
    Term {
        name: "expected growth",
        other_names: &["log of mean growth", "growth of expected money", "mean return"],
        meaning: "The yearly growth of the average over all paths; a few lucky paths lift it above \
        typical growth.",
        example: "With a volatility of 15 %, expected growth of 6.7 % a year goes with typical \
        growth of about 5.6 %.",
    },
    Term {
        name: "certainty-equivalent growth",
        other_names: &["certainty equivalent", "ce growth", "ce_growth_gamma_3"],
        meaning: "The sure yearly growth that you would swap the uncertain one for, if you dislike \
        risk as much as gamma says.",
        example: "A portfolio that grows 5.4 % a year with ups and downs may be worth 4.5 % for \
        certain to a cautious investor of gamma 3.",
    },
    Term {
        name: "gamma",
        other_names: &["risk aversion", "relative risk aversion"],
        meaning: "How strongly an investor dislikes risk: 1 is bold, 3 is an ordinary cautious \
        investor, 5 and more is very cautious.",
        example: "An investor of gamma 3 gives up about 1.5 % of wealth rather than bear a coin \
        toss for 10 % of it.",
    },
    Term {
        name: "basis point",
        other_names: &["bp", "bps", "bp a year"],
        meaning: "A hundredth of a per cent.",
        example: "10 bp of $1,000,000 are $1,000; a growth rate 10 bp a year higher makes an \
        account about 3 % larger after 30 years.",
    },
    Term {
        name: "percentage point",
        other_names: &["pp", "point"],
        meaning: "The unit of a difference between two percentages.",
        example: "From 13.9 % to 11.3 % is 2.6 points less.",
    },
    Term {
        name: "running out of money",
        other_names: &["ruin", "ruined", "probability of ruin", "failure"],
        meaning: "The account is empty before the horizon and cannot pay its next withdrawal.",
        example: "A probability of 13.9 % means that 139 of 1,000 retirees run out.",
    },
    Term {
        name: "success",
        other_names: &["success rate", "probability of success", "survival"],
        meaning: "The account pays every withdrawal up to the horizon; the chance of it is 1 less \
        the probability of ruin.",
        example: "13.9 % run out, so the chance of success is 86.1 %.",
    },
    Term {
        name: "wealth",
        other_names: &["terminal wealth", "balance", "terminal_wealth_nominal"],
        meaning: "The balance of the account, after all contributions, withdrawals and costs.",
        example: "Terminal wealth is the balance at the end of the horizon; it is 0 on a path that \
        ran out.",
    },
    Term {
        name: "today's money",
        other_names: &["real", "real wealth", "today's dollars", "purchasing power"],
        meaning: "An amount in the prices of the start, so that inflation is taken out.",
        example: "With inflation of 2.5 % a year, $2,098,000 in 30 years buys what $1,000,000 buys \
        today.",
    },
    Term {
        name: "nominal",
        other_names: &["nominal wealth"],
        meaning: "An amount in the money of its own time, inflation included.",
        example: "$40,000 a year in today's money is a nominal $83,900 after 30 years of an \
        inflation of 2.5 %.",
    },
    Term {
        name: "indexed",
        other_names: &["indexation", "cost-of-living adjustment"],
        meaning: "A cash flow that grows with inflation, so that it buys the same every year.",
        example: "`withdrawal = { amount_per_year = 40_000, indexed = true }` pays $41,000 in the \
        second year at an inflation of 2.5 %.",
    },
    Term {
        name: "cash flow",
        other_names: &["flow", "contribution", "withdrawal"],
        meaning: "Money that is paid into the account or out of it on a schedule.",
        example: "`[[account.flow]] withdrawal = { amount_per_year = 40_000, every_months = 1 }` \
        pays out $3,333 a month.",
    },
    Term {
        name: "goal",
        other_names: &["goal reached", "funded ratio", "shortfall"],
        meaning: "A balance that the account should have at the horizon; the funded ratio is the \
        balance over the goal, and the shortfall is the part that is missing.",
        example: "$900,000 with a goal of $1,000,000: funded ratio 0.9, shortfall 10 %, goal not \
        reached.",
    },
    Term {
        name: "unit value",
        other_names: &["unit", "time-weighted value"],
        meaning: "The value of one unit of the portfolio, as of a fund share: 1 at the start, \
        after costs and fees, unmoved by contributions and withdrawals.",
        example: "A unit value of 2.00 after 14 years is 5 % a year, whatever was paid in or out \
        on the way.",
    },
    Term {
        name: "equity share",
        other_names: &[
            "more equity",
            "exposure",
            "growth exposure",
            "growth assets",
            "mean growth exposure",
        ],
        meaning: "The mean weight of the risky assets that the study names as `growth_assets`; a \
        rule that lets them run holds more, which earns more and risks more.",
        example: "`never` holds 8.8 points more equity than `fixed-5`, so part of its gain is pay \
        for more risk, not skill.",
    },
    Term {
        name: "one-way cost",
        other_names: &["one-way", "one_way_bps", "trading cost", "spread"],
        meaning: "The cost of one side of a trade, a purchase or a sale, as a share of the value \
        traded.",
        example: "At 10 bp, moving $100,000 from bonds to equity costs $100 for the sale and $100 \
        for the purchase.",
    },
    Term {
        name: "turnover",
        other_names: &["one-way turnover", "turnover_one_way_annual"],
        meaning: "Half of the value that a rule trades in a year, as a share of wealth.",
        example: "Selling $5,000 of one asset and buying $5,000 of another in a year, in an \
        account of $100,000, is a turnover of 5 %.",
    },
    Term {
        name: "drawdown",
        other_names: &["maximum drawdown", "fall", "worst fall", "under water"],
        meaning: "How far a value is below its highest value so far; the maximum drawdown is the \
        largest such fall of a path.",
        example: "From 150 to 90 is a drawdown of 40 %, even if 200 is reached later.",
    },
    Term {
        name: "volatility",
        other_names: &["std dev", "vol", "standard deviation", "st. dev."],
        meaning: "How much returns swing: the standard deviation of returns, expressed for a year.",
        example: "With a mean of 6 % and a volatility of 15 %, about two years in three return \
        between -9 and 21 %.",
    },
    Term {
        name: "tracking error",
        other_names: &["tracking_error_annual", "active risk"],
        meaning: "How much the return of a rule strays from that of its baseline: the standard \
        deviation of the difference, for a year.",
        example: "A tracking error of 0.5 % means that in two years of three the two differ by \
        less than half a per cent.",
    },
    Term {
        name: "Sharpe ratio",
        other_names: &["sharpe", "information ratio", "sortino ratio"],
        meaning: "Return divided by risk; the Sharpe ratio takes volatility as risk, Sortino's \
        takes losses only, and the information ratio takes return and risk relative to the \
        baseline.",
        example: "6 % a year above cash with a volatility of 15 % is a Sharpe ratio of 0.4.",
    },
    Term {
        name: "quantile",
        other_names: &["percentile", "1 in 10", "median"],
        meaning: "A value that a stated share of paths does not exceed; the median is the value in \
        the middle.",
        example: "A 10 % quantile of $300,000: one path in ten ends with less.",
    },
    Term {
        name: "rebalancing premium",
        other_names: &["rebalancing bonus", "volatility pumping", "diversification return"],
        meaning: "The growth that trading back to the target adds to the weighted growth of the \
        assets, because it sells what rose and buys what fell.",
        example: "Two assets of equal growth and a volatility of 20 %, unrelated: half of each \
        grows about 1 % a year faster than either.",
    },
    Term {
        name: "inflation",
        other_names: &["inflation_annual", "price level"],
        meaning: "The rise of prices a year, which this version takes as certain and the same every \
        year.",
        example: "At 2.5 % a year, 1,000,000 after 30 years buy what 477,000 buy today.",
    },
];
