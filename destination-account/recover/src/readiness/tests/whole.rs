//! Storage, keys, replicas, lists that are missing, and the sum of all databases.

use super::*;

#[test]
fn every_class_of_a_list_is_examined() {
    let mut facts = facts();
    set(&mut facts, offer("16.4", Some("db.nope")), Found::Orderable(vec![]));
    let pairs = with(GOOD, &[("DBInstanceClass", "db.r6g.large, db.nope")]);
    one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Blocking DBInstanceClass: is db.nope");
}

#[test]
fn storage_follows_the_limits_of_its_type() {
    let with_size = |gib, engine: &str, pairs: &[(&str, &str)]| {
        let mut facts = facts();
        let copy = std::sync::Arc::make_mut(&mut facts.snapshots[0]);
        copy.allocated_gib = Some(gib);
        let kind: RestoreFromSnapshot = read(&setting(HERE, "r"), &with(GOOD, pairs));
        let mut demand = kind.demands(&facts, &setting(HERE, "r")).remove(0);
        demand.data.engine = Some(engine.to_owned());
        demand.data.version = None;
        (demand.parameter_group, demand.option_group) = (None, None);
        let (engine, version) = (engine.to_owned(), None);
        let class = Some("db.r6g.large".to_owned());
        set(&mut facts, Lookup::Orderable { engine, version, class }, Found::Orderable(rows("db.r6g.large")));
        written_out(&readiness(&[placed(1, &[], demand)], &[], &facts))
    };
    for (gib, engine, kind, iops, fault) in [
        (400, "postgres", "gp3", "12000", None),
        (400, "postgres", "gp3", "3000", Some("Iops: is 3000; with gp3, AWS allows 12000 to 64000")),
        (399, "postgres", "gp3", "12000", Some("AWS allows Iops from 400 GiB")),
        (200, "oracle-ee", "gp3", "12000", None),
        (199, "oracle-ee", "gp3", "12000", Some("from 200 GiB")),
        (20, "sqlserver-se", "gp3", "3000", None),
        (200, "postgres", "io1", "10000", None),
        (200, "postgres", "io1", "10001", Some("with io1 and 200 GiB, AWS allows 100 to 10000")),
        (200, "postgres", "io1", "999", Some("AWS allows 1000 to 256000")),
        (100, "postgres", "io2", "100000", None),
        (100, "postgres", "io2", "100001", Some("AWS allows 50 to 100000")),
        (99, "postgres", "io2", "1000", Some("StorageType: is io2, which has 100 to 65536 GiB")),
    ] {
        let findings = with_size(gib, engine, &[("StorageType", kind), ("Iops", iops)]);
        let findings: Vec<_> = findings.into_iter().filter(|line| !line.contains("licence")).collect();
        match fault {
            Some(fault) => one(&findings, fault),
            None => assert_eq!(findings, Vec::<String>::new(), "{gib} {engine} {kind} {iops}"),
        }
    }
    one(
        &with_size(200, "postgres", &[("StorageType", "io2")]),
        "Iops: is missing; the StorageType io2 needs it",
    );
    one(
        &with_size(200, "sqlserver-se", &[("Port", "1434")]),
        "Port: is 1434, which AWS reserves for sqlserver-se",
    );
}

#[test]
fn storage_that_the_manifest_does_not_give_blocks_only_if_no_default_is_possible() {
    let pairs: Vec<_> = GOOD.iter().copied().filter(|(name, _)| *name != "StorageType").collect();
    let (iops, mut facts) = (with(&pairs, &[("Iops", "12000")]), facts());
    one(&found::<RestoreFromSnapshot>(&facts, &iops), "Blocking Iops: is 12000, but the data has 100 GiB");
    std::sync::Arc::make_mut(&mut facts.snapshots[0]).storage_type = Some("standard".into());
    one(&found::<RestoreFromSnapshot>(&facts, &pairs), "Degrades StorageType: is standard; AWS offers gp2");
    let magnetic = [
        rows("db.r6g.large"),
        vec![Orderable { storage_type: "standard".into(), ..rows("db.r6g.large").remove(0) }],
    ];
    set(&mut facts, offer("16.4", Some("db.r6g.large")), Found::Orderable(magnetic.concat()));
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &pairs), Vec::<String>::new());
    facts.now = at("2026-07-01T00:00:00Z");
    let given = with(&pairs, &[("StorageType", "standard")]);
    one(
        &found::<RestoreFromSnapshot>(&facts, &given),
        "Blocking StorageType: is standard, which AWS refuses since 1 July 2026",
    );
}

