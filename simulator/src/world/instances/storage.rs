//! Storage of an instance: its type, size, IOPS and throughput, and the ports that AWS accepts.
//!
//! The limits are those of "Amazon RDS DB instance storage" in the user guide and of the API reference. The texts are AWS's
//! where somebody published one.

use pilot_light_domain::Instant;
use pilot_light_domain::model::database::Engine;

use super::defaults::family;
use super::record::{InstanceOptions, Shape};
use super::valid::{check_storage, storage_type};
use crate::world::api::error::{ApiError, invalid_combination, invalid_value, refused};

/// The day from which AWS refuses magnetic storage: 1 July 2026, in seconds since 1970.
const NO_MAGNETIC_FROM: i64 = 1_782_864_000;
const PORTS: std::ops::RangeInclusive<u16> = 1150..=65535;
/// The ports of SQL Server that AWS keeps for itself, beside 49152 to 49156.
const RESERVED_BY_SQL_SERVER: [u16; 6] = [1234, 1434, 3260, 3343, 3389, 47001];

/// Refuses storage that AWS does not offer for the engine.
pub(in crate::world) fn check(
    shape: &Shape,
    options: &InstanceOptions,
    now: Instant,
) -> Result<(), ApiError> {
    let kind = storage_type(options);
    if kind == "standard" && now.timestamp() >= NO_MAGNETIC_FROM {
        let text = "The storage type standard is no longer supported. Use a General Purpose or Provisioned IOPS type.";
        return Err(refused("StorageTypeNotSupported", text));
    }
    check_storage(&shape.engine, kind, shape.allocated_storage)?;
    match kind {
        "gp3" => check_gp3(shape, options),
        "io1" | "io2" => check_provisioned(shape, kind, options.iops),
        _ => Ok(()),
    }
}

/// The texts about small storage and a missing value are recorded: cloudtools/troposphere pull request 2153,
/// terraform-community-modules/tf_aws_rds issue 22.
fn check_gp3(shape: &Shape, options: &InstanceOptions) -> Result<(), ApiError> {
    let (engine, least) = (shape.engine.0.as_str(), provisioned_from(&shape.engine));
    let (iops, throughput) = (options.iops, options.storage_throughput);
    if iops.is_none() && throughput.is_none() {
        return Ok(());
    }
    if shape.allocated_storage < least {
        return Err(invalid_combination(format!(
            "You can't specify IOPS or storage throughput for engine {engine} and a storage size less than {least}."
        )));
    }
    let is_sql_server = is_sql_server(&shape.engine);
    let (of_iops, of_throughput) =
        if is_sql_server { (3_000..=80_000, 125..=2_000) } else { (12_000..=64_000, 500..=4_000) };
    let invalid = |what: &str, value: u32| {
        invalid_combination(format!("Invalid {what} for engine name {engine} and storage type gp3: {value}"))
    };
    match (iops, throughput) {
        (Some(iops), _) if !of_iops.contains(&iops) => Err(invalid("iops", iops)),
        (_, Some(value)) if !of_throughput.contains(&value) => Err(invalid("storage throughput", value)),
        _ => Ok(()),
    }
}

/// The ratio is that of IOPS to GiB. Its text is recorded: ministryofjustice/cloud-platform-environments pull request 3972.
fn check_provisioned(shape: &Shape, kind: &str, iops: Option<u32>) -> Result<(), ApiError> {
    let Some(iops) = iops else {
        return Err(invalid_combination(format!("The storage type {kind} requires iops to be specified.")));
    };
    let engine = shape.engine.0.as_str();
    if !(1_000..=256_000).contains(&iops) {
        return Err(invalid_combination(format!(
            "Invalid iops for engine name {engine} and storage type {kind}: {iops}"
        )));
    }
    let size = shape.allocated_storage.max(1);
    let is_enough =
        if is_sql_server(&shape.engine) && kind == "io1" { iops >= size } else { iops * 2 >= size };
    let most = if kind == "io1" { 50 } else { 1_000 };
    if is_enough && iops <= size.saturating_mul(most) {
        return Ok(());
    }
    let ratio = f64::from(iops) / f64::from(size);
    Err(invalid_combination(format!(
        "Invalid iops to storage (GB) ratio for engine name {engine} and storage type {kind}: {ratio:.4}"
    )))
}

