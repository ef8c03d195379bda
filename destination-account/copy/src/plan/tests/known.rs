//! The offers that the command `retire` sees, also of snapshots that cannot be copied.

use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::rules::lateness;
use pilot_light_domain::rules::retire::{Change, Wish, decide};

use super::*;

const LATER: &str = "2026-01-01T14:00:00Z";

/// A record without an engine. The rest is that of `offer`.
pub(super) fn odd(offer: &Snapshot) -> OddRecord {
    OddRecord {
        arn: Some(offer.arn.to_string()),
        database: Some(offer.database.clone()),
        status: Some(SnapshotStatus::Available),
        time: offer.taken_at(),
        problem: "has no Engine".to_owned(),
        ..OddRecord::default()
    }
}

pub(super) fn with_odd(facts: Facts, odd: OddRecord) -> Facts {
    Facts { odd: Odd { offered: vec![odd], ..Odd::default() }, ..facts }
}

/// The refusal to retire `orders`, if it is refused.
fn refusal(facts: &Facts) -> Option<String> {
    let policy = policy(&[]);
    let known = super::super::known(facts, &policy, at(LATER));
    let wish = Wish { of: "orders".to_owned(), change: Change::Retire(None), by: "user/jane".to_owned() };
    let done = decide(&known, &wish, lateness::limit(policy.rpo_target), at(LATER));
    done.err().map(|error| error.to_string())
}

fn gone() -> Facts {
    facts(&[], &[], &[copy_of(&offer("orders", 10), "available")])
}

#[test]
fn a_database_whose_only_offer_is_a_record_that_cannot_be_read_is_not_retired() {
    assert_eq!(refusal(&gone()), None);
    let newer = odd(&offer("orders", 40));
    let nameless = OddRecord { database: None, ..newer.clone() };
    let timeless = OddRecord { time: None, ..odd(&offer("orders", 10)) };
    for record in [newer, nameless, timeless] {
        let said = refusal(&with_odd(gone(), record)).unwrap();
        assert!(said.contains("its record cannot be read: has no Engine"), "{said}");
    }
}

#[test]
fn an_odd_record_of_another_database_or_account_and_an_old_one_refuse_nothing() {
    let of_other = odd(&offer("billing", 40));
    let foreign = OddRecord {
        arn: Some("arn:aws:rds:us-east-1:666666666666:snapshot:orders-40".to_owned()),
        ..odd(&offer("orders", 40))
    };
    for record in [of_other, foreign, odd(&offer("orders", 10))] {
        assert_eq!(refusal(&with_odd(gone(), record)), None);
    }
}

#[test]
fn a_database_whose_offers_can_be_read_and_not_copied_is_not_retired() {
    let mut timeless = offer("orders", 40);
    timeless.database_time = None;
    let said = refusal(&Facts { offered: vec![timeless.into()], ..gone() }).unwrap();
    assert!(said.contains("AWS gives no time for it yet"), "{said}");
}
