//! Explains the words of rebalancing rules: review, trigger, band, target, signal and twin.

use super::Term;

/// Words of rebalancing rules.
pub(super) const TERMS: &[Term] = &[
    Term {
        name: "policy",
        other_names: &["rule", "rebalancing rule"],
        meaning: "A rule that says when to look at the portfolio, when to trade, and how far: \
        target, review, trigger and trade.",
        example: "Look every month, and if a weight is 5 points off, trade back to 60/40.",
    },
    Term {
        name: "rebalancing",
        other_names: &["rebalance", "rebalancing events"],
        meaning: "Trading back towards the target weights after prices have moved the portfolio \
        away from them.",
        example: "Stocks rose and are 66 % instead of 60 %: 6 % of the portfolio moves into bonds.",
    },
    Term {
        name: "target",
        other_names: &["target weight", "allocation", "asset mix"],
        meaning: "The weights that a rule trades back to.",
        example: "`target = { equity = 0.60, bond = 0.40 }` is the classic 60/40.",
    },
    Term {
        name: "review",
        other_names: &["look", "calendar"],
        meaning: "The dates at which a rule looks at the portfolio; it trades at no other time.",
        example: "`review = \"year\"` looks once a year.",
    },
    Term {
        name: "trigger",
        other_names: &["condition"],
        meaning: "The condition under which a rule trades at a review.",
        example: "`trigger = \"always\"` trades at every review, `\"never\"` at none, and `{ \
        outside = { absolute = 0.05 } }` where a weight is 5 points off.",
    },
    Term {
        name: "band",
        other_names: &["corridor", "threshold", "tolerance band", "half-width", "band width"],
        meaning: "The range around a target weight within which a rule does not trade; its \
        half-width is the distance from the target to either edge.",
        example: "A band of 5 points around 60 % reaches from 55 to 65 %.",
    },
    Term {
        name: "absolute band",
        other_names: &["absolute"],
        meaning: "A band whose half-width is in points of the whole portfolio.",
        example: "`absolute = 0.05` around a target of 20 % reaches from 15 to 25 %.",
    },
    Term {
        name: "relative band",
        other_names: &["relative"],
        meaning: "A band whose half-width is a share of the target weight.",
        example: "`relative = 0.20` around a target of 20 % reaches from 16 to 24 %.",
    },
    Term {
        name: "5/25",
        other_names: &["hybrid_5_25", "5/25 rule"],
        meaning: "The rule with the tighter of two bands: 5 points, or a quarter of the target \
        weight.",
        example: "Around 60 % it is 5 points; around 10 % it is 2.5 points; from a target of 20 % \
        on, it is the same as a band of 5 points.",
    },
    Term {
        name: "trade to the edge",
        other_names: &["to_edge", "to_within", "part_way", "to_target", "trade"],
        meaning: "How far a rule trades: back to the target, to the edge of the band, to a point \
        within it, or part of the way.",
        example: "From 66 % with a band of 55 to 65 %: `to_edge` trades 1 point and `to_target` 6.",
    },
    Term {
        name: "signal",
        other_names: &["indicator"],
        meaning: "A number that a rule reads from past returns, such as recent volatility.",
        example: "`ewma_vol` of 0.25 says that equity has lately swung at a rate of 25 % a year.",
    },
    Term {
        name: "volatility target",
        other_names: &["vol_target"],
        meaning: "A rule that holds as much equity as keeps the portfolio at a chosen volatility: \
        less when markets are rough.",
        example: "A target of 10 % with equity at 20 % holds half of the account in equity.",
    },
    Term {
        name: "glide path",
        other_names: &["lifecycle"],
        meaning: "A target that moves along a schedule with time.",
        example: "From 90 % equity at 30 years before retirement to 50 % at retirement.",
    },
    Term {
        name: "elasticity",
        other_names: &["scale", "power"],
        meaning: "How strongly a number of a rule follows a signal: the per cent that it changes \
        when the signal changes by one per cent.",
        example: "With an elasticity of -1, volatility that is twice its usual level halves the \
        band.",
    },
    Term {
        name: "twin",
        other_names: &["same-exposure twin", "twin rule"],
        meaning: "A simple rule made to hold the same equity share, or to trade as much, as \
        another rule, so that the rest of the difference is due to timing.",
        example: "If a timing rule gains 12 bp and its twin 10, then 2 bp are timing and 10 the \
        larger equity share.",
    },
    Term {
        name: "timing",
        other_names: &["market timing"],
        meaning: "The part of a gain that comes from holding more or less at the right moments, \
        and not from holding more all the time.",
        example: "A rule with a mean equity share of 60 % that holds 40 % in storms gains by \
        timing.",
    },
    Term {
        name: "oracle",
        other_names: &["perfect signal"],
        meaning: "A signal that knows the coming regime, which nobody can; it shows the most that \
        any signal could gain.",
        example: "If the oracle gains 70 bp and your signal 11, then 59 bp are lost to late and \
        wrong signals.",
    },
    Term {
        name: "placebo",
        other_names: &["placebo signal"],
        meaning: "The same rule with a signal from an unrelated path: it trades alike, but on no \
        information.",
        example: "A rule that gains no more than with its placebo gains nothing from its signal.",
    },
    Term {
        name: "lag",
        other_names: &["delay", "late", "lag_months", "months late"],
        meaning: "The time between what happens in the market and the moment at which a rule sees \
        it or trades on it.",
        example: "`observe = { lag_months = 3 }` reads the signal of three months ago.",
    },
    Term {
        name: "hit rate",
        other_names: &["hits", "false alarm", "misses"],
        meaning: "How often a signal is right: the share of the time in a regime in which the \
        signal says so; a false alarm says so in another regime.",
        example: "Hits 70 %, false alarms 5 %: in ten storm months it says storm in seven, and in \
        a hundred calm months it says storm in five.",
    },
    Term {
        name: "accuracy",
        other_names: &["accuracy of a signal"],
        meaning: "The share of the time in which an oracle names the right one of all regimes of \
        the market. When it errs it names any of the others, some of which may tell a rule the same.",
        example: "With two volatilities and two correlations there are four regimes: an oracle of \
        accuracy 0.58 tells storm from calm rightly in 72 % of the months.",
    },
    Term {
        name: "buy and hold",
        other_names: &["never"],
        meaning: "The rule that buys the target once and never trades again.",
        example: "60/40 bought once is often more than 80 % equity after 30 years.",
    },
    Term {
        name: "half-way",
        other_names: &["halfway", "50 % of the way"],
        meaning: "A rule that trades only a part of the distance back to its target.",
        example: "From 66 % with a target of 60 %, half-way trades to 63 %.",
    },
    Term {
        name: "half-life",
        other_names: &["half_life_months"],
        meaning: "The time after which a past return counts half as much in a measured volatility.",
        example: "With a half-life of 3 months a shock of half a year ago counts a quarter.",
    },
];
