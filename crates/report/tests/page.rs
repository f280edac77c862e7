//! Opens pages in a headless Chromium, if there is one, and checks that nothing breaks, that
//! nothing is loaded, and that hostile names are harmless.

use std::path::{Path, PathBuf};
use std::process::Command;

use corridor_report::{Tables, render};
use corridor_tables::commands::Commands;
use corridor_tables::{
    BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow, DimRegimeRow, DimRunRow,
    DimScenarioRow, ExceedanceRow, FanRow, PolicyAxisRow, RegimeRow, RobustnessRow,
    ScenarioAxisRow, SummaryRow, TestRow, WorstPathRow,
};

/// Names that a careless program executes, ends a quotation at, or shows backwards.
const HOSTILE: [&str; 6] = [
    "</script><script>document.documentElement.dataset.errors='ran'</script>",
    "<img src=x onerror=\"document.documentElement.dataset.errors='ran'\">",
    "=HYPERLINK(\"http://example.invalid\")",
    "\u{202e}gnp.exe\u{2066}",
    "' onmouseover='x' \"{{ 7*7 }}{% raw %}",
    "a\u{2028}b\\u003c/script>",
];

const METRICS: [(&str, &str, &str); 8] = [
    ("ce_growth_gamma_3", "bp a year", "0.0"),
    ("terminal_wealth_nominal", "currency (nominal)", "#,##0"),
    ("max_drawdown_unit_frac", "fraction", "0.0%"),
    ("cost_bps_annual", "bp a year", "0.0"),
    ("turnover_one_way_annual", "fraction a year", "0.0%"),
    ("ruined", "probability", "0.0%"),
    ("ruin_month", "months", "0"),
    ("terminal_wealth_real", "currency (real, money of the start)", "#,##0"),
];

/// Places of metrics in [`METRICS`].
const DRAWDOWN: i32 = 2;
const RUINED: i32 = 5;
const RUIN_MONTH: i32 = 6;
const WEALTH_REAL: i32 = 7;

/// Makes a run of any size with everything that a page shows; `name` makes the names.
fn tables(policies: i32, scenarios: i32, name: impl Fn(i32) -> String) -> Tables {
    let mut tables = Tables {
        run_id: "0123456789ab".to_owned(),
        run: DimRunRow {
            study: "study".to_owned(),
            question: Some(name(0)),
            paths: 1_000_000,
            policies,
            scenarios,
            horizon_years: 30.0,
            ..DimRunRow::default()
        },
        scenarios: (0..scenarios)
            .map(|id| DimScenarioRow {
                scenario_id: id,
                scenario: name(id),
                inflation_annual: Some(0.025),
                ..DimScenarioRow::default()
            })
            .collect(),
        policies: (0..policies)
            .map(|id| DimPolicyRow {
                policy_id: id,
                policy: name(id),
                is_baseline: id == 0,
                ..DimPolicyRow::default()
            })
            .collect(),
        metrics: (0..).zip(METRICS).map(metric).collect(),
        horizons: vec![DimHorizonRow {
            horizon_months: 360,
            horizon_years: 30.0,
            horizon: "30 years".to_owned(),
            ..DimHorizonRow::default()
        }],
        regimes: (0..2)
            .map(|id| DimRegimeRow { regime_id: id, regime: name(id), ..DimRegimeRow::default() })
            .collect(),
        scenario_axis: (0..scenarios)
            .map(|id| ScenarioAxisRow {
                scenario_id: id,
                axis: name(1),
                value_text: name(id),
                ..ScenarioAxisRow::default()
            })
            .collect(),
        policy_axis: (0..policies).map(|id| axis_of(id, name(2))).collect(),
        break_even: vec![BreakEvenRow {
            axis: name(1),
            series: name(3),
            level: "zero".into(),
            value: Some(3.0),
            ..BreakEvenRow::default()
        }],
        ..Tables::default()
    };
    for scenario in 0..scenarios {
        for policy in 0..policies {
            add_cell(&mut tables, scenario, policy);
        }
    }
    tables
}