#[test]
fn a_key_that_cannot_be_used_blocks() {
    for (answer, expected) in [
        (
            key("Disabled", HERE),
            "the snapshot orders-1 is encrypted with arn:aws:kms:us-west-2:222222222222:key/k1, which is 'Disabled'",
        ),
        (key("PendingDeletion", HERE), "which is 'PendingDeletion'; enable that key"),
        (Found::Key(None), "key/k1; us-west-2 has no such key"),
    ] {
        let mut facts = facts();
        set(&mut facts, Lookup::Key(KEY_ARN.to_owned()), answer);
        one(&found::<RestoreFromSnapshot>(&facts, GOOD), expected);
    }
}

#[test]
fn a_replica_must_fit_as_its_source_does() {
    let mut source = instance(EAST, "orders");
    source.specification.engine_version = Some("16.4".to_owned());
    source.class = "db.m4.large".to_owned();
    let mut facts = facts().add_instance(source);
    set(&mut facts, offer("16.4", Some("db.m4.large")), Found::Orderable(vec![]));
    set(&mut facts, Lookup::Key("alias/ours".to_owned()), key("Enabled", EAST));
    let source = format!("arn:aws:rds:{EAST}:222222222222:db:orders");
    let pairs = [
        ("RDSInstanceIdentifier", "orders"),
        ("SourceRDSInstanceIdentifier", &source),
        ("DBSubnetGroup", "nope"),
        ("KmsKeyId", "alias/ours"),
        ("Port", "80"),
    ];
    let findings = found::<CreateRDSReadReplica>(&facts, &pairs);
    for expected in [
        "Blocking DBSubnetGroup: is nope",
        "Blocking DBInstanceClass: is not given; the source has db.m4.large, which AWS does not offer for postgres 16.4",
        "Blocking KmsKeyId: is arn:aws:kms:us-west-2:222222222222:key/k1, a key of us-east-1; give an enabled key",
        "Blocking Port: is 80",
        "Degrades MultiAZ: is not given",
    ] {
        assert!(findings.iter().any(|found| found.starts_with(expected)), "{expected}\n{findings:#?}");
    }
    assert_eq!(findings.len(), 5, "{findings:#?}");
}

#[test]
fn a_list_that_cannot_be_read_is_unknown_and_hides_no_other_finding() {
    let mut facts = facts();
    let lists: Vec<Need> = facts.lookups.keys().cloned().collect();
    for need in lists {
        let found = facts.lookups.remove(&need).unwrap();
        facts.unread.insert(need.clone(), "access is denied".to_owned());
        let findings = found_of(&facts, &with(GOOD, &[("Port", "80")]));
        assert!(findings.iter().any(|line| line.starts_with("Blocking Port")), "{need}: {findings:#?}");
        assert_eq!(
            findings.iter().filter(|line| line.starts_with("Blocking")).count(),
            1,
            "{need}: {findings:#?}"
        );
        if !matches!(need, Need::Lookup(_, Lookup::Orderable { class: None, .. })) {
            one(
                &findings[..findings.len() - 1]
                    .iter()
                    .chain(findings.last())
                    .filter(|line| line.starts_with("Unknown"))
                    .cloned()
                    .collect::<Vec<_>>(),
                &format!("cannot examine {need}: access is denied"),
            );
        }
        facts.unread.remove(&need);
        facts.lookups.insert(need, found);
    }
}

