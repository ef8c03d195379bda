//! The conversion of the fields of one resource: required, optional, or an error that names the field and the resource.

use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_rds::types::Tag;
use aws_smithy_types::DateTime;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::error::GatewayError;
use pilot_light_domain::model::storage_key::StorageKey;
use pilot_light_domain::model::tags::Tags;

use crate::sdk_error;

/// Returns the value of a field that must be present.
pub(crate) fn required<T>(
    action: &'static str,
    resource: &str,
    field: &str,
    value: Option<T>,
) -> Result<T, GatewayError> {
    value.ok_or_else(|| sdk_error::missing(action, resource, field))
}

/// The fields of one resource in one answer.
pub(crate) struct Fields<'a> {
    pub(crate) action: &'static str,
    pub(crate) resource: &'a str,
}

impl Fields<'_> {
    pub(crate) fn required<T>(&self, field: &str, value: Option<T>) -> Result<T, GatewayError> {
        required(self.action, self.resource, field, value)
    }

    pub(crate) fn malformed(&self, field: &str, why: impl Display) -> GatewayError {
        sdk_error::malformed(self.action, self.resource, field, why)
    }

    pub(crate) fn text(&self, field: &str, value: Option<&str>) -> Result<String, GatewayError> {
        self.required(field, value).map(ToOwned::to_owned)
    }

    pub(crate) fn parsed<T: FromStr<Err: Display>>(
        &self,
        field: &str,
        value: Option<&str>,
    ) -> Result<T, GatewayError> {
        self.required(field, value)?.parse().map_err(|why| self.malformed(field, why))
    }

    /// Parses an optional field. If it has no value, RDS omits it or sends it empty.
    pub(crate) fn optional<T: FromStr<Err: Display>>(
        &self,
        field: &str,
        value: Option<&str>,
    ) -> Result<Option<T>, GatewayError> {
        value.filter(|text| !text.is_empty()).map(|text| self.parsed(field, Some(text))).transpose()
    }

    pub(crate) fn instant(
        &self,
        field: &str,
        value: Option<DateTime>,
    ) -> Result<Option<Instant>, GatewayError> {
        let convert = |time: DateTime| {
            Instant::from_timestamp(time.secs(), time.subsec_nanos())
                .ok_or_else(|| self.malformed(field, "the time is out of range"))
        };
        value.map(convert).transpose()
    }

    /// The key of an encrypted resource, in the form that AWS gives. An unencrypted resource has none.
    pub(super) fn key(
        &self,
        field: &str,
        encrypted: Option<bool>,
        key: Option<&str>,
    ) -> Result<Option<StorageKey>, GatewayError> {
        let encrypted = self.required(field, encrypted)?;
        Ok(encrypted.then(|| key.unwrap_or_default().into()))
    }

    /// The tags of a resource. A tag may lack a value: AWS documents that such a tag has an empty value.
    pub(crate) fn tags(&self, tags: &[Tag]) -> Result<Tags, GatewayError> {
        let pair = |tag: &Tag| {
            let key = self.text("Key of a tag", tag.key())?;
            Ok((key, tag.value().unwrap_or_default().to_owned()))
        };
        tags.iter().map(pair).collect()
    }
}
