//! Expects refusals that have no file in tests/bad: unreadable files, overrides that name nothing
//! and huge plans. Presets and the schema are tested here too.

use std::path::Path;
use std::time::{Duration, Instant};

use corridor_study::diagnostic::{Id, MoreHelp, Problems};
use corridor_study::plan::RunPlan;
use corridor_study::{Overrides, compile, load, presets};

const FIRST: &str = include_str!("../../../../scenarios/first-study.toml");

fn refused(text: &str, overrides: &Overrides) -> Problems {
    match compile("study.toml", text, Path::new(""), overrides) {
        Ok(plan) => panic!("accepted, with {} cells", plan.cells()),
        Err(problems) => problems,
    }
}

fn set(keys: &[&str]) -> Overrides {
    Overrides { set: keys.iter().map(|&key| key.to_owned()).collect(), ..Overrides::default() }
}

fn with(keys: &[&str]) -> RunPlan {
    compile("study.toml", FIRST, Path::new(""), &set(keys))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn only(problems: &Problems) -> (Id, &str, usize, &str) {
    match problems.diagnostics.as_slice() {
        [one] => (one.id, &one.place.file, one.place.line, &one.message),
        other => panic!("{other:#?}"),
    }
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_named() {
    let missing =
        load(Path::new("no/such/study.toml"), &Overrides::default()).expect_err("nothing there");
    assert_eq!(only(&missing).0, Id::Unreadable);
    assert!(missing.to_string().contains("no/such/study.toml"), "{missing}");
    assert!(missing.render(false).contains("no/such/study.toml"), "{}", missing.render(false));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("binary.toml");
    std::fs::write(&path, [0xff, 0xfe, 0x00]).expect("a file");
    assert_eq!(only(&load(&path, &Overrides::default()).expect_err("no text")).0, Id::Unreadable);
    assert_eq!(
        only(&load(folder.path(), &Overrides::default()).expect_err("a folder")).0,
        Id::Unreadable
    );
}

#[test]
fn a_misspelt_file_leads_to_the_study_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("my1.toml"), FIRST).expect("a file");
    std::fs::write(folder.path().join("notes.txt"), "").expect("a file");
    for misspelt in ["my1", "my.toml", "My1.toml"] {
        let path = folder.path().join(misspelt);
        let problems = load(&path, &Overrides::default()).expect_err("nothing there");
        let hint = &problems.diagnostics[0].hint;
        let meant = folder.path().join("my1.toml").display().to_string();
        assert_eq!(*hint, format!("did you mean `{meant}`?"), "{misspelt}");
        // a template under the name of the study that was meant would overwrite it
        assert_eq!(problems.diagnostics[0].more, None, "{misspelt}");
    }
    let far = load(&folder.path().join("quite-another.toml"), &Overrides::default());
    assert_eq!(far.expect_err("nothing there").diagnostics[0].hint, "name a study, a TOML file");
}

#[test]
fn an_empty_study_is_one_problem_whose_way_out_is_a_template() {
    for text in ["", "\n\n", "# nothing but a comment\n"] {
        let problems = compile("empty.toml", text, Path::new(""), &Overrides::default());
        let problems = problems.expect_err("nothing to run");
        assert_eq!(only(&problems).3, "the study is empty");
        assert_eq!(problems.diagnostics[0].more, Some(MoreHelp::Templates));
    }
    for template in corridor_study::templates() {
        compile(template.name, template.text, Path::new(""), &Overrides::default())
            .expect("the way out works");
    }
}

#[test]
fn words_of_everyday_language_lead_to_those_of_the_format() {
    let retire = corridor_study::templates()[0].text;
    let hint = |from: &str, to: &str| {
        assert!(retire.contains(from), "{from}");
        let text = retire.replacen(from, to, 1);
        let problems = compile("retire.toml", &text, Path::new(""), &Overrides::default());
        problems.expect_err(to).diagnostics[0].hint.clone()
    };
    assert_eq!(hint("review = \"year\"", "review = \"annually\""), "did you mean `year`?");
    let period = hint("trigger = \"always\"", "trigger = \"yearly\"");
    assert!(period.contains("write `review = \"year\"`"), "{period}");
    let half = hint("trade = { part_way = 0.5 }", "trade = \"half\"");
    assert!(half.contains("`{ part_way = 0.5 }`"), "{half}");
    let flow = hint("[[account.flow]]", "[account.flow]");
    assert!(flow.contains("its name in two brackets"), "{flow}");
}

