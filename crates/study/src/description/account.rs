//! Describes an account and the costs of trading.

use super::mix;
use super::number::{joined, money, percent, rounded};
use crate::check::CheckedScenario;
use crate::file::account::{Flow, FlowTable, InitialPurchaseWord, TimingWord};
use crate::file::shape::PerAsset;

/// Describes the account of a scenario: balance, target, cash flows, fee, goal and inflation.
pub(crate) fn account(scenario: &CheckedScenario) -> String {
    let table = &scenario.tables.account;
    let years = scenario.tables.time.horizon_years;
    let mut parts = vec![format!(
        "{} at the start, target {}",
        money(table.initial),
        target(&scenario.market.assets, &scenario.account.target)
    )];
    parts.extend(table.flow.iter().map(|table| flow(table, years)));
    if table.flow.is_empty() {
        parts.push(format!("nothing paid in or out for {}", span(years)));
    }
    if table.annual_fee_bps > 0.0 {
        parts.push(format!("a fee of {} bp a year", rounded(table.annual_fee_bps, 4)));
    }
    if let Some(goal) = &table.goal {
        let of = if goal.indexed { " in money of the start" } else { "" };
        parts.push(format!("the goal is {}{of}", money(goal.amount)));
    }
    if table.inflation_annual != 0.0 {
        parts.push(format!("inflation {} a year", percent(table.inflation_annual)));
    }
    parts.push("before tax".to_owned());
    parts.join("; ")
}

/// The target by asset, `60/40 (equity/bond)`.
fn target(assets: &[String], weights: &[f64]) -> String {
    let mix = mix(assets, weights);
    if mix.contains('%') { mix } else { format!("{mix} ({})", assets.join("/")) }
}

fn span(years: f64) -> String {
    let text = rounded(years, 4);
    if text == "1" { "1 year".to_owned() } else { format!("{text} years") }
}

/// A stream of money: `withdraws 40,000 a year in money of the start, every month, for 30 years`.
fn flow(table: &FlowTable, horizon_years: f64) -> String {
    let (verb, flow) = match (&table.contribution, &table.withdrawal) {
        (Some(flow), _) => ("pays in", flow),
        (None, Some(flow)) => ("withdraws", flow),
        (None, None) => return String::new(),
    };
    let amount = match (flow.amount_per_year, flow.initial_rate_annual) {
        (Some(amount), _) => format!("{} a year", money(amount)),
        (None, Some(rate)) => format!("{} of the first balance a year", percent(rate)),
        (None, None) => String::new(),
    };
    let every = match flow.every_months {
        1 => "monthly".to_owned(),
        3 => "quarterly".to_owned(),
        12 => "yearly".to_owned(),
        months => format!("every {months} months"),
    };
    let at = match flow.timing {
        TimingWord::Start => "",
        TimingWord::End => " at the end of each period",
    };
    format!("{verb} {amount}{}, {every}{at}, {}", growth(flow), during(flow, horizon_years))
}

fn growth(flow: &Flow) -> String {
    let own = match flow.growth_annual {
        0.0 => String::new(),
        growth if growth < 0.0 => format!(", falling {} a year", percent(-growth)),
        growth => format!(", rising {} a year", percent(growth)),
    };
    if flow.indexed { format!(" in money of the start{own}") } else { own }
}

fn during(flow: &Flow, horizon_years: f64) -> String {
    let to = flow.to_year.unwrap_or(horizon_years).min(horizon_years);
    if flow.from_year == 0.0 {
        format!("for {}", span(to))
    } else {
        format!("from year {} to year {}", rounded(flow.from_year, 4), rounded(to, 4))
    }
}

/// Describes what a trade costs.
pub(crate) fn costs(scenario: &CheckedScenario) -> String {
    let table = &scenario.tables.costs;
    let mut parts = vec![match &table.one_way_bps {
        PerAsset::Each(0.0) => "trades are free".to_owned(),
        PerAsset::Each(bps) => format!("{} bp of the value bought or sold", rounded(*bps, 4)),
        PerAsset::Map(map) => {
            let each = map.iter().map(|(asset, bps)| format!("{asset} {} bp", rounded(*bps, 4)));
            format!("{} of the value bought or sold", joined(each, ", "))
        }
    }];
    if table.fixed_fee_per_order > 0.0 {
        parts.push(format!("{} for every asset traded", money(table.fixed_fee_per_order)));
    }
    for (regime, factor) in &table.spread_multiplier {
        parts.push(format!("{} times as much in {regime}", rounded(*factor, 3)));
    }
    if !scenario.tables.account.flow.is_empty() && !table.charge_flows {
        parts.push("money paid in or out trades free".to_owned());
    }
    if scenario.tables.account.initial_purchase == InitialPurchaseWord::Charged {
        parts.push("the first purchase pays too".to_owned());
    }
    parts.join("; ")
}
