//! The records of events and of subscriptions to them.

use std::collections::BTreeSet;

use pilot_light_domain::Instant;

/// An event of RDS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RdsEvent {
    /// AWS's number of the event, as in `RDS-EVENT-0042`. EventBridge shows it, `DescribeEvents` does not.
    pub id: &'static str,
    /// The instant.
    pub at: Instant,
    /// `SourceType`, as in `db-snapshot`.
    pub source_type: &'static str,
    /// `SourceIdentifier`.
    pub source: String,
    /// `SourceArn`.
    pub arn: String,
    /// The event's only category.
    pub category: &'static str,
    /// `Message`.
    pub message: String,
}

/// A subscription to events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionRecord {
    /// `EventSubscriptionArn`.
    pub arn: String,
    /// `CustomerAwsId`.
    pub account: String,
    /// `CustSubscriptionId`.
    pub name: String,
    /// `SnsTopicArn`.
    pub topic: String,
    /// `SourceType`; absent means every type.
    pub source_type: Option<String>,
    /// `SourceIdsList`.
    pub sources: BTreeSet<String>,
    /// `EventCategoriesList`.
    pub categories: BTreeSet<String>,
    /// `Enabled`.
    pub enabled: bool,
    /// The status in this answer.
    pub status: &'static str,
    /// The instant of its creation.
    pub created_at: Instant,
}
