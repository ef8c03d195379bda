//! The policy of a key, and the accounts that it admits.
//!
//! A policy is stored as given. Of its rules, the world knows only the accounts that an `Allow` names.

use std::collections::BTreeSet;

use pilot_light_domain::model::ids::AccountId;
use serde_json::{Value, json};

use super::record::KeyRecord;
use crate::world::api::error::{ApiError, refused};

/// The accounts that a policy admits.
///
/// # Errors
/// `MalformedPolicyDocumentException` for text that is no policy.
pub(super) fn admitted(policy: &str) -> Result<BTreeSet<AccountId>, ApiError> {
    let malformed = || refused("MalformedPolicyDocumentException", "The policy document is malformed.");
    let policy: Value = serde_json::from_str(policy).map_err(|_| malformed())?;
    let statements = many(policy.get("Statement").ok_or_else(malformed)?);
    let allowed = statements.into_iter().filter(|statement| statement["Effect"] == "Allow");
    let principals = allowed.flat_map(|statement| many(&statement["Principal"]["AWS"]));
    Ok(principals.filter_map(|principal| account(principal.as_str()?)).collect())
}

/// The policy that AWS gives a key by default, with the accounts that may use it.
pub(super) fn default_policy(key: &KeyRecord) -> String {
    let accounts = std::iter::once(&key.arn.account).chain(&key.users);
    let partition = key.arn.region.partition();
    let roots: Vec<String> = accounts.map(|account| format!("arn:{partition}:iam::{account}:root")).collect();
    let principal = if let [only] = &roots[..] { json!(only) } else { json!(roots) };
    let statement = json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "kms:*",
        "Resource": "*",
    });
    json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}).to_string()
}

/// The items of a list, which a policy may write without the list if there is one.
fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        only => vec![only],
    }
}

/// The account of a principal, which is its id or the ARN of a principal within it.
fn account(principal: &str) -> Option<AccountId> {
    let id = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    AccountId::new(id).ok()
}
