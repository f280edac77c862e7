//! Refuses runs that are too large, with the arithmetic shown, and cuts runs into parts.

use super::corners::CELLS_MAX;
use super::scope::Scope;
use super::time::Clock;
use crate::diagnostic::Id;
use crate::file::{OutputTable, PathRowsWord, RunTable};
use crate::plan::PathRows;
use crate::tree::Path;

/// Largest number of outcomes of a run: some weeks of one machine.
const ROWS_MAX: u64 = 100_000_000_000;
/// Largest number of bytes of path rows that a run may keep.
const BYTES_MAX: u64 = 1 << 40;
/// Bytes of one path row on disk, roughly: 13 numbers and five ids, lightly compressed.
const ROW_BYTES: u64 = 90;
/// Seconds of one core per path, step and policy, roughly.
const VISIT_SECONDS: f64 = 3e-9;
/// Seconds of one core per path and step, roughly, to generate the paths.
const STEP_SECONDS: f64 = 15e-9;

/// Largest number of rows up to which a run keeps all by default.
const ALL_ROWS_MAX: u64 = 20_000_000;
/// Largest number of rows of a part.
const PART_ROWS_MAX: u64 = 512 * 1024;
/// Number of rows that a part is to have.
const PART_ROWS: u64 = 256 * 1024;
/// Paths of the widest block; parts are whole blocks.
const BLOCK_PATHS: u64 = 128;
/// Paths of a batch of the analysis; large parts are whole batches.
const BATCH_PATHS: u64 = 4096;
/// Least number of parts, so that every core has work and a resumed run loses little.
const PARTS_MIN: u64 = 16;

/// Size of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub scenarios: u64,
    pub policies: u64,
    /// Number of cells, triples of scenario, policy and horizon.
    pub cells: u64,
    /// Number of steps of all scenarios together.
    pub steps: u64,
}

impl Size {
    /// The size of a study with a scenario for each of `clocks`.
    pub fn of<'a>(clocks: impl Iterator<Item = &'a Clock>, policies: usize) -> Self {
        let mut size = Self { scenarios: 0, policies: policies as u64, cells: 0, steps: 0 };
        for clock in clocks {
            size.scenarios += 1;
            size.cells += (clock.horizons.len() * policies) as u64;
            size.steps += u64::from(clock.grid.steps);
        }
        size
    }
}

/// Largest number of sections of a run.
const SECTIONS_MAX: u64 = 1024;
/// Least number of sections of a run that has as many paths.
const SECTIONS_MIN: u64 = 128;
/// Largest product of sections and cells, roughly: with every metric their analysis takes 300 MB.
const SECTION_CELLS_MAX: u64 = 250_000;

/// Path rows that are kept, and the parts and sections of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub path_rows: PathRows,
    pub paths_per_part: u64,
    pub section_paths: u64,
}

/// Refuses a plan that is too large, and cuts it into parts.
pub(crate) fn check(
    run: &RunTable,
    output: &OutputTable,
    size: Size,
    scope: &Scope<'_>,
) -> Option<Cut> {
    let root = Path::root("run");
    let before = scope.reporter.errors();
    if size.cells > CELLS_MAX {
        let message = format!(
            "{} scenarios x {} policies x their horizons = {} cells; a study has at most \
            {CELLS_MAX}",
            size.scenarios, size.policies, size.cells
        );
        scope.error(
            &Path::root("policy"),
            Id::SweepTooLarge,
            message,
            "sweep fewer values, or split the study",
        );
    }
    let rows = run.paths.saturating_mul(size.cells);
    let path_rows = match output.path_rows {
        Some(PathRowsWord::All) => PathRows::All,
        Some(PathRowsWord::Sample) => PathRows::Sample,
        Some(PathRowsWord::None) => PathRows::None,
        None if rows <= ALL_ROWS_MAX => PathRows::All,
        None => PathRows::Sample,
    };
    let kept = match path_rows {
        PathRows::All => rows,
        PathRows::Sample => run.paths.min(output.sample_paths).saturating_mul(size.cells),
        PathRows::None => 0,
    };
    if rows > ROWS_MAX || kept > BYTES_MAX / ROW_BYTES {
        too_large(run.paths, size, rows, kept, scope);
    }
    let paths_per_part = match run.paths_per_part {
        Some(paths) => {
            own_parts(paths, size.cells, &root.key("paths_per_part"), scope);
            paths
        }
        None => paths_per_part(run.paths, size.cells.max(1)),
    };
    let section_paths = section_paths(run.paths, size.cells.max(1), paths_per_part)
        .max(if run.antithetic { 2 } else { 1 });
    (scope.reporter.errors() == before).then_some(Cut { path_rows, paths_per_part, section_paths })
}

