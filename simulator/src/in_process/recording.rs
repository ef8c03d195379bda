//! Who asks, and what the calls that are not the world's ask for: parameters, exports and metrics.
//!
//! What RDS, ElastiCache and KMS ask for is the world's to say; nothing is recorded before somebody wants it.

use std::collections::BTreeMap;

use pilot_light_domain::aws::metrics::NAMESPACE;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::principal::Principal;
use super::simulation::{Simulation, State};
use crate::permissions::Permissions;
use crate::world::{Caller, Permission, Request, Response, via};

impl Simulation {
    /// Begins to record what callers must be allowed, from nothing.
    pub fn record_permissions(&self) {
        self.lock().permissions = Some(Permissions::default());
    }

    /// What callers had to be allowed since then.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.lock().permissions.clone().unwrap_or_default()
    }
}

impl State {
    /// A request to the world, and what it asks for. What is not there bears no tags and is not asked for: AWS then
    /// answers that it is not found, or refuses.
    pub(super) fn ask_world(
        &mut self,
        principal: &Principal,
        (caller, region): (&Caller, &Region),
        request: Request,
    ) -> Result<Response, crate::world::ApiError> {
        if self.permissions.is_none() {
            return self.world.request(caller, region, request, self.now);
        }
        self.world.advance(self.now);
        let asked = self.world.permissions(caller, region, &request);
        let answer = self.world.request(caller, region, request, self.now);
        if !answer.as_ref().is_err_and(|error| error.http_status == 404) {
            self.enter(principal, &caller.account, asked);
        }
        answer
    }

    /// The path of a worker's parameters, and whatever is below it. AWS's examples grant the second ("Restricting
    /// access to Parameter Store parameters"); whether the first is what a call asks for is *unverified*.
    pub(super) fn ask_path(&mut self, principal: &Principal, (account, region): (&AccountId, &Region)) {
        let path = parameter(account, region, &principal.path);
        let below = format!("{path}/*");
        let asked = [path, below].map(|resource| permission("ssm:GetParametersByPath", resource, &[]));
        self.enter(principal, account, asked.into());
    }

    /// A single parameter; if it is secure, SSM decrypts it for the caller. A version is no part of the name.
    pub(super) fn ask_parameter(
        &mut self,
        principal: &Principal,
        (account, region): (&AccountId, &Region),
        name: &str,
        key: Option<&KmsKeyArn>,
    ) {
        let name = name.split(':').next().unwrap_or(name);
        let mut asked = vec![permission("ssm:GetParameter", parameter(account, region, name), &[])];
        if let Some(key) = key {
            let through = via("ssm", region);
            asked.push(permission("kms:Decrypt", key.to_string(), &[("kms:ViaService", &through)]));
        }
        self.enter(principal, account, asked);
    }

    pub(super) fn ask_exports(&mut self, principal: &Principal, account: &AccountId) {
        self.enter(principal, account, vec![permission("cloudformation:ListExports", "*".to_owned(), &[])]);
    }

    pub(super) fn ask_metrics(&mut self, principal: &Principal, account: &AccountId) {
        let namespace = [("cloudwatch:namespace", NAMESPACE)];
        self.enter(
            principal,
            account,
            vec![permission("cloudwatch:PutMetricData", "*".to_owned(), &namespace)],
        );
    }

    fn enter(&mut self, principal: &Principal, account: &AccountId, asked: Vec<Permission>) {
        if let Some(permissions) = &mut self.permissions {
            permissions.record(&principal.name, account, asked);
        }
    }
}

fn parameter(account: &AccountId, region: &Region, name: &str) -> String {
    format!("arn:{}:ssm:{region}:{account}:parameter/{}", region.partition(), name.trim_start_matches('/'))
}

fn permission(action: &'static str, resource: String, context: &[(&str, &str)]) -> Permission {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Permission { action, resource, context: context.iter().map(pair).collect::<BTreeMap<_, _>>() }
}
