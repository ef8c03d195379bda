//! From the world's answers to the JSON of KMS.

use serde_json::{Value, json};

use crate::world::{KeyOrigin, KeyRecord, KeyState, KmsResponse, Response};

/// The answer; null where AWS answers with no content.
pub(super) fn response(response: &Response) -> Value {
    match response {
        Response::Key(key) => json!({"KeyMetadata": metadata(key)}),
        Response::Kms(answer) => of_kms(answer),
        _ => Value::Null,
    }
}

fn of_kms(answer: &KmsResponse) -> Value {
    match answer {
        KmsResponse::Created(key) => json!({"KeyMetadata": metadata(key)}),
        KmsResponse::Keys(keys, marker) => {
            let items = keys.iter().map(|arn| json!({"KeyId": arn.key, "KeyArn": arn})).collect();
            page("Keys", items, marker.as_ref())
        }
        KmsResponse::Aliases(aliases, marker) => {
            let items = aliases.iter().map(
                |alias| json!({"AliasName": alias.name, "AliasArn": alias.arn, "TargetKeyId": alias.key.key}),
            );
            page("Aliases", items.collect(), marker.as_ref())
        }
        KmsResponse::Policy(policy) => json!({"Policy": policy, "PolicyName": "default"}),
    }
}

fn page(name: &str, items: Vec<Value>, marker: Option<&String>) -> Value {
    let mut page = json!({name: items, "Truncated": marker.is_some()});
    if let Some(marker) = marker {
        page["NextMarker"] = json!(marker);
    }
    page
}

fn metadata(key: &KeyRecord) -> Value {
    json!({
        "AWSAccountId": key.arn.account,
        "KeyId": key.arn.key,
        "Arn": key.arn,
        "CreationDate": key.created_at.timestamp(),
        "Enabled": key.state == KeyState::Enabled,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state,
        "Origin": "AWS_KMS",
        "KeyManager": match key.origin { KeyOrigin::Aws => "AWS", KeyOrigin::Customer => "CUSTOMER" },
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    })
}