fn found_of(facts: &Facts, pairs: &[(&str, &str)]) -> Vec<String> {
    found::<RestoreFromSnapshot>(facts, pairs)
}

#[test]
fn the_sum_of_all_databases_must_fit_into_the_quotas() {
    let (setting, mut facts) = (setting(HERE, "run-1"), facts());
    let restores = |count: usize, room: Room, layers: u32| -> Vec<Placed<'static>> {
        let kind: RestoreFromSnapshot = read(&setting, GOOD);
        let demand = Demand { room, ..kind.demands(&facts, &setting).remove(0) };
        (0..count).map(|n| placed(n as u32 % layers, &[], demand.clone())).collect()
    };
    let (all, in_one, passing, unknown) = (
        restores(200, Room::Lasting, 5),
        restores(39, Room::Lasting, 1),
        restores(78, Room::Passing, 2),
        restores(200, Room::Unknown, 1),
    );
    let findings = written_out(&readiness(&all, &[], &facts));
    one(
        &findings,
        "Blocking -: needs 200 more instances; the account has 1 of at most 40; raise the quota L-7B6409FD",
    );
    for fitting in [&in_one, &passing, &unknown] {
        assert_eq!(readiness(fitting, &[], &facts), []);
    }
    let storage_gib = Some(Quota { used: 99_000, max: 100_000 });
    set(&mut facts, Lookup::Quotas, Found::Quotas(Quotas { instances: None, storage_gib }));
    let findings = written_out(&readiness(&in_one, &[], &facts));
    one(&findings, "needs 3900 more GiB of storage; the account has 99000 of at most 100000");
}

#[test]
fn only_databases_that_are_there_at_the_same_moment_count_together() {
    let (setting, mut facts) = (setting(HERE, "run-1"), facts());
    let kind: RestoreFromSnapshot = read(&setting, GOOD);
    let demand = kind.demands(&facts, &setting).remove(0);
    let passing = Demand { room: Room::Passing, ..demand.clone() };
    let old = |layer, index, when, gib| {
        let data = Data { gib: Some(gib), ..Data::default() };
        Removed { index, layer, removal: Removal { arn: instance(HERE, "old").arn, data, when } }
    };
    let at = |layer, index, demand: &Demand| Placed { index, ..placed(layer, &[], demand.clone()) };
    let used = |max| Some(Quota { used: max, max });
    let mut needed = |demands: &[Placed<'_>], removed: &[Removed]| {
        let full = Quotas { instances: used(40), storage_gib: used(1000) };
        set(&mut facts, Lookup::Quotas, Found::Quotas(full));
        let findings = written_out(&readiness(demands, removed, &facts));
        let number = |name: &str| {
            let of_name = findings.iter().find(|line| line.contains(name));
            of_name.map_or(0, |line| line.split(' ').nth(3).unwrap().parse().unwrap())
        };
        (number("more instance"), number("more GiB"))
    };
    let [first, later] = [When::First, When::Later];
    assert_eq!(needed(&[at(1, 0, &demand)], &[]), (1, 100));
    assert_eq!(needed(&[at(1, 0, &demand)], &[old(1, 0, first, 100)]), (0, 0), "in the place of another");
    assert_eq!(needed(&[at(1, 0, &demand)], &[old(1, 0, first, 30)]), (0, 70), "of a smaller one");
    assert_eq!(needed(&[at(1, 0, &demand)], &[old(1, 0, later, 100)]), (1, 100), "beside another");
    let both = [at(1, 0, &demand), at(1, 1, &demand)];
    let of_one = [old(1, 0, first, 500), old(1, 0, first, 500)];
    assert_eq!(needed(&both, &of_one), (1, 100), "the other resource may be faster than the deletions");
    let two_layers = [at(1, 0, &passing), at(2, 1, &demand)];
    assert_eq!(needed(&two_layers, &[]), (1, 100));
    assert_eq!(needed(&two_layers, &[old(1, 0, first, 100)]), (0, 0), "the first layer leaves room");
    let drill_under_way = [old(1, 0, later, 100)];
    assert_eq!(needed(&[at(2, 1, &demand)], &drill_under_way), (0, 0), "it is gone before the second layer");
    assert_eq!(needed(&[at(1, 1, &demand)], &[old(2, 0, first, 100)]), (1, 100), "a later layer is too late");
}

