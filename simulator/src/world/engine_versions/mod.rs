//! `DescribeDBEngineVersions`: the engine versions that AWS lists, with their status and their upgrade targets.
//!
//! The classes that can be ordered for a version are in `orderable`.

pub(crate) mod catalogue;

pub use self::catalogue::EngineVersion;

use self::catalogue::VERSIONS;
use crate::world::api::error::{ApiError, invalid_combination, invalid_value};
use crate::world::api::paging::{Filter, Listing, Page, check_filters, invalid_marker, page, page_size};
use crate::world::settings::{Settings, VersionStatus};

/// Engine versions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DescribeDbEngineVersions {
    /// `Engine`.
    pub engine: Option<String>,
    /// `EngineVersion`, or a major version.
    pub engine_version: Option<String>,
    /// `DBParameterGroupFamily`.
    pub family: Option<String>,
    /// `DefaultOnly`.
    pub default_only: bool,
    /// `IncludeAll`: also versions that are not available.
    pub include_all: bool,
    /// `Filters`.
    pub filters: Vec<Filter>,
    /// The page.
    pub page: Page,
}

/// A page of the catalogue. An unknown engine is an error, an unknown version an empty list; AWS documents neither.
pub(in crate::world) fn describe(
    settings: &Settings,
    ask: &DescribeDbEngineVersions,
) -> Result<Listing<EngineVersion>, ApiError> {
    const FILTERS: [&str; 5] =
        ["db-parameter-group-family", "engine", "engine-mode", "engine-version", "status"];
    let size = page_size(&ask.page)?;
    check_filters(&ask.filters, &FILTERS)?;
    if let Some(engine) = ask.engine.as_deref().filter(|engine| !catalogue::knows(engine)) {
        return Err(invalid_value(format!("Unrecognized engine name: {engine}")));
    }
    let from = begin(ask.page.marker.as_deref())?;
    let found = all_versions(settings).skip(from).filter(|one| is_asked_for(ask, one));
    Ok(page(found, size, marker))
}

/// The index behind the marker of the previous page.
fn begin(after: Option<&str>) -> Result<usize, ApiError> {
    let Some(after) = after else { return Ok(0) };
    let found = VERSIONS.iter().position(|one| marker(one) == after);
    found.map(|index| index + 1).ok_or_else(|| invalid_marker(after))
}

fn marker(version: &EngineVersion) -> String {
    format!("{}/{}", version.engine, version.version)
}

fn is_asked_for(ask: &DescribeDbEngineVersions, one: &EngineVersion) -> bool {
    let is = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
    let filters_status = ask.filters.iter().any(|filter| filter.name == "status");
    is(&ask.engine, &|engine| engine == one.engine)
        && is(&ask.engine_version, &|version| version == one.version || version == one.major())
        && is(&ask.family, &|family| family == one.family())
        && (one.is_default || !ask.default_only)
        && (one.is_available || ask.include_all || filters_status)
        && ask.filters.iter().all(|filter| admits(filter, one))
}

fn admits(filter: &Filter, one: &EngineVersion) -> bool {
    filter.values.iter().any(|value| match filter.name.as_str() {
        "db-parameter-group-family" => one.family() == *value,
        "engine" => one.engine == value,
        "engine-mode" => value == "provisioned",
        "engine-version" => one.version == value,
        "status" => one.status() == value,
        _ => false,
    })
}

/// The versions of the catalogue, each with its status by the settings.
pub(in crate::world) fn all_versions(settings: &Settings) -> impl Iterator<Item = EngineVersion> {
    VERSIONS.iter().map(|one| with_status(settings, *one))
}

/// The version with which something may be done today: listed by AWS as available.
///
/// # Errors
/// AWS's answer about versions that it does not offer, also deprecated ones.
pub(in crate::world) fn offered(
    settings: &Settings,
    engine: &str,
    version: &str,
) -> Result<EngineVersion, ApiError> {
    catalogue::find(engine, version)
        .map(|found| with_status(settings, *found))
        .filter(|found| found.is_available)
        .ok_or_else(|| cannot_find(engine, version))
}

/// The version of a new instance: the requested one, the default of the requested major version, or the default of the
/// engine.
///
/// # Errors
/// AWS's answer about versions that it does not offer.
pub(in crate::world) fn chosen(
    settings: &Settings,
    engine: &str,
    asked: Option<&str>,
) -> Result<&'static str, ApiError> {
    let available = || all_versions(settings).filter(|one| one.engine == engine && one.is_available);
    let fits = |one: &EngineVersion| asked.is_none_or(|asked| asked == one.version || asked == one.major());
    let found =
        available().find(|one| fits(one) && one.is_default).or_else(|| available().filter(fits).last());
    let exact = available().find(|one| asked == Some(one.version));
    let found = exact.or(found).map(|one| one.version);
    found.ok_or_else(|| cannot_find(engine, asked.unwrap_or_default()))
}

/// The text is recorded: turbot/steampipe-plugin-aws pull request 2085.
fn cannot_find(engine: &str, version: &str) -> ApiError {
    invalid_combination(format!("Cannot find version {version} for {engine}"))
}

fn with_status(settings: &Settings, version: EngineVersion) -> EngineVersion {
    let status = settings.versions.get(&format!("{} {}", version.engine, version.version));
    let is_available = status.map_or(version.is_available, |status| *status == VersionStatus::Available);
    EngineVersion { is_available, ..version }
}
