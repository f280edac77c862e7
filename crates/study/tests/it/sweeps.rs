//! Tests names, order and ids of swept scenarios and policies, and which scenarios share their
//! paths.

use std::path::Path;

use corridor_core::outcome::{PolicyId, ScenarioId};
use corridor_simulation::policy::{ScaleForm, Trigger};
use corridor_study::plan::{PathRows, RunPlan};
use corridor_study::{Overrides, compile, load};
use corridor_tables::ColumnValues;

fn shipped(name: &str) -> RunPlan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    load(&path, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn good(name: &str) -> RunPlan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good").join(name);
    load(&path, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn policies(plan: &RunPlan) -> Vec<&str> {
    plan.policies.iter().map(|policy| policy.policy.as_str()).collect()
}

fn scenarios(plan: &RunPlan) -> Vec<&str> {
    plan.scenarios.iter().map(|scenario| scenario.row.scenario.as_str()).collect()
}

#[test]
fn the_first_study_is_three_scenarios_of_eight_policies_on_the_same_paths() {
    let plan = shipped("first-study.toml");
    assert_eq!(scenarios(&plan), ["one_way_bps=0", "one_way_bps=10", "one_way_bps=50"]);
    assert_eq!(
        policies(&plan),
        [
            "never",
            "annual",
            "fixed-5",
            "relative-20",
            "storm-narrow",
            "elastic[elasticity=-0.5]",
            "elastic[elasticity=0]",
            "elastic[elasticity=0.5]"
        ]
    );
    assert_eq!((plan.cells(), plan.rows(), plan.groups.len()), (24, 2_400_000, 1));
    assert_eq!(plan.path_rows, PathRows::All);
    assert_eq!(plan.comparison.baseline, PolicyId(2));
    assert_eq!(plan.comparison.margins.get("ce_growth_gamma_3"), Some(&5.0));
    let group = &plan.groups[0];
    assert_eq!(
        (group.simulation.grid.steps, group.simulation.horizons.as_slice()),
        (360, &[360][..])
    );
    assert_eq!(group.signal_names, ["vol"]);
    let costs: Vec<f64> = group
        .simulation
        .instances
        .iter()
        .step_by(8)
        .map(|instance| instance.costs.one_way[0])
        .collect();
    assert_eq!(costs, [0.0, 0.001, 0.005]);
    assert_eq!(plan.swept[0].name, "costs_one_way_bps");
    assert_eq!(plan.swept[0].values, ColumnValues::Double(vec![Some(0.0), Some(10.0), Some(50.0)]));
    assert_eq!(plan.scenario_axis[2].column_name, "costs_one_way_bps");
    assert_eq!(plan.scenario_axis[2].value_text, "50");
}

#[test]
fn a_swept_elasticity_reaches_the_machine() {
    let plan = shipped("first-study.toml");
    let elasticity = |policy_id: u32| {
        let instance = plan.groups[0]
            .simulation
            .instances
            .iter()
            .find(|instance| instance.policy_id == PolicyId(policy_id));
        match &instance.expect("an instance").policy.trigger {
            Trigger::Outside(corridor) => match corridor.scale[0].form {
                ScaleForm::Power { elasticity, .. } => elasticity,
                ScaleForm::Exponential { .. } | ScaleForm::Step { .. } => panic!("not a power"),
            },
            Trigger::Never | Trigger::Always | Trigger::Joined(_) => panic!("no band"),
        }
    };
    assert_eq!(
        [elasticity(4), elasticity(5), elasticity(6), elasticity(7)],
        [-1.0, -0.5, 0.0, 0.5]
    );
}

#[test]
fn sweeps_are_named_in_file_order_the_last_moving_fastest() {
    let plan = good("sweeps.toml");
    assert_eq!(
        scenarios(&plan),
        [
            "horizon_years=5,vol.0=0.12,vol.1=0.05,charge_flows=true",
            "horizon_years=5,vol.0=0.12,vol.1=0.05,charge_flows=false",
            "horizon_years=5,vol.0=0.2,vol.1=0.08,charge_flows=true",
            "horizon_years=5,vol.0=0.2,vol.1=0.08,charge_flows=false",
            "horizon_years=10,vol.0=0.12,vol.1=0.05,charge_flows=true",
            "horizon_years=10,vol.0=0.12,vol.1=0.05,charge_flows=false",
            "horizon_years=10,vol.0=0.2,vol.1=0.08,charge_flows=true",
            "horizon_years=10,vol.0=0.2,vol.1=0.08,charge_flows=false",
        ]
    );
    assert_eq!(
        policies(&plan),
        [
            "fixed[absolute=0.02]",
            "fixed[absolute=0.06]",
            "fixed[absolute=0.1]",
            "elastic[half_life_months=6,review=month,elasticity=-1,reference=0.15]",
            "elastic[half_life_months=6,review=month,elasticity=1,reference=0.17]",
            "elastic[half_life_months=6,review=year,elasticity=-1,reference=0.15]",
            "elastic[half_life_months=6,review=year,elasticity=1,reference=0.17]",
            "elastic[half_life_months=12,review=month,elasticity=-1,reference=0.15]",
            "elastic[half_life_months=12,review=month,elasticity=1,reference=0.17]",
            "elastic[half_life_months=12,review=year,elasticity=-1,reference=0.15]",
            "elastic[half_life_months=12,review=year,elasticity=1,reference=0.17]",
            "kind[trigger=never]",
            "kind[trigger=always]",
            "kind[trigger=#3]",
        ]
    );
    // two horizons and two volatilities; whether flows pay costs changes no path
    assert_eq!(plan.groups.len(), 4);
    assert_eq!(plan.groups[0].scenario_ids, [0, 1].map(ScenarioId));
    assert_eq!(
        plan.groups[0].signal_names,
        ["vol[half_life_months=6]", "vol[half_life_months=12]"]
    );
    let is_number: Vec<bool> = plan
        .swept
        .iter()
        .map(|column| match column.values {
            ColumnValues::Double(_) => true,
            ColumnValues::Boolean(_) => false,
            ref other => panic!("{}: {other:?}", column.name),
        })
        .collect();
    assert_eq!(is_number, [true, true, true, false]);
    assert_eq!(plan.scenario_axis[1].axis, "risk");
    // `kind` stands for all its corners
    assert_eq!(plan.comparison.compare_with[10..], [1, 0, 0, 0].map(PolicyId));
}

#[test]
fn swept_columns_have_names_of_their_own() {
    let text = include_str!("../good/sweeps.toml")
        .replace("correlation = 0.1", "correlation = { sweep = [0.1, 0.2] }");
    let plan = compile("study", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let columns: Vec<&str> = plan.swept.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        columns,
        [
            "time_horizon_years",
            "market_gbm_vol_0",
            "market_gbm_vol_1",
            "market_gbm_correlation",
            "costs_charge_flows"
        ]
    );
    // a whole table that is swept must not take the name of a fixed column
    let text = text.replace("[account]\ninitial = 1000\ntarget = { equity = 0.6, bond = 0.4 \
    }", "").replace(
        "corridor = 1",
        "corridor = 1\naccount = { sweep = [{ initial = 1, target = { equity = 0.6, bond = 0.4 } \
        }, { initial = 1, target = { equity = 0.5, bond = 0.5 } }] }",
    );
    let plan = compile("study", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    // the account is swept first in the file, so it moves slowest: 16 scenarios for each value
    let text = |place: usize| Some(format!("#{}", place / 16 + 1));
    let values = ColumnValues::Text((0..32).map(text).collect());
    assert_eq!((plan.swept[0].name.as_str(), &plan.swept[0].values), ("account_swept", &values));
}

#[test]
fn invalid_corners_are_left_out_and_the_rest_renumbered() {
    let plan = good("skip-invalid.toml");
    assert_eq!(scenarios(&plan), ["equity=0.5,bond=0.5", "equity=0.6,bond=0.4"]);
    assert_eq!(
        policies(&plan),
        [
            "band[absolute=0.03,to_within=0.02]",
            "band[absolute=0.05,to_within=0.02]",
            "band[absolute=0.05,to_within=0.04]"
        ]
    );
}

#[test]
fn ids_follow_what_moves_the_numbers_and_nothing_else() {
    let text = include_str!("../../../../scenarios/first-study.toml");
    let plan = |text: &str| {
        compile("study", text, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    };
    let base = plan(text);
    let same = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let changed = plan(&text.replace(from, to));
        (changed.simulation_id == base.simulation_id, changed.analysis_id == base.analysis_id)
    };
    assert_eq!(same("# version of this file format", "# a comment"), (true, true));
    assert_eq!(same("Does a band", "Could a band"), (true, false));
    assert_eq!(same("baseline = \"fixed-5\"", "baseline = \"never\""), (true, false));
    assert_eq!(same("path_rows = \"all\"", "path_rows = \"none\""), (true, false));
    assert_eq!(same("initial = 1_000_000", "initial = 1e6"), (true, true));
    assert_eq!(same("trade = \"to_target\"\n", "\n"), (true, true));
    assert_eq!(same("seed = 20261122", "seed = 20261123"), (false, false));
    assert_eq!(same("[0, 10, 50]", "[0, 10, 51]"), (false, false));
    assert_eq!(same("half_life_months = 11", "half_life_months = 12"), (false, false));
    assert_eq!(same("equity = 0.0340", "equity = 0.0341"), (false, false));
}

#[test]
fn a_policy_key_does_not_depend_on_name_or_place() {
    let text = include_str!("../../../../scenarios/first-study.toml");
    let plan = |text: &str| {
        compile("study", text, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    };
    let base = plan(text);
    let renamed = plan(&text.replace("name = \"annual\"", "name = \"yearly\""));
    assert_eq!(base.policies[1].policy_key, renamed.policies[1].policy_key);
    let other_signal = plan(&text.replace("half_life_months = 11", "half_life_months = 12"));
    assert_eq!(base.policies[2].policy_key, other_signal.policies[2].policy_key);
    assert_ne!(base.policies[4].policy_key, other_signal.policies[4].policy_key);
}

#[test]
fn searched_numbers_are_whole_only_where_the_key_wants_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/first-study.toml");
    let study = std::fs::read_to_string(path).expect("the first study");
    let with = |written: &str, searched: &str| {
        assert!(study.contains(written), "{written}");
        let study = study
            .replacen(written, searched, 1)
            .replace("[comparison]", "[search]\npoints = 30\n\n[comparison]");
        compile("study.toml", &study, Path::new("."), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    };
    let values = |plan: &RunPlan, key: &str| -> Vec<f64> {
        plan.policy_axis
            .iter()
            .filter(|axis| axis.key.ends_with(key))
            .filter_map(|axis| axis.value_number)
            .collect()
    };
    let real = values(
        &with(
            "elasticity = { sweep = [-0.5, 0, 0.5] }",
            "elasticity = { search = { from = -1, to = 1 } }",
        ),
        "elasticity",
    );
    assert!(
        real.len() == 30
            && real.iter().all(|value| value.abs() <= 1.0)
            && real.iter().any(|value| value.fract() != 0.0),
        "{real:?}"
    );
    let lag = "name = \"annual\"\nexecution_lag_steps = { search = { from = 0, to = 3 } }";
    let mut whole = values(&with("name = \"annual\"", lag), "execution_lag_steps");
    whole.sort_by(f64::total_cmp);
    assert_eq!(whole, [0.0, 1.0, 2.0, 3.0]);
}