fn metric((id, (name, unit, format)): (i32, (&str, &str, &str))) -> DimMetricRow {
    DimMetricRow {
        metric_id: id,
        metric: name.to_owned(),
        display_name: name.replace('_', " "),
        unit: unit.to_owned(),
        number_format: format.to_owned(),
        higher_is_better: Some(id < 2),
        is_primary: id == 0,
        margin: (id == 0).then_some(5.0),
        ..DimMetricRow::default()
    }
}

fn axis_of(id: i32, axis: String) -> PolicyAxisRow {
    PolicyAxisRow {
        policy_id: id,
        axis,
        value_number: Some(f64::from(id) / 7.0),
        value_text: format!("{}", f64::from(id) / 7.0),
        ..PolicyAxisRow::default()
    }
}

fn add_cell(tables: &mut Tables, scenario_id: i32, policy_id: i32) {
    let noise =
        |place: i32| f64::from((place * 7919 + policy_id * 613 + scenario_id * 97) % 1009) / 1009.0;
    for metric_id in 0..METRICS.len() as i32 {
        let (stat, precision) = ("mean".to_owned(), "precise".to_owned());
        let value = Some(if metric_id == RUINED { 0.0 } else { 100.0 + noise(metric_id) });
        tables.summary.push(SummaryRow {
            scenario_id,
            policy_id,
            horizon_months: 360,
            metric_id,
            stat: stat.clone().into(),
            value,
            std_error: Some(0.1),
            precision: precision.clone().into(),
            ..SummaryRow::default()
        });
        tables.robustness.push(RobustnessRow {
            policy_id,
            horizon_months: 360,
            metric_id,
            scenarios: 2,
            ..RobustnessRow::default()
        });
        if policy_id > 0 {
            let diff = 20.0 * noise(metric_id) - 10.0;
            tables.compare.push(CompareRow {
                scenario_id,
                policy_id,
                horizon_months: 360,
                metric_id,
                stat: stat.into(),
                diff: Some(diff),
                std_error: Some(0.5),
                ci_low: Some(diff - 1.0),
                ci_high: Some(diff + 1.0),
                ci_low_simultaneous: Some(diff - 1.4),
                ci_high_simultaneous: Some(diff + 1.4),
                verdict: Some("better".into()),
                precision: precision.into(),
                ..CompareRow::default()
            });
        }
    }
    let test = |test: &'static str, policy: Option<i32>| TestRow {
        test: test.into(),
        scenario_id,
        horizon_months: 360,
        policy_id: policy,
        p_value: Some(0.2),
        is_in_set: Some(true),
        benchmark_policy_id: Some(0),
        policies_tried: 50,
        ..TestRow::default()
    };
    tables.tests.extend([
        test("mcs", Some(policy_id)),
        test("step_m", Some(policy_id)),
        test("spa", None),
    ]);
    for month in (0..=360).step_by(6) {
        for measure in ["wealth_nominal", "drawdown_unit_frac"] {
            let quantile = |percent: i32| FanRow {
                scenario_id,
                policy_id,
                measure: measure.into(),
                time_months: f64::from(month),
                prob: f64::from(percent) / 100.0,
                value: Some(noise(month) + f64::from(percent)),
                n_paths: 2048,
                ..FanRow::default()
            };
            tables.fan.extend([1, 5, 10, 25, 50, 75, 90, 95, 99].map(quantile));
        }
    }
    tables.worst.extend((0..=360).map(|month| WorstPathRow {
        scenario_id,
        policy_id,
        path_id: 7,
        time_months: f64::from(month),
        wealth_nominal: 1.0 + noise(month),
        drawdown_unit_frac: noise(month),
    }));
    tables.by_regime.extend((0..2).map(|regime_id| RegimeRow {
        scenario_id,
        policy_id,
        regime_id,
        contribution_diff_bps_annual: Some(noise(regime_id)),
        contribution_diff_std_error: Some(0.1),
        ..RegimeRow::default()
    }));
}

