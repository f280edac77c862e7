//! Tests the sentences that describe a study: its market, account, costs and policies.

use std::path::Path;

use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, compile, load};

fn of(rest: &str) -> RunPlan {
    let text = format!(
        "corridor = 1\n[study]\nname = 's'\n[time]\nhorizon_years = 30\nstep = 'month'\n\
         [market]\npreset = 'stock-bond-flip'\n[comparison]\nbaseline = 'p'\n[run]\npaths = 1\n\
         seed = 1\n{rest}"
    );
    compile("study.toml", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

const PLAIN: &str = "[account]\ninitial = 1_000_000\ntarget = { equity = 0.6, bond = 0.4 }\n\
                     [costs]\none_way_bps = 10\n";

/// The sentence on a policy with these keys.
fn rule(keys: &str) -> String {
    let signals = "[signal.vol]\newma_vol = { asset = 'equity', half_life_months = 3 }\n\
                   [signal.late]\nregime_probability = { regime = 'storm' }\n\
                   observe = { lag_months = 2 }\n";
    let plan = of(&format!("{PLAIN}{signals}[[policy]]\nname = 'p'\n{keys}"));
    plan.policies[0].description.clone().expect("a sentence")
}

#[test]
fn rules_are_told_in_words() {
    for (keys, expected) in [
        ("trigger = 'never'", "buys 60/40 once and never rebalances"),
        ("use = 'calendar_12'", "every 12 months: back to 60/40"),
        ("use = 'threshold_absolute_5'", "every month, if a weight is 5 points off: back to 60/40"),
        (
            "use = 'hybrid_5_25'",
            "every month, if a weight is off by 5 points or by 25 % of its target, whichever is \
             less: back to 60/40",
        ),
        (
            "trigger = { outside = { relative = 0.2 } }\ntrade = { part_way = 0.5 }\n\
             min_trade_frac = 0.01\ncooldown_months = 6",
            "every month, if a weight is off by 20 % of its target: 50 % of the way back to 60/40; \
             rests 6 months after a trade; no trade below 1 % of wealth",
        ),
        (
            "trigger = { outside = { absolute = 0.03 } }\n\
             vol_target = { signal = 'vol', vol_annual = 0.1, max_share = 0.75 }",
            "every month, if a weight is 3 points off: back to its moving target; equity share = \
             10 % / equity's volatility (half-life 3 months), at most 75 %",
        ),
        (
            "trigger = { outside = { absolute = 0.05, min_width = 0.02, max_width = 0.1, scale = \
             [{ signal = 'vol', power = { elasticity = -1, reference = 0.16 } }] } }",
            "every month, if a weight is 5 points off (the band is multiplied by 0.16 / equity's \
             volatility (half-life 3 months), from 2 to 10 points): back to 60/40",
        ),
        (
            "trigger = { any_of = [{ waited = { months = 12 } }, { all_of = [{ level = { signal = \
             'late', above = 0.5 } }, { outside = { absolute = 0.02 } }] }] }",
            "every month, if 12 months have passed since the last trade or (the probability of \
             storm (seen 2 months late) is above 0.5 and a weight is 2 points off): back to 60/40",
        ),
    ] {
        assert_eq!(rule(keys), expected, "{keys}");
    }
}

#[test]
fn market_account_and_costs_are_told_in_words() {
    let plan = of("[account]\ninitial = 1_000_000\ntarget = { equity = 0.6, bond = 0.4 }\n\
         inflation_annual = 0.025\ngoal = { amount = 500_000, indexed = true }\n\
         [[account.flow]]\nwithdrawal = { amount_per_year = 40_000, every_months = 1, indexed = \
         true, from_year = 5 }\n[costs]\none_way_bps = { equity = 10, bond = 5 }\n\
         fixed_fee_per_order = 2\n[[policy]]\nname = 'p'\ntrigger = 'never'\n");
    let row = &plan.scenarios[0].row;
    assert_eq!(
        row.market_description.as_deref().expect("a sentence"),
        "stock-bond-flip: equity 8.8 % a year (volatility 15 %), bond 4.1 % a year (volatility 5.5 \
         %), mean returns before inflation; calm 80 % of the time, 2.8 years at a stretch, storm 20 % of the time, 8.3 months at \
         a stretch; correlation -0.20 in its regime negative, which lasts 20 years on average, \
         +0.35 in its regime positive, which lasts 15 years on average"
    );
    assert_eq!(
        row.account_description.as_deref().expect("a sentence"),
        "1,000,000 at the start, target 60/40 (equity/bond); withdraws 40,000 a year in money of \
         the start, monthly, from year 5 to year 30; the goal is 500,000 in money of the start; \
         inflation 2.5 % a year; before tax"
    );
    assert_eq!(
        row.cost_description.as_deref().expect("a sentence"),
        "bond 5 bp, equity 10 bp of the value bought or sold; 2 for every asset traded"
    );
}

#[test]
fn swept_numbers_have_words_with_their_unit() {
    let plan = of("[account]\ninitial = 1\ntarget = { equity = 0.6, bond = 0.4 }\n[costs]\n\
         one_way_bps = { sweep = [0, 10] }\n[[policy]]\nname = 'p'\ntrigger = 'never'\n\
         [[policy]]\nname = 'r'\ntrigger = { outside = { absolute = { sweep = [0.01, 0.02], label \
         = 'width' } } }\n");
    assert_eq!(plan.scenarios[1].row.label.as_deref(), Some("cost 10 bp"));
    assert_eq!(plan.scenario_axis[0].label.as_deref(), Some("cost, bp"));
    assert_eq!(plan.policy_axis[0].label.as_deref(), Some("width"));
    let written = compile("w", &plan.resolved_toml, Path::new(""), &Overrides::default());
    let written = written.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(written.policy_axis[0].label.as_deref(), Some("width"), "written out and read");
}

#[test]
fn every_shipped_study_is_described_in_whole_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let files = ["", "claims"].iter().flat_map(|folder| {
        std::fs::read_dir(root.join(folder))
            .expect("a folder")
            .map(|entry| entry.expect("a file").path())
    });
    for file in files.filter(|path| path.extension().is_some_and(|kind| kind == "toml")) {
        let plan =
            load(&file, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"));
        let rows = plan.scenarios.iter().map(|scenario| &scenario.row);
        let sentences = rows
            .flat_map(|row| {
                [&row.market_description, &row.account_description, &row.cost_description]
            })
            .chain(plan.policies.iter().map(|row| &row.description));
        for sentence in sentences {
            let sentence = sentence.as_deref().expect("a sentence");
            assert!(sentence.len() > 4 && sentence.len() < 700, "{sentence}");
            for odd in ["NaN", "inf ", "  ", " ,", " ;", "()", "{"] {
                assert!(!sentence.contains(odd), "{odd}: {sentence}");
            }
        }
    }
}
