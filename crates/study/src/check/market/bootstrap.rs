//! Checks `[market.bootstrap]` and builds the market that resamples its history.

use corridor_core::time::Step;
use corridor_scenario::bootstrap::{Bootstrap, History};
use corridor_scenario::error::MarketError;
use corridor_scenario::market::Market;

use super::checked::{CheckedMarket, Declared};
use super::date::{Date, DateText};
use super::error;
use super::history::Histories;
use super::sheet::{Period, Row, Sheet};
use super::written::Written;
use crate::check::scope::Scope;
use crate::diagnostic::Id;
use crate::file::market::{BootstrapTable, MarketTable};
use crate::tree::Path;
use crate::wording::{number as shown, quoted};

/// Checks a `[market.bootstrap]` and builds its market.
pub(super) fn check(
    table: &BootstrapTable,
    market: &MarketTable,
    step: Step,
    seed: u64,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<CheckedMarket> {
    let root = Path::root("market");
    let path = root.key("bootstrap");
    let returns = returns(table, step, &path, histories, scope)?;
    let mean_block_steps = block(table.mean_block_months, step, &path, scope)?;
    if 2.0 * mean_block_steps > returns.len() as f64 {
        let message = format!(
            "a mean block of {} months is more than half of the history, so paths repeat it",
            shown(table.mean_block_months)
        );
        let hint = "write shorter blocks, or use a longer history";
        scope.warning(&path.key("mean_block_months"), Id::Unusual, message, hint);
    }
    let history = History {
        assets: table.assets.clone(),
        step,
        returns,
        indicators: Vec::new(),
        mean_block_steps,
    };
    match built(history, market, seed) {
        Ok(market) => Some(market),
        Err(errors) => {
            for error in errors {
                error::report(&error, Written::RegimeSwitching, scope);
            }
            None
        }
    }
}

/// Simple returns by date and asset; `None` where something about them was reported.
fn returns(
    table: &BootstrapTable,
    step: Step,
    path: &Path<'_>,
    histories: &Histories<'_>,
    scope: &Scope<'_>,
) -> Option<Vec<Vec<f64>>> {
    let before = scope.reporter.errors();
    let assets = path.key("assets");
    for (index, asset) in table.assets.iter().enumerate() {
        scope.identifier(&assets.index(index), "an asset", asset);
    }
    scope.distinct(&assets, "assets", table.assets.iter().map(String::as_str));
    let period = period(table, path, scope);
    let csv = path.key("csv");
    let text = match histories.text(&table.csv) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read the history `{}`: {error}", quoted(&table.csv));
            scope.error(
                &csv,
                Id::CsvUnreadable,
                message,
                "write the path of a UTF-8 text file, relative to the study",
            );
            return None;
        }
    };
    let sheet =
        Sheet { name: &table.csv, text: &text, span: scope.grid.span(&csv, scope.choice), scope };
    let columns = sheet.columns(&table.assets, &assets)?;
    let rows: Vec<Row> = sheet.rows(&columns, period)?;
    let in_order = scope.reporter.errors();
    sheet.calendar(&rows, step);
    sheet.reaches(&rows, period, step);
    let are_steps = scope.reporter.errors() == in_order;
    let implausible = sheet.plausible(&rows, &table.assets, step, are_steps);
    sheet.ruinous(&rows, &implausible);
    if rows.len() < 2 {
        let message = format!(
            "the history has too few rows between `from` and `to`: {}, and resampling needs 2",
            rows.len()
        );
        let hint = if table.from.is_some() || table.to.is_some() {
            "widen `from` and `to`"
        } else {
            "use a history with more rows"
        };
        scope.error(&csv, Id::CsvRange, message, hint);
    }
    histories.describe(&table.csv, || columns.about(&table.csv, &rows));
    (scope.reporter.errors() == before).then(|| rows.into_iter().map(|row| row.returns).collect())
}

/// The dates between `from` and `to`; a bound left out is open.
fn period(table: &BootstrapTable, path: &Path<'_>, scope: &Scope<'_>) -> Period {
    let bound = |key: &str, text: Option<&str>| {
        let text = text?;
        let date = DateText::parse(text);
        if date.is_none() {
            let message = format!("`{}` is not a date", quoted(text));
            scope.error(&path.key(key), Id::CsvDate, message, "write `1926-07` or `1926-07-31`");
        }
        date
    };
    Period {
        from: bound("from", table.from.as_deref()).map_or(Date::FIRST, DateText::first),
        to: bound("to", table.to.as_deref()).map_or(Date::LAST, DateText::last),
    }
}

/// Mean block length in steps, at least 1.
fn block(months: f64, step: Step, path: &Path<'_>, scope: &Scope<'_>) -> Option<f64> {
    let steps = months * f64::from(step.per_year()) / 12.0;
    if steps < 1.0 {
        scope.error(
            &path.key("mean_block_months"),
            Id::OutOfRange,
            format!("a mean block of {months} months is shorter than one step"),
            "choose at least one step; blocks of one step resample single dates",
        );
        return None;
    }
    Some(steps)
}

fn built(
    history: History,
    table: &MarketTable,
    seed: u64,
) -> Result<CheckedMarket, Vec<MarketError>> {
    let model = Bootstrap::new(&history, seed)?;
    Ok(CheckedMarket {
        label: table.label.clone().unwrap_or_else(|| "bootstrap".to_owned()),
        written_out: table.clone(),
        assets: history.assets.clone(),
        has_regimes: false,
        riskless: vec![false; history.assets.len()],
        stand_in: false,
        moments: model.implied_moments().clone(),
        declared: Declared::History(history),
        market: Market::Bootstrap(Box::new(model)),
    })
}