/// Makes the accounts pay withdrawals, so that a share of them runs out of money; the followed path
/// is empty after 150 months.
fn with_ruin(mut tables: Tables) -> Tables {
    for row in tables.summary.iter_mut().filter(|row| row.metric_id == RUINED) {
        row.value = Some(0.1 + 0.01 * f64::from(row.policy_id));
        row.std_error = Some(0.002);
    }
    let cells: Vec<(i32, i32)> = (tables.scenarios.iter())
        .flat_map(|scenario| {
            tables.policies.iter().map(|policy| (scenario.scenario_id, policy.policy_id))
        })
        .collect();
    let exceedance =
        |(scenario_id, policy_id): (i32, i32), metric_id, level, prob: f64| ExceedanceRow {
            scenario_id,
            policy_id,
            horizon_months: 360,
            metric_id,
            level,
            prob: Some(prob),
            ci_low: Some(prob - 0.01),
            ci_high: Some(prob),
            ..ExceedanceRow::default()
        };
    for cell in cells {
        for year in 1..=30 {
            let lost = (f64::from(year) - 15.0).max(0.0) * (0.01 + 0.001 * f64::from(cell.1));
            tables.exceedance.push(exceedance(
                cell,
                RUIN_MONTH,
                12.0 * f64::from(year),
                1.0 - lost,
            ));
        }
        for fall in [0.1, 0.2] {
            tables.exceedance.push(exceedance(cell, DRAWDOWN, fall, 1.0 - fall));
        }
        for (stat, value) in [
            ("p05", 0.0),
            ("p10", 0.0),
            ("p25", 4e5),
            ("p50", 8e5),
            ("p75", 2e6),
            ("p90", 3e6),
            ("p95", 4e6),
        ] {
            tables.summary.push(SummaryRow {
                scenario_id: cell.0,
                policy_id: cell.1,
                horizon_months: 360,
                metric_id: WEALTH_REAL,
                stat: stat.into(),
                value: Some(value),
                ..SummaryRow::default()
            });
        }
    }
    for row in tables.worst.iter_mut().filter(|row| row.time_months >= 150.0) {
        row.wealth_nominal = 0.0;
    }
    tables
}

fn page_of(tables: &Tables) -> String {
    render(tables, "`policy-1` is better.", &[], &Commands::default()).expect("a page")
}

#[test]
fn a_page_of_fifty_policies_is_small_and_loads_nothing() {
    let page = render(
        &tables(50, 1, |id| format!("policy-{id}")),
        "With a margin, `policy-1` is better.",
        &[],
        &Commands::default(),
    )
    .expect("a page");
    assert!(page.len() <= 5 << 20, "{} bytes", page.len());
    assert!(page.contains("<b>policy-1</b> is better."));
    assert!(!page.contains("Does the money last?"), "nobody runs out of money");
    check_in_browser(&page, "fifty");
}

/// Where money runs out the page says it: success, survival, the share beside the quantiles, the
/// end of the worst path.
#[test]
fn accounts_that_run_out_are_counted_and_drawn() {
    let page = page_of(&with_ruin(tables(6, 1, |id| format!("policy-{id}"))));
    assert!(page.contains("Does the money last?"));
    assert!(page.contains("<b>89.0 ± 0.20 %</b></td><td>year 25</td>"));
    assert!(page.contains("<td>800,000<small>0 to 3,000,000</small>"));
    assert!(page.contains("left after 10 years*"), "years without a horizon are those of a fan");
    let Some(dom) = check_in_browser(&page, "ruin") else { return };
    for text in [
        "policy-1 89.0 %",
        "11.0 % ran out",
        "empty in year 13",
        "by more than 20 %",
        "class=\"term\"",
    ] {
        assert!(dom.contains(text), "{text} is missing");
    }
}

