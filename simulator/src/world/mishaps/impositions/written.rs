//! An imposition as it is written: in JSON over the admin interface, and as a value in Rust.
//!
//! The meaning of each part is in `statuses`, `errors` and `fields`.

use pilot_light_domain::model::ids::{AccountId, Region};
use serde::{Deserialize, Serialize};

use super::resource::ResourceKind;

/// One imposition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imposition {
    /// The thing that is imposed.
    pub impose: Imposed,
    /// The resources and actions concerned.
    #[serde(default)]
    pub on: Selection,
    /// Seconds until it ends by itself; absent: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u32>,
    /// The number of refusals after which an error ends by itself; absent: until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl Imposition {
    /// AWS's refusal for want of machines of a class, a number of times. The text is recorded:
    /// hashicorp/terraform-provider-aws issue 15182.
    #[must_use]
    pub fn no_capacity(class: &str, times: u32) -> Self {
        let message = format!(
            "Cannot create a {class} database instance because there are no availability zones with sufficient capacity for \
             VPC and storage type : gp3 for {class}. Please try the request again at a later time."
        );
        let code = "InsufficientDBInstanceCapacity".to_owned();
        Self {
            impose: Imposed::Error(ImposedError { code, message, http_status: bad_request() }),
            on: Selection { class: Some(class.to_owned()), ..Selection::default() },
            for_seconds: None,
            times: Some(times),
        }
    }
}

/// The thing that is imposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Imposed {
    /// A status, in AWS's spelling or any other.
    Status(String),
    /// A refusal of requests.
    Error(ImposedError),
    /// A field that is missing in answers, by AWS's name.
    Missing(String),
    /// A field that has another value in answers, however malformed.
    Field(ImposedField),
}

/// A refusal with AWS's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImposedError {
    /// AWS's error code, as in `InvalidDBSnapshotState`.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// The HTTP status.
    #[serde(default = "bad_request")]
    pub http_status: u16,
}

/// A field of a record with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImposedField {
    /// AWS's name of the field, as in `KmsKeyId`.
    pub name: String,
    /// Its value, as text.
    pub value: String,
}

/// The resources and actions that an imposition concerns: those that have everything that is given here.
///
/// Account and Region are those of the resource, or of the caller where an error is imposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selection {
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The kind of resource, for statuses and fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResourceKind>,
    /// The API action, for errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The class of the instance that a request creates or changes, for errors. `*` matches any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Identifier or ARN of the resource. A star stands for any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// The status of most of AWS's refusals.
fn bad_request() -> u16 {
    400
}

impl Imposition {
    /// An imposition that stays in force until it is lifted.
    #[must_use]
    pub fn new(impose: Imposed, on: Selection) -> Self {
        Self { impose, on, for_seconds: None, times: None }
    }

    /// The same imposition, which ends by itself after this number of seconds.
    #[must_use]
    pub fn for_seconds(self, seconds: u32) -> Self {
        Self { for_seconds: Some(seconds), ..self }
    }

    /// The same imposition, which ends by itself after this number of refusals.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

impl Imposed {
    /// A refusal with HTTP status 400.
    #[must_use]
    pub fn error(code: &str, message: &str) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        Self::Error(ImposedError { code, message, http_status: bad_request() })
    }

    /// A field with another value.
    #[must_use]
    pub fn field(name: &str, value: &str) -> Self {
        Self::Field(ImposedField { name: name.to_owned(), value: value.to_owned() })
    }
}

impl Selection {
    /// All resources of a kind.
    #[must_use]
    pub fn of_kind(kind: ResourceKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    /// All requests of an action.
    #[must_use]
    pub fn of_action(action: &str) -> Self {
        Self { action: Some(action.to_owned()), ..Self::default() }
    }

    /// The same selection, limited to identifiers or ARNs of this pattern.
    #[must_use]
    pub fn named(self, pattern: &str) -> Self {
        Self { resource: Some(pattern.to_owned()), ..self }
    }

    /// The same selection, limited to an account and Region.
    #[must_use]
    pub fn at(self, account: &AccountId, region: &Region) -> Self {
        Self { account: Some(account.clone()), region: Some(region.clone()), ..self }
    }
}
