//! Reads the tables that a comparison and the page of a run show.

use corridor_report::{Shown, Tables};
use corridor_store::error::StoreError;
use corridor_store::run_reader::RunReader;
use corridor_tables::column::TableRow;
use corridor_tables::{
    BreakEvenRow, DimHorizonRow, DimMetricRow, DimRunRow, ExceedanceRow, FanRow, RobustnessRow,
    WorstPathRow,
};

/// Reads the tables of a finished run, of a wide one with the metrics that are `asked` for.
///
/// # Errors
/// [`StoreError`] if a table is missing or differs from its record in the manifest.
pub fn run_tables(run: &RunReader, asked: &[&str]) -> Result<Tables, StoreError> {
    let cells: u64 = run.manifest().result.parts.first().map_or(0, |part| part.range.cells);
    let metrics: Vec<DimMetricRow> = run.rows()?.rows;
    let horizons: Vec<DimHorizonRow> = run.rows()?.rows;
    let is_shown = Shown::of(cells, &metrics, &horizons, asked);
    let mut fan: Vec<FanRow> = run.rows_where(|row| is_shown.fan(row))?;
    fan.sort_by_key(|row| (row.scenario_id, row.policy_id));
    Ok(Tables {
        run_id: run.manifest().result.facts.simulation_id.clone(),
        run: run.rows::<DimRunRow>()?.rows.into_iter().next().unwrap_or_default(),
        scenarios: run.rows()?.rows,
        policies: run.rows()?.rows,
        metrics,
        horizons,
        regimes: run.rows()?.rows,
        scenario_axis: run.rows()?.rows,
        policy_axis: run.rows()?.rows,
        summary: run.rows_where(|row| is_shown.summary(row))?,
        compare: run.rows_where(|row| is_shown.comparison(row))?,
        exceedance: exceedance(run, &is_shown)?,
        fan,
        worst: run.rows_where(|row: &WorstPathRow| is_shown.time(row.time_months))?,
        break_even: run.rows_where(|row: &BreakEvenRow| is_shown.metric(row.metric_id))?,
        by_regime: run.rows()?.rows,
        attribution: run.rows()?.rows,
        signals: run.rows()?.rows,
        tests: run.rows_where(|row| is_shown.test(row))?,
        robustness: run.rows_where(|row: &RobustnessRow| is_shown.metric(row.metric_id))?,
    })
}

/// Reads a table that runs of earlier versions do not have; it is then empty.
fn exceedance(run: &RunReader, is_shown: &Shown) -> Result<Vec<ExceedanceRow>, StoreError> {
    if run.table_names().any(|name| name == ExceedanceRow::TABLE) {
        run.rows_where(|row: &ExceedanceRow| is_shown.metric(row.metric_id))
    } else {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use corridor_store::manifest::{ExecutionSection, RunFacts};
    use corridor_store::run_folder::RunFolder;
    use corridor_store::schema::RunId;
    use corridor_store::statistics::Statistics;
    use corridor_store::storage::Disk;
    use corridor_tables::commands::Commands;

    use super::*;

    /// Writes the tables of a run in the given form; `exceedance` came later than the others.
    fn store(tables: Tables, folder: &std::path::Path, has_exceedance: bool) -> RunReader {
        let run = RunId { study: "sample".to_owned(), run_id: "0123456789ab".to_owned() };
        let run = RunFolder::create(Arc::new(Disk), folder, run, &[]).unwrap();
        let mut statistics = Statistics::of(&run);
        let mut write = || -> Result<(), StoreError> {
            statistics.write_rows(std::slice::from_ref(&tables.run))?;
            statistics.write_rows(&tables.scenarios)?;
            statistics.write_rows(&tables.policies)?;
            statistics.write_rows(&tables.metrics)?;
            statistics.write_rows(&tables.horizons)?;
            statistics.write_rows(&tables.regimes)?;
            statistics.write_rows(&tables.scenario_axis)?;
            statistics.write_rows(&tables.policy_axis)?;
            statistics.write_rows(&tables.summary)?;
            statistics.write_rows(&tables.compare)?;
            statistics.write_rows(&tables.fan)?;
            statistics.write_rows(&tables.worst)?;
            statistics.write_rows(&tables.break_even)?;
            statistics.write_rows(&tables.by_regime)?;
            statistics.write_rows(&tables.attribution)?;
            statistics.write_rows(&tables.signals)?;
            statistics.write_rows(&tables.tests)?;
            statistics.write_rows(&tables.robustness)?;
            if has_exceedance {
                statistics.write_rows(&tables.exceedance)?;
            }
            Ok(())
        };
        write().unwrap();
        let execution = ExecutionSection::default();
        statistics.commit(RunFacts::default(), execution, "", &Commands::default()).unwrap();
        RunReader::open(Arc::new(Disk), folder).unwrap()
    }

    #[test]
    fn a_run_without_a_table_that_came_later_opens() {
        let tables = || Tables { exceedance: vec![ExceedanceRow::default()], ..Tables::default() };
        let of = |has_exceedance| {
            let folder = tempfile::tempdir().unwrap();
            run_tables(&store(tables(), folder.path(), has_exceedance), &[]).unwrap()
        };
        assert_eq!(of(true).exceedance.len(), 1);
        assert_eq!(of(false), Tables { exceedance: Vec::new(), ..of(true) });
    }
}