/// Scenarios that differ in one number are columns of one table, with the verdict before them.
#[test]
fn one_swept_number_makes_one_table() {
    let page = page_of(&tables(3, 3, |id| format!("cost={id}")));
    let row = page.split("<tr><td>cost=1</td>").nth(1).expect("a row of the table");
    assert!(
        row.starts_with("<td class=\"text\"><span class=\"better\">better</span>"),
        "{row:.300}"
    );
    assert_eq!(row.split("</tr>").next().expect("a row").matches(" ± ").count(), 3);
    assert!(!page.contains(">in money<"), "a column without any entry is left out");
    let mut two = tables(3, 3, |id| format!("cost={id}"));
    let second = ScenarioAxisRow { axis: "width".to_owned(), ..two.scenario_axis[0].clone() };
    two.scenario_axis.push(second);
    two.compare[0].effect_currency = Some(1000.0);
    let page = page_of(&two);
    assert!(!page.contains(" everywhere"), "two axes do not fit into one table");
    assert!(page.contains(">in money<"));
}

/// The page names scenarios, rules and margins in the words of the study where it has them.
#[test]
fn what_was_studied_is_said_in_words() {
    let mut told = tables(2, 2, |id| format!("cost={id}"));
    for (row, cost) in told.scenarios.iter_mut().zip([0, 10]) {
        row.market_description = Some("storms, one month in five".to_owned());
        row.cost_description = Some(format!("{cost} bp of the value traded"));
        row.label = Some(format!("cost {cost} bp"));
    }
    told.policies[0].description = Some("every year, back to target".to_owned());
    (told.metrics[0].margin, told.metrics[0].margin_of_baseline_frac) = (None, Some(0.01));
    let page = page_of(&told);
    for text in [
        "<dd>storms, one month in five</dd>",
        "cost 10 bp: 10 bp of the value traded",
        "<span>every year, back to target (baseline)</span>",
        "<th scope=\"col\">cost 0 bp</th><th scope=\"col\">cost 10 bp</th>",
        "within 1 % of the baseline&#x27;s value count",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
}

/// A choice of axes is offered only where rules have both; one axis opens as curves with its
/// crossing.
#[test]
fn axes_without_a_common_rule_are_not_offered_together() {
    let mut apart = tables(6, 1, |id| format!("policy-{id}"));
    for row in &mut apart.policy_axis {
        row.axis = if row.policy_id < 3 { "accuracy" } else { "delay" }.to_owned();
    }
    apart.break_even[0] = BreakEvenRow {
        axis: "delay".to_owned(),
        swept_to: 1.0,
        value: Some(0.6),
        ..apart.break_even[0].clone()
    };
    let other = BreakEvenRow { axis: "accuracy".to_owned(), ..apart.break_even[0].clone() };
    apart.break_even.push(BreakEvenRow { value: Some(0.25), ..other });
    let Some(dom) = check_in_browser(&page_of(&apart), "axes") else { return };
    assert!(dom.contains("even at 0.60<"), "the crossing is marked");
    assert!(dom.contains("even at 0.25<"), "that of the other axis, too");
    assert!(!dom.contains("accuracy (table)") && !dom.contains("delay (table)"));
    let mut joint = tables(6, 1, |id| format!("policy-{id}"));
    joint.policy_axis.extend((0..6).map(|id| PolicyAxisRow {
        value_number: Some(f64::from(id % 2)),
        ..axis_of(id, "delay".to_owned())
    }));
    let Some(dom) = check_in_browser(&page_of(&joint), "joint") else { return };
    assert!(dom.contains("policy-2 (table)"), "rules with both numbers have a table");
    let shaded = dom.matches("<td style=\"background: color-mix").count();
    assert!(shaded >= 5, "{shaded} differences are shaded");
}

#[test]
fn hostile_names_are_text_and_nothing_else() {
    let name = |id: i32| HOSTILE[id as usize % HOSTILE.len()].to_owned();
    let page = render(
        &tables(8, 6, name),
        &format!("`{}` is better.", HOSTILE[0]),
        &HOSTILE.map(str::to_owned),
        &Commands { replay: Some(HOSTILE[0]), ..Commands::default() },
    )
    .expect("a page");
    for name in [HOSTILE[0], HOSTILE[1]] {
        assert!(!page.contains(name), "{name} is not escaped");
    }
    assert!(page.contains("{{ 7*7 }}"), "a template inside a name is not run");
    check_in_browser(&page, "hostile");
}

#[test]
fn many_scenarios_and_a_run_without_anything_still_make_a_page() {
    let page = render(&tables(20, 30, |id| format!("policy-{id}")), "", &[], &Commands::default())
        .expect("a page");
    assert!(page.len() <= 12 << 20, "{} bytes", page.len());
    check_in_browser(
        &render(&Tables::default(), "There is nothing.", &[], &Commands::default())
            .expect("a page"),
        "empty",
    );
}

/// The negative control: the checks notice a broken page and a page that loads something.
#[test]
fn a_page_that_loads_something_or_breaks_is_noticed() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.html");
    let page = "<html><script>window.onerror = (m) => { document.documentElement.dataset.errors = \
    m }; missing()</script><img src='http://example.invalid/x.png'></html>";
    std::fs::write(&file, page).expect("written");
    let (dom, requests) = open(&browser, &file, folder.path());
    assert!(dom.contains("data-errors"), "{dom}");
    assert!(requests.iter().any(|url| url.contains("example.invalid")), "{requests:?}");
}

