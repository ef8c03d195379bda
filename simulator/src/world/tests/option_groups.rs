//! Option groups: their life, and the effects of their options on sharing and copying.

use super::*;

pub(super) const REQUIRED: &str =
    "The snapshot requires a target option group with the following options: [Timezone]";

fn group(request: OptionGroupRequest) -> Request {
    Request::OptionGroup(Box::new(request))
}

pub(super) fn new_group(name: &str, engine: &str, major: &str) -> Request {
    group(OptionGroupRequest::Create(CreateOptionGroup {
        name: name.into(),
        engine: engine.into(),
        major_version: major.into(),
        description: "for tests".into(),
        ..Default::default()
    }))
}

pub(super) fn change(name: &str, include: &[&str], remove: &[&str]) -> Request {
    let include = include.iter().map(|name| OptionToInclude { name: (*name).into(), ..Default::default() });
    let remove = remove.iter().map(|name| (*name).to_owned()).collect();
    group(OptionGroupRequest::Modify(ModifyOptionGroup {
        name: name.into(),
        include: include.collect(),
        remove,
    }))
}

fn remove(name: &str) -> Request {
    group(OptionGroupRequest::Delete(name.into()))
}

fn list(ask: DescribeOptionGroups) -> Request {
    group(OptionGroupRequest::Describe(ask))
}

/// An instance with an option group, of the default version of the engine.
fn instance_with(name: &str, engine: &str, option_group: &str) -> Request {
    let options = InstanceOptions { option_group: Some(option_group.into()), ..Default::default() };
    Request::CreateDbInstance(CreateDbInstance { engine: engine.into(), options, ..instance(name) })
}

fn move_to(name: &str, option_group: &str) -> Request {
    let options = InstanceOptions { option_group: Some(option_group.into()), ..Default::default() };
    Request::ModifyDbInstance(ModifyDbInstance { name: name.into(), options, ..Default::default() })
}

/// A complete snapshot `a` of an instance whose option group has this option.
pub(super) fn with_option(engine: &str, major: &str, option: &str) -> Scene {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, new_group("special", engine, major)).unwrap();
    scene.ask(OURS, EAST, change("special", &[option], &[])).unwrap();
    scene.ask(OURS, EAST, instance_with("orders", engine, "special")).unwrap();
    scene.pass(0);
    scene.snapshot("orders", "a");
    scene
}

fn with_timezone() -> Scene {
    with_option("oracle-se2", "19", "Timezone")
}

fn group_of(scene: &Scene, arn: &str) -> Option<String> {
    scene.record(arn).unwrap().option_group.map(|group| group.name.clone())
}

#[test]
fn a_group_must_be_for_a_known_engine_and_major_version() {
    let mut scene = Scene::new();
    for (name, engine, major, code) in [
        ("audit", "mysql", "8.0", "ok"),
        ("AUDIT", "mysql", "8.0", "OptionGroupAlreadyExistsFault"),
        ("a b", "mysql", "8.0", "InvalidParameterValue"),
        ("other", "papyrus", "8.0", "InvalidParameterValue"),
        ("other", "custom-sqlserver-ee", "15.00", "InvalidParameterValue"),
        ("other", "mysql", "9.9", "InvalidParameterCombination"),
    ] {
        assert_eq!(scene.code(new_group(name, engine, major)), code, "{name} {engine} {major}");
    }
    assert_eq!(scene.code(change("audit", &["MARIADB_AUDIT_PLUGIN"], &[])), "ok");
    assert_eq!(scene.code(change("audit", &["TDE"], &[])), "InvalidParameterValue");
    assert_eq!(scene.code(change("nothing", &["TDE"], &[])), "OptionGroupNotFoundFault");
    for number in 0..19 {
        scene.ask(OURS, EAST, new_group(&format!("g-{number}"), "mysql", "8.0")).unwrap();
    }
    assert_eq!(scene.code(new_group("one-too-many", "mysql", "8.0")), "OptionGroupQuotaExceededFault");
    assert_eq!(scene.code_of(OURS, WEST, new_group("elsewhere", "mysql", "8.0")), "ok");
}

#[test]
fn default_groups_are_listed_and_neither_changed_nor_deleted() {
    let mut scene = Scene::new();
    let named = |name: &str| list(DescribeOptionGroups { name: Some(name.into()), ..Default::default() });
    assert_eq!(scene.code(named("default:mysql-8-0")), "ok");
    assert_eq!(scene.code(named("default:mysql-9-9")), "OptionGroupNotFoundFault");
    assert_eq!(scene.code(change("default:mysql-8-0", &[], &[])), "InvalidOptionGroupStateFault");
    assert_eq!(scene.code(remove("default:mysql-8-0")), "InvalidOptionGroupStateFault");
    scene.ask(OURS, EAST, new_group("audit", "mysql", "8.0")).unwrap();
    let ask = DescribeOptionGroups {
        engine: Some("mysql".into()),
        major_version: Some("8.0".into()),
        ..Default::default()
    };
    let Ok(Response::OptionGroup(OneOrPage::Page(found))) = scene.ask(OURS, EAST, list(ask)) else {
        panic!()
    };
    let names: Vec<&str> = found.items.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["audit", "default:mysql-8-0"]);
    let mixed = DescribeOptionGroups {
        name: Some("audit".into()),
        engine: Some("mysql".into()),
        ..Default::default()
    };
    assert_eq!(scene.code(list(mixed)), "InvalidParameterCombination");
    let headless = DescribeOptionGroups { major_version: Some("8.0".into()), ..Default::default() };
    assert_eq!(scene.code(list(headless)), "InvalidParameterCombination");
}