#[test]
fn names_cannot_smuggle_control_characters_into_messages() {
    for name in [
        "\\u001B[31mred",
        "\\u202Eevil",
        "a\\nb",
        "\\u0000",
        "../../etc/passwd",
        "CON:",
        "<script>alert(1)</script>",
        "@SUM(1)",
    ] {
        let text = FIRST.replace("name = \"annual\"", &format!("name = \"{name}\""));
        let problems = refused(&text, &Overrides::default());
        let rendered = problems.render(false);
        assert!(rendered.chars().all(|c| c == '\n' || !c.is_control()), "{rendered:?}");
        assert!(!rendered.contains('\u{202e}'), "{rendered:?}");
    }
}

#[test]
fn a_plan_no_machine_would_finish_is_refused_with_its_arithmetic_before_anything_is_allocated() {
    let start = Instant::now();
    let problems =
        refused(FIRST, &Overrides { paths: Some(1_000_000_000_000), ..Overrides::default() });
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    let (id, file, line, message) = only(&problems);
    assert_eq!((id, file, line), (Id::PlanTooLarge, "override run.paths=1000000000000", 1));
    assert!(
        message.contains(
            "1000000000000 paths x 3 scenarios x 8 policies x 1 horizons = 2.4e13 outcomes"
        ),
        "{message}"
    );
    assert!(message.contains("bytes") && message.contains("CPU hours"), "{message}");
}

#[test]
fn overrides_replace_values_by_key_and_by_name() {
    let plan = with(&[
        "policy.fixed-5.trigger.outside.absolute=0.04",
        "policy.annual.review = \"half_year\"",
        "costs.one_way_bps=7",
    ]);
    assert_eq!(plan.scenarios.len(), 1);
    assert_eq!(plan.policies[2].band_width, Some(0.04));
    assert_eq!(plan.policies[1].review, "half_year");
    let plan = with(&[
        "policy.never.trigger=always",
        "policy.2.trade=to_edge",
        "market.regime_switching.regime.storm.vol.equity=0.09",
    ]);
    assert_eq!(plan.policies[0].trigger, "always");
    assert_eq!(plan.policies[2].trade_rule.as_deref(), Some("to_edge"));
    assert!(plan.groups[0].moments.vol_annual[0] > 0.17);
    let plan = with(&[
        "output.path_rows=none",
        "signal.slow.realised_vol={ asset = \"bond\", window_months = 6 }",
    ]);
    assert_eq!(plan.path_rows.name(), "none");
    let numbers = Overrides { paths: Some(5), seed: Some(u64::MAX), ..Overrides::default() };
    let plan = compile("study.toml", FIRST, Path::new(""), &numbers).expect("a plan");
    assert_eq!((plan.paths, plan.seed, plan.trajectories), (5, u64::MAX, 5));
}

#[test]
fn a_number_of_paths_may_be_written_short() {
    for (text, paths) in [("10k", 10_000), ("1.5M", 1_500_000), ("20_000", 20_000)] {
        assert_eq!(with(&[&format!("run.paths={text}")]).paths, paths);
        assert_eq!(with(&[&format!("run.paths = {text}")]).paths, paths);
    }
}

#[test]
fn overrides_that_name_nothing_are_refused_where_they_stand() {
    let cases = [
        ("policy.fixd-5.review=year", Id::BadOverride, "the list has no entry called `fixd-5`"),
        ("policy.99.review=year", Id::BadOverride, "the list has no entry called `99`"),
        ("costs.one_way=7", Id::UnknownKey, "`costs` has no key `one_way`"),
        ("run.paths=many", Id::WrongType, "`run.paths` is text"),
        ("", Id::BadOverride, "an override sets exactly one key"),
        ("costs.one_way_bps=", Id::BadOverride, ""),
        ("no equals sign", Id::BadOverride, ""),
        ("a=1\nb=2", Id::BadOverride, "an override sets exactly one key"),
        ("policy.annual.trade={ to_within = 0.02 }", Id::NeedsOutside, "`to_within` needs a band"),
    ];
    for (key, id, words) in cases {
        let problems = refused(FIRST, &set(&[key]));
        let first = &problems.diagnostics[0];
        assert_eq!(
            (first.id, first.place.file.as_str()),
            (id, format!("override {key}").as_str()),
            "{problems}"
        );
        assert!(first.message.contains(words), "{problems}");
    }
}