/// Reports a run that is too large.
fn too_large(paths: u64, size: Size, rows: u64, kept: u64, scope: &Scope<'_>) {
    let steps = size.steps as f64 * paths as f64;
    let hours = steps * (STEP_SECONDS + VISIT_SECONDS * size.policies as f64) / 3600.0;
    let horizons = size.cells / (size.scenarios * size.policies).max(1);
    let message = format!(
        "{paths} paths x {} scenarios x {} policies x {horizons} horizons = {:.1e} outcomes, \
        {:.1e} bytes of path rows, about {hours:.1e} CPU hours; at most {:.0e} outcomes and {:.1e} \
        bytes are accepted",
        size.scenarios,
        size.policies,
        rows as f64,
        kept as f64 * ROW_BYTES as f64,
        ROWS_MAX as f64,
        BYTES_MAX as f64
    );
    let hint = "lower `paths`, or keep fewer rows with `output.path_rows`; with a million paths a \
    standard error is a thousandth of the spread between paths";
    let root = Path::root("run");
    scope.error(&root.key("paths"), Id::PlanTooLarge, message, hint);
}

/// Reports parts, as the study sets them, that are uneven or too large.
fn own_parts(paths: u64, cells: u64, path: &Path<'_>, scope: &Scope<'_>) {
    if !paths.is_multiple_of(BLOCK_PATHS) {
        let message = format!("`paths_per_part` is {paths}, not a multiple of {BLOCK_PATHS}");
        scope.error(
            path,
            Id::PathsPerPart,
            message,
            format!("write {}", paths.next_multiple_of(BLOCK_PATHS)),
        );
    }
    if paths.saturating_mul(cells) > PART_ROWS_MAX {
        let message = format!(
            "{paths} paths x {cells} cells are {} rows a part; at most {PART_ROWS_MAX} fit",
            paths.saturating_mul(cells)
        );
        let most = PART_ROWS_MAX / cells.max(1) / BLOCK_PATHS * BLOCK_PATHS;
        scope.error(
            path,
            Id::PathsPerPart,
            message,
            format!("write {} or less, or leave it out", most.max(BLOCK_PATHS)),
        );
    }
}

/// Number of paths of a part, which depends on the plan alone: about 256 Ki rows, and whole batches
/// if that leaves at least 16 parts.
fn paths_per_part(paths: u64, cells: u64) -> u64 {
    let wanted = (PART_ROWS / cells).min(paths / PARTS_MIN);
    if wanted >= BATCH_PATHS {
        return wanted / BATCH_PATHS * BATCH_PATHS;
    }
    (wanted / BLOCK_PATHS * BLOCK_PATHS).max(BLOCK_PATHS)
}

/// Number of paths of a section, a power of two that divides a part. There are 512 to 1,024
/// sections, or fewer if their sums for all cells would not fit into memory.
fn section_paths(paths: u64, cells: u64, paths_per_part: u64) -> u64 {
    let sections = (SECTION_CELLS_MAX / cells).clamp(SECTIONS_MIN, SECTIONS_MAX);
    let wanted = paths.max(1).div_ceil(sections).next_power_of_two();
    wanted.min(1 << paths_per_part.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_about_a_thousand_and_cut_parts_evenly() {
        for (paths, cells, sections) in [
            (500, 8, 500),
            (100_000, 24, 782),
            (1_000_000, 20, 977),
            (4_000_000, 8, 977),
            (100_000, 1000, 391),
        ] {
            let part = paths_per_part(paths, cells);
            let section = section_paths(paths, cells, part);
            assert_eq!(paths.div_ceil(section), sections, "{paths} {cells}");
            assert!(part.is_multiple_of(section));
        }
        assert_eq!(section_paths(1 << 30, 1, 128 * 3), 128);
    }

    #[test]
    fn parts_are_whole_blocks_and_never_too_large() {
        for paths in [1, 127, 128, 2048, 10_000, 100_000, 1_000_000, 1_000_000_000] {
            for cells in [1, 8, 24, 1000, CELLS_MAX] {
                let part = paths_per_part(paths, cells);
                assert!(
                    part.is_multiple_of(BLOCK_PATHS) && part * cells <= PART_ROWS_MAX,
                    "{paths} {cells}"
                );
                assert!(
                    paths < PARTS_MIN * BLOCK_PATHS || paths.div_ceil(part) >= PARTS_MIN,
                    "{paths} {cells}"
                );
            }
        }
        assert_eq!(paths_per_part(1_000_000, 8), 32_768);
        assert_eq!(paths_per_part(100_000, 24), 4096);
    }
}
