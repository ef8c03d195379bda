//! `DescribeOrderableDBInstanceOptions`: the classes, licences and kinds of storage that can be ordered for a version.
//!
//! A row says that AWS offers the combination. It never says that AWS has capacity for it.

use crate::world::api::error::{ApiError, invalid_value};
use crate::world::api::paging::{Listing, Page, invalid_marker, page, page_size_up_to};
use crate::world::engine_versions::catalogue::{EngineVersion, VERSIONS, knows};
use crate::world::engine_versions::offered;
use crate::world::place::Place;

/// Options to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeOrderable {
    /// `Engine`.
    pub engine: String,
    /// `EngineVersion`.
    pub engine_version: Option<String>,
    /// `DBInstanceClass`.
    pub class: Option<String>,
    /// `LicenseModel`.
    pub licence: Option<String>,
    /// `Vpc`; every option is for a VPC.
    pub vpc: Option<bool>,
    /// The page, of 20 to 1,000 rows.
    pub page: Page,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderableOption {
    /// Engine and version.
    pub version: &'static EngineVersion,
    /// `DBInstanceClass`.
    pub class: &'static str,
    /// `LicenseModel`.
    pub licence: &'static str,
    /// `StorageType`.
    pub storage_type: &'static str,
    /// `AvailabilityZones`, by name.
    pub zones: Vec<String>,
}

/// Classes, and the processors they run on.
const CLASSES: [(&str, bool); 10] = [
    ("db.m5.large", false),
    ("db.m6g.large", true),
    ("db.m6i.large", false),
    ("db.r5.large", false),
    ("db.r6g.large", true),
    ("db.r6i.xlarge", false),
    ("db.t3.medium", false),
    ("db.t3.micro", false),
    ("db.t4g.medium", true),
    ("db.t4g.micro", true),
];
const STORAGE: [&str; 4] = ["gp2", "gp3", "io1", "io2"];

pub(in crate::world) fn describe(
    place: &Place,
    ask: &DescribeOrderable,
) -> Result<Listing<OrderableOption>, ApiError> {
    let size = page_size_up_to(&ask.page, 1000)?;
    if !knows(&ask.engine) {
        return Err(invalid_value(format!("Invalid DB engine: {}", ask.engine)));
    }
    if let Some(version) = &ask.engine_version {
        offered(&ask.engine, version)?;
    }
    let rows = rows(place, ask);
    let from = match &ask.page.marker {
        None => 0,
        Some(after) => {
            let found = rows.iter().position(|row| marker(row) == *after);
            found.map(|index| index + 1).ok_or_else(|| invalid_marker(after))?
        }
    };
    Ok(page(rows.into_iter().skip(from), size, marker))
}

/// The requested rows, by version, class, licence and kind of storage.
fn rows(place: &Place, ask: &DescribeOrderable) -> Vec<OrderableOption> {
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
    let zones: Vec<String> = ["a", "b", "c"].map(|zone| format!("{}{zone}", place.region)).into();
    let wanted = |one: &&EngineVersion| {
        one.engine == ask.engine && one.is_available && is(&ask.engine_version, one.version)
    };
    let mut rows = Vec::new();
    // Nothing is offered outside a VPC.
    for version in VERSIONS.iter().filter(wanted).filter(|_| ask.vpc != Some(false)) {
        for (class, on_arm) in CLASSES {
            for licence in licences(version.engine) {
                if (on_arm && !runs_on_arm(version.engine))
                    || !is(&ask.class, class)
                    || !is(&ask.licence, licence)
                {
                    continue;
                }
                let row = |storage_type| OrderableOption {
                    version,
                    class,
                    licence,
                    storage_type,
                    zones: zones.clone(),
                };
                rows.extend(STORAGE.map(row));
            }
        }
    }
    rows
}

/// AWS offers Graviton classes for the open-source engines and Aurora.
fn runs_on_arm(engine: &str) -> bool {
    ["aurora", "mariadb", "mysql", "postgres"].iter().any(|name| engine.starts_with(name))
}

fn licences(engine: &str) -> &'static [&'static str] {
    match engine.split('-').next() {
        Some("postgres") => &["postgresql-license"],
        Some("aurora") if engine == "aurora-postgresql" => &["postgresql-license"],
        Some("oracle") if engine.starts_with("oracle-se2") => &["bring-your-own-license", "license-included"],
        Some("oracle") => &["bring-your-own-license"],
        Some("sqlserver" | "custom") => &["license-included"],
        Some("db2") => &["bring-your-own-license", "marketplace-license"],
        _ => &["general-public-license"],
    }
}

fn marker(row: &OrderableOption) -> String {
    format!("{}/{}/{}/{}", row.version.version, row.class, row.licence, row.storage_type)
}

impl OrderableOption {
    /// True for storage with requested IOPS.
    #[must_use]
    pub fn has_iops(&self) -> bool {
        self.storage_type != "gp2"
    }

    /// `MinStorageSize` and `MaxStorageSize` in GiB.
    #[must_use]
    pub fn storage_sizes(&self) -> (u32, u32) {
        let is_provisioned = self.storage_type.starts_with("io");
        if self.version.engine.contains("sqlserver") {
            return (20, 16_384);
        }
        (if is_provisioned { 100 } else { 20 }, 65_536)
    }
}
