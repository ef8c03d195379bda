//! The record of permissions, and those that calls outside the world need: parameters, exports and metrics.
//!
//! The permissions for RDS, ElastiCache and KMS are in `crate::world`. Nothing is recorded before it is requested.

use std::collections::BTreeMap;

use pilot_light_domain::aws::metrics::NAMESPACE;
use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::{AccountId, Region};

use super::principal::Principal;
use super::simulation::{Simulation, State};
use crate::permissions::Permissions;
use crate::world::{Caller, Permission, Request, Response, via};

impl Simulation {
    /// Begins an empty record of the permissions that callers need.
    pub fn record_permissions(&self) {
        self.lock().permissions = Some(Permissions::default());
    }

    /// The permissions that callers needed since then.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.lock().permissions.clone().unwrap_or_default()
    }
}

impl State {
    /// Answers a request and records its permissions. None are recorded for a resource that does not exist: AWS then
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

    /// The path of a worker's parameters, and everything below it. AWS's examples grant the second ("Restricting
    /// access to Parameter Store parameters"). It is *unverified* whether a call needs the first.
    pub(super) fn ask_path(&mut self, principal: &Principal, (account, region): (&AccountId, &Region)) {
        let path = parameter(account, region, &principal.path);
        let below = format!("{path}/*");
        let asked = [path, below].map(|resource| permission("ssm:GetParametersByPath", resource, &[]));
        self.enter(principal, account, asked.into());
    }

    /// A single parameter. If it is secure, SSM decrypts it for the caller. A version is not part of the name.
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
