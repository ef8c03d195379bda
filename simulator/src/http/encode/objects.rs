//! Blue/green deployments, engine versions and orderable options as XML.

use super::groups::one_or_page;
use super::parts::{list, tags};
use crate::http::xml::Xml;
use crate::world::{BlueGreenRecord, EngineVersion, Listing, OneOrPage, OrderableOption, Stage, mirroring};

pub(in crate::http) fn blue_green(xml: &mut Xml, found: &OneOrPage<BlueGreenRecord>) {
    match found {
        OneOrPage::One(one) => xml.element("BlueGreenDeployment", |xml| deployment(xml, one)),
        OneOrPage::Page(_) => one_or_page(xml, ("BlueGreenDeployments", "member"), found, deployment),
    }
}

fn deployment(xml: &mut Xml, found: &BlueGreenRecord) {
    xml.text("BlueGreenDeploymentIdentifier", &found.id);
    xml.text("BlueGreenDeploymentName", &found.name);
    xml.text("Source", &found.source);
    xml.text("Target", &found.target);
    xml.text("Status", found.stage.name());
    xml.time("CreateTime", Some(found.created_at));
    let status = if found.stage == Stage::Prepared { "AVAILABLE" } else { found.stage.name() };
    xml.element("SwitchoverDetails", |xml| {
        xml.element("member", |xml| {
            xml.text("SourceMember", &found.source);
            xml.text("TargetMember", &found.target);
            xml.text("Status", status);
        });
    });
    tags(xml, &found.tags);
}

pub(in crate::http) fn engine_versions(xml: &mut Xml, found: &Listing<EngineVersion>) {
    list(xml, ("DBEngineVersions", "DBEngineVersion"), found, |_| Vec::new(), engine_version);
}

fn engine_version(xml: &mut Xml, one: &EngineVersion) {
    xml.text("Engine", one.engine);
    xml.text("MajorEngineVersion", one.major());
    xml.text("EngineVersion", one.version);
    xml.text("DBParameterGroupFamily", one.family());
    xml.text("Status", one.status());
    xml.element("ValidUpgradeTarget", |xml| {
        for target in one.targets {
            xml.element("UpgradeTarget", |xml| upgrade_target(xml, one, target));
        }
    });
    xml.element("ExportableLogTypes", |xml| one.logs().iter().for_each(|log| xml.text("member", log)));
    xml.text("SupportsLogExportsToCloudwatchLogs", !one.logs().is_empty());
    xml.text("SupportsReadReplica", true);
    xml.element("SupportedFeatureNames", |_| {});
    xml.element("SupportedCACertificateIdentifiers", |xml| {
        for authority in ["rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1"] {
            xml.text("member", authority);
        }
    });
}

fn upgrade_target(xml: &mut Xml, from: &EngineVersion, version: &str) {
    xml.text("Engine", from.engine);
    xml.text("EngineVersion", version);
    xml.text("AutoUpgrade", false);
    let major = from.major_of(version);
    xml.text("IsMajorVersionUpgrade", major != from.major());
}

pub(in crate::http) fn orderable(xml: &mut Xml, found: &Listing<OrderableOption>) {
    list(
        xml,
        ("OrderableDBInstanceOptions", "OrderableDBInstanceOption"),
        found,
        |_| Vec::new(),
        orderable_option,
    );
}

fn orderable_option(xml: &mut Xml, row: &OrderableOption) {
    xml.text("Engine", row.version.engine);
    xml.text("EngineVersion", row.version.version);
    xml.text("DBInstanceClass", &row.class);
    xml.text("LicenseModel", row.licence);
    xml.element("AvailabilityZones", |xml| {
        for zone in &row.zones {
            xml.element("AvailabilityZone", |xml| xml.text("Name", zone));
        }
    });
    for name in [
        "ReadReplicaCapable",
        "Vpc",
        "SupportsStorageEncryption",
        "SupportsEnhancedMonitoring",
        "SupportsIAMDatabaseAuthentication",
        "SupportsPerformanceInsights",
        "SupportsStorageAutoscaling",
    ] {
        xml.text(name, true);
    }
    xml.text("MultiAZCapable", mirroring::is_capable(row.version.engine));
    xml.text("StorageType", row.storage_type);
    xml.text("SupportsIops", row.has_iops());
    xml.text("SupportsStorageThroughput", row.storage_type == "gp3");
    let (least, most) = row.storage_sizes();
    xml.text("MinStorageSize", least);
    xml.text("MaxStorageSize", most);
    xml.text("SupportsGlobalDatabases", row.supports_global());
    xml.text("SupportsClusters", false);
    xml.element("SupportedNetworkTypes", |xml| xml.text("member", "IPV4"));
}
