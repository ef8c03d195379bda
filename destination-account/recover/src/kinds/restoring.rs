//! The common part of all restores: the options of the new instance, the meaning of its status, and safe deletion.
//!
//! The decisions are left to the kinds.

mod demand;
mod standby;
mod tags;

use pilot_light_domain::Instant;
use pilot_light_domain::model::database::InstanceStatus;
use pilot_light_domain::model::ids::{DatabaseName, InvalidId, SnapshotId};
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::{Change, DbInstance, RestoreInstance};

pub(crate) use self::standby::may_wait_for_standby;
use self::standby::{WITHOUT, is_being_made, is_stood_by_later, stand_by};
use super::Next;
use super::difference::Differences;
use crate::facts::{Facts, Setting};
use crate::fields::Fields;
use crate::progress::Outcome;
use crate::readiness::{ALL_IOPS, PORTS};
use crate::tagging;

/// The Onica tool's name of the subnet group.
const SUBNET_GROUP: &str = "rds_subnet_group";
/// The number of the tags of every restored instance: [`tagging::ours`], `RestoredFrom` and `PilotLightDataTime`.
const OWN_TAGS: usize = 6;
/// The tag that closes the recovery at its end, on an instance that stays: [`tagging::ENDED`].
const LAST_TAG: usize = 1;
/// The tag of an instance for which a standby is requested after the restore: [`tagging::STANDBY`].
const STANDBY_TAG: usize = 1;
/// The names that only the Onica tool has.
const ONICA: [&str; 3] = ["rds_instance", "rds_instance_type", SUBNET_GROUP];

/// The options of a restored instance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    /// The classes to try, in this order.
    classes: Vec<String>,
    capacity_reservation: Option<String>,
    subnet_group: Option<String>,
    security_groups: Vec<String>,
    parameter_group: Option<String>,
    option_group: Option<String>,
    multi_az: Option<bool>,
    public: Option<bool>,
    port: Option<u16>,
    storage_type: Option<String>,
    iops: Option<u32>,
    deletion_protection: Option<bool>,
    copy_tags_to_snapshot: Option<bool>,
    tags: Tags,
}

