//! Describes a policy: when it looks, when it trades, where to, and what moves its target.

use super::condition::{condition, factor, scaled, steps};
use super::mix;
use super::number::{every, joined, one_or_more, percent, points, rounded};
use super::signal::signal;
use crate::check::{CheckedPolicy, Study};
use crate::file::policy::{
    CashFlowsWord, PolicyTable, SameWord, TradeAssetsWord, TradeValue, VolTargetTable,
};
use crate::file::scale::ScaleTable;
use crate::file::shape::{PerAsset, ReviewValue, ReviewWord};
use crate::file::trigger::TriggerValue;

/// Describes a policy. What depends on the scenario is that of the first one.
pub(crate) fn rule(policy: &CheckedPolicy, table: &PolicyTable, study: &Study) -> String {
    let rule = Rule { policy, table, study };
    let mut parts = vec![rule.trades()];
    parts.extend(rule.moving_target());
    parts.extend(rule.limits());
    if let Some(twin) = &table.twin {
        let same = match twin.same {
            SameWord::Exposure => "average equity share",
            SameWord::Turnover => "turnover",
        };
        parts.push(format!("it has the {same} of {}", twin.of));
    }
    parts.join("; ")
}

struct Rule<'a> {
    policy: &'a CheckedPolicy,
    table: &'a PolicyTable,
    study: &'a Study,
}

