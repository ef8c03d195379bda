//! The events of RDS, which `DescribeEvents` lists for 14 days, and the subscriptions to them.
//!
//! This file keeps the events. Their texts are in `messages`. Nothing is delivered: a subscription is only stored.

mod describe;
mod messages;
pub(super) mod record;
pub(super) mod request;
mod subscriptions;

use std::collections::{BTreeMap, VecDeque};

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;

use self::messages::Entry;
use self::record::SubscriptionRecord;
use self::request::{EventRequest, EventResponse};
use crate::world::World;
use crate::world::api::error::ApiError;
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::journal::Happening;

/// The age up to which AWS lists events.
const KEPT: TimeDelta = TimeDelta::days(14);

/// The events of all places, and the subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// The events of a place in their order, each with its number.
    by_place: BTreeMap<Place, VecDeque<(u64, Entry)>>,
    subscriptions: BTreeMap<Place, BTreeMap<String, SubscriptionRecord>>,
    /// Each copy in progress, with its source and beginning.
    copies: BTreeMap<SnapshotArn, Copy>,
    published: u64,
}

/// A copy in progress.
#[derive(Debug)]
struct Copy {
    source: SnapshotArn,
    begun: Instant,
}

impl World {
    pub(in crate::world) fn answer_event(
        &mut self,
        place: &Place,
        request: EventRequest,
    ) -> Result<Response, ApiError> {
        let answer = match request {
            EventRequest::DescribeEvents(ask) => self.describe_events(place, &ask).map(EventResponse::Events),
            EventRequest::DescribeEventSubscriptions(ask) => {
                self.describe_subscriptions(place, &ask).map(EventResponse::Subscriptions)
            }
            EventRequest::CreateEventSubscription(ask) => {
                self.create_subscription(place, ask).map(EventResponse::Subscription)
            }
            EventRequest::ModifyEventSubscription(ask) => {
                self.modify_subscription(place, ask).map(EventResponse::Subscription)
            }
            EventRequest::DeleteEventSubscription(name) => {
                self.delete_subscription(place, &name).map(EventResponse::Subscription)
            }
        };
        answer.map(|answer| Response::Event(Box::new(answer)))
    }

    /// Publishes the events that follow from an entry of the journal.
    pub(in crate::world) fn publish_happening(&mut self, what: &Happening) {
        let (record, events) = match what {
            Happening::Begun(record, source) => {
                if let Some(source) = source {
                    let copy = Copy { source: source.clone(), begun: self.now };
                    self.events.copies.insert(record.arn.clone(), copy);
                }
                (record, messages::begun(record, source.as_ref(), self.now))
            }
            Happening::Ended(record) => {
                let copy = self.events.copies.remove(&record.arn);
                (record, messages::ended(record, copy, self.now))
            }
            Happening::Gone(record, _) => {
                let copy = self.events.copies.remove(&record.arn);
                (record, messages::gone(record, copy, self.now).into_iter().collect())
            }
            Happening::Refused(..)
            | Happening::DatabaseReady(..)
            | Happening::DatabaseRenamed(..)
            | Happening::DatabaseGone(..)
            | Happening::OutageBegan
            | Happening::OutageEnded => return,
        };
        let place = Place::of_snapshot(&record.arn);
        events.into_iter().for_each(|event| self.events.publish(&place, event));
    }

    /// Publishes the restore of an instance from a snapshot.
    pub(in crate::world) fn publish_restore(&mut self, place: &Place, snapshot: &SnapshotArn) {
        let event = messages::restored(snapshot, self.now);
        self.events.publish(place, event);
    }
}

impl Events {
    fn publish(&mut self, place: &Place, event: Entry) {
        self.published += 1;
        let oldest = event.at - KEPT;
        let events = self.by_place.entry(place.clone()).or_default();
        events.push_back((self.published, event));
        while events.front().is_some_and(|(_, event)| event.at < oldest) {
            events.pop_front();
        }
    }
}