#[test]
fn permanent_options_stay_and_persistent_ones_while_instances_use_the_group() {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, new_group("tde", "sqlserver-ee", "15.00")).unwrap();
    scene.ask(OURS, EAST, change("tde", &["TDE", "SSIS"], &[])).unwrap();
    scene.ask(OURS, EAST, instance_with("orders", "sqlserver-ee", "tde")).unwrap();
    scene.pass(0);
    assert_eq!(scene.code(change("tde", &[], &["SSIS"])), "ok");
    assert_eq!(scene.code(change("tde", &[], &["SSIS"])), "InvalidParameterValue");
    assert_eq!(scene.code(change("tde", &[], &["TDE"])), "InvalidOptionGroupStateFault");
    assert_eq!(scene.code(move_to("orders", "default:sqlserver-ee-15-00")), "ok");
    assert_eq!(scene.code(change("tde", &[], &["TDE"])), "ok");
    scene.ask(OURS, EAST, new_group("zone", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, EAST, change("zone", &["Timezone"], &[])).unwrap();
    assert_eq!(scene.code(change("zone", &[], &["Timezone"])), "InvalidOptionGroupStateFault");
}

#[test]
fn an_instance_has_only_an_existing_group_for_its_version_with_its_permanent_options() {
    let mut scene = with_timezone();
    for (engine, option_group, code) in [
        ("oracle-se2", "nothing", "OptionGroupNotFoundFault"),
        ("postgres", "special", "InvalidParameterCombination"),
        ("postgres", "default:postgres-17", "InvalidParameterCombination"),
        ("postgres", "default:postgres-16", "ok"),
    ] {
        assert_eq!(scene.code(instance_with("other", engine, option_group)), code, "{engine} {option_group}");
    }
    scene.ask(OURS, EAST, new_group("empty", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, EAST, new_group("equal", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, EAST, change("equal", &["Timezone"], &[])).unwrap();
    for (option_group, code) in [
        ("nothing", "OptionGroupNotFoundFault"),
        ("empty", "InvalidParameterCombination"),
        ("default:oracle-se2-19", "InvalidParameterCombination"),
        ("equal", "ok"),
    ] {
        assert_eq!(scene.code(move_to("orders", option_group)), code, "{option_group}");
    }
}

#[test]
fn a_group_is_deleted_only_when_no_instance_and_no_snapshot_has_it() {
    let mut scene = with_timezone();
    assert_eq!(scene.code(remove("special")), "InvalidOptionGroupStateFault");
    let gone = DeleteDbInstance { name: "orders".into(), skip_final_snapshot: true, ..Default::default() };
    scene.ask(OURS, EAST, Request::DeleteDbInstance(gone)).unwrap();
    scene.pass(0);
    assert_eq!(scene.code(remove("special")), "InvalidOptionGroupStateFault");
    scene.ask(OURS, EAST, delete("a")).unwrap();
    assert_eq!(scene.code(remove("special")), "ok");
    assert_eq!(scene.code(remove("special")), "OptionGroupNotFoundFault");
}

#[test]
fn a_snapshot_remembers_the_group_and_the_options_of_its_moment() {
    let mut scene = with_timezone();
    scene.ask(OURS, EAST, change("special", &["SSL"], &[])).unwrap();
    let record = scene.record(&arn(OURS, EAST, "a")).unwrap();
    let group = record.option_group.unwrap();
    assert_eq!(group.name, "special");
    assert_eq!(group.options.keys().collect::<Vec<_>>(), ["Timezone"]);
    scene.database("plain", None);
    scene.snapshot("plain", "b");
    assert_eq!(group_of(&scene, &arn(OURS, EAST, "b")), None);
    let listed = scene.list(OURS, EAST, DescribeDbSnapshots { id: Some("b".into()), ..Default::default() });
    assert_eq!(listed[0].option_group().as_deref(), Some("default:postgres-16"));
}

#[test]
fn options_that_stay_forbid_sharing_except_timezone_and_ols_of_oracle() {
    for (engine, major, option, code) in [
        ("oracle-ee", "19", "TDE", "InvalidDBSnapshotState"),
        ("sqlserver-ee", "15.00", "TDE", "InvalidDBSnapshotState"),
        ("oracle-se2", "19", "Timezone", "ok"),
        ("oracle-ee", "19", "OLS", "ok"),
        ("oracle-ee", "19", "SSL", "ok"),
        ("mysql", "8.0", "MARIADB_AUDIT_PLUGIN", "ok"),
    ] {
        let mut scene = with_option(engine, major, option);
        assert_eq!(scene.code(share("a", &[OTHER])), code, "{engine} {option}");
        assert_eq!(scene.code(share("a", &["all"])), code, "{engine} {option}");
        assert_eq!(scene.code(share("a", &[])), "ok", "{engine} {option}");
    }
}

#[test]
fn a_copy_to_another_region_needs_a_group_there_with_the_options_that_stay() {
    let mut scene = with_timezone();
    let source = arn(OURS, EAST, "a");
    let ask = |target: &str, option_group: Option<&str>| {
        let option_group = option_group.map(str::to_owned);
        Request::CopyDbSnapshot(CopyDbSnapshot { option_group, ..copy(&source, target) })
    };
    let refused = scene.ask(OURS, WEST, ask("b", None)).unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), ("InvalidParameterValue", REQUIRED));
    scene.ask(OURS, WEST, new_group("empty", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, WEST, new_group("zone", "oracle-se2", "19")).unwrap();
    scene.ask(OURS, WEST, change("zone", &["Timezone"], &[])).unwrap();
    scene.ask(OURS, WEST, new_group("mysql", "mysql", "8.0")).unwrap();
    for (option_group, code) in [
        ("special", "OptionGroupNotFoundFault"),
        ("mysql", "InvalidParameterCombination"),
        ("empty", "InvalidParameterValue"),
        ("default:oracle-se2-19", "InvalidParameterValue"),
        ("zone", "ok"),
    ] {
        assert_eq!(scene.code_of(OURS, WEST, ask("b", Some(option_group))), code, "{option_group}");
    }
    assert_eq!(group_of(&scene, &arn(OURS, WEST, "b")).as_deref(), Some("zone"));
    assert_eq!(scene.code(ask("same-place", None)), "ok");
    assert_eq!(group_of(&scene, &arn(OURS, EAST, "same-place")).as_deref(), Some("special"));
}

#[test]
fn a_refused_copy_takes_neither_a_name_nor_a_slot() {
    let mut scene = with_timezone();
    scene.configure(|settings| settings.copy_slots = 0);
    let ask = Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "b"));
    // The refusal that will not pass comes before the one that will.
    assert_eq!(scene.code_of(OURS, WEST, ask), "InvalidParameterValue");
    assert!(scene.record(&arn(OURS, WEST, "b")).is_none());
}

