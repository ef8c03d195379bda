//! The requests of KMS beyond the state of one key, with types for their parameters, and the answers.

use pilot_light_domain::model::arn::KmsKeyArn;

use super::record::KeyRecord;

/// A request of KMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KmsRequest {
    /// `CreateKey`.
    CreateKey(CreateKey),
    /// `ListKeys`.
    ListKeys(KmsPage),
    /// `ListAliases`, of one key or of all.
    ListAliases(Option<String>, KmsPage),
    /// `CreateAlias`: name and key.
    CreateAlias(String, String),
    /// `DeleteAlias`, by name.
    DeleteAlias(String),
    /// `GetKeyPolicy`, by key.
    GetKeyPolicy(String),
    /// `PutKeyPolicy`: key and policy.
    PutKeyPolicy(String, String),
}

/// An answer of KMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KmsResponse {
    /// A key that was created.
    Created(KeyRecord),
    /// A page of keys, and the marker of the next one.
    Keys(Vec<KmsKeyArn>, Option<String>),
    /// A page of aliases, and the marker of the next one.
    Aliases(Vec<AliasRecord>, Option<String>),
    /// A key's policy.
    Policy(String),
}

/// A key to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateKey {
    /// `Description`.
    pub description: String,
    /// `Policy`; absent means that of the key's own account alone.
    pub policy: Option<String>,
}

/// A page of a list of KMS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KmsPage {
    /// `Limit`, 1 to 1000; absent means 100.
    pub limit: Option<u64>,
    /// `Marker` of the previous page.
    pub marker: Option<String>,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRecord {
    /// Its name, as in `alias/backups`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The key that it means.
    pub key: KmsKeyArn,
}

impl KmsRequest {
    /// The API action, as IAM and CloudTrail name it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::CreateKey(_) => "CreateKey",
            Self::ListKeys(_) => "ListKeys",
            Self::ListAliases(..) => "ListAliases",
            Self::CreateAlias(..) => "CreateAlias",
            Self::DeleteAlias(_) => "DeleteAlias",
            Self::GetKeyPolicy(_) => "GetKeyPolicy",
            Self::PutKeyPolicy(..) => "PutKeyPolicy",
        }
    }
}
