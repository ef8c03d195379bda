//! From the parameters of the actions on events and event subscriptions to the world's requests.

use pilot_light_domain::Instant;

use crate::http::params::{Params, invalid};
use crate::world::{
    ApiError, DescribeEventSubscriptions, DescribeEvents, EventRequest, Request, Subscription,
};

/// The request of `action`, if it is one about events.
pub(in crate::http) fn request(action: &str, params: &Params) -> Option<Result<Request, ApiError>> {
    let decoded = match action {
        "DescribeEvents" => describe(params).map(EventRequest::DescribeEvents),
        "DescribeEventSubscriptions" => {
            describe_subscriptions(params).map(EventRequest::DescribeEventSubscriptions)
        }
        "CreateEventSubscription" => params
            .required("SnsTopicArn")
            .and_then(|_| subscription(params))
            .map(EventRequest::CreateEventSubscription),
        "ModifyEventSubscription" => subscription(params).map(EventRequest::ModifyEventSubscription),
        "DeleteEventSubscription" => {
            params.required("SubscriptionName").map(EventRequest::DeleteEventSubscription)
        }
        _ => return None,
    };
    Some(decoded.map(|request| Request::Event(Box::new(request))))
}

fn describe(params: &Params) -> Result<DescribeEvents, ApiError> {
    Ok(DescribeEvents {
        source: params.text("SourceIdentifier"),
        source_type: params.text("SourceType"),
        from: time(params, "StartTime")?,
        to: time(params, "EndTime")?,
        minutes: params.parsed("Duration")?,
        categories: params.list("EventCategories", "EventCategory"),
        page: params.page()?,
    })
}

fn describe_subscriptions(params: &Params) -> Result<DescribeEventSubscriptions, ApiError> {
    let name = params.text("SubscriptionName");
    Ok(DescribeEventSubscriptions { name, page: params.page()? })
}

fn subscription(params: &Params) -> Result<Subscription, ApiError> {
    Ok(Subscription {
        name: params.required("SubscriptionName")?,
        topic: params.text("SnsTopicArn"),
        source_type: params.text("SourceType"),
        sources: params.list("SourceIds", "SourceId"),
        categories: params.list("EventCategories", "EventCategory"),
        enabled: params.parsed("Enabled")?,
    })
}

/// A time in ISO 8601. Without a zone it is in UTC.
fn time(params: &Params, name: &str) -> Result<Option<Instant>, ApiError> {
    let Some(text) = params.text(name) else { return Ok(None) };
    let with_zone = text.parse::<Instant>().or_else(|_| format!("{text}Z").parse());
    with_zone.map(Some).map_err(|_| invalid(format!("Invalid value '{text}' for {name}.")))
}
