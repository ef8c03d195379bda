//! Identifiers and tags as AWS accepts and stores them.

use pilot_light_domain::model::ids::{DatabaseName, SnapshotId};
use pilot_light_domain::model::tags::Tags;

use super::error::{ApiError, invalid_value};

/// Tags that a resource may have; AWS's limit for every RDS resource.
const MAX_TAGS: usize = 50;

/// A new snapshot's identifier: 1 to 255 letters, digits and hyphens, stored lowercase.
pub(crate) fn snapshot_id(parameter: &str, text: &str) -> Result<SnapshotId, ApiError> {
    let id = identifier(parameter, text, 255)?;
    SnapshotId::new(&id).map_err(|error| invalid_value(error.to_string()))
}

/// A new instance's identifier: 1 to 63 letters, digits and hyphens, stored lowercase.
pub(crate) fn database_name(parameter: &str, text: &str) -> Result<DatabaseName, ApiError> {
    let name = identifier(parameter, text, 63)?;
    DatabaseName::new(&name).map_err(|error| invalid_value(error.to_string()))
}

/// A new option or parameter group's name: 1 to 255 letters, digits and hyphens, stored lowercase.
pub(crate) fn group_name(parameter: &str, text: &str) -> Result<String, ApiError> {
    identifier(parameter, text, 255)
}

/// A new subnet group's name: 1 to 255 letters, digits, periods, underscores, spaces and hyphens, stored lowercase.
pub(crate) fn subnet_group_name(text: &str) -> Result<String, ApiError> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._ -".contains(c);
    if (1..=255).contains(&text.len()) && text.chars().all(is_allowed) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(invalid_value(format!(
        "The parameter DBSubnetGroupName is not valid: {text}. It must have 1 to 255 letters, digits, periods, \
         underscores, spaces and hyphens."
    )))
}

fn identifier(parameter: &str, text: &str, longest: usize) -> Result<String, ApiError> {
    let is_valid = (1..=longest).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.ends_with('-')
        && !text.contains("--");
    if is_valid {
        return Ok(text.to_ascii_lowercase());
    }
    Err(invalid_value(format!(
        "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain \
         only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

/// Refuses tags that AWS does not accept from a caller.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > MAX_TAGS {
        return Err(invalid_value(format!("A resource cannot have more than {MAX_TAGS} tags.")));
    }
    tags.iter().try_for_each(|(key, value)| check_tag(key, value))
}

fn check_tag(key: &str, value: &str) -> Result<(), ApiError> {
    let is_space = |c: char| c.is_whitespace() && !c.is_control();
    let allowed = |c: char| c.is_alphanumeric() || is_space(c) || "_.:/=+-@".contains(c);
    let reserved = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["aws:", "rds:"].into_iter().find(|prefix| text.starts_with(prefix))
    };
    if let Some(prefix) = reserved(key) {
        return Err(invalid_value(format!(
            "Tag keys cannot start with the reserved prefix {prefix} ({key})."
        )));
    }
    if let Some(prefix) = reserved(value) {
        return Err(invalid_value(format!(
            "Tag values cannot start with the reserved prefix {prefix} ({value})."
        )));
    }
    if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
        return Err(invalid_value("A tag's key must have 1 to 128 characters, its value at most 256."));
    }
    if !key.chars().chain(value.chars()).all(allowed) {
        return Err(invalid_value(format!(
            "The tag {key} contains a character that is not allowed: only letters, digits, spaces and _.:/=+-@ are."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use pilot_light_domain::model::tags;

    use super::*;

    #[test]
    fn identifiers_follow_awss_rules_and_are_stored_lowercase() {
        let longest = "a".repeat(255);
        for (given, stored) in [("a", "a"), ("Orders-2026", "orders-2026"), (longest.as_str(), &longest)] {
            assert_eq!(snapshot_id("Id", given).map(String::from), Ok(stored.to_owned()));
        }
        let too_long = "a".repeat(256);
        for wrong in ["", "2a", "-a", "a-", "a--b", "a_b", "rds:a", "a b", "ä", too_long.as_str()] {
            assert_eq!(snapshot_id("Id", wrong).map_err(|e| e.code), Err("InvalidParameterValue"), "{wrong}");
        }
        assert!(database_name("Id", &"a".repeat(63)).is_ok());
        assert!(database_name("Id", &"a".repeat(64)).is_err());
    }

    #[test]
    fn tags_are_checked_as_aws_checks_them() {
        for (key, value) in
            [("CreatedBy", "Snapshot Tool for RDS"), ("a", ""), ("arn", "arn:aws:rds:x=1+@_/")]
        {
            assert_eq!(check_tags(&tags::of([(key, value)])), Ok(()));
        }
        for (key, value) in [
            ("", "a"),
            ("aws:x", "a"),
            ("AWS:x", "a"),
            ("rds:x", "a"),
            ("a", "aws:x"),
            ("a", "rds:x"),
            ("a", "b,c"),
            ("a", "b\tc"),
            (&"k".repeat(129), "v"),
            ("a", &"v".repeat(257)),
            ("k*", "v"),
        ] {
            let code = check_tags(&tags::of([(key, value)])).map_err(|error| error.code);
            assert_eq!(code, Err("InvalidParameterValue"), "{key}={value}");
        }
        let many = |n: usize| (0..n).map(|n| (format!("k{n}"), String::new())).collect::<Tags>();
        assert_eq!(check_tags(&many(50)), Ok(()));
        assert!(check_tags(&many(51)).is_err());
    }
}
