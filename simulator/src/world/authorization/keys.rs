//! The permissions for keys: those that RDS uses for a caller, and those of requests to KMS itself.

use pilot_light_domain::model::arn::KmsKeyArn;
use pilot_light_domain::model::ids::Region;

use super::asked::Asked;
use crate::world::keys::request::KmsRequest;

/// The permissions that AWS lists for copying an encrypted snapshot ("Sharing encrypted snapshots" in the RDS user
/// guide). For creating and restoring, "AWS KMS key management" there names `DescribeKey` and `CreateGrant`. It is
/// *unverified* whether these need the rest.
const USE: [&str; 7] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
];
/// The same list, for the later work of RDS itself.
const GRANTS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

const DEFAULT_ALIAS: &str = "alias/aws/rds";

impl Asked<'_> {
    /// Adds the permissions for a key that RDS uses for the caller. The default key needs none: its own policy admits
    /// every principal of its account through RDS, and AWS does not check IAM.
    pub(super) fn key_through_rds(&mut self, key: &KmsKeyArn) {
        if self.world.keys.is_default(key) {
            return;
        }
        let via = via("rds", &key.region);
        for action in USE {
            self.with(action, key.to_string(), &[("kms:ViaService", &via)]);
        }
        for action in GRANTS {
            let context = [("kms:ViaService", via.as_str()), ("kms:GrantIsForAWSResource", "true")];
            self.with(action, key.to_string(), &context);
        }
    }

    /// Adds the permissions for a key that a request names.
    pub(super) fn asked_key_through_rds(&mut self, text: Option<&str>) {
        let key = text.and_then(|text| self.world.keys.find(&self.place, text).ok());
        if let Some(key) = key.map(|key| key.arn.clone()) {
            self.key_through_rds(&key);
        }
    }

    /// A request to KMS beyond the state of one key.
    pub(super) fn kms(&mut self, request: &KmsRequest) {
        match request {
            KmsRequest::CreateKey(_) => self.on("kms:CreateKey", "*".to_owned()),
            KmsRequest::ListKeys(_) => self.on("kms:ListKeys", "*".to_owned()),
            KmsRequest::ListAliases(..) => self.on("kms:ListAliases", "*".to_owned()),
            KmsRequest::GetKeyPolicy(key) => self.key_itself("kms:GetKeyPolicy", key),
            KmsRequest::PutKeyPolicy(key, _) => self.key_itself("kms:PutKeyPolicy", key),
            // An alias needs the permission for itself and for its key.
            KmsRequest::CreateAlias(name, key) => {
                self.on("kms:CreateAlias", self.alias_arn(name));
                self.key_itself("kms:CreateAlias", key);
            }
            KmsRequest::DeleteAlias(name) => {
                self.on("kms:DeleteAlias", self.alias_arn(name));
                self.key_itself("kms:DeleteAlias", name);
            }
        }
    }

    fn alias_arn(&self, name: &str) -> String {
        let (region, account) = (&self.place.region, &self.place.account);
        format!("arn:{}:kms:{region}:{account}:{name}", region.partition())
    }

    /// A request to KMS, with the ARN or an alias of a key: the key is the resource, and the alias a condition. For a key
    /// that does not exist, KMS may answer that, or refuse.
    pub(super) fn key_itself(&mut self, action: &'static str, text: &str) {
        let Ok(resource) = self.world.keys.find(&self.place, text).map(|key| key.arn.to_string()) else {
            return;
        };
        let by_alias: &[_] =
            if text.ends_with(DEFAULT_ALIAS) { &[("kms:RequestAlias", DEFAULT_ALIAS)] } else { &[] };
        self.with(action, resource, by_alias);
    }
}

/// The value of `kms:ViaService` for a service in a Region.
pub(crate) fn via(service: &str, region: &Region) -> String {
    let suffix = if region.partition().as_str() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("{service}.{region}.{suffix}")
}
