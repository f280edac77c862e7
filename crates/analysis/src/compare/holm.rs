//! Adjusts p-values for the number of policies tried.

/// Adjusts p-values by Holm's step-down method (1979): the i-th smallest of `k` becomes the largest
/// `(k - j + 1) p_j` over `j <= i`, at most 1.
///
/// `further` tests were made elsewhere to answer the same question: each counts as one more test
/// that is never rejected. The chance of one or more false rejections stays at the level under any
/// dependence between the tests.
#[must_use]
pub fn adjust(p_values: &[f64], further: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        let weight = (p_values.len() - rank) as f64 + further;
        largest = largest.max((weight * p_values[place]).min(1.0));
        adjusted[place] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_values_worked_by_hand() {
        // sorted: .005 x 4 = .02, .01 x 3 = .03, .03 x 2 = .06, .04 x 1 = .04, raised to .06
        let adjusted = adjust(&[0.01, 0.04, 0.03, 0.005], 0.0);
        for (value, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((value - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(adjust(&[0.9, 0.8], 0.0), [1.0, 1.0]);
        assert_eq!(adjust(&[0.04], 0.0), [0.04]);
        assert_eq!(adjust(&[0.01, 0.04], 2.0), [0.04, 0.12]);
        assert_eq!(adjust(&[], 0.0), Vec::<f64>::new());
    }

    proptest! {
        #[test]
        fn never_below_the_raw_value_never_above_bonferroni_and_in_order(
            p in prop::collection::vec(0.0..=1.0_f64, 1..20)
        ) {
            let adjusted = adjust(&p, 0.0);
            for i in 0..p.len() {
                prop_assert!(
                    adjusted[i] >= p[i] && adjusted[i] <= (p[i] * p.len() as f64).min(1.0) + 1e-15
                );
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || adjusted[i] <= adjusted[j]);
                }
            }
        }
    }
}
