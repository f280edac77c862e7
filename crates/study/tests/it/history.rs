//! Compiles studies that resample histories of every wrong and unusual kind.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use corridor_study::diagnostic::{Diagnostic, Severity};
use corridor_study::{Overrides, load};

/// A return without a pattern, around 0.6 % a month.
fn usual(row: usize) -> f64 {
    0.006 + 0.07 * (((row * 7919) % 101) as f64 / 101.0 - 0.5)
}

/// Rows of months from January 2000.
fn months(count: usize, field: impl Fn(usize) -> String) -> String {
    let mut text = String::from("date,us\n");
    for row in 0..count {
        writeln!(text, "{:04}-{:02},{}", 2000 + row / 12, row % 12 + 1, field(row)).expect("text");
    }
    text
}

/// Rows of a month, `from`-th day by day.
fn days_of_january(days: impl Iterator<Item = u32>) -> String {
    let mut text = String::from("date,us\n");
    for day in days {
        writeln!(text, "2001-01-{day:02},{}", usual(day as usize) / 5.0).expect("text");
    }
    text
}

/// Diagnostics of a study that resamples `csv`.
fn diagnostics(csv: &str, step: &str, keys: &str) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("a folder");
    let block = if step == "day" { 0.2 } else { 2.0 };
    let study = format!(
        "corridor = 1\n[study]\nname = 'history'\n[time]\nhorizon_years = 1\nstep = \
         '{step}'\n[market.bootstrap]\ncsv = 'x.csv'\nassets = ['us']\nmean_block_months = \
         {block}\n{keys}\n[account]\ninitial = 1\ntarget = {{ us = 1 }}\n[costs]\none_way_bps = \
         0\n[[policy]]\nname = 'a'\ntrigger = 'never'\n[comparison]\nbaseline = 'a'\n[run]\npaths \
         = 1\nseed = 1\n"
    );
    fs::write(folder.path().join("x.csv"), csv).expect("a history");
    let path = folder.path().join("study.toml");
    fs::write(&path, study).expect("a study");
    match load(&path, &Overrides::default()) {
        Ok(plan) => plan.warnings,
        Err(problems) => problems.diagnostics,
    }
}

/// Checks that there is one diagnostic, of the given kind and place, with these words.
fn only(csv: &str, step: &str, expected: &str, line: usize, words: [&str; 2]) {
    let found = diagnostics(csv, step, "");
    let [one] = found.as_slice() else { panic!("{expected}: {found:#?}") };
    let kind = if one.severity == Severity::Error { "error" } else { "warning" };
    assert_eq!(format!("{kind} {}", one.id.name()), expected, "{one}");
    assert_eq!(one.place.line, line, "{one}");
    assert!(one.message.contains(words[0]) && one.hint.contains(words[1]), "{one}");
}

#[test]
fn a_history_that_is_read_has_no_diagnostics() {
    let commas = months(60, |row| usual(row).to_string());
    for text in [
        commas.clone(),
        commas.replace(',', ";"),
        commas.replace(',', "\t"),
        format!("\u{feff}{commas}"),
        commas.replace('\n', "\r\n"),
        commas.replace("date,us\n", "us,date\n").lines().map(reversed).collect(),
        commas.lines().map(|line| format!("{line},unused\n")).collect(),
    ] {
        assert_eq!(diagnostics(&text, "month", ""), [], "{text}");
    }
}

/// A row of two columns with the columns exchanged, but for the first line.
fn reversed(line: &str) -> String {
    match line.split_once(',') {
        Some((date, number)) if date != "us" => format!("{number},{date}\n"),
        _ => format!("{line}\n"),
    }
}

#[test]
fn what_is_read_of_a_history_and_what_is_not_is_said() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/us-history.toml");
    let plan = load(&path, &Overrides::default()).expect("a study");
    let about = &plan.inputs[0].about;
    assert!(
        about.contains(" rows from ") && about.contains("; not used: `core_inflation`"),
        "{about}"
    );
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good/history.toml");
    let plan = load(&good, &Overrides::default()).expect("a study");
    assert_eq!(plan.inputs[0].about, "csv/ok.csv: 4 rows from 2000-02-29 to 2000-05-31");
}

