//! Judges a stored comparison again, by another margin of practical equivalence.

use corridor_tables::CompareRow;
use corridor_tables::label::{Precision, Reason, Verdict};

use super::verdict::{Evidence, Margin, conclude};

/// Replaces the verdict of a row by the one that its stored difference and simultaneous interval
/// have under `margin`, in the metric's unit.
///
/// A row without a difference or an interval does not change, and neither does that of a policy
/// that looks ahead. Where the error cannot be trusted, the stored number of paths needed stays, too.
pub fn judge_again(row: &mut CompareRow, margin: Margin) {
    let reason = row.reason.as_deref().and_then(Reason::of_name);
    let ends = row.ci_low_simultaneous.zip(row.ci_high_simultaneous);
    let (Some(diff), Some((low, high)), Some(precision)) =
        (row.diff, ends, Precision::of_name(&row.precision))
    else {
        return;
    };
    if reason == Some(Reason::LookAhead) {
        return;
    }
    let n_paths = row.n_paths.unsigned_abs();
    let conclusion = conclude(Evidence { diff, low, high, n_paths, precision }, margin);
    let is_trusted = precision < Precision::Insufficient;
    row.n_paths_needed = match conclusion.verdict {
        Some(Verdict::NotResolved) if is_trusted => {
            conclusion.n_paths_needed.and_then(|n| i64::try_from(n).ok())
        }
        Some(Verdict::NotResolved) => row.n_paths_needed,
        Some(Verdict::Better | Verdict::Worse | Verdict::Equivalent) | None => None,
    };
    row.verdict = conclusion.verdict.map(|verdict| verdict.name().into());
    // a reason for a doubtful error stays; one for a missing verdict is replaced
    let of_error =
        reason.filter(|reason| !matches!(reason, Reason::NoMargin | Reason::NoDirection));
    row.reason = conclusion.reason.or(of_error).map(|reason| reason.name().into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(precision: Precision, reason: Option<Reason>) -> CompareRow {
        CompareRow {
            diff: Some(-2.6),
            ci_low_simultaneous: Some(-3.0),
            ci_high_simultaneous: Some(-2.2),
            n_paths: 1000,
            precision: precision.name().into(),
            reason: reason.map(|reason| reason.name().into()),
            ..CompareRow::default()
        }
    }

    fn judged(mut row: CompareRow, width: f64) -> CompareRow {
        judge_again(&mut row, Margin { width: Some(width), higher_is_better: Some(false) });
        row
    }

    #[test]
    fn a_metric_without_a_margin_has_a_verdict_by_a_given_one() {
        let before = row(Precision::Precise, Some(Reason::NoMargin));
        let after = judged(before.clone(), 1.0);
        assert_eq!((after.verdict.as_deref(), after.reason), (Some("better"), None));
        assert_eq!(judged(before.clone(), 3.0).verdict.as_deref(), Some("equivalent"));
        let open = judged(before, 2.5);
        assert_eq!(open.verdict.as_deref(), Some("not resolved"));
        assert!(open.n_paths_needed > Some(1000));
    }

    #[test]
    fn what_cannot_be_judged_stays_as_it_is() {
        let ahead = row(Precision::Precise, Some(Reason::LookAhead));
        assert_eq!(judged(ahead.clone(), 1.0), ahead);
        let none = CompareRow { diff: None, ..row(Precision::Precise, Some(Reason::Ruin)) };
        assert_eq!(judged(none.clone(), 1.0), none);
        let few = CompareRow { n_paths_needed: Some(9), ..row(Precision::Insufficient, None) };
        let few = judged(few, 1.0);
        assert_eq!((few.verdict.as_deref(), few.n_paths_needed), (Some("not resolved"), Some(9)));
    }
}
