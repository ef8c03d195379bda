//! The actions of KMS beyond the state of one key: creation, lists, aliases and policies.

use std::collections::BTreeSet;

use super::record::{KeyOrigin, KeyRecord, KeyState};
use super::request::{AliasRecord, CreateKey, KmsPage, KmsRequest, KmsResponse};
use super::{of_id, policy, uuid};
use crate::world::World;
use crate::world::api::error::{ApiError, refused};
use crate::world::api::response::Response;
use crate::world::place::Place;
use crate::world::time::draw::hash;

impl World {
    pub(in crate::world) fn answer_kms(
        &mut self,
        place: &Place,
        request: KmsRequest,
    ) -> Result<Response, ApiError> {
        let answer = match request {
            KmsRequest::CreateKey(ask) => KmsResponse::Created(self.create_key(place, ask)?),
            KmsRequest::ListKeys(ask) => self.list_keys(place, &ask)?,
            KmsRequest::ListAliases(key, ask) => self.list_aliases(place, key.as_deref(), &ask)?,
            KmsRequest::GetKeyPolicy(key) => {
                let key = self.own_key(place, &key)?;
                KmsResponse::Policy(key.policy.clone().unwrap_or_else(|| policy::default_policy(key)))
            }
            KmsRequest::CreateAlias(name, key) => return self.create_alias(place, name, &key),
            KmsRequest::DeleteAlias(name) => return self.delete_alias(place, name),
            KmsRequest::PutKeyPolicy(key, text) => return self.put_policy(place, &key, text),
        };
        Ok(Response::Kms(Box::new(answer)))
    }

    fn create_key(&mut self, place: &Place, ask: CreateKey) -> Result<KeyRecord, ApiError> {
        let users = ask.policy.as_deref().map_or(Ok(BTreeSet::new()), policy::admitted)?;
        let count = self.keys.by_arn.len().to_string();
        let parts = [place.account.as_str(), place.region.as_str(), &count];
        let seed = self.settings.seed;
        let arn = of_id(&place.account, &place.region, uuid(hash(seed, &parts), hash(!seed, &parts)));
        let record = KeyRecord {
            users: others(place, users),
            state: KeyState::Enabled,
            origin: KeyOrigin::Customer,
            created_at: self.now,
            description: ask.description,
            policy: ask.policy,
            arn: arn.clone(),
        };
        self.keys.by_arn.insert(arn, record.clone());
        Ok(record)
    }

    fn put_policy(&mut self, place: &Place, key: &str, text: String) -> Result<Response, ApiError> {
        let arn = self.own_key(place, key)?.arn.clone();
        let users = others(place, policy::admitted(&text)?);
        if let Some(key) = self.keys.by_arn.get_mut(&arn) {
            key.users = users;
            key.policy = Some(text);
        }
        Ok(Response::Done)
    }

    fn list_keys(&self, place: &Place, ask: &KmsPage) -> Result<KmsResponse, ApiError> {
        let own = self.keys.by_arn.keys().filter(|arn| is_of(place, arn)).cloned();
        let (keys, marker) = page(own, ask, |arn| arn.key.clone())?;
        Ok(KmsResponse::Keys(keys, marker))
    }

    fn list_aliases(&self, place: &Place, key: Option<&str>, ask: &KmsPage) -> Result<KmsResponse, ApiError> {
        let wanted = key.map(|key| self.keys.find(place, key)).transpose()?.map(|key| &key.arn);
        let own = self.keys.aliases.iter().filter(|((at, _), _)| at == place);
        let found = own.filter(|(_, key)| wanted.is_none_or(|wanted| wanted == *key));
        let records = found.map(|((_, name), key)| AliasRecord {
            arn: alias_arn(place, name),
            name: name.clone(),
            key: key.clone(),
        });
        let (aliases, marker) = page(records, ask, |alias| alias.name.clone())?;
        Ok(KmsResponse::Aliases(aliases, marker))
    }

    fn create_alias(&mut self, place: &Place, name: String, key: &str) -> Result<Response, ApiError> {
        if !name.starts_with("alias/") || name.starts_with("alias/aws/") || name.len() == "alias/".len() {
            let text = "Alias must start with the prefix \"alias/\", and must not start with \"alias/aws/\".";
            return Err(refused("InvalidAliasNameException", text));
        }
        let arn = self.own_key(place, key)?.arn.clone();
        let alias = (place.clone(), name);
        if self.keys.aliases.contains_key(&alias) {
            let text = format!("An alias with the name {} already exists", alias_arn(place, &alias.1));
            return Err(refused("AlreadyExistsException", text));
        }
        self.keys.aliases.insert(alias, arn);
        Ok(Response::Done)
    }

    fn delete_alias(&mut self, place: &Place, name: String) -> Result<Response, ApiError> {
        let text = format!("Alias {} is not found.", alias_arn(place, &name));
        let removed = self.keys.aliases.remove(&(place.clone(), name));
        removed.map(|_| Response::Done).ok_or_else(|| refused("NotFoundException", text))
    }

    /// A key of the caller's own account. KMS takes none of another account for these actions.
    fn own_key(&self, place: &Place, key: &str) -> Result<&KeyRecord, ApiError> {
        let found = self.keys.find(place, key)?;
        if found.arn.account == place.account {
            return Ok(found);
        }
        Err(refused("AccessDeniedException", format!("The key {} is not the caller's.", found.arn)))
    }
}

fn is_of(place: &Place, arn: &pilot_light_domain::model::arn::KmsKeyArn) -> bool {
    arn.account == place.account && arn.region == place.region
}

fn others(
    place: &Place,
    accounts: BTreeSet<pilot_light_domain::model::ids::AccountId>,
) -> BTreeSet<pilot_light_domain::model::ids::AccountId> {
    accounts.into_iter().filter(|account| *account != place.account).collect()
}

fn alias_arn(place: &Place, name: &str) -> String {
    format!("arn:{}:kms:{}:{}:{name}", place.region.partition(), place.region, place.account)
}

/// A page of a list in ascending order of `name`.
fn page<T>(
    found: impl Iterator<Item = T>,
    ask: &KmsPage,
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let limit = ask.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(refused("ValidationException", format!("Limit must be from 1 to 1000, and is {limit}")));
    }
    let behind = found.filter(|item| ask.marker.as_ref().is_none_or(|marker| name(item) > *marker));
    let mut items: Vec<T> = behind.take(usize::try_from(limit).unwrap_or(1000) + 1).collect();
    let is_more = items.len() as u64 > limit;
    if is_more {
        items.pop();
    }
    let marker = if is_more { items.last().map(&name) } else { None };
    Ok((items, marker))
}
