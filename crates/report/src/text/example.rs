//! Makes small comparisons for tests of texts.

use corridor_tables::{
    AttributionRow, BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow,
    DimRegimeRow, DimRunRow, DimScenarioRow, SignalRow, SummaryRow,
};

use crate::comparison::{Beside, Comparison, Line};

/// Names of the policies, the baseline first.
pub(crate) const POLICIES: [&str; 4] = ["annual", "never", "band[width=0.02]", "band[width=0.05]"];

/// Makes the comparison of four policies in two scenarios on the probability of ruin: `never` is
/// worse, the wide band is better and the narrow one is not resolved.
pub(crate) fn comparison() -> Comparison {
    let verdicts = ["", "worse", "not resolved", "better"];
    let diffs = [0.0, 0.020, -0.008, -0.026];
    let line = |scenario_id: i32, policy_id: i32| {
        let place = policy_id as usize;
        let summary = SummaryRow {
            scenario_id,
            policy_id,
            horizon_months: 360,
            value: Some(0.139 + diffs[place]),
            std_error: Some(0.0024),
            precision: "precise".into(),
            ..SummaryRow::default()
        };
        let compare = (place > 0).then(|| CompareRow {
            scenario_id,
            policy_id,
            baseline_policy_id: 0,
            horizon_months: 360,
            diff: Some(diffs[place]),
            std_error: Some(0.001),
            ci_low_simultaneous: Some(diffs[place] - 0.003),
            ci_high_simultaneous: Some(diffs[place] + 0.003),
            exposure_diff_frac: Some(0.058),
            verdict: Some(verdicts[place].into()),
            n_paths_needed: (verdicts[place] == "not resolved").then_some(16_000),
            precision: "precise".into(),
            ..CompareRow::default()
        });
        let cost_bps_annual = Some([1.4, 0.0, 3.2, 2.1][place]);
        let beside = Beside { cost_bps_annual, max_drawdown_frac: Some(0.412) };
        Line { summary, beside, compare }
    };
    let ids = |scenario: i32| (0..POLICIES.len() as i32).map(move |policy| (scenario, policy));
    Comparison {
        run: DimRunRow { scenarios: 2, policies: 4, ..DimRunRow::default() },
        metric: DimMetricRow {
            metric: "ruined".to_owned(),
            display_name: "Probability of ruin".to_owned(),
            unit: "probability".to_owned(),
            number_format: "0.0%".to_owned(),
            higher_is_better: Some(false),
            margin: Some(0.01),
            ..DimMetricRow::default()
        },
        horizons: vec![DimHorizonRow {
            horizon_months: 360,
            horizon_years: 30.0,
            horizon: "30 years".to_owned(),
            ..DimHorizonRow::default()
        }],
        scenarios: (0..2).map(scenario).collect(),
        policies: (0..).zip(POLICIES).map(|(id, name)| policy(id, name)).collect(),
        lines: ids(0).chain(ids(1)).map(|(scenario, policy)| line(scenario, policy)).collect(),
        also: Vec::new(),
        break_even: vec![
            break_even("never", None, Some("above")),
            break_even("band", Some(12.5), None),
            break_even("annual", None, Some("unresolved")),
        ],
        attribution: (0..2).flat_map(attribution).collect(),
        signals: (0..2).map(signal).collect(),
        regimes: (0..2).map(regime).collect(),
    }
}

fn scenario(id: i32) -> DimScenarioRow {
    let scenario = format!("one_way_bps={}", 10 * id);
    DimScenarioRow { scenario_id: id, scenario, ..DimScenarioRow::default() }
}

fn policy(id: i32, name: &str) -> DimPolicyRow {
    DimPolicyRow {
        policy_id: id,
        policy: name.to_owned(),
        is_baseline: id == 0,
        signal: name.starts_with("band").then(|| "vol".to_owned()),
        ..DimPolicyRow::default()
    }
}

fn break_even(series: &str, value: Option<f64>, reason: Option<&'static str>) -> BreakEvenRow {
    BreakEvenRow {
        axis: "one_way_bps".to_owned(),
        axis_label: Some("cost, bp".to_owned()),
        series: series.to_owned(),
        value,
        ci_low: value.map(|value| value - 1.5),
        ci_high: value.map(|value| value + 1.5),
        rises: value.map(|_| true),
        reason: reason.map(Into::into),
        swept_from: 0.0,
        swept_to: 50.0,
        precision: "precise".into(),
        ..BreakEvenRow::default()
    }
}

fn attribution(scenario_id: i32) -> Vec<AttributionRow> {
    let row = |part: &str, regime_id: Option<i32>, value: f64| AttributionRow {
        scenario_id,
        policy_id: 3,
        part: part.to_owned(),
        regime_id,
        against_policy_id: Some(0),
        value_bps_annual: value,
        std_error: Some(0.1),
        n_paths: 1024,
        ..AttributionRow::default()
    };
    vec![
        row("total", None, 12.0),
        row("exposure", None, 10.0),
        row("timing", Some(0), 4.0),
        row("cost", None, -2.0),
        AttributionRow { policy_id: 1, ..row("rebalancing_premium", None, 30.0) },
    ]
}

fn signal(scenario_id: i32) -> SignalRow {
    SignalRow {
        scenario_id,
        signal: "vol".to_owned(),
        regimes: "storm".to_owned(),
        hit_rate: Some(0.7),
        false_alarm_rate: Some(0.05),
        delay_months: Some(1.5),
        missed_frac: Some(0.2),
        ..SignalRow::default()
    }
}

fn regime(scenario_id: i32) -> DimRegimeRow {
    DimRegimeRow { scenario_id, regime: "storm".to_owned(), ..DimRegimeRow::default() }
}
