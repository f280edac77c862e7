//! Finds the law that a chain keeps in the long run.

/// Returns the long-run law of a row-stochastic matrix: the share of time in each state, on
/// average over paths.
///
/// A chain with one closed class of states has one such law, whatever its first state. A chain with
/// several ends in one of them, so its law depends on the law of the first state: `None` without
/// `initial`.
pub(super) fn long_run(rows: &[Vec<f64>], initial: Option<&[f64]>) -> Option<Vec<f64>> {
    let classes = closed_classes(rows);
    let shares = match (classes.as_slice(), initial) {
        ([_], _) => vec![1.0],
        (_, Some(initial)) => absorbed(rows, &classes, initial),
        (_, None) => return None,
    };
    let mut law = vec![0.0; rows.len()];
    for (class, share) in classes.iter().zip(shares) {
        for (&state, weight) in class.iter().zip(stationary(rows, class)) {
            law[state] = share * weight;
        }
    }
    Some(law)
}

/// Returns the stationary law of the states of a closed class.
///
/// The elimination of Grassmann, Taksar and Heyman (1985) never subtracts.
fn stationary(rows: &[Vec<f64>], class: &[usize]) -> Vec<f64> {
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
    weight.into_iter().map(|w| w / total).collect()
}

/// Returns the probability that a chain ends in each of its closed `classes`, for a law of the
/// first state.
///
/// The transient states are eliminated one by one: each passes its weight on to the states that it
/// leads to. Nothing is subtracted.
fn absorbed(rows: &[Vec<f64>], classes: &[Vec<usize>], initial: &[f64]) -> Vec<f64> {
    let n = rows.len();
    let mut p = rows.to_vec();
    let mut law = initial.to_vec();
    let transient = (0..n).filter(|state| !classes.iter().any(|class| class.contains(state)));
    for k in transient {
        let leave: f64 = (0..n).filter(|&j| j != k).map(|j| p[k][j]).sum();
        let onward: Vec<f64> = (0..n).map(|j| if j == k { 0.0 } else { p[k][j] / leave }).collect();
        for row in p.iter_mut().chain(std::iter::once(&mut law)) {
            let weight = std::mem::take(&mut row[k]);
            row.iter_mut().zip(&onward).for_each(|(to, share)| *to += weight * share);
        }
    }
    let total: f64 = law.iter().sum();
    classes.iter().map(|class| class.iter().map(|&state| law[state]).sum::<f64>() / total).collect()
}

/// Returns the closed classes of states, which the chain never leaves, by their first states.
fn closed_classes(rows: &[Vec<f64>]) -> Vec<Vec<usize>> {
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
    let is_recurrent = |i: &usize| (0..n).all(|j| !reach[*i][j] || reach[j][*i]);
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for state in (0..n).filter(is_recurrent) {
        match classes.iter_mut().find(|class| reach[class[0]][state]) {
            Some(class) => class.push(state),
            None => classes.push(vec![state]),
        }
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_run_law_is_kept_by_the_chain() {
        let p = vec![
            vec![0.9265, 0.0176, 0.0559],
            vec![0.0149, 0.9851, 0.0],
            vec![0.0685, 0.0, 0.9315],
        ];
        let law = long_run(&p, None).expect("one class");
        for j in 0..3 {
            let next: f64 = (0..3).map(|i| law[i] * p[i][j]).sum();
            assert!((next - law[j]).abs() < 1e-15);
        }
        assert_eq!(long_run(&p, Some(&[1.0, 0.0, 0.0])), Some(law));
    }

    #[test]
    fn transient_states_have_no_weight_and_two_closed_classes_need_a_first_state() {
        let law = long_run(&[vec![0.5, 0.5], vec![0.0, 1.0]], None).expect("one closed class");
        assert_eq!(law, [0.0, 1.0]);
        let never = [vec![1.0, 0.0], vec![0.0, 1.0]];
        assert!(long_run(&never, None).is_none());
        assert_eq!(long_run(&never, Some(&[1.0, 0.0])), Some(vec![1.0, 0.0]));
        assert_eq!(long_run(&never, Some(&[0.25, 0.75])), Some(vec![0.25, 0.75]));
    }

    #[test]
    fn the_long_run_law_is_the_limit_of_the_shares_of_time() {
        // states 0 and 1 are left for ever, 2 and 3 alternate, 4 is the end
        let p = vec![
            vec![0.5, 0.2, 0.2, 0.0, 0.1],
            vec![0.3, 0.0, 0.0, 0.3, 0.4],
            vec![0.0, 0.0, 0.0, 1.0, 0.0],
            vec![0.0, 0.0, 1.0, 0.0, 0.0],
            vec![0.0, 0.0, 0.0, 0.0, 1.0],
        ];
        let first = [0.6, 0.2, 0.0, 0.1, 0.1];
        let law = long_run(&p, Some(&first)).expect("a first state");
        let mut now = first.to_vec();
        let mut time = [0.0; 5];
        for step in 0..3000 {
            if step >= 1000 {
                time.iter_mut().zip(&now).for_each(|(time, share)| *time += share / 2000.0);
            }
            now = (0..5).map(|j| (0..5).map(|i| now[i] * p[i][j]).sum()).collect();
        }
        for (exact, share) in law.iter().zip(time) {
            assert!((exact - share).abs() < 1e-12, "{law:?} {time:?}");
        }
        assert!(law[4] > 0.3 && law[2] > 0.2);
    }
}
