//! From the world's answers to the XML of the query protocol.

mod cache;
mod clusters;
mod constants;
mod events;
mod groups;
mod instances;
mod objects;
mod parts;

use std::sync::Arc;

use pilot_light_domain::model::ids::{AccountId, Region};
use pilot_light_domain::model::tags::Tags;

use self::instances::instance;
use self::parts::{list, tags};
use crate::http::service::Service;
use crate::http::xml::Xml;
use crate::world::{Attributes, InstanceRecord, Quota, Response, SnapshotView, World, defaults};

/// A call that is answered: its action and identifier, and the place of its caller.
pub(in crate::http) struct Answered<'a> {
    pub(in crate::http) action: &'a str,
    pub(in crate::http) request_id: &'a str,
    pub(in crate::http) caller: (&'a AccountId, &'a Region),
}

/// The whole answer to a call, with the fields that are imposed in the world.
pub(in crate::http) fn response(
    service: Service,
    world: &World,
    Answered { action, request_id, caller }: Answered<'_>,
    response: &Response,
) -> String {
    Xml::root(service, &format!("{action}Response"), |xml| {
        // The answer of an action without content has no result element.
        if !matches!(response, Response::Done) {
            xml.element(&format!("{action}Result"), |xml| result(xml, (world, caller), response));
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    })
}

fn result(xml: &mut Xml, (world, caller): (&World, (&AccountId, &Region)), response: &Response) {
    let of_instance = |record: &Arc<InstanceRecord>| world.edits_of_instance(record);
    let of_snapshot = |view: &SnapshotView| world.edits_of_snapshot(&view.record);
    match response {
        Response::Instance(record) => {
            xml.record("DBInstance", of_instance(record), |xml| instance(xml, world, record));
        }
        Response::Instances(found) => {
            list(xml, ("DBInstances", "DBInstance"), found, of_instance, |xml, record| {
                instance(xml, world, record);
            });
        }
        Response::Snapshot(view) | Response::SnapshotDeleted(view) => {
            xml.record("DBSnapshot", of_snapshot(view), |xml| snapshot(xml, world, view));
        }
        Response::Snapshots(found) => {
            list(xml, ("DBSnapshots", "DBSnapshot"), found, of_snapshot, |xml, view| {
                snapshot(xml, world, view);
            });
        }
        Response::Attributes(found) => {
            xml.element("DBSnapshotAttributesResult", |xml| attributes(xml, found));
        }
        Response::Tags(found) => tags(xml, found),
        Response::Quotas(found) => xml.element("AccountQuotas", |xml| quotas(xml, found)),
        Response::Cache(answer) => cache::result(xml, (world, caller), answer),
        Response::Cluster(answer) => clusters::result(xml, world, answer),
        Response::BlueGreen(found) => objects::blue_green(xml, found),
        Response::OptionGroup(found) => groups::option_groups(xml, found),
        Response::ParameterGroup(found) => groups::parameter_groups(xml, found),
        Response::SubnetGroup(found) => groups::subnet_groups(xml, found),
        Response::EngineVersions(found) => objects::engine_versions(xml, found),
        Response::Orderable(found) => objects::orderable(xml, found),
        Response::Event(answer) => events::result(xml, answer),
        Response::Key(_) | Response::Kms(_) | Response::Ec2(_) | Response::Done => {}
    }
}

fn snapshot(xml: &mut Xml, world: &World, view: &SnapshotView) {
    let record = &view.record;
    let shape = &record.shape;
    xml.text("DBSnapshotIdentifier", view.identifier());
    xml.text("DBSnapshotArn", &record.arn);
    xml.text("DBInstanceIdentifier", &record.database);
    xml.optional("DbiResourceId", view.resource_id());
    xml.text("SnapshotType", view.snapshot_type());
    xml.text("Status", &record.status);
    xml.text("PercentProgress", view.percent);
    xml.time("SnapshotCreateTime", record.created_at);
    xml.time("OriginalSnapshotCreateTime", record.original_created_at);
    xml.time("SnapshotDatabaseTime", view.database_time());
    xml.time("InstanceCreateTime", record.instance_created_at);
    xml.optional("SourceRegion", record.copied_from.as_ref().map(|_| &record.source_region));
    xml.optional("SourceDBSnapshotIdentifier", record.copied_from.as_ref());
    xml.text("Encrypted", record.kms_key.is_some());
    xml.optional("KmsKeyId", record.kms_key.as_ref());
    xml.optional("OptionGroupName", view.option_group());
    xml.text("Engine", &shape.engine.0);
    xml.text("EngineVersion", &shape.engine_version);
    xml.text("AllocatedStorage", shape.allocated_storage);
    xml.text("StorageType", record.options.storage_type.as_deref().unwrap_or("gp3"));
    xml.text("MasterUsername", &shape.master_username);
    xml.optional("Port", record.options.port);
    xml.text("LicenseModel", defaults::license(&shape.engine, &record.options));
    xml.optional("Iops", record.options.iops);
    xml.text("StorageThroughput", record.options.storage_throughput.unwrap_or(0));
    constants::of_snapshot(xml, world, record);
    xml.text("IAMDatabaseAuthenticationEnabled", false);
    tags(xml, view.tags().unwrap_or(&Tags::new()));
}

fn attributes(xml: &mut Xml, found: &Attributes) {
    xml.text("DBSnapshotIdentifier", &found.id);
    xml.element("DBSnapshotAttributes", |xml| {
        xml.element("DBSnapshotAttribute", |xml| {
            xml.text("AttributeName", "restore");
            xml.element("AttributeValues", |xml| {
                for account in &found.accounts {
                    xml.text("AttributeValue", account);
                }
                xml.optional("AttributeValue", found.is_public.then_some("all"));
            });
        });
    });
}

fn quotas(xml: &mut Xml, quotas: &[Quota]) {
    for quota in quotas {
        xml.element("AccountQuota", |xml| {
            xml.text("AccountQuotaName", quota.name);
            xml.text("Used", quota.used);
            xml.text("Max", quota.max);
        });
    }
}
