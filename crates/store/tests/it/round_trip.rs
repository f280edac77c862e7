//! Checks that tables, state and path rows come back as they were written, and that equal runs have
//! equal bytes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use corridor_core::outcome::PathColumn;
use corridor_store::error::{ColumnProblem, StoreError};
use corridor_store::manifest::{ExecutionSection, Manifest};
use corridor_store::part::PartRange;
use corridor_store::run_folder::RunFolder;
use corridor_store::run_reader::RunReader;
use corridor_store::statistics::{Statistics, TextName, WideName};
use corridor_store::storage::Disk;
use corridor_store::stored_parts::PathSlice;
use corridor_tables::column::{TableRow, column_name};
use corridor_tables::commands::Commands;
use corridor_tables::metric::MetricId;
use corridor_tables::state::{PartState, StateRows};
use corridor_tables::{
    AttributionRow, BreakEvenRow, ColumnValues, CompareRow, DimHorizonRow, DimMetricRow,
    DimPolicyRow, DimRegimeRow, DimRunRow, DimScenarioRow, ExceedanceRow, FanRow, HistogramRow,
    PolicyAxisRow, QuantileRow, RegimeRow, RobustnessRow, ScenarioAxisRow, SearchRow, SignalRow,
    SummaryRow, Table, TestRow, TrajectoryRow, WorstPathRow,
};

use crate::support;
use crate::support::{
    CELLS, SMALL, cell_id, column, plan, run, run_id, state, synthetic_rows, value,
};

fn open(folder: &Path) -> RunReader {
    RunReader::open(Arc::new(Disk), folder).unwrap()
}

/// Stores a run without parts, which has only tables.
fn tables_only(folder: &Path, write: impl FnOnce(&mut Statistics<'_>)) -> RunReader {
    let run = RunFolder::create(Arc::new(Disk), folder, run_id(), &[]).unwrap();
    let mut statistics = Statistics::of(&run);
    write(&mut statistics);
    statistics
        .commit(support::facts(), ExecutionSection::default(), "", &Commands::default())
        .unwrap();
    open(folder)
}

#[test]
fn every_row_type_comes_back_as_it_was() {
    fn check<R: TableRow + PartialEq + std::fmt::Debug>() {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<R> = synthetic_rows(100);
        let reader = tables_only(folder.path(), |statistics| statistics.write_rows(&rows).unwrap());
        assert_eq!(reader.rows::<R>().unwrap(), Table { rows, extra: Vec::new() });
    }
    check::<SummaryRow>();
    check::<CompareRow>();
    check::<QuantileRow>();
    check::<HistogramRow>();
    check::<ExceedanceRow>();
    check::<DimRunRow>();
    check::<DimScenarioRow>();
    check::<DimPolicyRow>();
    check::<DimMetricRow>();
    check::<DimHorizonRow>();
    check::<DimRegimeRow>();
    check::<ScenarioAxisRow>();
    check::<PolicyAxisRow>();
    check::<BreakEvenRow>();
    check::<FanRow>();
    check::<WorstPathRow>();
    check::<TestRow>();
    check::<RobustnessRow>();
    check::<SearchRow>();
    check::<RegimeRow>();
    check::<AttributionRow>();
    check::<SignalRow>();
    check::<TrajectoryRow>();
}

#[test]
fn a_table_longer_than_a_chunk_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<HistogramRow> = synthetic_rows(70_000);
    let reader = tables_only(folder.path(), |statistics| statistics.write_rows(&rows).unwrap());
    assert_eq!(reader.rows::<HistogramRow>().unwrap().rows, rows);
}

#[test]
fn further_columns_come_back_and_what_is_not_finite_is_null() {
    let folder = tempfile::tempdir().unwrap();
    run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    let reader = open(folder.path());
    let scenarios = reader.rows::<DimScenarioRow>().unwrap();
    assert_eq!(scenarios.extra[0].name, "costs_one_way_bps");
    assert_eq!(scenarios.extra[0].values, ColumnValues::Double(vec![Some(0.0), None]));
    let trajectories = reader.rows::<TrajectoryRow>().unwrap();
    assert_eq!(trajectories.rows.len(), 15, "three chunks of five rows");
    let summary = reader.rows::<SummaryRow>().unwrap().rows;
    assert_eq!(summary.last().unwrap().value, None, "NaN became null");
    let wide = reader.wide(WideName::BiSummary).unwrap();
    let mut expected = support::wide();
    expected.columns[1].values = ColumnValues::Double(vec![Some(1.5), None]);
    for (found, expected) in wide.columns.iter().zip(&expected.columns) {
        assert_eq!((&found.name, &found.values), (&expected.name, &expected.values));
    }
    assert_eq!(reader.text(TextName::Study).unwrap(), "corridor = 1\n");
    assert!(matches!(reader.text(TextName::Report), Err(StoreError::NoTable { .. })));
}

