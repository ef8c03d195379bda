//! The values that AWS accepts for a new or changed instance. Identifiers and tags are in `api::names`.
//!
//! The limits are those of `CreateDBInstance` in the API reference. The texts are AWS's where somebody published one.

use pilot_light_domain::model::database::Engine;

use super::defaults;
use super::record::InstanceOptions;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value};
use crate::world::api::request::CreateDbInstance;

/// Days of automated backups that AWS keeps at most.
const MAX_RETENTION_DAYS: u32 = 35;

/// Refuses a new instance with a user, password or retention that AWS does not accept.
pub(in crate::world) fn check_new(ask: &CreateDbInstance, engine: &Engine) -> Result<(), ApiError> {
    if let Some(name) = &ask.master_username {
        check_username(engine, name)?;
    }
    if let Some(password) = &ask.master_password {
        check_password(engine, password)?;
    }
    check_retention(&ask.options)
}

/// Refuses a size that the storage type does not have with this engine.
pub(in crate::world) fn check_storage(engine: &Engine, storage: &str, size: u32) -> Result<(), ApiError> {
    let Some((least, greatest)) = storage_limits(engine, storage) else {
        return Err(invalid_value(format!("Invalid storage type: {storage}")));
    };
    if (least..=greatest).contains(&size) {
        return Ok(());
    }
    Err(invalid_combination(format!(
        "Invalid storage size for engine name {} and storage type {storage}: {size}",
        engine.0
    )))
}

/// Refuses more days of backups than AWS keeps. *Unverified*: the text, which is published for Neptune and DocumentDB, from 1.
pub(in crate::world) fn check_retention(options: &InstanceOptions) -> Result<(), ApiError> {
    match options.backup_retention_days {
        Some(days) if days > MAX_RETENTION_DAYS => Err(invalid_value(format!(
            "Invalid backup retention period: {days}. Retention period must be between 0 and {MAX_RETENTION_DAYS}."
        ))),
        _ => Ok(()),
    }
}

/// The storage type that a request means.
pub(crate) fn storage_type(options: &InstanceOptions) -> &str {
    let standard = if options.iops.is_some() { "io1" } else { "gp3" };
    options.storage_type.as_deref().unwrap_or(standard)
}

/// The least and the greatest size in GiB; absent for a type that does not exist.
pub(super) fn storage_limits(engine: &Engine, storage: &str) -> Option<(u32, u32)> {
    let family = defaults::family(&engine.0);
    let is_custom = engine.0.starts_with("custom-");
    let greatest = if family == "sqlserver" { 16_384 } else { 65_536 };
    match storage {
        "gp2" | "gp3" | "io1" | "io2" if is_custom => Some((40, greatest)),
        "gp2" | "gp3" => Some((20, greatest)),
        "io1" | "io2" => Some((100, greatest)),
        "standard" => match (family, engine.0.as_str()) {
            ("sqlserver", "sqlserver-ee" | "sqlserver-se") => Some((200, 1024)),
            ("sqlserver", _) => Some((20, 1024)),
            ("oracle", _) => Some((10, 3072)),
            ("db2", _) => None,
            _ => Some((5, 3072)),
        },
        _ => None,
    }
}

fn check_username(engine: &Engine, name: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(invalid_value("The parameter MasterUsername must be provided and must not be blank."));
    }
    // Each engine reserves further words. These two are those of published refusals.
    if name == "rdsadmin" || (name == "admin" && defaults::family(&engine.0) == "postgres") {
        let text =
            format!("MasterUsername {name} cannot be used as it is a reserved word used by the engine");
        return Err(invalid_value(text));
    }
    Ok(())
}

fn check_password(engine: &Engine, password: &str) -> Result<(), ApiError> {
    const WHAT: &str = "The parameter MasterUserPassword is not a valid password";
    let longest = match defaults::family(&engine.0) {
        "mysql" | "mariadb" => 41,
        "oracle" => 30,
        "db2" => 255,
        _ => 128,
    };
    let length = password.chars().count();
    if length < 8 {
        return Err(invalid_value(format!("{WHAT} because it is shorter than 8 characters.")));
    }
    if length > longest {
        return Err(invalid_value(format!("{WHAT} because it is longer than {longest} characters.")));
    }
    if password.chars().any(|c| !c.is_ascii_graphic() || ['/', '@', '"'].contains(&c)) {
        let text =
            format!("{WHAT}. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.");
        return Err(invalid_value(text));
    }
    Ok(())
}
