//! The requests about events and subscriptions, with types for their parameters, and the answers.

use pilot_light_domain::Instant;

use super::record::{RdsEvent, SubscriptionRecord};
use crate::world::api::paging::{Listing, Page};

/// A request about events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventRequest {
    /// `DescribeEvents`.
    DescribeEvents(DescribeEvents),
    /// `DescribeEventSubscriptions`.
    DescribeEventSubscriptions(DescribeEventSubscriptions),
    /// `CreateEventSubscription`.
    CreateEventSubscription(Subscription),
    /// `ModifyEventSubscription`. Absent parameters keep their values.
    ModifyEventSubscription(Subscription),
    /// `DeleteEventSubscription`, by name.
    DeleteEventSubscription(String),
}

/// An answer about events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventResponse {
    /// A page of events.
    Events(Listing<RdsEvent>),
    /// A page of subscriptions.
    Subscriptions(Listing<SubscriptionRecord>),
    /// One subscription.
    Subscription(SubscriptionRecord),
}

/// Events to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeEvents {
    /// `SourceIdentifier`.
    pub source: Option<String>,
    /// `SourceType`.
    pub source_type: Option<String>,
    /// `StartTime`.
    pub from: Option<Instant>,
    /// `EndTime`.
    pub to: Option<Instant>,
    /// `Duration` in minutes; 60 if no times are given either.
    pub minutes: Option<i64>,
    /// `EventCategories`; none means all.
    pub categories: Vec<String>,
    /// The page.
    pub page: Page,
}

/// Subscriptions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeEventSubscriptions {
    /// `SubscriptionName`.
    pub name: Option<String>,
    /// The page.
    pub page: Page,
}

/// A subscription to create or to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscription {
    /// `SubscriptionName`.
    pub name: String,
    /// `SnsTopicArn`.
    pub topic: Option<String>,
    /// `SourceType`.
    pub source_type: Option<String>,
    /// `SourceIds`.
    pub sources: Vec<String>,
    /// `EventCategories`.
    pub categories: Vec<String>,
    /// `Enabled`.
    pub enabled: Option<bool>,
}

impl EventRequest {
    /// The API action, as IAM and CloudTrail name it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::DescribeEvents(_) => "DescribeEvents",
            Self::DescribeEventSubscriptions(_) => "DescribeEventSubscriptions",
            Self::CreateEventSubscription(_) => "CreateEventSubscription",
            Self::ModifyEventSubscription(_) => "ModifyEventSubscription",
            Self::DeleteEventSubscription(_) => "DeleteEventSubscription",
        }
    }
}