#[test]
fn state_comes_back_bit_for_bit_in_part_order() {
    let folder = tempfile::tempdir().unwrap();
    run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    let found: Vec<_> = open(folder.path()).parts().states().map(Result::unwrap).collect();
    let expected: Vec<_> =
        plan(SMALL).into_iter().map(|range| state(&support::part(range))).collect();
    assert_eq!(found, expected);
    assert!(found[0].moments[0].sum_cubes.is_sign_negative(), "minus zero is kept");
}

#[test]
fn some_metrics_of_a_state_come_back_alone() {
    let folder = tempfile::tempdir().unwrap();
    run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    let parts = open(folder.path()).parts();
    let whole: Vec<_> = parts.states().map(Result::unwrap).collect();
    for metric in MetricId::all() {
        let metrics = [metric];
        let wanted = StateRows { sums: false, counts: Some(&metrics), sections: Some(&metrics) };
        let mut found: Vec<PartState> = Vec::new();
        parts
            .visit_states(wanted, &mut |piece| {
                if piece.paths > 0 {
                    found.push(PartState::default());
                }
                found.last_mut().unwrap().add_piece(piece);
                ControlFlow::Continue(())
            })
            .unwrap();
        let expected: Vec<_> = whole.iter().map(|state| state.only(wanted)).collect();
        assert_eq!(found, expected, "{metric:?}");
    }
    let counts: usize = whole.iter().map(|state| state.counts.len()).sum();
    let sections: usize = whole.iter().map(|state| state.sections.len()).sum();
    assert!(counts > 0 && sections > 0);
}