#[test]
fn groups_without_options_that_stay_do_not_hinder_a_copy_which_then_names_no_group() {
    let mut scene = with_option("mysql", "8.0", "MARIADB_AUDIT_PLUGIN");
    let source = arn(OURS, EAST, "a");
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&source, "b"))), "ok");
    let listed = scene.list(OURS, WEST, DescribeDbSnapshots { id: Some("b".into()), ..Default::default() });
    assert_eq!(listed[0].option_group(), None);
}

#[test]
fn the_group_is_copied_along_only_from_another_account_within_the_region() {
    let mut scene = with_timezone();
    scene.share("a", OTHER);
    let source = arn(OURS, EAST, "a");
    let ask = |target: &str| CopyDbSnapshot { copy_option_group: true, ..copy(&source, target) };
    assert_eq!(scene.code(Request::CopyDbSnapshot(ask("b"))), "InvalidParameterCombination");
    for account in [OURS, OTHER] {
        let code = scene.code_of(account, WEST, Request::CopyDbSnapshot(ask("b")));
        assert_eq!(code, "InvalidParameterCombination", "{account}");
    }
    let plain = Request::CopyDbSnapshot(copy(&source, "b"));
    let refused = scene.ask(OTHER, EAST, plain).unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), ("InvalidParameterValue", REQUIRED));
    let both = CopyDbSnapshot { option_group: Some("special".into()), ..ask("b") };
    assert_eq!(scene.code_of(OTHER, EAST, Request::CopyDbSnapshot(both)), "InvalidParameterCombination");
    scene.ask(OTHER, EAST, Request::CopyDbSnapshot(ask("b"))).unwrap();
    let copied = scene.record(&arn(OTHER, EAST, "b")).unwrap().option_group.unwrap();
    assert_eq!(copied.arn, format!("arn:aws:rds:{EAST}:{OTHER}:og:special"));
    assert_eq!(copied.copied_from.as_ref().unwrap().account, OURS);
    let named = DescribeOptionGroups { name: Some("special".into()), ..Default::default() };
    assert_eq!(scene.code_of(OTHER, EAST, list(named)), "ok");
}

#[test]
fn the_group_of_mysql_is_not_copied_along() {
    let mut scene = with_option("mysql", "8.0", "MARIADB_AUDIT_PLUGIN");
    scene.share("a", OTHER);
    let ask = CopyDbSnapshot { copy_option_group: true, ..copy(&arn(OURS, EAST, "a"), "b") };
    assert_eq!(scene.code_of(OTHER, EAST, Request::CopyDbSnapshot(ask)), "InvalidParameterCombination");
}
