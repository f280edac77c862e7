//! Makes a small run whose every number is known, and stores it through any storage.

pub mod faulty;
pub mod power;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use corridor_core::outcome::{CellId, OutcomeCell, OutcomePart, PathColumn, PolicyId, ScenarioId};
use corridor_store::error::StoreError;
use corridor_store::manifest::{ExecutionSection, Manifest, RunFacts};
use corridor_store::part::PartRange;
use corridor_store::run_folder::RunFolder;
use corridor_store::schema::RunId;
use corridor_store::statistics::{Statistics, TextName, WideName};
use corridor_store::storage::Storage;
use corridor_tables::column::{Cells, ColumnType, TableRow};
use corridor_tables::commands::Commands;
use corridor_tables::state::{CountRow, CrossRow, MomentRow, PartState, SectionRow};
use corridor_tables::{
    ColumnValues, DimHorizonRow, DimMetricRow, DimPolicyRow, DimRegimeRow, DimRunRow,
    DimScenarioRow, SummaryRow, Table, TrajectoryRow, WideColumn, WideTable,
};

pub const CELLS: u32 = 4;

/// Returns a disk that makes nothing durable, for tests that are not about power loss.
pub fn quick() -> Arc<dyn Storage> {
    Arc::new(faulty::Faulty::new(0, faulty::Fault::ShortWrite))
}

/// The size of a run.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub parts: u32,
    pub paths_per_part: u64,
}

pub const SMALL: Size = Size { parts: 3, paths_per_part: 40 };

pub fn run_id() -> RunId {
    RunId { study: "sample".to_owned(), run_id: "0123456789ab".to_owned() }
}

/// Makes a plan whose last part is shorter and keeps only some of its rows.
pub fn plan(size: Size) -> Vec<PartRange> {
    (0..size.parts)
        .map(|part| {
            let last = part + 1 == size.parts;
            let paths = if last { size.paths_per_part / 2 + 1 } else { size.paths_per_part };
            PartRange {
                part,
                first_path: u64::from(part) * size.paths_per_part,
                paths,
                kept_paths: if last { paths / 2 } else { paths },
                cells: u64::from(CELLS),
            }
        })
        .collect()
}

pub fn cell_id(cell: u32) -> CellId {
    CellId { scenario_id: ScenarioId(cell / 2), policy_id: PolicyId(cell % 2), horizon_months: 360 }
}

