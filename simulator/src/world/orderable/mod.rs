//! `DescribeOrderableDBInstanceOptions`: the classes, licences and kinds of storage that can be ordered for a version.
//!
//! A row says that AWS offers the combination. It never says that AWS has capacity for it.

mod check;
pub(in crate::world) mod classes;

use pilot_light_domain::model::ids::Region;

use crate::world::api::error::{ApiError, invalid_value};
use crate::world::api::paging::{Listing, Page, invalid_marker, page, page_size_up_to};
use crate::world::engine_versions::catalogue::{EngineVersion, knows};
use crate::world::engine_versions::{all_versions, offered};
use crate::world::mishaps::impositions::resource::is_like;
use crate::world::place::Place;
use crate::world::settings::Settings;

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
    pub version: EngineVersion,
    /// `DBInstanceClass`.
    pub class: String,
    /// `LicenseModel`.
    pub licence: &'static str,
    /// `StorageType`.
    pub storage_type: &'static str,
    /// `AvailabilityZones`, by name.
    pub zones: Vec<String>,
}

const STORAGE: [&str; 4] = ["gp2", "gp3", "io1", "io2"];

pub(in crate::world) fn describe(
    settings: &Settings,
    place: &Place,
    ask: &DescribeOrderable,
) -> Result<Listing<OrderableOption>, ApiError> {
    let size = page_size_up_to(&ask.page, 1000)?;
    if !knows(&ask.engine) {
        return Err(invalid_value(format!("Invalid DB engine: {}", ask.engine)));
    }
    if let Some(version) = &ask.engine_version {
        offered(settings, &ask.engine, version)?;
    }
    let rows = rows(settings, place, ask);
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
fn rows(settings: &Settings, place: &Place, ask: &DescribeOrderable) -> Vec<OrderableOption> {
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
    let wanted = |one: &EngineVersion| {
        one.engine == ask.engine && one.is_available && is(&ask.engine_version, one.version)
    };
    // Nothing is offered outside a VPC.
    let versions = all_versions(settings).filter(wanted).filter(|_| ask.vpc != Some(false));
    let is_wanted = |class: &String| is(&ask.class, class) && offers(settings, place, class);
    let of_version = |version: EngineVersion| {
        let found = classes::of(version.engine, version.version).filter(is_wanted);
        found.flat_map(move |class| rows_of(place, version, &class))
    };
    versions.flat_map(of_version).filter(|row| is(&ask.licence, row.licence)).collect()
}

/// The rows of one class for one version.
fn rows_of(place: &Place, version: EngineVersion, class: &str) -> Vec<OrderableOption> {
    let row = |licence, storage_type| OrderableOption {
        version,
        class: class.to_owned(),
        licence,
        storage_type,
        zones: zones(&place.region).into(),
    };
    let of_licence = |licence: &&'static str| STORAGE.map(|storage_type| row(*licence, storage_type));
    licences(version.engine).iter().flat_map(of_licence).collect()
}

/// The zones of a Region.
pub(in crate::world) fn zones(region: &Region) -> [String; 3] {
    ["a", "b", "c"].map(|zone| format!("{region}{zone}"))
}

/// False for a class that a setting takes out of a Region.
fn offers(settings: &Settings, place: &Place, class: &str) -> bool {
    let patterns = settings.not_offered.get(&place.region).into_iter().flatten();
    !patterns.into_iter().any(|pattern| is_like(pattern, class))
}

/// The licences of an engine. The first one is the default.
pub(in crate::world) fn licences(engine: &str) -> &'static [&'static str] {
    match engine.split('-').next() {
        Some("postgres") => &["postgresql-license"],
        Some("aurora") if engine == "aurora-postgresql" => &["postgresql-license"],
        Some("oracle") if engine.starts_with("oracle-se2") => &["bring-your-own-license", "license-included"],
        Some("oracle") => &["bring-your-own-license"],
        Some("custom") if engine.starts_with("custom-oracle") => &["bring-your-own-license"],
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

    /// `SupportsGlobalDatabases`: no burstable class is supported.
    #[must_use]
    pub fn supports_global(&self) -> bool {
        self.version.engine.starts_with("aurora") && classes::runs_globally(&self.class)
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
