//! Checks what a study means, corner by corner, and converts it to machine units: the tables of the
//! file become a [`Study`].

use crate::diagnostic::Id;
use crate::file::search::SearchTable;
use crate::file::{ComparisonTable, OutputTable, RunTable, StudyTable};
use crate::grid::{Choice, Grid};
use crate::report::Reporter;
use crate::sweep::{self, Owner};
use crate::tree::Path;
use crate::wording::quoted;

mod account;
mod antithetic;
mod comparison;
mod corners;
mod costs;
mod limits;
mod market;
mod policies;
mod policy;
mod scenarios;
mod scope;
mod signal;
mod skipped;
mod study;
mod time;
mod twin;

pub(crate) use corners::PolicyCorner;
pub(crate) use market::{CheckedMarket, Declared, Histories};
pub(crate) use signal::CheckedSignal;
pub(crate) use study::{CheckedPolicy, CheckedScenario, Study};

use limits::Size;
use policies::Policies;
use scenarios::Scenarios;
use scope::Scope;
use skipped::Skipped;

/// Checks everything and returns the study, unless a problem was reported.
pub(crate) fn check(grid: &Grid, histories: &Histories<'_>, reporter: &Reporter) -> Option<Study> {
    let base: Choice = vec![0; grid.sweeps.len()];
    let scope = Scope { grid, choice: &base, reporter, corner: "" };
    let common = CommonTables::read(&scope);
    scenarios::axis_names(grid, reporter);
    scenarios::separate_axes(grid, reporter);
    let corners = corners::spread(grid, reporter);
    let scenario_sweeps: Vec<usize> = (0..grid.sweeps.len())
        .filter(|&sweep| grid.sweeps[sweep].owner() == Owner::Scenario)
        .collect();
    let choices = choices(&scenario_sweeps, corners.policies.len(), &common, &scope)?;
    let mut skipped = Skipped::new(grid.root.span, reporter);
    let scenarios = Scenarios::new(grid, histories, &common.run, reporter).check(
        &choices,
        &scenario_sweeps,
        &mut skipped,
    );
    let names = corners.names();
    let checker = Policies {
        grid,
        reporter,
        run: &common.run,
        scenarios: &scenarios,
        signals: &corners.signals,
    };
    let policies = checker.check(corners.policies, &mut skipped);
    checker.unused_signals();
    skipped.warn();
    let twins = twin::check(&policies, &names, &scope);
    let known = comparison::Known::of(&policies, &scenarios, &names, &corners.refused, &scope);
    let comparison =
        common.comparison.as_ref().map(|table| comparison::check(table, &known, &scope));
    let until = common
        .comparison
        .as_ref()
        .zip(common.run.until.as_ref())
        .and_then(|(table, until)| comparison::until(table, until, &known, &scope));
    let search: Option<SearchTable> =
        grid.root.get("search").and_then(|_| scope.table(&Path::root("search")));
    if common.run.antithetic {
        antithetic::check(&common.run, &scenarios, search.is_some(), &scope);
    }
    let clocks = scenarios.iter().map(|scenario| &scenario.clock);
    let size = Size::of(clocks, policies.len());
    let cut = limits::check(&common.run, &common.output, size, &scope)?;
    (reporter.errors() == 0).then_some(Study {
        study: common.study?,
        run: common.run,
        output: common.output,
        comparison_table: common.comparison?,
        comparison: comparison??,
        until,
        search,
        cut,
        scenario_sweeps,
        scenarios,
        policies,
        signals: corners.signals,
        twins,
    })
}

/// Tables that all corners have in common. One that cannot be read is reported, and does not keep
/// the rest of the study from being checked.
struct CommonTables {
    study: Option<StudyTable>,
    run: RunTable,
    comparison: Option<ComparisonTable>,
    output: OutputTable,
}

impl CommonTables {
    fn read(scope: &Scope<'_>) -> Self {
        let study: Option<StudyTable> = scope.table(&Path::root("study"));
        let run = scope.table(&Path::root("run")).unwrap_or(RunTable {
            paths: 1,
            seed: 0,
            paths_per_part: None,
            antithetic: false,
            until: None,
            skip_invalid: false,
        });
        let comparison = scope.table(&Path::root("comparison"));
        let output = scope.table(&Path::root("output")).unwrap_or_default();
        if let Some(study) = &study {
            study_name(&study.name, scope);
        }
        Self { study, run, comparison, output }
    }
}

/// Checks the name of the study, which becomes the name of a folder.
fn study_name(name: &str, scope: &Scope<'_>) {
    let fine = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
    };
    let is_fine = (1..=64).contains(&name.len())
        && name.bytes().all(fine)
        && !name.starts_with('-')
        && !is_a_device(name);
    if !is_fine {
        let root = Path::root("study");
        let hint = if is_a_device(name) {
            "choose another name: Windows keeps this one for a device, so no folder can have it"
        } else {
            "use 1 to 64 of `a-z`, `0-9`, `_` and `-`, not beginning with `-`"
        };
        let message = format!("`{}` cannot be the name of a study", quoted(name));
        scope.error(&root.key("name"), Id::BadName, message, hint);
    }
}

/// Whether Windows keeps a name for a device.
fn is_a_device(name: &str) -> bool {
    let numbered = |word: &str| {
        name.strip_prefix(word).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']))
    };
    ["con", "prn", "aux", "nul"].contains(&name) || numbered("com") || numbered("lpt")
}

/// The choices that make scenarios, by id; `None` where the study would have too many cells, which
/// is reported before any corner is checked.
fn choices(
    scenario_sweeps: &[usize],
    policies: usize,
    common: &CommonTables,
    scope: &Scope<'_>,
) -> Option<Vec<Choice>> {
    let Scope { grid, choice: base, reporter, .. } = *scope;
    let axes = sweep::axes(&grid.sweeps, scenario_sweeps, reporter);
    if !corners::few_enough(grid, scenario_sweeps, reporter) {
        return None;
    }
    let (scenarios, policies) = (sweep::count(&axes), policies as u64);
    let cells = scenarios.saturating_mul(policies);
    if cells > corners::CELLS_MAX {
        // without horizons: too large already, and too slow to check corner by corner
        let size = Size { scenarios, policies, cells, steps: 0 };
        limits::check(&common.run, &common.output, size, scope);
        return None;
    }
    let choices = sweep::corners(&axes, base);
    scenarios::distinct_names(grid, &choices, scenario_sweeps, reporter);
    Some(choices)
}
