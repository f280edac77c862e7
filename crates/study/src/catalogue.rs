//! Lists the rules that `use = ".."` names. A row is data: the keys of a `[[policy]]` with at most
//! one open number.

use crate::de::read_text;
use crate::file::policy::PolicyTable;
use crate::wording::nearest;

/// A rule of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Name of the rule; a rule with a number is used as `name_number`.
    pub name: &'static str,
    /// The open number; `None` for a rule without one.
    pub number: Option<Number>,
    /// Keys of the policy as TOML; `$` is the open number divided by [`Number::divisor`].
    pub keys: &'static str,
    /// Behaviour of the rule and its source.
    pub about: &'static str,
}

/// The open number of a catalogue rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Meaning and unit of the number.
    pub what: &'static str,
    /// Divisor that converts the number to the unit of the policy: 100 for points and per cent.
    pub divisor: f64,
    /// Numbers in common use.
    pub usual: &'static [u32],
}

const MONTHS: Number =
    Number { what: "number of months between reviews", divisor: 1.0, usual: &[1, 3, 6, 12, 24] };
const POINTS: Number = Number {
    what: "half-width in points of the portfolio",
    divisor: 100.0,
    usual: &[1, 2, 3, 5, 10],
};
const PER_CENT: Number = Number {
    what: "half-width in per cent of the target weight",
    divisor: 100.0,
    usual: &[20, 25],
};
const SHARE: Number =
    Number { what: "share of the way in per cent", divisor: 100.0, usual: &[10, 25, 50] };
const AVERSION: Number = Number { what: "relative risk aversion", divisor: 1.0, usual: &[2, 3, 5] };

/// Every rule of the catalogue.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        name: "buy_and_hold",
        number: None,
        keys: "trigger = 'never'",
        about: "never rebalances",
    },
    Entry {
        name: "calendar",
        number: Some(MONTHS),
        keys: "review = { every_months = $ }\ntrigger = 'always'",
        about: "trades to the target at every review",
    },
    Entry {
        name: "threshold_absolute",
        number: Some(POINTS),
        keys: "trigger = { outside = { absolute = $ } }",
        about: "trades to the target when a weight is outside its band",
    },
    Entry {
        name: "threshold_relative",
        number: Some(PER_CENT),
        keys: "trigger = { outside = { relative = $ } }",
        about: "trades to the target when a weight is outside a band in proportion to its target",
    },
    Entry {
        name: "hybrid_5_25",
        number: None,
        keys: "trigger = { outside = { absolute = 0.05, relative = 0.25, combine = 'tighter' } }",
        about: "the 5/25 rule: 5 points or a quarter of the target weight, whichever is tighter",
    },
    Entry {
        name: "time_and_threshold",
        number: None,
        keys: "review = 'quarter'\ntrigger = { outside = { absolute = 0.05 } }",
        about: "reviews every quarter and trades to the target when a weight is 5 points off it; \
        `review = \"year\"` beside `use` reviews every year",
    },
    Entry {
        name: "vanguard_200_175",
        number: None,
        keys: "review = 'day'\ntrigger = { outside = { absolute = 0.02 } }\ntrade = { to_within = \
        0.0175 }",
        about: "Vanguard 2022: daily review, 200 bp trigger, trade to within 175 bp",
    },
    Entry {
        name: "vanguard_200_100",
        number: None,
        keys: "review = 'day'\ntrigger = { outside = { absolute = 0.02 } }\ntrade = { to_within = \
        0.01 }",
        about: "Vanguard 2022: daily review, 200 bp trigger, trade to within 100 bp",
    },
    Entry {
        name: "vanguard_200_0",
        number: None,
        keys: "review = 'day'\ntrigger = { outside = { absolute = 0.02 } }\ntrade = 'to_target'",
        about: "Vanguard 2022: daily review, 200 bp trigger, trade to the target",
    },
    Entry {
        name: "daryanani",
        number: None,
        keys: "review = 'two_weeks'\ntrigger = { outside = { relative = 0.20 } }\ntrade = { \
        to_within_share = 0.5 }\ntrade_assets = 'breached'",
        about: "Daryanani 2008: a review every two weeks, 20 % relative bands, trades of breached \
        assets only, back to half of the band",
    },
    Entry {
        name: "partial_adjustment",
        number: Some(SHARE),
        keys: "trigger = 'always'\ntrade = { part_way = $ }",
        about: "Garleanu and Pedersen 2013: at every review part of the way to the target",
    },
    Entry {
        name: "no_trade_boundary",
        number: Some(AVERSION),
        keys: "trigger = { outside = { cost_aware = { risk_aversion = $ } } }\ntrade = 'to_edge'",
        about: "Davis and Norman 1990, Leland 1999: a band whose width follows from costs and risk \
        aversion, with trades to its edge",
    },
];

