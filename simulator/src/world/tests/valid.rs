//! The values that AWS accepts for a new or changed instance.

use super::*;

/// The refusal of a new instance, or "ok".
fn refusal(change: impl FnOnce(&mut CreateDbInstance)) -> String {
    let mut create = instance("orders");
    change(&mut create);
    let mut scene = Scene::new();
    let answer = scene.ask(OURS, EAST, Request::CreateDbInstance(create));
    answer.map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

#[test]
fn the_size_of_storage_depends_on_engine_and_type() {
    for (engine, storage, least, greatest) in [
        ("postgres", None, 20, 65_536),
        ("mysql", Some("gp2"), 20, 65_536),
        ("mariadb", Some("io1"), 100, 65_536),
        ("oracle-ee", Some("standard"), 10, 3072),
        ("postgres", Some("standard"), 5, 3072),
        ("sqlserver-se", Some("standard"), 200, 1024),
        ("sqlserver-ex", Some("standard"), 20, 1024),
        ("sqlserver-ex", Some("io2"), 100, 16_384),
        ("custom-oracle-ee", Some("gp3"), 40, 65_536),
    ] {
        for (size, is_valid) in [(least - 1, false), (least, true), (greatest, true), (greatest + 1, false)] {
            let said = refusal(|create| {
                create.engine = engine.into();
                create.allocated_storage = Some(size);
                create.options.storage_type = storage.map(str::to_owned);
                let is_provisioned = storage.is_some_and(|storage| storage.starts_with("io"));
                create.options.iops = is_provisioned.then(|| (size / 2).max(1_000));
            });
            let text = format!(
                "InvalidParameterCombination: Invalid storage size for engine name {engine} and storage type {}: {size}",
                storage.unwrap_or("gp3")
            );
            assert_eq!(said, if is_valid { "ok" } else { &text });
        }
    }
    let said = refusal(|create| {
        create.allocated_storage = Some(20);
        create.options.storage_type = Some("tape".into());
    });
    assert_eq!(said, "InvalidParameterValue: Invalid storage type: tape");
}

#[test]
fn a_password_has_the_length_and_the_characters_that_its_engine_takes() {
    for (engine, longest) in
        [("mysql", 41), ("mariadb", 41), ("oracle-se2", 30), ("postgres", 128), ("db2-se", 255)]
    {
        let said = |length: usize| {
            refusal(|create| {
                create.engine = engine.into();
                create.master_password = Some("x".repeat(length));
            })
        };
        let what =
            "InvalidParameterValue: The parameter MasterUserPassword is not a valid password because it is";
        assert_eq!(said(7), format!("{what} shorter than 8 characters."));
        assert_eq!((said(8), said(longest)), ("ok".into(), "ok".into()));
        assert_eq!(said(longest + 1), format!("{what} longer than {longest} characters."));
    }
    for wrong in ["with/slash", "with@sign", "with\"quote", "with space", "mit-umläut"] {
        let said = refusal(|create| create.master_password = Some(wrong.into()));
        assert!(
            said.ends_with("Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."),
            "{said}"
        );
    }
}

#[test]
fn backups_are_kept_35_days_at_most_and_a_reserved_name_is_refused() {
    for (days, expected) in [(0, "ok"), (35, "ok"), (36, "InvalidParameterValue")] {
        let said = refusal(|create| create.options.backup_retention_days = Some(days));
        assert!(said.starts_with(expected), "{days}: {said}");
    }
    for (engine, name, is_valid) in
        [("postgres", "admin", false), ("mysql", "admin", true), ("mysql", "", false)]
    {
        let said = refusal(|create| {
            create.engine = engine.into();
            create.master_username = Some(name.into());
        });
        assert_eq!(said == "ok", is_valid, "{engine} {name}: {said}");
    }
}

#[test]
fn a_change_of_an_instance_is_held_to_the_same_limits() {
    let mut scene = Scene::with_orders();
    let change = |class: Option<&str>, storage: Option<u32>, days: Option<u32>| {
        Request::ModifyDbInstance(ModifyDbInstance {
            name: "orders".into(),
            class: class.map(str::to_owned),
            allocated_storage: storage,
            options: InstanceOptions { backup_retention_days: days, ..Default::default() },
            ..Default::default()
        })
    };
    for (request, code) in [
        (change(Some("t3.micro"), None, None), "InvalidParameterValue"),
        (change(None, Some(19), None), "InvalidParameterCombination"),
        (change(None, None, Some(36)), "InvalidParameterValue"),
        (change(Some("db.t3.micro"), Some(20), Some(35)), "ok"),
    ] {
        assert_eq!(scene.code(request), code);
    }
}
