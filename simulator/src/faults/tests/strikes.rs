//! Faults of the world as a whole: the effect of each, its end, and the stream of all of them.

use super::*;
use crate::world::{Caller, CopyDbSnapshot, DescribeDbSnapshots, Dump, KeyState, Page, Response};

fn script(fault: Kind, side: Side) -> FaultPlan {
    let (after, lasts) = (TimeDelta::hours(1), TimeDelta::hours(2));
    let scripted = Scripted { fault, after, lasts, side: Some(side) };
    FaultPlan::none().with_scripted(scripted).unwrap()
}

/// The answer to a caller at this instant, outages included.
fn code(simulation: &Simulation, id: &str, name: &str, request: Request) -> &'static str {
    let now = simulation.now();
    let caller = Caller { account: account(id) };
    let answer = simulation.with_world(|world| world.request(&caller, &region(name), request, now));
    answer.map_or_else(|error| error.code, |_| "ok")
}

fn dump(simulation: &Simulation) -> Dump {
    simulation.with_world(|world| world.dump())
}

/// A simulation with a snapshot `a`, shared, just before, during and just after one strike of `fault`.
fn through(fault: Kind, side: Side, look: impl Fn(&Simulation) -> String) -> [String; 3] {
    let simulation = under(script(fault, side));
    simulation.request(&account(SOURCE), &region(EAST), take("orders", "a")).unwrap();
    simulation.advance_by(TimeDelta::minutes(59));
    let before = look(&simulation);
    assert_eq!(simulation.faults_injected(), [].into());
    simulation.advance_by(TimeDelta::minutes(1));
    let during = look(&simulation);
    assert_eq!(simulation.faults_injected(), [(fault, 1)].into());
    simulation.advance_by(TimeDelta::minutes(120));
    assert_eq!(simulation.faults_injected(), [(fault, 1)].into());
    [before, during, look(&simulation)]
}

#[test]
fn a_quota_is_filled_and_copy_slots_are_taken() {
    let quota = through(Kind::FullQuota, Side::Destination, |simulation| {
        let ours = dump(simulation).snapshots.into_iter().filter(|s| s.account == account(DESTINATION));
        ours.count().to_string()
    });
    assert_eq!(quota, ["0", "100", "0"]);
    let slots = through(Kind::TakenSlots, Side::Destination, |simulation| {
        let source = "arn:aws:rds:us-east-1:222222222222:snapshot:own".to_owned();
        simulation.with_world(|world| {
            let own = source.parse().unwrap();
            let database = DatabaseName::new("orders").unwrap();
            let (kms_key, tags, shared_with) = (None, Default::default(), Default::default());
            let taken = world.now();
            world.impose_snapshot(crate::world::StrangersSnapshot {
                arn: own,
                database,
                taken,
                kms_key,
                tags,
                shared_with,
            })
        });
        let target = format!("copy-{}", simulation.now().timestamp());
        let copy = CopyDbSnapshot { source, target, ..Default::default() };
        code(simulation, DESTINATION, WEST, Request::CopyDbSnapshot(copy)).to_owned()
    });
    assert_eq!(slots, ["ok", "SnapshotQuotaExceeded", "ok"]);
}

#[test]
fn a_key_is_disabled_or_deleted() {
    for (kind, state) in
        [(Kind::DisabledKey, KeyState::Disabled), (Kind::DeletedKey, KeyState::PendingDeletion)]
    {
        let seen =
            through(kind, Side::Destination, |simulation| format!("{:?}", dump(simulation).keys[0].state));
        assert_eq!(seen, ["Enabled".to_owned(), format!("{state:?}"), "Enabled".to_owned()]);
    }
}

#[test]
fn an_instance_is_modified_stopped_or_replaced() {
    for (kind, status) in [(Kind::ModifyingInstance, "modifying"), (Kind::StoppedInstance, "stopped")] {
        let seen = through(kind, Side::Source, |simulation| {
            let statuses = dump(simulation).databases.into_iter().map(|found| found.status);
            statuses.filter(|found| found != "available").collect()
        });
        assert_eq!(seen, ["", status, ""]);
    }
    let seen = through(Kind::ReplacedInstance, Side::Source, |simulation| {
        simulation.advance_by(TimeDelta::zero());
        let databases = dump(simulation).databases;
        let is_new = databases.iter().any(|found| found.created_at > Some(start()));
        format!("{} {is_new}", databases.len())
    });
    assert_eq!(seen, ["2 false", "1 false", "2 true"]);
}

#[test]
fn an_instance_is_renamed_and_gets_its_old_name_back() {
    let [before, during, after] = through(Kind::RenamedInstance, Side::Source, |simulation| {
        // AWS shows the new name after a few seconds.
        simulation.advance_by(TimeDelta::seconds(10));
        let databases = dump(simulation).databases.into_iter();
        let named = databases.map(|found| format!("{} of {:?}", found.id, found.created_at));
        named.collect::<Vec<_>>().join(", ")
    });
    assert_eq!(before, after);
    let names = ["orders", "billing"];
    assert!(names.iter().any(|name| before.replace(name, &format!("{name}-renamed")) == during), "{during}");
}

#[test]
fn an_instance_is_switched_over_and_the_earlier_one_is_deleted() {
    let [before, during, after] = through(Kind::SwitchedOverInstance, Side::Source, |simulation| {
        let databases = dump(simulation).databases.into_iter();
        let named = databases.map(|found| {
            let is_first = found.created_at == Some(start());
            format!("{} {}", found.id, if is_first { "first" } else { "second" })
        });
        named.collect::<Vec<_>>().join(", ")
    });
    assert_eq!(before, "billing first, orders first");
    let seen = [during.as_str(), after.as_str()];
    let of_orders = ["billing first, orders second, orders-old1 first", "billing first, orders second"];
    let of_billing = ["billing second, billing-old1 first, orders first", "billing second, orders first"];
    assert!(seen == of_orders || seen == of_billing, "{seen:?}");
}

