//! Replication groups and global datastores as XML.

use super::parts::list;
use crate::http::xml::Xml;
use crate::world::{CacheResponse, DatastoreRecord, ReplicationGroupRecord};

pub(in crate::http) fn result(xml: &mut Xml, response: &CacheResponse) {
    match response {
        CacheResponse::Group(record) => xml.element("ReplicationGroup", |xml| group(xml, record)),
        CacheResponse::Groups(found) => {
            list(xml, ("ReplicationGroups", "ReplicationGroup"), found, |xml, record| group(xml, record));
        }
        CacheResponse::Datastore(record) => {
            xml.element("GlobalReplicationGroup", |xml| datastore(xml, record));
        }
        CacheResponse::Datastores(found) => {
            let names = ("GlobalReplicationGroups", "GlobalReplicationGroup");
            list(xml, names, found, |xml, record| datastore(xml, record));
        }
    }
}

fn group(xml: &mut Xml, record: &ReplicationGroupRecord) {
    xml.text("ReplicationGroupId", &record.id);
    xml.text("Description", &record.description);
    xml.text("Status", &record.status);
    xml.text("Engine", &record.engine);
    xml.text("CacheNodeType", &record.node_type);
    if let Some(datastore) = &record.datastore {
        xml.element("GlobalReplicationGroupInfo", |xml| xml.text("GlobalReplicationGroupId", datastore));
    }
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