#[test]
fn licences_of_aws_have_a_quota_that_no_list_shows() {
    let (setting, facts) = (setting(HERE, "run-1"), facts());
    let kind: RestoreFromSnapshot = read(&setting, GOOD);
    let mut demand = kind.demands(&facts, &setting).remove(0);
    demand.data = Data {
        engine: Some("sqlserver-se".to_owned()),
        license: Some("license-included".to_owned()),
        ..Data::default()
    };
    let many = |count| vec![placed(1, &[], demand.clone()); count];
    let of = |count| -> Vec<String> {
        let all = written_out(&readiness(&many(count), &[], &facts)).into_iter();
        all.filter(|line| line.contains("a licence of AWS")).collect()
    };
    assert_eq!(of(10), Vec::<String>::new());
    one(&of(11), "Unknown -: needs 11 more instances of sqlserver-se with a licence of AWS, beside 0");
}

#[test]
fn a_resource_without_a_snapshot_is_examined_as_far_as_possible() {
    let facts = Facts { snapshots: vec![], ..facts() };
    let pairs = with(GOOD, &[("DBSubnetGroupName", "nope"), ("Port", "80"), ("OptionGroupName", "nope")]);
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &pairs).len(), 3);
}

#[test]
fn nothing_is_demanded_for_a_database_that_is_there_already() {
    let (setting, facts) = (setting(HERE, "run-1"), facts());
    let mut restored = instance(WEST, "orders");
    restored.tags = crate::tagging::ours(&setting);
    restored.tags.insert(crate::tagging::RESTORED_FROM, facts.snapshots[0].arn.to_string());
    let facts = facts.add_instance(restored);
    assert_eq!(found::<RestoreFromSnapshot>(&facts, &with(GOOD, &[("Port", "80")])), Vec::<String>::new());
}

#[test]
fn many_resources_need_each_list_once_and_a_wrong_class_one_more() {
    let (setting, mut facts) = (setting(HERE, "run-1"), facts());
    facts.lookups.clear();
    let demands = |facts: &Facts, class: &str| -> Vec<Placed<'static>> {
        let kind: RestoreFromSnapshot = read(&setting, &with(GOOD, &[("DBInstanceClass", class)]));
        vec![placed(1, &[], kind.demands(facts, &setting).remove(0)); 200]
    };
    let all = demands(&facts, "db.nope");
    assert_eq!(missing(&all, &facts).len(), 8);
    for need in missing(&all, &facts) {
        facts.unread.insert(need, "not now".to_owned());
    }
    assert!(missing(&all, &facts).is_empty());
    let offers = Need::Lookup(region(HERE), offer("16.4", Some("db.nope")));
    facts.unread.remove(&offers);
    facts.lookups.insert(offers, Found::Orderable(vec![]));
    let more = missing(&all, &facts);
    assert_eq!(more, [Need::Lookup(region(HERE), offer("16.4", None))].into());
}

proptest! {
    #[test]
    fn the_order_of_the_resources_does_not_change_the_findings(order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle()) {
        let (setting, facts) = (setting(HERE, "run-1"), facts());
        let ports = ["80", "5432", "443", "5433", "1", "1149", "1150", "65535"];
        let all = |order: &[usize]| {
            let of = |n: &usize| {
                let kind: RestoreFromSnapshot = read(&setting, &with(GOOD, &[("Port", ports[*n])]));
                placed(1, &[], kind.demands(&facts, &setting).remove(0))
            };
            let mut found = written_out(&readiness(&order.iter().map(of).collect::<Vec<_>>(), &[], &facts));
            found.sort();
            found
        };
        prop_assert_eq!(all(&order), all(&(0..8).collect::<Vec<_>>()));
    }
}
