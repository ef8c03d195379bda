//! Events and event subscriptions as XML.

use chrono::SecondsFormat;

use super::parts::list;
use crate::http::xml::Xml;
use crate::world::{EventResponse, RdsEvent, SubscriptionRecord};

pub(in crate::http) fn result(xml: &mut Xml, answer: &EventResponse) {
    match answer {
        EventResponse::Events(found) => list(xml, ("Events", "Event"), found, event),
        EventResponse::Subscription(record) => {
            xml.element("EventSubscription", |xml| subscription(xml, record));
        }
        EventResponse::Subscriptions(found) => {
            list(xml, ("EventSubscriptionsList", "EventSubscription"), found, subscription);
        }
    }
}

fn event(xml: &mut Xml, event: &RdsEvent) {
    xml.text("SourceIdentifier", &event.source);
    xml.text("SourceType", event.source_type);
    xml.text("SourceArn", &event.arn);
    xml.text("Message", &event.message);
    xml.element("EventCategories", |xml| xml.text("EventCategory", event.category));
    xml.time("Date", Some(event.at));
}

fn subscription(xml: &mut Xml, record: &SubscriptionRecord) {
    xml.text("EventSubscriptionArn", &record.arn);
    xml.text("CustomerAwsId", &record.account);
    xml.text("CustSubscriptionId", &record.name);
    xml.text("SnsTopicArn", &record.topic);
    xml.text("Status", record.status);
    xml.text("SubscriptionCreationTime", record.created_at.to_rfc3339_opts(SecondsFormat::Millis, true));
    xml.text("Enabled", record.enabled);
    xml.optional("SourceType", record.source_type.as_ref());
    xml.element("SourceIdsList", |xml| record.sources.iter().for_each(|id| xml.text("SourceId", id)));
    xml.element("EventCategoriesList", |xml| {
        record.categories.iter().for_each(|name| xml.text("EventCategory", name));
    });
}
