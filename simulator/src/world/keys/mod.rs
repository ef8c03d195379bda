//! KMS keys: their state, their aliases, and the accounts that may use each.
//!
//! The actions that create and list keys are in `actions`.

mod actions;
mod policy;
pub(super) mod record;
pub(super) mod request;

use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::{KmsKeyArn, KmsKeyArnParts};
use pilot_light_domain::model::ids::{AccountId, Region};

use self::record::{KeyOrigin, KeyRecord, KeyState};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::draw::hash;

/// All keys of the world.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    by_arn: BTreeMap<KmsKeyArn, KeyRecord>,
    /// The key that each alias of a customer means.
    aliases: BTreeMap<(Place, String), KmsKeyArn>,
}

const DEFAULT_ALIAS: &str = "alias/aws/rds";

impl Keys {
    pub(crate) fn all(&self) -> impl Iterator<Item = &KeyRecord> {
        self.by_arn.values()
    }

    pub(crate) fn insert(&mut self, key: KeyRecord) {
        self.by_arn.insert(key.arn.clone(), key);
    }

    /// Registers a customer's key, or replaces the accounts that may use it.
    pub(crate) fn register(&mut self, arn: KmsKeyArn, users: BTreeSet<AccountId>, now: Instant) {
        let key = self.by_arn.entry(arn.clone()).or_insert(KeyRecord {
            arn,
            users: BTreeSet::new(),
            state: KeyState::Enabled,
            origin: KeyOrigin::Customer,
            created_at: now,
            description: String::new(),
            policy: None,
        });
        key.users = users;
    }

    /// Changes a key's state; false if there is no such key.
    pub(crate) fn set_state(&mut self, arn: &KmsKeyArn, state: KeyState) -> bool {
        self.by_arn.get_mut(arn).map(|key| key.state = state).is_some()
    }

    /// True if `account` can use the key now.
    pub(crate) fn can_use(&self, account: &AccountId, arn: &KmsKeyArn) -> bool {
        self.by_arn.get(arn).is_some_and(|key| {
            key.state == KeyState::Enabled && (arn.account == *account || key.users.contains(account))
        })
    }

    pub(crate) fn is_default(&self, arn: &KmsKeyArn) -> bool {
        self.by_arn.get(arn).is_some_and(|key| key.origin == KeyOrigin::Aws)
    }

    /// The account's default key for RDS, made at its first use as AWS does.
    pub(crate) fn default_of(&mut self, place: &Place, now: Instant) -> KmsKeyArn {
        let arn = default_arn(place);
        self.by_arn.entry(arn.clone()).or_insert(KeyRecord {
            arn: arn.clone(),
            users: BTreeSet::new(),
            state: KeyState::Enabled,
            origin: KeyOrigin::Aws,
            created_at: now,
            description: "Default key that protects my RDS database volumes when no other key is defined"
                .to_owned(),
            policy: None,
        });
        arn
    }

    /// The key that `text` (ARN, key id, alias or its ARN) means to a request that encrypts something.
    pub(crate) fn for_encryption(&mut self, place: &Place, text: &str, now: Instant) -> Option<KmsKeyArn> {
        if is_default_alias(place, text) {
            return Some(self.default_of(place, now));
        }
        let arn = self.named(place, text)?;
        (arn.region == place.region && self.can_use(&place.account, &arn)).then_some(arn)
    }

    /// The key that `text` means to a request of KMS itself.
    ///
    /// # Errors
    /// `NotFoundException`, or `AccessDeniedException` where the caller may not use it.
    pub(crate) fn find(&self, place: &Place, text: &str) -> Result<&KeyRecord, ApiError> {
        let not_found = || refused("NotFoundException", format!("Key '{text}' does not exist"));
        let arn = if is_default_alias(place, text) {
            default_arn(place)
        } else {
            self.named(place, text).ok_or_else(not_found)?
        };
        let key = self.by_arn.get(&arn).filter(|key| key.arn.region == place.region).ok_or_else(not_found)?;
        if key.arn.account != place.account && !key.users.contains(&place.account) {
            return Err(refused(
                "AccessDeniedException",
                format!("The key {arn} does not admit the caller."),
            ));
        }
        Ok(key)
    }

    /// The key that an ARN, a key id, an alias or an alias's ARN means.
    fn named(&self, place: &Place, text: &str) -> Option<KmsKeyArn> {
        let Some((at, alias)) = alias(place, text) else { return key_arn(place, text) };
        self.aliases.get(&(at, alias)).cloned()
    }
}

/// The place and the name of an alias, given by its name or its ARN.
fn alias(place: &Place, text: &str) -> Option<(Place, String)> {
    if text.starts_with("alias/") {
        return Some((place.clone(), text.to_owned()));
    }
    let [_, _, "kms", region, account, name] = text.splitn(6, ':').collect::<Vec<_>>()[..] else {
        return None;
    };
    let at = Place::new(&AccountId::new(account).ok()?, &Region::new(region).ok()?);
    name.starts_with("alias/").then(|| (at, name.to_owned()))
}

impl World {
    pub(in crate::world) fn change_key(
        &mut self,
        place: &Place,
        key: &str,
        state: KeyState,
    ) -> Result<Response, ApiError> {
        let arn = self.keys.find(place, key)?.arn.clone();
        if arn.account != place.account || self.keys.is_default(&arn) {
            return Err(refused(
                "AccessDeniedException",
                format!("The key {arn} is not the caller's to change."),
            ));
        }
        self.keys.set_state(&arn, state);
        Ok(Response::Done)
    }
}

fn is_default_alias(place: &Place, text: &str) -> bool {
    let Place { account, region } = place;
    text == DEFAULT_ALIAS
        || text == format!("arn:{}:kms:{region}:{account}:{DEFAULT_ALIAS}", region.partition())
}

fn key_arn(place: &Place, text: &str) -> Option<KmsKeyArn> {
    if text.starts_with("arn:") {
        return text.parse().ok();
    }
    (!text.is_empty() && !text.contains('/')).then(|| of_id(&place.account, &place.region, text.to_owned()))
}

fn default_arn(place: &Place) -> KmsKeyArn {
    let Place { account, region } = place;
    let high = hash(1, &[account.as_str(), region.as_str()]);
    let low = hash(2, &[account.as_str(), region.as_str()]);
    of_id(account, region, uuid(high, low))
}

fn of_id(account: &AccountId, region: &Region, key: String) -> KmsKeyArn {
    let (region, account) = (region.clone(), account.clone());
    KmsKeyArnParts { partition: region.partition(), region, account, key }.into()
}

/// 128 bits as a UUID is written.
pub(crate) fn uuid(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
