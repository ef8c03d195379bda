//! What every restore has in common: how the new instance is to be, and what to make of its status.

use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{DatabaseName, InvalidId, SnapshotId};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbInstance, RestoreInstance};

use super::Next;
use crate::facts::Setting;
use crate::fields::Fields;
use crate::tagging;

/// How a restored instance is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    class: Option<String>,
    subnet_group: Option<String>,
    security_groups: Vec<String>,
    parameter_group: Option<String>,
    option_group: Option<String>,
    multi_az: bool,
    public: bool,
    port: Option<u16>,
    storage_type: Option<String>,
    iops: Option<u32>,
    deletion_protection: Option<bool>,
    copy_tags_to_snapshot: Option<bool>,
    tags: Tags,
}

impl Options {
    /// Reads them. Like the Onica tool's, an instance is Multi-AZ and not public unless told otherwise.
    pub(crate) fn read(fields: &mut Fields, class: &[&'static str]) -> Self {
        Self {
            class: fields.text_of(class),
            subnet_group: fields.text_of(&["DBSubnetGroupName", "DBSubnetGroup", "rds_subnet_group"]),
            security_groups: security_groups(fields),
            parameter_group: fields.text("DBParameterGroupName"),
            option_group: fields.text("OptionGroupName"),
            multi_az: fields.boolean("MultiAZ").unwrap_or(true),
            public: fields.boolean("PubliclyAccessible").unwrap_or(false),
            port: fields.number("Port"),
            storage_type: fields.text("StorageType"),
            iops: fields.number("Iops"),
            deletion_protection: None,
            copy_tags_to_snapshot: fields.boolean("CopyTagsToSnapshot"),
            tags: tags(fields),
        }
    }

    /// The same with `DeletionProtection`, for an instance that is to stay.
    pub(crate) fn read_lasting(fields: &mut Fields, class: &[&'static str]) -> Self {
        let deletion_protection = fields.boolean("DeletionProtection");
        Self { deletion_protection, ..Self::read(fields, class) }
    }

    /// The restore of `snapshot` as `instance`, with our tags and `more`.
    pub(crate) fn restore(
        &self,
        instance: &DatabaseName,
        snapshot: &Snapshot,
        setting: &Setting,
        more: Tags,
    ) -> Change {
        let mut tags = self.tags.clone();
        tags.extend(tagging::ours(setting));
        tags.insert(tagging::RESTORED_FROM, snapshot.arn.to_string());
        tags.extend(more);
        Change::RestoreInstance(Box::new(RestoreInstance {
            instance: instance.clone(),
            snapshot: snapshot.arn.clone(),
            class: self.class.clone(),
            subnet_group: self.subnet_group.clone(),
            security_groups: self.security_groups.clone(),
            parameter_group: self.parameter_group.clone(),
            option_group: self.option_group.clone(),
            multi_az: Some(self.multi_az),
            public: Some(self.public),
            port: self.port,
            storage_type: self.storage_type.clone(),
            iops: self.iops,
            deletion_protection: self.deletion_protection,
            copy_tags_to_snapshot: self.copy_tags_to_snapshot,
            tags,
        }))
    }
}

fn security_groups(fields: &mut Fields) -> Vec<String> {
    let (groups, older) = (fields.list("VpcSecurityGroupIds"), fields.list("DBSecurityGroup"));
    if groups.is_empty() { older } else { groups }
}

/// `Tags` as `key=value,key=value`. Ours cannot be given: by them we know what we made.
fn tags(fields: &mut Fields) -> Tags {
    let mut tags = Tags::new();
    for item in fields.list("Tags") {
        match item.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() && !is_reserved(key.trim()) => {
                tags.insert(key.trim().to_owned(), value.trim().to_owned());
            }
            Some((key, _)) => {
                fields.fault("Tags", format!("'{key}' cannot be given; aws: and PilotLight are reserved"));
            }
            None => fields.fault("Tags", format!("'{item}' is no tag; write key=value,key=value")),
        }
    }
    tags
}

fn is_reserved(key: &str) -> bool {
    key.starts_with("aws:") || key.starts_with("PilotLight") || key == tagging::RESTORED_FROM
}

/// What the status of an instance that is being made means: it is up once it can be used.
pub(crate) fn until_usable(instance: &DbInstance) -> Next {
    if status(instance).is_usable() { Next::Done } else { until_settled(instance) }
}

/// The same for an instance that is to be changed, which AWS takes in fewer states: those in which it takes snapshots.
pub(crate) fn until_settled(instance: &DbInstance) -> Next {
    let name = &instance.arn.id.name;
    match instance.status.as_str() {
        _ if status(instance).accepts_snapshot() => Next::Done,
        "stopped" => Next::Failed(format!("'{name}' is stopped; start it, then the manifest again")),
        status if is_broken(instance) => {
            let said = "see its events in the RDS console; delete it and start the manifest again";
            Next::Failed(format!("'{name}' is {status}; {said}"))
        }
        status => Next::Wait(format!("'{name}' is {status}")),
    }
}

/// The next change on the way to deleting an instance, its data kept in that final snapshot: first its protection is
/// lifted.
pub(crate) fn keep_and_delete(
    old: &DbInstance,
    final_snapshot: Result<SnapshotId, InvalidId>,
    setting: &Setting,
) -> Next {
    let (instance, region) = (old.arn.id.name.clone(), setting.region.clone());
    if let Some(wait) = until_deletable(old) {
        return wait;
    }
    if old.deletion_protection {
        let then = format!("the deletion protection of '{instance}' is lifted");
        return Next::Ask { region, change: Change::ProtectInstance { instance, protected: false }, then };
    }
    match final_snapshot {
        Ok(id) => {
            let then = format!("'{instance}' is deleted with the final snapshot '{id}'");
            Next::Ask { region, change: Change::DeleteInstance { instance, final_snapshot: Some(id) }, then }
        }
        Err(error) => Next::Failed(error.to_string()),
    }
}

/// What is waited for before an instance can be deleted, or is gone: AWS deletes none that it is working on, though it
/// may be in use meanwhile.
pub(crate) fn until_deletable(found: &DbInstance) -> Option<Next> {
    let name = &found.arn.id.name;
    if is_deleting(found) {
        return Some(Next::Wait(format!("'{name}' is being deleted")));
    }
    let is_busy = status(found).is_usable() && !status(found).accepts_snapshot();
    is_busy.then(|| Next::Wait(format!("'{name}' is {}, before it can be deleted", found.status)))
}

/// Why an instance is none that could be deleted with a final snapshot, with nobody hurt.
pub(crate) fn keeps(found: &DbInstance) -> Option<String> {
    let name = &found.arn.id.name;
    if let Some(cluster) = &found.cluster {
        return Some(format!("'{name}' is a member of cluster '{cluster}', and is left alone"));
    }
    if let Some(followed) = &found.replica_of {
        return Some(format!("'{name}' is a replica of {followed}, and is left alone"));
    }
    if !found.replicas.is_empty() {
        let said = "and is left alone; delete or promote them first";
        return Some(format!("'{name}' is followed by {}, {said}", found.replicas.join(", ")));
    }
    is_broken(found).then(|| {
        let said = "so that no final snapshot can be taken of it; see to it by hand";
        format!("'{name}' is {}, {said}", found.status)
    })
}

/// True in the states that do not pass by themselves.
pub(crate) fn is_broken(instance: &DbInstance) -> bool {
    status(instance).is_broken()
}

fn status(instance: &DbInstance) -> InstanceStatus {
    InstanceStatus(instance.status.clone())
}

/// True if it is on its way out.
pub(crate) fn is_deleting(instance: &DbInstance) -> bool {
    instance.status == "deleting"
}
