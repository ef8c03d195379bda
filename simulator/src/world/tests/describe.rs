//! Lists: types, filters and pages.

use super::*;

/// Own manual `own-1`, `own-2`, an automated one, and `foreign` shared with us by OTHER.
fn scene() -> Scene {
    let mut scene = Scene::with_orders();
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let create = CreateDbInstance { engine: "mysql".into(), options, ..instance("payments") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(200);
    scene.snapshot("orders", "own-1");
    scene.snapshot("payments", "own-2");
    scene.ask(OTHER, EAST, Request::CreateDbInstance(instance("orders"))).unwrap();
    scene.ask(OTHER, EAST, take("orders", "foreign")).unwrap();
    scene.pass(100);
    scene.ask(OTHER, EAST, share("foreign", &[OURS])).unwrap();
    scene
}

fn names(views: &[SnapshotView]) -> Vec<String> {
    let short = |view: &SnapshotView| view.identifier().split(':').next_back().map(str::to_owned);
    views
        .iter()
        .filter_map(short)
        .map(|name| if name.starts_with("payments-") { "auto".into() } else { name })
        .collect()
}

#[test]
fn snapshot_types_and_inclusions_select_the_listed_snapshots() {
    let mut scene = scene();
    for (snapshot_type, include_shared, expected) in [
        (None, false, vec!["own-1", "own-2", "auto"]),
        (None, true, vec!["own-1", "own-2", "auto", "foreign"]),
        (Some("manual"), false, vec!["own-1", "own-2"]),
        (Some("manual"), true, vec!["own-1", "own-2"]),
        (Some("automated"), true, vec!["auto"]),
        (Some("shared"), false, vec!["foreign"]),
        (Some("public"), true, vec![]),
        (Some("awsbackup"), false, vec![]),
    ] {
        let ask = DescribeDbSnapshots {
            snapshot_type: snapshot_type.map(str::to_owned),
            include_shared,
            ..Default::default()
        };
        assert_eq!(names(&scene.list(OURS, EAST, ask)), expected, "{snapshot_type:?} {include_shared}");
    }
    let wrong = DescribeDbSnapshots { snapshot_type: Some("mine".into()), ..Default::default() };
    assert_eq!(scene.code(Request::DescribeDbSnapshots(wrong)), "InvalidParameterValue");
}

#[test]
fn one_snapshot_is_found_by_identifier_or_arn_only_where_it_is_listed() {
    let mut scene = scene();
    let foreign = arn(OTHER, EAST, "foreign");
    for (id, snapshot_type, include_shared, code) in [
        ("own-1", None, false, "ok"),
        ("OWN-1", None, false, "ok"),
        (&arn(OURS, EAST, "own-1"), Some("manual"), false, "ok"),
        ("own-1", Some("shared"), false, "DBSnapshotNotFound"),
        ("own-3", None, false, "DBSnapshotNotFound"),
        ("not an identifier", None, false, "DBSnapshotNotFound"),
        (&foreign, None, false, "DBSnapshotNotFound"),
        (&foreign, None, true, "ok"),
        (&foreign, Some("shared"), false, "ok"),
        ("foreign", Some("shared"), false, "DBSnapshotNotFound"),
    ] {
        let ask = DescribeDbSnapshots {
            id: Some(id.to_owned()),
            snapshot_type: snapshot_type.map(str::to_owned),
            include_shared,
            ..Default::default()
        };
        assert_eq!(scene.code(Request::DescribeDbSnapshots(ask)), code, "{id} {snapshot_type:?}");
    }
}

#[test]
fn filters_narrow_a_list_and_unknown_ones_are_refused() {
    let mut scene = scene();
    let filter = |name: &str, values: &[&str]| Filter {
        name: name.into(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let payments = format!("arn:aws:rds:{EAST}:{OURS}:db:payments");
    let resource = scene.record(&arn(OURS, EAST, "own-2")).unwrap().shape.resource_id.clone();
    for (filters, expected) in [
        (vec![filter("db-instance-id", &["orders"])], vec!["own-1", "foreign"]),
        (vec![filter("db-instance-id", &["ORDERS", &payments])], vec!["own-1", "own-2", "auto", "foreign"]),
        (vec![filter("db-instance-id", &["ord"])], vec![]),
        (vec![filter("engine", &["mysql"])], vec!["own-2", "auto"]),
        (vec![filter("engine", &["mysql"]), filter("snapshot-type", &["manual"])], vec!["own-2"]),
        (vec![filter("snapshot-type", &["shared", "automated"])], vec!["auto", "foreign"]),
        (vec![filter("db-snapshot-id", &["own-1", &arn(OTHER, EAST, "foreign")])], vec!["own-1", "foreign"]),
        (vec![filter("dbi-resource-id", &[&resource])], vec!["own-2", "auto"]),
    ] {
        let ask =
            DescribeDbSnapshots { include_shared: true, filters: filters.clone(), ..Default::default() };
        assert_eq!(names(&scene.list(OURS, EAST, ask)), expected, "{filters:?}");
    }
    for wrong in [filter("instance", &["orders"]), filter("engine", &[])] {
        let ask = DescribeDbSnapshots { filters: vec![wrong.clone()], ..Default::default() };
        assert_eq!(scene.code(Request::DescribeDbSnapshots(ask)), "InvalidParameterValue", "{wrong:?}");
        let ask = DescribeDbInstances { filters: vec![wrong], ..Default::default() };
        assert_eq!(scene.code(Request::DescribeDbInstances(ask)), "InvalidParameterValue");
    }
    let ask = DescribeDbSnapshots { database: Some("Orders".into()), ..Default::default() };
    assert_eq!(names(&scene.list(OURS, EAST, ask)), ["own-1"]);
}

#[test]
fn pages_have_the_requested_size_and_lose_nothing() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| settings.quota = 1000);
    for n in 0..41 {
        scene.snapshot("orders", &format!("own-{n:02}"));
    }
    scene.ask(OTHER, EAST, Request::CreateDbInstance(instance("orders"))).unwrap();
    for n in 0..40 {
        scene.ask(OTHER, EAST, take("orders", &format!("foreign-{n:02}"))).unwrap();
        scene.pass(100);
        scene.ask(OTHER, EAST, share(&format!("foreign-{n:02}"), &[OURS])).unwrap();
    }
    for (size, expected) in [
        (None, vec![81]),
        (Some(20), vec![20, 20, 20, 20, 1]),
        (Some(27), vec![27, 27, 27]),
        (Some(80), vec![80, 1]),
    ] {
        let (mut pages, mut seen, mut marker) = (vec![], BTreeSet::new(), None);
        loop {
            let page = Page { max_records: size, marker };
            let ask = DescribeDbSnapshots { include_shared: true, page, ..Default::default() };
            let Ok(Response::Snapshots(listing)) = scene.ask(OURS, EAST, Request::DescribeDbSnapshots(ask))
            else {
                panic!("no list")
            };
            pages.push(listing.items.len());
            seen.extend(names(&listing.items));
            marker = listing.marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!((pages, seen.len()), (expected, 81));
    }
}

#[test]
fn page_sizes_and_markers_are_checked() {
    let mut scene = Scene::with_orders();
    for (max_records, marker, code) in [
        (Some(20), None, "ok"),
        (Some(100), None, "ok"),
        (Some(19), None, "InvalidParameterValue"),
        (Some(101), None, "InvalidParameterValue"),
        (Some(-1), None, "InvalidParameterValue"),
        (None, Some("own/gone-meanwhile"), "ok"),
        (None, Some("elsewhere"), "InvalidParameterValue"),
        (None, Some("own/"), "InvalidParameterValue"),
    ] {
        let page = Page { max_records, marker: marker.map(str::to_owned) };
        let ask = DescribeDbSnapshots { page: page.clone(), ..Default::default() };
        assert_eq!(scene.code(Request::DescribeDbSnapshots(ask)), code, "{page:?}");
    }
}

#[test]
fn instances_are_paged_and_found() {
    let mut scene = Scene::new();
    scene.configure(|settings| settings.instances = 45);
    for n in 0..45 {
        scene.database(&format!("db{n:02}"), None);
    }
    let (mut marker, mut pages) = (None, vec![]);
    loop {
        let ask = DescribeDbInstances { page: Page { max_records: Some(20), marker }, ..Default::default() };
        let Ok(Response::Instances(listing)) = scene.ask(OURS, EAST, Request::DescribeDbInstances(ask))
        else {
            panic!("no list")
        };
        pages.push(listing.items.len());
        marker = listing.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages, [20, 20, 5]);
    for (name, code) in [
        ("DB01", "ok"),
        (&format!("arn:aws:rds:{EAST}:{OURS}:db:db01"), "ok"),
        (&format!("arn:aws:rds:{EAST}:{OTHER}:db:db01"), "DBInstanceNotFound"),
        ("db99", "DBInstanceNotFound"),
    ] {
        let ask = DescribeDbInstances { name: Some(name.to_owned()), ..Default::default() };
        assert_eq!(scene.code(Request::DescribeDbInstances(ask)), code, "{name}");
    }
}