/// The size of a restored instance: the snapshot's, or one that is larger by a tenth. *Unverified*: the codes, and the texts.
pub(in crate::world) fn restored_size(before: &Shape, asked: Option<u32>) -> Result<u32, ApiError> {
    let Some(size) = asked else { return Ok(before.allocated_storage) };
    if is_sql_server(&before.engine) {
        let text = format!("AllocatedStorage cannot be specified for engine {}.", before.engine.0);
        return Err(invalid_combination(text));
    }
    if size < before.allocated_storage {
        return Err(invalid_combination(format!(
            "The allocated storage {size} is less than that of the snapshot, {}.",
            before.allocated_storage
        )));
    }
    if size > before.allocated_storage && size < larger_by_a_tenth(before.allocated_storage) {
        let text = "The allocated storage must be increased by at least 10 percent.";
        return Err(invalid_combination(text));
    }
    Ok(size)
}

/// The size of a changed instance, which AWS rounds up to a tenth more. SQL Server can grow by any amount.
pub(in crate::world) fn changed_size(before: &Shape, asked: Option<u32>) -> u32 {
    match asked {
        Some(size) if size > before.allocated_storage && !is_sql_server(&before.engine) => {
            size.max(larger_by_a_tenth(before.allocated_storage))
        }
        Some(size) => size,
        None => before.allocated_storage,
    }
}

/// Size and IOPS change together. The text is recorded: hashicorp/terraform-provider-aws issue 33512.
pub(in crate::world) fn check_given_together(
    before: &InstanceOptions,
    asked: &InstanceOptions,
    size: Option<u32>,
) -> Result<(), ApiError> {
    let keeps_type = asked.storage_type.as_deref().is_none_or(|kind| kind == storage_type(before));
    if before.iops.is_some() && keeps_type && size.is_some() != asked.iops.is_some() {
        return Err(invalid_combination(
            "You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that \
             has iops.",
        ));
    }
    Ok(())
}

/// The options asked for over those from before. IOPS and throughput belong to a storage type, and end with it.
pub(in crate::world) fn over(asked: InstanceOptions, before: InstanceOptions) -> InstanceOptions {
    let changes_type = asked.storage_type.as_deref().is_some_and(|kind| kind != storage_type(&before));
    let before = if changes_type {
        InstanceOptions { iops: None, storage_throughput: None, ..before }
    } else {
        before
    };
    asked.over(before)
}

/// Refuses a port that AWS does not give to databases.
pub(in crate::world) fn check_port(engine: &Engine, port: Option<u16>) -> Result<(), ApiError> {
    let Some(port) = port else { return Ok(()) };
    let is_reserved =
        is_sql_server(engine) && (RESERVED_BY_SQL_SERVER.contains(&port) || (49152..=49156).contains(&port));
    if PORTS.contains(&port) && !is_reserved {
        return Ok(());
    }
    Err(invalid_value(format!(
        "Invalid port for engine name {}: {port}. It must be between 1150 and 65535, and not reserved.",
        engine.0
    )))
}

/// `Iops` and `StorageThroughput` as AWS shows them: with the baseline of gp3, which a request may not name below a size.
pub(crate) fn shown(shape: &Shape, options: &InstanceOptions) -> (Option<u32>, u32) {
    if storage_type(options) != "gp3" {
        return (options.iops, 0);
    }
    let is_large =
        !is_sql_server(&shape.engine) && shape.allocated_storage >= provisioned_from(&shape.engine);
    let (iops, throughput) = if is_large { (12_000, 500) } else { (3_000, 125) };
    (Some(options.iops.unwrap_or(iops)), options.storage_throughput.unwrap_or(throughput))
}

/// The GiB of gp3 from which IOPS and throughput can be chosen.
fn provisioned_from(engine: &Engine) -> u32 {
    match family(&engine.0) {
        _ if is_sql_server(engine) => 20,
        "oracle" => 200,
        _ => 400,
    }
}

pub(super) fn is_sql_server(engine: &Engine) -> bool {
    engine.0.starts_with("sqlserver") || engine.0.starts_with("custom-sqlserver")
}

fn larger_by_a_tenth(size: u32) -> u32 {
    size + size.div_ceil(10)
}