#[test]
fn every_preset_has_the_moments_it_states_and_says_where_it_comes_from() {
    assert_eq!(presets().len(), 12);
    for preset in presets() {
        let about = preset.about().unwrap_or_else(|| panic!("{} cannot be read", preset.name));
        assert_eq!(about.name, preset.name);
        assert!(["R", "X", "D", "O"].contains(&about.status.as_str()), "{}", preset.name);
        let stated = format!("[{}]", about.status);
        assert!(about.notes.contains(&stated), "{} does not explain its status", preset.name);
        // numbers of status X are not quoted, and must say so
        assert!(
            about.status != "X" || about.notes.contains("not copied from the publication"),
            "{}",
            preset.name
        );
        // a memory from one step to the next is declared for one step
        let steps: &[&str] =
            if preset.text.contains("relative_ar") { &["month"] } else { &["month", "day"] };
        for step in steps {
            let asset = if preset.text.contains("\"us\"") { "us" } else { "equity" };
            let text = format!(
                "corridor = 1\n[study]\nname = 'p'\n[time]\nhorizon_years = 1\nstep = \
                '{step}'\n[market]\npreset = '{}'\n\
                 [account]\ninitial = 1\ntarget = {{ {asset} = 1 }}\n[costs]\none_way_bps = \
                 0\n[[policy]]\nname = 'a'\n\
                 trigger = 'never'\n[comparison]\nbaseline = 'a'\n[run]\npaths = 1\nseed = 1\n",
                preset.name
            );
            let plan = compile("preset", &text, Path::new(""), &Overrides::default())
                .unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(plan.scenarios[0].row.market, preset.name);
        }
    }
}

#[test]
fn the_schema_knows_every_table_and_where_sweeps_may_stand() {
    let schema = corridor_study::schema();
    for key in [
        "corridor",
        "study",
        "time",
        "market",
        "account",
        "costs",
        "signal",
        "policy",
        "comparison",
        "run",
        "output",
    ] {
        assert!(schema.pointer(&format!("/properties/{key}")).is_some(), "{key}");
    }
    let sweeps = |place: &str| {
        schema
            .pointer(place)
            .unwrap_or_else(|| panic!("{place}"))
            .to_string()
            .contains("#/$defs/sweep")
    };
    assert!(sweeps("/$defs/CostsTable/properties/one_way_bps"));
    assert!(sweeps("/$defs/PowerForm/properties/elasticity"));
    assert!(sweeps("/$defs/TimeTable/properties/horizon_years"));
    assert!(!sweeps("/$defs/TimeTable/properties/step"));
    assert!(!sweeps("/$defs/RunTable"));
    assert!(!sweeps("/$defs/ComparisonTable"));
    assert!(!schema.to_string().contains("x-sweep"));
}

#[test]
fn a_file_that_is_no_table_is_refused_without_a_word_of_its_content() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), "root:$6$abc:19000:0:us:note\n").expect("a file");
    let study = include_str!("../bad/csv-no-date-column.toml").replace("csv/no-date.csv", "secret");
    let refused = compile("study.toml", &study, folder.path(), &Overrides::default());
    let problems = refused.expect_err("no table");
    assert_eq!(only(&problems).0, Id::CsvColumn);
    for text in [problems.render(false), problems.to_string(), format!("{problems:?}")] {
        assert!(!text.contains("root") && !text.contains("$6$"), "{text}");
    }
}

/// The only problem of the first study with `old` replaced by `new`.
fn only_problem_with(old: &str, new: &str) -> (Id, String, String) {
    assert!(FIRST.contains(old), "{old}");
    let problems = refused(&FIRST.replacen(old, new, 1), &Overrides::default());
    match problems.diagnostics.as_slice() {
        [one] => (one.id, one.message.clone(), one.hint.clone()),
        other => panic!("{new}: {other:#?}"),
    }
}

#[test]
fn keys_written_out_of_habit_get_what_the_format_has_in_their_place() {
    let account = "initial = 1_000_000";
    let policy = "trigger = \"never\"";
    let margin = "margin = { ce_growth_gamma_3 = 5.0 }";
    let cases = [
        (account, "contributions = 12_000", "contribution = { amount_per_year"),
        (account, "withdrawals = { amount = 1 }", "withdrawal = { amount_per_year"),
        (account, "inflation = 0.02", "did you mean `inflation_annual`?"),
        (policy, "monthly = true", "`review = \"year\"`"),
        (policy, "band = 0.05", "trigger = { outside = { absolute = 0.05 } }"),
        (policy, "observe = { lag_months = 1 }", "move `observe` to the table of the signal"),
        (policy, "when = { signal = \"vol\", above = 1 }", "all_of = [{ outside"),
        (policy, "review = \"monthly\"", "did you mean `month`?"),
    ];
    for (beside, key, cure) in cases {
        let (_, _, hint) = only_problem_with(beside, &format!("{beside}\n{key}\n"));
        assert!(hint.contains(cure), "{key}: {hint}");
    }
    let (_, _, hint) = only_problem_with(margin, "margin = 5");
    assert!(hint.contains("`margin = { ruined = 0.01 }`"), "{hint}");
    let (id, _, hint) = only_problem_with(
        "trigger = { outside = { absolute = 0.05 } }\n",
        "trigger = { outside = { absolute = 0.05 }, when = { signal = \"vol\", above = 1 } }\n",
    );
    assert_eq!(id, Id::ExactlyOne);
    assert!(hint.contains("all_of = [{ outside"), "{hint}");
}