impl Options {
    /// Reads the options of an instance that the kind gives `more_tags` of its own. An instance is neither public nor Multi-AZ
    /// by default.
    pub(crate) fn read(fields: &mut Fields, class: &[&'static str], more_tags: usize) -> Self {
        let multi_az = fields.boolean("MultiAZ");
        let standby_tag = if multi_az == Some(true) { STANDBY_TAG } else { 0 };
        let own_tags = OWN_TAGS + more_tags + standby_tag;
        Self {
            classes: fields.list(class),
            capacity_reservation: fields.text("DBCapacityReservationIdentifier"),
            subnet_group: fields.text_of(&["DBSubnetGroupName", "DBSubnetGroup", SUBNET_GROUP]),
            security_groups: fields.list(&["VpcSecurityGroupIds", "DBSecurityGroup"]),
            parameter_group: fields.group("DBParameterGroupName"),
            option_group: fields.group("OptionGroupName"),
            multi_az,
            public: fields.boolean("PubliclyAccessible"),
            port: fields.number("Port", PORTS),
            storage_type: fields.text("StorageType"),
            iops: fields.number("Iops", ALL_IOPS),
            deletion_protection: None,
            copy_tags_to_snapshot: fields.boolean("CopyTagsToSnapshot"),
            tags: tags::read(fields, own_tags),
        }
    }

    /// Reads the options of an instance that stays. They include `DeletionProtection`. It is Multi-AZ by default if the
    /// manifest uses the names of the Onica tool, which has that default.
    pub(crate) fn read_lasting(fields: &mut Fields, class: &[&'static str], more_tags: usize) -> Self {
        let deletion_protection = fields.boolean("DeletionProtection");
        let read = Self::read(fields, class, more_tags + LAST_TAG);
        let is_onica = ONICA.iter().any(|name| fields.is_given(name)) && !fields.has_problem(&["MultiAZ"]);
        Self { deletion_protection, multi_az: read.multi_az.or(is_onica.then_some(true)), ..read }
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
        if let Some(taken) = snapshot.taken_at() {
            tags.insert(tagging::DATA_TIME, tagging::time(taken));
        }
        tags.extend(more);
        Change::RestoreInstance(Box::new(RestoreInstance {
            instance: instance.clone(),
            snapshot: snapshot.arn.clone(),
            class: self.class(setting).cloned(),
            capacity_reservation: self.capacity_reservation.clone(),
            subnet_group: self.subnet_group.clone(),
            security_groups: self.security_groups.clone(),
            parameter_group: self.parameter_group.clone(),
            option_group: self.option_group.clone(),
            multi_az: self.multi_az.filter(|_| !is_stood_by_later(&snapshot.engine)),
            // AWS makes it public if its subnet group is the default one, or has an internet gateway.
            public: Some(self.public.unwrap_or(false)),
            port: self.port,
            storage_type: self.storage_type.clone(),
            iops: self.iops,
            deletion_protection: self.deletion_protection,
            copy_tags_to_snapshot: self.copy_tags_to_snapshot,
            tags,
        }))
    }
}

impl Options {
    /// The class to try now: after a refusal for lack of capacity the next one, and after the last the first.
    fn class(&self, setting: &Setting) -> Option<&String> {
        self.classes.iter().cycle().nth(setting.refusals % self.classes.len().max(1))
    }

    /// The properties in which an instance that is up differs from the requested one.
    pub(crate) fn difference(&self, found: &DbInstance) -> Option<String> {
        let multi_az = self.multi_az.filter(|_| !is_stood_by_later(&found.engine));
        let differs = Differences::default()
            .compare_class(&found.class, &self.classes)
            .compare("MultiAZ", found.multi_az, multi_az)
            .compare("the port", found.endpoint.as_ref().map(|endpoint| endpoint.port), self.port)
            .compare("StorageType", found.specification.storage_type.as_ref(), self.storage_type.as_ref())
            .compare("Iops", found.specification.iops, self.iops)
            .compare("PubliclyAccessible", found.public, self.public)
            .compare_protection(found.deletion_protection, self.deletion_protection)
            .compare_groups("subnet group", &found.groups.subnet, &self.subnet_group)
            .compare_groups("security groups", &found.groups.security, &self.security_groups)
            .compare_groups("parameter group", &found.groups.parameter, &self.parameter_group)
            .compare_groups("option group", &found.groups.option, &self.option_group);
        differs.in_words().filter(|_| until_usable(found) == Next::Done)
    }

    /// Waits until a restored instance can be used as the options want it.
    pub(crate) fn complete(&self, found: &DbInstance, facts: &Facts, setting: &Setting) -> Next {
        let is_wanted = is_stood_by_later(&found.engine) && self.multi_az == Some(true);
        let is_missing = is_wanted && found.multi_az == Some(false);
        let adjustment = is_missing.then(|| stand_by(found, facts.now, setting));
        let is_made = is_wanted && is_being_made(found, facts.now);
        adjusted(found, (WITHOUT, is_made), adjustment, setting)
    }
}

/// The result of a restore.
pub(crate) fn outcome(found: &DbInstance) -> Outcome {
    Outcome {
        endpoint: found.endpoint.as_ref().map(ToString::to_string),
        snapshot: found.tags.get(tagging::RESTORED_FROM).map(|arn| snapshot_id(arn).to_owned()),
        data_time: found.tags.get(tagging::DATA_TIME).and_then(|text| text.parse().ok()),
        took_over: None,
    }
}

/// True if an instance was restored from this very snapshot. Another one may have had its name before, with data of another time.
pub(crate) fn holds(found: &DbInstance, snapshot: &Snapshot) -> bool {
    let is_from = found.tags.get(tagging::RESTORED_FROM).is_some_and(|arn| snapshot.arn.is_written(arn));
    let held = found.tags.get(tagging::DATA_TIME);
    let taken = snapshot.taken_at().map(tagging::time);
    is_from && held.zip(taken).is_none_or(|(held, taken)| *held == taken)
}

/// The snapshot that an instance was restored from, with the time of its data, in words.
pub(crate) fn point_of(found: &DbInstance, facts: &Facts) -> String {
    let Some(arn) = found.tags.get(tagging::RESTORED_FROM) else { return "an unknown snapshot".to_owned() };
    point(snapshot_id(arn), outcome(found).data_time.or_else(|| taken(arn, facts)))
}

/// The time of the data in the snapshot with that ARN, if AWS still lists it.
pub(crate) fn taken(arn: &str, facts: &Facts) -> Option<Instant> {
    facts.snapshots.iter().find(|snapshot| snapshot.arn.is_written(arn))?.taken_at()
}

/// The identifier in the ARN of a snapshot.
fn snapshot_id(arn: &str) -> &str {
    arn.rsplit_once(":snapshot:").map_or(arn, |(_, id)| id)
}

/// A snapshot with the time of its data, in words.
pub(crate) fn point(id: &str, taken: Option<Instant>) -> String {
    taken.map_or_else(
        || format!("{id}, data of an unknown time"),
        |at| format!("{id}, data of {}", tagging::time(at)),
    )
}

/// Waits until an instance can be used: then it is up.
pub(crate) fn until_usable(instance: &DbInstance) -> Next {
    if status(instance).is_usable() { Next::Done } else { until_settled(instance) }
}

/// The next step of a database that is complete after an adjustment, which is absent if AWS shows its effect. The database is up
/// `without` it if AWS refuses it for good, or does not end it in time.
///
/// AWS states that an instance can be used in some of the statuses in which it cannot be changed. For `modifying` it states
/// nothing. An instance that was usable before stays so while AWS makes its standby, and the adjustment `is_under_way` then. Other
/// changes, such as the first retention of backups, may interrupt it.
pub(crate) fn adjusted(
    found: &DbInstance,
    (without, is_under_way): (&str, bool),
    adjustment: Option<Next>,
    setting: &Setting,
) -> Next {
    let lacks = setting.lacks.contains(without);
    let adjusting = |what| Next::Adjusting { what, without: without.to_owned() };
    match (until_usable(found), adjustment) {
        (Next::Wait(_), _) if is_under_way && lacks => Next::Done,
        (Next::Wait(what), _) if is_under_way => adjusting(what),
        (Next::Done, Some(adjustment)) if !lacks => match until_settled(found) {
            Next::Done => adjustment,
            Next::Wait(what) => adjusting(what),
            other => other,
        },
        (next, _) => next,
    }
}

/// Waits until an instance can be changed. AWS allows changes in fewer states than use: those in which it takes snapshots.
pub(crate) fn until_settled(instance: &DbInstance) -> Next {
    let name = &instance.arn.id.name;
    match instance.status.as_str() {
        _ if status(instance).accepts_snapshot() => Next::Done,
        "stopped" => Next::Failed(format!(
            "'{name}' is 'stopped'; start it, then start the manifest again: aws rds start-db-instance --region {} --db-instance-identifier {name}",
            instance.arn.id.region
        )),
        status if is_broken(instance) => Next::Failed(format!("'{name}' is '{status}'; {}", way_out(status))),
        status => Next::Wait(format!("'{name}' is '{status}'")),
    }
}

/// The way out of a status that does not end by itself.
fn way_out(status: &str) -> &'static str {
    match status {
        "incompatible-parameters" => {
            "a value of its parameter group does not fit its class or version; correct the group and reboot it, or give another DBParameterGroupName and delete it; then start the manifest again"
        }
        "incompatible-option-group" => {
            "its option group does not fit its data; give another OptionGroupName and delete it; then start the manifest again"
        }
        "incompatible-network" => {
            "its subnets or security groups have changed, or no IP address is free; correct the network or give another DBSubnetGroupName, and delete it; then start the manifest again"
        }
        _ => "see its events in the RDS console, and delete it; then start the manifest again",
    }
}

/// The next step of deleting an instance: it lifts the deletion protection, then deletes the instance with that final
/// snapshot.
pub(crate) fn keep_and_delete(
    old: &DbInstance,
    final_snapshot: Result<SnapshotId, InvalidId>,
    keeps_automated_backups: bool,
    setting: &Setting,
) -> Next {
    let (instance, region) = (old.arn.id.name.clone(), setting.region.clone());
    if let Some(wait) = until_deletable(old) {
        return wait;
    }
    if old.deletion_protection {
        let then = format!("lifting the deletion protection of '{instance}'");
        return Next::Ask { region, change: Change::ProtectInstance { instance, protected: false }, then };
    }
    match final_snapshot {
        Ok(id) => {
            let then = format!("deleting '{instance}' with the final snapshot '{id}'");
            let change =
                Change::DeleteInstance { instance, final_snapshot: Some(id), keeps_automated_backups };
            Next::Ask { region, change, then }
        }
        Err(error) => Next::Failed(error.to_string()),
    }
}

/// The reason to wait before an instance is deleted, or until its deletion is complete. AWS deletes no instance that it is
/// working on, although the instance may be usable meanwhile.
pub(crate) fn until_deletable(found: &DbInstance) -> Option<Next> {
    let name = &found.arn.id.name;
    if is_deleting(found) {
        return Some(Next::Wait(format!("deleting '{name}'")));
    }
    let is_busy = status(found).is_usable() && !status(found).accepts_snapshot();
    is_busy.then(|| Next::Wait(format!("'{name}' is '{}' and cannot be deleted yet", found.status)))
}

/// The reason that an instance cannot be deleted safely with a final snapshot, if there is one.
pub(crate) fn keeps(found: &DbInstance) -> Option<String> {
    let name = &found.arn.id.name;
    if let Some(cluster) = &found.cluster {
        let said = "give an instance outside a cluster";
        return Some(format!("'{name}' is a member of cluster '{cluster}' and is not changed; {said}"));
    }
    if let Some(followed) = &found.replica_of {
        let said = "promote or delete it first, if it may be replaced";
        return Some(format!("'{name}' is a replica of {followed} and is not changed; {said}"));
    }
    if !found.replicas.is_empty() {
        let replicas = found.replicas.join(", ");
        let said = "promote or delete the replicas first";
        return Some(format!("'{name}' has the replicas {replicas} and is not changed; {said}"));
    }
    // AWS takes a snapshot only of an instance that is available, and changes none that is stopped.
    if ["stopped", "stopping"].contains(&found.status.as_str()) {
        return Some(format!(
            "'{name}' is '{}', so no final snapshot can be taken; keep the applications away from it and start it once it is 'stopped', then start the manifest again: aws rds start-db-instance --region {} --db-instance-identifier {name}",
            found.status, found.arn.id.region
        ));
    }
    is_broken(found).then(|| {
        let said = "so no final snapshot can be taken; repair or delete it yourself";
        format!("'{name}' is '{}', {said}", found.status)
    })
}

/// True if the instance has a status that does not end by itself.
pub(crate) fn is_broken(instance: &DbInstance) -> bool {
    status(instance).is_broken()
}

fn status(instance: &DbInstance) -> InstanceStatus {
    InstanceStatus(instance.status.clone())
}

/// True if the instance is being deleted.
pub(crate) fn is_deleting(instance: &DbInstance) -> bool {
    instance.status == "deleting"
}
