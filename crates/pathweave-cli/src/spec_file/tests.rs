use super::*;

fn plan(text: &str, overrides: &[&str]) -> Result<Plan, CliError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, text).expect("written");
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Plan::new(path.to_str().expect("UTF-8"), &overrides, None)
}

fn names(plan: &Plan) -> Vec<(String, u64)> {
    let specs = plan.specs().expect("sound");
    specs.into_iter().map(|spec| (spec.name, spec.train.seed)).collect()
}

#[test]
fn every_preset_is_sound_and_shown_as_itself() {
    for preset in PRESETS {
        let own = Plan::new(preset.name, &[], None).expect(preset.name);
        let specs = own.specs().expect(preset.name);
        let shown = plan(&own.to_toml().expect(preset.name), &[]).expect(preset.name);
        assert_eq!(shown.specs().expect(preset.name), specs, "{}", preset.name);
    }
}

#[test]
fn overrides_make_the_product_in_order() {
    let plan =
        plan("data.name = 'digits-mtl'", &["train.seed=1,2", "router.algorithm=wpl,uniform"]);
    let wpl = "mine router.algorithm=wpl";
    let uniform = "mine router.algorithm=uniform";
    let expected = [(wpl, 1), (uniform, 1), (wpl, 2), (uniform, 2)];
    let expected: Vec<(String, u64)> = expected.map(|(name, seed)| (name.to_owned(), seed)).into();
    assert_eq!(names(&plan.expect("sound")), expected);
}

#[test]
fn an_override_replaces_an_axis_of_the_grid_and_a_variants_setting() {
    let text = "[base]\ndata.name='digits-mtl'\n[[variants]]\nname='a'\ntrain.epochs=3\n\
                [[variants]]\nname='b'\ntrain.batch=7\n[grid]\ntrain.seed=[1,2]\n";
    let all = plan(text, &[]).expect("sound");
    let count = names(&all).len();
    let given = plan(text, &["train.seed=7", "train.epochs=2"]).expect("sound");
    assert_eq!(count, 4);
    assert_eq!(names(&given), [("a".to_owned(), 7), ("b".to_owned(), 7)]);
    assert!(given.specs().expect("sound").iter().all(|spec| spec.train.epochs == 2));
    let shown = plan_of(&given);
    assert_eq!(shown.specs().expect("sound"), given.specs().expect("sound"));
}

#[test]
fn of_variants_that_an_override_makes_equal_the_one_it_asks_for_stays() {
    let of = |overrides: &[&str]| {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let plan = Plan::new("digits-mtl", &overrides, Some(0)).expect("a preset");
        names(&plan).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(of(&["model=cross-stitch"]), ["cross-stitch"]);
    let kind = |kind: &str| format!("digits-mtl model.kind={kind}");
    assert_eq!(of(&["model=routed,unrouted"]), [kind("routed"), kind("unrouted")]);
    assert_eq!(of(&["train.epochs=1"]).len(), 6);
}

fn plan_of(given: &Plan) -> Plan {
    plan(&given.to_toml().expect("sound"), &[]).expect("what is shown can be run")
}

#[test]
fn faults_name_file_and_line() {
    let text = "data.name = 'digits-mtl'\n[train]\nbatch = 0\nepoch = 3\n";
    let Err(CliError::Spec(faults)) = plan(text, &["model.hiden=[8]"]).expect("TOML").specs()
    else {
        panic!("faults were expected");
    };
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults.iter().any(|f| f.contains("mine.toml:3: train.batch: found 0")), "{faults:?}");
    assert!(faults.iter().any(|f| f.contains("mine.toml:4: train.epoch")), "{faults:?}");
    assert!(faults.iter().any(|f| f.starts_with("model.hiden=[8]: model.hiden")), "{faults:?}");
}

#[test]
fn syntax_faults_come_together_with_their_lines() {
    let Err(CliError::Spec(faults)) = plan("a = \nb = 1\nc = [\n", &[]) else {
        panic!("faults were expected");
    };
    assert!(faults[0].contains("mine.toml:1:"), "{faults:?}");
    assert!(faults.len() > 1, "{faults:?}");
}

#[test]
fn odd_parts_of_a_file_of_variants_are_faults() {
    let text = "grid = 1\nodd = 2\n[[variants]]\nx = 1\n";
    let Err(CliError::Spec(faults)) = plan(text, &[]) else { panic!("faults were expected") };
    assert_eq!(faults.len(), 3, "{faults:?}");
}

#[test]
fn presets_are_suggested() {
    let Err(CliError::Usage(text)) = Plan::new("digit-mtl", &[], None) else {
        panic!("an error was expected");
    };
    assert!(text.contains("did you mean digits-mtl?"), "{text}");
}