/// Returns the value of a path, which every test can compute.
pub fn value(cell: u32, column: PathColumn, path: u64) -> f64 {
    let mut bits = (u64::from(cell) << 40) ^ ((column as u64) << 32) ^ path;
    bits = (bits ^ (bits >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let uniform = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    match column {
        PathColumn::RebalanceEvents => (uniform * 90.0).floor(),
        PathColumn::RuinMonth if uniform < 0.75 => f64::NAN,
        PathColumn::RuinMonth => (uniform * 360.0).ceil(),
        _ => uniform * 2.0 - 0.5,
    }
}

pub fn part(range: PartRange) -> OutcomePart {
    let paths = range.first_path..range.first_path + range.paths;
    let cells = (0..CELLS).map(|cell| {
        let mut outcome = OutcomeCell::with_capacity(cell_id(cell), range.paths as usize);
        for column in PathColumn::ALL {
            outcome.columns[column as usize]
                .extend(paths.clone().map(|path| value(cell, column, path)));
        }
        outcome
    });
    OutcomePart {
        index: range.part,
        first_path: range.first_path,
        paths: range.paths as usize,
        cells: cells.collect(),
    }
}

pub fn state(part: &OutcomePart) -> PartState {
    let moments = part.cells.iter().map(|cell| MomentRow {
        scenario_id: cell.id.scenario_id.number(),
        policy_id: cell.id.policy_id.number(),
        horizon_months: 360,
        n: part.paths as i64,
        sum: cell.column(PathColumn::TerminalWealthNominal).iter().sum(),
        sum_cubes: -0.0,
        min: f64::INFINITY, // the state keeps floats bit for bit
        max: f64::NEG_INFINITY,
        ..MomentRow::default()
    });
    PartState {
        part: part.index,
        first_path: part.first_path,
        paths: part.paths as u64,
        moments: moments.collect(),
        crosses: vec![CrossRow { policy_b: 1, n: 7, sum_diff: 0.1, ..CrossRow::default() }],
        counts: (0..50)
            .map(|bucket| CountRow { bucket, count: i64::from(bucket) * 3, ..CountRow::default() })
            .collect(),
        sections: vec![SectionRow {
            section: 3,
            n: 7,
            sum: 0.1,
            below_p05: 2,
            ..SectionRow::default()
        }],
    }
}

pub fn facts() -> RunFacts {
    RunFacts {
        study: run_id().study,
        simulation_id: run_id().run_id,
        analysis_id: "ba9876543210".to_owned(),
        seed: u64::MAX,
        numerics_version: 1,
        paths: 101,
        path_rows: "all".to_owned(),
        warnings: vec!["only a sample".to_owned()],
    }
}

/// Makes the missing parts of a run and commits it.
pub fn run(
    storage: Arc<dyn Storage>,
    folder: &Path,
    size: Size,
    resume: bool,
) -> Result<Manifest, StoreError> {
    let plan = plan(size);
    let folder = if resume {
        RunFolder::resume(storage, folder, run_id(), &plan)?
    } else {
        RunFolder::create(storage, folder, run_id(), &plan)?
    };
    let finished = folder.finished_parts();
    for range in plan.iter().filter(|range| !finished.contains(&range.part)) {
        let part = part(*range);
        folder.commit_part(&part, [state(&part)])?;
    }
    analyse(&folder, facts())
}

/// Commits an analysis that depends on every stored byte of the parts.
pub fn analyse(folder: &RunFolder, facts: RunFacts) -> Result<Manifest, StoreError> {
    let parts = folder.parts()?;
    let mut summary = Vec::new();
    let mut sum = 0.0;
    for state in parts.states() {
        sum += state?.moments.iter().map(|row| row.sum).sum::<f64>();
    }
    summary.push(SummaryRow { stat: "state".into(), value: Some(sum), ..SummaryRow::default() });
    let mut sums = [0.0; PathColumn::COUNT];
    parts.read_path_columns(&PathColumn::ALL, 0..CELLS as usize, &mut |slice| {
        for (sum, values) in sums.iter_mut().zip(slice.columns) {
            *sum += values.iter().filter(|value| !value.is_nan()).sum::<f64>();
        }
        ControlFlow::Continue(())
    })?;
    summary.extend(PathColumn::ALL.iter().zip(sums).map(|(column, sum)| SummaryRow {
        stat: column.name().into(),
        value: Some(sum),
        ..SummaryRow::default()
    }));
    summary.push(SummaryRow {
        stat: facts.analysis_id.clone().into(),
        value: Some(f64::NAN),
        ..SummaryRow::default()
    });
    let mut statistics = Statistics::of(folder);
    statistics.write_rows(&summary)?;
    statistics.write_rows(&[DimRunRow { study: facts.study.clone(), ..DimRunRow::default() }])?;
    statistics.write_chunks([scenarios()])?;
    let policies = [0, 1].map(|policy_id| DimPolicyRow { policy_id, ..DimPolicyRow::default() });
    statistics.write_rows(&policies)?;
    statistics.write_rows(&[DimMetricRow { metric: "state".into(), ..DimMetricRow::default() }])?;
    statistics.write_rows(&[DimHorizonRow { horizon_months: 360, ..DimHorizonRow::default() }])?;
    statistics.write_rows::<DimRegimeRow>(&[])?; // a table may be empty
    statistics.write_chunks((0..3).map(trajectories))?;
    statistics.write_wide(WideName::BiSummary, &wide())?;
    statistics.write_text(TextName::Study, "corridor = 1\n")?;
    statistics.commit(
        facts,
        ExecutionSection { threads: 2, ..ExecutionSection::default() },
        "",
        &Commands::default(),
    )
}

pub fn scenarios() -> Table<DimScenarioRow> {
    let rows = (0..2)
        .map(|scenario_id| DimScenarioRow { scenario_id, ..DimScenarioRow::default() })
        .collect();
    let swept = ColumnValues::Double(vec![Some(0.0), Some(f64::INFINITY)]);
    Table { rows, extra: vec![column("costs_one_way_bps", swept)] }
}

pub fn trajectories(path: i64) -> Table<TrajectoryRow> {
    let rows: Vec<TrajectoryRow> = (0..5)
        .map(|step| TrajectoryRow { path_id: path, step, ..TrajectoryRow::default() })
        .collect();
    let weights = ColumnValues::Double((0..5).map(|step| Some(f64::from(step) / 8.0)).collect());
    Table { rows, extra: vec![column("weight_equity_frac", weights)] }
}

pub fn wide() -> WideTable {
    WideTable {
        columns: vec![
            column("scenario", ColumnValues::Text(vec![Some("a, \"b\" | =1+1".into()), None])),
            column("wealth_mean_nominal", ColumnValues::Double(vec![Some(1.5), Some(f64::NAN)])),
            column("n_paths", ColumnValues::Int64(vec![i64::MAX, 0])),
            column("is_baseline", ColumnValues::Boolean(vec![Some(true), None])),
            column("policy_order", ColumnValues::Int32(vec![1, -1])),
        ],
    }
}

pub fn column(name: &str, values: ColumnValues) -> WideColumn {
    WideColumn { name: name.into(), unit: "unit".into(), about: "what it is".into(), values }
}

/// Makes rows of any type with every kind of cell.
pub fn synthetic_rows<R: TableRow>(rows: usize) -> Vec<R> {
    let mut made = vec![R::default(); rows];
    for (place, column) in R::columns().iter().enumerate() {
        let number = |row: usize| (row * 31 + place * 7) as i32 - 40;
        let null = |row: usize| (row + place).is_multiple_of(3);
        let text = |row: usize| format!("{} \u{e9}|\n'{}'", place, number(row));
        let all = 0..rows;
        let cells = match (column.info.column_type, column.info.nullable) {
            (ColumnType::Int32, false) => Cells::Int32(all.map(number).collect()),
            (ColumnType::Int32, true) => {
                Cells::OptInt32(all.map(|r| (!null(r)).then(|| number(r))).collect())
            }
            (ColumnType::Int64, false) => {
                Cells::Int64(all.map(|r| i64::from(number(r)) << 33).collect())
            }
            (ColumnType::Int64, true) => Cells::OptInt64(
                all.map(|r| (!null(r)).then(|| i64::from(number(r)) << 33)).collect(),
            ),
            (ColumnType::Double, false) => {
                Cells::Double(all.map(|r| f64::from(number(r)) / 3.0).collect())
            }
            (ColumnType::Double, true) => Cells::OptDouble(
                all.map(|r| (!null(r)).then(|| f64::from(number(r)) / 3.0)).collect(),
            ),
            (ColumnType::Boolean, false) => Cells::Boolean(all.map(null).collect()),
            (ColumnType::Boolean, true) => {
                Cells::OptBoolean(all.map(|r| (!null(r)).then_some(r % 2 == 0)).collect())
            }
            (ColumnType::Text, false) => Cells::Text(all.map(|r| text(r).into()).collect()),
            (ColumnType::Text, true) => {
                Cells::OptText(all.map(|r| (!null(r)).then(|| text(r).into())).collect())
            }
        };
        assert!((column.scatter)(&mut made, cells), "{}", column.info.name);
    }
    made
}
