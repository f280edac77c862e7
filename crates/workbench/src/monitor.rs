//! Declares how long work reports to its caller and asks whether to go on.
//!
//! The library has no terminal and handles no signals. The caller passes a [`Monitor`]: a command
//! line draws a bar, a notebook draws a widget, and a test is [`Silent`].

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Receives the events of long work and may stop it.
///
/// Methods are called from many threads. [`Monitor::progress`] is called at the start and the end
/// of a phase and at most 20 times a second between them. [`Monitor::cancelled`] is called all the
/// time, so it should only read a flag.
pub trait Monitor {
    /// Receives the progress of a phase.
    fn progress(&self, progress: &Progress<'_>) {
        let _ = progress;
    }

    /// Receives a note on the work, in one sentence.
    fn note(&self, note: &str) {
        let _ = note;
    }

    /// Reports that a result may be less than what was asked for.
    fn warning(&self, warning: &str) {
        let _ = warning;
    }

    /// Returns whether the work should stop. Once true, it must stay true.
    fn cancelled(&self) -> bool {
        false
    }
}

/// A monitor that ignores every event and never stops the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silent;

impl Monitor for Silent {}

/// A phase of long work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Finds the twins of policies by short simulations, counted in twins.
    FindingTwins,
    /// Generates paths and runs every policy on them, counted in paths.
    Simulating,
    /// Runs the candidates of a search. A path counts once for each squad of candidates.
    Searching,
    /// Follows the first paths month by month, counted in groups of policies.
    FollowingMonths,
    /// Compares policies on all paths; its length is not known.
    Comparing,
    /// Follows the first paths by true regime, counted in blocks of paths.
    FollowingRegimes,
    /// Writes tables and the page; its length is not known.
    Writing,
    /// Follows and writes trajectories step by step, counted in batches of paths.
    Tracing,
}

impl Phase {
    /// Returns the work of the phase in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::FindingTwins => "finding twins",
            Self::Simulating => "simulating",
            Self::Searching => "trying candidates",
            Self::FollowingMonths => "following paths month by month",
            Self::Comparing => "comparing policies",
            Self::FollowingRegimes => "following paths by regime",
            Self::Writing => "writing tables and the page",
            Self::Tracing => "tracing paths step by step",
        }
    }

    /// Returns whether the progress of the phase is counted in paths.
    #[must_use]
    pub const fn counts_paths(self) -> bool {
        match self {
            Self::Simulating | Self::Searching => true,
            Self::FindingTwins
            | Self::FollowingMonths
            | Self::Comparing
            | Self::FollowingRegimes
            | Self::Writing
            | Self::Tracing => false,
        }
    }
}

/// Progress of a phase, in the units that its [`Phase`] counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// Phase that is under way.
    pub phase: Phase,
    /// Number of units done, those of an earlier attempt included.
    pub done: u64,
    /// Number of units that an earlier attempt had finished.
    pub before: u64,
    /// Number of units of the phase; 0 if its length is not known.
    pub total: u64,
    /// Words for the error of the headline metric so far, once it is known.
    pub known: Option<&'a str>,
    /// Whether the phase has ended, complete or not.
    pub ended: bool,
}

/// Shortest time between two events of one phase.
const MIN_INTERVAL: Duration = Duration::from_millis(50);

/// Counts the units of a phase from many threads and reports them at most 20 times a second. A
/// phase that is not finished, because of an error, ends when its meter is dropped.
pub(crate) struct Meter<'a> {
    monitor: &'a (dyn Monitor + Sync),
    phase: Phase,
    before: u64,
    total: u64,
    done: AtomicU64,
    started: Instant,
    /// Milliseconds after the start at which the last event was sent.
    last: AtomicU64,
    known: Mutex<Option<String>>,
    is_finished: AtomicBool,
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}

impl<'a> Meter<'a> {
    /// Starts a phase of `total` units. An earlier attempt finished `before` of them.
    pub fn start(monitor: &'a (dyn Monitor + Sync), phase: Phase, total: u64, before: u64) -> Self {
        let meter = Self {
            monitor,
            phase,
            before,
            total,
            done: AtomicU64::new(before),
            started: Instant::now(),
            last: AtomicU64::new(0),
            known: Mutex::default(),
            is_finished: AtomicBool::new(false),
        };
        meter.send(before, false);
        meter
    }

    /// Adds finished units to the count.
    pub fn advance(&self, units: u64) {
        let done = self.done.fetch_add(units, Ordering::Relaxed) + units;
        let now = self.started.elapsed().as_millis() as u64;
        let last = self.last.load(Ordering::Relaxed);
        let due = now >= last + MIN_INTERVAL.as_millis() as u64;
        let is_mine =
            || self.last.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if due && is_mine() {
            self.send(done, false);
        }
    }

    /// Sets the words for the error of the headline metric, which later events carry.
    pub fn set_known(&self, known: String) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    /// Reports the end of the phase, once.
    pub fn finish(&self) {
        if !self.is_finished.swap(true, Ordering::Relaxed) {
            self.send(self.done.load(Ordering::Relaxed), true);
        }
    }

    fn send(&self, done: u64, ended: bool) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (phase, before, total) = (self.phase, self.before, self.total);
        let known = known.as_deref();
        self.monitor.progress(&Progress { phase, done, before, total, known, ended });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<(u64, bool)>>);

    impl Monitor for Recorder {
        fn progress(&self, progress: &Progress<'_>) {
            let mut seen = self.0.lock().expect("no panic before");
            seen.push((progress.done, progress.ended));
        }
    }

    #[test]
    fn many_small_advances_make_few_events_and_the_last_one_is_whole() {
        let recorder = Recorder::default();
        let meter = Meter::start(&recorder, Phase::Simulating, 1_010, 10);
        (0..1_000).for_each(|_| meter.advance(1));
        meter.finish();
        drop(meter);
        let seen = recorder.0.into_inner().expect("no panic before");
        assert_eq!((seen.first(), seen.last()), (Some(&(10, false)), Some(&(1_010, true))));
        assert!(seen.len() < 100, "{} events", seen.len());
    }

    #[test]
    fn a_phase_ends_once_even_if_an_error_cuts_it_short() {
        let recorder = Recorder::default();
        let ends = || {
            let seen = recorder.0.lock().expect("no panic before");
            seen.iter().filter(|(_, ended)| *ended).count()
        };
        drop(Meter::start(&recorder, Phase::Comparing, 0, 0));
        assert_eq!(ends(), 1);
        let meter = Meter::start(&recorder, Phase::Writing, 0, 0);
        meter.finish();
        drop(meter);
        assert_eq!(ends(), 2);
    }
}
