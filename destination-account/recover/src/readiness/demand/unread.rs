//! A demand without everything that follows from a parameter that could not be read. The checks of the rest remain.

use std::collections::BTreeSet;

use super::{Class, Demand, GroupName, KeyUse, Room};
use crate::readiness::{
    CLASS, IOPS, KEY, MONITORING_ROLE, MULTI_AZ, Names, OPTION_GROUP, PARAMETER_GROUP, PORT, SECURITY_GROUPS,
    STORAGE_TYPE, SUBNET_GROUP, VERSION,
};

/// The parameters that determine whether the database exists already, and the instances beside it.
const IDENTITY: Names = &[
    "DBInstanceIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceAccount",
    "At",
    "newDB",
    "originDB",
    "Mode",
    "RDSInstanceIdentifier",
    "SourceRDSInstanceIdentifier",
    "SourceRegion",
    "GlobalClusterIdentifier",
    "DBClusterIdentifier",
    "DBClusterName",
    "SourceDBClusterIdentifier",
];

/// True if the parameters that determine the database could be read.
pub(crate) fn is_identified(unread: &BTreeSet<String>) -> bool {
    !IDENTITY.iter().any(|name| unread.contains(*name))
}

impl Demand {
    /// The demand without everything that follows from a parameter that could not be read.
    pub(crate) fn without(mut self, unread: &BTreeSet<String>) -> Self {
        let is_unread = |names: Names| names.iter().any(|name| unread.contains(*name));
        let has_kind = self.storage.as_ref().is_some_and(|storage| storage.kind.is_some());
        if is_unread(STORAGE_TYPE) || is_unread(IOPS) && !has_kind {
            self.storage = None;
        }
        if is_unread(CLASS) {
            self.class = Class::LeftToAws;
        }
        if is_unread(SUBNET_GROUP) {
            self.network.subnet_group = GroupName::Unread;
        }
        if is_unread(SECURITY_GROUPS) {
            self.network.security_groups.clear();
        }
        if is_unread(KEY) {
            self.keys.retain(|key| matches!(key, KeyUse::OfData(_)));
        }
        if is_unread(VERSION) {
            self.data.version = None;
        }
        if !is_identified(unread) {
            self.room = Room::Unknown;
        }
        if is_unread(MONITORING_ROLE) {
            self.monitoring_role = None;
        }
        self.multi_az = self.multi_az.filter(|_| !is_unread(MULTI_AZ));
        self.port = self.port.filter(|_| !is_unread(PORT));
        self.parameter_group = self.parameter_group.filter(|_| !is_unread(PARAMETER_GROUP));
        self.option_group = self.option_group.filter(|_| !is_unread(OPTION_GROUP));
        self
    }
}
