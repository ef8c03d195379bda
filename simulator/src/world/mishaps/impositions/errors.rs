//! Imposed errors: requests that are refused before they have an effect.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use pilot_light_domain::model::ids::Region;

use super::Standing;
use super::resource::is_like;
use super::written::{Imposed, ImposedError};
use crate::world::World;
use crate::world::api::error::ApiError;
use crate::world::api::request::{Caller, Request};
use crate::world::place::Place;

impl World {
    /// The refusal of a request, if one is imposed on it. The latest imposition counts.
    pub(in crate::world) fn imposed_error(
        &mut self,
        caller: &Caller,
        region: &Region,
        request: &Request,
    ) -> Option<ApiError> {
        let standing = self.mishaps.impositions.standing.values();
        let meant = standing.rev().find(|standing| self.refuses(standing, caller, region, request))?;
        let (id, Imposed::Error(error)) = (meant.id, &meant.imposition.impose) else { return None };
        let refusal = refusal(error);
        self.count_refusal(id);
        Some(refusal)
    }

    fn refuses(&self, standing: &Standing, caller: &Caller, region: &Region, request: &Request) -> bool {
        let on = &standing.imposition.on;
        matches!(standing.imposition.impose, Imposed::Error(_))
            && on.account.as_ref().is_none_or(|account| *account == caller.account)
            && on.region.as_ref().is_none_or(|named| named == region)
            && on.action.as_ref().is_none_or(|action| action == request.action())
            && on.class.as_ref().is_none_or(|pattern| {
                self.ordered_class(caller, region, request).is_some_and(|class| is_like(pattern, &class))
            })
            && on.resource.as_ref().is_none_or(|pattern| self.names(caller, region, request, pattern))
    }

    /// True if a request names a resource like the pattern. The resources are those that need a permission.
    fn names(&self, caller: &Caller, region: &Region, request: &Request, pattern: &str) -> bool {
        let asked = self.permissions(caller, region, request);
        asked.iter().any(|permission| {
            let arn = permission.resource.as_str();
            let id = arn.rsplit([':', '/']).next().unwrap_or(arn);
            is_like(pattern, id) || (pattern.contains(':') && is_like(pattern, arn))
        })
    }

    /// The class of the instance that a request creates, or the new class of one that it changes.
    fn ordered_class(&self, caller: &Caller, region: &Region, request: &Request) -> Option<String> {
        let place = Place::new(&caller.account, region);
        match request {
            Request::CreateDbInstance(ask) => Some(ask.class.clone()),
            Request::ModifyDbInstance(ask) => ask.class.clone(),
            Request::RestoreDbInstanceFromDbSnapshot(ask) => {
                let snapshot = || self.restorable(&place, &ask.snapshot).ok();
                ask.class.clone().or_else(|| snapshot().map(|found| found.shape.class.clone()))
            }
            Request::CreateDbInstanceReadReplica(ask) => {
                let source = || self.replicable(&place, &ask.source).ok();
                ask.class.clone().or_else(|| source().map(|found| found.shape.class.clone()))
            }
            _ => None,
        }
    }

    fn count_refusal(&mut self, id: u64) {
        let Some(standing) = self.mishaps.impositions.standing.get_mut(&id) else { return };
        standing.refusals += 1;
        if standing.imposition.times == Some(standing.refusals) {
            self.lift(id);
        }
    }
}

fn refusal(error: &ImposedError) -> ApiError {
    let ImposedError { code, message, http_status } = error;
    ApiError { code: lasting(code), message: message.clone(), http_status: *http_status }
}

/// The code as text that lasts as long as the program. AWS's codes are few, and each is kept once.
fn lasting(code: &str) -> &'static str {
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = codes.get(code) {
        return known;
    }
    let code: &'static str = Box::leak(code.to_owned().into_boxed_str());
    codes.insert(code);
    code
}
