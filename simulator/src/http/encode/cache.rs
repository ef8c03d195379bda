//! Replication groups and global datastores as XML.

use std::sync::Arc;

use pilot_light_domain::model::ids::{AccountId, Region};

use super::parts::list;
use crate::http::xml::Xml;
use crate::world::{CacheResponse, DatastoreRecord, ReplicationGroupRecord, World};

pub(in crate::http) fn result(
    xml: &mut Xml,
    (world, caller): (&World, (&AccountId, &Region)),
    response: &CacheResponse,
) {
    let of_group = |record: &Arc<ReplicationGroupRecord>| world.edits_of_group(caller, record);
    let of_datastore = |record: &Arc<DatastoreRecord>| world.edits_of_datastore(record);
    match response {
        CacheResponse::Group(record) => {
            xml.record("ReplicationGroup", of_group(record), |xml| group(xml, record, caller.1));
        }
        CacheResponse::Groups(found) => {
            let names = ("ReplicationGroups", "ReplicationGroup");
            list(xml, names, found, of_group, |xml, record| group(xml, record, caller.1));
        }
        CacheResponse::Datastore(record) => {
            xml.record("GlobalReplicationGroup", of_datastore(record), |xml| datastore(xml, record));
        }
        CacheResponse::Datastores(found) => {
            let names = ("GlobalReplicationGroups", "GlobalReplicationGroup");
            list(xml, names, found, of_datastore, |xml, record| datastore(xml, record));
        }
    }
}

fn group(xml: &mut Xml, record: &ReplicationGroupRecord, region: &Region) {
    xml.text("ReplicationGroupId", &record.id);
    xml.text("Description", &record.description);
    xml.text("Status", &record.status);
    xml.text("Engine", &record.engine);
    xml.text("CacheNodeType", &record.node_type);
    if let Some(datastore) = &record.datastore {
        xml.element("GlobalReplicationGroupInfo", |xml| xml.text("GlobalReplicationGroupId", datastore));
    }
    let Some(endpoint) = record.endpoint(region) else { return };
    xml.element("NodeGroups", |xml| {
        xml.element("NodeGroup", |xml| {
            xml.text("NodeGroupId", "0001");
            xml.element("PrimaryEndpoint", |xml| {
                xml.text("Address", endpoint.address);
                xml.text("Port", endpoint.port);
            });
        });
    });
}

fn datastore(xml: &mut Xml, record: &DatastoreRecord) {
    let key = &record.key;
    xml.text("GlobalReplicationGroupId", &key.id);
    xml.text("GlobalReplicationGroupDescription", &record.description);
    xml.text("Status", &record.status);
    xml.text("Engine", &record.engine);
    xml.text("ARN", format!("arn:aws:elasticache::{}:globalreplicationgroup:{}", key.account, key.id));
    xml.element("Members", |xml| {
        for member in &record.members {
            xml.element("GlobalReplicationGroupMember", |xml| {
                xml.text("ReplicationGroupId", &member.id);
                xml.text("ReplicationGroupRegion", &member.region);
                xml.text("Role", if member.is_primary { "PRIMARY" } else { "SECONDARY" });
                xml.text("AutomaticFailover", "enabled");
                xml.text("Status", member.status);
            });
        }
    });
}