impl Entry {
    /// Names under which the rule can be used, with the common numbers.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self.number {
            None => vec![self.name.to_owned()],
            Some(number) => {
                number.usual.iter().map(|usual| format!("{}_{usual}", self.name)).collect()
            }
        }
    }

    /// Keys that the rule gives under `name`; `None` if that is not one of its names.
    fn keys_of(&self, name: &str) -> Option<String> {
        let Some(number) = self.number else {
            return (name == self.name).then(|| self.keys.to_owned());
        };
        let digits = name.strip_prefix(self.name)?.strip_prefix('_')?;
        let plain =
            digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let value =
            digits.parse::<f64>().ok().filter(|value| plain && *value > 0.0)? / number.divisor;
        Some(self.keys.replace('$', &value.to_string()))
    }
}

/// Fills in the keys that `table` leaves out, from the rule of the catalogue that it uses.
///
/// # Errors
/// The nearest name, if one is near, when the catalogue has no such rule.
pub(crate) fn fill_in(table: &PolicyTable) -> Result<PolicyTable, Option<String>> {
    let Some(name) = &table.entry else {
        return Ok(table.clone());
    };
    let keys = CATALOGUE.iter().find_map(|entry| entry.keys_of(name));
    let entry: Option<PolicyTable> =
        keys.and_then(|keys| read_text(&format!("name = 'x'\n{keys}")).ok());
    let Some(entry) = entry else {
        let names: Vec<String> = CATALOGUE.iter().flat_map(Entry::names).collect();
        return Err(nearest(name, names.iter().map(String::as_str)).map(str::to_owned));
    };
    let own = table.clone();
    Ok(PolicyTable {
        name: own.name,
        entry: None,
        target: own.target.or(entry.target),
        vol_target: own.vol_target.or(entry.vol_target),
        variance_managed: own.variance_managed.or(entry.variance_managed),
        target_scale: own.target_scale.or(entry.target_scale),
        glide_path: own.glide_path.or(entry.glide_path),
        review: own.review.or(entry.review),
        trigger: own.trigger.or(entry.trigger),
        trade: own.trade.or(entry.trade),
        trade_assets: own.trade_assets.or(entry.trade_assets),
        cash_flows: own.cash_flows.or(entry.cash_flows),
        cooldown_months: own.cooldown_months.or(entry.cooldown_months),
        min_trade_frac: own.min_trade_frac.or(entry.min_trade_frac),
        max_turnover_frac: own.max_turnover_frac.or(entry.max_turnover_frac),
        execution_lag_steps: own.execution_lag_steps.or(entry.execution_lag_steps),
        twin: own.twin,
        swept: own.swept,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::shape::{PerAsset, ReviewValue};
    use crate::file::trigger::TriggerValue;

    fn named(name: &str) -> Result<PolicyTable, Option<String>> {
        let table = read_text(&format!("name = 'p'\nuse = '{name}'")).expect("a policy");
        fill_in(&table)
    }

    #[test]
    fn every_name_in_use_is_a_policy() {
        for name in CATALOGUE.iter().flat_map(Entry::names) {
            let table = named(&name).unwrap_or_else(|_| panic!("{name}"));
            assert!(table.trigger.is_some() && table.entry.is_none(), "{name}");
        }
    }

    #[test]
    fn numbers_are_in_the_unit_of_their_rule() {
        let outside = |name| match named(name).expect("known").trigger {
            Some(TriggerValue::Outside(outside)) => outside,
            other => panic!("{other:?}"),
        };
        assert_eq!(outside("threshold_absolute_2.5").absolute, Some(PerAsset::Each(0.025)));
        assert_eq!(outside("threshold_relative_20").relative, Some(PerAsset::Each(0.2)));
        match named("calendar_24").expect("known").review {
            Some(ReviewValue::Every(every)) => assert_eq!(every.every_months, Some(24)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn strange_numbers_are_no_names() {
        for name in [
            "calendar_0",
            "calendar_1.5",
            "calendar_-1",
            "calendar_inf",
            "calendar_",
            "calendar_1e3",
            "buy_and_hold_2",
        ] {
            assert!(named(name).is_err(), "{name}");
        }
    }
}
