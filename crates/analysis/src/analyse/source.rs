//! Reads states a few metrics at a time, and keeps the first error of a source.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use corridor_core::cancel::Cancelled;
use corridor_core::outcome::{CellId, PathColumn};
use corridor_tables::state::{PartState, StateRows};

use crate::error::AnalysisError;
use crate::quantile::exact::{ColumnSource, ColumnVisitor};

/// The states of the parts of a run. Some of their rows are read at a time.
pub trait StateSource: Sync {
    /// Why states could not be read.
    type Error;

    /// Number of paths of all parts.
    fn paths(&self) -> u64;

    /// Passes some rows of the state of every part to `visit`, until it breaks: part by part in order,
    /// each in pieces as [`PartState::add_piece`] takes them.
    ///
    /// # Errors
    /// When states cannot be read.
    fn visit(
        &self,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), Self::Error>;
}

/// States that are in memory; reading them cannot fail, and `E` is the error of the rows beside them.
#[derive(Clone, Copy, Debug)]
pub struct KeptStates<'a, E> {
    states: &'a [PartState],
    error: PhantomData<fn() -> E>,
}

impl<'a, E> KeptStates<'a, E> {
    /// Takes the states of all parts in part order.
    #[must_use]
    pub const fn new(states: &'a [PartState]) -> Self {
        Self { states, error: PhantomData }
    }
}

impl<E> StateSource for KeptStates<'_, E> {
    type Error = E;

    fn paths(&self) -> u64 {
        self.states.iter().map(|state| state.paths).sum()
    }

    fn visit(
        &self,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), E> {
        let (ControlFlow::Continue(()) | ControlFlow::Break(())) =
            self.states.iter().try_for_each(|state| visit(state.only(wanted)));
        Ok(())
    }
}

/// The rows could not be read; [`KeptError`] has the error.
#[derive(Debug)]
pub(super) struct Unreadable;

/// A source that keeps its first error, so that the analysis does not depend on the type of errors.
pub(super) struct KeptError<'a, S, E> {
    source: &'a S,
    first: Mutex<Option<E>>,
}

impl<'a, S, E> KeptError<'a, S, E> {
    pub(super) const fn of(source: &'a S) -> Self {
        Self { source, first: Mutex::new(None) }
    }

    fn keep(&self, error: E) -> Unreadable {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        Unreadable
    }

    /// Returns the error that is kept.
    pub(super) fn first(self) -> Option<E> {
        self.first.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: StateSource<Error = E>, E: Send> StateSource for KeptError<'_, S, E> {
    type Error = Unreadable;

    fn paths(&self) -> u64 {
        self.source.paths()
    }

    fn visit(
        &self,
        wanted: StateRows<'_>,
        visit: &mut dyn FnMut(PartState) -> ControlFlow<()>,
    ) -> Result<(), Unreadable> {
        self.source.visit(wanted, visit).map_err(|error| self.keep(error))
    }
}

impl<S: ColumnSource<Error = E>, E: Send> ColumnSource for KeptError<'_, S, E> {
    type Error = Unreadable;

    fn stream(
        &self,
        columns: &[PathColumn],
        cells: &[CellId],
        visit: &mut ColumnVisitor<'_>,
    ) -> Result<(), Unreadable> {
        self.source.stream(columns, cells, visit).map_err(|error| self.keep(error))
    }
}

impl AnalysisError<Unreadable> {
    /// Puts the error of the source in its place.
    pub(super) fn of_source<E>(self, first: Option<E>) -> AnalysisError<E> {
        match (self, first) {
            (Self::Read(Unreadable), Some(error)) => AnalysisError::Read(error),
            // Unreadable rows have kept their error.
            (Self::Read(Unreadable), None) | (Self::Cancelled(Cancelled), _) => {
                AnalysisError::Cancelled(Cancelled)
            }
            (Self::Fold(error), _) => AnalysisError::Fold(error),
            (Self::Empty, _) => AnalysisError::Empty,
            (Self::UnknownCell(cell), _) => AnalysisError::UnknownCell(cell),
            (Self::UnknownBaseline { policy, with, policies }, _) => {
                AnalysisError::UnknownBaseline { policy, with, policies }
            }
            (Self::PairNotKept { policy, with }, _) => AnalysisError::PairNotKept { policy, with },
            (Self::RowsDisagree { metric, cell }, _) => {
                AnalysisError::RowsDisagree { metric, cell }
            }
        }
    }
}
