//! Reads the path rows of a stored run column by column, and its states a few metrics at a time.

use std::ops::ControlFlow;

use corridor_analysis::analyse::StateSource;
use corridor_analysis::quantile::exact::{ColumnSource, ColumnVisitor};
use corridor_core::outcome::{CellId, PathColumn};
use corridor_store::error::StoreError;
use corridor_store::stored_parts::StoredParts;
use corridor_tables::state::{PartState, StateRows};

/// The states of a stored run.
pub struct StoredStates<'a>(pub &'a StoredParts);

impl StateSource for StoredStates<'_> {
    type Error = StoreError;

    fn paths(&self) -> u64 {
        self.0.paths()
    }

    fn visit(
        &self,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.0.visit_states(wanted, visit)
    }
}

/// Path rows of a run that keeps the row of every path.
pub struct StoredRows<'a> {
    parts: &'a StoredParts,
    cells: Vec<CellId>,
}

impl<'a> StoredRows<'a> {
    /// Returns the rows of these parts; `None` unless the row of every simulated path is kept.
    ///
    /// # Errors
    /// [`StoreError`] if the rows cannot be read.
    pub fn of(parts: &'a StoredParts) -> Result<Option<Self>, StoreError> {
        if parts.paths_kept() != parts.paths() {
            return Ok(None);
        }
        Ok(Some(Self { parts, cells: parts.cells()? }))
    }
}

impl ColumnSource for StoredRows<'_> {
    type Error = StoreError;

    fn stream(
        &self,
        columns: &[PathColumn],
        cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), StoreError> {
        let is_wanted = |id: &CellId| cells.binary_search(id).is_ok();
        let first = self.cells.iter().position(is_wanted).unwrap_or(0);
        let end = self.cells.iter().rposition(is_wanted).map_or(0, |last| last + 1);
        self.parts.read_path_columns(columns, first..end, &mut |slice| match self
            .cells
            .get(slice.cell)
        {
            Some(&id) => visit(id, slice.columns),
            None => ControlFlow::Continue(()),
        })
    }
}