#[test]
fn a_column_that_cannot_be_returns_is_refused_once_with_its_cause() {
    let mut price = 100.0;
    let prices: Vec<f64> = (0..60)
        .map(|row| {
            price *= 1.0 + usual(row);
            price
        })
        .collect();
    only(
        &months(60, |row| prices[row].to_string()),
        "month",
        "error csv-not-returns",
        1,
        ["`us` holds prices, not returns", "each price divided by the price before"],
    );
    only(
        &months(60, |row| (100.0 * usual(row)).to_string()),
        "month",
        "error csv-not-returns",
        1,
        ["`us` holds percentages", "divide the column by 100"],
    );
    only(
        &months(60, |row| (1.0 + usual(row)).to_string()),
        "month",
        "error csv-not-returns",
        1,
        ["`us` holds growth factors", "1.012 is 0.012"],
    );
}

#[test]
fn an_unusual_column_or_row_is_warned_of() {
    let with = |place: usize, wrong: f64| {
        months(60, |row| if row == place { wrong } else { usual(row) }.to_string())
    };
    only(
        &with(30, 3.2),
        "month",
        "warning csv-unusual",
        32,
        ["the return 3.2 of `us` on 2002-07-31", "decimal point"],
    );
    only(
        &months(60, |row| (0.06 + usual(row)).to_string()),
        "month",
        "warning csv-unusual",
        1,
        ["a mean log return of ", "returns of a month as decimals"],
    );
    only(&months(60, |_| "0".to_owned()), "month", "warning csv-unusual", 1, ["is 0 at", "zeros"]);
}

#[test]
fn the_clock_is_checked_against_the_dates() {
    only(
        &months(60, |row| usual(row).to_string()),
        "day",
        "error csv-step",
        6,
        ["the rows of the history are a month apart", "write `step = \"month\"`"],
    );
    let all_days: String = std::iter::once("date,us\n".to_owned())
        .chain((0..400).map(|day| {
            // 28 days of each month, so gaps of at most 4 days
            let (month, day_of) = (day / 28, day % 28 + 1);
            let usual = usual(day) / 5.0;
            format!("{}-{:02}-{day_of:02},{usual}\n", 2000 + month / 12, month % 12 + 1)
        }))
        .collect();
    only(
        &all_days,
        "day",
        "error csv-step",
        6,
        ["rows a year, and `step = \"day\"` counts 252", "`step = \"month\"`"],
    );
    // 21 trading days of each month are 252 a year; 25 are as many as with Saturdays
    let days_of_months = |count: u32| -> String {
        let rows = (0..60).flat_map(|month| (1..=count).map(move |day| (month, day)));
        let row = |(month, day): (usize, u32)| {
            let number = usual(31 * month + day as usize) / 5.0;
            format!("{}-{:02}-{day:02},{number}\n", 2000 + month / 12, month % 12 + 1)
        };
        std::iter::once("date,us\n".to_owned()).chain(rows.map(row)).collect()
    };
    assert_eq!(diagnostics(&days_of_months(21), "day", ""), []);
    only(
        &days_of_months(25),
        "day",
        "warning csv-step",
        6,
        ["the history has 301 rows a year", "leave out days without trading"],
    );
    // a month of all days is too short to tell
    assert_eq!(diagnostics(&days_of_january((1..=31).step_by(2)), "day", ""), []);
    let sparse: String = std::iter::once("date,us\n".to_owned())
        .chain((0..500).map(|row| {
            let day = row * 10;
            let (month, day_of) = (day / 30, (day % 30) / 2 + 1);
            format!("{}-{:02}-{day_of:02},{}\n", 2000 + month / 12, month % 12 + 1, usual(row))
        }))
        .collect();
    let found = diagnostics(&sparse, "day", "");
    assert!(found.iter().all(|one| one.id.name().starts_with("csv-")), "{found:?}");
    assert!(!found.is_empty());
}