/// Text and lines have a contrast of 4.5 : 1 or more with the page and with panels, in the light,
/// the dark and the printed scheme.
#[test]
fn colours_have_contrast() {
    let style = include_str!("../assets/report.css");
    let colour = |part: &str, name: &str| {
        let value = part.split(&format!("{name}: #")).nth(1)?;
        u32::from_str_radix(value.get(..6)?, 16).ok()
    };
    let schemes: Vec<&str> = style.split(":root {").skip(1).collect();
    assert_eq!(schemes.len(), 3);
    for scheme in schemes {
        for ground in ["--ground", "--panel"] {
            let ground = colour(scheme, ground).expect("a colour");
            for name in ["ink", "soft", "mark", "better", "worse", "even"]
                .map(|name| format!("--{name}"))
                .into_iter()
                .chain((1..=5).map(|line| format!("--line-{line}")))
            {
                let ink = colour(scheme, &name).expect("a colour");
                let found = contrast(ink, ground);
                assert!(found >= 4.5, "{name}: {found:.2}");
            }
        }
    }
}

/// The contrast of two colours by the Web Content Accessibility Guidelines, 1 to 21.
#[expect(clippy::disallowed_methods, reason = "a bound of a test, on which no result depends")]
fn contrast(one: u32, other: u32) -> f64 {
    let luminance = |colour: u32| {
        let channel = |shift: u32| {
            let value = f64::from(colour >> shift & 255) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Finds the browser, and prints that the check is skipped if there is none.
fn browser() -> Option<PathBuf> {
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
        {
            eprintln!("skipped: no Chromium on this machine, so the page was not opened");
        }
    }
    found
}

/// Opens a page, draws all charts and checks that nothing breaks or is loaded; returns what is
/// shown then.
fn check_in_browser(page: &str, name: &str) -> Option<String> {
    let browser = browser()?;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format!("{name}.html"));
    std::fs::write(&file, page).expect("written");
    let (dom, requests) = open(&browser, &file, folder.path());
    let root = dom
        .split('>')
        .find(|tag| tag.trim_start().starts_with("<html"))
        .unwrap_or_default()
        .to_owned();
    assert!(root.contains("data-ready=\"true\""), "the script did not come to its end: {root}");
    assert!(!root.contains("data-errors"), "{root}");
    assert!(
        requests.iter().all(|url| url.starts_with("file:") || url.starts_with("data:")),
        "{requests:?}"
    );
    assert!(
        dom.matches("<svg").count() >= if name == "empty" { 0 } else { 6 },
        "{name}: charts are missing"
    );
    Some(dom)
}

fn open(browser: &Path, file: &Path, folder: &Path) -> (String, Vec<String>) {
    let log = folder.join("net.json");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("file://{}#all", file.display()))
        .output()
        .expect("the browser starts");
    let net = std::fs::read_to_string(&log).unwrap_or_default();
    let requests = net
        .split("\"url\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned);
    // The browser itself loads pages of its own when it starts.
    let requests = requests.filter(|url| {
        !url.starts_with("chrome") && !url.contains("google") && !url.contains("gvt1")
    });
    (String::from_utf8_lossy(&output.stdout).into_owned(), requests.collect())
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
