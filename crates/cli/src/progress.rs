//! Shows the progress of a run: a bar on a terminal, otherwise a line every 30 seconds.

use std::time::{Duration, Instant};

use corridor_workbench::Progress;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::console::Console;

/// Time between two lines if standard error is not a terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);
const REDRAWS_PER_SECOND: u8 = 5;
/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(500);

/// The display of one phase's progress: a bar on a terminal, otherwise a line every 30 seconds.
pub struct ProgressLine {
    bar: ProgressBar,
    started: Instant,
    /// Lines printed so far.
    lines: u64,
}

impl ProgressLine {
    /// Starts to show the progress of a phase.
    #[must_use]
    pub fn start(console: &Console, progress: &Progress<'_>) -> Self {
        let bar = if console.is_terminal() && !console.is_quiet() {
            let target = ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND);
            let length = Some(progress.total).filter(|total| *total > 0);
            let bar = ProgressBar::with_draw_target(length, target);
            bar.set_style(style(progress));
            bar.set_prefix(progress.phase.words());
            bar.set_position(progress.before);
            bar.reset_eta();
            // a phase of unknown length sends no events while it goes on
            bar.enable_steady_tick(TICK);
            bar
        } else {
            ProgressBar::hidden()
        };
        Self { bar, started: Instant::now(), lines: 0 }
    }

    /// Shows the progress of the phase; removes the bar once the phase has ended.
    pub fn show(&mut self, console: &Console, progress: &Progress<'_>) {
        if progress.ended {
            return self.bar.finish_and_clear();
        }
        self.bar.set_position(progress.done);
        if let Some(known) = progress.known {
            self.bar.set_message(format!(", {known}"));
        }
        let elapsed = self.started.elapsed();
        let due = elapsed.as_secs() / LINE_EVERY.as_secs();
        if due > self.lines && !console.is_terminal() {
            self.lines = due;
            console.note(&line(progress, elapsed.as_secs_f64()));
        }
    }
}

/// Writes a line such as `simulating: 12 %, 34,567 paths/s, 40 s to go, s.e. up to 0.3 bp a year`.
fn line(progress: &Progress<'_>, seconds: f64) -> String {
    let words = progress.phase.words();
    if progress.total == 0 {
        return format!("{words} for {}", in_words(Duration::from_secs_f64(seconds)));
    }
    let rate = (progress.done - progress.before) as f64 / seconds;
    let left = progress.total.saturating_sub(progress.done) as f64 / rate;
    let left = in_words(Duration::from_secs_f64(left.min(1e9)));
    let percent = 100.0 * progress.done as f64 / progress.total.max(1) as f64;
    let known = progress.known.map(|known| format!(", {known}")).unwrap_or_default();
    let rate = if progress.phase.counts_paths() {
        format!(", {} paths/s", HumanCount(rate as u64))
    } else {
        String::new()
    };
    format!("{words}: {percent:.0} %{rate}, {left} to go{known}")
}

fn style(progress: &Progress<'_>) -> ProgressStyle {
    let template = match (progress.total, progress.phase.counts_paths()) {
        (0, _) => "{prefix} .. {elapsed}",
        (_, true) => "{prefix} {percent:>3} % [{bar:24}] {paths_per_second} paths/s, {left}{msg}",
        (_, false) => "{prefix} {percent:>3} % [{bar:24}] {left}{msg}",
    };
    // The templates are constants, so the fallback is never seen.
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    style
        .with_key("paths_per_second", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{}", HumanCount(state.per_sec() as u64));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // the time to go is 0 while it is not known
            let left = state.eta();
            if !left.is_zero() {
                let _ = write!(out, "{} to go", in_words(left));
            }
        })
}

/// Writes a duration in words: `40 s`, `3 min 20 s`, `2 h 5 min`.
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
    use corridor_workbench::Phase;

    use super::*;

    #[test]
    fn a_line_names_the_phase_and_the_time_to_go_where_it_is_known() {
        let progress = |phase, done, total| Progress {
            phase,
            done,
            before: 0,
            total,
            known: None,
            ended: false,
        };
        assert_eq!(
            line(&progress(Phase::Simulating, 2_500, 10_000), 5.0),
            "simulating: 25 %, 500 paths/s, 15 s to go"
        );
        assert_eq!(
            line(&progress(Phase::Tracing, 1, 4), 20.0),
            "tracing paths step by step: 25 %, 1 min 0 s to go"
        );
        assert_eq!(line(&progress(Phase::Comparing, 0, 0), 31.0), "comparing policies for 31 s");
    }

    #[test]
    fn durations_read_well_from_seconds_to_hours() {
        let words = [0.25, 9.96, 59.9, 61.0, 7500.0]
            .map(|seconds| in_words(Duration::from_secs_f64(seconds)));
        assert_eq!(words, ["0.2 s", "10.0 s", "59 s", "1 min 1 s", "2 h 5 min"]);
    }
}
