//! Opens pages in a headless Chromium, if there is one, and checks that nothing breaks, that
//! nothing is loaded, and that hostile names are harmless.

use std::path::{Path, PathBuf};
use std::process::Command;

use corridor_report::{Tables, render};
use corridor_tables::commands::Commands;
use corridor_tables::{
    BreakEvenRow, CompareRow, DimHorizonRow, DimMetricRow, DimPolicyRow, DimRegimeRow, DimRunRow,
    DimScenarioRow, FanRow, HistogramRow, PolicyAxisRow, RegimeRow, RobustnessRow, ScenarioAxisRow,
    SummaryRow, TestRow, WorstPathRow,
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

const METRICS: [(&str, &str, &str); 5] = [
    ("ce_growth_gamma_3", "bp a year", "0.0"),
    ("terminal_wealth_nominal", "currency (nominal)", "#,##0"),
    ("max_drawdown_unit_frac", "fraction", "0.0%"),
    ("cost_bps_annual", "bp a year", "0.0"),
    ("turnover_one_way_annual", "fraction a year", "0.0%"),
];

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
            level: "zero".to_owned(),
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
        let value = Some(100.0 + noise(metric_id));
        tables.summary.push(SummaryRow {
            scenario_id,
            policy_id,
            horizon_months: 360,
            metric_id,
            stat: stat.clone(),
            value,
            std_error: Some(0.1),
            precision: precision.clone(),
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
                stat,
                diff: Some(diff),
                std_error: Some(0.5),
                ci_low: Some(diff - 1.0),
                ci_high: Some(diff + 1.0),
                ci_low_simultaneous: Some(diff - 1.4),
                ci_high_simultaneous: Some(diff + 1.4),
                verdict: Some("better".to_owned()),
                precision,
                ..CompareRow::default()
            });
        }
    }
    let test = |test: &str, policy: Option<i32>| TestRow {
        test: test.to_owned(),
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
    for metric_id in [1, 2] {
        let bucket = |bucket: i32| HistogramRow {
            scenario_id,
            policy_id,
            horizon_months: 360,
            metric_id,
            bucket,
            bucket_low: Some(f64::from(bucket + 1) * 0.01),
            bucket_high: Some(f64::from(bucket + 2) * 0.01),
            count: i64::from(bucket % 17),
            n_paths: 500,
        };
        tables.histogram.extend((0..64).map(bucket));
    }
    for month in (0..=360).step_by(6) {
        for measure in ["wealth_nominal", "drawdown_unit_frac"] {
            let quantile = |percent: i32| FanRow {
                scenario_id,
                policy_id,
                measure: measure.to_owned(),
                time_months: f64::from(month),
                prob: f64::from(percent) / 100.0,
                value: Some(noise(month) + f64::from(percent)),
                n_paths: 2048,
                ..FanRow::default()
            };
            tables.fan.extend([1, 5, 25, 50, 75, 95, 99].map(quantile));
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
    check_in_browser(&page, "fifty");
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

/// Opens a page, draws all charts and checks that nothing breaks or is loaded.
fn check_in_browser(page: &str, name: &str) {
    let Some(browser) = browser() else { return };
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
        dom.matches("<svg").count() >= if name == "empty" { 0 } else { 8 },
        "{name}: charts are missing"
    );
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
