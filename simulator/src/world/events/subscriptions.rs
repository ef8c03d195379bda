//! The actions on event subscriptions. AWS checks that topic and sources exist; here, only sources are known.

use super::record::SubscriptionRecord;
use super::request::{DescribeEventSubscriptions, Subscription};
use crate::world::World;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, refused};
use crate::world::api::paging::{Listing, page_by_name};
use crate::world::place::Place;

/// Subscriptions that an account may have in a Region: AWS's default quota.
const QUOTA: usize = 20;

impl World {
    pub(super) fn create_subscription(
        &mut self,
        place: &Place,
        ask: Subscription,
    ) -> Result<SubscriptionRecord, ApiError> {
        let own = self.events.subscriptions.get(place);
        if own.is_some_and(|own| own.contains_key(&ask.name)) {
            let text = format!("Event Subscription {} already exists.", ask.name);
            return Err(refused("SubscriptionAlreadyExist", text));
        }
        if own.is_some_and(|own| own.len() >= QUOTA) {
            let text = "You have reached the maximum number of event subscriptions.";
            return Err(refused("EventSubscriptionQuotaExceeded", text));
        }
        self.check_sources(place, &ask)?;
        let record = SubscriptionRecord {
            arn: format!(
                "arn:{}:rds:{}:{}:es:{}",
                place.region.partition(),
                place.region,
                place.account,
                ask.name
            ),
            account: place.account.to_string(),
            name: ask.name.clone(),
            topic: String::new(),
            source_type: None,
            sources: ask.sources.iter().map(|id| id.to_ascii_lowercase()).collect(),
            categories: Default::default(),
            enabled: true,
            status: "active",
            created_at: self.now,
        };
        let record = changed(record, ask)?;
        self.events
            .subscriptions
            .entry(place.clone())
            .or_default()
            .insert(record.name.clone(), record.clone());
        Ok(SubscriptionRecord { status: "creating", ..record })
    }

    pub(super) fn modify_subscription(
        &mut self,
        place: &Place,
        ask: Subscription,
    ) -> Result<SubscriptionRecord, ApiError> {
        let own = self.events.subscriptions.get_mut(place);
        let found = own.and_then(|own| own.get_mut(&ask.name)).ok_or_else(|| not_found(&ask.name))?;
        *found = changed(found.clone(), ask)?;
        Ok(SubscriptionRecord { status: "modifying", ..found.clone() })
    }

    pub(super) fn delete_subscription(
        &mut self,
        place: &Place,
        name: &str,
    ) -> Result<SubscriptionRecord, ApiError> {
        let own = self.events.subscriptions.get_mut(place);
        let found = own.and_then(|own| own.remove(name)).ok_or_else(|| not_found(name))?;
        Ok(SubscriptionRecord { status: "deleting", ..found })
    }

    pub(super) fn describe_subscriptions(
        &self,
        place: &Place,
        ask: &DescribeEventSubscriptions,
    ) -> Result<Listing<SubscriptionRecord>, ApiError> {
        let own = self.events.subscriptions.get(place);
        let page = page_by_name(&ask.page, own.into_iter().flatten())?;
        let Some(name) = &ask.name else { return Ok(page) };
        let found = own.and_then(|own| own.get(name)).ok_or_else(|| not_found(name))?;
        Ok(Listing::whole([found.clone()]))
    }

    fn check_sources(&self, place: &Place, ask: &Subscription) -> Result<(), ApiError> {
        if ask.sources.is_empty() {
            return Ok(());
        }
        let Some(source_type) = ask.source_type.as_deref() else {
            return Err(invalid_combination("SourceType must be provided if SourceIds are provided."));
        };
        ask.sources.iter().try_for_each(|id| {
            let is_known = match source_type {
                "db-instance" => self.instance(place, id).is_ok(),
                "db-snapshot" => self.own_snapshot(place, id).is_ok(),
                _ => true,
            };
            if is_known {
                return Ok(());
            }
            let message = format!("Source {id} not found.");
            Err(ApiError { http_status: 404, ..refused("SourceNotFound", message) })
        })
    }
}

/// The subscription with the requested changes.
fn changed(before: SubscriptionRecord, ask: Subscription) -> Result<SubscriptionRecord, ApiError> {
    let source_type = ask.source_type.or(before.source_type);
    let topic = ask.topic.unwrap_or(before.topic);
    if !topic.starts_with("arn:") || topic.split(':').nth(2) != Some("sns") {
        return Err(refused("SNSInvalidTopic", format!("The SNS topic ARN is invalid: {topic}")));
    }
    let known = match &source_type {
        Some(given) => {
            categories_of(given).ok_or_else(|| invalid_value(format!("Invalid source type: {given}")))?
        }
        None => &[],
    };
    if let Some(unknown) = ask.categories.iter().find(|name| !known.contains(&name.as_str())) {
        let text = format!("The category {unknown} does not exist for the source type.");
        return Err(ApiError { http_status: 404, ..refused("SubscriptionCategoryNotFound", text) });
    }
    let categories =
        if ask.categories.is_empty() { before.categories } else { ask.categories.into_iter().collect() };
    let enabled = ask.enabled.unwrap_or(before.enabled);
    Ok(SubscriptionRecord { topic, source_type, categories, enabled, ..before })
}

/// The categories of a type of source, as `DescribeEventCategories` lists them; absent for an unknown type.
pub(super) fn categories_of(source_type: &str) -> Option<&'static [&'static str]> {
    Some(match source_type {
        "db-instance" => &[
            "availability",
            "backup",
            "backtrack",
            "configuration change",
            "creation",
            "deletion",
            "failover",
            "failure",
            "low storage",
            "maintenance",
            "notification",
            "read replica",
            "recovery",
            "restoration",
            "security",
            "security patching",
        ],
        "db-snapshot" => &["creation", "deletion", "notification", "restoration"],
        "db-cluster" => &[
            "configuration change",
            "creation",
            "deletion",
            "failover",
            "failure",
            "global-failover",
            "maintenance",
            "migration",
            "notification",
            "serverless",
        ],
        "db-cluster-snapshot" => &["backup", "notification"],
        "db-parameter-group" => &["configuration change"],
        "db-security-group" => &["configuration change", "failure"],
        "db-proxy" | "blue-green-deployment" | "custom-engine-version" | "db-shard-group" | "zero-etl" => &[],
        _ => return None,
    })
}

fn not_found(name: &str) -> ApiError {
    let text = format!("Event Subscription {name} not found.");
    ApiError { http_status: 404, ..refused("SubscriptionNotFound", text) }
}