#[test]
fn an_outage_strikes_a_region_or_an_account() {
    let ask = |simulation: &Simulation| {
        let places = [(SOURCE, EAST), (DESTINATION, EAST), (DESTINATION, WEST)];
        let codes = places.map(|(id, name)| code(simulation, id, name, Request::DescribeAccountAttributes));
        codes.map(|code| if code == "ok" { '+' } else { '-' }).iter().collect()
    };
    assert_eq!(through(Kind::RegionOutage, Side::Destination, ask), ["+++", "++-", "+++"]);
    assert_eq!(through(Kind::RegionOutage, Side::Source, ask), ["+++", "--+", "+++"]);
    assert_eq!(through(Kind::AccountOutage, Side::Destination, ask), ["+++", "+--", "+++"]);
    assert_eq!(through(Kind::AccountOutage, Side::Source, ask), ["+++", "-++", "+++"]);
}

#[test]
fn an_outage_stops_parameters_and_metrics_but_not_the_preparation_of_a_scene() {
    let simulation = under(script(Kind::RegionOutage, Side::Destination));
    simulation.advance_by(TimeDelta::minutes(61));
    let cloud = simulation.cloud(&account(DESTINATION), &region(WEST), Parameters::new());
    let refused = now(cloud.parameters()).unwrap_err();
    assert_eq!((refused.action, refused.code.as_str()), ("GetParametersByPath", "ServiceUnavailable"));
    let place = (account(DESTINATION), region(WEST));
    assert!(simulation.request(&place.0, &place.1, Request::DescribeAccountAttributes).is_ok());
}

#[test]
fn foreign_and_forged_snapshots_appear_among_the_shared_ones() {
    let shared = |simulation: &Simulation| {
        let mut count = 0;
        for name in [EAST, WEST] {
            let mut page = Page { max_records: Some(100), marker: None };
            loop {
                let snapshot_type = Some("shared".to_owned());
                let ask = DescribeDbSnapshots { snapshot_type, page: page.clone(), ..Default::default() };
                let ask = Request::DescribeDbSnapshots(ask);
                let answer = simulation.request(&account(DESTINATION), &region(name), ask).unwrap();
                let Response::Snapshots(listing) = answer else { panic!("no list") };
                count += listing.items.len();
                page.marker = listing.marker;
                if page.marker.is_none() {
                    break;
                }
            }
        }
        count.to_string()
    };
    assert_eq!(through(Kind::ForeignSnapshots, Side::Source, shared), ["0", "3000", "0"]);
    assert_eq!(through(Kind::ForgedSnapshots, Side::Source, shared), ["0", "10", "0"]);
}

#[test]
fn the_retention_of_the_copies_is_short_for_a_while_and_no_other_parameter_changes() {
    let of = |simulation: &Simulation, id: &str, place: &str| {
        let given = [("RetentionDays", "30d"), ("KeepLast", "2")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let cloud = simulation.cloud(&account(id), &region(place), given);
        let read: Parameters = cloud.parameters().now_or_never().unwrap().unwrap();
        let value = |name: &str| read.get(name).cloned().unwrap_or_default();
        format!("{} {} {}", value("RetentionDays"), value("KeepLast"), value("KeepDaily"))
    };
    let seen = through(Kind::ShortRetention, Side::Source, |simulation| of(simulation, DESTINATION, WEST));
    assert_eq!(seen, ["30d 2 ", "1h 2 0", "30d 2 "]);
    let seen = through(Kind::ShortRetention, Side::Source, |simulation| of(simulation, SOURCE, EAST));
    assert_eq!(seen, ["30d 2 "; 3]);
}

#[test]
fn everything_the_source_owns_is_deleted_and_its_databases_are_created_again() {
    let seen = through(Kind::SourceDeleted, Side::Source, |simulation| {
        let dump = dump(simulation);
        format!("{} {}", dump.databases.len(), dump.snapshots.len())
    });
    assert_eq!(seen, ["2 1", "0 0", "2 0"]);
}

#[test]
fn strikes_are_in_order_of_time_and_each_begins_and_ends() {
    let mut strikes = Strikes::new(Draws::new(FaultPlan::hostile(), 7, days(365)));
    let (mut last, mut open, mut most, mut kinds) =
        (start(), Vec::new(), 0, std::collections::BTreeSet::new());
    while let Some(at) = strikes.next_at() {
        let (moment, strike) = strikes.next().unwrap();
        assert!(last <= at && at <= days(365).end);
        last = at;
        match moment {
            Moment::Begins => open.push(strike),
            Moment::Ends => open.retain(|other| *other != strike),
        }
        kinds.insert(strike.kind);
        most = most.max(open.len());
    }
    assert_eq!(open, []);
    assert!(most < 30, "{most}");
    let of_the_world = Kind::ALL.into_iter().filter(|kind| kind.occasion() == Occasion::Day);
    assert_eq!(kinds, of_the_world.collect());
}

#[test]
fn strikes_follow_from_the_seed_and_come_at_their_rate() {
    let stream =
        |seed| Strikes::new(Draws::new(FaultPlan::default_faults(), seed, days(100))).collect::<Vec<_>>();
    assert_eq!(stream(1), stream(1));
    assert_ne!(stream(1), stream(2));
    let modified = stream(1).iter().filter(|(_, strike)| strike.kind == Kind::ModifyingInstance).count() / 2;
    assert!((150..250).contains(&modified), "{modified}");
}