impl Rule<'_> {
    /// When the rule trades, and where to.
    fn trades(&self) -> String {
        let trigger = match &self.table.trigger {
            None | Some(TriggerValue::Never) => {
                return match self.table.target {
                    None => "buys once and never rebalances".to_owned(),
                    Some(_) => format!("buys {} once and never rebalances", self.target()),
                };
            }
            Some(trigger) => trigger,
        };
        let signals = |name: &str| self.signal(name);
        let condition = condition(trigger, &signals);
        let condition = condition.map(|text| format!(", if {text}")).unwrap_or_default();
        format!("{}{condition}: {}", self.review(), self.trade())
    }

    /// How often the rule looks.
    fn review(&self) -> String {
        let step =
            self.study.scenarios.first().map_or("step", |first| first.clock.grid.step.name());
        let (text, phase) = match &self.table.review {
            None => (every(1, step), None),
            Some(ReviewValue::Word(word)) => (rhythm(*word, step), None),
            Some(ReviewValue::Every(table)) => match (table.every_months, table.every_steps) {
                (Some(months), _) => (every(months, "month"), table.phase_months),
                (None, steps) => {
                    (every(steps.unwrap_or(1), step), table.phase_steps.map(f64::from))
                }
            },
        };
        match phase.filter(|phase| *phase != 0.0) {
            None => text,
            Some(phase) => format!("{text}, {} later", rounded(phase, 4)),
        }
    }

    /// Where a trade goes.
    fn trade(&self) -> String {
        let target = self.target();
        let to = match &self.table.trade {
            None | Some(TradeValue::ToTarget) => format!("back to {target}"),
            Some(TradeValue::PartWay(share)) => {
                format!("{} of the way back to {target}", percent(*share))
            }
            Some(TradeValue::PartWayScaled(share)) => {
                let signals = |name: &str| self.signal(name);
                let scaled = scaled("the share is", &share.scale, String::new(), &signals);
                format!("{} of the way back to {target}{scaled}", percent(share.fraction))
            }
            Some(TradeValue::ToEdge) => "back to the edge of the band".to_owned(),
            Some(TradeValue::ToWithin(PerAsset::Each(width))) => {
                format!("back to within {} of {target}", points(*width))
            }
            Some(TradeValue::ToWithin(PerAsset::Map(map))) => {
                let each = map.iter().map(|(asset, width)| format!("{} ({asset})", points(*width)));
                format!("back to within {} of {target}", joined(each, ", "))
            }
            Some(TradeValue::ToWithinShare(share)) => {
                format!("back to within {} of the band", percent(*share))
            }
        };
        match self.table.trade_assets.unwrap_or_default() {
            TradeAssetsWord::All => to,
            TradeAssetsWord::Breached => to + ", trading only what is outside its band",
        }
    }

    /// The target in words; a moving one is described by itself.
    fn target(&self) -> String {
        let table = self.table;
        let moves = table.vol_target.is_some()
            || table.variance_managed.is_some()
            || table.target_scale.is_some()
            || table.glide_path.is_some();
        let Some(first) = self.study.scenarios.first().filter(|_| !moves) else {
            return "its moving target".to_owned();
        };
        let own = self.policy.compiled.first().filter(|_| table.target.is_some());
        mix(&first.market.assets, own.map_or(&first.account.target, |policy| &policy.target))
    }

    /// Describes how the target moves.
    fn moving_target(&self) -> Vec<String> {
        let PolicyTable { vol_target, variance_managed, target_scale, glide_path, .. } = self.table;
        let mut parts = Vec::new();
        parts.extend(vol_target.as_ref().map(|own| self.by_volatility(own, "")));
        parts.extend(variance_managed.as_ref().map(|own| self.by_volatility(own, " squared")));
        if let Some(own) = target_scale {
            let signals = |name: &str| self.signal(name);
            let share = self.growth_share();
            let moves = match own.scale.as_slice() {
                // the shares themselves, where there are few
                [ScaleTable { signal, step: Some(form), .. }] => {
                    steps(form, &signals(signal), |factor| percent(share * factor))
                }
                several => {
                    let factors = several.iter().map(|scale| factor(scale, &signals));
                    format!("{} x {}", percent(share), joined(factors, ", times "))
                }
            };
            parts.push(format!(
                "{} = {moves}{}",
                self.share_name(),
                share_limits(own.min_share, own.max_share)
            ));
        }
        if let Some(glide) = glide_path {
            let points = glide.years.iter().zip(&glide.growth_share);
            let points = points
                .map(|(year, share)| format!("{} in year {}", percent(*share), rounded(*year, 4)));
            parts.push(format!("{} {}", self.share_name(), joined(points, ", ")));
        }
        parts
    }

    fn by_volatility(&self, own: &VolTargetTable, power: &str) -> String {
        format!(
            "{} = {} / {}{power}{}",
            self.share_name(),
            percent(own.vol_annual),
            self.signal(&own.signal),
            share_limits(own.min_share, own.max_share)
        )
    }

    /// Names the growth assets: `equity share`, or `growth share` for several.
    fn share_name(&self) -> String {
        let first = self.study.scenarios.first();
        let only = first.and_then(|first| match first.account.growth_assets.as_slice() {
            [only] => first.market.assets.get(*only),
            _ => None,
        });
        only.map_or_else(|| "growth share".to_owned(), |asset| format!("{asset} share"))
    }

    /// Share of the growth assets in the target that does not move yet.
    fn growth_share(&self) -> f64 {
        let Some(first) = self.study.scenarios.first() else { return 0.0 };
        let own = self.policy.compiled.first().filter(|_| self.table.target.is_some());
        let target = own.map_or(&first.account.target, |policy| &policy.target);
        first.account.growth_assets.iter().filter_map(|&place| target.get(place)).sum()
    }

    /// Lists the limits and delays of trades.
    fn limits(&self) -> Vec<String> {
        let table = self.table;
        let mut parts = Vec::new();
        if let Some(months) = table.cooldown_months.filter(|months| *months > 0.0) {
            parts.push(format!("rests {} after a trade", one_or_more(rounded(months, 4), "month")));
        }
        if let Some(least) = table.min_trade_frac.filter(|least| *least > 0.0) {
            parts.push(format!("no trade below {} of wealth", percent(least)));
        }
        if let Some(most) = table.max_turnover_frac.filter(|most| most.is_finite()) {
            parts.push(format!("no trade above {} of wealth", percent(most)));
        }
        if let Some(steps) = table.execution_lag_steps.filter(|steps| *steps > 0) {
            parts.push(format!(
                "trades {} after the decision",
                one_or_more(steps.to_string(), "step")
            ));
        }
        match table.cash_flows.unwrap_or_default() {
            CashFlowsWord::TargetWeights => {}
            CashFlowsWord::ProRata => parts.push("cash flows keep the weights".to_owned()),
            CashFlowsWord::MostOffTargetFirst => {
                parts.push("cash flows go to what is furthest off its target".to_owned());
            }
        }
        parts
    }

    /// Describes the signal `name` of the policy.
    fn signal(&self, name: &str) -> String {
        let read = &self.policy.corner.signals;
        let corner = read.iter().map(|read| &self.study.signals[read.index]);
        let table =
            corner.filter(|corner| corner.name == name).find_map(|corner| corner.table.as_ref());
        table.map_or_else(|| name.to_owned(), signal)
    }
}

fn rhythm(word: ReviewWord, step: &str) -> String {
    match word {
        ReviewWord::Step => every(1, step),
        ReviewWord::Day => every(1, "day"),
        ReviewWord::Week => every(1, "week"),
        ReviewWord::TwoWeeks => every(2, "week"),
        ReviewWord::Month => every(1, "month"),
        ReviewWord::Quarter => every(3, "month"),
        ReviewWord::HalfYear => every(6, "month"),
        ReviewWord::Year => every(12, "month"),
    }
}

/// The limits of a share, behind a comma.
fn share_limits(min: Option<f64>, max: Option<f64>) -> String {
    match (min.filter(|min| *min > 0.0), max.filter(|max| *max < 1.0)) {
        (None, None) => String::new(),
        (Some(min), None) => format!(", at least {}", percent(min)),
        (None, Some(max)) => format!(", at most {}", percent(max)),
        (Some(min), Some(max)) => format!(", from {} to {}", percent(min), percent(max)),
    }
}
