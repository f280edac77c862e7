//! Tracks the error of the headline metric during a run, for the progress line only. The stored
//! results are folded later, in the order of the parts.

use std::sync::{Mutex, PoisonError};

use corridor_analysis::analyse::widest_error;
use corridor_analysis::fold::Folded;
use corridor_analysis::input::AnalysisInput;
use corridor_report::number::NumberFormat;
use corridor_tables::state::PartState;

/// Sums of the headline metric over the finished parts.
pub struct Headline {
    input: AnalysisInput,
    folded: Mutex<Folded>,
}

impl Headline {
    /// Starts without paths.
    #[must_use]
    pub fn new(input: AnalysisInput) -> Self {
        Self { input, folded: Mutex::default() }
    }

    /// Whether these are sums of the headline metric.
    pub fn is_of(&self, state: &PartState) -> bool {
        let metric = self.input.comparison.primary.number();
        state.moments.first().is_some_and(|row| row.metric_id == metric)
    }

    /// Adds the sums of the headline metric over a part, in any order of the parts. Returns its
    /// standard error in words; `None` while it is unknown.
    pub fn add(&self, state: PartState) -> Option<String> {
        let rows = PartState { counts: Vec::new(), ..state };
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        folded.add_further(&rows).ok()?;
        let error = widest_error(&self.input, &folded)?;
        let metric = self.input.comparison.primary.metric();
        let format = NumberFormat::of(metric.number_format);
        let unit = if format.suffix().is_empty() {
            format!(" {}", metric.unit)
        } else {
            format.suffix().to_owned()
        };
        Some(format!("s.e. up to {}{unit}", format.for_differences().bare(error)))
    }
}