#[test]
fn weights_in_percent_are_one_problem() {
    let target = "target = { equity = 0.60, bond = 0.40 }";
    let (id, message, hint) = only_problem_with(target, "target = { equity = 60, bond = 40 }");
    assert_eq!(id, Id::WeightsSum);
    assert!(message.starts_with("the weights of `account.target` sum to 100, not to 1"));
    assert!(hint.ends_with("did you mean `{ bond = 0.4, equity = 0.6 }`?"), "{hint}");
    let (_, _, hint) = only_problem_with(target, "target = { equity = 40 }");
    assert!(hint.ends_with("did you mean `{ equity = 0.4 }`?"), "{hint}");
    let (_, _, hint) = only_problem_with(target, "target = { equity = 1.5, bond = 0.5 }");
    assert!(hint.ends_with("an account cannot borrow"), "{hint}");
}

#[test]
fn an_error_of_one_corner_is_not_hidden_behind_a_warning_of_another() {
    let range = "cooldown_months = { sweep = { from = 1.5, to = 0.25, count = 6 } }\n";
    let never = "trigger = { outside = { absolute = 0.05 } }\n";
    let first = FIRST.replace("baseline = \"fixed-5\"", "baseline = \"never\"");
    let problems =
        refused(&first.replacen(never, &format!("{never}{range}"), 1), &Overrides::default());
    assert!(problems.errors() >= 1, "{problems}");
    let message = |one: &corridor_study::diagnostic::Diagnostic| one.message.contains("shorter");
    assert!(problems.diagnostics.iter().any(message), "{problems}");

    let skipping = first
        .replacen(never, &format!("{never}{}", range.replace("1.5", "0.9")), 1)
        .replace("[run]", "[run]\nskip_invalid = true");
    let problems = refused(&skipping, &Overrides::default());
    let (id, _, _, message) = only(&problems);
    assert_eq!(id, Id::WholeSteps);
    assert!(message.ends_with("and 5 more corners"), "{message}");
}

#[test]
fn one_cause_is_one_block_whatever_the_number_of_corners_and_policies() {
    let band = "trigger = { outside = { absolute = 0.05 } }";
    let sweep = "trigger = { outside = { absolute = { sweep = { from = 0.02, to = 0.06, count = \
                 30 } }, max_width = 0.01 } }";
    let first = FIRST.replace("baseline = \"fixed-5\"", "baseline = \"never\"");
    let problems = refused(&first.replacen(band, sweep, 1), &Overrides::default());
    let (id, _, _, message) = only(&problems);
    assert_eq!(id, Id::WidthOutsideClamp);
    assert!(message.contains("the base width 0.02 of") && message.ends_with("more corners"));
    assert!(message.contains(" and 89 "), "30 policies under 3 scenarios: {message}");

    let wrong = "trigger = { outside = { absolute = { sweep = { from = -2, to = -1, count = 30 } \
                 } } }";
    let problems = refused(&first.replacen(band, wrong, 1), &Overrides::default());
    assert_eq!(problems.diagnostics.len(), 1, "{problems}");

    let mut text = FIRST.to_owned();
    for index in 0..8 {
        text += &format!(
            "[[policy]]\nname = \"p{index}\"\nreview = \"monthly\"\ntrigger = \"always\"\n"
        );
    }
    let problems = refused(&text, &Overrides::default());
    let (id, _, _, message) = only(&problems);
    assert_eq!(id, Id::UnknownWord);
    assert!(message.contains("; 7 more places are like this, in lines "), "{message}");
}

