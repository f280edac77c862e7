//! Shows how far a run is: a bar on a terminal, a line now and then elsewhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::console::Console;

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);
const REDRAWS_PER_SECOND: u8 = 5;

/// Progress of a simulation, counted in paths.
pub struct Progress<'a> {
    console: &'a Console,
    bar: ProgressBar,
    started: Instant,
    /// Paths to go through, and how many of them an earlier attempt had finished.
    total: u64,
    before: u64,
    done: AtomicU64,
    /// Lines printed so far.
    lines: AtomicU64,
    /// How well the headline metric is known.
    known: Mutex<String>,
}

impl<'a> Progress<'a> {
    /// Starts to show progress towards `total` paths, of which `before` were finished earlier.
    #[must_use]
    pub fn start(console: &'a Console, total: u64, before: u64) -> Self {
        let bar = if console.is_terminal() && !console.is_quiet() {
            let bar = ProgressBar::with_draw_target(
                Some(total),
                ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND),
            );
            bar.set_style(style());
            bar.set_position(before);
            bar.reset_eta();
            bar
        } else {
            ProgressBar::hidden()
        };
        let (done, lines) = (AtomicU64::new(before), AtomicU64::new(0));
        Self {
            console,
            bar,
            started: Instant::now(),
            total,
            before,
            done,
            lines,
            known: Mutex::default(),
        }
    }

    /// Counts paths just simulated. Called from many threads.
    pub fn advance(&self, paths: u64) {
        let done = self.done.fetch_add(paths, Ordering::Relaxed) + paths;
        self.bar.inc(paths);
        let elapsed = self.started.elapsed();
        let due = elapsed.as_secs() / LINE_EVERY.as_secs();
        let printed = self.lines.load(Ordering::Relaxed);
        if due > printed
            && self
                .lines
                .compare_exchange(printed, due, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            self.line(done, elapsed.as_secs_f64());
        }
    }

    /// Shows from now on how well the headline metric is known.
    pub fn say(&self, known: String) {
        self.bar.set_message(format!(", {known}"));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, done: u64, seconds: f64) {
        if self.console.is_terminal() {
            return; // the bar says it
        }
        let rate = (done - self.before) as f64 / seconds;
        let left =
            Duration::from_secs_f64((self.total.saturating_sub(done) as f64 / rate).min(1e9));
        let percent = 100.0 * done as f64 / self.total.max(1) as f64;
        let (rate, left) = (HumanCount(rate as u64), in_words(left));
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = if known.is_empty() { known } else { format!(", {known}") };
        self.console.note(&format!("{percent:.0} %, {rate} paths/s, {left} to go{known}"));
    }
}

fn style() -> ProgressStyle {
    // The template is a constant, so the fallback is never seen.
    let style = ProgressStyle::with_template(
        "{percent:>3} % [{bar:32}] {paths_per_second} paths/s, {left} to go{msg}",
    );
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    style
        .with_key("paths_per_second", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = out.write_str(&in_words(state.eta()));
        })
}

/// A duration as people say it: `40 s`, `3 min 20 s`, `2 h 5 min`.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let whole = duration.as_secs();
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well_from_seconds_to_hours() {
        let words = [0.25, 9.96, 59.9, 61.0, 7500.0]
            .map(|seconds| in_words(Duration::from_secs_f64(seconds)));
        assert_eq!(words, ["0.2 s", "10.0 s", "59 s", "1 min 1 s", "2 h 5 min"]);
    }
}
