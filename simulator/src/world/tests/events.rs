//! Events of snapshots and subscriptions to them.

use super::*;

/// The number, the source and the text of each event that a request lists.
fn listed(scene: &mut Scene, region: &str, ask: DescribeEvents) -> Vec<(&'static str, String, String)> {
    let page = page_of(scene, region, ask);
    page.items.into_iter().map(|event| (event.id, event.source, event.message)).collect()
}

fn page_of(scene: &mut Scene, region: &str, ask: DescribeEvents) -> Listing<RdsEvent> {
    let request = Request::Event(Box::new(EventRequest::DescribeEvents(ask)));
    match scene.ask(OURS, region, request).unwrap() {
        Response::Event(answer) => match *answer {
            EventResponse::Events(listing) => listing,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn of(source_type: &str) -> DescribeEvents {
    DescribeEvents { source_type: Some(source_type.into()), ..Default::default() }
}

fn event(id: &'static str, source: &str, text: &str) -> (&'static str, String, String) {
    (id, source.to_owned(), text.to_owned())
}

#[test]
fn a_snapshot_has_an_event_for_its_beginning_its_end_and_its_deletion() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.ask(OURS, EAST, delete("a")).unwrap();
    let expected = [
        event("RDS-EVENT-0040", "a", "Creating manual snapshot"),
        event("RDS-EVENT-0042", "a", "Manual snapshot created"),
        event("RDS-EVENT-0041", "a", "Deleted manual snapshot"),
    ];
    assert_eq!(listed(&mut scene, EAST, of("db-snapshot")), expected);
    let expected = [
        event("RDS-EVENT-0001", "orders", "Backing up DB instance"),
        event("RDS-EVENT-0002", "orders", "Finished DB Instance backup"),
    ];
    assert_eq!(listed(&mut scene, EAST, of("db-instance")), expected);
}

#[test]
fn the_events_of_a_copy_are_those_of_its_region_and_name_its_source() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    for (region, source) in [(WEST, arn(OURS, EAST, "a")), (EAST, "a".to_owned())] {
        scene.ask(OURS, region, Request::CopyDbSnapshot(copy(&source, "b"))).unwrap();
        scene.pass(200);
        scene.ask(OURS, region, Request::CopyDbSnapshot(copy(&source, "c"))).unwrap();
        scene.ask(OURS, region, delete("c")).unwrap();
    }
    let expected = [
        event("RDS-EVENT-0059", "b", "Started copy of snapshot a from region us-east-1."),
        event("RDS-EVENT-0060", "b", "Finished copy of snapshot a from region us-east-1 in 3 minutes."),
        event("RDS-EVENT-0059", "c", "Started copy of snapshot a from region us-east-1."),
        event("RDS-EVENT-0061", "c", "Canceled snapshot copy request of a from region us-east-1."),
    ];
    assert_eq!(listed(&mut scene, WEST, of("db-snapshot")), expected);
    let expected = [
        event("RDS-EVENT-0196", "b", "Started copy of snapshot a in region us-east-1."),
        event("RDS-EVENT-0197", "b", "Finished copy of snapshot a in region us-east-1."),
        event("RDS-EVENT-0196", "c", "Started copy of snapshot a in region us-east-1."),
        event("RDS-EVENT-0190", "c", "Canceled snapshot copy request of a in region us-east-1."),
    ];
    assert_eq!(listed(&mut scene, EAST, of("db-snapshot"))[2..], expected);
}

#[test]
fn a_snapshot_or_copy_that_fails_has_no_event_at_its_end() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.share("a", OTHER);
    let source = arn(OURS, EAST, "a");
    scene.ask(OURS, WEST, Request::CopyDbSnapshot(copy(&source, "b"))).unwrap();
    scene.ask(OURS, EAST, delete("a")).unwrap();
    assert_eq!(scene.status(&arn(OURS, WEST, "b")), "failed");
    let numbers = listed(&mut scene, WEST, of("db-snapshot")).into_iter().map(|event| event.0);
    assert_eq!(numbers.collect::<Vec<_>>(), ["RDS-EVENT-0059"]);
}

#[test]
fn events_are_listed_for_an_hour_by_default_and_for_14_days_at_most() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    for (seconds, minutes, count) in
        [(3500, None, 2), (101, None, 0), (0, Some(62), 2), (14 * 86_400, Some(20_160), 0)]
    {
        scene.pass(seconds);
        let ask = DescribeEvents { minutes, ..of("db-snapshot") };
        assert_eq!(listed(&mut scene, EAST, ask).len(), count, "{seconds} {minutes:?}");
    }
}

#[test]
fn events_are_selected_by_source_and_category_and_come_page_by_page() {
    let mut scene = Scene::with_orders();
    for number in 0..25 {
        scene.snapshot("orders", &format!("s{number}"));
    }
    let ask = DescribeEvents { minutes: Some(600), categories: vec!["creation".into()], ..of("db-snapshot") };
    let first = page_of(&mut scene, EAST, ask.clone());
    assert_eq!((first.items.len(), first.marker.is_some()), (50, false));
    let page = |marker| Page { max_records: Some(20), marker };
    let mut sizes = Vec::new();
    let mut marker = None;
    loop {
        let found = page_of(&mut scene, EAST, DescribeEvents { page: page(marker), ..ask.clone() });
        sizes.push(found.items.len());
        marker = found.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [20, 20, 10]);
    let one = DescribeEvents { source: Some("S3".into()), ..ask.clone() };
    assert_eq!(listed(&mut scene, EAST, one).len(), 2);
    let none = DescribeEvents { categories: vec!["deletion".into()], ..ask };
    assert_eq!(listed(&mut scene, EAST, none), []);
    for (wrong, code) in [
        (DescribeEvents { source: Some("s3".into()), ..Default::default() }, "InvalidParameterCombination"),
        (of("table"), "InvalidParameterValue"),
    ] {
        assert_eq!(scene.code(Request::Event(Box::new(EventRequest::DescribeEvents(wrong)))), code);
    }
}

#[test]
fn a_subscription_is_created_changed_and_deleted() {
    let mut scene = Scene::with_orders();
    let topic = Some("arn:aws:sns:us-east-1:111111111111:news".to_owned());
    let new = || Subscription { name: "news".into(), topic: topic.clone(), ..Default::default() };
    let of_orders = |id: &str| Subscription {
        source_type: Some("db-instance".into()),
        sources: vec![id.into()],
        ..new()
    };
    let category = |name: &str| Subscription { categories: vec![name.into()], ..of_orders("orders") };
    let create = EventRequest::CreateEventSubscription;
    let modify = EventRequest::ModifyEventSubscription;
    for (request, code) in [
        (create(Subscription { topic: Some("news".into()), ..new() }), "SNSInvalidTopic"),
        (create(of_orders("unknown")), "SourceNotFound"),
        (create(category("weather")), "SubscriptionCategoryNotFound"),
        (modify(new()), "SubscriptionNotFound"),
        (create(category("backup")), "ok"),
        (create(new()), "SubscriptionAlreadyExist"),
        (modify(Subscription { enabled: Some(false), ..new() }), "ok"),
        (EventRequest::DeleteEventSubscription("news".into()), "ok"),
        (EventRequest::DeleteEventSubscription("news".into()), "SubscriptionNotFound"),
    ] {
        let text = format!("{request:?}");
        assert_eq!(scene.code(Request::Event(Box::new(request))), code, "{text}");
    }
}
