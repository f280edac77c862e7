//! Builds the rows of `fact_compare`.

use corridor_tables::CompareRow;

use crate::comparison::Compared;

/// Builds the rows of `fact_compare`, in the order of the comparisons.
pub(crate) fn compare_rows(compared: &[Compared]) -> Vec<CompareRow> {
    compared.iter().map(compare_row).collect()
}

fn compare_row(row: &Compared) -> CompareRow {
    let comparison = &row.comparison;
    let (difference, conclusion) = (&comparison.difference, &comparison.conclusion);
    let estimate = &difference.estimate;
    // The reason for a missing number comes before the reason for a missing verdict.
    let reason = if estimate.value.is_none() {
        estimate.reason
    } else {
        conclusion.reason.or(estimate.reason)
    };
    // Turns -0 into 0 for the reader.
    let zero = |value: Option<f64>| value.map(|value| value + 0.0);
    CompareRow {
        scenario_id: row.policy.scenario_id.number(),
        policy_id: row.policy.policy_id.number(),
        baseline_policy_id: row.baseline.number(),
        horizon_months: row.policy.horizon_months as i32,
        metric_id: row.metric.number(),
        stat: row.stat.name(),
        policy_value: difference.policy_value,
        baseline_value: difference.baseline_value,
        diff: zero(estimate.value),
        std_error: estimate.std_error,
        ci_low: zero(estimate.ci_low),
        ci_high: zero(estimate.ci_high),
        ci_low_simultaneous: zero(comparison.simultaneous.map(|(low, _)| low)),
        ci_high_simultaneous: comparison.simultaneous.map(|(_, high)| high),
        effect_currency: row.effect.map(|effect| effect.value),
        effect_currency_low: row.effect.and_then(|effect| effect.low),
        effect_currency_high: row.effect.and_then(|effect| effect.high),
        p_value: difference.p_value,
        p_adjusted: comparison.p_adjusted,
        p_adjust_method: comparison.p_adjusted.map(|_| comparison.adjustment.name().into()),
        share_better: difference.share_better,
        correlation: difference.correlation,
        exposure_diff_frac: row.exposure_diff,
        verdict: conclusion.verdict.map(|verdict| verdict.name().into()),
        n_paths: estimate.n_paths as i64,
        n_paths_needed: conclusion.n_paths_needed.and_then(|n| i64::try_from(n).ok()),
        method: estimate.method.name().into(),
        precision: estimate.precision.name().into(),
        reason: reason.map(|reason| reason.name().into()),
    }
}
