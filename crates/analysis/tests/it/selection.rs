//! Compares the tests of many policies with the Python packages `arch` and `statsmodels` on equal
//! losses and bootstrap indices, which `reference/selection.py` wrote.

use corridor_analysis::compare::adjust;
use corridor_analysis::select::{
    Bootstrap, Resamples, model_confidence_set, superior_predictive_ability,
};
use corridor_core::cancel::Cancel;
use serde_json::Value;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../reference/selection.json")).expect("the stored cases")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn resamples(test: &Value, sections: usize) -> Resamples {
    let list = |value: &Value| numbers(value).into_iter().map(|x| x as usize).collect();
    let indices: Vec<Vec<usize>> =
        test["indices"].as_array().expect("a list").iter().map(list).collect();
    Resamples::of_indices(sections, &indices)
}

/// Bootstraps these rows with the resamples of a stored test.
fn bootstrap(rows: &[Vec<f64>], test: &Value) -> Bootstrap {
    Bootstrap::of_sections(rows, &resamples(test, rows[0].len()), Cancel::NEVER)
        .expect("nobody cancels")
}

/// The performance of each policy in each section: the negative of its loss.
fn performance(case: &Value) -> Vec<Vec<f64>> {
    let row = |losses: &Value| numbers(losses).into_iter().map(|loss| -loss).collect();
    case["losses"].as_array().expect("a list").iter().map(row).collect()
}

fn advantages(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    rows[1..]
        .iter()
        .map(|row| row.iter().zip(&rows[0]).map(|(policy, benchmark)| policy - benchmark).collect())
        .collect()
}

#[test]
fn superior_predictive_ability_agrees_with_arch() {
    for case in cases() {
        let rows = performance(&case);
        let found = superior_predictive_ability(
            &bootstrap(&advantages(&rows), &case["spa"]),
            0.1,
            Cancel::NEVER,
        )
        .expect("nobody cancels");
        for (value, name) in
            [(found.p_lower, "lower"), (found.p_value, "consistent"), (found.p_upper, "upper")]
        {
            let expected = case["spa"][name].as_f64().expect("a p-value");
            assert!(
                (value - expected).abs() < 1e-12,
                "{}: {name} p is {value}, arch has {expected}",
                case["name"]
            );
        }
    }
}

#[test]
fn stepwise_superior_models_agree_with_arch() {
    for case in cases() {
        let rows = performance(&case);
        let size = case["step_m"]["size"].as_f64().expect("a size");
        let found = superior_predictive_ability(
            &bootstrap(&advantages(&rows), &case["step_m"]),
            size,
            Cancel::NEVER,
        )
        .expect("nobody cancels");
        let better: Vec<f64> = found
            .better
            .iter()
            .enumerate()
            .filter(|(_, better)| **better)
            .map(|(place, _)| place as f64)
            .collect();
        assert_eq!(better, numbers(&case["step_m"]["superior"]), "{}", case["name"]);
    }
}

#[test]
fn the_model_confidence_set_agrees_with_arch() {
    for case in cases() {
        let rows = performance(&case);
        let found = model_confidence_set(&bootstrap(&rows, &case["mcs"]), Cancel::NEVER);
        for one in found.expect("nobody cancels") {
            let expected =
                case["mcs"]["pvalues"][one.policy.to_string()].as_f64().expect("a p-value");
            assert!(
                (one.p_value - expected).abs() < 1e-12,
                "{}: policy {} has p {}, arch has {expected}",
                case["name"],
                one.policy,
                one.p_value
            );
        }
    }
}

#[test]
fn holm_agrees_with_statsmodels() {
    for case in cases() {
        let expected = numbers(&case["holm"]["adjusted"]);
        for (value, expected) in adjust(&numbers(&case["holm"]["p"]), 0.0).into_iter().zip(expected)
        {
            assert!((value - expected).abs() < 1e-14, "{value} {expected}");
        }
    }
}