#[test]
fn path_columns_come_back_by_cell_in_path_order() {
    let folder = tempfile::tempdir().unwrap();
    run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    let parts = open(folder.path()).parts();
    assert_eq!(parts.cells().unwrap(), (0..CELLS).map(cell_id).collect::<Vec<_>>());
    for column in PathColumn::ALL {
        for cells in [0..CELLS as usize, 2..3, 1..1, 3..99] {
            let mut found: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
            parts
                .read_path_columns(&[column], cells.clone(), &mut |slice| {
                    let paths = slice.first_path..;
                    found
                        .entry(slice.cell)
                        .or_default()
                        .extend(paths.zip(slice.columns[0].iter().map(|v| v.to_bits())));
                    ControlFlow::Continue(())
                })
                .unwrap();
            let kept = |range: PartRange| range.first_path..range.first_path + range.kept_paths;
            let expected: BTreeMap<usize, Vec<(u64, u64)>> = (cells.start
                ..cells.end.min(CELLS as usize))
                .map(|cell| {
                    let paths = plan(SMALL).into_iter().flat_map(kept);
                    (
                        cell,
                        paths
                            .map(|path| (path, value(cell as u32, column, path).to_bits()))
                            .collect(),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{} {cells:?}", column.name());
        }
    }
}

#[test]
fn path_columns_longer_than_a_page_and_a_batch_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let size = support::Size { parts: 1, paths_per_part: 400_000 };
    run(Arc::new(Disk), folder.path(), size, false).unwrap();
    let parts = open(folder.path()).parts();
    let kept = parts.paths_kept();
    assert!(kept > 65_536, "more than a batch");
    let mut next = 0;
    parts
        .read_path_columns(
            &[PathColumn::LogGrowthUnitAnnual, PathColumn::RuinMonth],
            2..3,
            &mut |slice| {
                assert_eq!((slice.cell, slice.first_path), (2, next));
                for (column, values) in [PathColumn::LogGrowthUnitAnnual, PathColumn::RuinMonth]
                    .into_iter()
                    .zip(slice.columns)
                {
                    for (path, found) in (slice.first_path..).zip(*values) {
                        assert_eq!(found.to_bits(), value(2, column, path).to_bits());
                    }
                }
                next += slice.columns[0].len() as u64;
                ControlFlow::Continue(())
            },
        )
        .unwrap();
    assert_eq!(next, kept);
}

#[test]
fn equal_runs_have_equal_bytes() {
    let digests = |threads: u32| -> (String, BTreeMap<String, String>) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(Arc::new(Disk), folder.path(), run_id(), &plan(SMALL)).unwrap();
        let commit = |range: &PartRange| {
            let part = support::part(*range);
            run.commit_part(&part, [state(&part)]).unwrap();
        };
        if threads == 1 {
            plan(SMALL).iter().for_each(commit);
        } else {
            std::thread::scope(|scope| {
                for range in plan(SMALL).iter().rev() {
                    let range = *range;
                    scope.spawn(move || commit(&range));
                }
            });
        }
        let manifest = support::analyse(&run, support::facts()).unwrap();
        let files = manifest.files().map(|file| (file.file.clone(), file.blake3.clone())).collect();
        assert!(open(folder.path()).verify().is_empty());
        (manifest.result_blake3, files)
    };
    assert_eq!(digests(1), digests(3));
}

#[test]
fn manifest_on_disk_is_the_one_returned() {
    let folder = tempfile::tempdir().unwrap();
    let written = run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    assert_eq!(Manifest::read(&Disk, folder.path()).unwrap(), written);
    let rows: u64 = plan(SMALL).iter().map(|range| range.kept_paths * u64::from(CELLS)).sum();
    assert_eq!(written.result.rows, rows);
}

#[test]
fn a_number_that_is_none_is_refused_where_nulls_are_not_declared() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(Arc::new(Disk), folder.path(), run_id(), &plan(SMALL)).unwrap();
    let range = plan(SMALL)[0];
    let mut part = support::part(range);
    part.cells[1].columns[PathColumn::VolUnitAnnual as usize][5] = f64::INFINITY;
    let error = run.commit_part(&part, [state(&part)]).unwrap_err();
    let row = range.paths as usize + 5;
    assert!(
        matches!(
            &error,
            StoreError::NotFinite { column, row: found, .. }
                if column == "vol_unit_annual" && *found == row
        ),
        "{error}"
    );
    let rows = vec![QuantileRow { prob: f64::NAN, ..QuantileRow::default() }];
    let error = Statistics::of(&run).write_rows(&rows).unwrap_err();
    assert!(
        matches!(&error, StoreError::NotFinite { column, row: 0, .. } if column == "prob"),
        "{error}"
    );
    assert_eq!(run.finished_parts(), Vec::<u32>::new());
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(Arc::new(Disk), folder.path(), run_id(), &[]).unwrap();
    let check = |extra: Vec<Vec<(&str, usize)>>, expected: ColumnProblem| {
        let chunks = extra.into_iter().map(|columns| Table {
            rows: vec![DimScenarioRow::default(); 2],
            extra: columns
                .into_iter()
                .map(|(name, rows)| column(name, ColumnValues::Int32(vec![0; rows])))
                .collect(),
        });
        let error = Statistics::of(&run).write_chunks(chunks).unwrap_err();
        assert!(
            matches!(error, StoreError::BadColumn { problem, .. } if problem == expected),
            "{error}"
        );
    };
    check(vec![vec![("a", 1)]], ColumnProblem::Length);
    check(vec![vec![("a b", 2)]], ColumnProblem::Name);
    check(vec![vec![("market", 2)]], ColumnProblem::Duplicate);
    check(vec![vec![("a", 2)], vec![("b", 2)]], ColumnProblem::Chunk);
    check(vec![vec![("a", 2)], vec![]], ColumnProblem::Chunk);
    check(vec![vec![], vec![("a", 2)]], ColumnProblem::Chunk);
}

#[test]
fn any_text_makes_a_column_name() {
    for (text, name) in [
        ("costs.one_way_bps", "costs_one_way_bps"),
        ("US-Equity", "us_equity"),
        ("5y", "_5y"),
        ("", "_"),
    ] {
        assert_eq!(column_name(text), name);
    }
}

#[test]
fn reading_ends_where_the_visitor_breaks() {
    let folder = tempfile::tempdir().unwrap();
    run(Arc::new(Disk), folder.path(), SMALL, false).unwrap();
    let mut slices = 0;
    let mut visit = |_: PathSlice<'_>| {
        slices += 1;
        if slices == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let all = 0..CELLS as usize;
    let parts = open(folder.path()).parts();
    parts.read_path_columns(&[PathColumn::RuinMonth], all, &mut visit).unwrap();
    assert_eq!(slices, 2);
}
