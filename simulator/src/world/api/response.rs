//! The answers of the world.

use std::collections::BTreeSet;
use std::sync::Arc;

use pilot_light_domain::model::ids::{AccountId, SnapshotId};
use pilot_light_domain::model::tags::Tags;

use super::paging::Listing;
use crate::world::blue_green::BlueGreenRecord;
use crate::world::cache::request::CacheResponse;
use crate::world::clusters::request::ClusterResponse;
use crate::world::engine_versions::EngineVersion;
use crate::world::events::request::EventResponse;
use crate::world::instances::record::InstanceRecord;
use crate::world::keys::record::KeyRecord;
use crate::world::keys::request::KmsResponse;
use crate::world::network::Ec2Response;
use crate::world::option_groups::OptionGroupRecord;
use crate::world::orderable::OrderableOption;
use crate::world::parameter_groups::ParameterGroupRecord;
use crate::world::snapshots::record::SnapshotView;
use crate::world::subnet_groups::SubnetGroupRecord;

/// The answer to a request that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// One instance.
    Instance(Arc<InstanceRecord>),
    /// A page of instances.
    Instances(Listing<Arc<InstanceRecord>>),
    /// An answer of ElastiCache.
    Cache(Box<CacheResponse>),
    /// Clusters or global clusters.
    Cluster(Box<ClusterResponse>),
    /// Events or event subscriptions.
    Event(Box<EventResponse>),
    /// An answer of KMS.
    Kms(Box<KmsResponse>),
    /// One snapshot.
    Snapshot(SnapshotView),
    /// A snapshot that was deleted.
    SnapshotDeleted(SnapshotView),
    /// A page of snapshots.
    Snapshots(Listing<SnapshotView>),
    /// The accounts that a snapshot is shared with.
    Attributes(Attributes),
    /// Tags of a resource.
    Tags(Tags),
    /// Quotas of the account in this Region.
    Quotas(Vec<Quota>),
    /// A KMS key.
    Key(KeyRecord),
    /// Blue/green deployments.
    BlueGreen(OneOrPage<BlueGreenRecord>),
    /// Option groups.
    OptionGroup(OneOrPage<OptionGroupRecord>),
    /// DB parameter groups.
    ParameterGroup(OneOrPage<ParameterGroupRecord>),
    /// An answer of EC2.
    Ec2(Box<Ec2Response>),
    /// DB subnet groups.
    SubnetGroup(OneOrPage<SubnetGroupRecord>),
    /// A page of engine versions.
    EngineVersions(Listing<EngineVersion>),
    /// A page of orderable options.
    Orderable(Listing<OrderableOption>),
    /// Success, with no content.
    Done,
}

/// One resource, or a page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OneOrPage<T> {
    /// One.
    One(Arc<T>),
    /// A page.
    Page(Listing<Arc<T>>),
}

/// The `restore` attribute of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// The snapshot.
    pub id: SnapshotId,
    /// The accounts it is shared with.
    pub accounts: BTreeSet<AccountId>,
    /// Whether it is shared with everybody.
    pub is_public: bool,
}

/// A quota and its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// `AccountQuotaName`.
    pub name: &'static str,
    /// The number in use.
    pub used: u64,
    /// The limit.
    pub max: u64,
}