#[test]
fn faults_of_the_calendar_are_reported_once_for_all_rows() {
    let sorted = months(60, |row| usual(row).to_string());
    let mut lines: Vec<&str> = sorted.lines().collect();
    lines[1..].reverse();
    only(
        &lines.join("\n"),
        "month",
        "error csv-gap",
        3,
        ["the dates of the history run backwards", "sort the rows by date"],
    );
    let with_gaps: String =
        sorted.lines().enumerate().filter(|(i, _)| ![20, 30, 40].contains(i)).map(line).collect();
    only(
        &with_gaps,
        "month",
        "error csv-gap",
        21,
        [
            "the row of 2001-09-30 leaves a gap after the row of 2001-07-31, and 2 more rows do so",
            "narrow `from`",
        ],
    );
    let mut twice: Vec<&str> = sorted.lines().collect();
    twice.insert(4, twice[3]);
    twice.insert(9, twice[8]);
    only(
        &twice.join("\n"),
        "month",
        "error csv-gap",
        5,
        ["does not come after the row of 2000-03-31, and one more row does so", "one row"],
    );
}

fn line((_, text): (usize, &str)) -> String {
    format!("{text}\n")
}

#[test]
fn rows_that_cannot_be_read_are_reported_once_for_each_cause() {
    let missing = months(60, |row| if row < 12 { String::new() } else { usual(row).to_string() });
    only(
        &missing,
        "month",
        "error csv-not-a-number",
        2,
        [
            "a return is missing, and 11 more rows have this fault",
            "write `from = \"2001-01-31\"` and `to = \"2004-12-31\"`",
        ],
    );
    let cases = [
        (months(60, |row| format!("{}%", usual(row))), "is not a number", "1.2 % is 0.012"),
        (
            months(60, |row| format!("\"{}\"", usual(row).to_string().replace('.', ","))),
            "has a decimal comma",
            "decimal points",
        ),
        (
            months(60, |row| usual(row).to_string()).replace(',', ";").replace('.', ","),
            "has a decimal comma",
            "decimal points",
        ),
        (
            months(60, |row| usual(row).to_string().replace('.', ",")),
            "the row has 3 fields, and the first line has 2",
            "a number with a decimal comma takes two fields",
        ),
        (
            months(60, |row| usual(row).to_string()).replace("-01,", "-32,"),
            "is not a date, and 4 more rows have this fault",
            "write dates as",
        ),
    ];
    for (csv, message, hint) in cases {
        let found = diagnostics(&csv, "month", "");
        let [one] = found.as_slice() else { panic!("{found:#?}") };
        assert!(one.message.contains(message) && one.hint.contains(hint), "{one}");
    }
}

#[test]
fn a_file_that_is_no_table_is_not_quoted() {
    let secret = "root:$6$saltsalt$verysecret:19000:0:99999:7:::\nsecond:line\n";
    for text in [secret.to_owned(), secret.replace(':', ","), secret.replace(':', ";")] {
        let found = diagnostics(&text, "month", "");
        let said = format!("{found:?}");
        assert!(!said.contains("secret") && !said.contains("root"), "{said}");
        assert_eq!(found.len(), 1, "{said}");
    }
    let titled = months(60, |row| usual(row).to_string()).replace("date,", "Date,");
    let found = diagnostics(&titled, "month", "");
    assert_eq!(found[0].hint, "rename its column `Date` to `date`");
}

#[test]
fn the_period_is_compared_with_the_dates_of_the_history() {
    let csv = months(60, |row| usual(row).to_string());
    assert_eq!(diagnostics(&csv, "month", "from = '2000-01'\nto = '2004-12'"), []);
    let found = diagnostics(&csv, "month", "from = '1990-01'\nto = '2030-12'");
    let said: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "`from` is 1990-01-01, and the history begins 2000-01-31",
            "`to` is 2030-12-31, and the history ends 2004-12-31"
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_a_folder_and_a_device_are_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let text = include_str!("../good/history.toml");
    for name in [pipe.display().to_string(), "/dev/zero".to_owned(), "/".to_owned()] {
        let path = folder.path().join("study.toml");
        fs::write(&path, text.replace("csv/ok.csv", &name)).expect("a study");
        let problems = load(&path, &Overrides::default()).expect_err("not a file");
        assert!(problems.to_string().contains("it is not a regular file"), "{problems}");
    }
}
