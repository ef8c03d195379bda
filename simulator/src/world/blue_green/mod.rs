//! Blue/green deployments: a copy of an instance that takes over its name.
//!
//! After the switchover, the name belongs to the green instance, with its own `DbiResourceId` and `InstanceCreateTime`.
//! The blue instance is called `…-old1`. The source is "Switching a blue/green deployment" in the RDS user guide.

pub(super) mod record;
pub(in crate::world) mod switchover;

use std::sync::Arc;

use pilot_light_domain::model::arn::DatabaseArn;

pub use self::record::{BlueGreenRecord, BlueGreenRequest, CreateBlueGreenDeployment, Stage};

use crate::world::World;
use crate::world::api::error::{ApiError, instance_not_found, invalid_combination, not_found, refused};
use crate::world::api::paging::{Listing, Page, page_by_name};
use crate::world::api::request::CreateDbInstanceReadReplica;
use crate::world::api::response::{OneOrPage, Response};
use crate::world::engine_versions::catalogue;
use crate::world::instances::record::InstanceRecord;
use crate::world::place::Place;
use crate::world::time::draw::hash;

impl World {
    pub(in crate::world) fn answer_blue_green(
        &mut self,
        place: &Place,
        request: BlueGreenRequest,
    ) -> Result<Response, ApiError> {
        let one = |found| Response::BlueGreen(OneOrPage::One(found));
        match request {
            BlueGreenRequest::Create(ask) => self.create_blue_green(place, ask).map(one),
            BlueGreenRequest::Switchover(id) => self.begin_switchover(place, &id).map(one),
            BlueGreenRequest::Describe(id, ask) => {
                let page = self.describe_blue_green(place, id.as_deref(), &ask)?;
                Ok(Response::BlueGreen(OneOrPage::Page(page)))
            }
        }
    }

    fn create_blue_green(
        &mut self,
        place: &Place,
        ask: CreateBlueGreenDeployment,
    ) -> Result<Arc<BlueGreenRecord>, ApiError> {
        let source = Arc::clone(self.instance(place, &source_name(place, &ask.source)?)?);
        check_source(&source, ask.target_engine_version.as_deref())?;
        let all = &self.holdings_mut(place).blue_greens;
        if all.values().any(|other| other.name == ask.name) {
            return Err(refused(
                "BlueGreenDeploymentAlreadyExistsFault",
                format!("A blue/green deployment named {} already exists.", ask.name),
            ));
        }
        let suffix = suffix(&[&ask.name, &source.arn.to_string(), &self.now.to_rfc3339()]);
        let green = format!("{}-green-{}", source.arn.id.name, &suffix[..6]);
        self.create_replica(
            place,
            CreateDbInstanceReadReplica {
                name: green.clone(),
                source: source.arn.id.name.to_string(),
                class: ask.target_class,
                kms_key: None,
                tags: source.tags.clone(),
                options: source.options.clone(),
            },
        )?;
        let target = self.instance(place, &green)?.arn.clone();
        if let (Some(version), Some(green)) =
            (ask.target_engine_version, self.instance_mut(place, &target.id.name))
        {
            Arc::make_mut(&mut green.shape).engine_version = version;
        }
        let record = Arc::new(BlueGreenRecord {
            id: format!("bgd-{suffix}"),
            name: ask.name,
            source: source.arn.clone(),
            target,
            stage: Stage::Prepared,
            created_at: self.now,
            tags: ask.tags,
        });
        self.holdings_mut(place).blue_greens.insert(record.id.clone(), Arc::clone(&record));
        Ok(record)
    }

    fn describe_blue_green(
        &self,
        place: &Place,
        id: Option<&str>,
        ask: &Page,
    ) -> Result<Listing<Arc<BlueGreenRecord>>, ApiError> {
        let holdings = self.places.get(place).into_iter();
        let mut found = page_by_name(ask, holdings.flat_map(|holdings| &holdings.blue_greens))?;
        if let Some(id) = id {
            found = Listing::whole([Arc::clone(self.blue_green(place, id)?)]);
        }
        found.items.iter_mut().for_each(|item| *item = self.staged(item));
        Ok(found)
    }

    pub(in crate::world) fn blue_green(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<&Arc<BlueGreenRecord>, ApiError> {
        let found = self.places.get(place).and_then(|holdings| holdings.blue_greens.get(id));
        found.ok_or_else(|| {
            not_found("BlueGreenDeploymentNotFoundFault", format!("Blue/green deployment {id} not found."))
        })
    }

    /// The deployment with its stage as the instances are now.
    fn staged(&self, found: &Arc<BlueGreenRecord>) -> Arc<BlueGreenRecord> {
        let mut found = Arc::clone(found);
        let green = |arn: &DatabaseArn| self.instance(&Place::of_instance(arn), arn.id.name.as_str()).ok();
        let stage = match (found.stage, green(&found.target)) {
            (Stage::Prepared, None) => Stage::Broken,
            (Stage::Prepared, Some(green)) if green.replica_of.as_ref() != Some(&found.source) => {
                Stage::Broken
            }
            (Stage::Prepared, Some(green)) if green.created_at.is_none() => Stage::Provisioning,
            (stage, _) => stage,
        };
        Arc::make_mut(&mut found).stage = stage;
        found
    }
}

fn source_name(place: &Place, text: &str) -> Result<String, ApiError> {
    let arn = text.parse::<DatabaseArn>().ok().filter(|arn| Place::of_instance(arn) == *place);
    arn.map(|arn| arn.id.name.to_string()).ok_or_else(|| instance_not_found(text))
}

fn check_source(source: &InstanceRecord, target: Option<&str>) -> Result<(), ApiError> {
    let (engine, version) = (source.shape.engine.0.as_str(), source.shape.engine_version.as_str());
    if source.cluster.is_some() || !["mariadb", "mysql", "postgres"].contains(&engine) {
        return Err(refused(
            "SourceDatabaseNotSupportedFault",
            format!("Blue/green deployments are not supported for {engine}."),
        ));
    }
    let Some(target) = target.filter(|target| *target != version) else { return Ok(()) };
    match catalogue::find(engine, version).filter(|found| found.targets.contains(&target)) {
        Some(_) => Ok(()),
        None => Err(invalid_combination(format!("Cannot upgrade {engine} from {version} to {target}"))),
    }
}

/// Sixteen letters and digits, always the same for the same parts.
fn suffix(parts: &[&str]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let letters = |salt| {
        let number = hash(salt, parts);
        (0..8).map(move |n| char::from(LETTERS[(number >> (n * 5)) as usize % 32]))
    };
    letters(1).chain(letters(2)).collect()
}
