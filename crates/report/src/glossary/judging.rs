//! Explains the words of comparisons: difference, margin, verdict, interval and precision.

use super::Term;

/// Words of comparisons and verdicts.
pub(super) const TERMS: &[Term] = &[
    Term {
        name: "baseline",
        other_names: &["reference rule", "benchmark"],
        meaning: "The rule with which every other rule is compared, on the same paths.",
        example: "With `baseline = \"annual\"`, a difference of +3 bp a year means 3 bp more than \
        rebalancing once a year.",
    },
    Term {
        name: "difference",
        other_names: &["minus baseline", "diff", "paired difference"],
        meaning: "The value of a rule less that of its baseline, taken path by path, so that luck \
        which both share drops out.",
        example: "`minus annual: -2.6 pp` of the chance of running out means 2.6 retirees in 100 \
        fewer.",
    },
    Term {
        name: "margin",
        other_names: &["margin of practical equivalence", "indifference zone"],
        meaning: "The largest difference that does not matter in practice; the study declares it, \
        and a verdict rests on it.",
        example: "With a margin of 5 bp a year, a rule that gains 2 bp (1 to 3) is equivalent to \
        its baseline, however certain the 2 bp are.",
    },
    Term {
        name: "verdict",
        other_names: &["judgement"],
        meaning: "One of four words for a difference, its interval and the margin: better, worse, \
        equivalent or not resolved.",
        example: "+8 bp (6 to 10) with a margin of 5 bp is better; +6 bp (3 to 9) is not resolved.",
    },
    Term {
        name: "better",
        other_names: &[],
        meaning: "The whole interval of the difference is beyond the margin on the good side.",
        example: "A chance of running out that is 2.6 points (2.2 to 2.9) smaller is better where \
        the margin is 1 point.",
    },
    Term {
        name: "worse",
        other_names: &[],
        meaning: "The whole interval of the difference is beyond the margin on the bad side.",
        example: "-9 bp a year (-11 to -7) with a margin of 5 bp is worse.",
    },
    Term {
        name: "equivalent",
        other_names: &["alike", "practically equivalent"],
        meaning: "The whole interval of the difference is within the margin, so the two rules are \
        as good as each other in practice.",
        example: "+1 bp a year (-1 to 3) with a margin of 5 bp is equivalent.",
    },
    Term {
        name: "not resolved",
        other_names: &["unresolved", "undecided"],
        meaning: "The interval of the difference crosses the margin, so more paths are needed to \
        tell; the table says about how many.",
        example: "+4 bp a year (2 to 6) with a margin of 5 bp may be equivalent or better.",
    },
    Term {
        name: "look ahead",
        other_names: &["looks ahead", "foresight"],
        meaning: "A rule looks ahead if it reads what no investor can know, such as the regime of \
        the coming month; it is shown as a limit and never judged.",
        example: "`oracle` gains 70 bp a year and has no verdict, because nobody can follow it.",
    },
    Term {
        name: "standard error",
        other_names: &["s.e.", "std. error", "error"],
        meaning: "How far a number is likely to be from its true value because the number of paths \
        is finite; four times the paths halve it.",
        example: "`13.9 ± 0.24 %` means that the true chance is most likely between 13.4 and 14.4 \
        %.",
    },
    Term {
        name: "95 % interval",
        other_names: &["interval", "confidence interval", "95 %"],
        meaning: "A range that contains the true value in 95 of 100 simulations like this one. The \
        intervals of a table of rules are wider: they hold for all rules at once.",
        example: "-2.6 pp with the interval [-2.9, -2.2]: the true difference is very likely \
        between these two.",
    },
    Term {
        name: "95 % for all at once",
        other_names: &[
            "95 % for all",
            "simultaneous",
            "simultaneous interval",
            "all rules together",
            "max-t",
        ],
        meaning: "Intervals so wide that in 95 of 100 simulations all of them contain their true \
        values together, not one by one.",
        example: "Of 20 rules compared one by one, one has a misleading interval by bad luck; of \
        20 at once, most likely none has.",
    },
    Term {
        name: "precision",
        other_names: &["reliability"],
        meaning: "How far an error and its interval can be relied on: precise, indicative or \
        insufficient.",
        example: "`557.8 ± 0.33 ?` has a rough error; the column `precision` then has `indicative`.",
    },
    Term {
        name: "not told apart",
        other_names: &["not told apart from the baseline"],
        meaning: "At some values of a sweep the interval of the difference contains zero, so which \
        rule is ahead there is not known.",
        example: "A band that gains 1 bp (-2 to 4) at a cost of 10 bp is not told apart there.",
    },
    Term {
        name: "ahead",
        other_names: &["behind", "ahead of", "breaks even"],
        meaning: "On the better or worse side of the baseline by however little. Whether it matters \
        is what a verdict says.",
        example: "A rule that loses 0.7 bp (0.4 to 1.0) is behind, and equivalent where the margin \
        is 5 bp.",
    },
    Term {
        name: "precise",
        other_names: &[],
        meaning: "The error and the interval of the number can be trusted.",
        example: "A number without a question mark is precise.",
    },
    Term {
        name: "indicative",
        other_names: &["rough", "indicative only", "?"],
        meaning: "The error of the number is a rough guide only, because values are skewed or \
        rare; the mark is `?`.",
        example: "`+3.1 ?` is probably positive, but its interval may be somewhat too narrow.",
    },
    Term {
        name: "insufficient",
        other_names: &["??", "cannot be trusted"],
        meaning: "There are too few paths, or a few paths carry most of the sum, so the error of \
        the number cannot be trusted and no verdict rests on it; the mark is `??`.",
        example: "`+39.4 ??` needs more paths, or a control variate.",
    },
    Term {
        name: "control variate",
        other_names: &["control"],
        meaning: "A quantity whose true mean is known is used to take luck out of an estimate, \
        which makes errors smaller without more paths.",
        example: "The simulated market returned 5.1 % where the true mean is 5.0 %, and every \
        estimate is corrected for that lucky tenth.",
    },
    Term {
        name: "break-even",
        other_names: &["crossing"],
        meaning: "The value of a swept number at which a rule and its baseline are equally good.",
        example: "`late breaks even at lag_months 8.5`: a signal less than 8.5 months late gains, \
        a later one loses.",
    },
    Term {
        name: "better on",
        other_names: &["share better"],
        meaning: "The share of paths on which a rule ends better than its baseline; ties count \
        half.",
        example: "Better on 40 % of paths and still better on average: it seldom wins, but wins \
        much.",
    },
    Term {
        name: "in money",
        other_names: &["effect in currency", "effect_currency"],
        meaning: "The difference as an amount of money at the horizon.",
        example: "+6 bp a year makes an account 1.8 % larger after 30 years: $18,000 of \
        $1,000,000.",
    },
    Term {
        name: "attribution",
        other_names: &["what a difference is made of"],
        meaning: "The difference split into the part that holding more or less equity explains, \
        the part from timing in each regime, and cost.",
        example: "+12 bp = exposure +10, timing in storms +4, cost -2: most of the gain is a \
        larger equity share.",
    },
    Term {
        name: "horizon",
        other_names: &["report horizon", "years"],
        meaning: "A number of years after which results are reported; the last one is the end of \
        the paths.",
        example: "`report_horizons_years = [10, 20, 30]` gives three tables; the answer is that of \
        year 30.",
    },
    Term {
        name: "p-value",
        other_names: &["adjusted p-value"],
        meaning: "The probability of a difference at least as large by luck, if the true \
        difference were 0; the adjusted one allows for the number of rules tried.",
        example: "A p-value of 0.03 after 100 rules were tried is no news; an adjusted one of 0.03 \
        is.",
    },
    Term {
        name: "optimism of the choice",
        other_names: &["optimism", "winner's curse"],
        meaning: "How much better the best of many rules looks than it is, because luck helped to \
        choose it.",
        example: "The winner leads by 6 bp on the paths that chose it and by 4 bp on fresh ones: \
        the optimism is 2 bp.",
    },
    Term {
        name: "model confidence set",
        other_names: &["superior set"],
        meaning: "The rules that cannot be told apart from the best one at the stated confidence.",
        example: "A set of 7 of 20 rules means: the other 13 are worse than the best, and these 7 \
        may be it.",
    },
    Term {
        name: "regret",
        other_names: &[],
        meaning: "How much a rule falls short of the best rule of the same scenario.",
        example: "A rule with a worst regret of 5 bp is within 5 bp of the winner in every \
        scenario.",
    },
];
