//! Reads the tables that a comparison and the page of a run show.

use corridor_report::Tables;
use corridor_store::error::StoreError;
use corridor_store::run_reader::RunReader;
use corridor_tables::DimRunRow;
use corridor_tables::column::TableRow;

/// Reads the tables of a finished run.
///
/// # Errors
/// [`StoreError`] if a table is missing or differs from its record in the manifest.
pub fn run_tables(run: &RunReader) -> Result<Tables, StoreError> {
    Ok(Tables {
        run_id: run.manifest().result.facts.simulation_id.clone(),
        run: run.rows::<DimRunRow>()?.rows.into_iter().next().unwrap_or_default(),
        scenarios: run.rows()?.rows,
        policies: run.rows()?.rows,
        metrics: run.rows()?.rows,
        horizons: run.rows()?.rows,
        regimes: run.rows()?.rows,
        scenario_axis: run.rows()?.rows,
        policy_axis: run.rows()?.rows,
        summary: run.rows()?.rows,
        compare: run.rows()?.rows,
        histogram: run.rows()?.rows,
        exceedance: rows_if_kept(run)?,
        fan: run.rows()?.rows,
        worst: run.rows()?.rows,
        break_even: run.rows()?.rows,
        by_regime: run.rows()?.rows,
        attribution: run.rows()?.rows,
        signals: run.rows()?.rows,
        tests: run.rows()?.rows,
        robustness: run.rows()?.rows,
    })
}

/// Reads a table that runs of earlier versions do not have; it is then empty.
fn rows_if_kept<R: TableRow>(run: &RunReader) -> Result<Vec<R>, StoreError> {
    if run.table_names().any(|name| name == R::TABLE) {
        Ok(run.rows()?.rows)
    } else {
        Ok(Vec::new())
    }
}
