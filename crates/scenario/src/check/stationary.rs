//! Finds the law that a chain keeps.

/// Returns the stationary law of a row-stochastic matrix, or `None` if it has several.
///
/// The elimination of Grassmann, Taksar and Heyman (1985) never subtracts. States outside the only
/// closed class have probability 0; with several closed classes the law is not unique.
pub(super) fn stationary(rows: &[Vec<f64>]) -> Option<Vec<f64>> {
    let class = closed_class(rows)?;
    let mut p: Vec<Vec<f64>> =
        class.iter().map(|&i| class.iter().map(|&j| rows[i][j]).collect()).collect();
    let n = class.len();
    for k in (1..n).rev() {
        let leave: f64 = p[k][..k].iter().sum();
        for i in 0..k {
            p[i][k] /= leave;
            for j in 0..k {
                let through = p[i][k] * p[k][j];
                p[i][j] += through;
            }
        }
    }
    let mut weight = vec![1.0];
    for k in 1..n {
        weight.push((0..k).map(|i| weight[i] * p[i][k]).sum());
    }
    let total: f64 = weight.iter().sum();
    let mut law = vec![0.0; rows.len()];
    for (w, &state) in weight.iter().zip(&class) {
        law[state] = w / total;
    }
    Some(law)
}

/// Returns the states of the only closed class, or `None` if there are several classes.
fn closed_class(rows: &[Vec<f64>]) -> Option<Vec<usize>> {
    let n = rows.len();
    let mut reach: Vec<Vec<bool>> =
        (0..n).map(|i| (0..n).map(|j| i == j || rows[i][j] > 0.0).collect()).collect();
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
        }
    }
    let recurrent: Vec<usize> =
        (0..n).filter(|&i| (0..n).all(|j| !reach[i][j] || reach[j][i])).collect();
    let first = *recurrent.first()?;
    recurrent.iter().all(|&i| reach[first][i]).then_some(recurrent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stationary_law_is_kept_by_the_chain() {
        let p = vec![
            vec![0.9265, 0.0176, 0.0559],
            vec![0.0149, 0.9851, 0.0],
            vec![0.0685, 0.0, 0.9315],
        ];
        let law = stationary(&p).expect("ergodic");
        for j in 0..3 {
            let next: f64 = (0..3).map(|i| law[i] * p[i][j]).sum();
            assert!((next - law[j]).abs() < 1e-15);
        }
    }

    #[test]
    fn transient_states_have_no_weight_and_two_closed_classes_are_refused() {
        let law = stationary(&[vec![0.5, 0.5], vec![0.0, 1.0]]).expect("one closed class");
        assert_eq!(law, [0.0, 1.0]);
        assert!(stationary(&[vec![1.0, 0.0], vec![0.0, 1.0]]).is_none());
    }
}