#[test]
fn names_that_readers_or_systems_cannot_tell_apart_are_refused() {
    let cases = [
        ("name = \"never\"", "name = \"ann ual\"", Id::DuplicateName),
        ("name = \"never\"", "name = \"Annual \"", Id::DuplicateName),
        ("[signal.vol]", "[signal.\"vol[x\"]", Id::BadName),
        ("[signal.vol]", "[signal.\"vol[\\u202Ex]\"]", Id::HiddenCharacter),
        ("sweep = [0, 10, 50]", "sweep = [0, 10, 50], axis = \"<b>\"", Id::BadName),
    ];
    for (old, new, id) in cases {
        let problems = refused(&FIRST.replacen(old, new, 1), &Overrides::default());
        let found: Vec<Id> = problems.diagnostics.iter().map(|one| one.id).collect();
        assert!(found.contains(&id), "{new}: {problems}");
    }
    for name in ["con", "nul", "aux", "prn", "com1", "lpt9"] {
        let problems = refused(FIRST, &set(&[&format!("study.name={name}")]));
        assert_eq!(only(&problems).0, Id::BadName);
    }
    with(&["study.name=console"]);
    with(&["study.name=com0"]);
}

#[test]
fn a_horizon_written_with_few_digits_can_be_read_back() {
    for years in ["10.0833333", "0.3333333", "7.4166667"] {
        let key = format!("time.horizon_years={years}");
        let first = with(&[&key]);
        let again = compile("resolved", &first.resolved_toml, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(first.simulation_id, again.simulation_id);
        let report = format!("time.report_horizons_years=[{years}]");
        assert_eq!(with(&[&key, &report]).simulation_id, first.simulation_id);
    }
}

#[test]
fn a_wide_study_can_be_read_back() {
    let band = "trigger = { outside = { absolute = 0.05 } }";
    let wide = "trigger = { outside = { absolute = { sweep = { from = 0.01, to = 0.2, count = 1200 \
                } } } }";
    let text = FIRST
        .replacen(band, wide, 1)
        .replace("[0, 10, 50]", "[10]")
        .replace("baseline = \"fixed-5\"", "baseline = \"never\"");
    let first = compile("study.toml", &text, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(first.resolved_toml.len() > 512 * 1024, "{}", first.resolved_toml.len());
    let again = compile("resolved", &first.resolved_toml, Path::new(""), &Overrides::default())
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(first.resolved_toml, again.resolved_toml);
}

/// A rule with four swept numbers takes more values than others when it is written out.
#[test]
fn thousands_of_policies_of_four_swept_numbers_can_be_read_back() {
    let values = |from: f64| -> String {
        (0..8).map(|i| (from + 0.01 * f64::from(i)).to_string()).collect::<Vec<_>>().join(", ")
    };
    let sweep = |from: f64| format!("{{ sweep = [{}] }}", values(from));
    let band = format!(
        "trigger = {{ outside = {{ absolute = {}, scale = [{{ signal = \"vol\", power = {{ elasticity \
        = {}, reference = {} }} }}], max_width = {{ sweep = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7] }} }} }}",
        sweep(0.02),
        sweep(-1.0),
        sweep(0.1),
    );
    let text = format!(
        "corridor = 1\n[study]\nname = 's'\n[time]\nhorizon_years = 1\nstep = 'month'\n[market]\n\
         preset = 'stock-bond-flip'\n[account]\ninitial = 1000\ntarget = {{ equity = 0.6, bond = 0.4 \
         }}\n[costs]\none_way_bps = 10\n[signal.vol]\newma_vol = {{ asset = 'equity', \
         half_life_months = 3 }}\n[[policy]]\nname = 'annual'\nuse = 'calendar_12'\n[[policy]]\nname \
         = 'band'\nreview = 'month'\n{band}\n[comparison]\nbaseline = 'annual'\n[run]\npaths = \
         256\nseed = 1\n"
    );
    let read = |text: &str| {
        compile("study.toml", text, Path::new(""), &Overrides::default())
            .unwrap_or_else(|problems| panic!("{problems}"))
    };
    let first = read(&text);
    assert_eq!(first.policies.len(), 3073);
    assert_eq!(read(&first.resolved_toml).policies.len(), 3073);
}

#[test]
fn a_study_too_large_to_be_read_back_is_refused_before_it_runs() {
    let question = "question = \"";
    let room = 16 * 1024 * 1024 - FIRST.len() - 100;
    let long = format!("{question}{}", "x".repeat(room));
    let problems = refused(&FIRST.replacen(question, &long, 1), &Overrides::default());
    let (id, _, _, message) = only(&problems);
    assert_eq!(id, Id::TooLarge);
    assert!(message.contains("with every policy written out"), "{message}");
}

#[test]
fn a_study_named_without_its_ending_is_suggested() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("my1.toml"), FIRST).expect("a study");
    let problems = load(&folder.path().join("my1"), &Overrides::default()).expect_err("no file");
    assert!(problems.diagnostics[0].hint.ends_with("my1.toml`?"), "{problems}");
}
