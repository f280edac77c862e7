//! Lists keys that newcomers write out of habit, each with what this format has in their place.

use crate::tree::{Path, Segment};

/// A key that a table does not have, and what is meant by it.
struct Habit {
    /// Type of the table.
    table: &'static str,
    keys: &'static [&'static str],
    hint: &'static str,
}

const CONTRIBUTION: &str = "cash flows are lists of tables: `[[account.flow]]` and below it \
    `contribution = { amount_per_year = 12_000, every_months = 1 }`";
const WITHDRAWAL: &str = "cash flows are lists of tables: `[[account.flow]]` and below it \
    `withdrawal = { amount_per_year = 40_000, every_months = 1, indexed = true }`";
const BAND: &str = "a band is a trigger: `trigger = { outside = { absolute = 0.05 } }` is 5 points";
const CALENDAR: &str = "a calendar is a review with a trigger: `review = \"year\"` and `trigger = \
    \"always\"`";

const PAID_IN: &[&str] =
    &["contribution", "contributions", "deposit", "deposits", "saving", "savings"];
const PAID_OUT: &[&str] = &["withdrawal", "withdrawals", "spending", "pension", "withdraw"];

const HABITS: &[Habit] = &[
    Habit { table: "AccountTable", keys: PAID_IN, hint: CONTRIBUTION },
    Habit { table: "AccountTable", keys: PAID_OUT, hint: WITHDRAWAL },
    Habit { table: "StudyFile", keys: PAID_IN, hint: CONTRIBUTION },
    Habit { table: "StudyFile", keys: PAID_OUT, hint: WITHDRAWAL },
    Habit {
        table: "StudyFile",
        keys: &["flow", "flows", "cash_flow", "cash_flows"],
        hint: CONTRIBUTION,
    },
    Habit {
        table: "AccountTable",
        keys: &["balance", "start", "wealth", "amount", "initial_balance"],
        hint: "the balance at the start is `initial`, in currency",
    },
    Habit {
        table: "TimeTable",
        keys: &["years", "months", "length"],
        hint: "the length of the paths is `horizon_years`: 18 months are 1.5",
    },
    Habit {
        table: "PolicyTable",
        keys: &["band", "bands", "threshold", "tolerance", "corridor", "absolute", "relative"],
        hint: BAND,
    },
    Habit {
        table: "PolicyTable",
        keys: &["monthly", "quarterly", "annual", "annually", "yearly", "rebalance", "calendar"],
        hint: CALENDAR,
    },
    Habit {
        table: "PolicyTable",
        keys: &["observe", "lag_months", "noise_sd"],
        hint: "a policy sees what its signals show: move `observe` to the table of the signal",
    },
    Habit {
        table: "PolicyTable",
        keys: &["when", "condition", "if"],
        hint: "a condition is part of the trigger: `trigger = { all_of = [{ outside = { absolute = \
        0.05 } }, { level = { signal = \"NAME\", above = 0.2 } }] }`",
    },
    Habit {
        table: "PolicyTable",
        keys: &["weights"],
        hint: "weights are in `target`, by asset: `target = { equity = 0.6, bond = 0.4 }`",
    },
    Habit {
        table: "TriggerValue",
        keys: &["absolute", "relative", "band", "threshold"],
        hint: "a band is the key `outside` of a trigger: `trigger = { outside = { relative = 0.2 } }`",
    },
    Habit {
        table: "Flow",
        keys: &["every_year", "every_years", "yearly", "annual"],
        hint: "write months, `every_months = 12`, which is also what is paid without it",
    },
    Habit {
        table: "Flow",
        keys: &["from_date", "start_date", "to_date", "end_date", "from", "to"],
        hint: "`from_year` and `to_year` count years from the start of the study, which is year 0",
    },
    Habit {
        table: "ReviewEvery",
        keys: &["every_year", "every_years", "years"],
        hint: "write months: `every_months = 12` is every year",
    },
    Habit {
        table: "AccountTable",
        keys: &["weights", "allocation", "portfolio"],
        hint: "weights are in `target`, by asset: `target = { equity = 0.6, bond = 0.4 }`",
    },
];

/// Returns the hint for a number outside its limits that newcomers write at `path`: money that goes the
/// other way, or a year of the calendar.
pub(super) fn meant_by_number(path: &Path<'_>, number: f64) -> Option<&'static str> {
    let segments = path.segments();
    let [.., Segment::Key(flow), Segment::Key(key)] = segments[..] else { return None };
    match (flow, key) {
        ("withdrawal", "amount_per_year" | "initial_rate_annual") if number < 0.0 => {
            Some("a withdrawal is a positive number; money that is paid in is a `contribution`")
        }
        ("contribution", "amount_per_year" | "initial_rate_annual") if number < 0.0 => {
            Some("a contribution is a positive number; money that is taken out is a `withdrawal`")
        }
        ("withdrawal" | "contribution", "from_year" | "to_year") if number >= 1900.0 => {
            Some("years count from the start of the study, which is year 0: the tenth year is 9")
        }
        _ => None,
    }
}

/// Returns the hint for a key of a rule in another table: the line that begins the rule was left out,
/// so its keys are read as those of the table before.
pub(super) fn of_policy(table: &str, key: &str) -> Option<&'static str> {
    let is_of_rule = match table {
        "PolicyTable" => false,
        "SignalTable" => ["name", "review", "trigger", "trade"].contains(&key),
        _ => ["review", "trigger", "trade"].contains(&key),
    };
    is_of_rule.then_some("a rule begins with the line `[[policy]]`: write it above its first key")
}

/// Returns the hint for a habitual `key` in a table of the type `table`.
pub(super) fn meant(table: &str, key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let is_meant = |habit: &&Habit| habit.table == table && habit.keys.contains(&key.as_str());
    HABITS.iter().find(is_meant).map(|habit| habit.hint)
}
