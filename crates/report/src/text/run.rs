//! Shows a finished run: its identity, the answer, the comparison and the files, as text and as
//! JSON.

use std::path::Path;

use serde_json::{Value, json};

use crate::comparison::Comparison;
use crate::number::things;
use crate::studied::common;
use crate::text::attribution;
use crate::text::comparison;
use crate::text::view::View;

/// Writes the run in one line, its question, the answer, the comparison, and the place of the
/// files. `reading` is the answer, which may rest on more than is shown.
#[must_use]
pub fn render(folder: &Path, shown: &Comparison, reading: &str, view: &View<'_>) -> String {
    // who reads a pipe may keep the text, and move the folder
    let is_terminal = view.layout.table_width.is_some();
    let view = &View { folder: Some(folder).filter(|_| is_terminal), ..*view };
    let run = &shown.run;
    let many = |number: i64, thing: &str| things(number.unsigned_abs(), thing);
    let policies = many(i64::from(run.policies), "policy");
    let question = run.question.clone().unwrap_or_default();
    let head = format!(
        "{}: {policies}, {}, {}\n{}{}\n",
        run.study,
        many(i64::from(run.scenarios), "scenario"),
        many(run.paths, "path"),
        view.prose(&question),
        view.prose(&common(&shown.scenarios))
    );
    let reading = view.prose(reading) + "\n";
    let files = format!(
        "\nfiles: {} (open report.html; README.md says which file is for which chart)\n",
        folder.display()
    );
    head + &reading + &comparison::render(shown, view) + &files
}

/// Returns a comparison and `reading`, its answer, as a part of a JSON document.
#[must_use]
pub fn findings(shown: &Comparison, reading: &str) -> serde_json::Map<String, Value> {
    let findings = json!({
        "metric": shown.metric.metric,
        "unit": shown.metric.unit,
        "comparison": shown.json(),
        "break_even": shown.break_even_json(),
        "attribution": attribution::json(shown),
        "signals": attribution::signals_json(shown),
        "reading": reading,
    });
    match findings {
        Value::Object(findings) => findings,
        other => serde_json::Map::from_iter([("findings".to_owned(), other)]),
    }
}

/// The identity of a run, for a JSON document.
#[derive(Clone, Copy, Debug)]
pub struct RunIdentity<'a> {
    /// Run folder.
    pub folder: &'a Path,
    /// Identity of the simulation.
    pub run_id: &'a str,
    /// Identity of the analysis.
    pub analysis_id: &'a str,
    /// Number of paths.
    pub paths: u64,
    /// Warnings of the study and the run.
    pub warnings: &'a [String],
}

/// Returns a finished run as one JSON document.
#[must_use]
pub fn document(run: &RunIdentity<'_>, shown: &Comparison, reading: &str) -> Value {
    let mut document = json!({
        "run_dir": run.folder.display().to_string(),
        "run_id": run.run_id,
        "analysis_id": run.analysis_id,
        "study": shown.run.study,
        "question": shown.run.question,
        "paths": run.paths,
        "horizon_months": shown.common_horizon().map(|row| row.horizon_months),
        "warnings": run.warnings,
    });
    if let Some(document) = document.as_object_mut() {
        document.extend(findings(shown, reading));
    }
    document
}
